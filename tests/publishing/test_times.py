from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.times import AmbiguousTime, Fold, MissingTime, to_local, to_moment

ZONES = [
    "UTC",
    "Europe/Lisbon",
    "America/Sao_Paulo",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]


def test_ordinary_time_names_one_moment() -> None:
    assert to_moment(datetime(2026, 7, 1, 9, 0), "Europe/Lisbon") == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def test_time_that_comes_twice_is_asked_and_each_answer_is_its_own_moment() -> None:
    local = datetime(2026, 10, 25, 1, 30)  # Lisbon puts the clock back from 02:00 to 01:00
    with pytest.raises(AmbiguousTime) as asked:
        to_moment(local, "Europe/Lisbon")
    assert asked.value.second - asked.value.first == timedelta(hours=1)
    assert to_moment(local, "Europe/Lisbon", Fold.FIRST) == asked.value.first
    assert to_moment(local, "Europe/Lisbon", Fold.SECOND) == asked.value.second


@pytest.mark.parametrize(
    ("local", "zone", "after"),
    [
        (datetime(2026, 3, 29, 1, 30), "Europe/Lisbon", datetime(2026, 3, 29, 2, 30)),
        (datetime(2026, 3, 8, 2, 15), "America/New_York", datetime(2026, 3, 8, 3, 15)),
        (datetime(2026, 10, 4, 2, 10), "Australia/Lord_Howe", datetime(2026, 10, 4, 2, 40)),  # half an hour
    ],
)
def test_time_the_clock_jumps_over_is_refused_with_the_next_one(
    local: datetime, zone: str, after: datetime
) -> None:
    for fold in (None, *Fold):
        with pytest.raises(MissingTime) as refused:
            to_moment(local, zone, fold)
        assert refused.value.after == after


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_every_moment_has_a_wall_clock_time_that_leads_back_to_it(moment: datetime, zone: str) -> None:
    local = to_local(moment, zone)
    try:
        assert to_moment(local, zone) == moment
    except AmbiguousTime as asked:
        assert moment in (asked.first, asked.second)
