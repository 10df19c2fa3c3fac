from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone

from api.operations import operation
from api.views import GuardedAPIView
from orgs.api.role_serializers import (
    ActionSerializer,
    ComparedSerializer,
    CompareQuery,
    EditRoleSerializer,
    NewOwnRoleSerializer,
    PackSerializer,
    ReplacementQuery,
    RoleQuery,
    RoleSerializer,
)
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.comparing import compare_roles
from permissions.custom_roles import create_role, delete_role, edit_role, new_actions
from permissions.models import Role
from permissions.packs import PACKS
from permissions.roles import RoleFacts, roles_by_permission, roles_offered

MANAGE = "organization.manage_roles"


def shown_role(role: RoleFacts, row: Role | None = None) -> dict[str, Any]:
    """Return a role as ``RoleSerializer`` writes it; ``row``: that of an own role."""
    return {
        "key": role.key,
        "label": role.label,
        "scope": role.scope.value,
        "pack": role.pack,
        "description": row.description if row else "",
        "actions": sorted(role.actions),
        "new_actions": [action.name for action in new_actions(row)] if row else [],
        "implies": {scope.value: implied.key for scope, implied in role.implies.items()},
    }


class RoleView(GuardedAPIView):
    tag = "Roles"
    action = "organization.view_roles"

    def shown(self, roles: list[RoleFacts]) -> list[dict[str, Any]]:
        own = [role.permission_id for role in roles if role.builtin is None]
        rows = {row.permission_id: row for row in Role.objects.filter(permission__in=own)} if own else {}
        return [shown_role(role, rows.get(role.permission_id)) for role in roles]

    def offered(self, scope: str) -> list[RoleFacts]:
        if scope not in list(Scope):
            raise Http404
        organization = self.organization
        return roles_offered(packs=organization.packs, organization_id=organization.pk, scope=Scope(scope))

    def role(self, scope: str, key: str) -> RoleFacts:
        """Return the role of this key, or 404."""
        found = next((role for role in self.offered(scope) if role.key == key), None)
        if found is None:
            raise Http404
        return found

    def own(self, scope: str, key: str) -> Role:
        """Return the organization's own role of this slug, or 404; those of the packs are nobody's to change."""
        rows = Role.objects.filter(organization=self.organization, scope=scope, slug=key)
        row = rows.select_related("permission").first()
        if row is None:
            raise Http404
        return row


class RoleList(RoleView):
    @operation("List the roles this organization hands out", query=RoleQuery, lists=RoleSerializer)
    def get(self) -> list[dict[str, Any]]:
        scopes = [self.query["scope"]] if self.query["scope"] else list(Scope)
        return self.shown([role for scope in scopes for role in self.offered(scope)])

    @operation(
        "Make a role of the organization's own",
        takes=NewOwnRoleSerializer,
        answers=RoleSerializer,
        status=201,
        action=MANAGE,
    )
    def post(self) -> dict[str, Any]:
        given = dict(self.given)
        copied = given.pop("copied_from")
        scope = Scope(given.pop("scope"))
        row = create_role(
            actor=self.access,
            organization=self.organization,
            scope=scope,
            copied_from=self.role(scope, copied) if copied else None,
            now=timezone.now(),
            **given,
        )
        return shown_role(roles_by_permission([row.permission_id])[row.permission_id], row)


class RoleDetail(RoleView):
    @operation("Read a role", answers=RoleSerializer)
    def get(self, scope: str, key: str) -> dict[str, Any]:
        return self.shown([self.role(scope, key)])[0]

    @operation(
        "Change one of the organization's own roles",
        takes=EditRoleSerializer,
        answers=RoleSerializer,
        action=MANAGE,
    )
    def patch(self, scope: str, key: str) -> dict[str, Any]:
        row = edit_role(
            actor=self.access,
            organization=self.organization,
            role=self.own(scope, key),
            now=timezone.now(),
            **self.given,
        )
        return shown_role(roles_by_permission([row.permission_id])[row.permission_id], row)

    @operation(
        "Delete one of the organization's own roles",
        description="One in use is deleted only with `replacement`: the role people get instead.",
        query=ReplacementQuery,
        action=MANAGE,
    )
    def delete(self, scope: str, key: str) -> None:
        instead = self.query["replacement"]
        delete_role(
            actor=self.access,
            organization=self.organization,
            role=self.own(scope, key),
            replacement=self.role(scope, instead) if instead else None,
            reason=self.query["reason"],
            now=timezone.now(),
        )


class RoleComparison(RoleView):
    @operation("Compare two roles of one scope", query=CompareQuery, answers=ComparedSerializer)
    def get(self) -> dict[str, Any]:
        asked = self.query
        one, other = (self.role(asked["scope"], asked[name]) for name in ("one", "other"))
        compared = compare_roles(one, other)

        def names(side: str) -> list[str]:
            return [action.name for area in compared.areas for action in getattr(area, side)]

        return {
            "one": one,
            "other": other,
            "only_one": names("only_one"),
            "only_other": names("only_other"),
            "both": names("both"),
        }


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
                "version": pack.version,
                "source": str(pack.source),
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
