"""What a change would do before it is made: the fourth question, "what changes if".

The preview *is* the change: the service runs inside a savepoint, everybody's rights are read before and after, and
the savepoint is rolled back, which also frees the lock taken inside. So the preview cannot disagree with the change.
What a cache read meanwhile is of an epoch that is never given again (``permissions.epochs``).
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction

from permissions.catalogue import ACTIONS, Scope
from permissions.errors import Refused
from permissions.locks import change_access
from permissions.stranding import Losses, Stranded, find_stranded
from permissions.what_if_comparing import Delta, compare, holders
from permissions.what_if_reading import read
from permissions.what_if_sets import ObjectSet

__all__ = ["Delta", "Triple", "WhatIf", "preview"]


class Triple(NamedTuple):
    """One right: this person, this action, this object."""

    person_id: int
    action: str
    object_id: int


_triple = partial(tuple.__new__, Triple)  # half of a named tuple's own time, and there may be a million


@dataclass(frozen=True)
class WhatIf:
    """What a change would do from ``at`` on.

    ``refusal`` is the service's own sentence when it would refuse; there is nothing else then. A triple counts as
    gained (or lost) when it is so at any moment from ``at`` on.
    """

    organization_id: int
    at: datetime
    deltas: Sequence[Delta] = ()
    stranded: Sequence[Stranded] = ()
    refusal: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.refusal)

    @property
    def changes_nothing(self) -> bool:
        """Say whether nobody gains or loses anything, now or later."""
        return not self.deltas

    def gained(self) -> Iterator[Triple]:
        """Yield every triple gained, each once."""
        return self._triples(lambda delta: delta.gained)

    def lost(self) -> Iterator[Triple]:
        """Yield every triple lost, each once."""
        return self._triples(lambda delta: delta.lost)

    @cached_property
    def gained_count(self) -> int:
        return self._count(lambda delta: delta.gained)

    @cached_property
    def lost_count(self) -> int:
        return self._count(lambda delta: delta.lost)

    @cached_property
    def people(self) -> Sequence[int]:
        """Return the ids of the people touched, in order."""
        return tuple(self._by_person)

    @cached_property
    def profiles(self) -> frozenset[int]:
        return self._objects(Scope.PROFILE)

    @cached_property
    def teams(self) -> frozenset[int]:
        return self._objects(Scope.TEAM)

    @cached_property
    def sensitive(self) -> Sequence[str]:
        """Return the sensitive actions somebody gains, in the catalogue's order."""
        gained = frozenset().union(*{delta.gained for delta in self.deltas})
        return tuple(name for name, action in ACTIONS.items() if name in gained and action.is_sensitive)

    def of_person(self, person_id: int) -> Sequence[Delta]:
        return self._by_person.get(person_id, ())

    @cached_property
    def _by_person(self) -> dict[int, list[Delta]]:
        found: defaultdict[int, list[Delta]] = defaultdict(list)
        for delta in self.deltas:
            found[delta.person_id].append(delta)
        return dict(found)

    def _objects(self, scope: Scope) -> frozenset[int]:
        return ObjectSet.union(delta.object_ids for delta in self.deltas if delta.scope is scope)

    def _triples(self, side: Callable[[Delta], frozenset[str]]) -> Iterator[Triple]:
        for person, deltas in self._by_person.items():
            told: set[tuple[str, int]] = set()  # in one of several windows
            for delta in deltas:
                objects = list(delta.object_ids)
                for action in side(delta):
                    for obj in objects:
                        if delta.is_timed:
                            if (action, obj) in told:
                                continue
                            told.add((action, obj))
                        yield _triple((person, action, obj))

    def _count(self, side: Callable[[Delta], frozenset[str]]) -> int:
        count = 0
        for deltas in self._by_person.values():
            count += sum(len(side(delta)) * len(delta.object_ids) for delta in deltas if not delta.is_timed)
            timed = [delta for delta in deltas if delta.is_timed]
            count += len({(a, obj) for delta in timed for a in side(delta) for obj in delta.object_ids})
        return count


def preview(
    *,
    organization_id: int,
    change: Callable[[], object],
    at: datetime,
    people: Collection[int] | None = None,
) -> WhatIf:
    """Do the change, see what it does, and undo it. The organization must be open.

    ``change`` calls a service (or several). What it refuses with (``PermissionDenied``, ``Refused``) becomes
    ``refusal``. ``people``: only their own rights can be touched, so only theirs are read. Rows go back, objects in
    memory do not: ``change`` reads the objects that it alters itself.
    """
    with _undone(), _no_collecting():
        change_access(organization_id)  # nothing else may change between the two readings
        before = read(organization_id, people)
        try:
            with transaction.atomic():
                change()
        except (PermissionDenied, Refused) as refusal:
            return WhatIf(organization_id, at, refusal=str(refusal))
        after = read(organization_id, people, earlier=before)
        deltas = compare(before.ledger, after.ledger, at)

        def left(action: str, profiles: Collection[int], moment: datetime) -> dict[int, set[int]]:
            everybody = after if people is None else read(organization_id)
            return holders(everybody.ledger, action, profiles, moment)

        stranded = find_stranded(Losses(deltas, left), at)
    return WhatIf(organization_id, at, deltas, stranded)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector from walking over a million small objects that all live to the end: a third faster."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
