from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from orgs.api.serializers import (
    ProfileRoleSerializer,
    TeamEditSerializer,
    TeamPersonSerializer,
    TeamProfileSerializer,
    TeamRoleSerializer,
    TeamSerializer,
)
from orgs.models import Membership, Team, TeamUserGrant
from orgs.selectors.teams import team_links
from orgs.services import teams as services
from permissions.catalogue import Scope
from permissions.roles import roles_by_permission
from permissions.scopes import tables_of
from permissions.services import NotAMember


class TeamList(GuardedAPIView):
    tag = "Teams"
    listing = "team.view_team"

    @operation("List the teams you see", pages=TeamSerializer)
    def get(self) -> Page:
        teams = Team.objects.all()
        if not (self.may("manage_teams") or self.may("view_member_permissions")):
            teams = self.access.filter(teams, "team.view_team")
        return self.page(teams)

    @operation(
        "Create a team",
        takes=TeamEditSerializer,
        answers=TeamSerializer,
        status=201,
        action="organization.manage_teams",
    )
    def post(self) -> Team:
        return services.create_team(
            actor=self.access, organization=self.organization, now=timezone.now(), **self.given
        )


class TeamView(GuardedAPIView):
    """An endpoint about one team; who cannot see it gets 404."""

    tag = "Teams"
    action = "team.view_team"
    model = Team

    def team(self) -> Team:
        """Return the team of the address, seen by who asks."""
        team: Team = self.get_object()
        if not self.access.sees(team):
            raise Http404
        return team


class TeamDetail(TeamView):
    @operation("Read a team", answers=TeamSerializer)
    def get(self, pk: int) -> Team:
        return self.team()

    @operation("Change a team", takes=TeamEditSerializer, answers=TeamSerializer, action="team.edit_team")
    def patch(self, pk: int) -> Team:
        team = self.team()
        values = {"name": team.name, "description": team.description} | self.given
        services.update_team(actor=self.access, team=team, now=timezone.now(), **values)
        return team

    @operation("Delete a team", action="organization.manage_teams")
    def delete(self, pk: int) -> None:
        services.delete_team(
            actor=self.access, organization=self.organization, team=self.team(), now=timezone.now()
        )


class TeamPeople(TeamView):
    @operation("List a team's people", lists=TeamPersonSerializer)
    def get(self, pk: int) -> list[dict[str, Any]]:
        places = list(
            TeamUserGrant.objects.filter(content_object=self.team())
            .select_related("user")
            .order_by("user__name", "pk")
        )
        return team_people(places)


class TeamPerson(TeamView):
    """Somebody's place in a team: put there with a role, or taken out."""

    action = "team.manage_team_members"
    mendable = (NotAMember, services.AlreadyInTeam)

    def membership(self, member: int) -> Membership:
        return get_object_or_404(Membership.objects.select_related("user"), pk=member)

    def place(self, member: int) -> TeamUserGrant | None:
        found: TeamUserGrant | None = (
            TeamUserGrant.objects.filter(content_object=self.team(), user=self.membership(member).user_id)
            .select_related("user")
            .first()
        )
        return found

    @operation(
        "Put a member in a team, or change his role there",
        takes=TeamRoleSerializer,
        answers=TeamPersonSerializer,
    )
    def put(self, pk: int, member: int) -> dict[str, Any]:
        act = services.add_to_team if self.place(member) is None else services.set_team_role
        act(
            actor=self.access,
            team=self.team(),
            membership=self.membership(member),
            role=self.given["role"],
            now=timezone.now(),
        )
        place = self.place(member)
        assert place is not None, "the service has just put him there"
        return team_people([place])[0]

    @operation("Take a member out of a team")
    def delete(self, pk: int, member: int) -> None:
        if self.place(member) is None:
            raise Http404
        services.remove_from_team(
            actor=self.access, team=self.team(), membership=self.membership(member), now=timezone.now()
        )


class TeamProfiles(TeamView):
    @operation("List a team's profiles", lists=TeamProfileSerializer)
    def get(self, pk: int) -> list[dict[str, Any]]:
        links = list(team_links(self.team()))
        roles = roles_by_permission({link.permission_id for link in links})
        return [{"profile": link.content_object, "role": roles[link.permission_id]} for link in links]


class TeamProfile(TeamView):
    """A profile's place in a team: put there with the role its people get, or taken out."""

    action = "team.manage_team_profiles"

    @operation(
        "Put a profile in a team, or change the role its people have on it",
        takes=ProfileRoleSerializer,
        answers=TeamProfileSerializer,
    )
    def put(self, pk: int, profile: int) -> dict[str, Any]:
        found = tables_of(Scope.PROFILE).model._default_manager.filter(pk=profile).first()
        if found is None or not self.access.sees(found):
            raise Http404
        services.put_profile_in_team(
            actor=self.access,
            team=self.team(),
            profile=found,
            role=self.given["role"],
            now=timezone.now(),
        )
        return {"profile": found, "role": self.given["role"]}

    @operation("Take a profile out of a team")
    def delete(self, pk: int, profile: int) -> None:
        team = self.team()
        link = get_object_or_404(team_links(team), content_object=profile)
        services.take_profile_out_of_team(actor=self.access, team=team, link=link, now=timezone.now())


def team_people(places: list[TeamUserGrant]) -> list[dict[str, Any]]:
    """Return places in a team as ``TeamPersonSerializer`` writes them."""
    roles = roles_by_permission({place.permission_id for place in places})
    users = [place.user_id for place in places]
    members = dict(Membership.objects.filter(user__in=users).values_list("user_id", "pk"))
    return [
        {
            "member_id": members.get(place.user_id),
            "person": place.user,
            "role": roles[place.permission_id],
            "brings": roles[place.permission_id].implies.get(Scope.PROFILE),
        }
        for place in places
    ]
