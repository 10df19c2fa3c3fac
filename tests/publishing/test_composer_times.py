"""What the composer says of a chosen time: the week around it, and when the queues have room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import QueueSlot
from publishing.slots import WEEKDAYS
from publishing.times import LOCAL_TIME
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import send, url

SignIn = Callable[[User], Client]


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def open_daily(acme: Acme, profile: SocialProfile, hour: int) -> None:
    with organization_open(acme.organization.pk):
        for weekday in range(WEEKDAYS):
            QueueSlot.objects.create(profile=profile, weekday=weekday, minute=hour * 60)


def around(client: Client, when: str, *profiles: SocialProfile) -> dict[str, str]:
    asked: dict[str, Any] = {"when": when, "profile": [one.pk for one in profiles]}
    answer = client.get(url("post_times"), asked)
    assert answer.status_code == 200
    found: dict[str, str] = answer.json()
    return found


def times_in(part: str) -> list[str]:
    return [piece.partition('"')[0] for piece in part.split('data-set-time="')[1:]]


def test_week_around_a_time_holds_its_posts_and_marks_the_time(acme: Acme, paul: Client) -> None:
    due = (timezone.now() + timedelta(days=40)).replace(hour=10, minute=5)
    send(acme, acme.paul, acme.news, text="Already there", due_at=due)
    week = around(paul, due.replace(hour=12, minute=30).strftime(LOCAL_TIME))["week"]
    assert "Already there" in week
    assert '<p class="here mb-1 tnum">12:30' in week
    for no_time in ("", "soon", "2027-13-40T99:99"):
        assert "here mb-1" not in around(paul, no_time)["week"]


def test_free_times_are_those_of_the_chosen_profiles_and_nothing_is_there_yet(
    acme: Acme, paul: Client
) -> None:
    open_daily(acme, acme.news, hour=9)
    open_daily(acme, acme.sky, hour=9)
    (first,) = times_in(around(paul, "", acme.news, acme.sky)["free"])
    assert first.endswith("T09:00")
    send(acme, acme.paul, acme.news, due_at=datetime.strptime(first, LOCAL_TIME).replace(tzinfo=UTC))
    after = times_in(around(paul, "", acme.news, acme.sky)["free"])
    assert len(after) == 2 and after[0] == first and after[1] > first
    assert times_in(around(paul, "", acme.sky)["free"]) == [first]
    assert times_in(around(paul, "")["free"]) == []


def test_free_times_are_on_the_profiles_clock(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Asia/Kathmandu")
    open_daily(acme, acme.news, hour=9)
    (free,) = times_in(around(paul, "", acme.news)["free"])
    assert free.endswith("T09:00")


def test_queue_of_a_profile_one_may_not_write_for_is_not_told(acme: Acme, signed_in: SignIn) -> None:
    open_daily(acme, acme.news, hour=9)
    assert times_in(around(signed_in(acme.emil), "", acme.news)["free"]) == []
