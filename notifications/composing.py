"""The text of mails, in the language and on the clock of who gets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from notifications.choices import DIGEST
from notifications.kinds import NotificationKind, kind_named
from notifications.links import absolute, stop_address
from notifications.models import Notification
from notifications.words import shown

RULE = "—" * 3


def mail_about(person: User, rows: list[Notification]) -> EmailMessage:
    """Return one mail about one or several notifications of one kind in one organization."""
    kind = kind_named(rows[0].kind)
    assert kind is not None, "a kind that is not known is not mailed"
    with _spoken_to(person):
        subject = subject_of(rows[0]) if len(rows) == 1 else together(kind, rows)
        parts = [_("Hello %(name)s,") % {"name": person.get_short_name()}]
        if len(rows) == 1:
            parts += _told(rows[0])
        else:
            parts.append(subject)
            parts += [f"{RULE} {subject_of(row)}\n\n" + "\n\n".join(_told(row)) for row in rows]
        parts.append(_foot(person, kind))
        what = "" if kind.is_fixed else kind.name
        return _message(person, subject, parts, rows, stops=what)


def daily_mail(person: User, rows: list[Notification]) -> EmailMessage:
    """Return what a day brought, one organization after the other."""
    with _spoken_to(person):
        count = len(rows)
        subject = ngettext("%(count)d thing of the last day", "%(count)d things of the last day", count)
        parts = [_("Hello %(name)s,") % {"name": person.get_short_name()}]
        for organization in {row.organization_id: row.organization for row in rows}.values():
            parts.append(f"{RULE} {organization}")
            mine = [row for row in rows if row.organization_id == organization.pk]
            parts += [f"{subject_of(row)}\n{absolute(row.link)}" for row in mine]
        parts.append(
            _("You get one such mail a day at most. Choose what you are told, and how: %(link)s")
            % {"link": absolute(reverse("notification_choices"))}
        )
        return _message(person, subject % {"count": count}, parts, rows, stops=DIGEST)


def subject_of(row: Notification) -> str:
    return " ".join(shown(row.words["subject"]).split())  # names and first lines come from people


def together(kind: NotificationKind, rows: list[Notification]) -> str:
    """Say in one line that there are several of a kind; what they have in common only where all have it."""
    topics = {row.topic for row in rows}
    if kind.together is not None and len(topics) == 1 and (topic := topics.pop()):
        return kind.together(len(rows), topic)
    return _("%(kind)s (%(count)d)") % {"kind": kind.label, "count": len(rows)}


def _told(row: Notification) -> list[str]:
    told = [shown(one) for one in row.words["told"]]
    return [*told, absolute(row.link)] if row.link else told


def _foot(person: User, kind: NotificationKind) -> str:
    if kind.is_fixed:
        return _("You are always told this: it is about the safety of your organization.")
    return _("Choose what you are told, and how: %(link)s\nNo more mails like this: %(stop)s") % {
        "link": absolute(reverse("notification_choices")),
        "stop": stop_address(person.pk, kind.name),
    }


def _message(
    person: User, subject: str, parts: list[str], rows: list[Notification], *, stops: str
) -> EmailMessage:
    host = urlsplit(settings.BASE_URL).hostname
    headers = {
        # The same when it is sent again because nobody knows whether it went out.
        "Message-ID": f"<notification-{rows[0].pk}-{len(rows)}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    if stops:
        headers["List-Unsubscribe"] = f"<{stop_address(person.pk, stops)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    body = "\n\n".join(parts) + "\n"
    return EmailMessage(subject, body, None, [person.email], headers=headers)


@contextmanager
def _spoken_to(person: User) -> Iterator[None]:
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        yield
