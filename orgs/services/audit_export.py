"""Taking the audit log out of the product: itself an event of the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.models import AuditEvent
from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act

EXPORT = "organization.export_audit_log"


@transaction.atomic
def record_export(
    *,
    actor: Access,
    organization: Organization,
    kind: str,
    filters: Mapping[str, Any],
    count: int,
    now: datetime,
) -> AuditEvent:
    """Record that somebody takes the log out, and return the event: the end of the chain that the file tells of.

    Raises NotAllowed.
    """
    actor = begin_act(actor, now)
    actor.require(EXPORT, organization)
    return record_event(
        actor=actor.user,
        action=EXPORT,
        obj=organization,
        at=now,
        after={"file": kind, "filters": dict(filters), "events": count},
    )
