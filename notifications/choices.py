"""How a person wants to be told of what. Kept with the person: only what differs from what holds by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from notifications.kinds import NotificationKind, kind_named, kinds_by_group
from notifications.models import ByMail

DIGEST_AT: Final = time(8)
"""On the person's own clock: before the day's work."""

DIGEST: Final = "digest"
"""In place of a kind, in the link that ends the daily mail."""


@dataclass(frozen=True)
class Choice:
    """Whether something is listed in Chorus, and when it is mailed."""

    is_listed: bool
    mail: ByMail


def choice_of(person: User, kind: NotificationKind, organization_id: int | None = None) -> Choice:
    """Return how the person is told of this kind; not at all of an organization he muted. No query."""
    if kind.is_fixed:
        return Choice(True, ByMail.NOW)
    if organization_id is not None and organization_id in person.muted_organizations:
        return Choice(False, ByMail.NEVER)
    chosen = person.notification_choices.get(kind.name, {})
    mail = chosen.get("mail", kind.mail)
    return Choice(
        is_listed=bool(chosen.get("listed", kind.is_listed)),
        mail=ByMail(mail) if mail in ByMail.values else kind.mail,
    )


def wants_to_know(person: User, kind: NotificationKind, organization_id: int) -> bool:
    """Say whether the person is told of this kind in any way: words that nobody reads need not be made."""
    choice = choice_of(person, kind, organization_id)
    return choice.is_listed or choice.mail != ByMail.NEVER


def next_digest(person: User, now: datetime) -> datetime:
    """Return when the person's next daily mail is due."""
    zone = ZoneInfo(person.time_zone)
    local = now.astimezone(zone)
    due = datetime.combine(local.date(), DIGEST_AT, tzinfo=zone)
    return due if due > local else datetime.combine(local.date() + timedelta(days=1), DIGEST_AT, tzinfo=zone)


@transaction.atomic
def choose(*, actor: User, choices: Mapping[str, Choice], muted: Collection[int]) -> None:
    """Keep what the person chose. It is nobody else's business, so no audit event."""
    person = User.objects.select_for_update().get(pk=actor.pk)
    kinds = [kind for _group, found in kinds_by_group() for kind in found]
    person.notification_choices = {
        kind.name: _kept(choices[kind.name])
        for kind in kinds
        if kind.name in choices and choices[kind.name] != Choice(kind.is_listed, kind.mail)
    }
    person.muted_organizations = sorted(muted)
    person.save(update_fields=["notification_choices", "muted_organizations"])


@transaction.atomic
def stop_mails(*, person_id: int, what: str) -> None:
    """Send the person no more mails of one kind, or no daily mail any more. May be repeated."""
    person = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        return  # he is gone, and gets no mails any more
    kinds = [kind for _group, found in kinds_by_group() for kind in found]
    for kind in kinds:
        choice = choice_of(person, kind)
        is_meant = choice.mail == ByMail.DAILY if what == DIGEST else kind.name == what
        if is_meant:
            person.notification_choices[kind.name] = _kept(Choice(choice.is_listed, ByMail.NEVER))
    person.save(update_fields=["notification_choices"])


def can_be_stopped(what: str) -> bool:
    kind = kind_named(what)
    return what == DIGEST or (kind is not None and not kind.is_fixed)


def _kept(choice: Choice) -> dict[str, Any]:
    return {"listed": choice.is_listed, "mail": choice.mail.value}
