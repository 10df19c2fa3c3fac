"""How often the numbers of a post are asked for: a table a person can review.

Posts are looked at most on their first day. X tells some numbers for thirty days only, and after a month hardly any
network's numbers move. Source: the networks' documentation, and docs/metrics.md#how-often.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

# (younger than, ask again after)
FREQUENCY: Final = (
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=6)),
    (timedelta(days=30), timedelta(days=1)),
)
ENDS_AFTER: Final = FREQUENCY[-1][0]
FIRST_AFTER: Final = FREQUENCY[0][1]

# After a failure: this long, then twice as long, and so on.
FAILED_WAIT: Final = timedelta(minutes=15)
FAILED_WAIT_MAX: Final = timedelta(hours=6)


def next_slot(published_at: datetime, now: datetime) -> datetime | None:
    """Return when to ask again; None when the post is too old to be asked about."""
    age = now - published_at
    for younger_than, wait in FREQUENCY:
        if age < younger_than:
            following = now + wait
            return following if following - published_at <= ENDS_AFTER else None
    return None


def after_failure(now: datetime, failure_count: int) -> datetime:
    """Return when to ask again after this many failures in a row."""
    doublings = min(max(failure_count - 1, 0), 10)
    return now + min(FAILED_WAIT_MAX, FAILED_WAIT * (1 << doublings))
