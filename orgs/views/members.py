"""The member list, and what is done to one member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.forms import OrganizationRoleForm, ReachForm
from orgs.models import Invitation, Membership, OrganizationUserGrant, TeamUserGrant, Workspace
from orgs.selectors.audit_log import event_rows, events_of_person
from orgs.selectors.members import member_rows, memberships_found, team_choices, three_levels
from orgs.services import members as services
from orgs.services.reach import why_untouchable
from orgs.services.workspaces import set_workspaces
from orgs.views.base import OrganizationView
from orgs.views.previewing import PreviewedActView, PreviewedFormView
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.giving import can_give
from permissions.roles import RoleFacts, roles_offered

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

    def read_anew(self) -> Membership:
        """Return the membership from the database: a change alters its rows, and a preview undoes only those."""
        return Membership.objects.select_related("user").get(pk=self.membership.pk)

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


class MemberForm(MemberView, PreviewedFormView):
    """A form about one member; it shows what it would change, and returns to the member's page."""

    def done(self, text: str) -> HttpResponse:
        self.say(text)
        return self.go("member_access", self.kwargs["pk"])

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        return [self.membership.user_id]

    def context(self) -> dict[str, Any]:
        return self.head("member_access")


class MemberRole(MemberForm):
    """Another organization role for a member, of any pack in use (R9)."""

    action = "organization.edit_member_permissions"
    template_name = "orgs/member_role.html"
    confirm = gettext_lazy("Change role")

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

    def make_change(self, form: forms.Form, now: datetime) -> None:
        services.set_organization_role(
            actor=self.access,
            organization=self.organization,
            membership=self.membership,
            role=form.cleaned_data["role"],
            reason=form.cleaned_data["reason"],
            now=now,
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        return self.done(
            _("%(person)s has the role %(role)s from now on.")
            % {"person": self.membership, "role": form.cleaned_data["role"].label}
        )


class MemberWorkspaces(MemberForm):
    """Which workspaces a member reaches."""

    action = "organization.edit_workspaces"
    template_name = "orgs/member_workspaces.html"
    confirm = gettext_lazy("Save workspaces")

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        membership = self.membership
        listed = membership.workspace_accesses.values_list("workspace", flat=True)
        initial = {
            "reach": "all" if membership.reaches_all_workspaces else "some",
            "workspaces": [str(pk) for pk in listed],
        }
        workspaces = list(Workspace.objects.order_by("name"))
        return ReachForm(data, workspaces=workspaces, initial=initial)

    def make_change(self, form: forms.Form, now: datetime) -> None:
        set_workspaces(
            actor=self.access,
            organization=self.organization,
            membership=self.read_anew(),
            reaches_all=form.cleaned_data["reach"] == "all",
            workspaces=form.cleaned_data["workspaces"],
            now=now,
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        return self.done(_("Workspaces of %(person)s saved.") % {"person": self.membership})


class MemberAct(MemberView, PreviewedActView):
    """Suspending, reactivating, removing: what it changes, and one button."""

    def people_touched(self) -> Collection[int] | None:
        return [self.membership.user_id]

    def back(self) -> HttpResponse:
        return self.go("member_access", self.kwargs["pk"])

    def crumbs(self) -> list[tuple[str, str]]:
        return [(str(self.membership), self.url("member_access", self.kwargs["pk"]))]


class MemberSuspend(MemberAct):
    action = "organization.suspend_member"
    confirm = gettext_lazy("Suspend member")

    def make_change(self, now: datetime, reason: str) -> None:
        services.suspend_member(
            actor=self.access,
            organization=self.organization,
            membership=self.read_anew(),
            reason=reason,
            now=now,
        )

    def words(self) -> dict[str, Any]:
        person = {"person": self.membership}
        return {
            "heading": _("Suspend %(person)s?") % person,
            "lead": _(
                "All access stops at once. Every role stays, and counts again when the person is reactivated."
            ),
            "done": _("%(person)s is suspended.") % person,
            "crumbs": self.crumbs(),
        }


class MemberReactivate(MemberAct):
    action = "organization.suspend_member"
    confirm = gettext_lazy("Reactivate member")
    keeps_reason = False
    is_danger = False

    def make_change(self, now: datetime, reason: str) -> None:
        services.reactivate_member(
            actor=self.access, organization=self.organization, membership=self.read_anew(), now=now
        )

    def words(self) -> dict[str, Any]:
        person = {"person": self.membership}
        return {
            "heading": _("Reactivate %(person)s?") % person,
            "lead": _("Every role that was kept counts again at once."),
            "done": _("%(person)s is active again.") % person,
            "crumbs": self.crumbs(),
        }


class MemberRemove(MemberAct):
    """Says what goes with the person, and removes on POST."""

    action = "organization.remove_member"
    template_name = "orgs/member_remove.html"
    confirm = gettext_lazy("Remove member")

    def make_change(self, now: datetime, reason: str) -> None:
        services.remove_member(
            actor=self.access,
            organization=self.organization,
            membership=self.read_anew(),
            reason=reason,
            now=now,
        )

    def act(self) -> HttpResponse:
        super().act()
        return self.go("member_list" if self.may("view_members") else "organization_home")

    def words(self) -> dict[str, Any]:
        names = {"person": self.membership, "organization": self.organization}
        levels = three_levels(member=self.member_access, viewer=self.access, now=timezone.now())
        return {
            "heading": _("Remove %(person)s from %(organization)s?") % names,
            "lead": _(
                "Everything below ends at once. What this person wrote stays. "
                "To let them back in, you invite them again."
            ),
            "done": _("%(person)s no longer belongs here.") % names,
            "crumbs": self.crumbs(),
            "levels": levels,
            "direct": [held for held in levels.profiles if held.grant is not None],
        }
