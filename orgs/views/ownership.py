"""Handing the organization over: the offer, and the answer to it (A7)."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from orgs.forms import OwnershipForm
from orgs.models import Membership, OrganizationUserGrant, OwnershipTransfer
from orgs.services.ownership import (
    TransferClosed,
    accept_ownership,
    decline_ownership,
    offer_ownership,
    withdraw_ownership,
)
from orgs.views.base import ActView, FormView, OrganizationView
from orgs.views.organizations import settings_tabs
from permissions.catalogue import Scope
from permissions.roles import roles_offered


class Ownership(OrganizationView):
    """Who owns the organization, and the open offer, for every member: the one it is made to may be anybody."""

    members_only = True
    template_name = "orgs/ownership.html"

    def check(self, request: Any) -> None:
        super().check(request)
        if self.access.is_partner:
            raise Http404  # who owns the company is none of its partner's business

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        offer = (
            OwnershipTransfer.objects.filter(decided_at=None, expires_at__gt=timezone.now())
            .select_related("from_user", "to_user")
            .first()
        )
        me = request.user.pk
        is_theirs = offer is not None and me in (offer.to_user_id, offer.from_user_id)
        owner = OrganizationUserGrant.objects.filter(is_owner=True).select_related("user").first()
        tabs = settings_tabs(self, "ownership")
        return self.page(
            owner=owner.user if owner else None,
            offer=offer if is_theirs or self.may("transfer_ownership") else None,
            is_for_me=offer is not None and offer.to_user_id == me,
            can_offer=self.may("transfer_ownership"),
            **tabs,
        )


@method_decorator(reauthentication_required, name="get")
@method_decorator(reauthentication_required, name="post")
class OwnershipOffer(FormView):
    """Choose the new owner; the person proves once more who he is first."""

    action = "organization.transfer_ownership"
    template_name = "orgs/ownership_offer.html"
    mendable = (TransferClosed,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        members = (
            Membership.objects.live(timezone.now())
            .exclude(user=self.request.user.pk)
            .select_related("user")
            .order_by("user__name")
        )
        roles = roles_offered(
            packs=self.organization.packs, organization_id=self.organization.pk, scope=Scope.ORGANIZATION
        )
        return OwnershipForm(data, members=list(members), roles=roles)

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        offer_ownership(
            actor=self.access,
            organization=self.organization,
            membership=chosen["member"],
            former_owner_role=chosen["role"],
            now=timezone.now(),
        )
        self.say(
            _("%(person)s has been asked. Nothing changes before they accept.") % {"person": chosen["member"]}
        )
        return self.go("ownership")


class OwnershipAct(ActView):
    members_only = True
    mendable = (TransferClosed,)

    @property
    def transfer(self) -> OwnershipTransfer:
        return get_object_or_404(
            OwnershipTransfer.objects.filter(to_user=self.request.user.pk).select_related(
                "from_user", "to_user"
            ),
            pk=self.kwargs["pk"],
        )

    def back(self) -> HttpResponse:
        return self.go("ownership")


class OwnershipAccept(OwnershipAct):
    def act(self) -> HttpResponse:
        accept_ownership(
            actor=self.access, organization=self.organization, transfer=self.transfer, now=timezone.now()
        )
        self.say(_("%(organization)s is yours now.") % {"organization": self.organization})
        return self.back()


class OwnershipDecline(OwnershipAct):
    def act(self) -> HttpResponse:
        decline_ownership(
            actor=self.access, organization=self.organization, transfer=self.transfer, now=timezone.now()
        )
        self.say(_("You declined. Nothing has changed."))
        return self.back()


class OwnershipWithdraw(ActView):
    action = "organization.transfer_ownership"
    mendable = (TransferClosed,)

    def act(self) -> HttpResponse:
        transfer = get_object_or_404(
            OwnershipTransfer.objects.select_related("from_user", "to_user"), pk=self.kwargs["pk"]
        )
        withdraw_ownership(
            actor=self.access, organization=self.organization, transfer=transfer, now=timezone.now()
        )
        self.say(_("The offer is withdrawn."))
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("ownership")
