"""Ends of access, announced seven days and one day before: to the person, and to who gave it.

What is to be told is a row per person, end and step (``EndAnnouncement``), marked in the transaction that tells him:
nobody is told twice, and nobody is forgotten. The end itself needs nothing: the resolver reads the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from orgs.models import EndAnnouncement, Membership, Organization
from orgs.notices import tell_ends
from orgs.selectors.endings import SOON, Ending, ends_soon, tables_with_ends
from tenancy.context import organization_open, unscoped

DAYS_BEFORE: Final = (7, 1)
"""When it is announced; who is given something for a shorter time knows when it ends."""


def organizations_with_ends(*, now: datetime) -> list[int]:
    """Return the ids of the organizations in which something ends within the longest step."""
    found: set[int] = set()
    with unscoped():  # the schedule looks over all organizations; each announces in its own
        for table in tables_with_ends():
            ending = table._default_manager.filter(expires_at__gt=now, expires_at__lte=now + SOON)
            found.update(ending.values_list("organization_id", flat=True).distinct())
        waiting = EndAnnouncement.objects.unsent(now)
        found.update(waiting.values_list("organization_id", flat=True).distinct())
    return sorted(found)


def announce_ends(*, organization_id: int, now: datetime) -> int:
    """Write down what is to be announced in one organization, and tell each person once. May be repeated.

    Returns how many people were told.
    """
    with organization_open(organization_id):
        note_ends(now)
        recipients = list(
            EndAnnouncement.objects.unsent(now)
            .order_by("recipient")
            .values_list("recipient", flat=True)
            .distinct()
        )
    return sum(_announce(organization_id, recipient, now) for recipient in recipients)


def note_ends(now: datetime) -> None:
    """Write a row for everybody who is to be told of an end in the open organization; repeating adds none."""
    told = [
        EndAnnouncement(
            recipient=person,
            kind=ending.kind,
            row=ending.row,
            ends_at=ending.ends_at,
            days_before=days,
            created_at=now,
        )
        for ending in ends_soon(now)
        if (days := step_due(ending, now)) is not None
        for person in _recipients(ending)
    ]
    EndAnnouncement.objects.bulk_create(told, ignore_conflicts=True)


def step_due(ending: Ending, now: datetime) -> int | None:
    """Return which announcement is due: the nearest that was reached, of something given before it."""
    reached = [days for days in DAYS_BEFORE if ending.ends_at - timedelta(days=days) <= now < ending.ends_at]
    if not reached or ending.given_at >= ending.ends_at - timedelta(days=min(reached)):
        return None
    return min(reached)


def _recipients(ending: Ending) -> Iterator[User]:
    people = {person.pk: person for person in ending.people if person.is_active}
    giver = ending.giver
    if giver is not None and giver.is_active and Membership.objects.filter(user=giver).exists():
        people.setdefault(giver.pk, giver)
    yield from people.values()


def _announce(organization_id: int, recipient_id: int, now: datetime) -> bool:
    """Tell one person what is to be announced to him, and mark it as told, in one transaction."""
    with organization_open(organization_id):
        rows = list(
            EndAnnouncement.objects.select_for_update(skip_locked=True)
            .unsent(now)
            .filter(recipient=recipient_id)
        )
        EndAnnouncement.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
        told = {(row.kind, row.row, row.ends_at) for row in rows}
        # What was ended or moved meanwhile is not announced.
        endings = [one for one in ends_soon(now) if (one.kind, one.row, one.ends_at) in told]
        if endings:
            organization = Organization.objects.get(pk=organization_id)
            tell_ends(User.objects.get(pk=recipient_id), organization, endings)
        return bool(endings)
