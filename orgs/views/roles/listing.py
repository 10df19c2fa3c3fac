"""All roles at a glance, level by level."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orgs.selectors.roles.in_use import roles_in_use
from orgs.views.roles.base import SCOPE_LABELS, RolesView
from permissions import catalogue


class RoleList(RolesView):
    """Every role of every level: how much it allows, how many hold it, where it comes from."""

    template_name = "orgs/roles/list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        now = timezone.now()
        levels = [
            {
                "scope": scope,
                "label": label,
                "roles": roles_in_use(self.organization, scope, now=now, with_staff=True),
                "total": len(catalogue.of_scope(scope)),
            }
            for scope, label in SCOPE_LABELS.items()
        ]
        return self.page(levels=levels, **self.frame("role_list"))
