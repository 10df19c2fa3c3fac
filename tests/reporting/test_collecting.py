"""Numbers come in as often as they are worth it, once per slot, and no profile's trouble is another's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing.models import Publication, State
from reporting import collecting
from reporting.frequency import ENDS_AFTER, after_failure, next_slot
from reporting.models import MetricPoint as StoredPoint
from reporting.models import Pull
from reporting.selectors import numbers_of
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    MetricPoint,
    NetworkError,
    NotSent,
    RateLimited,
)
from tests.publishing.delivery.conftest import Desk

Values = dict[str, int | None]


@dataclass
class CountingNetwork:
    """Tells the numbers it was given; of a post it was told nothing of, every number is missing."""

    clock: Any
    values: dict[str, Values] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    errors: dict[str, NetworkError] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def measure(self, *, account: Any, remote_ids: Iterable[str], **_more: Any) -> list[MetricPoint]:
        wanted = tuple(remote_ids)
        self.asked.append((account.handle, wanted))
        if account.handle in self.errors:
            raise self.errors[account.handle]
        return [
            MetricPoint(remote_id=one, metric=metric, value=value, measured_at=self.clock())
            for one in wanted
            for metric, value in self.values.get(one, {"likes": None}).items()
        ]

    def is_there(self, *, remote_id: str, **_more: Any) -> bool | None:
        return remote_id in self.there


@pytest.fixture
def counting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> CountingNetwork:
    network = CountingNetwork(desk.clock)
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    return network


def out(desk: Desk, remote_id: str, profile: SocialProfile | None = None, **fields: Any) -> Publication:
    values = {"state": State.PUBLISHED, "remote_id": remote_id, "published_at": desk.clock.now}
    return desk.write(profile, text=f"Post {remote_id}", **{**values, **fields})


def look(desk: Desk) -> None:
    """Let beat look once and workers do what it found."""
    collecting.plan_new(now=desk.clock.now)
    for due in collecting.lease_due(now=desk.clock.now):
        collecting.collect(organization_id=due.organization_id, profile_id=due.profile_id)


def points(publication: Publication) -> list[tuple[str, int | None]]:
    rows = StoredPoint.objects.filter(publication=publication).order_by("slot", "metric")
    return list(rows.values_list("metric", "value"))


# --- how often -------------------------------------------------------------------------------------------------------


def test_posts_are_asked_about_less_and_less_and_then_no_more() -> None:
    published_at = moment = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    slots = []
    while (following := next_slot(published_at, moment)) is not None:
        slots.append(following)
        moment = following
    ages = [slot - published_at for slot in slots]
    assert ages[0] == timedelta(hours=1)
    assert sum(age <= timedelta(days=1) for age in ages) == 24
    assert sum(timedelta(days=1) < age <= timedelta(days=3) for age in ages) == 8
    assert ages[-1] <= ENDS_AFTER
    assert len(slots) < 70
    assert next_slot(published_at, published_at + timedelta(days=31)) is None


def test_failures_are_retried_at_growing_distances() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    waits = [after_failure(now, count) - now for count in range(1, 9)]
    assert waits[0] == timedelta(minutes=15)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)


# --- collecting ------------------------------------------------------------------------------------------------------


def test_a_fresh_post_is_measured_hourly_and_missing_is_not_zero(
    desk: Desk, counting: CountingNetwork
) -> None:
    publication = out(desk, "1")
    counting.values["1"] = {"likes": 0, "impressions": None}
    look(desk)
    assert points(publication) == []
    for likes in (0, 3):
        desk.clock.pass_time(hours=1)
        counting.values["1"]["likes"] = likes
        look(desk)
        look(desk)
    assert points(publication) == [("impressions", None), ("likes", 0), ("impressions", None), ("likes", 3)]
    assert len(counting.asked) == 2
    shown = numbers_of(publication)
    assert shown is not None
    assert [(str(number.label), number.value) for number in shown.numbers] == [
        ("Impressions", None),
        ("Reactions", 3),
    ]


def test_posts_of_one_profile_are_asked_about_together(desk: Desk, counting: CountingNetwork) -> None:
    for number in range(3):
        out(desk, str(number))
    out(desk, "other", desk.acme.sky)
    desk.clock.pass_time(hours=1)
    look(desk)
    assert sorted(len(ids) for _handle, ids in counting.asked) == [1, 3]


def test_the_same_slot_again_leaves_one_point_the_later(desk: Desk, counting: CountingNetwork) -> None:
    publication = out(desk, "1")
    collecting.plan_new(now=desk.clock.now)
    desk.clock.pass_time(hours=1)
    collecting.lease_due(now=desk.clock.now)
    pulls = list(Pull.objects.select_related("publication"))
    for likes in (1, 2):
        collecting.record_points(pulls, {"1": {"likes": likes}}, frozenset(), now=desk.clock.now)
    assert points(publication) == [("likes", 2)]
    (pull,) = Pull.objects.all()
    assert pull.next_at == desk.clock.now + timedelta(hours=1)


def test_a_message_that_is_lost_is_made_good_and_one_that_comes_twice_does_nothing(
    desk: Desk, counting: CountingNetwork
) -> None:
    out(desk, "1")
    collecting.plan_new(now=desk.clock.now)
    desk.clock.pass_time(hours=1)
    (due,) = collecting.lease_due(now=desk.clock.now)  # the message is lost
    assert collecting.lease_due(now=desk.clock.now) == []
    desk.clock.pass_time(minutes=11)
    (due,) = collecting.lease_due(now=desk.clock.now)
    assert collecting.collect(organization_id=due.organization_id, profile_id=due.profile_id) == 1
    assert collecting.collect(organization_id=due.organization_id, profile_id=due.profile_id) == 0
    assert len(counting.asked) == 1


def test_a_dead_connection_holds_its_own_profile_and_no_other(desk: Desk, counting: CountingNetwork) -> None:
    mine, other = out(desk, "1"), out(desk, "2", desk.acme.quiet)
    handle = connections.account_of(desk.acme.news).handle
    counting.errors[handle] = CredentialsExpired("lacks a permission")
    counting.values["2"] = {"likes": 1}
    counting.there = {"1", "2"}
    desk.clock.pass_time(hours=1)
    look(desk)
    assert points(mine) == []
    assert points(other) == [("likes", 1)]
    assert SocialProfile.objects.get(pk=desk.acme.news.pk).is_connected  # its queue goes on
    SocialProfile.objects.filter(pk=desk.acme.news.pk).update(status=SocialProfile.Status.NEEDS_RECONNECT)
    asked = len(counting.asked)
    desk.clock.pass_time(minutes=20)
    look(desk)
    assert len(counting.asked) == asked
    desk.connect(desk.acme.news)
    counting.errors.clear()
    look(desk)
    assert points(mine) == [("likes", None)]


@pytest.mark.parametrize(
    ("level", "others_wait"), [(LimitLevel.PROFILE, False), (LimitLevel.APPLICATION, True)]
)
def test_a_limit_stops_exactly_what_the_network_stopped(
    desk: Desk, counting: CountingNetwork, level: LimitLevel, others_wait: bool
) -> None:
    out(desk, "1")
    other = out(desk, "2", desk.acme.quiet, published_at=desk.clock.now + timedelta(minutes=5))
    handle = connections.account_of(desk.acme.news).handle
    counting.there = {"1", "2"}
    desk.clock.pass_time(hours=1)
    counting.errors[handle] = RateLimited(desk.clock.now + timedelta(hours=3), level)
    look(desk)
    assert desk.acme.news.network == desk.acme.quiet.network
    counting.errors.clear()
    counting.asked.clear()
    desk.clock.pass_time(minutes=10)
    look(desk)
    assert (counting.asked == []) is others_wait
    assert (points(other) == []) is others_wait
    desk.clock.pass_time(hours=3)
    look(desk)
    assert "1" in {one for _handle, ids in counting.asked for one in ids}


def test_a_fault_is_asked_again_later_and_loses_no_number(desk: Desk, counting: CountingNetwork) -> None:
    publication = out(desk, "1")
    handle = connections.account_of(desk.acme.news).handle
    counting.errors[handle] = NotSent("down")
    desk.clock.pass_time(hours=1)
    look(desk)
    look(desk)
    assert len(counting.asked) == 1
    counting.errors.clear()
    counting.values["1"] = {"likes": 7}
    desk.clock.pass_time(minutes=15)
    look(desk)
    assert points(publication) == [("likes", 7)]
    assert Pull.objects.get().failure_count == 0


def test_a_post_deleted_at_the_network_is_noticed_at_the_second_look(
    desk: Desk, counting: CountingNetwork
) -> None:
    publication, quiet = out(desk, "1"), out(desk, "2")
    counting.there = {"2"}  # nobody has looked at it yet: no numbers, and it is there
    for _hour in range(4):
        desk.clock.pass_time(hours=1)
        look(desk)
    publication.refresh_from_db()
    quiet.refresh_from_db()
    assert publication.gone_at is not None
    assert publication.state == State.PUBLISHED
    assert quiet.gone_at is None
    assert Pull.objects.get(publication=publication).ended_at is not None
    assert [ids for _handle, ids in counting.asked] == [("1", "2"), ("1", "2"), ("2",), ("2",)]


def test_old_posts_and_posts_without_an_id_are_not_asked_about(desk: Desk, counting: CountingNetwork) -> None:
    out(desk, "old", published_at=desk.clock.now - timedelta(days=31))
    out(desk, "")
    out(desk, "gone", gone_at=desk.clock.now)
    desk.write(due_in_minutes=60)
    assert collecting.plan_new(now=desk.clock.now) == 0
    publication = out(desk, "1", published_at=desk.clock.now - timedelta(days=29, hours=23))
    assert collecting.plan_new(now=desk.clock.now) == 1
    look(desk)
    assert Pull.objects.get(publication=publication).ended_at is not None
