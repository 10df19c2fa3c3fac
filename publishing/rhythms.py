"""The days on which something comes again: every few days, weeks or months, on the wall clock."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from publishing.models import Repetition

DAYS_OF = {Repetition.Rhythm.DAILY: 1, Repetition.Rhythm.WEEKLY: 7}


def day_of(repetition: Repetition, number: int) -> date:
    """Return the day of the ``number``-th coming-again; of a month without that day its last one."""
    first = repetition.first_on
    assert first is not None, "what comes through the queue has no days of its own"
    steps = repetition.every * number
    if repetition.rhythm != Repetition.Rhythm.MONTHLY:
        return first + timedelta(days=DAYS_OF[Repetition.Rhythm(repetition.rhythm)] * steps)
    years, month = divmod(first.year * 12 + first.month - 1 + steps, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(first.day, last))
