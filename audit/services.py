"""One door to the audit log. Call it inside the transaction of the change it tells of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import User
from audit.exported import digest_of_fields
from audit.models import AuditEvent, AuditHead

SYSTEM_LABEL = "Chorus"
_through: ContextVar[tuple[int, str] | None] = ContextVar("acting_through", default=None)


@contextmanager
def acting_through(user: User, means: str) -> Iterator[None]:
    """Name in each event of this person what he acts through, such as an API key; nothing is named when it is empty."""
    token = _through.set((user.pk, means) if means else None)
    try:
        yield
    finally:
        _through.reset(token)


def record_event(
    *,
    actor: User | None,
    action: str,
    obj: models.Model | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    outcome: str = AuditEvent.Outcome.DONE,
    actor_label: str = "",
) -> AuditEvent:
    """Append one event to the open organization's chain. ``actor`` None is the product itself.

    ``actor_label`` names who did it where the person is not to be told: the partner company he acted for.
    """
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead()], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get()
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=at,
        actor_id=actor.pk if actor else None,
        actor_label=actor_label or _label(actor),
        action=action,
        outcome=outcome,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=str(obj)[:200] if obj is not None else "",
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        previous_digest=head.digest,
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    head.sequence, head.digest = event.sequence, event.digest
    head.save(update_fields=["sequence", "digest"])
    return event


def _label(actor: User | None) -> str:
    if actor is None:
        return SYSTEM_LABEL
    through = _through.get()
    if through is None or through[0] != actor.pk:
        return str(actor)
    means = f" · {through[1]}"
    room = AuditEvent._meta.get_field("actor_label").max_length or 0
    return str(actor)[: room - len(means)] + means


def record_refusal(
    *, actor: User | None, action: str, obj: models.Model | None, at: datetime, reason: str
) -> AuditEvent:
    return record_event(
        actor=actor, action=action, obj=obj, at=at, reason=reason, outcome=AuditEvent.Outcome.REFUSED
    )


def digest_of(event: AuditEvent) -> str:
    """Return the SHA-256 over the event and the digest before it, in one canonical spelling."""
    return digest_of_fields(event.organization_id, sealed_fields(event))


def sealed_fields(event: AuditEvent) -> dict[str, Any]:
    """Return what the digest is computed over, as an export writes it."""
    return {
        "sequence": event.sequence,
        "at": event.at.astimezone(UTC).isoformat(),
        "actor": event.actor_id,
        "actor_label": event.actor_label,
        "action": event.action,
        "outcome": str(event.outcome),
        "object": [event.object_type, event.object_id, event.object_label],
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "previous": event.previous_digest,
    }


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold."""

    sequence: int
    what: str


def verify_chain() -> Iterator[Break]:
    """Yield every break in the open organization's chain: altered, missing or cut-off events."""
    previous, expected = "", 1
    for event in AuditEvent.objects.order_by("sequence").iterator():
        if event.sequence != expected:
            yield Break(expected, f"events {expected} to {event.sequence - 1} are missing")
        if event.previous_digest != previous:
            yield Break(event.sequence, "does not follow the event before it")
        if event.digest != digest_of(event):
            yield Break(event.sequence, "was altered after it was written")
        previous, expected = event.digest, event.sequence + 1
    head = AuditHead.objects.first()
    if head is not None and (head.sequence, head.digest) != (expected - 1, previous):
        yield Break(head.sequence, "the newest events are missing")


def _plain(values: Mapping[str, Any] | None) -> Any:
    """Return the values as the database will give them back, so that the digest can be computed again."""
    return None if values is None else json.loads(json.dumps(values, cls=DjangoJSONEncoder, default=str))
