"""The rules R1 to R8 and R10 over a ledger: which roles count for whom, on which objects, at one moment.

The same rules as ``checker.Access`` in another shape: objects on which the same roles count are one set, and people of
the same teams share their sets, so hundreds of thousands of (person, profile) pairs cost well under a second.
``tests/permissions/test_what_if.py`` holds it to the reference evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_role
from permissions.scopes import Standing, SupportVisit, is_within
from permissions.snapshot import STAFF_PACK, intersection
from permissions.what_if_reading import NO_ROWS, Ledger, Rows
from permissions.what_if_sets import Mask

Token = int | tuple[int, int]
"""A role that counts, by its permission; of a partner's person the one granted and the one assigned (R8)."""
Tokens = frozenset[Token]
Actions = frozenset[str]

NO_ACTIONS: Actions = frozenset()


class Place(NamedTuple):
    """Which roles count together on some objects of a scope, and whether their network knows approval (R6)."""

    scope: Scope
    tokens: Tokens
    has_approval: bool = True


Held = Mapping[Place, Mask]
NOTHING_HELD: Held = {}


class _Share(NamedTuple):
    """How a person stands to a userset: in it, and what his team roles bring on its profiles."""

    group: int
    is_in: bool
    brought: frozenset[int]


class Meaning:
    """What the roles of a ledger let people do; one and the same object for equal sets of actions."""

    def __init__(self, roles: Mapping[int, RoleFacts], pool: dict[Actions, Actions]) -> None:
        self._roles = _with_implied(roles)
        self._pool = pool
        self._known: dict[Place, Actions] = {}

    def of(self, place: Place) -> Actions:
        found = self._known.get(place)
        if found is None:
            parts = (self._effect(token, place.has_approval) for token in place.tokens)
            actions = NO_ACTIONS.union(*parts)
            found = self._known[place] = self._pool.setdefault(actions, actions)
        return found

    def _effect(self, token: Token, has_approval: bool) -> Actions:
        """R6 and R8: what is bound to approval gives nothing where there is none; of two roles what both hold."""
        if isinstance(token, tuple):
            granted, assigned = (self._roles.get(permission) for permission in token)
            if (
                granted is None or assigned is None
            ):  # the partner's own roles are not known here: they give nothing
                return NO_ACTIONS
            role = intersection(granted, assigned)
        else:
            role = self._roles[token]
        return NO_ACTIONS if role.is_bound_to_approval and not has_approval else role.actions


