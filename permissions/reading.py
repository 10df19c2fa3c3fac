"""One member's rights in one statement: what ``snapshot`` reads in several, for the person everything waits for.

Whoever is no member - a partner's person, the vendor's staff - and whose role administers every team is read by
``snapshot``; both say the same of everybody else (tests/permissions/test_cache.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_roles, own_role
from permissions.scopes import Standing
from permissions.snapshot import GrantFacts, Snapshot, load_snapshots, runs_every_team

UNKNOWN: Final = -1  # an epoch that none has
ACTIVE: Final = "active"
_READ: Final = (
    "select kind, object_id, permission_id, row_id, group_id, starts_at, expires_at, giver_id, given_at, words,"
    " giver, team from permissions_read(%s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class Names:
    """Who gave what, and which team a userset belongs to: what an explanation would otherwise ask for."""

    givers: Mapping[int, str]
    teams: Mapping[int, str]


class Reading(NamedTuple):
    """``snapshot`` None: nothing has changed since the known epoch. ``epoch`` None: nothing ever has."""

    epoch: int | None
    snapshot: Snapshot | None
    names: Names | None = None


def read_person(
    organization_id: int,
    user_id: int,
    *,
    known_epoch: int = UNKNOWN,
    profile_id: int | None = None,
    with_names: bool = False,
) -> Reading:
    """Read a person's rights, unless they are of the known epoch still. The organization must be open.

    With ``profile_id`` only the grants that bear on this profile are read; ``with_names`` brings what explains them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, [organization_id, user_id, known_epoch, profile_id, with_names])
        rows = cursor.fetchall()
    epoch: int | None = rows[0][1]
    if len(rows) == 1:
        if epoch is not None and epoch == known_epoch:
            return Reading(epoch, None)
        return Reading(epoch, _at_length(organization_id, user_id))
    snapshot = _snapshot(organization_id, user_id, rows)
    if snapshot is None:
        return Reading(epoch, _at_length(organization_id, user_id))
    return Reading(epoch, snapshot, _names(rows) if with_names else None)


def _at_length(organization_id: int, user_id: int) -> Snapshot:
    """Read in several statements, later than the epoch: if something changed in between, the epoch is over by then."""
    return load_snapshots(organization_id, [user_id])[user_id]


def _snapshot(organization_id: int, user_id: int, rows: list[tuple[Any, ...]]) -> Snapshot | None:
    """Put the rows together; None where the rules ask for more than they hold."""
    known = builtin_roles()
    moment = datetime.fromisoformat
    own: dict[int, tuple[Any, ...]] = {row[2]: row for row in rows if row[0] == "role"}
    roles: dict[int, RoleFacts] = {}
    grouped: dict[str, dict[int, list[GrantFacts]]] = {
        "organization": {},
        "team": {},
        "direct": {},
        "through_team": {},
    }
    workspaces: list[int] = []
    member: tuple[Any, ...] = ()
    for row in rows:
        kind, obj, permission = row[0], row[1], row[2]
        found = grouped.get(kind)
        if found is None:
            if kind == "member":
                member = row
            elif kind == "workspace":
                workspaces.append(obj)
            continue
        role = roles.get(permission)
        if role is None:
            if permission in known:
                role = known[permission]
            elif permission in own:
                role = _own_role(own[permission])
            else:  # another organization's, or gone meanwhile
                return None
            roles[permission] = role
        group, starts, expires, giver, given, reason = row[4:10]
        facts = GrantFacts(
            row[3],
            role,
            obj,
            group,
            moment(starts) if starts else None,
            moment(expires) if expires else None,
            giver,
            moment(given),
            reason,
        )
        if obj in found:
            found[obj].append(facts)
        else:
            found[obj] = [facts]
    organization_grants = tuple(grouped["organization"].get(organization_id, ()))
    if any(runs_every_team(grant.role) for grant in organization_grants):
        return None
    status, _space, two_factor = member[9].partition(" ")
    standing = Standing(
        is_active=status == ACTIVE,
        starts_at=moment(member[5]) if member[5] else None,
        expires_at=moment(member[6]) if member[6] else None,
        two_factor=two_factor,
        workspace_ids=None if member[3] else frozenset(workspaces),
    )
    return Snapshot(
        user_id,
        standing,
        organization_grants,
        {obj: tuple(facts) for obj, facts in grouped["team"].items()},
        {obj: tuple(facts) for obj, facts in grouped["direct"].items()},
        {obj: tuple(facts) for obj, facts in grouped["through_team"].items()},
    )


def _own_role(row: tuple[Any, ...]) -> RoleFacts:
    scope, slug, actions = row[9].split(" ")
    return own_role(
        role_id=row[3],
        permission_id=row[2],
        scope=Scope(scope),
        slug=slug,
        name=row[10],
        actions=tuple(actions.split(",")) if actions else (),
    )


def _names(rows: list[tuple[Any, ...]]) -> Names:
    grants = [row for row in rows if row[8] is not None]  # only a grant has been given at some moment
    return Names(
        givers={row[7]: row[10] for row in grants if row[7] is not None},
        teams={row[4]: row[11] for row in grants if row[4] is not None},
    )
