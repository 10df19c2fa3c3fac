"""What the screens of roles share: the tabs, the scopes, and the role an address names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.selectors.roles.in_use import RoleInUse, holder_counts, roles_in_use
from orgs.views.base import OrganizationView
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.packs import PACKS
from permissions.roles import roles_by_permission

SCOPE_LABELS = {
    Scope.ORGANIZATION: gettext_lazy("Organization"),
    Scope.TEAM: gettext_lazy("Team"),
    Scope.PROFILE: gettext_lazy("Profile"),
}


class RolesView(OrganizationView):
    """A page below ``/o/<slug>/roles/``."""

    action = "organization.view_roles"

    @property
    def can_manage(self) -> bool:
        return self.may("manage_roles")

    def asked_scope(self, default: Scope = Scope.ORGANIZATION) -> Scope:
        """Return the scope named by the address, or that of the action it names."""
        asked = self.request.GET
        if asked.get("scope") in list(Scope):
            return Scope(asked["scope"])
        action = catalogue.ACTIONS.get(asked.get("action", ""))
        return action.scope if action else default

    def frame(self, current: str) -> dict[str, Any]:
        """Return what the head of every page of roles shows."""
        tabs = [
            ("role_matrix", _("Matrix")),
            ("role_list", _("Roles")),
            ("role_compare", _("Compare")),
            ("pack_list", _("Packs")),
        ]
        return {
            "tabs": [
                {"label": label, "href": self.url(route), "is_current": route == current}
                for route, label in tabs
            ],
            "can_manage": self.can_manage,
            "can_view_audit_log": self.may("view_audit_log"),
        }

    def roles_by_level(self, scopes: Iterable[Scope] = Scope) -> dict[str, list[RoleInUse]]:
        """Return all roles in use under headings for a select: the level, and the pack or "your own"."""
        found: dict[str, list[RoleInUse]] = {}
        now = timezone.now()
        for scope in scopes:
            for role in roles_in_use(self.organization, scope, now=now):
                found.setdefault(f"{SCOPE_LABELS[scope]} · {role.origin}", []).append(role)
        return found


class RoleView(RolesView):
    """A page of one role: a built-in one of any pack, or one of this organization's own; a stranger's is 404."""

    @cached_property
    def row(self) -> Role:
        mine = Role.objects.filter(Q(organization=None) | Q(organization=self.organization))
        return get_object_or_404(mine, pk=self.kwargs["pk"])

    @cached_property
    def role(self) -> RoleInUse:
        facts = roles_by_permission([self.row.permission_id])[self.row.permission_id]
        holders = holder_counts(facts.scope, timezone.now()).get(facts.permission_id, 0)
        is_own = facts.builtin is None
        return RoleInUse(facts, self.row if is_own else None, None if is_own else PACKS[facts.pack], holders)

    def asked_action(self) -> catalogue.Action:
        """Return the action named by the query; 404 when there is none of this name."""
        action = catalogue.ACTIONS.get(self.request.GET.get("action", ""))
        if action is None:
            raise Http404
        return action


class OwnRoleView(RoleView):
    """A page that changes one of the organization's own roles; a built-in one is 404 here."""

    action = "organization.manage_roles"

    @cached_property
    def row(self) -> Role:
        return self.read_anew()

    def read_anew(self) -> Role:
        """Return the role from the database: a change alters its row in memory, and a preview undoes only the table."""
        return get_object_or_404(Role, pk=self.kwargs["pk"], organization=self.organization)
