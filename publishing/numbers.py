"""Where the floor above says what it measured of a post, so that the publication's page can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from publishing.models import Publication


@dataclass(frozen=True)
class Number:
    """``value`` None: the network did not say."""

    label: str
    value: int | None


@dataclass(frozen=True, kw_only=True)
class Numbers:
    measured_at: datetime
    numbers: tuple[Number, ...]


Source = Callable[[Publication], Numbers | None]
_SOURCES: list[Source] = []


def register_numbers(source: Source) -> None:
    """Let this be asked for the latest numbers of a post. At start-up; again changes nothing."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def latest_numbers(publication: Publication) -> Numbers | None:
    """Return the latest numbers of a post, from whoever measured it; None when nobody did."""
    return next((found for source in _SOURCES if (found := source(publication)) is not None), None)
