"""Times as a person types them into the composer: to the minute, on the clock of a profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def next_minute(*, at_least: float = 0) -> datetime:
    """Return the next full minute that is so many seconds away, in UTC."""
    soonest = datetime.now(UTC) + timedelta(seconds=at_least)
    return soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)


def typed(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
