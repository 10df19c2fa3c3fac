"""The matrix of roles, and why one of its cells is as it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orgs.selectors.roles.in_use import roles_in_use
from orgs.selectors.roles.matrix import make_matrix
from orgs.selectors.roles.sources import provenance, sources_of
from orgs.views.roles.base import SCOPE_LABELS, RolesView, RoleView
from permissions import catalogue
from permissions.catalogue import Scope
from ui.addresses import id_in


class RoleMatrix(RolesView):
    """Every action of one scope times every role in use."""

    template_name = "orgs/roles/matrix.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        scope = self.asked_scope()
        roles = roles_in_use(self.organization, scope, now=timezone.now())
        matrix = make_matrix(scope, roles, may_edit=self.can_manage, here=id_in(request.GET.get("role", "")))
        return self.page(
            matrix=matrix,
            scopes=[
                {
                    "label": label,
                    "href": f"{self.url('role_matrix')}?scope={each}",
                    "count": len(catalogue.of_scope(each)),
                    "is_current": each is scope,
                }
                for each, label in SCOPE_LABELS.items()
            ],
            has_pending=any(not action.is_available for action in catalogue.of_scope(scope)),
            **self.frame("role_matrix"),
        )


class RoleWhy(RoleView):
    """Whether a role allows an action, and where that comes from: the answer behind one cell."""

    template_name = "orgs/roles/why.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        action = self.asked_action()
        is_fragment = bool(request.headers.get("HX-Request"))
        self.template_name = "orgs/roles/why.html#answer" if is_fragment else "orgs/roles/why.html"
        return self.page(
            role=self.role,
            action=action,
            is_held=action.name in self.role.facts.actions,
            is_of_scope=action.scope is self.role.facts.scope,
            scope_label=SCOPE_LABELS[Scope(action.scope)],
            sources=sources_of(self.role.facts, action.name),
            provenance=provenance(self.role.facts),
            **self.frame("role_matrix"),
        )
