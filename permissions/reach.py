"""Where one action is allowed to one person, worked out over all his grants at once: lists, and check after check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from permissions.catalogue import Scope
from permissions.roles import RoleFacts
from permissions.snapshot import GrantFacts, Snapshot


@dataclass(frozen=True)
class Reach:
    """Where one action is allowed: everywhere but ..., or exactly these, some only where a network knows approval."""

    is_everywhere: bool
    ids: frozenset[int]
    ids_with_approval: frozenset[int]
    needs_approval_everywhere: bool = False


NOWHERE = Reach(False, frozenset(), frozenset())


def reach_by_grants(
    snapshot: Snapshot, action: str, at: datetime, organization_role: RoleFacts | None
) -> Reach:
    """R5.2 and R5.3 with R4 and R6: where a person without an implied role has the action.

    Says of every profile what ``Access`` says of one; of a partner's person it is never asked.
    """
    free: set[int] = set()
    bound: set[int] = set()
    targets: dict[int, set[int] | None] = {}

    def target(role: RoleFacts) -> set[int] | None:
        if id(role) not in targets:
            holds = bound if role.is_bound_to_approval else free
            targets[id(role)] = holds if action in role.actions else None
        return targets[id(role)]

    decided: set[int] = set()
    for profile, grants in snapshot.direct.items():
        roles = [grant.role for grant in grants if _is_live(grant, at)]
        if roles:
            decided.add(profile)
            if not any(role.is_none for role in roles):
                for role in roles:
                    if (where := target(role)) is not None:
                        where.add(profile)
    brought = _brought_by_teams(snapshot, at)
    everywhere = _brought_by_every_team(organization_role)
    for profile, links in snapshot.through_teams.items():
        if profile in decided:
            continue
        for link in links:
            if _is_live(link, at):
                for role in (link.role, *brought.get(link.group_id, ()), *everywhere):
                    if (where := target(role)) is not None:
                        where.add(profile)
    return Reach(False, frozenset(free), frozenset(bound - free))


def _is_live(grant: GrantFacts, at: datetime) -> bool:
    return (grant.starts_at is None and grant.expires_at is None) or grant.is_live(at)


def _brought_by_teams(snapshot: Snapshot, at: datetime) -> dict[int | None, list[RoleFacts]]:
    """H6: the roles that his own team roles bring on the profiles of their teams, by the team's userset."""
    found: defaultdict[int | None, list[RoleFacts]] = defaultdict(list)
    for grants in snapshot.team_grants.values():
        for grant in grants:
            if (implied := grant.role.implies.get(Scope.PROFILE)) and _is_live(grant, at):
                found[grant.group_id].append(implied)
    return found


def _brought_by_every_team(organization_role: RoleFacts | None) -> tuple[RoleFacts, ...]:
    """H5: what being administrator of every team brings on the profiles of each."""
    of_teams = organization_role.implies.get(Scope.TEAM) if organization_role else None
    implied = of_teams.implies.get(Scope.PROFILE) if of_teams else None
    return (implied,) if implied else ()
