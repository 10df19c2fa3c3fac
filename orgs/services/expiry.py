"""Ends of access, announced seven days and one day before: to the person, and to who gave it.

What is to be told is a row per person, end and step (``EndAnnouncement``), written before anything is sent. A crash
before an e-mail is claimed leaves its row for the next round; a claimed one is never sent again. The end itself needs
nothing: the resolver reads the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from orgs.mail import absolute
from orgs.models import EndAnnouncement, Membership, Organization
from orgs.selectors.endings import SOON, Ending, ends_soon, tables_with_ends
from tenancy.context import organization_open, unscoped

DAYS_BEFORE: Final = (7, 1)
"""When it is announced; who is given something for a shorter time knows when it ends."""

log = structlog.get_logger(__name__)


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
    """Write down what is to be announced in one organization, and send it: one e-mail per person. May be repeated.

    Returns how many e-mails were sent. A mail server that does not answer leaves everything for the next round.
    """
    with organization_open(organization_id):
        note_ends(now)
        recipients = list(
            EndAnnouncement.objects.unsent(now)
            .order_by("recipient")
            .values_list("recipient", flat=True)
            .distinct()
        )
    if not recipients:
        return 0
    try:
        connection = get_connection()
        connection.open()
    except OSError as error:
        log.warning("mail_server_does_not_answer", error=type(error).__name__)
        return 0
    sent = 0
    try:
        for recipient in recipients:
            with organization_open(organization_id):
                message = _claim(organization_id, recipient, now)
            if message is not None:
                connection.send_messages([message])
                sent += 1
    finally:
        connection.close()
    return sent


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


def _claim(organization_id: int, recipient_id: int, now: datetime) -> EmailMessage | None:
    """Mark what one person is to be told as sent, and return the e-mail that tells it."""
    rows = list(
        EndAnnouncement.objects.select_for_update(skip_locked=True).unsent(now).filter(recipient=recipient_id)
    )
    EndAnnouncement.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
    told = {(row.kind, row.row, row.ends_at) for row in rows}
    # What was ended or moved meanwhile is not announced.
    endings = [one for one in ends_soon(now) if (one.kind, one.row, one.ends_at) in told]
    if not endings:
        return None
    return _message(User.objects.get(pk=recipient_id), Organization.objects.get(pk=organization_id), endings)


def _message(person: User, organization: Organization, endings: list[Ending]) -> EmailMessage:
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        own = [one for one in endings if any(affected.pk == person.pk for affected in one.people)]
        context = {
            "organization": organization,
            "own": own,
            "given": [one for one in endings if one not in own],
            "time_zone": person.time_zone,
            "url": absolute(reverse("my_access", args=[organization.slug])),
            "members_url": absolute(reverse("member_list", args=[organization.slug])),
        }
        subject = " ".join(render_to_string("emails/access_ends_subject.txt", context).split())
        body = render_to_string("emails/access_ends_message.txt", context)
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email])
