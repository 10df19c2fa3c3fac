"""Every change of every clock there is, 2026 to 2028: what a queue or a person schedules around it goes out once.

The changes are found without the code under test, by asking zoneinfo for offsets. Zones whose clocks change alike
share one case, named by the first of them, so every zone is looked at and none twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from publishing.hours import Hour, hours_of, midnight
from publishing.slots import WEEKDAYS, WeeklyTime, moment_on, moments
from publishing.times import (
    LOCAL_TIME,
    AmbiguousTime,
    Fold,
    MissingTime,
    TimeQuestion,
    moment_in,
    to_local,
    to_moment,
)

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
EVERY_QUARTER = [WeeklyTime(day, minute) for day in range(WEEKDAYS) for minute in range(0, 24 * 60, 15)]


@dataclass(frozen=True)
class Change:
    """The moment a clock is changed, and how far it stood from UTC before and stands after."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def by(self) -> timedelta:
        return self.after - self.before

    @property
    def left(self) -> datetime:
        """Return what the old clock showed at that moment."""
        return (self.at + self.before).replace(tzinfo=None)

    @property
    def reached(self) -> datetime:
        """Return what the new clock showed at that moment."""
        return (self.at + self.after).replace(tzinfo=None)


def offset(zone: str, moment: datetime) -> timedelta:
    found = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found


def found_between(zone: str, low: datetime, high: datetime) -> Change:
    """Return the change between two moments that lie a day apart, to the second."""
    before = offset(zone, low)
    while high - low > SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return Change(high, before, offset(zone, high))


@cache
def changes_of(zone: str) -> tuple[Change, ...]:
    days = [BEGIN + DAY * number for number in range((END - BEGIN).days + 1)]
    offsets = [offset(zone, day) for day in days]
    return tuple(
        found_between(zone, low, high)
        for (low, was), (high, now) in pairwise(zip(days, offsets, strict=True))
        if was != now
    )


@cache
def alike() -> dict[tuple[Change, ...], list[str]]:
    """Return the zones whose clocks are changed, those that change alike together."""
    found: dict[tuple[Change, ...], list[str]] = {}
    for zone in ZONES:
        if changes := changes_of(zone):
            found.setdefault(changes, []).append(zone)
    return found


CASES = [
    pytest.param(zones[0], changes, id=f"{zones[0]}+{len(zones) - 1}") for changes, zones in alike().items()
]


