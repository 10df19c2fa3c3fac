"""The audit log: what was done and what was refused, whether the record itself holds, and the record as a file."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from audit.models import AuditEvent, AuditHead
from audit.services import verify_chain
from orgs.forms import AuditFilterForm
from orgs.selectors.audit_areas import areas_of
from orgs.selectors.audit_export import csv_pieces, json_pieces
from orgs.selectors.audit_log import Filters, action_label, linked_rows, recorded_actions
from orgs.services.audit_export import record_export
from orgs.views.base import OrganizationView

EVENTS_PER_PAGE = 50
BREAKS_SHOWN = 20


def filters_of(data: Any) -> tuple[AuditFilterForm, Filters]:
    """Return the form, for showing what was typed, and what of it makes sense."""
    form = AuditFilterForm(data)
    form.is_valid()
    chosen = form.cleaned_data
    return form, Filters(
        text=chosen.get("q", ""),
        who=chosen.get("who", ""),
        actor=chosen.get("person"),
        action=chosen.get("action", ""),
        area=chosen.get("area", ""),
        outcome=chosen.get("outcome", ""),
        obj=chosen.get("object", ""),
        begin=chosen.get("begin"),
        end=chosen.get("end"),
    )


class AuditLog(OrganizationView):
    action = "organization.view_audit_log"
    template_name = "orgs/audit_log.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        form, filters = filters_of(request.GET)
        page = Paginator(filters.events(), EVENTS_PER_PAGE).get_page(request.GET.get("page"))
        actions = recorded_actions()
        return self.page(
            form=form,
            events=page,
            rows=linked_rows(page.object_list, self.organization),
            chosen=filters.chosen,
            kept=[(name, value) for name, value in request.GET.items() if name in form.fields and value],
            person=self._person(filters.actor),
            object_label=self._object_label(filters.obj),
            actions=sorted(((name, action_label(name)) for name in actions), key=lambda pair: pair[1]),
            areas=areas_of(actions),
            can_verify=self.may("verify_audit_log"),
            can_export=self.may("export_audit_log"),
        )

    def _person(self, user_id: int | None) -> User | None:
        """Return whom a link filters by, if he ever did anything here: the log tells of nobody else."""
        if user_id is None or not AuditEvent.objects.filter(actor=user_id).exists():
            return None
        return User.objects.filter(pk=user_id).first()

    def _object_label(self, obj: str) -> str:
        """Return what the object was called last."""
        if not obj:
            return ""
        newest = Filters(obj=obj).events().first()
        return newest.object_label if newest else obj


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
            "head": AuditHead.objects.first(),
        }
        name = self.template_name
        if getattr(request, "htmx", False):
            name += "#result"
        return render(request, name, context)


class AuditExport(OrganizationView):
    """What the filters show, as a file. A POST, because it is an act that the log keeps."""

    action = "organization.export_audit_log"

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponseBase:
        _form, filters = filters_of(request.POST)
        kind = "json" if request.POST.get("file") == "json" else "csv"
        now = timezone.now()
        head = record_export(
            actor=self.access,
            organization=self.organization,
            kind=kind,
            filters=filters.chosen,
            count=filters.events().count(),
            now=now,
        )
        if kind == "json":
            pieces = json_pieces(self.organization, filters, head, filters.events().count())
        else:
            pieces = csv_pieces(self.organization, filters, head, get_language() or "en")
        name = f"{self.organization.slug}-audit-log-{now:%Y-%m-%d}.{kind}"
        types = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
        return StreamingHttpResponse(
            pieces,
            content_type=types[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )
