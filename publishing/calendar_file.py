"""Publications as a file that calendar programs read (RFC 5545). See docs/adr/0015."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from orgs.models import Organization
from publishing.models import Publication, State
from social_accounts.connections import features

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
PRODUCT: Final = "-//Chorus//Publishing calendar//EN"
EVENT_LENGTH: Final = timedelta(
    minutes=15
)  # a post takes no time; a program draws nothing for an event without any
REFRESH_AFTER: Final = timedelta(hours=1)
FIRM: Final = frozenset({State.SCHEDULED, State.PUBLISHING, State.PROCESSING, State.PUBLISHED})


def calendar_file(
    publications: Iterable[Publication],
    *,
    name: str,
    organization: Organization,
    address_of: Callable[[Publication], str],
) -> bytes:
    """Return publications of ``on_calendar`` as one calendar; ``address_of`` is the page each event leads to.

    An event keeps its UID whatever happens to the post, so a program moves it instead of adding another one.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH_AFTER, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", REFRESH_AFTER)
    for publication in publications:
        calendar.add_component(_event(publication, organization, address_of(publication)))
    return bytes(calendar.to_ical())


def _event(publication: Publication, organization: Organization, address: str) -> Event:
    post, profile, state = publication.post, publication.profile, State(publication.state)
    begin: datetime = publication.shown_at  # type: ignore[attr-defined]
    event = Event()
    event.add("uid", f"publication-{publication.pk}@{organization.pk}.chorus")
    event.add("dtstamp", post.updated_at)
    event.add("last-modified", post.updated_at)
    event.add("dtstart", begin)
    event.add("dtend", begin + EVENT_LENGTH)
    title = post.title or _("Post without text")
    event.add("summary", f"{title} · {profile.name}")
    event.add("description", f"{state.label}\n\n{post.text_for(profile.network)}")
    event.add("categories", [str(features(profile.network).label), str(state.label)])
    event.add("status", "CONFIRMED" if state in FIRM else "TENTATIVE")
    event.add("transp", "TRANSPARENT")  # nobody is busy because a post goes out
    event.add("url", address)
    return event
