"""Teams: the list, one team, its people and its profiles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.forms import TeamForm, TeamMemberForm, TeamProfileForm
from orgs.models import Membership, Team, TeamUserGrant
from orgs.selectors.choices import PEOPLE_SHOWN, PROFILES_SHOWN, members_to_choose, profiles_to_choose
from orgs.selectors.teams import (
    link_rows,
    people_reached_by,
    place_rows,
    places_found,
    team_links,
    team_rows,
    what_membership_gives,
)
from orgs.services import teams as services
from orgs.views.base import FormView, OrganizationView
from orgs.views.previewing import PreviewedActView, PreviewedFormView
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.giving import can_give, may_manage_access
from permissions.roles import RoleFacts, roles_offered
from permissions.scopes import tables_of
from permissions.services import NotAMember

TEAMS_PER_PAGE = 50
ROWS_PER_PAGE = 50
SHOWN_MAX = PEOPLE_SHOWN


class TeamList(OrganizationView):
    """Every member: the teams he may see."""

    listing = "team.view_team"
    template_name = "orgs/team_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        teams = Team.objects.all()
        if not (self.may("manage_teams") or self.may("view_member_permissions")):
            teams = self.access.filter(teams, "team.view_team")
        text = request.GET.get("q", "").strip()
        if text:
            teams = teams.filter(name__icontains=text)
        page = Paginator(teams.order_by("name", "pk"), TEAMS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            teams=page, rows=team_rows(page.object_list), q=text, can_manage=self.may("manage_teams")
        )


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
    """Its people, its profiles, and what a place in it gives."""

    template_name = "orgs/team_detail.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        team = self.team
        texts = {name: request.GET.get(name, "").strip() for name in ("q", "on")}
        people = Paginator(places_found(team, texts["q"]), ROWS_PER_PAGE).get_page(request.GET.get("page"))
        links = Paginator(team_links(team, texts["on"]), ROWS_PER_PAGE).get_page(request.GET.get("links"))
        return self.page(
            team=team,
            texts=texts,
            people_page=people,
            people=place_rows(people.object_list),
            links_page=links,
            links=link_rows(links.object_list),
            gives=what_membership_gives(team, self.offered(Scope.TEAM)),
            mine=request.user.pk,
            can_edit=self.serves("edit_team"),
            can_add_people=self.serves("manage_team_members"),
            can_change_roles=self.serves("manage_team_permissions"),
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


class TeamDelete(PreviewedActView):
    action = "organization.manage_teams"
    confirm = gettext_lazy("Delete team")
    keeps_reason = False

    def team(self) -> Team:
        return get_object_or_404(Team.objects.all(), pk=self.kwargs["pk"])

    def make_change(self, now: datetime, reason: str) -> None:
        services.delete_team(actor=self.access, organization=self.organization, team=self.team(), now=now)

    def people_touched(self) -> Collection[int] | None:
        return people_reached_by(self.team())

    def act(self) -> HttpResponse:
        super().act()
        return self.go("team_list")

    def words(self) -> dict[str, Any]:
        team = self.team()
        return {
            "heading": _("Delete the team %(team)s?") % {"team": team},
            "lead": _("What it gives ends at once. The people and the profiles stay. This cannot be undone."),
            "done": _("Team “%(team)s” deleted.") % {"team": team},
            "crumbs": [(team.name, self.url("team_detail", team.pk))],
        }

    def back(self) -> HttpResponse:
        return self.go("team_detail", self.kwargs["pk"])


class TeamChange(TeamView, PreviewedFormView):
    """A form about one team; it shows what it would change, and returns to the team's page."""

    def context(self) -> dict[str, Any]:
        return {"team": self.team, "q": self.text, "shown_max": SHOWN_MAX, "is_long": self.is_long()}

    @property
    def text(self) -> str:
        return self.request.GET.get("q", "").strip()

    def is_long(self) -> bool:
        """Say whether there is more to choose from than a list holds, so that it is found by name."""
        return False


class TeamMemberAdd(TeamChange):
    """Several people at once, with one role in the team."""

    action = "team.manage_team_members"
    template_name = "orgs/team_member_add.html"
    mendable = (services.AlreadyInTeam, NotAMember)
    confirm = gettext_lazy("Add to team")

    def outside(self) -> QuerySet[Membership]:
        inside = TeamUserGrant.objects.filter(content_object=self.team).values("user")
        return Membership.objects.exclude(user__in=inside).exclude(user=self.request.user.pk)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        chosen = data.getlist("member") if data is not None else self.request.GET.getlist("member")
        members = members_to_choose(self.outside(), matching=self.text, chosen=chosen)
        return TeamMemberForm(data, members=members, roles=self._roles(), initial={"member": chosen})

    def _roles(self) -> list[RoleFacts]:
        may_choose = self.serves("manage_team_permissions")
        return [
            role
            for role in self.offered(Scope.TEAM)
            if (may_choose or is_default(role))
            and can_give(giver=self.access, receiver=None, role=role, obj=self.team)
        ]

    def make_change(self, form: forms.Form, now: datetime) -> None:
        services.add_people_to_team(
            actor=self.access,
            team=self.team,
            memberships=form.cleaned_data["member"],
            role=form.cleaned_data["role"],
            now=now,
        )

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        return [member.user_id for member in form.cleaned_data["member"]]

    def done_with(self, form: forms.Form) -> HttpResponse:
        people = form.cleaned_data["member"]
        if len(people) == 1:
            return self.done(_("%(person)s is in the team.") % {"person": people[0]})
        return self.done(_("%(count)d people are in the team now.") % {"count": len(people)})

    def is_long(self) -> bool:
        return self.outside().count() > PEOPLE_SHOWN


class TeamMemberRole(TeamChange):
    action = "team.manage_team_permissions"
    template_name = "orgs/team_member_role.html"
    mendable = (NotAMember,)
    confirm = gettext_lazy("Change role")

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

    def make_change(self, form: forms.Form, now: datetime) -> None:
        services.set_team_role(
            actor=self.access,
            team=self.team,
            membership=self.team_member(),
            role=form.cleaned_data["role"],
            now=now,
        )

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        return [self.team_member().user_id]

    def done_with(self, form: forms.Form) -> HttpResponse:
        return self.done(_("The team role of %(person)s is changed.") % {"person": self.team_member()})

    def context(self) -> dict[str, Any]:
        return super().context() | {"member": self.team_member()}


class TeamAct(TeamView, PreviewedActView):
    """One act about a team, with what it changes shown before."""

    keeps_reason = False
    confirm = gettext_lazy("Take out")

    def crumbs(self) -> list[tuple[str, str]]:
        return [(self.team.name, self.url("team_detail", self.team.pk))]


class TeamMemberRemove(TeamAct):
    action = "team.manage_team_members"

    def make_change(self, now: datetime, reason: str) -> None:
        services.remove_from_team(actor=self.access, team=self.team, membership=self.team_member(), now=now)

    def people_touched(self) -> Collection[int] | None:
        return [self.team_member().user_id]

    def words(self) -> dict[str, Any]:
        names = {"person": self.team_member(), "team": self.team}
        return {
            "heading": _("Take %(person)s out of %(team)s?") % names,
            "lead": _("What the team gives ends for this person at once. Roles given directly stay."),
            "done": _("%(person)s is no longer in the team.") % names,
            "crumbs": self.crumbs(),
        }


class TeamProfileAdd(TeamChange):
    """Put profiles in the team, or change the role its people have on them."""

    action = "team.manage_team_profiles"
    template_name = "orgs/team_profile_add.html"
    confirm = gettext_lazy("Save role")

    def may_put_in(self, access: Access, profile: Model) -> bool:
        by_team = access.can("team.manage_team_profiles", self.team)
        return may_manage_access(access, profile) or bool(by_team and access.sources(profile))

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        chosen = data.getlist("profile") if data is not None else self.request.GET.getlist("profile")
        profiles = profiles_to_choose(self.access, self.may_put_in, matching=self.text, chosen=chosen)
        roles = [
            role
            for role in self.offered(Scope.PROFILE)
            if any(can_give(giver=self.access, receiver=None, role=role, obj=one) for one in profiles)
        ]
        return TeamProfileForm(data, profiles=profiles, roles=roles, initial={"profile": chosen})

    def make_change(self, form: forms.Form, now: datetime) -> None:
        services.put_profiles_in_team(
            actor=self.access,
            team=self.team,
            profiles=form.cleaned_data["profile"],
            role=form.cleaned_data["role"],
            now=now,
        )

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        return people_reached_by(self.team)

    def done_with(self, form: forms.Form) -> HttpResponse:
        profiles, role = form.cleaned_data["profile"], form.cleaned_data["role"].label
        if len(profiles) == 1:
            return self.done(
                _("The team's people have the role %(role)s on %(profile)s.")
                % {"role": role, "profile": profiles[0]}
            )
        return self.done(
            _("The team's people have the role %(role)s on %(count)d profiles.")
            % {"role": role, "count": len(profiles)}
        )

    def is_long(self) -> bool:
        return tables_of(Scope.PROFILE).model._default_manager.count() > PROFILES_SHOWN


class TeamProfileRemove(TeamAct):
    action = "team.manage_team_profiles"

    def link(self) -> Any:
        return get_object_or_404(team_links(self.team), pk=self.kwargs["link"])

    def make_change(self, now: datetime, reason: str) -> None:
        services.take_profile_out_of_team(actor=self.access, team=self.team, link=self.link(), now=now)

    def people_touched(self) -> Collection[int] | None:
        return people_reached_by(self.team)

    def words(self) -> dict[str, Any]:
        names = {"profile": self.link().content_object, "team": self.team}
        return {
            "heading": _("Take %(profile)s out of %(team)s?") % names,
            "lead": _(
                "The team's people lose their role on it at once, unless they have one given directly."
            ),
            "done": _("%(profile)s is no longer in the team.") % names,
            "crumbs": self.crumbs(),
        }


def is_default(role: RoleFacts) -> bool:
    return role.builtin is not None and role.builtin.is_default
