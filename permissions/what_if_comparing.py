"""Two ledgers side by side: who gains and loses what, on which objects, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from permissions.catalogue import Scope
from permissions.what_if_reading import Ledger, Rows
from permissions.what_if_rights import NO_ACTIONS, Actions, Held, Holdings, Meaning, Place
from permissions.what_if_sets import Index, Mask


@dataclass(frozen=True)
class Delta:
    """What one person gains and loses on some objects. ``starts_at`` None: at once; ``ends_at`` None: for good."""

    person_id: int
    scope: Scope
    gained: Actions
    lost: Actions
    object_ids: AbstractSet[int]
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def is_timed(self) -> bool:
        return self.starts_at is not None or self.ends_at is not None

    def holds(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


class _Change(NamedTuple):
    scope: Scope
    gained: Actions
    lost: Actions


_Changes = Mapping[_Change, Mask]
_UNKNOWN: _Change = _Change(Scope.ORGANIZATION, frozenset(), frozenset())


def compare(before: Ledger, after: Ledger, at: datetime) -> list[Delta]:
    """Return the differences from ``at`` on, by person. Reads nothing but the ledgers."""
    touched, edited = _touched(before, after), _edited(before, after)
    rest = (before.people | after.people) - touched
    deltas = list(_differences(touched, before, after, at))
    if _ground(before) != _ground(after):
        profiles = _touched_profiles(before, after, edited)
        deltas += _differences(rest, _narrowed(before, profiles), _narrowed(after, profiles), at)
    elif edited:
        holders = {person for person in rest if _holds(before, person, edited)}
        deltas += _differences(holders, before, after, at, is_same=True)
    return deltas


def _touched(before: Ledger, after: Ledger) -> set[int]:
    """Return the people whose own rows changed."""
    if all(one is other for one, other in zip(before.of_people(), after.of_people(), strict=True)):
        return set()
    return {person for person in before.people | after.people if before.of(person) != after.of(person)}


def holders(ledger: Ledger, action: str, profiles: Collection[int], at: datetime) -> dict[int, set[int]]:
    """Return who may do the action on each of the profiles at one moment."""
    narrow = _narrowed(ledger, ledger.profile_index.mask(set(profiles)))
    holdings, meaning = Holdings(narrow), Meaning(ledger.roles, {})
    found: dict[int, set[int]] = {profile: set() for profile in profiles}
    for person in narrow.people:
        for place, objects in holdings.at(person, at).items():
            if place.scope is Scope.PROFILE and action in meaning.of(place):
                for profile in ledger.profile_index.of(objects):
                    found[profile].add(person)
    return found


def _edited(before: Ledger, after: Ledger) -> frozenset[int]:
    """Return the roles, by permission, whose actions changed."""
    if before.roles is after.roles:
        return frozenset()
    return frozenset(
        permission
        for permission, role in before.roles.items()
        if permission in after.roles and after.roles[permission].actions != role.actions
    )


def _ground(ledger: Ledger) -> tuple[object, ...]:
    """Return what bears on everybody's rights: equal before and after, only people's own rows can have changed."""
    return ledger.links, ledger.profiles, ledger.group_of_team


def _holds(ledger: Ledger, person: int, edited: AbstractSet[int]) -> bool:
    own = (ledger.organization, ledger.teams, ledger.direct)
    if any(row.permission in edited for rows in own for row in rows.get(person, ())):
        return True
    if any(one.granted in edited or one.assigned in edited for one in ledger.shared.get(person, ())):
        return True
    groups = ledger.usersets.get(person, ())
    return any(row.permission in edited for group in groups for row in ledger.links.get(group, ()))


def _touched_profiles(before: Ledger, after: Ledger, edited: AbstractSet[int]) -> Mask:
    """Return the profiles on which the rights of people whose own rows stayed can have changed."""
    touched = 0
    for pk in before.profiles.keys() | after.profiles.keys():
        if before.profiles.get(pk) != after.profiles.get(pk):
            touched |= before.profile_index.bit(pk)
    for group in before.links.keys() | after.links.keys():
        had, has = before.links.get(group, {}), after.links.get(group, {})
        for row in had.keys() | has.keys():
            touched |= had.get(row, 0) ^ has.get(row, 0)
    for rows in (*before.direct.values(), *before.links.values()) if edited else ():
        for row, objects in rows.items():
            touched |= objects if row.permission in edited else 0
    for some in before.shared.values() if edited else ():
        for one in some:
            if one.granted in edited or one.assigned in edited:
                touched |= before.profile_index.bit(one.profile)
    return touched


def _narrowed(ledger: Ledger, profiles: Mask) -> Ledger:
    """Return the ledger with these profiles only; who is in which team, and with which role, stays whole."""
    return replace(
        ledger,
        direct=_rows_on(ledger.direct, profiles),
        links=_rows_on(ledger.links, profiles),
        profiles={pk: facts for pk, facts in ledger.profiles.items() if facts.bit & profiles},
    )


def _rows_on(holdings: Mapping[int, Rows], profiles: Mask) -> dict[int, Rows]:
    narrow = (
        (key, {row: kept for row, objects in rows.items() if (kept := objects & profiles)})
        for key, rows in holdings.items()
    )
    return {key: rows for key, rows in narrow if rows}


def _differences(
    people: Iterable[int], before: Ledger, after: Ledger, at: datetime, *, is_same: bool = False
) -> Iterator[Delta]:
    """Yield what changes for these people. ``is_same``: no row did, only what roles mean."""
    people = sorted(people)
    if not people:
        return
    had = Holdings(before)
    has = had if is_same else Holdings(after)
    sides = (had,) if is_same else (had, has)
    pool: dict[Actions, Actions] = {}
    the_organization = Index()
    the_organization.bit(before.organization_id)
    indexes = {
        Scope.ORGANIZATION: the_organization,
        Scope.TEAM: before.team_index,
        Scope.PROFILE: before.profile_index,
    }
    difference = _Difference(Meaning(before.roles, pool), Meaning(after.roles, pool))
    for person in people:
        later = {edge for side in sides for edge in side.edges(person) if edge > at}
        moments = [at, *sorted(later)]
        changes = []
        for moment in moments:
            first = had.at(person, moment)
            changes.append(
                difference.of_meaning(first) if is_same else difference.between(first, has.at(person, moment))
            )
        for change, objects, starts_at, ends_at in _in_time(moments, changes):
            ids = indexes[change.scope].of(objects)
            yield Delta(person, change.scope, change.gained, change.lost, ids, starts_at, ends_at)


class _Difference:
    """Finds what differs between two holdings; each pair of roles is compared once, however many objects have it."""

    def __init__(self, before: Meaning, after: Meaning) -> None:
        self._before = before
        self._after = after
        self._known: dict[tuple[Scope, Actions, Actions], _Change] = {}
        self._by_place: dict[Place, _Change | None] = {}

    def of_meaning(self, held: Held) -> _Changes:
        """Return what changes where the same roles count before and after."""
        found: dict[_Change, Mask] = {}
        for place, objects in held.items():
            change = self._by_place.get(place, _UNKNOWN)
            if change is _UNKNOWN:
                change = self._by_place[place] = self._change(
                    place.scope, self._before.of(place), self._after.of(place)
                )
            if change is not None:
                found[change] = found.get(change, 0) | objects
        return found

    def between(self, had: Held, has: Held) -> _Changes:
        found: defaultdict[_Change, Mask] = defaultdict(int)
        before, after = self._before, self._after
        left: list[tuple[Place, Mask]] = []
        same: set[Place] = set()
        for place, objects in had.items():
            if has.get(place) == objects:
                same.add(place)
                self._note(found, place.scope, before.of(place), after.of(place), objects)
            else:
                left.append((place, objects))
        new = [item for item in has.items() if item[0] not in same]
        for place, objects in left:
            gone = objects
            for other, others in new:
                if other.scope is place.scope and (both := gone & others):
                    gone ^= both
                    self._note(found, place.scope, before.of(place), after.of(other), both)
            self._note(found, place.scope, before.of(place), NO_ACTIONS, gone)
        for place, objects in new:
            for other, others in left:
                objects &= ~others if other.scope is place.scope else -1
            self._note(found, place.scope, NO_ACTIONS, after.of(place), objects)
        return found

    def _note(
        self, found: defaultdict[_Change, Mask], scope: Scope, had: Actions, has: Actions, objects: Mask
    ) -> None:
        if objects and (change := self._change(scope, had, has)) is not None:
            found[change] |= objects

    def _change(self, scope: Scope, had: Actions, has: Actions) -> _Change | None:
        if had is has or had == has:
            return None
        key = (scope, had, has)
        if key not in self._known:
            self._known[key] = _Change(scope, has - had, had - has)
        return self._known[key]


def _in_time(
    moments: Sequence[datetime], changes: Sequence[_Changes]
) -> Iterator[tuple[_Change, Mask, datetime | None, datetime | None]]:
    """Tell what is so from now on for good, and then what is so for a time only."""
    if len(changes) == 1:
        yield from ((change, objects, None, None) for change, objects in changes[0].items())
        return
    for change in {key: None for found in changes for key in found}:
        masks = [found.get(change, 0) for found in changes]
        lasting = masks[0]
        for mask in masks[1:]:
            lasting &= mask
        if lasting:
            yield change, lasting, None, None
        for (starts_at, ends_at), objects in _windows(moments, [mask ^ lasting for mask in masks]).items():
            yield change, objects, starts_at, ends_at


def _windows(
    moments: Sequence[datetime], passing: Sequence[Mask]
) -> Mapping[tuple[datetime | None, datetime | None], Mask]:
    """Return for each window the objects that are in it, from the first moment they are there to the last."""
    found: defaultdict[tuple[datetime | None, datetime | None], Mask] = defaultdict(int)
    begun: dict[int, Mask] = {}  # by the number of the moment
    for n, mask in enumerate((*passing, 0)):
        for first in list(begun):
            if over := begun[first] & ~mask:
                found[moments[first] if first else None, moments[n] if n < len(moments) else None] |= over
                begun[first] ^= over
        if new := mask & ~_union(begun.values()):
            begun[n] = new
    return found


def _union(masks: Iterable[Mask]) -> Mask:
    union = 0
    for mask in masks:
        union |= mask
    return union
