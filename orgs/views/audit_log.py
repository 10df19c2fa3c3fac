"""The audit log: what was done and what was refused, and whether the record itself holds."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit.models import AuditEvent
from audit.services import verify_chain
from orgs.forms import AuditFilterForm
from orgs.models import Membership
from orgs.selectors.audit_log import action_label, event_rows, events_found
from orgs.views.base import OrganizationView

EVENTS_PER_PAGE = 50
BREAKS_SHOWN = 20


class AuditLog(OrganizationView):
    action = "organization.view_audit_log"
    template_name = "orgs/audit_log.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        form = AuditFilterForm(request.GET)
        form.is_valid()
        chosen = form.cleaned_data
        found = events_found(
            text=chosen.get("q", ""),
            actor=chosen.get("person"),
            action=chosen.get("action", ""),
            outcome=chosen.get("outcome", ""),
            begin=chosen.get("begin"),
            end=chosen.get("end"),
        )
        page = Paginator(found, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            form=form,
            events=page,
            rows=event_rows(page.object_list),
            is_filtered=any(chosen.values()),
            people=self._people(),
            actions=self._actions(),
            can_verify=self.may("verify_audit_log"),
        )

    def _people(self) -> list[tuple[int, str]]:
        members = Membership.objects.select_related("user").order_by("user__name")
        return [(membership.user_id, str(membership)) for membership in members]

    def _actions(self) -> list[tuple[str, str]]:
        used = AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct()
        return sorted(((name, action_label(name)) for name in used), key=lambda pair: pair[1])


class AuditVerify(OrganizationView):
    """Walk the whole chain and say whether an event was altered or is missing."""

    action = "organization.verify_audit_log"
    template_name = "orgs/audit_verify.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        breaks = list(verify_chain())
        context: dict[str, Any] = {
            "organization": self.organization,
            "breaks": breaks[:BREAKS_SHOWN],
            "break_count": len(breaks),
            "event_count": AuditEvent.objects.count(),
        }
        name = self.template_name
        if getattr(request, "htmx", False):
            name += "#result"
        return render(request, name, context)
