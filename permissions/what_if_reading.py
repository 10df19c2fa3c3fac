"""Everything that gives rights in the open organization, read as bare rows: what the what-if compares.

``snapshot`` reads some people whole, with who gave what and why. This reads everybody thin, and what the change did
not write it does not read twice, so that an organization of ten thousand people takes a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q

from accounts.models import User
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import Standing, standings, tables_of
from permissions.what_if_sets import Index, Mask

Piece = TypeVar("Piece")
Window = tuple[datetime | None, datetime | None]


class InRole(NamedTuple):
    """A role, by its permission, and the window in which it is held."""

    permission: int
    starts_at: datetime | None
    expires_at: datetime | None


Rows = Mapping[InRole, Mask]
"""The objects on which somebody holds a role, by role and window."""


class Shared(NamedTuple):
    """A profile that was granted to a partner and assigned to one of its people (R8)."""

    profile: int
    partnership: int
    granted: int
    assigned: int
    windows: tuple[Window, Window]


class ProfileFacts(NamedTuple):
    bit: Mask
    workspace: int
    has_approval: bool


NO_ROWS: Rows = {}


@dataclass(frozen=True)
class Ledger:
    """The rows at one moment of the transaction: grants by person, links by the team's group."""

    organization_id: int
    standings: Mapping[int, Standing]
    organization: Mapping[int, Rows]
    teams: Mapping[int, Rows]
    direct: Mapping[int, Rows]
    shared: Mapping[int, tuple[Shared, ...]]  # by person of a partner
    usersets: Mapping[int, frozenset[int]]
    links: Mapping[int, Rows]
    group_of_team: Mapping[int, int]
    profiles: Mapping[int, ProfileFacts]
    roles: Mapping[int, RoleFacts]
    team_index: Index
    profile_index: Index

    @property
    def people(self) -> set[int]:
        return set(self.standings)

    def of_people(self) -> tuple[Mapping[int, object], ...]:
        """Return all that is written of people, each by person."""
        return self.standings, self.organization, self.teams, self.direct, self.shared, self.usersets

    def of(self, person: int) -> tuple[object, ...]:
        """Return all that is written of one person: equal before and after, nothing of his own changed."""
        return tuple(rows.get(person) for rows in self.of_people())


@dataclass(frozen=True)
class Reading:
    """A ledger, and how often each table had been written to by then."""

    ledger: Ledger
    writes: Mapping[str, int] | None


def read(
    organization_id: int, people: Collection[int] | None = None, earlier: Reading | None = None
) -> Reading:
    """Read everybody's rows in the open organization; ``people`` narrows it to some.

    ``earlier``, of the same transaction, spares what was not written since; equal pieces are the same object then.
    """
    return _Reader(organization_id, people, earlier).read()


