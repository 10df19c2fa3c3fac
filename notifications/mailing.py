"""Mails, sent from the rows that wait for one.

A row whose mail is due is claimed under a lock, its next try put off, and only then is the mail sent; what was sent is
noted. So nothing is lost to a crash at any line: a claim whose mail did not go out is due again after its wait. A crash
between sending and noting sends the mail once more, with the same Message-ID, which mail programs show once.

What waits for the same person in the same organization about the same kind is one mail. The daily mail is one for
all kinds and organizations, without what was read in Chorus meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from django.core.mail import EmailMessage, get_connection
from django.db.models import Min, Q

from accounts.models import User
from notifications.composing import daily_mail, mail_about
from notifications.models import ByMail, Notification
from notifications.seeing import still_seen
from permissions.checker import load_access
from tenancy.context import organization_open, unscoped

MAILS_PER_LOOK: Final = 200
ROWS_PER_MAIL: Final = 100
FIRST_WAIT: Final = timedelta(minutes=5)  # longer than a mail server may take (EMAIL_TIMEOUT)
LONGEST_WAIT: Final = timedelta(hours=6)
TRIES: Final = 10  # about a day
FAILURES_IN_A_ROW: Final = 3  # then the server is down, and the rest waits for the next look

log = structlog.get_logger(__name__)


class Due(NamedTuple):
    """Whom to mail: about a kind in an organization, or his daily mail where both are empty."""

    person_id: int
    organization_id: int | None = None
    kind: str = ""


def send_due(*, now: datetime) -> int:
    """Send every mail that is due, one per person and kind; return how many. May be repeated, and run side by side."""
    waiting = [*_due_now(now), *_due_daily(now)]
    if not waiting:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:
        log.warning("mail_server_does_not_answer", error=type(error).__name__)
        return 0
    sent = failures = 0
    try:
        for due in waiting:
            claimed = _claim(due, now)
            if claimed is None:
                continue
            message, rows = claimed
            if not _is_sent(connection, message):
                failures += 1
                if failures >= FAILURES_IN_A_ROW:
                    break
                continue
            with unscoped():  # a daily mail is made of several organizations' rows
                Notification.objects.filter(pk__in=rows).update(mailed_at=now, mail_due_at=None)
            sent, failures = sent + 1, 0
    finally:
        connection.close()
    return sent


def _due_now(now: datetime) -> Iterator[Due]:
    with unscoped():  # the clock is the same for every organization
        rows = Notification.objects.to_mail(now).filter(mail=ByMail.NOW)
        found = rows.values_list("person", "organization", "kind").annotate(first=Min("mail_due_at"))
        yield from [Due(*row[:3]) for row in found.order_by("first")[:MAILS_PER_LOOK]]


def _due_daily(now: datetime) -> Iterator[Due]:
    with unscoped():  # one mail for all organizations
        rows = Notification.objects.to_mail(now).filter(mail=ByMail.DAILY)
        found = rows.values_list("person").annotate(first=Min("mail_due_at"))
        yield from [Due(row[0]) for row in found.order_by("first")[:MAILS_PER_LOOK]]


def _claim(due: Due, now: datetime) -> tuple[EmailMessage, list[int]] | None:
    """Take the rows of one mail and put their next try off; None when nothing is left to be mailed."""
    if due.organization_id is None:
        with unscoped():  # one mail for all organizations
            return _claimed(due, now, Q(mail=ByMail.DAILY, mail_due_at__lte=now), daily_mail)
    with organization_open(due.organization_id):
        # Others of the kind that wait for company go along; those that another worker tries to send do not.
        waiting = Q(mail=ByMail.NOW, kind=due.kind) & (Q(mail_due_at__lte=now) | Q(mail_tries=0))
        return _claimed(due, now, waiting & Q(mail_due_at__isnull=False), mail_about)


def _claimed(
    due: Due, now: datetime, which: Q, compose: Callable[[User, list[Notification]], EmailMessage]
) -> tuple[EmailMessage, list[int]] | None:
    rows = list(
        Notification.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("organization")
        .filter(which, person=due.person_id)
        .order_by("pk")[:ROWS_PER_MAIL]
    )
    if not any(row.mail_due_at is not None and row.mail_due_at <= now for row in rows):
        return None
    person = User.objects.get(pk=due.person_id)
    told = list(_worth_telling(person, rows, now))
    dropped = {row.pk for row in rows} - {row.pk for row in told}
    Notification.objects.filter(pk__in=dropped).update(mail_due_at=None)
    if not told:
        return None
    tries = max(row.mail_tries for row in told)
    wait = min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
    ids = [row.pk for row in told]
    again = now + wait if tries + 1 < TRIES else None
    Notification.objects.filter(pk__in=ids).update(mail_tries=tries + 1, mail_due_at=again)
    return compose(person, told), ids


def _worth_telling(person: User, rows: list[Notification], now: datetime) -> Iterator[Notification]:
    """Yield what he may still see and has not read in Chorus meanwhile."""
    if not person.is_active:
        return
    unread = [row for row in rows if row.read_at is None]
    for organization_id in sorted({row.organization_id for row in unread}):
        with organization_open(organization_id):
            access = load_access(user=person, organization_id=organization_id, at=now)
            yield from still_seen(access, [row for row in unread if row.organization_id == organization_id])


def _is_sent(connection: Any, message: EmailMessage) -> bool:
    try:
        connection.send_messages([message])
    except Exception as error:  # every mail backend has errors of its own
        log.warning("mail_not_sent", error=type(error).__name__)
        return False
    return True
