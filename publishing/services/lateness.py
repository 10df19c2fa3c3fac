"""How late a post may go out: what the organization decides, once for all its profiles."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import DeliverySettings
from publishing.services.delivery import PAUSE


def hold_after_minutes(organization: Organization) -> int | None:
    """Return after how many minutes a late post is held instead of sent. None: never."""
    row = DeliverySettings.objects.filter(organization=organization).first()
    return row.hold_after_minutes if row else DeliverySettings.HOLD_AFTER_MINUTES


@transaction.atomic
def hold_late_posts(
    *, actor: Access, organization: Organization, after_minutes: int | None, now: datetime
) -> None:
    """Hold from now on what is later than that, whatever it waited for. None: send it however late. Raises NotAllowed.

    What is held already stays held until a person decides.
    """
    actor = begin_act(actor, now)
    actor.require(PAUSE, organization)
    before = hold_after_minutes(organization)
    if after_minutes == before:
        return
    DeliverySettings.objects.update_or_create(
        organization=organization, defaults={"hold_after_minutes": after_minutes}
    )
    record_event(
        actor=actor.user,
        action="publishing.hold_late",
        obj=organization,
        at=now,
        before={"hold_after": _key(before)},
        after={"hold_after": _key(after_minutes)},
    )


def _key(minutes: int | None) -> str:
    """Return what the audit log has words for."""
    return "never" if minutes is None else str(minutes)
