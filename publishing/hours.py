"""The hours a day has on a clock: 24, or fewer and more where the clock is put forward or back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from publishing.times import Fold

HOURS_IN_DAY: Final = 24
ONE_DAY: Final = timedelta(days=1)
# Every offset of a zone since 2000 is a multiple of it, so no change of a clock falls between two steps.
STEP: Final = timedelta(minutes=15)


@dataclass(frozen=True, order=True)
class Hour:
    """An hour by its name on the clock; ``fold`` tells the second one where the clock is put back over it."""

    hour: int
    fold: Fold = Fold.FIRST

    @classmethod
    def at(cls, local: datetime) -> Hour:
        return cls(local.hour, Fold(local.fold))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment the day begins (UTC): its first one where midnight comes twice or not at all."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def hours_of(day: date, zone: ZoneInfo) -> list[Hour]:
    """Return the hours the day has, in the order they come: 24, or where the clock is changed another number."""
    found: list[Hour] = []
    moment, end = midnight(day, zone), midnight(day + ONE_DAY, zone)
    while moment < end:
        hour = Hour.at(moment.astimezone(zone))
        if hour not in found:  # where a change begins within an hour, its name may come back
            found.append(hour)
        moment += STEP
    return found


def rows_of(hours_by_day: Iterable[list[Hour]]) -> list[Hour]:
    """Return the rows in which these days can be drawn side by side: 24 hours, and those that come again."""
    rows = [Hour(hour) for hour in range(HOURS_IN_DAY)]
    for hours in hours_by_day:
        for before, hour in itertools.pairwise(hours):
            if hour not in rows:
                rows.insert(rows.index(before) + 1, hour)
    return rows
