from __future__ import annotations

from typing import Any

from django.http import Http404

from api.operations import operation
from api.views import GuardedAPIView
from orgs.api.serializers import ActionSerializer, PackSerializer, RoleQuery, RoleSerializer
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.packs import PACKS
from permissions.roles import RoleFacts, roles_offered


def shown_role(role: RoleFacts) -> dict[str, Any]:
    """Return a role as ``RoleSerializer`` writes it."""
    return {
        "key": role.key,
        "label": role.label,
        "scope": role.scope.value,
        "pack": role.pack,
        "actions": sorted(role.actions),
        "implies": {scope.value: implied.key for scope, implied in role.implies.items()},
    }


class RoleView(GuardedAPIView):
    tag = "Roles"
    action = "organization.view_roles"

    def offered(self, scopes: list[Scope]) -> list[RoleFacts]:
        organization = self.organization
        return [
            role
            for scope in scopes
            for role in roles_offered(packs=organization.packs, organization_id=organization.pk, scope=scope)
        ]


class RoleList(RoleView):
    @operation("List the roles this organization hands out", query=RoleQuery, lists=RoleSerializer)
    def get(self) -> list[dict[str, Any]]:
        scope = self.query["scope"]
        return [shown_role(role) for role in self.offered([Scope(scope)] if scope else list(Scope))]


class RoleDetail(RoleView):
    @operation("Read a role", answers=RoleSerializer)
    def get(self, scope: str, key: str) -> dict[str, Any]:
        if scope not in list(Scope):
            raise Http404
        for role in self.offered([Scope(scope)]):
            if role.key == key:
                return shown_role(role)
        raise Http404


class PackList(GuardedAPIView):
    tag = "Roles"
    action = "organization.view_roles"

    @operation("List the packs of roles, and which this organization uses", lists=PackSerializer)
    def get(self) -> list[dict[str, Any]]:
        used = set(self.organization.packs)
        return [
            {
                "slug": slug,
                "label": str(pack.label),
                "is_used": slug in used,
                "roles": [f"{role.scope}:{role.key}" for role in pack.roles],
            }
            for slug, pack in PACKS.items()
        ]


class ActionList(GuardedAPIView):
    tag = "Roles"
    members_only = True

    @operation("List every action there is", query=RoleQuery, lists=ActionSerializer)
    def get(self) -> list[dict[str, Any]]:
        scope = self.query["scope"]
        actions = catalogue.of_scope(scope) if scope else tuple(catalogue.ACTIONS.values())
        return [shown_action(action) for action in actions]


def shown_action(action: Action) -> dict[str, Any]:
    """Return an action as ``ActionSerializer`` writes it."""
    return {
        "name": action.name,
        "scope": action.scope.value,
        "area": str(action.area.label),
        "label": str(action.label),
        "explanation": str(action.explanation),
        "is_available": action.is_available,
        "is_sensitive": action.is_sensitive,
    }
