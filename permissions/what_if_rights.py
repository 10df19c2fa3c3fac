"""The rules R1 to R8 and R10 over a ledger: what everybody holds at one moment, as sets of actions by object.

The same rules as ``checker.Access`` in another shape: people of the same teams share one map, so that hundreds of
thousands of (person, profile) pairs cost well under a second. ``tests/permissions/test_what_if.py`` holds it to the
reference evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_role
from permissions.scopes import Standing, SupportVisit
from permissions.snapshot import STAFF_PACK, intersection
from permissions.what_if_reading import Ledger, Row, Shared

Actions = frozenset[str]
NO_ACTIONS: Actions = frozenset()


class Held(NamedTuple):
    """What one person holds at one moment. Equal sets are one and the same object, within one ``Pool``."""

    organization: Actions
    teams: Mapping[int, Actions]
    profiles: Mapping[int, Actions]


NOTHING_HELD = Held(NO_ACTIONS, {}, {})


class Pool:
    """Keeps one object per set of actions, so that comparing a million of them is comparing addresses."""

    def __init__(self) -> None:
        self._known: dict[Actions, Actions] = {NO_ACTIONS: NO_ACTIONS}
        self._unions: dict[tuple[int, int], Actions] = {}

    def one(self, actions: Actions) -> Actions:
        return self._known.setdefault(actions, actions)

    def union(self, one: Actions, other: Actions) -> Actions:
        key = (id(one), id(other))
        found = self._unions.get(key)
        if found is None:
            found = self._unions[key] = self.one(one | other)
        return found


class _GroupShare(NamedTuple):
    """How a person stands to a userset: in it, and what his team roles bring on its profiles."""

    group: int
    is_in: bool
    brought: frozenset[int]


class Rights:
    """Answers for every person of one ledger."""

    def __init__(self, ledger: Ledger, pool: Pool) -> None:
        self.ledger = ledger
        self._pool = pool
        self._effective: dict[tuple[int, bool], Actions] = {}
        self._of_group: dict[tuple[_GroupShare, datetime | None], dict[int, Actions]] = {}
        self._merged: dict[tuple[frozenset[_GroupShare], frozenset[int] | None], dict[int, Actions]] = {}
        self._everywhere: dict[tuple[int, frozenset[int] | None], dict[int, Actions]] = {}
        self._link_edges = {
            group: edges for group, rows in ledger.links.items() if (edges := set(_edges(rows)))
        }
        self._every_link_edge: set[datetime] = set().union(*self._link_edges.values())

    def edges(self, person: int) -> Iterator[datetime]:
        """Yield the moments at which anything may change for this person."""
        ledger = self.ledger
        own = (ledger.organization, ledger.teams, ledger.direct)
        for rows in own:
            yield from _edges(rows.get(person, ()))
        standing = ledger.standings.get(person)
        if standing is not None:
            yield from (edge for edge in (standing.starts_at, standing.expires_at) if edge)
            if standing.visit is not None:
                yield from (standing.visit.starts_at, standing.visit.expires_at)
            for place in standing.affiliations:
                yield from (edge for edge in (place.starts_at, place.expires_at) if edge)
        for one in ledger.shared.get(person, ()):
            yield from (edge for window in one.windows for edge in window if edge)
        if self._link_edges:
            if self._may_run_every_team(person):
                yield from self._every_link_edge
            else:
                for group in ledger.usersets.get(person, ()):
                    yield from self._link_edges.get(group, ())

    def held(self, person: int, at: datetime) -> Held:
        ledger = self.ledger
        standing = ledger.standings.get(person)
        if standing is not None and not standing.is_member:
            if standing.visit is not None and standing.visit.is_live(at):
                return self._on_visit(standing.visit)  # R10
            return Held(NO_ACTIONS, {}, self._through_partners(person, standing, at))  # R8
        if (
            standing is None
            or not standing.is_active
            or not _is_open(standing.starts_at, standing.expires_at, at)
        ):
            return NOTHING_HELD  # R1
        role = next(
            (ledger.roles[row[1]] for row in ledger.organization.get(person, ()) if _is_live(row, at)), None
        )
        teams = [row for row in ledger.teams.get(person, ()) if _is_live(row, at)]
        everywhere = None if role is not None and role.reaches_all_workspaces else standing.workspace_ids
        return Held(
            self._pool.one(role.actions) if role else NO_ACTIONS,  # R3
            self._in_teams(role, teams),
            self._on_profiles(person, role, teams, everywhere, at),
        )

    def _through_partners(self, person: int, standing: Standing, at: datetime) -> dict[int, Actions]:
        """R8: of each partner that stands, what both roles hold while both windows are open."""
        partnerships = {place.partnership_id for place in standing.affiliations if place.is_live(at)}
        found: dict[int, Actions] = {}
        for one in self.ledger.shared.get(person, ()):
            if one.partnership in partnerships and all(_is_open(*window, at) for window in one.windows):
                held = self._both(one)
                found[one.profile] = self._pool.union(found.get(one.profile, NO_ACTIONS), held)
        return found

    def _both(self, one: Shared) -> Actions:
        """Return the intersection; a role that is not known here, being the partner's own, gives nothing."""
        granted, assigned = (self.ledger.roles.get(pk) for pk in (one.granted, one.assigned))
        if granted is None or assigned is None or one.profile not in self.ledger.profiles:
            return NO_ACTIONS
        role = intersection(granted, assigned)
        return self._effect(role, self.ledger.profiles[one.profile][1])

    def _on_visit(self, visit: SupportVisit) -> Held:
        """R10: a support session is an organization role for as long as it lasts."""
        role = builtin_role(f"{STAFF_PACK}:{visit.kind}", Scope.ORGANIZATION)
        implied = role.implies.get(Scope.PROFILE)
        profiles = self._implied_everywhere(implied, None) if implied else {}
        return Held(self._pool.one(role.actions), self._in_teams(role, ()), profiles)

    def _in_teams(self, role: RoleFacts | None, own: Iterable[Row]) -> dict[int, Actions]:
        """R4: the team role implied by the organization role, together with the own one there."""
        implied = role.implies.get(Scope.TEAM) if role else None
        found: dict[int, Actions] = {}
        if implied is not None:
            found = dict.fromkeys(self.ledger.group_of_team, self._pool.one(implied.actions))
        for team, permission, _starts, _ends in own:
            held = self._pool.one(self.ledger.roles[permission].actions)
            found[team] = self._pool.union(found[team], held) if team in found else held
        return found

    def _on_profiles(
        self,
        person: int,
        role: RoleFacts | None,
        teams: Iterable[Row],
        workspaces: frozenset[int] | None,
        at: datetime,
    ) -> Mapping[int, Actions]:
        """R5 to R7."""
        if role is not None and (implied := role.implies.get(Scope.PROFILE)):
            return self._implied_everywhere(implied, workspaces)  # R5.1
        through_teams = self._through_teams(person, role, teams, workspaces, at)
        direct = [row for row in self.ledger.direct.get(person, ()) if _is_live(row, at)]
        if not direct:
            return through_teams  # R5.3
        found = dict(through_teams)
        closed: set[int] = set()
        decided: set[int] = set()
        for profile, permission, _starts, _ends in direct:  # R5.2
            workspace, has_approval = self.ledger.profiles.get(profile, (None, True))
            if workspace is None or (workspaces is not None and workspace not in workspaces):
                continue
            if self.ledger.roles[permission].is_none:
                closed.add(profile)
            held = self._actions_of(permission, has_approval)
            found[profile] = self._pool.union(found[profile], held) if profile in decided else held
            decided.add(profile)
        for profile in closed:
            del found[profile]
        return found

    def _implied_everywhere(
        self, implied: RoleFacts, workspaces: frozenset[int] | None
    ) -> Mapping[int, Actions]:
        key = (implied.permission_id, workspaces)
        if key not in self._everywhere:
            actions = {approval: self._effect(implied, approval) for approval in (True, False)}
            self._everywhere[key] = {
                profile: actions[has_approval]
                for profile, (workspace, has_approval) in self.ledger.profiles.items()
                if workspaces is None or workspace in workspaces
            }
        return self._everywhere[key]

    def _through_teams(
        self,
        person: int,
        role: RoleFacts | None,
        teams: Iterable[Row],
        workspaces: frozenset[int] | None,
        at: datetime,
    ) -> Mapping[int, Actions]:
        """R5.3: what the links of his usersets give, and what his team roles bring on their profiles (H6)."""
        ledger = self.ledger
        inside = ledger.usersets.get(person, frozenset())
        groups = ledger.links.keys() if self._may_run_every_team(person) else inside
        if not groups:
            return {}
        brought: dict[int, set[int]] = {}
        for team, permission, _starts, _ends in teams:
            if implied := ledger.roles[permission].implies.get(Scope.PROFILE):
                brought.setdefault(ledger.group_of_team[team], set()).add(implied.permission_id)
        of_every_team = role.implies.get(Scope.TEAM) if role else None
        everywhere = of_every_team.implies.get(Scope.PROFILE) if of_every_team else None
        always = frozenset({everywhere.permission_id} if everywhere else ())
        shares = frozenset(
            _GroupShare(group, group in inside, always | brought.get(group, set())) for group in groups
        )
        if any(share.group in self._link_edges for share in shares):
            return self._merge(shares, workspaces, at)
        key = (shares, workspaces)
        if key not in self._merged:
            self._merged[key] = self._merge(shares, workspaces, at)
        return self._merged[key]

    def _merge(
        self, shares: Iterable[_GroupShare], workspaces: frozenset[int] | None, at: datetime
    ) -> dict[int, Actions]:
        merged: dict[int, Actions] = {}
        union = self._pool.union
        for share in shares:
            more = self._share_of(share, at)
            if merged.keys().isdisjoint(more):
                merged.update(more)
                continue
            for profile, actions in more.items():
                had = merged.get(profile)
                merged[profile] = actions if had is None else union(had, actions)
        if workspaces is None:
            return merged
        profiles = self.ledger.profiles
        return {profile: held for profile, held in merged.items() if profiles[profile][0] in workspaces}  # R7

    def _share_of(self, share: _GroupShare, at: datetime) -> dict[int, Actions]:
        key = (share, at if share.group in self._link_edges else None)
        if key not in self._of_group:
            found: dict[int, Actions] = {}
            for row in self.ledger.links.get(share.group, ()):
                if not _is_live(row, at):
                    continue
                profile, permission = row[0], row[1]
                has_approval = self.ledger.profiles[profile][1]
                held = self._actions_of(permission, has_approval) if share.is_in else NO_ACTIONS
                for other in share.brought:
                    held = self._pool.union(held, self._actions_of(other, has_approval))
                found[profile] = held
            self._of_group[key] = found
        return self._of_group[key]

    def _may_run_every_team(self, person: int) -> bool:
        """H5: his organization role makes him admin of every team, in its window or out of it."""
        roles = (self.ledger.roles[row[1]] for row in self.ledger.organization.get(person, ()))
        return any(Scope.TEAM in role.implies and Scope.PROFILE not in role.implies for role in roles)

    def _actions_of(self, permission: int, has_approval: bool) -> Actions:
        key = (permission, has_approval)
        if key not in self._effective:
            role = self.ledger.roles.get(permission) or _implied(self.ledger.roles.values(), permission)
            self._effective[key] = self._effect(role, has_approval)
        return self._effective[key]

    def _effect(self, role: RoleFacts, has_approval: bool) -> Actions:
        """R6: a role bound to approval gives nothing where there is none."""
        return NO_ACTIONS if role.is_bound_to_approval and not has_approval else self._pool.one(role.actions)


def _implied(roles: Iterable[RoleFacts], permission: int) -> RoleFacts:
    waiting = list(roles)
    while waiting:
        role = waiting.pop()
        if role.permission_id == permission:
            return role
        waiting.extend(role.implies.values())
    raise LookupError(permission)


def _edges(rows: Iterable[Row]) -> Iterator[datetime]:
    for _obj, _permission, starts_at, expires_at in rows:
        if starts_at is not None:
            yield starts_at
        if expires_at is not None:
            yield expires_at


def _is_live(row: Row, at: datetime) -> bool:
    return _is_open(row[2], row[3], at)


def _is_open(starts_at: datetime | None, expires_at: datetime | None, at: datetime) -> bool:
    return (starts_at is None or starts_at <= at) and (expires_at is None or at < expires_at)
