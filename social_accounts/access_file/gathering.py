"""From the tables to the state of an organization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Partnership,
    Team,
    TeamUserGrant,
    Workspace,
)
from orgs.services.proposals import shares_of
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import RoleFacts, roles_by_permission
from social_accounts.access_file.state import (
    GrantState,
    Held,
    OrganizationState,
    PartnerState,
    PersonState,
    ProfileState,
    RoleState,
    TeamState,
    WorkspaceState,
)
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant, SocialProfile


def state_of(organization: Organization) -> OrganizationState:
    """Return who has what in the open organization: a fixed number of queries, whatever its size."""
    return _Reading(organization).state()


class _Reading:
    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        members = Membership.objects.select_related("user", "default_workspace")
        self.members: list[Any] = list(members.prefetch_related("workspace_accesses__workspace"))
        self.emails = {member.user_id: member.user.email for member in self.members}
        self.own_grants = list(
            OrganizationUserGrant.objects.filter(content_object=organization).select_related("user")
        )
        self.team_grants = list(TeamUserGrant.objects.select_related("user", "content_object"))
        self.direct = list(ProfileUserGrant.objects.select_related("user", "content_object"))
        links = list(ProfileGroupGrant.objects.select_related("content_object"))
        self.links = [row for row in links if row.partnership_id is None]
        self.shared = [row for row in links if row.partnership_id is not None]
        self.assigned = list(ProfileAssignment.objects.select_related("user", "grant__content_object"))
        rows = (*self.own_grants, *self.team_grants, *self.direct, *links, *self.assigned)
        self.roles: Mapping[int, RoleFacts] = roles_by_permission({row.permission_id for row in rows})
        self.strays: list[str] = []

    def state(self) -> OrganizationState:
        organization = self.organization
        teams = self.teams()
        people = self.people()
        grants = self.grants()
        partners = self.partners()
        return OrganizationState(
            slug=organization.slug,
            name=organization.name,
            packs=tuple(organization.packs),
            two_factor=organization.two_factor,
            workspaces={
                row.slug: WorkspaceState(slug=row.slug, name=row.name)
                for row in Workspace.objects.order_by("slug")
            },
            people=people,
            roles={
                (Scope(row.scope), row.slug): RoleState(
                    slug=row.slug, scope=Scope(row.scope), name=row.name, actions=frozenset(row.actions)
                )
                for row in Role.objects.filter(organization=organization).order_by("slug", "scope")
            },
            profiles={
                row.slug: ProfileState(
                    slug=row.slug, network=row.network, name=row.name, workspace=row.workspace.slug
                )
                for row in SocialProfile.objects.select_related("workspace").order_by("slug")
            },
            teams=teams,
            grants=grants,
            partners=partners,
            strays=tuple(sorted(self.strays)),
        )

    def held(self, row: Any) -> Held:
        return Held(
            role=self.roles[row.permission_id].key,
            starts=row.starts_at,
            expires=row.expires_at,
            reason=row.reason,
        )

    def belongs(self, row: Any, where: str) -> bool:
        """Say whether the grant is a member's; else it is a stray: it gives nothing, until he joins."""
        if row.user_id in self.emails:
            return True
        key = self.roles[row.permission_id].key
        self.strays.append(f"{key} of {row.user.email}, who is no member, {where}")
        return False

    def people(self) -> dict[str, PersonState]:
        held = {
            row.user_id: self.held(row) for row in self.own_grants if self.belongs(row, "in the organization")
        }
        members = sorted(self.members, key=lambda member: member.user.email)
        return {member.user.email: _person(member, held.get(member.user_id)) for member in members}

    def teams(self) -> dict[str, TeamState]:
        teams = list(Team.objects.order_by("slug"))
        members: dict[int, dict[str, Held]] = defaultdict(dict)
        for row in sorted(self.team_grants, key=lambda row: row.user.email):
            if self.belongs(row, f"in the team {row.content_object.slug}"):
                members[row.content_object_id][row.user.email] = self.held(row)
        profiles: dict[int, dict[str, Held]] = defaultdict(dict)
        for row in sorted(self.links, key=lambda row: row.content_object.slug):
            profiles[row.group_id][row.content_object.slug] = self.held(row)
        self.look_for_strays_in_usersets(teams, members)
        return {
            team.slug: TeamState(
                slug=team.slug,
                name=team.name,
                members=members[team.pk],
                profiles=profiles[team.members_group_id],
            )
            for team in teams
        }

    def look_for_strays_in_usersets(
        self, teams: list[Team], members: Mapping[int, Mapping[str, Held]]
    ) -> None:
        """A team's userset holds those who have a role in it; whoever else is in it has what the team has, unseen."""
        groups = {team.members_group_id: team for team in teams}
        present: dict[int, set[str]] = defaultdict(set)
        for group_id, email in userset_rows(groups).values_list("group_id", "user__email"):
            present[groups[group_id].pk].add(email)
        for team in teams:
            named = members.get(team.pk, {}).keys()
            for email in present[team.pk] - named:
                self.strays.append(f"{email} in the userset of the team {team.slug}, without a role there")
            for email in named - present[team.pk]:
                self.strays.append(f"{email} missing in the userset of the team {team.slug}")

    def grants(self) -> dict[tuple[str, str, str], GrantState]:
        found = {}
        for row in self.direct:
            profile = row.content_object.slug
            if self.belongs(row, f"on {profile}"):
                grant = GrantState(person=row.user.email, profile=profile, held=self.held(row))
                found[grant.person, profile, grant.held.role] = grant
        return dict(sorted(found.items()))

    def partners(self) -> dict[str, PartnerState]:
        open_ones = Partnership.objects.filter(
            organization=self.organization, status__in=(Partnership.Status.ACTIVE, Partnership.Status.INVITED)
        )
        grants: dict[int, dict[str, Held]] = defaultdict(dict)
        for row in sorted(self.shared, key=lambda row: row.content_object.slug):
            grants[row.partnership_id][row.content_object.slug] = self.held(row)
        assignments: dict[int, dict[tuple[str, str], Held]] = defaultdict(dict)
        for row in sorted(self.assigned, key=lambda row: (row.user.email, row.grant.content_object.slug)):
            if row.permission_id not in self.roles:
                where = f"{row.user.email} on {row.grant.content_object.slug}"
                self.strays.append(f"assignment of a role unknown here to {where}")
                continue
            key = (row.user.email, row.grant.content_object.slug)
            assignments[row.grant.partnership_id][key] = self.held(row)
        return {
            row.partner.slug: PartnerState(
                organization=row.partner.slug,
                is_active=row.is_active,
                grants=grants[row.pk] if row.is_active else self.offered(row),
                assignments=assignments[row.pk],
            )
            for row in open_ones.select_related("partner").order_by("partner__slug")
        }

    def offered(self, partnership: Partnership) -> dict[str, Held]:
        """Return what an invitation offers, which nobody has before it is accepted."""
        shares = [share for share in shares_of(partnership) if share.profile is not None]
        found = {
            str(share.profile.slug): Held(  # type: ignore[union-attr]
                role=share.role.key, starts=share.starts_at, expires=share.expires_at
            )
            for share in shares
        }
        return dict(sorted(found.items()))


def userset_rows(group_ids: Iterable[int]) -> Any:
    """Return the rows that put people into these groups."""
    from accounts.models import User

    through: Any = User.groups.through
    return through.objects.filter(group__in=list(group_ids))


def _person(member: Any, held: Held | None) -> PersonState:
    workspaces = None
    if not member.reaches_all_workspaces:
        workspaces = tuple(sorted(row.workspace.slug for row in member.workspace_accesses.all()))
    return PersonState(
        email=member.user.email,
        held=held,
        name=member.user.name,
        is_suspended=member.is_suspended,
        starts=member.starts_at,
        expires=member.expires_at,
        workspaces=workspaces,
        default_workspace=member.default_workspace.slug if member.default_workspace else None,
    )
