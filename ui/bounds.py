"""How far a typed time may lie: calendars end in the year 9999, and a time zone further on it is an error."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator

YEARS: Final = range(2000, 2100)  # those the calendar shows
_FIRST, _LAST = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
_BEGIN, _END = datetime.combine(_FIRST, time.min), datetime.combine(_LAST, time.max)

DAYS: Final = (MinValueValidator(_FIRST), MaxValueValidator(_LAST))
WALL_CLOCK_TIMES: Final = (MinValueValidator(_BEGIN), MaxValueValidator(_END))
MOMENTS: Final = (
    MinValueValidator(_BEGIN.replace(tzinfo=UTC)),
    MaxValueValidator(_END.replace(tzinfo=UTC)),
)
