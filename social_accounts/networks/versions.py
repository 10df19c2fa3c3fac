"""The versions of the networks' interfaces we speak, and when they end. One place, so that none is forgotten.

Source: docs of the networks as of 2026-11; LinkedIn ends a version about a year, Meta about two years after it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

WARN_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Version:
    """``ends``: the first day on which the network may refuse it; None where it says nothing of an end."""

    name: str
    ends: date | None


VERSIONS: Mapping[str, Version] = MappingProxyType(
    {
        "facebook": Version("v25.0", date(2028, 7, 29)),
        "instagram": Version("v25.0", date(2028, 7, 29)),
        "linkedin": Version("202609", date(2027, 9, 15)),
        "threads": Version("v1.0", None),
        "x": Version("2", None),
        "youtube": Version("v3", None),
        "tiktok": Version("v2", None),
        "pinterest": Version("v5", None),
    }
)


def ending_soon(today: date) -> list[tuple[str, Version]]:
    """Return the versions that end within sixty days, or have ended."""
    return [
        (network, version)
        for network, version in VERSIONS.items()
        if version.ends is not None and version.ends - today <= WARN_BEFORE
    ]
