"""The hours of days on which a clock is changed, and cards beside each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publishing.hours import Hour, hours_of, midnight, rows_of
from publishing.lanes import CARD_MINUTES, LANES, in_lanes
from publishing.times import Fold

FIRST, SECOND = Fold.FIRST, Fold.SECOND

# Days on which a clock is changed: the zone, the day, how many hours it has by name, what is missing, what comes again.
CHANGES = [
    ("Europe/Berlin", date(2027, 3, 28), 23, {2}, set()),
    ("Europe/Berlin", date(2027, 10, 31), 25, set(), {2}),
    ("Europe/Lisbon", date(2027, 3, 28), 23, {1}, set()),
    ("Europe/Lisbon", date(2027, 10, 31), 25, set(), {1}),
    ("America/New_York", date(2027, 3, 14), 23, {2}, set()),
    ("America/New_York", date(2027, 11, 7), 25, set(), {1}),
    ("Atlantic/Azores", date(2027, 3, 28), 23, {0}, set()),  # the day begins at one
    ("Atlantic/Azores", date(2027, 10, 31), 25, set(), {0}),  # midnight comes twice
    ("America/Havana", date(2027, 3, 14), 23, {0}, set()),
    ("America/Havana", date(2027, 11, 7), 25, set(), {0}),
    ("America/Santiago", date(2027, 4, 3), 25, set(), {23}),  # put back at midnight, into the day before
    ("America/Santiago", date(2027, 9, 5), 23, {0}, set()),
    ("Pacific/Auckland", date(2027, 4, 4), 25, set(), {2}),
    ("Pacific/Auckland", date(2027, 9, 26), 23, {2}, set()),
    ("Antarctica/Troll", date(2027, 3, 28), 22, {1, 2}, set()),  # two hours at once
    ("Antarctica/Troll", date(2027, 10, 31), 26, set(), {1, 2}),
    ("Australia/Lord_Howe", date(2027, 4, 4), 25, set(), {1}),  # half an hour: a part of one comes again
    ("Australia/Lord_Howe", date(2027, 10, 3), 24, set(), set()),  # half of one is missing
    ("Asia/Kathmandu", date(2027, 3, 28), 24, set(), set()),  # at a quarter past of UTC, never changed
    ("Pacific/Apia", date(2011, 12, 30), 0, set(range(24)), set()),  # a day that was left out
]


@pytest.mark.parametrize(("zone", "day", "count", "missing", "again"), CHANGES)
def test_day_has_the_hours_its_clock_has(
    zone: str, day: date, count: int, missing: set[int], again: set[int]
) -> None:
    hours = hours_of(day, ZoneInfo(zone))
    assert len(hours) == count
    assert set(range(24)) - {hour.hour for hour in hours} == missing
    assert {hour.hour for hour in hours if hour.fold is SECOND} == again


@pytest.mark.parametrize("zone", sorted({zone for zone, *_rest in CHANGES}))
def test_every_moment_of_a_year_falls_into_one_hour_of_its_own_day(zone: str) -> None:
    clock = ZoneInfo(zone)
    moment, begun = datetime(2027, 1, 1, 12, 30, tzinfo=UTC), date.min
    while moment.year == 2027:
        local = moment.astimezone(clock)
        if local.date() != begun:
            begun, hours = local.date(), hours_of(local.date(), clock)
            begin, end = midnight(begun, clock), midnight(begun + timedelta(days=1), clock)
        assert hours.count(Hour.at(local)) == 1
        assert begin <= moment < end
        moment += timedelta(minutes=45)


def test_week_is_drawn_in_rows_that_fit_each_of_its_days() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    week = [hours_of(date(2027, 10, 25) + timedelta(days=number), berlin) for number in range(7)]
    rows = rows_of(week)
    assert len(rows) == 25
    assert rows[1:5] == [Hour(1), Hour(2), Hour(2, SECOND), Hour(3)]
    for hours in week:
        places = [rows.index(hour) for hour in hours]
        assert places == sorted(places)


def test_two_hours_that_come_again_stand_behind_both() -> None:
    rows = rows_of([hours_of(date(2027, 10, 31), ZoneInfo("Antarctica/Troll"))])
    assert rows[1:6] == [Hour(1), Hour(2), Hour(1, SECOND), Hour(2, SECOND), Hour(3)]


@pytest.mark.parametrize(
    ("minutes", "places"),
    [
        ([], []),
        ([0, 30, 60], [(0, 1), (0, 1), (0, 1)]),
        ([0, 0], [(0, 2), (1, 2)]),
        (
            [0, 29, 58],
            [(0, 2), (1, 2), (0, 2)],
        ),  # the third lies over the second, and has the first's lane again
        ([0, 0, 0, 10], [(0, 3), (1, 3), (None, 3), (None, 3)]),
        ([0, 0, 60], [(0, 2), (1, 2), (0, 1)]),
    ],
)
def test_cards_that_would_overlap_stand_side_by_side(
    minutes: list[int], places: list[tuple[int | None, int]]
) -> None:
    assert in_lanes(minutes) == places


def test_no_two_cards_of_a_lane_lie_over_each_other() -> None:
    minutes = sorted((number * 37) % 1440 for number in range(200))
    ends = [-CARD_MINUTES] * LANES
    for minute, (lane, lanes) in zip(minutes, in_lanes(minutes), strict=True):
        assert lanes <= LANES + 1
        if lane is not None:
            assert ends[lane] <= minute
            ends[lane] = minute + CARD_MINUTES
