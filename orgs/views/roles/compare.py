"""Two roles side by side, and the published roles nearest to one of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from orgs.selectors.roles.comparison import areas_side_by_side, near_roles
from orgs.views.roles.base import SCOPE_LABELS, RolesView
from permissions.comparing import compare_roles
from permissions.packs import PACKS
from permissions.roles import RoleFacts, builtin_roles, roles_offered
from ui.addresses import id_in

NEAR_SHOWN = 5


class RoleCompare(RolesView):
    """Any two roles of one level: this organization's, and those of every published system."""

    template_name = "orgs/roles/compare.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        left, right = self._asked("left"), self._asked("right")
        shows_all = request.GET.get("show") == "all"
        context: dict[str, Any] = {}
        if left is not None and right is not None and left.scope is right.scope:
            compared = compare_roles(left, right)
            context = {"compared": compared, "areas": areas_side_by_side(compared, everything=shows_all)}
        return self.page(
            groups=self.groups,
            left=left,
            right=right,
            origins={role.id: self._origin(role) for role in (left, right) if role},
            shows_all=shows_all,
            is_mixed=left is not None and right is not None and left.scope is not right.scope,
            near=near_roles(left)[:NEAR_SHOWN] if left else [],
            **context,
            **self.frame("role_compare"),
        )

    @cached_property
    def groups(self) -> list[tuple[str, list[RoleFacts]]]:
        """Return every role there is, under its level and origin, for both selects."""
        found: list[tuple[str, list[RoleFacts]]] = []
        for scope, label in SCOPE_LABELS.items():
            own = roles_offered(packs=(), organization_id=self.organization.pk, scope=scope)
            if own:
                found.append((f"{label} · {self._origin(own[0])}", own))
            for pack in PACKS.values():
                roles = [
                    role
                    for role in builtin_roles().values()
                    if role.pack == pack.slug and role.scope is scope
                ]
                roles.sort(key=lambda role: role.builtin.rank if role.builtin else 0)
                if roles:
                    found.append((f"{label} · {pack.label}", roles))
        return found

    def _asked(self, name: str) -> RoleFacts | None:
        pk = id_in(self.request.GET.get(name, ""))
        return next((role for _title, roles in self.groups for role in roles if role.id == pk), None)

    def _origin(self, role: RoleFacts) -> str:
        return str(PACKS[role.pack].label) if role.pack else _("Your own")
