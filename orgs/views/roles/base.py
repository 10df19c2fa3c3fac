"""What the screens of roles share: the tabs, the scopes, and the role an address names."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.selectors.roles.in_use import RoleInUse, holder_counts
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

    can_manage = False  # nothing can be changed yet

    def asked_scope(self, default: Scope = Scope.ORGANIZATION) -> Scope:
        """Return the scope named by the address, or that of the action or role it names."""
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
        ]
        return {
            "tabs": [
                {"label": label, "href": self.url(route), "is_current": route == current}
                for route, label in tabs
            ],
            "can_manage": self.can_manage,
            "can_view_audit_log": self.may("view_audit_log"),
        }


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
