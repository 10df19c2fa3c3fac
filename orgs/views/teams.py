"""Teams: the list, one team, its people and its profiles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.forms import TeamForm, TeamMemberForm, TeamProfileForm
from orgs.models import Membership, Team, TeamUserGrant
from orgs.services import teams as services
from orgs.views.base import ActView, FormView, OrganizationView
from permissions.catalogue import Scope
from permissions.giving import can_give, may_manage_access
from permissions.roles import RoleFacts, roles_by_permission, roles_offered
from permissions.scopes import tables_of
from permissions.services import NotAMember

TEAMS_PER_PAGE = 50


class TeamList(OrganizationView):
    """Every member: the teams he may see."""

    listing = "team.view_team"
    template_name = "orgs/team_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        teams = Team.objects.all()
        if not (self.may("manage_teams") or self.may("view_member_permissions")):
            teams = self.access.filter(teams, "team.view_team")
        found = teams.annotate(
            people_count=Count("user_grants", distinct=True),
            profile_count=Count(f"members_group__{_links_name()}", distinct=True),
        ).order_by("name")
        page = Paginator(found, TEAMS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(teams=page, can_manage=self.may("manage_teams"))


class TeamNew(FormView):
    action = "organization.manage_teams"
    template_name = "orgs/team_new.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return TeamForm(data)

    def save(self, form: forms.Form) -> HttpResponse:
        team = services.create_team(
            actor=self.access, organization=self.organization, now=timezone.now(), **form.cleaned_data
        )
        self.say(_("Team “%(team)s” created.") % {"team": team})
        return self.go("team_detail", team.pk)


class TeamView(OrganizationView):
    """A view about one team; who cannot see it gets 404."""

    action = "team.view_team"
    model = Team

    @property
    def team(self) -> Team:
        assert isinstance(self.scope_object, Team)
        return self.scope_object

    def offered(self, scope: Scope) -> list[RoleFacts]:
        return roles_offered(packs=self.organization.packs, organization_id=self.organization.pk, scope=scope)

    def done(self, text: str) -> HttpResponse:
        self.say(text)
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("team_detail", self.team.pk)

    def serves(self, action: str) -> bool:
        return self.access.serves(f"team.{action}", self.team)

    def team_member(self) -> Membership:
        in_team = TeamUserGrant.objects.filter(content_object=self.team).values("user")
        return get_object_or_404(
            Membership.objects.select_related("user"), pk=self.kwargs["member"], user__in=in_team
        )


class TeamDetail(TeamView):
    template_name = "orgs/team_detail.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        team = self.team
        places = list(
            TeamUserGrant.objects.filter(content_object=team).select_related("user").order_by("user__name")
        )
        links = list(team_links(team))
        roles = roles_by_permission({row.permission_id for row in (*places, *links)})
        memberships = {
            m.user_id: m for m in Membership.objects.filter(user__in=[place.user_id for place in places])
        }
        mine = request.user.pk
        can_manage_members = self.serves("manage_team_members")
        can_manage_roles = self.serves("manage_team_permissions")
        people = [
            {
                "user": place.user,
                "membership": memberships.get(place.user_id),
                "role": roles[place.permission_id],
                "brings": roles[place.permission_id].implies.get(Scope.PROFILE),
                "can_remove": can_manage_members
                and place.user_id != mine
                and (can_manage_roles or is_default(roles[place.permission_id])),
                "can_change": can_manage_roles and place.user_id != mine,
            }
            for place in places
        ]
        return self.page(
            team=team,
            people=people,
            links=[
                {"link": link, "profile": link.content_object, "role": roles[link.permission_id]}
                for link in links
            ],
            can_edit=self.serves("edit_team"),
            can_add_people=can_manage_members,
            can_manage_profiles=self.serves("manage_team_profiles"),
            can_delete=self.may("manage_teams"),
            can_open_members=self.may("view_member_permissions"),
        )


class TeamEdit(TeamView, FormView):
    action = "team.edit_team"
    template_name = "orgs/team_edit.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return TeamForm(data, initial={"name": self.team.name, "description": self.team.description})

    def save(self, form: forms.Form) -> HttpResponse:
        services.update_team(actor=self.access, team=self.team, now=timezone.now(), **form.cleaned_data)
        return self.done(_("Team saved."))

    def context(self) -> dict[str, Any]:
        return {"team": Team.objects.get(pk=self.team.pk)}


class TeamDelete(ActView):
    action = "organization.manage_teams"

    def act(self) -> HttpResponse:
        team = get_object_or_404(Team.objects.all(), pk=self.kwargs["pk"])
        name = team.name
        services.delete_team(actor=self.access, organization=self.organization, team=team, now=timezone.now())
        self.say(_("Team “%(team)s” deleted.") % {"team": name})
        return self.go("team_list")


class TeamMemberAdd(TeamView, FormView):
    action = "team.manage_team_members"
    template_name = "orgs/team_member_add.html"
    mendable = (services.AlreadyInTeam, NotAMember)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        inside = TeamUserGrant.objects.filter(content_object=self.team).values("user")
        members = (
            Membership.objects.exclude(user__in=inside)
            .exclude(user=self.request.user.pk)
            .select_related("user")
            .order_by("user__name")
        )
        return TeamMemberForm(data, members=list(members), roles=self._roles())

    def _roles(self) -> list[RoleFacts]:
        may_choose = self.serves("manage_team_permissions")
        return [
            role
            for role in self.offered(Scope.TEAM)
            if (may_choose or is_default(role))
            and can_give(giver=self.access, receiver=None, role=role, obj=self.team)
        ]

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        services.add_to_team(
            actor=self.access,
            team=self.team,
            membership=chosen["member"],
            role=chosen["role"],
            now=timezone.now(),
        )
        return self.done(_("%(person)s is in the team.") % {"person": chosen["member"]})

    def context(self) -> dict[str, Any]:
        return {"team": self.team}


class TeamMemberRole(TeamView, FormView):
    action = "team.manage_team_permissions"
    template_name = "orgs/team_member_role.html"
    mendable = (NotAMember,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        member = self.team_member()
        grant = TeamUserGrant.objects.get(content_object=self.team, user=member.user_id)
        roles = [
            role
            for role in self.offered(Scope.TEAM)
            if can_give(giver=self.access, receiver=None, role=role, obj=self.team)
        ]
        form = TeamMemberForm(data, members=[member], roles=roles)
        del form.fields["member"]
        form.fields["role"].initial = str(grant.permission_id)
        return form

    def save(self, form: forms.Form) -> HttpResponse:
        member = self.team_member()
        services.set_team_role(
            actor=self.access,
            team=self.team,
            membership=member,
            role=form.cleaned_data["role"],
            now=timezone.now(),
        )
        return self.done(_("The team role of %(person)s is changed.") % {"person": member})

    def context(self) -> dict[str, Any]:
        return {"team": self.team, "member": self.team_member()}


class TeamMemberRemove(TeamView, ActView):
    action = "team.manage_team_members"

    def act(self) -> HttpResponse:
        member = self.team_member()
        services.remove_from_team(actor=self.access, team=self.team, membership=member, now=timezone.now())
        return self.done(_("%(person)s is no longer in the team.") % {"person": member})


class TeamProfileAdd(TeamView, FormView):
    """Put a profile in the team, or change the role its people have on it."""

    action = "team.manage_team_profiles"
    template_name = "orgs/team_profile_add.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        every: Any = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
        by_team = self.access.can("team.manage_team_profiles", self.team)
        profiles = [
            found
            for found in every
            if may_manage_access(self.access, found) or (by_team and self.access.sources(found))
        ]
        roles = [
            role
            for role in self.offered(Scope.PROFILE)
            if any(can_give(giver=self.access, receiver=None, role=role, obj=one) for one in profiles)
        ]
        initial = {"profile": self.request.GET.get("profile", "")}
        return TeamProfileForm(data, profiles=profiles, roles=roles, initial=initial)

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        services.put_profile_in_team(
            actor=self.access,
            team=self.team,
            profile=chosen["profile"],
            role=chosen["role"],
            now=timezone.now(),
        )
        return self.done(
            _("The team's people have the role %(role)s on %(profile)s.")
            % {"role": chosen["role"].label, "profile": chosen["profile"]}
        )

    def context(self) -> dict[str, Any]:
        return {"team": self.team}


class TeamProfileRemove(TeamView, ActView):
    action = "team.manage_team_profiles"

    def act(self) -> HttpResponse:
        link = get_object_or_404(team_links(self.team), pk=self.kwargs["link"])
        profile = link.content_object
        services.take_profile_out_of_team(actor=self.access, team=self.team, link=link, now=timezone.now())
        return self.done(_("%(profile)s is no longer in the team.") % {"profile": profile})


def team_links(team: Team) -> Any:
    """Return the rows that put profiles in this team."""
    table = tables_of(Scope.PROFILE).group_grants
    assert table is not None
    return (
        table.objects.filter(group=team.members_group_id)
        .select_related("content_object")
        .order_by("content_object__handle", "pk")
    )


def is_default(role: RoleFacts) -> bool:
    return role.builtin is not None and role.builtin.is_default


def _links_name() -> str:
    """Return how a query reaches the profile rows from a team's group; the table lies on a floor above."""
    table = tables_of(Scope.PROFILE).group_grants
    assert table is not None
    return str(table._meta.get_field("group").related_query_name())
