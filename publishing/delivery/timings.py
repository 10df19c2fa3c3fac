"""How long delivery waits for what. Every number is in seconds unless its name says otherwise.

Each may be set in the environment under ``CHORUS_`` and its name; the values here are those of production.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import Final


def _seconds(name: str, default: float) -> float:
    return float(os.environ.get(f"CHORUS_{name}", default))


def _list_of_seconds(name: str, default: str) -> tuple[float, ...]:
    return tuple(float(part) for part in os.environ.get(f"CHORUS_{name}", default).split(","))


# How many rows one look claims, and how many may be claimed and not done: the broker holds no backlog.
CLAIMS_PER_LOOK: Final = 200
CLAIMS_OPEN_MAX: Final = 400

# A claimed row whose task did not begin by then was lost on the way: it goes back to the queue.
CLAIM_AGE_SECONDS: Final = _seconds("CLAIM_AGE_SECONDS", 120)

# From the attempt to the first byte of the post. Later than that, the send is called off: somebody may have
# given the attempt up by then. Far below ATTEMPT_AGE_SECONDS.
SEND_WITHIN_SECONDS: Final = _seconds("SEND_WITHIN_SECONDS", 120)

# An attempt older than this has no living worker: every request of it would have timed out.
ATTEMPT_AGE_SECONDS: Final = _seconds("ATTEMPT_AGE_SECONDS", 900)

# Not sent: wait this long, then twice as long, and so on. Eight tries take a little over an hour.
NOT_SENT_FIRST_WAIT_SECONDS: Final = _seconds("NOT_SENT_FIRST_WAIT_SECONDS", 30)
NOT_SENT_WAIT_MAX_SECONDS: Final = _seconds("NOT_SENT_WAIT_MAX_SECONDS", 1800)
NOT_SENT_TRIES: Final = 8

# What a network may ask us to wait after a rate limit; some name absurd times.
RATE_LIMIT_WAIT_MIN_SECONDS: Final = _seconds("RATE_LIMIT_WAIT_MIN_SECONDS", 1)
RATE_LIMIT_WAIT_MAX_SECONDS: Final = _seconds("RATE_LIMIT_WAIT_MAX_SECONDS", 86_400)

# When to look for a post whose answer was lost: after these waits, one after the other. Together a quarter hour.
READ_BACK_WAITS_SECONDS: Final = _list_of_seconds("READ_BACK_WAITS_SECONDS", "15,180,720")
# The wait after a look that itself failed, and when to stop and ask a person.
READ_BACK_FAILED_WAIT_SECONDS: Final = _seconds("READ_BACK_FAILED_WAIT_SECONDS", 120)
READ_BACK_GIVE_UP_SECONDS: Final = _seconds("READ_BACK_GIVE_UP_SECONDS", 7200)

# Polling what the network still works on: the waits double up to the longest; then the outcome is unknown.
POLL_FIRST_WAIT_SECONDS: Final = _seconds("POLL_FIRST_WAIT_SECONDS", 5)
POLL_WAIT_MAX_SECONDS: Final = _seconds("POLL_WAIT_MAX_SECONDS", 300)
POLL_GIVE_UP_SECONDS: Final = _seconds("POLL_GIVE_UP_SECONDS", 21_600)

# A row handed to a task that asks the network is not handed out again before this.
ASK_LEASE_SECONDS: Final = _seconds("ASK_LEASE_SECONDS", 120)

# Writing down an outcome is worth some patience with a database that restarts.
SETTLE_TRIES: Final = 15
SETTLE_WAIT_SECONDS: Final = _seconds("SETTLE_WAIT_SECONDS", 1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def with_jitter(number: float) -> timedelta:
    """Return a wait of 100 to 125 percent of the number, so that what failed together does not return together."""
    return timedelta(seconds=number * random.uniform(1.0, 1.25))  # noqa: S311 - no secret


def doubling(first: float, longest: float, count: int) -> timedelta:
    """Return the wait before try ``count`` + 1, with jitter."""
    return with_jitter(min(longest, first * 2 ** min(count, 20)))
