"""Everything that gives rights in the open organization, read as bare rows: what the what-if compares.

``snapshot`` reads some people whole, with who gave what and why. This reads everybody thin, so that an organization
of ten thousand people is read twice within a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import User
from permissions.catalogue import Scope
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import Standing, standings, tables_of

Row = tuple[int, int, datetime | None, datetime | None]
"""(object, permission, starts_at, expires_at); of a userset's link the object is the profile."""

Window = tuple[datetime | None, datetime | None]


class Shared(NamedTuple):
    """A profile that was granted to a partner and assigned to one of its people (R8)."""

    profile: int
    partnership: int
    granted: int
    assigned: int
    windows: tuple[Window, Window]


_COLUMNS = ("content_object_id", "permission_id", "starts_at", "expires_at")
_NOTHING: tuple[Row, ...] = ()
_NOTHING_SHARED: tuple[Shared, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """The rows at one moment of the transaction. Grants are by person, links by the team's group."""

    organization_id: int
    standings: Mapping[int, Standing]
    organization: Mapping[int, tuple[Row, ...]]
    teams: Mapping[int, tuple[Row, ...]]
    direct: Mapping[int, tuple[Row, ...]]
    shared: Mapping[int, tuple[Shared, ...]]  # by person of a partner
    usersets: Mapping[int, frozenset[int]]
    links: Mapping[int, tuple[Row, ...]]
    group_of_team: Mapping[int, int]
    profiles: Mapping[int, tuple[int, bool]] = field(repr=False)  # workspace, and whether it has approval
    roles: Mapping[int, RoleFacts] = field(repr=False)

    @property
    def people(self) -> set[int]:
        return set(self.standings)

    def of(self, person: int) -> tuple[object, ...]:
        """Return all that is written of one person: equal before and after, nothing of his own changed."""
        return (
            self.standings.get(person),
            self.organization.get(person, _NOTHING),
            self.teams.get(person, _NOTHING),
            self.direct.get(person, _NOTHING),
            self.shared.get(person, _NOTHING_SHARED),
            self.usersets.get(person, frozenset()),
        )


def read_ledger(organization_id: int, people: Collection[int] | None = None) -> Ledger:
    """Read everybody's rows in the open organization; ``people`` narrows it to some."""
    organization, team, profile = (tables_of(scope) for scope in Scope)
    assert profile.group_grants is not None
    whose = Q() if people is None else Q(user__in=people)
    held = {
        scope: _by_person(tables.user_grants.objects.filter(whose))
        for scope, tables in (
            (Scope.ORGANIZATION, organization),
            (Scope.TEAM, team),
            (Scope.PROFILE, profile),
        )
    }
    links = _grouped(
        profile.group_grants.objects.filter(partnership=None)
        .order_by("group_id", "pk")
        .values_list("group_id", *_COLUMNS)
    )
    places = User.groups.through.objects.filter(whose, group__in=list(links)).values_list(
        "user_id", "group_id"
    )
    usersets: defaultdict[int, set[int]] = defaultdict(set)
    for person, group in places:
        usersets[person].add(group)
    shared = _shared(whose)
    staff = User.objects.exclude(support_role="").values_list("pk", flat=True)
    known = {*staff, *usersets, *shared}.union(*held.values())
    used = {row[1] for rows in (*held.values(), links) for found in rows.values() for row in found}
    used |= {role for found in shared.values() for one in found for role in (one.granted, one.assigned)}
    return Ledger(
        organization_id=organization_id,
        standings=standings(organization_id, known if people is None else known & set(people)),
        organization=held[Scope.ORGANIZATION],
        teams=held[Scope.TEAM],
        direct=held[Scope.PROFILE],
        shared=shared,
        usersets={person: frozenset(groups) for person, groups in usersets.items()},
        links=links,
        group_of_team=dict(team.model._default_manager.values_list("pk", "members_group_id")),
        profiles=_profiles(),
        roles=roles_by_permission(used),
    )


def _by_person(grants: Any) -> dict[int, tuple[Row, ...]]:
    return _grouped(grants.order_by("user_id", "pk").values_list("user_id", *_COLUMNS))


def _shared(whose: Q) -> dict[int, tuple[Shared, ...]]:
    table = tables_of(Scope.PROFILE).assignments
    assert table is not None
    rows = table.objects.filter(whose, grant__partnership__isnull=False).order_by("pk")
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


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, tuple[Row, ...]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for key, *row in rows:
        found[key].append(tuple(row))  # type: ignore[arg-type]
    return {key: tuple(some) for key, some in found.items()}


def _profiles() -> dict[int, tuple[int, bool]]:
    tables = tables_of(Scope.PROFILE)
    profiles = tables.model._default_manager
    with_approval = set(profiles.filter(tables.with_approval or Q()).values_list("pk", flat=True))
    return {
        pk: (workspace, pk in with_approval) for pk, workspace in profiles.values_list("pk", "workspace_id")
    }