def quarters(begin: datetime, end: datetime) -> list[datetime]:
    """Return every quarter of an hour of a wall clock between two of its times."""
    return [
        begin + timedelta(minutes=15) * number for number in range((end - begin) // timedelta(minutes=15))
    ]


def test_the_changes_are_the_ones_people_know() -> None:
    lisbon = [change.at for change in changes_of("Europe/Lisbon")]
    assert lisbon[:2] == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    assert [change.by for change in changes_of("Australia/Lord_Howe")[:2]] == [-HOUR / 2, HOUR / 2]
    assert changes_of("Asia/Tokyo") == ()
    changing = sum(len(zones) for zones in alike().values())
    assert changing > 150 and len(ZONES) - changing > 200  # both kinds are there in numbers


@pytest.mark.parametrize(("zone", "changes"), CASES)
def test_every_time_a_person_types_is_one_moment_or_a_question(
    zone: str, changes: tuple[Change, ...]
) -> None:
    for change in changes:
        skipped_from, skipped_to = change.left, change.reached
        twice_from, twice_to = change.reached, change.left
        for local in quarters(change.left - 3 * HOUR, change.left + 3 * HOUR):
            is_skipped = skipped_from <= local < skipped_to
            is_twice = twice_from <= local < twice_to
            if is_skipped:
                with pytest.raises(MissingTime) as refused:
                    to_moment(local, zone)
                assert refused.value.after - local == change.by == local - refused.value.before
            elif is_twice:
                with pytest.raises(AmbiguousTime) as asked:
                    to_moment(local, zone)
                first, second = asked.value.first, asked.value.second
                assert second - first == -change.by and first < change.at <= second
                assert [to_moment(local, zone, fold) for fold in Fold] == [first, second]
                assert to_local(first, zone) == to_local(second, zone) == local
            else:
                moment = to_moment(local, zone)
                assert moment == (local - (change.before if moment < change.at else change.after)).replace(
                    tzinfo=UTC
                )
                assert to_local(moment, zone) == local


@pytest.mark.parametrize(("zone", "changes"), CASES)
def test_every_answer_to_the_question_is_a_moment_that_is_shown_back(
    zone: str, changes: tuple[Change, ...]
) -> None:
    for change in changes:
        local = min(change.left, change.reached) + timedelta(minutes=15)
        with pytest.raises(TimeQuestion) as question:
            moment_in(local, zone)
        values = [choice.value for choice in question.value.choices]
        if change.by < timedelta():
            assert values == ["first", "second"]
            answers = [moment_in(local, zone, fold) for fold in Fold]
            assert [to_local(moment, zone) for moment in answers] == [local, local]
        else:
            answers = [moment_in(datetime.strptime(value, LOCAL_TIME), zone) for value in values]
            assert [to_local(moment, zone).strftime(LOCAL_TIME) for moment in answers] == values
        assert answers[0] < answers[1]


@pytest.mark.parametrize(("zone", "changes"), CASES)
def test_a_queue_skips_no_slot_and_deals_none_twice(zone: str, changes: tuple[Change, ...]) -> None:
    for change in changes:
        begin = (change.at - 30 * HOUR).replace(minute=0, second=0, microsecond=0)
        dealt = list(islice(moments(EVERY_QUARTER, zone, begin), 96 * 4))
        assert all(one < other for one, other in pairwise(dealt)), (zone, change)
        day = to_local(begin, zone).date() + DAY
        last = to_local(dealt[-1], zone).date()
        while day < last:
            slots = [one for one in EVERY_QUARTER if one.weekday == day.weekday()]
            expected = {moment_on(day, one.time, zone) for one in slots}
            assert expected <= set(dealt), (zone, day)
            day += DAY
        # each is the moment its wall clock names, and the first of two where the clock names two
        for moment in dealt:
            local = to_local(moment, zone)
            assert to_moment(local, zone, Fold.FIRST) == moment
        assert not [
            local for local, count in Counter(to_local(one, zone) for one in dealt).items() if count > 1
        ]


@pytest.mark.parametrize(("zone", "changes"), CASES)
def test_a_slot_the_clock_jumps_over_moves_with_it_and_a_repeated_one_comes_first(
    zone: str, changes: tuple[Change, ...]
) -> None:
    for change in changes:
        local = min(change.left, change.reached) + timedelta(minutes=15)
        weekly = [WeeklyTime(local.weekday(), local.hour * 60 + local.minute)]
        dealt = list(islice(moments(weekly, zone, change.at - 2 * DAY), 2))
        assert dealt[0] == moment_on(local.date(), local.time(), zone)
        if change.by > timedelta():
            assert to_local(dealt[0], zone) == local + change.by
        else:
            assert to_local(dealt[0], zone) == local and dealt[0] < change.at
        assert abs(dealt[1] - dealt[0] - 7 * DAY) <= abs(change.by)  # the next week, once


@pytest.mark.parametrize(("zone", "changes"), CASES)
def test_a_week_is_drawn_with_a_place_for_every_moment(zone: str, changes: tuple[Change, ...]) -> None:
    there = ZoneInfo(zone)
    for change in changes:
        for day in {change.left.date(), change.reached.date()}:
            begin, end = midnight(day, there), midnight(day + DAY, there)
            hours = hours_of(day, there)
            assert len(set(hours)) == len(hours)
            assert abs(len(hours) * HOUR - (end - begin)) <= HOUR, (zone, day)
            steps = [begin + timedelta(minutes=15) * step for step in range((end - begin) // (HOUR / 4))]
            assert {Hour.at(moment.astimezone(there)) for moment in steps} == set(hours), (zone, day)
            assert to_local(begin, zone).date() == day
            assert to_local(end - SECOND, zone).date() == day


def test_zones_without_changes_deal_every_slot_a_day_apart() -> None:
    weekly = [WeeklyTime(day, 9 * 60) for day in range(WEEKDAYS)]
    for zone in ZONES:
        if changes_of(zone):
            continue
        dealt = list(islice(moments(weekly, zone, BEGIN), 10))
        assert {other - one for one, other in pairwise(dealt)} == {DAY}, zone
        assert {to_local(moment, zone).time() for moment in dealt} == {time(9)}, zone