class Holdings:
    """Answers for every person of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        facts = ledger.profiles.values()
        self._every_profile = sum(one.bit for one in facts)
        self._without_approval = sum(one.bit for one in facts if not one.has_approval)
        self._every_team = ledger.team_index.mask(ledger.group_of_team)
        self._reach: dict[frozenset[int] | None, Mask] = {None: self._every_profile}
        self._everywhere: dict[tuple[int, frozenset[int] | None], Held] = {}
        self._shares: dict[tuple[_Share, datetime | None], dict[Tokens, Mask]] = {}
        self._merged: dict[tuple[frozenset[_Share], frozenset[int] | None], dict[Tokens, Mask]] = {}
        self._link_edges = {
            group: edges for group, rows in ledger.links.items() if (edges := set(_edges(rows)))
        }
        self._every_link_edge: set[datetime] = set().union(*self._link_edges.values())
        self._places: dict[Tokens, tuple[Place, Place]] = {}
        self._is_none = frozenset(pk for pk, role in ledger.roles.items() if role.is_none)

    def edges(self, person: int) -> Iterator[datetime]:
        """Yield the moments at which anything may change for this person."""
        ledger = self.ledger
        for rows in (ledger.organization, ledger.teams, ledger.direct):
            yield from _edges(rows.get(person, NO_ROWS))
        standing = ledger.standings.get(person)
        if standing is not None:
            windows = (standing, standing.visit, *standing.affiliations)
            yield from (edge for one in windows if one for edge in (one.starts_at, one.expires_at) if edge)
        for one in ledger.shared.get(person, ()):
            yield from (edge for window in one.windows for edge in window if edge)
        if self._link_edges:
            if self._may_run_every_team(person):
                yield from self._every_link_edge
            else:
                for group in ledger.usersets.get(person, ()):
                    yield from self._link_edges.get(group, ())

    def at(self, person: int, moment: datetime) -> Held:
        """Return which roles count for the person, and where. Do not change what is returned: others share it."""
        ledger = self.ledger
        standing = ledger.standings.get(person)
        if standing is None:
            return NOTHING_HELD  # R1
        if not standing.is_member:
            if standing.visit is not None and standing.visit.is_live(moment):
                return self._on_visit(standing.visit)  # R10
            return self._through_partners(person, standing, moment)  # R8
        if not standing.is_active or not is_within(moment, standing.starts_at, standing.expires_at):
            return NOTHING_HELD  # R1
        own = _live(ledger.organization.get(person, NO_ROWS), moment)
        role = ledger.roles[own[0][0]] if own else None
        teams = _live(ledger.teams.get(person, NO_ROWS), moment)
        workspaces = None if role is not None and role.reaches_all_workspaces else standing.workspace_ids
        held = self._on_profiles(person, role, teams, workspaces, moment)
        if role is None and not teams:
            return held
        return {**held, **self._in_organization(role), **self._in_teams(role, teams)}

    def _in_organization(self, role: RoleFacts | None) -> Held:
        """R3."""
        return {Place(Scope.ORGANIZATION, frozenset({role.permission_id})): 1} if role else NOTHING_HELD

    def _in_teams(self, role: RoleFacts | None, own: Sequence[tuple[int, Mask]]) -> Held:
        """R4: the team role implied by the organization role, together with the own one there."""
        implied = role.implies.get(Scope.TEAM) if role else None
        always: Tokens = frozenset({implied.permission_id} if implied else ())
        held: dict[Tokens, Mask] = {always: self._every_team} if always else {}
        for permission, teams in own:
            _add(held, always | {permission}, teams)
        return {Place(Scope.TEAM, tokens): teams for tokens, teams in held.items()}

    def _on_profiles(
        self,
        person: int,
        role: RoleFacts | None,
        teams: Sequence[tuple[int, Mask]],
        workspaces: frozenset[int] | None,
        moment: datetime,
    ) -> Held:
        """R5 to R7."""
        if role is not None and (implied := role.implies.get(Scope.PROFILE)):
            return self._implied_everywhere(implied.permission_id, workspaces)  # R5.1
        through_teams = self._through_teams(person, role, teams, workspaces, moment)  # R5.3
        direct = _live(self.ledger.direct.get(person, NO_ROWS), moment)
        if not direct:
            return self._placed(through_teams)
        decided = closed = 0  # R5.2
        for permission, profiles in direct:
            decided |= profiles
            if permission in self._is_none:
                closed |= profiles
        parts: dict[Tokens, Mask] = {}
        open_to_him = self._in_reach(workspaces) & ~closed
        for permission, profiles in direct:
            if permission not in self._is_none:
                _add(parts, frozenset((permission,)), profiles & open_to_him)
        left = ~decided
        for tokens, profiles in through_teams.items():
            if rest := profiles & left:
                parts[tokens] = parts.get(tokens, 0) | rest
        return self._placed(parts)

    def _implied_everywhere(self, permission: int, workspaces: frozenset[int] | None) -> Held:
        key = (permission, workspaces)
        if key not in self._everywhere:
            self._everywhere[key] = self._placed({frozenset({permission}): self._in_reach(workspaces)})
        return self._everywhere[key]

    def _through_teams(
        self,
        person: int,
        role: RoleFacts | None,
        teams: Sequence[tuple[int, Mask]],
        workspaces: frozenset[int] | None,
        moment: datetime,
    ) -> Mapping[Tokens, Mask]:
        """R5.3: what the links of his usersets give, and what his team roles bring on their profiles (H6)."""
        ledger = self.ledger
        inside = ledger.usersets.get(person, frozenset())
        groups = ledger.links.keys() if self._may_run_every_team(person) else inside
        if not groups:
            return {}
        brought: dict[int, set[int]] = {}
        for permission, mask in teams:
            if implied := ledger.roles[permission].implies.get(Scope.PROFILE):
                for team in ledger.team_index.of(mask):
                    brought.setdefault(ledger.group_of_team[team], set()).add(implied.permission_id)
        of_every_team = role.implies.get(Scope.TEAM) if role else None
        everywhere = of_every_team.implies.get(Scope.PROFILE) if of_every_team else None
        always = frozenset({everywhere.permission_id} if everywhere else ())
        shares = frozenset(
            _Share(group, group in inside, always | brought.get(group, set())) for group in groups
        )
        if any(share.group in self._link_edges for share in shares):
            return self._merge(shares, workspaces, moment)
        key = (shares, workspaces)
        if key not in self._merged:
            self._merged[key] = self._merge(shares, workspaces, moment)
        return self._merged[key]

    def _merge(
        self, shares: Iterable[_Share], workspaces: frozenset[int] | None, moment: datetime
    ) -> dict[Tokens, Mask]:
        merged: dict[Tokens, Mask] = {}
        reach = self._in_reach(workspaces)
        for share in shares:
            for tokens, profiles in self._of_share(share, moment).items():
                _add(merged, tokens, profiles & reach)  # R7
        return merged

    def _of_share(self, share: _Share, moment: datetime) -> dict[Tokens, Mask]:
        key = (share, moment if share.group in self._link_edges else None)
        if key not in self._shares:
            found: dict[Tokens, Mask] = {}
            for permission, profiles in _live(self.ledger.links.get(share.group, NO_ROWS), moment):
                given: Tokens = frozenset({permission} if share.is_in else ())
                _add(found, given | share.brought, profiles)
            self._shares[key] = found
        return self._shares[key]

    def _through_partners(self, person: int, standing: Standing, moment: datetime) -> Held:
        """R8: of each partner that stands, what both roles hold while both windows are open."""
        partnerships = {place.partnership_id for place in standing.affiliations if place.is_live(moment)}
        parts: dict[Tokens, Mask] = {}
        for one in self.ledger.shared.get(person, ()):
            is_open = all(is_within(moment, *window) for window in one.windows)
            if is_open and one.partnership in partnerships and one.profile in self.ledger.profiles:
                _add(parts, frozenset({(one.granted, one.assigned)}), self.ledger.profiles[one.profile].bit)
        return self._placed(parts)

    def _on_visit(self, visit: SupportVisit) -> Held:
        """R10: a support session is an organization role for as long as it lasts."""
        role = builtin_role(f"{STAFF_PACK}:{visit.kind}", Scope.ORGANIZATION)
        implied = role.implies.get(Scope.PROFILE)
        held = self._implied_everywhere(implied.permission_id, None) if implied else NOTHING_HELD
        return {**held, **self._in_organization(role)}

    def _in_reach(self, workspaces: frozenset[int] | None) -> Mask:
        """R7."""
        if workspaces is not None and workspaces not in self._reach:
            facts = self.ledger.profiles.values()
            self._reach[workspaces] = sum(one.bit for one in facts if one.workspace in workspaces)
        return self._reach[workspaces]

    def _placed(self, parts: Mapping[Tokens, Mask]) -> dict[Place, Mask]:
        """R6 asks of the network: part the profiles that know approval from those that do not."""
        without = self._without_approval
        placed: dict[Place, Mask] = {}
        for tokens, profiles in parts.items():
            if tokens not in self._places:
                self._places[tokens] = (Place(Scope.PROFILE, tokens, False), Place(Scope.PROFILE, tokens))
            bare, usual = self._places[tokens]
            if lacking := profiles & without:
                placed[bare] = lacking
            if rest := profiles ^ lacking:
                placed[usual] = rest
        return placed

    def _may_run_every_team(self, person: int) -> bool:
        """H5: his organization role makes him admin of every team, in its window or out of it."""
        roles = (self.ledger.roles[row.permission] for row in self.ledger.organization.get(person, NO_ROWS))
        return any(Scope.TEAM in role.implies and Scope.PROFILE not in role.implies for role in roles)


def _add(parts: dict[Tokens, Mask], tokens: Tokens, objects: Mask) -> None:
    """Let these roles count on the objects, together with those that count there already."""
    for others, had in list(parts.items()):
        both = had & objects
        if not both:
            continue
        objects ^= both
        if tokens <= others:
            continue
        if left := had ^ both:
            parts[others] = left
        else:
            del parts[others]
        joined = others | tokens
        parts[joined] = parts.get(joined, 0) | both
    if objects:
        parts[tokens] = parts.get(tokens, 0) | objects


def _live(rows: Rows, moment: datetime) -> list[tuple[int, Mask]]:
    """Return the roles whose window holds the moment, and where they are held."""
    return [
        (permission, objects)
        for (permission, starts_at, expires_at), objects in rows.items()
        if (starts_at is None or starts_at <= moment) and (expires_at is None or moment < expires_at)
    ]


def _with_implied(roles: Mapping[int, RoleFacts]) -> Mapping[int, RoleFacts]:
    """Return these roles and all they bring by themselves, and those of staff, which nobody is granted."""
    found: dict[int, RoleFacts] = {}
    staff = (builtin_role(f"{STAFF_PACK}:{kind}", Scope.ORGANIZATION) for kind in ("support", "team"))
    waiting = [*roles.values(), *staff]
    while waiting:
        role = waiting.pop()
        found[role.permission_id] = role
        waiting.extend(role.implies.values())
    return found


def _edges(rows: Rows) -> Iterator[datetime]:
    for _permission, starts_at, expires_at in rows:
        if starts_at is not None:
            yield starts_at
        if expires_at is not None:
            yield expires_at
