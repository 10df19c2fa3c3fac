"""What single cells say: days, times, names one behind the other, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from django.utils.translation import gettext as _

from publishing.bulk.columns import DATE, TIME
from publishing.models import PostImport
from publishing.times import AmbiguousTime, UnclearTime, offset_name, to_moment

YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s,]+(.*))?", re.DOTALL)
YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T\s,]+(.*))?", re.DOTALL)
CLOCK: Final = re.compile(
    r"(\d{1,2})(?:\s*[:hH.]\s*(\d{2})(?::\d{2}(?:\.\d+)?)?|\s*[hH])?\s*([AaPp])?\.?\s*(?:[Mm]\.?)?"
    r"\s*(?:UTC|GMT)?\s*([+-]\d{1,2}(?::?\d{2})?|Z)?"
)
CENTURY: Final = 2000
NOON: Final = 12
YEARS: Final = range(1970, 2200)


class Wrong(ValueError):
    """A cell does not say what it should. The message is for the person; ``column`` says which cell."""

    def __init__(self, sentence: str, column: str = TIME) -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True)
class ClockTime:
    """A time of day, and how far from UTC where the cell says so."""

    at: time
    offset: timedelta | None = None


@dataclass(frozen=True)
class When:
    """A day and a time, on the clock of whichever profile it is for unless it names its distance from UTC."""

    day: date
    clock: ClockTime

    def moment_in(self, zone: str) -> datetime:
        """Return the moment (aware UTC). Raises Wrong where the zone's clock has it twice or not at all."""
        local = datetime.combine(self.day, self.clock.at)
        if self.clock.offset is not None:
            return local.replace(tzinfo=timezone(self.clock.offset)).astimezone(UTC)
        try:
            return to_moment(local, zone)
        except AmbiguousTime as problem:
            first, second = (offset_name(moment, zone) for moment in (problem.first, problem.second))
            raise Wrong(
                _("%(problem)s Write it as %(first)s or %(second)s.")
                % {
                    "problem": problem,
                    "first": f"{local:%H:%M} {first}",
                    "second": f"{local:%H:%M} {second}",
                }
            ) from problem
        except UnclearTime as problem:
            raise Wrong(str(problem)) from problem


def when_in(date_cell: str, time_cell: str, order: str) -> When | None:
    """Return the day and time two cells name; None when both are empty. Raises Wrong."""
    if not date_cell.strip():
        if time_cell.strip():
            raise Wrong(_("There is a time, but no day."), DATE)
        return None
    day, rest = _day_in(date_cell.strip(), order)
    said = time_cell.strip() or rest
    if not said:
        raise Wrong(_("There is a day, but no time. Write one such as 18:00."))
    return When(day, clock_in(said))


def _day_in(cell: str, order: str) -> tuple[date, str]:
    found = YEAR_FIRST.fullmatch(cell)
    if found:
        year, month, day, rest = found.groups()
    else:
        found = YEAR_LAST.fullmatch(cell)
        if not found:
            raise Wrong(_("“%(cell)s” is no day. Write it as 2026-12-24.") % {"cell": _short(cell)}, DATE)
        first, sign, second, year, rest = found.groups()
        is_day_first = sign == "." or order == PostImport.DateOrder.DAY_FIRST
        day, month = (first, second) if is_day_first else (second, first)
    number = int(year) + (CENTURY if len(year) < len("2026") else 0)
    try:
        if number not in YEARS:
            raise ValueError(number)
        return date(number, int(month), int(day)), (rest or "").strip()
    except ValueError:
        raise Wrong(
            _("“%(cell)s” is no day there is. Write it as 2026-12-24, or choose how days are written.")
            % {"cell": _short(cell)},
            DATE,
        ) from None


def clock_in(cell: str) -> ClockTime:
    """Return the time of day a cell names: 18:00, 18h30, 6 PM, 18:00 +01:00. Raises Wrong."""
    found = CLOCK.fullmatch(cell.strip())
    if found is None:
        raise Wrong(_no_time(cell))
    hour, minute, half, offset = int(found[1]), int(found[2] or 0), (found[3] or "").lower(), found[4]
    if half:
        if not 1 <= hour <= NOON:
            raise Wrong(_no_time(cell))
        hour = hour % NOON + (NOON if half == "p" else 0)
    elif found[2] is None and "h" not in cell.lower():
        raise Wrong(_no_time(cell))
    try:
        return ClockTime(time(hour, minute), _offset(offset))
    except ValueError:
        raise Wrong(_no_time(cell)) from None


def _offset(said: str | None) -> timedelta | None:
    if said is None:
        return None
    if said == "Z":
        return timedelta()
    digits = said[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= len("12") else (int(digits[:-2]), int(digits[-2:]))
    length = timedelta(hours=hours, minutes=minutes)
    if length >= timedelta(hours=24):
        raise ValueError(said)
    return -length if said.startswith("-") else length


def _no_time(cell: str) -> str:
    return _("“%(cell)s” is no time of day. Write it as 18:00.") % {"cell": _short(cell)}


def names_in(cell: str) -> list[str]:
    """Return names that stand one behind the other, with ";", "|" or lines between them."""
    return [name for part in re.split(r"[;|\n]", cell) if (name := part.strip())]


def addresses_in(cell: str) -> list[str]:
    """Return addresses that stand one behind the other, with spaces, lines, or "|" between them."""
    return [
        found.strip(",;") for found in re.split(r"[\s|]+|[,;]\s*(?=https?://)", cell) if found.strip(",;")
    ]


def texts_in(cell: str) -> list[str]:
    """Return texts that belong to several pictures, in their order."""
    return [part.strip() for part in cell.split("|")] if cell.strip() else []


def _short(cell: str) -> str:
    said = " ".join(cell.split())
    return said if len(said) <= 40 else f"{said[:39]}…"
