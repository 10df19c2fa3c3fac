"""Reads for this app's screens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, Q, QuerySet, When

from accounts.models import User
from orgs.models import Membership, Organization, OrganizationUserGrant, Team, Workspace
from permissions import catalogue
from permissions.catalogue import ALSO_SERVED_BY, Scope
from permissions.checker import Access, load_accesses
from permissions.explanation import Source
from permissions.giving import can_give, may_manage_access
from permissions.roles import RoleFacts, builtin_roles, roles_by_permission, roles_offered
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile

SHOWING = ("profile.view_profile", "profile.view_profile_access")


def visible_profiles(access: Access, organization: Organization) -> QuerySet[SocialProfile]:
    """Return every profile the person sees: by a role on it, or by an organization-wide action (H11)."""
    profiles = SocialProfile.objects.all()
    if any(access.can(ALSO_SERVED_BY[action], organization) for action in SHOWING):
        return access.within_reach(profiles)
    return access.filter(profiles, "profile.view_profile")


def listed_profiles(profiles: QuerySet[SocialProfile]) -> QuerySet[SocialProfile]:
    """Return the profiles as the list shows them: those in need first, each with its workspace and team count."""
    in_need_first = Case(When(status=SocialProfile.Status.NEEDS_RECONNECT, then=0), default=1)
    return (
        profiles.select_related("workspace")
        .annotate(team_count=Count("group_grants", filter=Q(group_grants__partnership=None)))
        .order_by(in_need_first, "name", "pk")
    )


def reachable_workspaces(access: Access) -> QuerySet[Workspace]:
    """Return the workspaces the person may put something into (R7)."""
    within = access.workspace_ids
    workspaces = Workspace.objects.order_by("name")
    return workspaces if within is None else workspaces.filter(pk__in=within)


@dataclass(frozen=True)
class RoleLine:
    """One role a person holds on a profile, or holds not yet, and where it comes from."""

    role: RoleFacts
    through: str  # direct, organization, team or partner
    origin: str  # the name of the organization role, team or partner
    starts_at: datetime | None
    expires_at: datetime | None
    is_live: bool
    grant: ProfileUserGrant | None = None

    @property
    def is_direct(self) -> bool:
        return self.through == "direct"


@dataclass(frozen=True)
class PersonLine:
    """A person on a profile's access page."""

    person: User
    roles: Sequence[RoleLine]
    is_closed: bool


def people_on(profile: SocialProfile, now: datetime, *, matching: str = "") -> QuerySet[User]:
    """Return the members who have, had or will have a role on the profile, by name."""
    implying = [role.permission_id for role in builtin_roles().values() if Scope.PROFILE in role.implies]
    by_organization = OrganizationUserGrant.objects.filter(permission__in=implying).values("user")
    direct = ProfileUserGrant.objects.not_over(now).filter(content_object=profile).values("user")
    links = ProfileGroupGrant.objects.not_over(now).filter(content_object=profile, partnership=None)
    places = get_user_model().groups.through.objects.filter(group__in=links.values("group"))  # type: ignore[attr-defined]
    people = members(matching=matching)
    return people.filter(Q(pk__in=by_organization) | Q(pk__in=direct) | Q(pk__in=places.values("user")))


def members(*, matching: str = "") -> QuerySet[User]:
    """Return the organization's members by name, also the suspended ones."""
    people: QuerySet[User] = get_user_model().objects.filter(pk__in=Membership.objects.values("user"))
    if matching:
        people = people.filter(Q(name__icontains=matching) | Q(email__icontains=matching))
    return people.order_by("name", "pk")


