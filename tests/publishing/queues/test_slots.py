"""The moments of weekly times. Around every change of every clock: ``tests/publishing/test_clock_changes.py``."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.slots import MINUTES_OF_A_DAY, WeeklyTime, moment_on, moments

ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        # put forward over it: moved by as much
        ("Europe/Lisbon", date(2026, 3, 29), time(1, 30), "2026-03-29T01:30+00:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 15), "2026-03-08T07:15+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 10), "2026-10-03T15:40+00:00"),
        # comes twice: the first
        ("Europe/Lisbon", date(2026, 10, 25), time(1, 30), "2026-10-25T00:30+00:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30+00:00"),
        # a day that was left out whole: the same time of the next
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-30T19:00+00:00"),
        # nothing changes here
        ("Asia/Kathmandu", date(2026, 5, 4), time(9, 0), "2026-05-04T03:15+00:00"),
    ],
)
def test_time_stands_for_one_moment(zone: str, day: date, at: time, moment: str) -> None:
    assert moment_on(day, at, zone) == datetime.fromisoformat(moment)


@settings(max_examples=60, deadline=None)
@given(
    times=st.sets(
        st.builds(WeeklyTime, st.integers(0, 6), st.integers(0, MINUTES_OF_A_DAY - 1)), min_size=1, max_size=5
    ),
    zone=st.sampled_from(ZONES),
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
        lambda found: found.replace(tzinfo=UTC)
    ),
)
def test_what_comes_after_a_moment_does_not_depend_on_where_one_began(
    times: set[WeeklyTime], zone: str, after: datetime
) -> None:
    found = list(islice(moments(times, zone, after), 6))
    assert list(islice(moments(times, zone, found[2]), 3)) == found[3:]


def test_queue_without_times_never_comes() -> None:
    assert next(moments([], "Europe/Lisbon", datetime(2026, 1, 1, tzinfo=UTC)), None) is None
