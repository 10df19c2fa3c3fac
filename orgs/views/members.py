"""The member list, and what is done to one member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.forms import GrantForm, OrganizationRoleForm, ReachForm
from orgs.models import Invitation, Membership, OrganizationUserGrant, TeamUserGrant, Workspace
from orgs.selectors.audit_log import event_rows, events_of_person
from orgs.selectors.members import member_rows, memberships_found, team_choices, three_levels
from orgs.services import members as services
from orgs.services.reach import why_untouchable
from orgs.services.workspaces import set_workspaces
from orgs.views.base import ActView, FormView, OrganizationView
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.giving import can_give, may_manage_access
from permissions.roles import RoleFacts, roles_offered
from permissions.scopes import tables_of
from permissions.services import InvalidWindow, NotAMember

MEMBERS_PER_PAGE = 50
EVENTS_PER_PAGE = 30


class MemberList(OrganizationView):
    action = "organization.view_members"
    template_name = "orgs/member_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        filters = {name: request.GET.get(name, "").strip() for name in ("q", "role", "status", "team")}
        found = memberships_found(
            text=filters["q"], permission=filters["role"], status=filters["status"], team=filters["team"]
        )
        page = Paginator(found, MEMBERS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            members=page,
            rows=member_rows(page.object_list),
            filters=filters,
            is_filtered=any(filters.values()),
            roles=self._roles(),
            statuses=Membership.Status.choices,
            teams=team_choices(),
            can_invite=self.may("invite_members"),
            can_open=self.may("view_member_permissions"),
            invitation_count=(
                Invitation.objects.open(timezone.now()).count() if self.may("invite_members") else 0
            ),
        )

    def _roles(self) -> list[RoleFacts]:
        return roles_offered(
            packs=self.organization.packs, organization_id=self.organization.pk, scope=Scope.ORGANIZATION
        )


class MemberView(OrganizationView):
    """A view about one member of this organization; a stranger is 404."""

    action = "organization.view_member_permissions"

    _membership: Membership | None = None
    _member_access: Access | None = None

    @property
    def membership(self) -> Membership:
        if self._membership is None:
            self._membership = get_object_or_404(
                Membership.objects.select_related("user", "invited_by"), pk=self.kwargs["pk"]
            )
        return self._membership

    @property
    def member_access(self) -> Access:
        if self._member_access is None:
            self._member_access = load_access(
                user=self.membership.user, organization_id=self.organization.pk, at=timezone.now()
            )
        return self._member_access

    @property
    def is_oneself(self) -> bool:
        return bool(self.membership.user_id == self.request.user.pk)

    def offered(self, scope: Scope) -> list[RoleFacts]:
        return roles_offered(packs=self.organization.packs, organization_id=self.organization.pk, scope=scope)

    def head(self, current: str) -> dict[str, Any]:
        """Return what the head of a member's page shows: who, the tabs, and which acts are open or why not."""
        membership = self.membership
        untouchable = (
            _("This is you. Somebody else who manages members can change your access.")
            if self.is_oneself
            else why_untouchable(self.access, self.member_access)
        )
        tabs = [("member_access", _("Access"), "view_member_permissions", 0)]
        teams = TeamUserGrant.objects.filter(user=membership.user_id).count()
        tabs.append(("member_teams", _("Teams"), "view_member_permissions", teams))
        tabs.append(("member_activity", _("Activity"), "view_audit_log", 0))
        return {
            "membership": membership,
            "person": membership.user,
            "is_oneself": self.is_oneself,
            "untouchable": untouchable,
            "can_edit": self.may("edit_member_permissions"),
            "can_suspend": self.may("suspend_member"),
            "can_remove": self.may("remove_member"),
            "can_edit_workspaces": self.may("edit_workspaces"),
            "can_list_members": self.may("view_members"),
            "tabs": [
                {
                    "label": label,
                    "href": self.url(route, membership.pk),
                    "is_current": route == current,
                    "count": count,
                }
                for route, label, action, count in tabs
                if self.may(action)
            ],
        }


class MemberTeams(MemberView):
    template_name = "orgs/member_teams.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        levels = three_levels(member=self.member_access, viewer=self.access, now=timezone.now())
        return self.page(levels=levels, **self.head("member_teams"))


