"""The moments of a queue's weekly times, in the profile's own time zone, around every change of its clock.

A time the clock is put forward over is moved by as much as the clock is; of a time that comes twice the first counts. A
queue asks nobody, so it has one answer for each day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from publishing.times import Fold, MissingTime, to_local, to_moment

WEEKDAYS: Final = 7
MINUTES_OF_A_DAY: Final = 24 * 60
DAYS_AHEAD: Final = 366 * 2  # nobody plans further; a queue without end stops looking there


@dataclass(frozen=True, order=True)
class WeeklyTime:
    """A time of day on one weekday (Monday is 0)."""

    weekday: int
    minute: int

    @property
    def time(self) -> time:
        return time(self.minute // 60, self.minute % 60)


def moment_on(day: date, at: time, zone: str) -> datetime:
    """Return the one moment that stands for this wall-clock time on this day."""
    local = datetime.combine(day, at)
    try:
        return to_moment(local, zone, Fold.FIRST)
    except MissingTime as missing:
        return to_moment(missing.after, zone, Fold.FIRST)


def moments(times: Collection[WeeklyTime], zone: str, after: datetime) -> Iterator[datetime]:
    """Yield every moment of these weekly times after ``after``, each once and in order."""
    first_day = to_local(after, zone).date() - timedelta(
        days=1
    )  # moved over a gap, a time may land on the next day
    pending: set[datetime] = set()
    for ahead in range(DAYS_AHEAD):
        day = first_day + timedelta(days=ahead)
        pending |= {moment_on(day, one.time, zone) for one in times if one.weekday == day.weekday()}
        next_day = moment_on(day + timedelta(days=1), time(), zone)
        ready = sorted(moment for moment in pending if moment < next_day)
        pending.difference_update(ready)
        yield from (moment for moment in ready if moment > after)
