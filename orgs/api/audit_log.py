from __future__ import annotations

from typing import Any

from django.utils import timezone

from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from audit.models import AuditEvent
from audit.services import verify_chain
from orgs.api.serializers import AuditEventSerializer, AuditQuery, AuditVerificationSerializer
from orgs.selectors.audit_export import json_pieces
from orgs.selectors.audit_log import Filters, events_found
from orgs.services.audit_export import record_export
from orgs.views.audit_log import BREAKS_SHOWN


class AuditEventList(GuardedAPIView):
    tag = "Audit log"
    action = "organization.view_audit_log"

    @operation("List what was done and what was refused", query=AuditQuery, pages=AuditEventSerializer)
    def get(self) -> Page:
        asked = self.query
        found = events_found(
            text=asked["q"],
            actor=asked["person"],
            action=asked["action"],
            outcome=asked["outcome"],
            begin=asked["begin"],
            end=asked["end"],
        )
        return self.page(found, by="-sequence")


class AuditExport(GuardedAPIView):
    """A POST, because taking the log out is an act that the log keeps."""

    tag = "Audit log"
    action = "organization.export_audit_log"

    @operation(
        "Export what the filters find, as a file that proves itself",
        query=AuditQuery,
        answers_file="application/json",
    )
    def post(self) -> str:
        asked = self.query
        filters = Filters(
            text=asked["q"],
            actor=asked["person"],
            action=asked["action"],
            outcome=asked["outcome"],
            begin=asked["begin"],
            end=asked["end"],
        )
        count = filters.events().count()
        head = record_export(
            actor=self.access,
            organization=self.organization,
            kind="json",
            filters=filters.chosen,
            count=count,
            now=timezone.now(),
        )
        return "".join(json_pieces(self.organization, filters, head, count))


class AuditVerification(GuardedAPIView):
    tag = "Audit log"
    action = "organization.verify_audit_log"

    @operation("Walk the whole chain of the audit log", answers=AuditVerificationSerializer)
    def get(self) -> dict[str, Any]:
        breaks = list(verify_chain())
        return {
            "holds": not breaks,
            "event_count": AuditEvent.objects.count(),
            "breaks": breaks[:BREAKS_SHOWN],
        }