class _Reader:
    def __init__(self, organization_id: int, people: Collection[int] | None, earlier: Reading | None) -> None:
        self.organization_id = organization_id
        self.people = people
        self.whose = Q() if people is None else Q(user__in=people)
        self.earlier = earlier.ledger if earlier else None
        self.writes = _writes()
        self.written: set[str] | None = None  # None: everything
        if earlier is not None and self.writes is not None and earlier.writes is not None:
            self.written = {
                table for table, count in self.writes.items() if earlier.writes.get(table, 0) != count
            }
        self.known: set[str] = set()
        self.indexes = {
            Scope.ORGANIZATION: Index(),
            Scope.TEAM: self.earlier.team_index if self.earlier else Index(),
            Scope.PROFILE: self.earlier.profile_index if self.earlier else Index(),
        }

    def read(self) -> Reading:
        team, profile = tables_of(Scope.TEAM), tables_of(Scope.PROFILE)
        profiles = self.piece("profiles", (profile.model,), self.read_profiles)
        organization_rows = self.rows_of_people("organization", Scope.ORGANIZATION)
        team_rows = self.rows_of_people("teams", Scope.TEAM)
        direct = self.rows_of_people("direct", Scope.PROFILE)
        shared = self.piece("shared", (profile.assignments, profile.group_grants), self.read_shared)
        links = self.piece("links", (profile.group_grants,), self.read_links)
        usersets = self.piece(
            "usersets", (User.groups.through, profile.group_grants), lambda: self.read_usersets(links)
        )
        held = (organization_rows, team_rows, direct, links)
        used = {role.permission for rows in held for some in rows.values() for role in some}
        used |= {role for some in shared.values() for one in some for role in (one.granted, one.assigned)}
        groups = self.piece(
            "group_of_team",
            (team.model,),
            lambda: dict(team.model._default_manager.values_list("pk", "members_group_id")),
        )
        is_new = self.earlier is None or not used <= self.earlier.roles.keys()
        roles = roles_by_permission(used) if is_new else None
        ledger = Ledger(
            organization_id=self.organization_id,
            organization=organization_rows,
            teams=team_rows,
            direct=direct,
            shared=shared,
            usersets=usersets,
            links=links,
            group_of_team=groups,
            profiles=profiles,
            team_index=self.indexes[Scope.TEAM],
            profile_index=self.indexes[Scope.PROFILE],
            roles=roles or self.piece("roles", (Role,), lambda: roles_by_permission(used)),
            standings=self.read_standings({*usersets, *shared, *organization_rows, *team_rows, *direct}),
        )
        return Reading(ledger, self.writes)

    def piece(self, name: str, tables: Collection[Any], load: Callable[[], Piece]) -> Piece:
        """Return one part of the ledger: the earlier one where nothing of it was written, or it came out the same."""
        names = {table._meta.db_table for table in tables if table is not None}
        self.known |= names
        before: Any = getattr(self.earlier, name) if self.earlier else None
        if before is not None and self.written is not None and self.written.isdisjoint(names):
            kept: Piece = before
            return kept
        loaded = load()
        return before if before is not None and before == loaded else loaded

    def rows_of_people(self, name: str, scope: Scope) -> Mapping[int, Rows]:
        table = tables_of(scope).user_grants
        index = self.indexes[scope]
        return self.piece(
            name, (table,), lambda: _grouped(table.objects.filter(self.whose), "user_id", index)
        )

    def read_links(self) -> Mapping[int, Rows]:
        table: Any = tables_of(Scope.PROFILE).group_grants
        return _grouped(table.objects.filter(partnership=None), "group_id", self.indexes[Scope.PROFILE])

    def read_profiles(self) -> Mapping[int, ProfileFacts]:
        tables = tables_of(Scope.PROFILE)
        profiles = tables.model._default_manager
        with_approval = set(profiles.filter(tables.with_approval or Q()).values_list("pk", flat=True))
        bit = self.indexes[Scope.PROFILE].bit
        return {
            pk: ProfileFacts(bit(pk), workspace, pk in with_approval)
            for pk, workspace in profiles.order_by("pk").values_list("pk", "workspace_id")
        }

    def read_usersets(self, links: Mapping[int, Rows]) -> Mapping[int, frozenset[int]]:
        places = User.groups.through.objects.filter(self.whose, group__in=list(links))
        by_person = places.values_list("user_id").annotate(groups=ArrayAgg("group_id"))
        return {person: frozenset(groups) for person, groups in by_person}

    def read_shared(self) -> Mapping[int, tuple[Shared, ...]]:
        table: Any = tables_of(Scope.PROFILE).assignments
        rows = table.objects.filter(self.whose, grant__partnership__isnull=False).order_by("pk")
        found: defaultdict[int, list[Shared]] = defaultdict(list)
        for person, profile, partnership, granted, assigned, *edges in rows.values_list(
            "user_id",
            "grant__content_object_id",
            "grant__partnership_id",
            "grant__permission_id",
            "permission_id",
            "grant__starts_at",
            "grant__expires_at",
            "starts_at",
            "expires_at",
        ):
            windows = ((edges[0], edges[1]), (edges[2], edges[3]))
            found[person].append(Shared(profile, partnership, granted, assigned, windows))
        return {person: tuple(some) for person, some in found.items()}

    def read_standings(self, people: set[int]) -> Mapping[int, Standing]:
        """Read them, unless only tables were written that say nothing of them: which ones do, others know."""
        before = self.earlier
        if before is not None and self.written is not None and self.written <= self.known | _NO_STANDING:
            asked = {*before.usersets, *before.shared, *before.organization, *before.teams, *before.direct}
            if people <= asked | before.standings.keys():
                return before.standings
        staff = User.objects.exclude(support_role="").values_list("pk", flat=True)
        asked = people.union(staff)
        return standings(self.organization_id, asked if self.people is None else asked & set(self.people))


# Written by every change, and silent about who belongs where.
_NO_STANDING = frozenset(
    {"audit_auditevent", "audit_audithead", "auth_permission", "permissions_accessepoch"}
)


def _grouped(grants: Any, key: str, index: Index) -> Mapping[int, Rows]:
    """Return the rows by person or group: the database gathers the objects, so there are far fewer rows to read."""
    rows = grants.values_list(key, "permission_id", "starts_at", "expires_at")
    found: defaultdict[int, dict[InRole, Mask]] = defaultdict(dict)
    for who, permission, starts_at, expires_at, objects in rows.annotate(
        objects=ArrayAgg("content_object_id")
    ):
        found[who][InRole(permission, starts_at, expires_at)] = index.mask(objects)
    return dict(found)


def _writes() -> Mapping[str, int] | None:
    """Return how many rows this transaction has written in each table; None where the server does not count.

    What triggers and cascades write is counted as well, and what was rolled back stays counted.
    """
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('track_counts')")
        if cursor.fetchone()[0] != "on":
            return None
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables"
            " where n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())
