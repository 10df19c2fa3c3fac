"""What is tried: how many posts, by how many workers, with what going wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

POSTS, PROFILES, ORGANIZATIONS = 10_000, 500, 20
CHORUS, PLAIN = "Chorus", "Plain Celery"

# Half of the time passes before the network has the post and half after, so that kills hit both.
ANSWER_SECONDS: Final = 0.3
DROPPED_AFTER: Final = 0.05
DROPPED_BEFORE: Final = 0.01
KILL_EVERY_SECONDS: Final = 10.0

# Production waits a quarter hour until it gives up an attempt, and again until it gives up looking for the post. In the
# trials with faults these waits are shorter, so that their end can be seen; their order stays.
SHORT_WAITS: Final = {
    "CHORUS_CLAIM_AGE_SECONDS": "20",
    "CHORUS_SEND_WITHIN_SECONDS": "10",
    "CHORUS_ATTEMPT_AGE_SECONDS": "40",
    "CHORUS_NOT_SENT_FIRST_WAIT_SECONDS": "3",
    "CHORUS_NOT_SENT_WAIT_MAX_SECONDS": "30",
    "CHORUS_READ_BACK_WAITS_SECONDS": "5,10,20",
    "CHORUS_READ_BACK_FAILED_WAIT_SECONDS": "10",
    "CHORUS_ASK_LEASE_SECONDS": "20",
}

# For a quick look; nothing here hangs, so that no attempt outlives its worker.
SHORTEST_WAITS: Final = SHORT_WAITS | {
    "CHORUS_CLAIM_AGE_SECONDS": "5",
    "CHORUS_SEND_WITHIN_SECONDS": "5",
    "CHORUS_ATTEMPT_AGE_SECONDS": "12",
    "CHORUS_READ_BACK_WAITS_SECONDS": "1,2,3",
    "CHORUS_ASK_LEASE_SECONDS": "5",
}


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    posts: int
    profiles: int
    organizations: int

    @classmethod
    def of(cls, scale: float) -> Size:
        if not 0 < scale <= 1:
            raise ValueError(f"the scale is above 0 and at most 1, not {scale:g}")
        profiles = max(2, round(PROFILES * scale))
        return cls(profiles * POSTS // PROFILES, profiles, max(1, round(ORGANIZATIONS * scale)))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run. ``share``: of the posts. ``seconds_max``: not done by then, it has failed.

    ``has_keys``: the network makes one post of all requests with one key, as Mastodon and Bluesky do.
    """

    system: str
    workers: int
    share: float = 1.0
    has_faults: bool = False
    has_keys: bool = False
    answer_seconds: float = ANSWER_SECONDS
    kill_every_seconds: float = KILL_EVERY_SECONDS
    waits: Mapping[str, str] = field(default_factory=dict)
    seconds_max: float = 900.0

    @property
    def is_ours(self) -> bool:
        return self.system == CHORUS

    @property
    def name(self) -> str:
        count = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        faults = ", faults and kills" if self.has_faults else ""
        return f"{self.system}, {count}{faults}{', keys' if self.has_keys else ''}"


def trials(scale: float) -> tuple[Trial, ...]:
    """Return what is tried at a scale. A quick look tries less, kills more often and waits less."""
    if scale < 1:
        often = KILL_EVERY_SECONDS / 2
        faults = Trial(
            system=CHORUS, workers=2, has_faults=True, waits=SHORTEST_WAITS, kill_every_seconds=often
        )
        return (
            Trial(system=CHORUS, workers=2),
            Trial(system=PLAIN, workers=2),
            faults,
            replace(faults, has_keys=True),
            Trial(system=PLAIN, workers=2, has_faults=True, kill_every_seconds=often),
        )
    faults = Trial(system=CHORUS, workers=2, has_faults=True, waits=SHORT_WAITS)
    return (
        Trial(system=CHORUS, workers=1, share=0.25),  # a base line; its speed tells, and it has the time
        Trial(system=CHORUS, workers=2),
        Trial(system=CHORUS, workers=4),
        Trial(system=PLAIN, workers=2),
        faults,
        replace(faults, has_keys=True, share=0.25),  # what becomes of lost posts tells, not the speed
        Trial(system=PLAIN, workers=2, has_faults=True),
    )
