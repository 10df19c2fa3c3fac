"""What the tests of shared calendars share: a calendar, its links, and the addresses behind them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from publishing.models import CalendarLink, SharedCalendar
from publishing.services.sharing import Selection, Wish, create_shared_calendar, make_calendar_link
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme

JUNE = datetime(2027, 6, 10, 10, 15, tzinfo=UTC)
STATES = ("waiting", "scheduled", "published")


def shared(acme: Acme, *profiles: SocialProfile, maker: User | None = None, **more: Any) -> SharedCalendar:
    with organization_open(acme.organization.pk):
        return create_shared_calendar(
            actor=acme.access(maker or acme.marc),
            organization=acme.organization,
            selection=Selection(
                **{"name": "For the client", "profiles": profiles or (acme.news,), "states": STATES, **more}
            ),
            now=timezone.now(),
        )


def linked(
    acme: Acme, calendar: SharedCalendar, maker: User | None = None, **more: Any
) -> tuple[CalendarLink, str]:
    """Make a link; return it and its token."""
    now = timezone.now()
    wish = {"name": "Clara Client", "expires_at": now + timedelta(days=30), **more}
    with organization_open(acme.organization.pk):
        return make_calendar_link(
            actor=acme.access(maker or acme.marc), calendar=calendar, wish=Wish(**wish), now=now
        )


def month(token: str, **more: Any) -> str:
    return reverse("outside_calendar_month", args=[token, 2027, 6])


def post_page(token: str, pk: int) -> str:
    return reverse("outside_calendar_post", args=[token, pk])


def titles(client: Client, token: str) -> list[str]:
    """Return what somebody outside sees in June."""
    page = client.get(month(token))
    assert page.status_code == 200
    return [card.publication.post.title for day in page.context["days"] for card in day.cards]