class MemberActivity(MemberView):
    action = "organization.view_audit_log"
    template_name = "orgs/member_activity.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        events = events_of_person(self.membership.user_id, self.membership.pk)
        page = Paginator(events, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(events=page, rows=event_rows(page.object_list), **self.head("member_activity"))


class MemberForm(MemberView, FormView):
    """A form about one member; it returns to the member's page."""

    def done(self, text: str) -> HttpResponse:
        self.say(text)
        return self.go("member_access", self.kwargs["pk"])


class MemberRole(MemberForm):
    """Another organization role for a member (R9)."""

    action = "organization.edit_member_permissions"
    template_name = "orgs/member_role.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        roles = self.offered(Scope.ORGANIZATION)
        giveable = [
            role
            for role in roles
            if can_give(giver=self.access, receiver=self.membership.user, role=role, obj=self.organization)
        ]
        current = OrganizationUserGrant.objects.filter(user=self.membership.user_id).first()
        initial = {"role": str(current.permission_id)} if current else {}
        return OrganizationRoleForm(data, roles=roles, giveable=giveable, initial=initial)

    def save(self, form: forms.Form) -> HttpResponse:
        services.set_organization_role(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            role=form.cleaned_data["role"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        return self.done(
            _("%(person)s has the role %(role)s from now on.")
            % {
                "person": self.membership,
                "role": form.cleaned_data["role"].label,
            }
        )

    def context(self) -> dict[str, Any]:
        return self.head("member_access")


class MemberWorkspaces(MemberForm):
    """Which workspaces a member reaches."""

    action = "organization.edit_workspaces"
    template_name = "orgs/member_workspaces.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        membership = self.membership
        listed = membership.workspace_accesses.values_list("workspace", flat=True)
        initial = {
            "reach": "all" if membership.reaches_all_workspaces else "some",
            "workspaces": [str(pk) for pk in listed],
        }
        workspaces = list(Workspace.objects.order_by("name"))
        return ReachForm(data, workspaces=workspaces, initial=initial)

    def save(self, form: forms.Form) -> HttpResponse:
        set_workspaces(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            reaches_all=form.cleaned_data["reach"] == "all",
            workspaces=form.cleaned_data["workspaces"],
            now=timezone.now(),
        )
        return self.done(_("Workspaces of %(person)s saved.") % {"person": self.membership})

    def context(self) -> dict[str, Any]:
        return self.head("member_access")


class GrantNew(MemberForm):
    """A role on one or several profiles, with its window and reason; what may be given where is R9's to say."""

    action = "organization.edit_member_permissions"
    template_name = "orgs/grant_new.html"
    mendable = (InvalidWindow, NotAMember)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        every: Any = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
        profiles = [found for found in every if may_manage_access(self.access, found)]
        roles = [
            role
            for role in self.offered(Scope.PROFILE)
            if any(can_give(giver=self.access, receiver=None, role=role, obj=profile) for profile in profiles)
        ]
        chosen = self.request.GET.getlist("profile")
        return GrantForm(data, roles=roles, profiles=profiles, initial={"profiles": chosen})

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        services.grant_profile_roles(
            actor=self.access,
            membership=self.membership,
            role=chosen["role"],
            profiles=chosen["profiles"],
            starts_at=chosen["starts_at"],
            expires_at=chosen["expires_at"],
            reason=chosen["reason"],
            now=timezone.now(),
        )
        return self.done(
            _("%(person)s has the role %(role)s.")
            % {
                "person": self.membership,
                "role": chosen["role"].label,
            }
        )

    def context(self) -> dict[str, Any]:
        return self.head("member_access")


class GrantEnd(MemberView, ActView):
    """End one role on one profile."""

    action = "organization.edit_member_permissions"

    def act(self) -> HttpResponse:
        grants = tables_of(Scope.PROFILE).user_grants.objects.select_related("content_object", "user")
        grant = get_object_or_404(grants, pk=self.kwargs["grant"], user=self.membership.user_id)
        profile = grant.content_object
        services.end_profile_role(
            actor=self.access,
            grant=grant,
            now=timezone.now(),
            reason=self.request.POST.get("reason", "")[:300],
        )
        self.say(_("The role on %(profile)s has ended.") % {"profile": profile})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("member_access", self.kwargs["pk"])


class MemberAct(MemberView, ActView):
    """Suspending and reactivating: one button each."""

    def back(self) -> HttpResponse:
        return self.go("member_access", self.kwargs["pk"])


class MemberSuspend(MemberAct):
    action = "organization.suspend_member"

    def act(self) -> HttpResponse:
        services.suspend_member(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            reason=self.request.POST.get("reason", "")[:300],
            now=timezone.now(),
        )
        self.say(_("%(person)s is suspended.") % {"person": self.membership})
        return self.back()


class MemberReactivate(MemberAct):
    action = "organization.suspend_member"

    def act(self) -> HttpResponse:
        services.reactivate_member(
            actor=self.access, organization=self.organization, membership=self.membership, now=timezone.now()
        )
        self.say(_("%(person)s is active again.") % {"person": self.membership})
        return self.back()


class MemberRemove(MemberView):
    """Says what goes with the person, and removes on POST."""

    action = "organization.remove_member"
    template_name = "orgs/member_remove.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        levels = three_levels(member=self.member_access, viewer=self.access, now=timezone.now())
        direct = [held for held in levels.profiles if held.grant is not None]
        return self.page(levels=levels, direct=direct, **self.head("member_access"))

    def post(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        person = str(self.membership)
        services.remove_member(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            reason=request.POST.get("reason", "")[:300],
            now=timezone.now(),
        )
        messages.success(request, _("%(person)s no longer belongs here.") % {"person": person})
        return self.go("member_list" if self.may("view_members") else "organization_home")
