"""Two ledgers side by side: who gains and loses what, on which objects, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from permissions.catalogue import Scope
from permissions.what_if_reading import Ledger, Row
from permissions.what_if_rights import NO_ACTIONS, Actions, Held, Pool, Rights


@dataclass(frozen=True)
class Delta:
    """What one person gains and loses on some objects. ``starts_at`` None: at once; ``ends_at`` None: for good."""

    person_id: int
    scope: Scope
    gained: Actions
    lost: Actions
    object_ids: tuple[int, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


class _Touched(NamedTuple):
    """Whose own rows a change touched, and the objects it touched for everybody."""

    people: frozenset[int]
    teams: frozenset[int]
    profiles: frozenset[int]
    is_in_everybodys_role: bool


_Change = tuple[Scope, Actions, Actions]
_Changes = Mapping[_Change, tuple[int, ...]]


def compare(before: Ledger, after: Ledger, at: datetime) -> list[Delta]:
    """Return the differences from ``at`` on, by person. Reads nothing but the ledgers."""
    touched = _touched(before, after)
    pool = Pool()
    deltas: list[Delta] = []
    if touched.people:
        deltas += _of_people(touched.people, Rights(before, pool), Rights(after, pool), pool, at)
    if touched.teams or touched.profiles or touched.is_in_everybodys_role:
        rest = (before.people | after.people) - touched.people
        narrow_before, narrow_after = (_narrowed(ledger, touched) for ledger in (before, after))
        deltas += _of_people(rest, Rights(narrow_before, pool), Rights(narrow_after, pool), pool, at)
    return deltas


def holders(ledger: Ledger, action: str, profiles: Collection[int], at: datetime) -> dict[int, set[int]]:
    """Return who may do the action on each of the profiles at one moment."""
    wanted = _Touched(frozenset(), frozenset(), frozenset(profiles), False)
    rights = Rights(_narrowed(ledger, wanted), Pool())
    found: dict[int, set[int]] = {profile: set() for profile in profiles}
    for person in ledger.people:
        for profile, actions in rights.held(person, at).profiles.items():
            if action in actions:
                found[profile].add(person)
    return found


def _touched(before: Ledger, after: Ledger) -> _Touched:
    people = {person for person in before.people | after.people if before.of(person) != after.of(person)}
    edited = {
        permission
        for permission, role in before.roles.items()
        if permission in after.roles and after.roles[permission].actions != role.actions
    }
    profiles = _differing(before.profiles, after.profiles)
    for group in before.links.keys() | after.links.keys():
        had, has = before.links.get(group, ()), after.links.get(group, ())
        if had != has:
            profiles.update(row[0] for row in {*had} ^ {*has})
    teams = _differing(before.group_of_team, after.group_of_team)
    if edited:
        profiles |= _objects_with(edited, before.links.values(), before.direct.values())
        profiles |= {
            one.profile
            for some in before.shared.values()
            for one in some
            if one.granted in edited or one.assigned in edited
        }
        teams |= _objects_with(edited, before.teams.values())
    in_organization = edited and _objects_with(edited, before.organization.values())
    return _Touched(frozenset(people), frozenset(teams), frozenset(profiles), bool(in_organization))


def _differing(before: Mapping[int, object], after: Mapping[int, object]) -> set[int]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _objects_with(permissions: set[int], *holdings: Iterable[Sequence[Row]]) -> set[int]:
    return {row[0] for rows in holdings for some in rows for row in some if row[1] in permissions}


def _narrowed(ledger: Ledger, touched: _Touched) -> Ledger:
    """Return the ledger with the touched objects only; who is in which team, and with which role, stays whole."""
    return replace(
        ledger,
        direct=_rows_of(ledger.direct, touched.profiles),
        links=_rows_of(ledger.links, touched.profiles),
        profiles={key: ledger.profiles[key] for key in touched.profiles if key in ledger.profiles},
    )


def _rows_of(holdings: Mapping[int, tuple[Row, ...]], objects: frozenset[int]) -> dict[int, tuple[Row, ...]]:
    kept = ((key, tuple(row for row in rows if row[0] in objects)) for key, rows in holdings.items())
    return {key: rows for key, rows in kept if rows}


def _of_people(
    people: Iterable[int], before: Rights, after: Rights, pool: Pool, at: datetime
) -> Iterator[Delta]:
    organization_id = after.ledger.organization_id
    difference = _Differences(pool)
    for person in sorted(people):
        later = {edge for rights in (before, after) for edge in rights.edges(person) if edge > at}
        moments = [at, *sorted(later)]
        changes = [
            difference.between(before.held(person, moment), after.held(person, moment), organization_id)
            for moment in moments
        ]
        yield from _in_time(person, moments, changes)


def _in_time(person: int, moments: Sequence[datetime], changes: Sequence[_Changes]) -> Iterator[Delta]:
    """Tell each run of equal changes once, with its beginning and end."""
    begun = 0
    for n, change in enumerate(changes):
        if n + 1 < len(changes) and changes[n + 1] == change:
            continue
        for (scope, gained, lost), objects in change.items():
            yield Delta(
                person_id=person,
                scope=scope,
                gained=gained,
                lost=lost,
                object_ids=objects,
                starts_at=moments[begun] if begun else None,
                ends_at=moments[n + 1] if n + 1 < len(changes) else None,
            )
        begun = n + 1


class _Differences:
    """Differences of two holdings; each pair of action sets is compared once, however many objects have it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[tuple[int, int], tuple[Actions, Actions]] = {}

    def between(self, had: Held, has: Held, organization_id: int) -> _Changes:
        found: defaultdict[_Change, list[int]] = defaultdict(list)
        if had.organization is not has.organization:
            found[Scope.ORGANIZATION, *self._of(had.organization, has.organization)].append(organization_id)
        self._collect(found, Scope.TEAM, had.teams, has.teams)
        self._collect(found, Scope.PROFILE, had.profiles, has.profiles)
        return {change: tuple(sorted(objects)) for change, objects in found.items() if change[1] or change[2]}

    def _collect(
        self,
        found: defaultdict[_Change, list[int]],
        scope: Scope,
        had: Mapping[int, Actions],
        has: Mapping[int, Actions],
    ) -> None:
        if had is has or had == has:
            return
        by_pair: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        sets: dict[tuple[int, int], tuple[Actions, Actions]] = {}
        for key, now in has.items():
            before = had.get(key, NO_ACTIONS)
            if before is not now:
                pair = (id(before), id(now))
                by_pair[pair].append(key)
                sets[pair] = (before, now)
        for key in had.keys() - has.keys():
            before = had[key]
            pair = (id(before), id(NO_ACTIONS))
            by_pair[pair].append(key)
            sets[pair] = (before, NO_ACTIONS)
        for pair, objects in by_pair.items():
            found[scope, *self._of(*sets[pair])].extend(objects)

    def _of(self, had: Actions, has: Actions) -> tuple[Actions, Actions]:
        key = (id(had), id(has))
        if key not in self._known:
            self._known[key] = (self._pool.one(has - had), self._pool.one(had - has))
        return self._known[key]
