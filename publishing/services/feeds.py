"""The private address of a person's calendar: made, replaced and shut by himself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import CalendarFeed
from publishing.services.outsiders import new_token, revoke


@transaction.atomic
def make_feed(*, actor: Access, organization: Organization, now: datetime) -> tuple[CalendarFeed, str]:
    """Return a new address of the person's calendar and its token, shown once; an older one is shut."""
    actor = begin_act(actor, now)
    older = _own(actor).select_for_update().first()
    if older is not None:
        revoke(older, now)
    token, digest = new_token()
    feed = CalendarFeed.objects.create(token_digest=digest, created_by=actor.user, created_at=now)
    record_event(actor=actor.user, action="calendar_feed.create", obj=organization, at=now)
    return feed, token


@transaction.atomic
def revoke_feed(*, actor: Access, organization: Organization, now: datetime) -> bool:
    """Shut the person's address; return whether there was one."""
    actor = begin_act(actor, now)
    feed = _own(actor).select_for_update().first()
    is_shut = feed is not None and revoke(feed, now)
    if is_shut:
        record_event(actor=actor.user, action="calendar_feed.revoke", obj=organization, at=now)
    return is_shut


def feed_of(actor: Access) -> CalendarFeed | None:
    return _own(actor).first()


def _own(actor: Access) -> QuerySet[CalendarFeed]:
    rows: Any = CalendarFeed.objects  # its manager is that of every kind of link
    found: QuerySet[CalendarFeed] = rows.filter(created_by=actor.user, revoked_at=None)
    return found
