"""What a loss of rights leaves behind that nobody may bring to an end: a queued post, an open approval.

This app knows no posts. Whoever has something that can be stranded registers a finder in ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model

if TYPE_CHECKING:
    from permissions.what_if_comparing import Delta


@dataclass(frozen=True)
class Stranded:
    """One thing that would be left behind. ``title`` and ``why`` are sentences for a reader who may see the profile."""

    kind: str  # post or approval
    key: int
    title: str
    why: str
    profile: Model
    person: Any = None
    due_at: datetime | None = None


Holders = Callable[[str, Collection[int], datetime], Mapping[int, Collection[int]]]
"""``holders(action, profiles, at)``: who could do it on each of the profiles after the change."""


class Losses:
    """What a change takes away, and who is left, as a finder asks for it."""

    def __init__(self, deltas: Iterable[Delta], holders: Holders) -> None:
        self._deltas = [delta for delta in deltas if delta.lost]
        self.holders = holders

    def __bool__(self) -> bool:
        return bool(self._deltas)

    def pairs(self, action: str, at: datetime | None = None) -> set[tuple[int, int]]:
        """Return (person, object) of those who lose the action there: at one moment, or whenever."""
        return {
            (delta.person_id, obj)
            for delta in self._deltas
            if action in delta.lost and (at is None or delta.holds(at))
            for obj in delta.object_ids
        }

    def objects(self, action: str) -> set[int]:
        """Return the objects on which anybody loses the action."""
        return {obj for delta in self._deltas if action in delta.lost for obj in delta.object_ids}


Finder = Callable[[Losses, datetime], Iterable[Stranded]]

_finders: dict[str, Finder] = {}


def register_stranding(name: str, finder: Finder) -> None:
    """``finder(losses, at)`` is asked after the change, in its transaction: what it reads is what would be."""
    _finders[name] = finder


def find_stranded(losses: Losses, at: datetime) -> tuple[Stranded, ...]:
    """Return all that would be stranded, the soonest due first."""
    if not losses:
        return ()
    found = [thing for finder in _finders.values() for thing in finder(losses, at)]
    return tuple(sorted(found, key=lambda thing: (thing.due_at is None, thing.due_at or at, thing.key)))
