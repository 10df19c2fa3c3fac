"""Local wall-clock times to moments. Around clock changes a time may come twice or not at all: asked, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import time_format
from django.utils.translation import gettext as _

LOCAL_TIME: Final = "%Y-%m-%dT%H:%M"  # as an <input type="datetime-local"> speaks


class Fold(IntEnum):
    """Which of two equal wall-clock times is meant, when the clock is put back."""

    FIRST = 0
    SECOND = 1


class UnclearTime(ValueError):
    """This wall-clock time does not name one moment. The message is for the person."""


class AmbiguousTime(UnclearTime):
    """The clock is put back and the time comes twice: ``first`` and ``second`` are the two moments (UTC)."""

    def __init__(self, local: datetime, zone: str) -> None:
        self.first, self.second = (
            local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in Fold
        )
        super().__init__(
            _(
                "%(time)s comes twice on that day in %(zone)s, because the clock is put back. Choose which one."
            )
            % {"time": time_format(local.time(), "H:i"), "zone": zone}
        )


class MissingTime(UnclearTime):
    """The clock is put forward over the time: ``before`` and ``after`` are the nearest wall-clock times."""

    def __init__(self, local: datetime, zone: str) -> None:
        offset_before, offset_after = (
            local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta() for fold in Fold
        )
        gap = abs(offset_after - offset_before)
        self.before, self.after = local - gap, local + gap
        super().__init__(
            _(
                "%(time)s does not exist on that day in %(zone)s, because the clock is put forward. Choose another one."
            )
            % {"time": time_format(local.time(), "H:i"), "zone": zone}
        )


def to_moment(local: datetime, zone: str, fold: Fold | None = None) -> datetime:
    """Return the moment (aware UTC) of a naive wall-clock time. Raises AmbiguousTime and MissingTime."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=choice) for choice in Fold)
    moment = first.astimezone(UTC)
    exists = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    if not exists:
        raise MissingTime(local, zone)
    if first.utcoffset() != second.utcoffset():
        if fold is None:
            raise AmbiguousTime(local, zone)
        return (first, second)[fold].astimezone(UTC)
    return moment


def to_local(moment: datetime, zone: str) -> datetime:
    """Return the naive wall-clock time of a moment in a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@dataclass(frozen=True)
class Choice:
    """One answer to the question which moment is meant: ``value`` goes back with the form."""

    value: str
    label: str


class TimeQuestion(Exception):
    """The wall-clock time does not name one moment for every profile: ask, with these choices (or another time)."""

    def __init__(self, problem: UnclearTime, choices: list[Choice], asked_about: datetime) -> None:
        super().__init__(str(problem))
        self.choices = choices
        self.asked_about = asked_about.strftime(LOCAL_TIME)


def moment_in(local: datetime, zone: str, fold: Fold | None = None) -> datetime:
    """Return the moment of a wall-clock time in a zone. Raises TimeQuestion where only a person can tell."""
    try:
        return to_moment(local, zone, fold)
    except AmbiguousTime as problem:
        first, second = (_named(moment, zone) for moment in (problem.first, problem.second))
        choices = [
            Choice("first", _("%(time)s, before the clock is put back") % {"time": first}),
            Choice("second", _("%(time)s, after the clock is put back") % {"time": second}),
        ]
        raise TimeQuestion(problem, choices, local) from problem
    except MissingTime as problem:
        choices = [
            Choice(other.strftime(LOCAL_TIME), _named(to_moment(other, zone), zone))
            for other in (problem.before, problem.after)
        ]
        raise TimeQuestion(problem, choices, local) from problem


def offset_name(moment: datetime, zone: str) -> str:
    """Return the zone's distance from UTC at that moment: UTC+1, UTC-3:30."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _named(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{time_format(local.time(), 'H:i')} ({offset_name(moment, zone)})"
