"""The member list, and one member's roles at the three levels (H1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model, Q, QuerySet

from orgs.models import Membership, OrganizationUserGrant, Team, TeamUserGrant
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.giving import may_manage_access
from permissions.models import UserGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from ui.addresses import id_in

PROFILES_SHOWN = 30
WORDS_MAX = 10  # of a search: each is two comparisons with every member


def memberships_found(*, text: str, permission: str, status: str, team: str) -> QuerySet[Membership]:
    """Return the members that match the filters of the list; an empty filter matches all."""
    found = Membership.objects.select_related("user").order_by("user__name", "pk")
    for word in text.split()[:WORDS_MAX]:
        found = found.filter(Q(user__name__icontains=word) | Q(user__email__icontains=word))
    if permission:
        holders = OrganizationUserGrant.objects.filter(permission=id_in(permission)).values("user")
        found = found.filter(user__in=holders)
    if status in Membership.Status.values:
        found = found.filter(status=status)
    if team:
        in_team = TeamUserGrant.objects.filter(content_object=id_in(team)).values("user")
        found = found.filter(user__in=in_team)
    return found


@dataclass
class MemberRow:
    """One line of the member list."""

    membership: Membership
    role: RoleFacts | None
    teams: list[str] = field(default_factory=list)


def member_rows(memberships: Iterable[Membership]) -> list[MemberRow]:
    """Return the lines of one page, in three queries whatever its length."""
    page = list(memberships)
    users = [membership.user_id for membership in page]
    grants = dict(
        OrganizationUserGrant.objects.filter(user__in=users).values_list("user_id", "permission_id")
    )
    roles = roles_by_permission(set(grants.values()))
    teams: dict[int, list[str]] = defaultdict(list)
    places = TeamUserGrant.objects.filter(user__in=users).order_by("content_object__name")
    for user_id, name in places.values_list("user_id", "content_object__name"):
        teams[user_id].append(name)
    return [
        MemberRow(m, roles.get(grants[m.user_id]) if m.user_id in grants else None, teams[m.user_id])
        for m in page
    ]


@dataclass(frozen=True)
class HeldRole:
    """A role a member has somewhere, as the page lists it. ``can_end``: by the one who looks."""

    grant: UserGrant | None
    obj: Model
    role: RoleFacts
    is_live: bool
    via: str = ""
    can_end: bool = False
    at: datetime | None = None

    @property
    def begins_at(self) -> datetime | None:
        """Return when the window opened: where no beginning was set, when the role was given."""
        return (self.grant.starts_at or self.grant.granted_at) if self.grant else None

    @property
    def elapsed_percent(self) -> int:
        """Return how much of the window is over, in [0, 100]: how far its bar is drawn."""
        if self.grant is None or self.grant.expires_at is None or self.at is None or self.begins_at is None:
            return 0
        whole = (self.grant.expires_at - self.begins_at).total_seconds()
        gone = (self.at - self.begins_at).total_seconds()
        return round(100 * min(max(gone / whole, 0), 1)) if whole > 0 else 100


@dataclass(frozen=True)
class ThreeLevels:
    """One member's roles in the organization, in teams, and on profiles.

    ``profiles`` holds every direct role, and as many through teams as a page shows; ``profile_count`` counts all.

    ``everywhere``: the profile role his organization role brings on every profile (A2).
    """

    organization_role: RoleFacts | None
    everywhere: RoleFacts | None
    organization_grant: OrganizationUserGrant | None
    teams: list[HeldRole]
    profiles: list[HeldRole]
    profile_count: int
    at: datetime

    @property
    def temporary(self) -> list[HeldRole]:
        """Return what ends by itself and is not over, at every level, the soonest first."""
        found = [
            (held.grant.expires_at, held)
            for held in (*self.organization, *self.teams, *self.profiles)
            if held.grant is not None
            and held.grant.expires_at
            and held.at
            and held.grant.expires_at > held.at
        ]
        return [held for _end, held in sorted(found, key=lambda pair: pair[0])]

    @property
    def organization(self) -> list[HeldRole]:
        """Return the organization role as a row like the others."""
        grant, role = self.organization_grant, self.organization_role
        if grant is None or role is None:
            return []
        return [HeldRole(grant=grant, obj=grant.content_object, role=role, is_live=True, at=self.at)]

    @property
    def shown_profiles(self) -> list[HeldRole]:
        return self.profiles[:PROFILES_SHOWN]

    @property
    def more_profiles(self) -> int:
        return self.profile_count - len(self.shown_profiles)


def three_levels(
    *, member: Access, viewer: Access, now: datetime, shown_max: int | None = None
) -> ThreeLevels:
    """Return the roles of a member, direct ones and those through teams; of these no more than a page shows."""
    user = member.user.pk
    organization_grant = (
        OrganizationUserGrant.objects.filter(user=user).select_related("granted_by", "content_object").first()
    )
    profile_tables = tables_of(Scope.PROFILE)
    direct = list(
        profile_tables.user_grants.objects.filter(user=user)
        .select_related("content_object", "granted_by")
        .order_by("content_object", "pk")
    )
    places = list(
        TeamUserGrant.objects.filter(user=user)
        .select_related("content_object", "granted_by")
        .order_by("content_object__name", "pk")
    )
    team_of_group = {place.content_object.members_group_id: place.content_object for place in places}
    assert profile_tables.group_grants is not None
    through_teams = profile_tables.group_grants.objects.filter(group__in=team_of_group)
    found = through_teams.select_related("content_object").order_by("content_object", "pk")
    links = list(found if shown_max is None else found[: max(shown_max - len(direct), 0)])
    roles = roles_by_permission({row.permission_id for row in (*direct, *places, *links)})
    own = user == viewer.user.pk
    profiles = [
        HeldRole(
            grant=grant,
            obj=grant.content_object,
            role=roles[grant.permission_id],
            is_live=_is_live(grant, now),
            can_end=not own and may_manage_access(viewer, grant.content_object),
            at=now,
        )
        for grant in direct
    ]
    profiles += [
        HeldRole(
            grant=None,
            obj=link.content_object,
            role=roles[link.permission_id],
            is_live=_is_live(link, now),
            via=str(team_of_group[link.group_id]),
        )
        for link in links
    ]
    organization_role = (
        roles_by_permission([organization_grant.permission_id])[organization_grant.permission_id]
        if organization_grant
        else None
    )
    return ThreeLevels(
        organization_role=organization_role,
        everywhere=organization_role.implies.get(Scope.PROFILE) if organization_role else None,
        organization_grant=organization_grant,
        teams=[
            HeldRole(
                grant=place,
                obj=place.content_object,
                role=roles[place.permission_id],
                is_live=_is_live(place, now),
                can_end=not own and may_manage_access(viewer, place.content_object),
                at=now,
            )
            for place in places
        ],
        profiles=profiles,
        profile_count=len(direct) + (len(links) if shown_max is None else through_teams.count()),
        at=now,
    )


def team_choices() -> Mapping[int, str]:
    return dict(Team.objects.order_by("name").values_list("pk", "name"))


def _is_live(grant: UserGrant, now: datetime) -> bool:
    return (grant.starts_at is None or grant.starts_at <= now) and (
        grant.expires_at is None or now < grant.expires_at
    )
