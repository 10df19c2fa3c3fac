from __future__ import annotations

from typing import Any

from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from audit.models import AuditEvent
from audit.services import verify_chain
from orgs.api.serializers import AuditEventSerializer, AuditQuery, AuditVerificationSerializer
from orgs.selectors.audit_log import events_found
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
