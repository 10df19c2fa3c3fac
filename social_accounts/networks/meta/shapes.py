"""How wide and how high a file may be, for networks that say so in ratios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..base import Media
from ..words import _

SLACK = 0.01  # 1080 by 566 is meant to be 1.91 to 1


def ratio_problems(media: Media, facts: Mapping[str, Any], *, label: str) -> Iterable[str]:
    """Say what is against the shape of a file; ``facts`` is an ``aspect_ratio`` of limits.json.

    A file that could not be measured is not held against anybody: the network measures again.
    """
    if not media.width or not media.height:
        return
    ratio, lowest, highest = media.width / media.height, facts.get("min"), facts.get("max")
    if lowest is not None and ratio < lowest * (1 - SLACK):
        yield _(
            "“%(name)s” is too tall for %(network)s: it may be %(limit)s times as high as wide. Crop it.",
            name=media.filename,
            network=label,
            limit=f"{1 / lowest:g}",
        )
    if highest is not None and ratio > highest * (1 + SLACK):
        yield _(
            "“%(name)s” is too wide for %(network)s: it may be %(limit)s times as wide as high. Crop it.",
            name=media.filename,
            network=label,
            limit=f"{highest:g}",
        )
