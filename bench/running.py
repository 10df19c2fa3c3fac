"""Runs the measurements on the data set that is in the database."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.measuring import Number
from bench.numbers import ALL
from bench.stage import opened


def measure(
    *, scale: float, seconds: float, only: str = "", say: Callable[[str], None] = lambda _text: None
) -> list[Number]:
    """Measure each line of the table. ``scale`` is the one that was seeded; ``only``: part of the lines' names."""
    found = []
    for line in ALL:
        if only not in line.__name__:
            continue
        begin = time.monotonic()
        with opened(scale=scale, seconds=seconds) as stage:  # each line begins with nothing read
            number = line(stage)
        number.made_by = line.__name__
        say(f"{number.name}: {time.monotonic() - begin:.1f} s")
        found.append(number)
    return found
