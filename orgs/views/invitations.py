"""Inviting people, and the page behind the link they get."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from orgs.forms import InvitationForm, InvitedSignUpForm
from orgs.models import Invitation, Workspace
from orgs.services.invitations import (
    InvitationError,
    InvitationGone,
    Offer,
    PartnersPeople,
    WrongPerson,
    accept_invitation,
    find_invitation,
    invite_members,
    offer_of,
    owns_address,
    refuse_if_gone,
    resend_invitation,
    sign_up_invited,
    withdraw_invitation,
)
from orgs.views.base import GONE, UNPROCESSABLE, ActView, FormView, OrganizationView, see_other
from permissions.catalogue import Scope
from permissions.giving import can_give, may_manage_access
from permissions.guard import GuardedView
from permissions.roles import roles_by_permission, roles_offered
from permissions.scopes import tables_of
from tenancy.context import organization_open

FORBIDDEN = 403


class InvitationList(OrganizationView):
    action = "organization.invite_members"
    template_name = "orgs/invitation_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        now = timezone.now()
        invitations = list(
            Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
            .select_related("invited_by")
            .order_by("-invited_at", "pk")
        )
        roles = roles_by_permission({invitation.permission_id for invitation in invitations})
        rows = [
            {
                "invitation": invitation,
                "role": roles[invitation.permission_id],
                "has_run_out": invitation.expires_at <= now,
            }
            for invitation in invitations
        ]
        return self.page(rows=rows, can_list_members=self.may("view_members"))


class InvitationNew(FormView):
    action = "organization.invite_members"
    template_name = "orgs/invitation_new.html"
    mendable = (InvitationError,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        packs, pk = self.organization.packs, self.organization.pk
        roles = roles_offered(packs=packs, organization_id=pk, scope=Scope.ORGANIZATION)
        every: Any = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
        profiles = [found for found in every if may_manage_access(self.access, found)]
        profile_roles = roles_offered(packs=packs, organization_id=pk, scope=Scope.PROFILE)
        reached = self.access.workspace_ids
        workspaces = Workspace.objects.order_by("name")
        return InvitationForm(
            data,
            roles=roles,
            giveable=[
                r for r in roles if can_give(giver=self.access, receiver=None, role=r, obj=self.organization)
            ],
            profile_roles=[
                role
                for role in profile_roles
                if any(can_give(giver=self.access, receiver=None, role=role, obj=one) for one in profiles)
            ],
            profiles=profiles,
            workspaces=[one for one in workspaces if reached is None or one.pk in reached],
            initial={"language": self.request.user.language},
        )

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        reached = self.access.workspace_ids
        only = chosen.get("workspaces") or (
            list(Workspace.objects.filter(pk__in=reached)) if reached is not None else []
        )
        offer = Offer(
            role=chosen["role"],
            reaches_all_workspaces=not only,
            workspaces=only,
            profile_role=chosen.get("profile_role"),
            profiles=chosen.get("profiles") or (),
        )
        try:
            sent = invite_members(
                actor=self.access,
                organization=self.organization,
                emails=chosen["emails"],
                offer=offer,
                language=chosen["language"],
                message=chosen["message"],
                now=timezone.now(),
                even_partners_people=chosen.get("even_partners_people", False),
            )
        except PartnersPeople:
            assert isinstance(form, InvitationForm)
            form.ask_about_partners_people()
            raise
        self.say(
            ngettext("%(count)d invitation sent.", "%(count)d invitations sent.", len(sent))
            % {"count": len(sent)}
        )
        return self.go("invitation_list")


class InvitationAct(ActView):
    action = "organization.invite_members"
    mendable = (InvitationGone,)

    @property
    def invitation(self) -> Invitation:
        return get_object_or_404(Invitation.objects.all(), pk=self.kwargs["pk"])

    def back(self) -> HttpResponse:
        return self.go("invitation_list")


class InvitationResend(InvitationAct):
    def act(self) -> HttpResponse:
        invitation = self.invitation
        resend_invitation(
            actor=self.access,
            organization=self.organization,
            invitation=invitation,
            now=timezone.now(),
        )
        self.say(_("A new link is on its way to %(email)s.") % {"email": invitation.email})
        return self.back()


class InvitationWithdraw(InvitationAct):
    def act(self) -> HttpResponse:
        invitation = self.invitation
        withdraw_invitation(
            actor=self.access,
            organization=self.organization,
            invitation=invitation,
            now=timezone.now(),
        )
        self.say(_("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
        return self.back()


class InvitationAccept(GuardedView):
    """The page behind the link: who invites to what, and accepting it, signed in or newly signed up."""

    public = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        invitation = find_invitation(kwargs["token"])
        if invitation is None:
            return self._gone(
                _("This link does not belong to any invitation. It may have been sent again since.")
            )
        self.invitation = invitation
        if request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
            return self._answer(request, *args, **kwargs)
        with translation.override(invitation.language):
            return self._answer(request, *args, **kwargs)

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            refuse_if_gone(self.invitation, timezone.now())
            return super().dispatch(request, *args, **kwargs)
        except InvitationGone as problem:
            return self._gone(str(problem))

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(InvitedSignUpForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.user.is_authenticated:
            return self._accept_as(request)
        return self._sign_up(request)

    def _accept_as(self, request: HttpRequest) -> HttpResponse:
        try:
            accept_invitation(user=self.request.user, invitation=self.invitation, now=timezone.now())
        except WrongPerson:
            return self._page(InvitedSignUpForm(), FORBIDDEN)
        return self._welcome()

    def _sign_up(self, request: HttpRequest) -> HttpResponse:
        form = InvitedSignUpForm(request.POST)
        if not form.is_valid():
            return self._page(form, UNPROCESSABLE)
        try:
            user, _membership = sign_up_invited(
                invitation=self.invitation,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
                language=translation.get_language() or "en",
                now=timezone.now(),
            )
        except WrongPerson as problem:
            form.add_error(None, str(problem))
            return self._page(form, UNPROCESSABLE)
        perform_login(request, user)
        return self._welcome()

    def _welcome(self) -> HttpResponse:
        organization = self.invitation.organization
        messages.success(self.request, _("Welcome to %(organization)s.") % {"organization": organization})
        return see_other(reverse("organization_home", args=[organization.slug]))

    def _page(self, form: InvitedSignUpForm, status: int = 200) -> HttpResponse:
        invitation, person = self.invitation, self.request.user
        with organization_open(invitation.organization_id):
            offer = offer_of(invitation)
        is_signed_in = person.is_authenticated
        context = {
            "invitation": invitation,
            "offer": offer,
            "form": form,
            "is_signed_in": is_signed_in,
            "is_right_person": is_signed_in and owns_address(person, invitation.email),
            "has_account": User.objects.filter(email__iexact=invitation.email).exists(),
            "sign_in_url": f"{reverse('account_login')}?next={self.request.path}",
        }
        return render(self.request, "orgs/invitation_accept.html", context, status=status)

    def _gone(self, reason: str) -> HttpResponse:
        return render(self.request, "orgs/invitation_gone.html", {"reason": reason}, status=GONE)
