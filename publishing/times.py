"""Local wall-clock times to moments. Around clock changes a time may come twice or not at all: asked, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from django.utils.formats import time_format
from django.utils.translation import gettext as _


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
            % {"time": time_format(local.time()), "zone": zone}
        )


class MissingTime(UnclearTime):
    """The clock is put forward over the time: ``before`` and ``after`` are the nearest wall-clock times."""

    def __init__(self, local: datetime, zone: str) -> None:
        offset_before, offset_after = (
            local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta() for fold in Fold
        )
        gap = abs(offset_after - offset_before)
        self.after = local + gap
        super().__init__(
            _(
                "%(time)s does not exist on that day in %(zone)s, because the clock is put forward. Choose another one."
            )
            % {"time": time_format(local.time()), "zone": zone}
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