def person_lines(profile: SocialProfile, people: Sequence[User], now: datetime) -> list[PersonLine]:
    """Return the roles of these people on the profile, in a number of queries that does not grow with them."""
    accesses = load_accesses(users=people, organization_id=profile.organization_id, at=now)
    teams = {team.members_group_id: team.name for team in Team.objects.all()}
    direct: dict[int, list[ProfileUserGrant]] = {}
    rows = ProfileUserGrant.objects.not_over(now).filter(content_object=profile, user__in=people)
    for grant in rows.select_related("user", "granted_by").order_by("granted_at", "pk"):
        direct.setdefault(grant.user_id, []).append(grant)
    roles = roles_by_permission({g.permission_id for grants in direct.values() for g in grants})
    lines = []
    for person in people:
        own = [
            RoleLine(
                role=roles[grant.permission_id],
                through="direct",
                origin="",
                starts_at=grant.starts_at,
                expires_at=grant.expires_at,
                is_live=grant.starts_at is None or grant.starts_at <= now,
                grant=grant,
            )
            for grant in direct.get(person.pk, [])
        ]
        access = accesses[person.pk]
        found = [
            _brought(source, teams) for source in access.profile_sources(profile) if not _is_direct(source)
        ]
        is_stopped = access.miss_before_scope() is not None
        is_closed = is_stopped or not access.profile_sources(profile)
        lines.append(PersonLine(person, [*found, *own], is_closed))
    return lines


def _is_direct(source: Source) -> bool:
    own = source.group_id is None and source.grant.role.scope is Scope.PROFILE
    return own and not source.is_implied and source.assignment is None


def _brought(source: Source, teams: dict[int, str]) -> RoleLine:
    team = teams.get(source.group_id, "") if source.group_id is not None else ""
    if source.assignment is not None:
        windows = (source.grant, source.assignment)
        return RoleLine(
            role=source.role,
            through="partner",
            origin=source.partner,
            starts_at=max((one.starts_at for one in windows if one.starts_at), default=None),
            expires_at=min((one.expires_at for one in windows if one.expires_at), default=None),
            is_live=True,
        )
    return RoleLine(
        role=source.role,
        through="team" if team else "organization",
        origin=team or source.grant.role.label,
        starts_at=source.grant.starts_at,
        expires_at=source.grant.expires_at,
        is_live=True,
    )


@dataclass(frozen=True)
class TeamLine:
    """A team on a profile's access page, and the role its people have there."""

    team: Team
    role: RoleFacts
    starts_at: datetime | None
    expires_at: datetime | None


def team_lines(profile: SocialProfile, now: datetime) -> list[TeamLine]:
    links = list(ProfileGroupGrant.objects.not_over(now).filter(content_object=profile, partnership=None))
    teams = {
        team.members_group_id: team
        for team in Team.objects.filter(members_group__in=[link.group_id for link in links])
    }
    roles = roles_by_permission(link.permission_id for link in links)
    found = [
        TeamLine(teams[link.group_id], roles[link.permission_id], link.starts_at, link.expires_at)
        for link in links
        if link.group_id in teams
    ]
    return sorted(found, key=lambda line: line.team.name)


def roles_to_give(access: Access, profile: SocialProfile, organization: Organization) -> list[RoleFacts]:
    """Return the roles this person may give on the profile (R9)."""
    if not may_manage_access(access, profile):
        return []
    offered = roles_offered(packs=organization.packs, organization_id=organization.pk, scope=Scope.PROFILE)
    return [role for role in offered if can_give(giver=access, receiver=None, role=role, obj=profile)]


@dataclass(frozen=True)
class Verdict:
    """Whether a person may do one action on a profile, and by which roles."""

    action: catalogue.Action
    allowed: bool
    roles: str


def verdicts(access: Access, profile: SocialProfile) -> Iterable[tuple[str, list[Verdict]]]:
    """Yield every action on profiles that is built, by area, with this person's answer. Asks the database nothing."""
    by_area: dict[str, list[Verdict]] = {}
    sources = access.profile_sources(profile) if access.miss_before_scope() is None else []
    for action in catalogue.of_scope(Scope.PROFILE):
        if not action.is_available:
            continue
        labels = dict.fromkeys(s.role.label for s in sources if action.name in s.role.actions)
        by_area.setdefault(str(action.area.label), []).append(
            Verdict(action, bool(labels), ", ".join(labels))
        )
    return by_area.items()
