"""Founding an organization, its home, and its settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record_refusal
from orgs.forms import OrganizationForm, OrganizationSettingsForm, TwoFactorForm
from orgs.models import Invitation, Membership, OrganizationUserGrant, OwnershipTransfer, Team
from orgs.services.members import leave_organization
from orgs.services.names import propose_slug
from orgs.services.organizations import (
    AddressTaken,
    SecondFactorMissing,
    found_organization,
    set_two_factor_policy,
    update_organization,
)
from orgs.views.base import UNPROCESSABLE, FormView, OrganizationView, see_other
from permissions.catalogue import Scope
from permissions.errors import WouldEscalate
from permissions.guard import GuardedView
from permissions.packs import PACKS
from permissions.scopes import tables_of


class OrganizationNew(GuardedView):
    signed_in_only = True

    def get(self, request: HttpRequest) -> HttpResponse:
        form = OrganizationForm(initial={"time_zone": self.request.user.time_zone})
        return self._page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrganizationForm(request.POST)
        if not form.is_valid():
            return self._page(form, UNPROCESSABLE)
        chosen = form.cleaned_data
        try:
            organization = found_organization(
                user=self.request.user,
                name=chosen["name"],
                slug=chosen["slug"] or propose_slug(chosen["name"]),
                time_zone=chosen["time_zone"],
                packs=chosen["packs"],
                now=timezone.now(),
            )
        except AddressTaken as problem:
            form.add_error("slug", str(problem))
            return self._page(form, UNPROCESSABLE)
        messages.success(request, _("%(organization)s is ready.") % {"organization": organization})
        return see_other(reverse("organization_home", args=[organization.slug]))

    def _page(self, form: OrganizationForm, status: int = 200) -> HttpResponse:
        return render(self.request, "orgs/organization_new.html", {"form": form}, status=status)


class OrganizationHome(OrganizationView):
    members_only = True
    template_name = "orgs/home.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        now = timezone.now()
        profiles: Any = tables_of(Scope.PROFILE).model._default_manager.all()
        mine = self.access.filter(profiles, "profile.view_profile").order_by("name", "pk")
        statuses = list(mine.values_list("status", flat=True))
        offer = OwnershipTransfer.objects.filter(
            to_user=request.user.pk, decided_at=None, expires_at__gt=now
        ).select_related("from_user")
        return self.page(
            steps=self._next_steps(len(statuses)),
            ill=list(mine.exclude(status="connected")[:5]),
            profile_count=len(statuses),
            connected_count=statuses.count("connected"),
            member_count=Membership.objects.filter(status=Membership.Status.ACTIVE).count(),
            invitation_count=Invitation.objects.open(now).count() if self.may("invite_members") else 0,
            can_see_members=self.may("view_members"),
            can_invite=self.may("invite_members"),
            offer=offer.first(),
            **self.more(now),
        )

    def more(self, now: datetime) -> dict[str, Any]:
        """Return what a floor above shows here as well."""
        return {}

    def _next_steps(self, profile_count: int) -> list[dict[str, Any]]:
        """Return what a new organization still lacks, as far as this person may do it; empty once all is done."""
        steps = []
        if self.may("add_social_profile"):
            steps.append(
                {
                    "title": _("Connect a profile"),
                    "text": _("A page or account on a network that you publish to."),
                    "url": self.url("profile_list"),
                    "done": profile_count > 0,
                }
            )
        if self.may("invite_members"):
            others = Membership.objects.count() > 1 or Invitation.objects.exists()
            steps.append(
                {
                    "title": _("Invite your colleagues"),
                    "text": _("Several at once, each with the role that fits."),
                    "url": self.url("invitation_new"),
                    "done": others,
                }
            )
        if self.may("manage_teams"):
            steps.append(
                {
                    "title": _("Make a team"),
                    "text": _("People who look after the same profiles get access together."),
                    "url": self.url("team_new"),
                    "done": Team.objects.exists(),
                }
            )
        return steps if not all(step["done"] for step in steps) else []


class OrganizationSettings(FormView):
    action = "organization.update_name_and_image"
    template_name = "orgs/settings.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        initial = {"name": self.organization.name, "time_zone": self.organization.time_zone}
        form = OrganizationSettingsForm(data, files, initial=initial)
        if not self.organization.image:
            del form.fields["removes_image"]
        return form

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        update_organization(
            actor=self.access,
            organization=self.organization,
            name=chosen["name"],
            time_zone=chosen["time_zone"],
            image=chosen["image"],
            removes_image=chosen.get("removes_image", False),
            now=timezone.now(),
        )
        self.say(_("Settings saved."))
        return self.go("organization_settings")

    def context(self) -> dict[str, Any]:
        self.organization.refresh_from_db()
        packs = [PACKS[slug] for slug in self.organization.packs if slug in PACKS]
        return settings_tabs(self, "organization_settings") | {"packs": packs}


class OrganizationImage(OrganizationView):
    """The picture, for members: it lies outside the web server's reach."""

    members_only = True

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        name = self.organization.image.name
        if not name or not default_storage.exists(name):
            raise Http404
        with default_storage.open(name) as stored:
            response = HttpResponse(stored.read(), content_type="image/webp")
        response.headers["Cache-Control"] = "private, max-age=300"
        return response


class OrganizationSecurity(FormView):
    action = "organization.view_security_tab"
    write_action = "organization.set_up_two_factor"
    template_name = "orgs/security.html"
    mendable = (SecondFactorMissing,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return TwoFactorForm(data, initial={"policy": self.organization.two_factor})

    def save(self, form: forms.Form) -> HttpResponse:
        set_two_factor_policy(
            actor=self.access,
            organization=self.organization,
            policy=form.cleaned_data["policy"],
            now=timezone.now(),
        )
        self.say(_("The rule counts from everybody's next page on."))
        return self.go("organization_security")

    def context(self) -> dict[str, Any]:
        return settings_tabs(self, "organization_security") | {"can_change": self.may("set_up_two_factor")}


class OrganizationLeave(OrganizationView):
    members_only = True
    template_name = "orgs/leave.html"

    def check(self, request: Any) -> None:
        super().check(request)
        if not self.access.is_member:  # who visits has nothing to leave
            raise Http404

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        owns = OrganizationUserGrant.objects.filter(user=request.user.pk, is_owner=True).exists()
        return self.page(owns=owns)

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        membership = Membership.objects.get(user=request.user.pk)
        try:
            leave_organization(
                actor=self.access, organization=self.organization, membership=membership, now=timezone.now()
            )
        except WouldEscalate as problem:
            record_refusal(
                actor=self.request.user,
                action="member.leave",
                obj=self.organization,
                at=timezone.now(),
                reason=str(problem),
            )
            messages.error(request, str(problem))
            return self.go("organization_leave")
        self.say(_("You have left %(organization)s.") % {"organization": self.organization})
        return see_other(reverse("home"))


def settings_tabs(view: OrganizationView, current: str) -> dict[str, Any]:
    """Return the tabs of the settings that this person may open."""
    tabs = [
        ("organization_settings", _("General"), "update_name_and_image"),
        ("workspace_list", _("Workspaces"), "list_workspaces"),
        ("organization_security", _("Security"), "view_security_tab"),
        ("pause", _("Delivery"), "pause_publishing"),
        ("support_access", _("Support access"), "view_support_sessions"),
        ("access_file", _("Access file"), "export_access_file"),
        ("ownership", _("Ownership"), "update_name_and_image"),
    ]
    return {
        "tabs": [
            {"label": label, "href": view.url(route), "is_current": route == current}
            for route, label, action in tabs
            if view.may(action)
        ]
    }
