"""Everything that bears on some people's rights in the open organization, read in two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerField, QuerySet, Value

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import Standing, standings, tables_of


@dataclass(frozen=True)
class GrantFacts:
    """One grant row. ``group_id`` names the team's userset for a grant that came through a team."""

    row: int
    role: RoleFacts
    object_id: int
    group_id: int | None
    starts_at: datetime | None
    expires_at: datetime | None
    granted_by_id: int | None
    granted_at: datetime
    reason: str

    def is_live(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (
            self.expires_at is None or at < self.expires_at
        )


@dataclass(frozen=True)
class Snapshot:
    """One person in one organization: his standing and every grant that reaches him, live or not."""

    user_id: int
    standing: Standing | None
    organization_grants: tuple[GrantFacts, ...] = ()
    team_grants: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)
    direct: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)
    through_teams: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)


_COLUMNS = (
    "kind",
    "who",
    "object",
    "permission_id",
    "pk",
    "through",
    "starts_at",
    "expires_at",
    "granted_by_id",
    "granted_at",
    "reason",
)


def load_snapshots(organization_id: int, user_ids: Collection[int]) -> dict[int, Snapshot]:
    """Return a snapshot for each of the people, members or not. The organization must be open."""
    standing_of = standings(organization_id, user_ids)
    members = list(standing_of)
    rows = list(_grant_rows(members)) if members else []
    roles = roles_by_permission({row[3] for row in rows})
    sorted_rows: dict[str, dict[int, dict[int, list[GrantFacts]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for kind, who, obj, permission_id, row, group, starts, expires, giver, given_at, reason in rows:
        facts = GrantFacts(row, roles[permission_id], obj, group, starts, expires, giver, given_at, reason)
        sorted_rows[kind][who][obj].append(facts)
    _add_every_team(sorted_rows, members)

    def grouped(kind: str, user_id: int) -> dict[int, tuple[GrantFacts, ...]]:
        return {obj: tuple(found) for obj, found in sorted_rows[kind][user_id].items()}

    return {
        user_id: Snapshot(
            user_id=user_id,
            standing=standing_of.get(user_id),
            organization_grants=tuple(sorted_rows["organization"][user_id].get(organization_id, ())),
            team_grants=grouped("team", user_id),
            direct=grouped("direct", user_id),
            through_teams=grouped("through_team", user_id),
        )
        for user_id in user_ids
    }


def _grant_rows(user_ids: Collection[int]) -> QuerySet[Any, tuple[Any, ...]]:
    organization, team, profile = (tables_of(scope) for scope in Scope)
    assert profile.group_grants is not None
    no_group = Value(None, output_field=IntegerField())
    parts = [
        _columns(
            organization.user_grants.objects.filter(user__in=user_ids), "organization", F("user_id"), no_group
        ),
        _columns(
            team.user_grants.objects.filter(user__in=user_ids),
            "team",
            F("user_id"),
            F("content_object__members_group_id"),
        ),
        _columns(profile.user_grants.objects.filter(user__in=user_ids), "direct", F("user_id"), no_group),
        _columns(
            profile.group_grants.objects.filter(group__user__in=user_ids),
            "through_team",
            F("group__user"),
            F("group_id"),
        ),
    ]
    return parts[0].union(*parts[1:], all=True)


def _columns(grants: Any, kind: str, who: F, group: Any) -> QuerySet[Any, tuple[Any, ...]]:
    rows: QuerySet[Any, tuple[Any, ...]] = grants.annotate(
        kind=Value(kind), who=who, object=F("content_object_id"), through=group
    ).values_list(*_COLUMNS)
    return rows


def _add_every_team(rows: dict[str, Any], user_ids: Collection[int]) -> None:
    """R5.3 with R4: whose organization role makes him team admin of every team gets what each team's link brings."""
    everywhere = [
        user_id
        for user_id in user_ids
        if any(
            Scope.TEAM in grant.role.implies and Scope.PROFILE not in grant.role.implies
            for grants in rows["organization"][user_id].values()
            for grant in grants
        )
    ]
    if not everywhere:
        return
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    found = list(_columns(links.objects.all(), "through_team", F("group_id"), F("group_id")))
    roles = roles_by_permission({row[3] for row in found})
    for user_id in everywhere:
        mine = {grant.row for grants in rows["through_team"][user_id].values() for grant in grants}
        for _kind, _who, obj, permission_id, row, group, starts, expires, giver, given_at, reason in found:
            if row not in mine:
                none = _as_link_only(roles[permission_id])
                rows["through_team"][user_id][obj].append(
                    GrantFacts(row, none, obj, group, starts, expires, giver, given_at, reason)
                )


def _as_link_only(role: RoleFacts) -> RoleFacts:
    """Return the role without its actions: he is not in the team's userset, only the team's admin."""
    return replace(role, actions=frozenset())
