"""Everything that bears on some people's rights in the open organization, read in two queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import F, IntegerField, QuerySet, Value

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_role, roles_by_permission
from permissions.scopes import Standing, SupportVisit, is_within, standings, tables_of

STAFF_PACK: Final = "actito"  # whose published roles for the vendor's staff count in every organization (T5)


class GrantFacts(NamedTuple):
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
        return is_within(at, self.starts_at, self.expires_at)


@dataclass(frozen=True)
class PartnerGrant:
    """A profile that was granted to a partner and assigned to one of its people (R8)."""

    partnership_id: int
    granted: GrantFacts
    assigned: GrantFacts
    role: RoleFacts  # the intersection of the two

    @property
    def grants(self) -> tuple[GrantFacts, GrantFacts]:
        return self.granted, self.assigned

    def is_live(self, at: datetime) -> bool:
        return self.granted.is_live(at) and self.assigned.is_live(at)


@dataclass(frozen=True)
class Snapshot:
    """One person in one organization: his standing and every grant that reaches him, live or not.

    Of a partner's person only ``through_partners`` is filled; of staff only the role of the support session.
    """

    user_id: int
    standing: Standing | None
    organization_grants: tuple[GrantFacts, ...] = ()
    team_grants: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)
    direct: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)
    through_teams: Mapping[int, tuple[GrantFacts, ...]] = field(default_factory=dict)
    through_partners: Mapping[int, tuple[PartnerGrant, ...]] = field(default_factory=dict)


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
    """Return a snapshot for each of the people, whoever he is. The organization must be open.

    Two queries for members; more only where somebody among them is none.
    """
    standing_of = standings(organization_id, user_ids)
    members = [user_id for user_id, standing in standing_of.items() if standing.is_member]
    found = _of_members(organization_id, members, standing_of)
    visitors = {user_id: standing for user_id, standing in standing_of.items() if not standing.is_member}
    if visitors:
        found |= _of_visitors(organization_id, visitors)
    return {user_id: found.get(user_id) or Snapshot(user_id, None) for user_id in user_ids}


def _of_members(
    organization_id: int, members: Collection[int], standing_of: Mapping[int, Standing]
) -> dict[int, Snapshot]:
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
            standing=standing_of[user_id],
            organization_grants=tuple(sorted_rows["organization"][user_id].get(organization_id, ())),
            team_grants=grouped("team", user_id),
            direct=grouped("direct", user_id),
            through_teams=grouped("through_team", user_id),
        )
        for user_id in members
    }


def _of_visitors(organization_id: int, standing_of: Mapping[int, Standing]) -> dict[int, Snapshot]:
    """R8, R10: for whom is no member nothing else counts, whatever rows a former membership left."""
    shared = _assigned([user_id for user_id, standing in standing_of.items() if standing.affiliations])
    return {
        user_id: Snapshot(
            user_id,
            standing,
            organization_grants=(_brought_by(standing.visit, organization_id),) if standing.visit else (),
            through_partners={obj: tuple(pairs) for obj, pairs in shared[user_id].items()},
        )
        for user_id, standing in standing_of.items()
    }


_FACTS = ("permission_id", "pk", "starts_at", "expires_at", "granted_by_id", "granted_at", "reason")


def _assigned(user_ids: Collection[int]) -> Mapping[int, Mapping[int, list[PartnerGrant]]]:
    """Return what partners assigned to these people, by person and profile, in one query."""
    table: Any = tables_of(Scope.PROFILE).assignments
    columns = ("user_id", "grant__content_object_id", "grant__partnership_id")
    facts = (*_FACTS, *(f"grant__{name}" for name in _FACTS))
    found: dict[int, dict[int, list[PartnerGrant]]] = defaultdict(lambda: defaultdict(list))
    if not user_ids:
        return found
    assignments = table.objects.filter(user__in=user_ids, grant__partnership__isnull=False).order_by("pk")
    rows = [
        (row[:3], row[3 : 3 + len(_FACTS)], row[3 + len(_FACTS) :])
        for row in assignments.values_list(*columns, *facts)
    ]
    roles = roles_by_permission({values[0] for _whose, *halves in rows for values in halves})
    for (user_id, obj, partnership_id), mine, theirs in rows:
        if {mine[0], theirs[0]} <= roles.keys():  # a role of the partner's own means nothing here
            granted, assigned = _facts(obj, theirs, roles), _facts(obj, mine, roles)
            pair = PartnerGrant(partnership_id, granted, assigned, intersection(granted.role, assigned.role))
            found[user_id][obj].append(pair)
    return found


def intersection(granted: RoleFacts, assigned: RoleFacts) -> RoleFacts:
    """Return the role assigned, with no more in it than was granted (R8)."""
    return replace(assigned, actions=granted.actions & assigned.actions, implies={})


def _facts(obj: int, values: Sequence[Any], roles: Mapping[int, RoleFacts]) -> GrantFacts:
    permission_id, row, starts, expires, giver, given_at, reason = values
    return GrantFacts(row, roles[permission_id], obj, None, starts, expires, giver, given_at, reason)


def _brought_by(visit: SupportVisit, organization_id: int) -> GrantFacts:
    """R10: a support session is an organization role for as long as it lasts, with what that role implies (T5)."""
    return GrantFacts(
        row=visit.session_id,
        role=builtin_role(f"{STAFF_PACK}:{visit.kind}", Scope.ORGANIZATION),
        object_id=organization_id,
        group_id=None,
        starts_at=visit.starts_at,
        expires_at=visit.expires_at,
        granted_by_id=None,
        granted_at=visit.starts_at,
        reason=visit.reason,
    )


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
            profile.group_grants.objects.filter(group__user__in=user_ids, partnership=None),
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
            runs_every_team(grant.role)
            for grants in rows["organization"][user_id].values()
            for grant in grants
        )
    ]
    if not everywhere:
        return
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    found = list(
        _columns(links.objects.filter(partnership=None), "through_team", F("group_id"), F("group_id"))
    )
    roles = roles_by_permission({row[3] for row in found})
    for user_id in everywhere:
        mine = {grant.row for grants in rows["through_team"][user_id].values() for grant in grants}
        for _kind, _who, obj, permission_id, row, group, starts, expires, giver, given_at, reason in found:
            if row not in mine:
                none = _as_link_only(roles[permission_id])
                rows["through_team"][user_id][obj].append(
                    GrantFacts(row, none, obj, group, starts, expires, giver, given_at, reason)
                )


def runs_every_team(role: RoleFacts) -> bool:
    """H5: say whether an organization role brings the team role in every team, and by itself nothing on profiles."""
    return Scope.TEAM in role.implies and Scope.PROFILE not in role.implies


def _as_link_only(role: RoleFacts) -> RoleFacts:
    """Return the role without its actions: he is not in the team's userset, only the team's admin."""
    return replace(role, actions=frozenset())
