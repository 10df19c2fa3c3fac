"""A time in the composer: what it says of one, what stands around it, and what saving makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import QueueSlot, State
from publishing.slots import WEEKDAYS
from publishing.times import LOCAL_TIME
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import LOCAL, in_days, press, publications, send, upload, url, words

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


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


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("2020-01-01T09:00", "That time is past"),
        ("", "Choose a day and a time."),
        ("tomorrow", "Write the time as year, month, day, hour and minute."),
    ],
)
def test_unusable_time_is_refused_in_words_and_nothing_is_lost(
    acme: Acme, paul: Client, when: str, sentence: str
) -> None:
    media = upload(paul)
    refused = press(paul, "schedule", acme.news, text="Typed with care", when=when, media=media)
    assert refused.status_code == 422
    page = words(refused)
    assert sentence in page
    assert "Typed with care" in page
    assert f'name="media" value="{media}"' in page
    assert not publications(acme)


def test_time_that_comes_twice_is_asked(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Berlin")
    asked = press(paul, "schedule", acme.news, when="2027-10-31T02:30")
    assert asked.status_code == 422
    page = words(asked)
    assert "comes twice on that day in Europe/Berlin" in page
    assert "(UTC+2), before the clock is put back" in page
    assert "(UTC+1), after the clock is put back" in page
    answer = {"time_choice": "second", "asked_about": "2027-10-31T02:30"}
    press(paul, "schedule", acme.news, when="2027-10-31T02:30", **answer)
    assert publications(acme)[0].due_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_answer_about_another_time_does_not_count(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Berlin")
    answer = {"time_choice": "first", "asked_about": "2027-10-31T02:30"}
    assert press(paul, "schedule", acme.news, when="2027-10-31T02:45", **answer).status_code == 422
    assert not publications(acme)


def test_time_that_does_not_exist_is_asked(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Berlin")
    asked = press(paul, "schedule", acme.news, when="2027-03-28T02:30")
    assert asked.status_code == 422
    assert "does not exist on that day in Europe/Berlin" in words(asked)
    assert 'value="2027-03-28T03:30"' in words(asked)
    answer = {"time_choice": "2027-03-28T03:30", "asked_about": "2027-03-28T02:30"}
    press(paul, "schedule", acme.news, when="2027-03-28T02:30", **answer)
    assert publications(acme)[0].due_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_forged_answer_to_the_question_is_refused_in_words(acme: Acme, paul: Client) -> None:
    answer = {"time_choice": "whenever", "asked_about": "2027-03-28T02:30"}
    assert press(paul, "schedule", acme.news, when="2027-03-28T02:30", **answer).status_code == 422


def test_draft_keeps_the_time_and_saving_moves_only_a_time_that_was_changed(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, acme.sky, when="2027-06-01T09:00")
    post = publications(acme)[0].post
    assert 'value="2027-06-01T09:00"' in words(paul.get(url("post_edit", post.pk)))
    with organization_open(acme.organization.pk):
        post.publications.filter(profile=acme.sky).update(due_at=datetime(2027, 6, 3, 15, 0, tzinfo=UTC))
    shown = {"when_before": "2027-06-01T09:00"}
    both = [acme.news, acme.sky]
    press(paul, "save", *both, post=post, version=1, when="2027-06-01T09:00", **shown)
    assert [one.due_at.day for one in publications(acme)] == [1, 3]
    press(paul, "save", *both, post=post, version=2, when="2027-06-05T09:00", **shown)
    assert [one.due_at.day for one in publications(acme)] == [5, 5]


def test_saving_a_scheduled_post_with_another_time_moves_it(acme: Acme, paul: Client) -> None:
    press(paul, "schedule", acme.news, when="2027-06-01T09:00")
    post = publications(acme)[0].post
    shown = {"when_before": "2027-06-01T09:00", "version": 1}
    past = press(paul, "save", acme.news, post=post, when="2020-06-01T09:00", **shown)
    assert past.status_code == 422
    assert "That time is past" in words(past)
    press(paul, "save", acme.news, post=post, when="2027-06-02T09:00", **shown)
    (publication,) = publications(acme)
    assert (publication.state, publication.due_at.day) == (State.SCHEDULED, 2)


def test_saving_what_was_refused_does_not_schedule_it_by_the_way(acme: Acme, paul: Client) -> None:
    press(paul, "schedule", acme.news, when="2027-06-01T09:00")
    (publication,) = publications(acme)
    with organization_open(acme.organization.pk):
        publication.post.publications.update(state=State.REJECTED)
    shown = {"when_before": "2027-06-01T09:00", "version": 1}
    refused = press(paul, "save", acme.news, post=publication.post, when="2027-06-02T09:00", **shown)
    assert refused.status_code == 422
    assert "schedule it again to give it a new time" in words(refused)
    press(paul, "schedule", acme.news, post=publication.post, when="2027-06-02T09:00", **shown)
    assert [one.state for one in publications(acme)] == [State.SCHEDULED]


def test_editor_schedules_on_the_clock_of_each_profile(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="America/Sao_Paulo")
    when = in_days(3)
    assert press(paul, "schedule", acme.news, acme.sky, when=when).status_code == 302
    news, sky = publications(acme)
    local = datetime.strptime(when, LOCAL)
    assert news.due_at == local.replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert sky.due_at == local.replace(tzinfo=UTC)
    assert (news.state, news.vouched_by) == (State.SCHEDULED, acme.paul)
