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
        self._by_person: dict[int | None, list[Delta]] = {}
        for delta in deltas:
            if delta.lost:
                self._by_person.setdefault(delta.person_id, []).append(delta)
        self.holders = holders

    def __bool__(self) -> bool:
        return bool(self._by_person)

    def loses(self, person_id: int | None, action: str, object_id: int, at: datetime) -> bool:
        """Say whether the person may do it at that moment as things are, and could not after the change."""
        return any(
            action in delta.lost and object_id in delta.object_ids and delta.holds(at)
            for delta in self._by_person.get(person_id, ())
        )

    def losing(self, action: str, object_id: int, at: datetime) -> set[int]:
        """Return who loses the action on the object, as of that moment."""
        return {person for person in self._by_person if person and self.loses(person, action, object_id, at)}


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
