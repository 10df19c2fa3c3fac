"""Cards side by side where they would lie over each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

CARD_MINUTES: Final = 30  # what a card covers in a column of hours, see .wk-card in frontend/css/calendar.css
LANES: Final = 2  # more are too narrow to read; the rest is listed behind one button, in a lane of its own


def in_lanes(minutes: Sequence[int]) -> list[tuple[int | None, int]]:
    """Return for each card, by the minute it begins at in ascending order, its lane and how many lanes there are.

    The lane is None for a card that finds none; then there is one lane more, for the button behind which it is.
    """
    return [place for together in _clusters(minutes) for place in _placed(together)]


def _clusters(minutes: Sequence[int]) -> Iterator[list[int]]:
    """Yield the runs of cards of which each lies over the one before it."""
    cluster: list[int] = []
    for minute in minutes:
        if cluster and minute >= cluster[-1] + CARD_MINUTES:
            yield cluster
            cluster = []
        cluster.append(minute)
    if cluster:
        yield cluster


def _placed(cluster: list[int]) -> list[tuple[int | None, int]]:
    free_from: list[int] = []
    lanes: list[int | None] = []
    for minute in cluster:
        lane = next((number for number, free in enumerate(free_from) if free <= minute), None)
        if lane is None and len(free_from) < LANES:
            lane = len(free_from)
            free_from.append(minute)
        if lane is not None:
            free_from[lane] = minute + CARD_MINUTES
        lanes.append(lane)
    count = len(free_from) + (None in lanes)
    return [(lane, count) for lane in lanes]
