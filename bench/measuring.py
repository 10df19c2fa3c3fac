"""Stop-watch and verdict: how long things run in turns take, and what a target says to that."""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ROUND_SECONDS: Final = 0.004  # what one turn should last, so that the clock's own grain does not show
Act = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Seconds of one run: in the quickest round, in the median one, and the quarter below and above that.

    Two are compared by their quickest rounds: whatever else the machine does only adds to the others.
    """

    best: float
    median: float
    low: float
    high: float
    rounds: int

    def __truediv__(self, other: Timing) -> float:
        return self.best / other.best

    def __str__(self) -> str:
        """Return the quickest round, and beside it the median and the quarters."""
        spread = f"{duration(self.low)} to {duration(self.high)}"
        return f"{duration(self.best)} (median {duration(self.median)}, {spread}, {self.rounds} rounds)"


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def in_turns(acts: Mapping[str, Act | tuple[str, dict[str, Any]]], *, seconds: float) -> dict[str, Timing]:
    """Time several things in turns, so that what disturbs the machine disturbs them alike.

    A thing is a function, or a statement with its names for what is too short to be wrapped in a call. Each runs once
    before, unmeasured. Stops after ``seconds``, but never before three rounds.
    """
    timers = {name: _timer(act) for name, act in acts.items()}
    numbers = {name: _often_enough(timer) for name, timer in timers.items()}
    found: dict[str, list[float]] = {name: [] for name in timers}
    gc.collect()
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(next(iter(found.values()))) < 3:
        for name, timer in timers.items():
            found[name].append(timer.timeit(numbers[name]) / numbers[name])
    return {name: _timing(values) for name, values in found.items()}


def _timer(act: Act | tuple[str, dict[str, Any]]) -> timeit.Timer:
    if isinstance(act, tuple):
        statement, names = act
        return timeit.Timer(statement, globals=names)
    return timeit.Timer(act)


def _often_enough(timer: timeit.Timer) -> int:
    timer.timeit(1)
    number = 1
    while (taken := timer.timeit(number)) < ROUND_SECONDS and number < 1_000_000:
        number = max(number * 2, int(number * ROUND_SECONDS / max(taken, 1e-9) / 2))
    return number


def _timing(values: list[float]) -> Timing:
    quarters = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return Timing(min(values), statistics.median(values), quarters[0], quarters[2], len(values))


@dataclass(frozen=True)
class Claim:
    """One target beside what was measured. ``is_met`` None: there is nothing to judge, only to tell."""

    target: str
    measured: str
    is_met: bool | None

    @classmethod
    def at_most(cls, value: float, limit: float, what: str) -> Claim:
        return cls(f"at most {limit:g}x {what}", f"{_plain(value)}x", value <= limit)

    @classmethod
    def faster_than(cls, value: float, limit: float, whom: str) -> Claim:
        return cls(f"at least {limit:,g}x faster than {whom}", f"{_plain(value)}x", value >= limit)

    @classmethod
    def exactly(cls, value: object, wanted: object, what: str) -> Claim:
        return cls(f"{wanted} {what}".strip(), str(value), value == wanted)

    @classmethod
    def told(cls, what: str, value: str) -> Claim:
        return cls(what, value, None)


@dataclass
class Number:
    """One line of the table: its claims, the times they rest on, and words about them."""

    name: str
    compared: str
    claims: list[Claim] = field(default_factory=list)
    timings: dict[str, Timing] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    made_by: str = ""  # the function that measured it
    agrees: bool = True  # whether everybody who was asked gave the same answers

    @property
    def is_met(self) -> bool:
        return self.agrees and all(claim.is_met is not False for claim in self.claims)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
