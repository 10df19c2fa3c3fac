"""Two thousand posts in one month: as many queries as for one, a page a phone can load, and a way to every post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Post, PostLabel, Publication, State
from publishing.selectors.calendar import CARDS_IN_DAY
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.organizing.shelves import make_label
from tests.publishing.pages import url
from tests.publishing.test_calendar import CALENDAR_QUERIES
from tests.publishing.test_calendar_week import WEEK_QUERIES

POSTS = 2000
FIRST = datetime(2027, 6, 1, 5, 0, tzinfo=UTC)
APART = timedelta(minutes=21)  # through all of the month, 69 a day
MONTH_BYTES_MAX = 300_000
WEEK_BYTES_MAX = 600_000


@pytest.fixture
def crowded(acme: Acme) -> Acme:
    label = make_label(acme)
    with organization_open(acme.organization.pk):
        posts = Post.objects.bulk_create(
            Post(workspace=acme.main, author=acme.paul, text=f"Post {number}: what is new at Acme this time")
            for number in range(POSTS)
        )
        profiles = (acme.news, acme.sky)
        Publication.objects.bulk_create(
            Publication(
                post=post,
                profile=profiles[number % 2],
                state=State.SCHEDULED,
                due_at=FIRST + APART * number,
                time_zone="UTC",
                vouched_by=acme.paul,
            )
            for number, post in enumerate(posts)
        )
        PostLabel.objects.bulk_create(PostLabel(post=post, label=label) for post in posts[::2])
    return acme


def test_month_of_two_thousand_posts_is_light_and_leads_to_every_one(
    crowded: Acme, signed_in: Callable[[User], Client], django_assert_num_queries: Any
) -> None:
    paul = signed_in(crowded.paul)
    month, week = url("calendar_month", 2027, 6), url("calendar_week_of", 2027, 6, 9)
    for address in (month, week):
        paul.get(address)
    with django_assert_num_queries(CALENDAR_QUERIES):
        page = paul.get(month)
    assert len(page.content) < MONTH_BYTES_MAX
    ninth = next(day for day in page.context["days"] if day.date.day == 9)
    assert len(ninth.cards) > 60 and len(ninth.shown) == CARDS_IN_DAY
    assert f"{ninth.more} more" in page.content.decode()
    with django_assert_num_queries(WEEK_QUERIES):
        page = paul.get(week)
    assert len(page.content) < WEEK_BYTES_MAX
    column = next(one for one in page.context["week"].columns if one.day.date.day == 9)
    reached = sum(len(slot.cards) + len(slot.more) for slot in column.slots)
    assert reached == len(ninth.cards)
