"""What came of a trial: the sandbox's own count, how late posts were, and what it took."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.delivery.trials import Size, Trial


@dataclass(frozen=True)
class Lateness:
    """Seconds from the minute asked for to the moment the network had the post."""

    p50: float
    p95: float
    p99: float
    last: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Lateness:
        if len(seconds) < 2:
            return cls(*[seconds[0] if seconds else 0.0] * 4)
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(cuts[49], cuts[94], cuts[98], max(seconds))


@dataclass(frozen=True)
class Tally:
    """What the sandbox has taken, beside what was asked of it."""

    out: int  # texts that are there
    twice: int  # texts that are there again, or were sent again
    missing: int  # texts that are not there
    strange: int  # posts nobody asked for
    lateness: Lateness

    @classmethod
    def of(cls, posts: Iterable[Mapping[str, Any]], texts: Iterable[str], due: datetime) -> Tally:
        wanted, times = set(texts), Counter[str]()
        first: dict[str, float] = {}
        for post in posts:
            text = post["text"]
            times[text] += post["received_count"]
            late = (datetime.fromisoformat(post["created_at"]) - due) / timedelta(seconds=1)
            first[text] = min(late, first.get(text, late))
        return cls(
            out=len(wanted & times.keys()),
            twice=sum(count > 1 for text, count in times.items() if text in wanted),
            missing=len(wanted - times.keys()),
            strange=len(times.keys() - wanted),
            lateness=Lateness.of(list(first.values())),
        )


@dataclass
class Outcome:
    """One trial's end.

    ``lost``: not at the network, and nobody was told. ``asked``: a person was asked whether it is there.
    ``an_hour_late``: out only after the broker's visibility time-out. ``unknown``: out, and the system does not know.
    """

    trial: Trial
    size: Size
    tally: Tally
    lost: int
    seconds: float  # from the minute asked for until nothing was left to do
    asked: int = 0
    found: int = 0  # answers that were lost, and the post was found by looking for it
    repeated: int = 0  # found nowhere, and sent once more under their key
    an_hour_late: int = 0
    unknown: int = 0
    kills: int = 0
    attempts: int = 0
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    others_share: float = 0.0  # of the machine's cores, while it ran
    worker_bytes: int = 0
    total_bytes: int = 0

    @property
    def is_kept(self) -> bool:
        """Say whether the promise was kept: nothing twice, nothing lost."""
        return self.tally.twice == 0 and self.lost == 0 and self.tally.strange == 0

    @property
    def per_second(self) -> float:
        return self.tally.out / self.tally.lateness.last if self.tally.lateness.last > 0 else 0.0

    def cpu_per_post(self, part: str) -> float:
        """Return seconds of CPU for each post that went out."""
        return self.cpu_seconds.get(part, 0.0) / max(1, self.tally.out)
