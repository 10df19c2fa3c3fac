"""Becoming partners: inviting a company, asking one, and the answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.models import Organization, Partnership
from orgs.partner_forms import AskForm, InvitePartnerForm, SharesForm
from orgs.selectors.partners import assignable_roles, proposed_by, waiting_for
from orgs.services.proposals import (
    accept_partnership,
    ask_for_access,
    decline_partnership,
    invite_partner,
    shares_of,
    withdraw_proposal,
)
from orgs.views.base import ActView, FormView, OrganizationView
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import Refused
from permissions.giving import can_give, may_manage_access
from permissions.roles import RoleFacts, roles_offered
from permissions.scopes import tables_of
from tenancy.context import organization_open

PROFILES_SHOWN_MAX = 100


def shareable_roles(access: Access, organization: Organization, profile: Any) -> list[RoleFacts]:
    """Return the roles this person may share with a partner on the profile (R9)."""
    packs, pk = organization.packs, organization.pk
    return [
        role
        for role in roles_offered(packs=packs, organization_id=pk, scope=Scope.PROFILE)
        if not role.is_none and can_give(giver=access, receiver=None, role=role, obj=profile)
    ]


class ShareChoices(OrganizationView):
    """What this person may share with a partner: the profiles whose access he manages, with the roles he may give."""

    def shareable(self) -> dict[Any, list[RoleFacts]]:
        profiles: Any = tables_of(Scope.PROFILE).model._default_manager.order_by("name", "pk")
        return {
            profile: shareable_roles(self.access, self.organization, profile)
            for profile in profiles
            if may_manage_access(self.access, profile)
        }

    def shown_of(self, profiles: Any) -> list[Any]:
        """Return the profiles that get a line: those that match what was searched for, the first hundred."""
        wanted = self.searched.casefold()
        found = [one for one in profiles if wanted in f"{one.name} {one.handle}".casefold()]
        return found[:PROFILES_SHOWN_MAX]

    @property
    def searched(self) -> str:
        return self.request.GET.get("q", "").strip()[:120]

    def search_context(self, profiles: Any) -> dict[str, Any]:
        return {
            "q": self.searched,
            "shown_max": PROFILES_SHOWN_MAX,
            "is_searchable": len(profiles) > PROFILES_SHOWN_MAX or bool(self.searched),
        }


class PartnerInvite(ShareChoices, FormView):
    """P5: offering a company roles on some of our profiles."""

    action = "organization.invite_partners"
    template_name = "orgs/partner_invite.html"
    mendable = (Refused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        self.choices = self.shareable()
        return InvitePartnerForm(data, choices=self.choices, shown=self.shown_of(self.choices))

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, InvitePartnerForm)
        partnership = invite_partner(
            actor=self.access,
            organization=self.organization,
            public_id=form.cleaned_data["public_id"],
            shares=form.chosen,
            message=form.cleaned_data["message"],
            now=timezone.now(),
        )
        self.say(
            _("%(company)s has been invited. Nothing is shared before it accepts.")
            % {"company": partnership.partner}
        )
        return self.go("partner_list")

    def context(self) -> dict[str, Any]:
        return self.search_context(self.choices)


class PartnerAsk(FormView):
    """P5: asking a company for roles on its profiles."""

    action = "organization.request_partner_access"
    template_name = "orgs/partner_ask.html"
    mendable = (Refused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        offered = roles_offered(
            packs=self.organization.packs, organization_id=self.organization.pk, scope=Scope.PROFILE
        )
        # our own roles mean nothing in another company
        return AskForm(data, roles=[role for role in offered if role.builtin and not role.is_none])

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, AskForm)
        partnership = ask_for_access(
            actor=self.access,
            organization=self.organization,
            public_id=form.cleaned_data["public_id"],
            wishes=form.wishes,
            message=form.cleaned_data["message"],
            now=timezone.now(),
        )
        self.say(
            _("%(company)s has been asked. You hear by e-mail when it answers.")
            % {"company": partnership.organization}
        )
        return self.go("sharing_list")


class PartnerAnswer(ShareChoices, FormView):
    """P6: what another company proposes, to be accepted whole, reduced, or declined."""

    action = "organization.answer_partner_requests"
    template_name = "orgs/partner_answer.html"
    mendable = (Refused,)

    @property
    def partnership(self) -> Partnership:
        rows = waiting_for(self.organization, timezone.now()).select_related("organization", "partner")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        self.proposal = self.partnership
        self.is_invitation = self.proposal.organization_id != self.organization.pk
        with organization_open(self.proposal.organization_id):
            self.offered = shares_of(self.proposal)
            if self.is_invitation:
                return self._invited(data)
        return self._asked(data)

    def _invited(self, data: Any) -> forms.Form:
        """We are invited: each profile offered, with the role offered or a smaller one."""
        choices = {
            share.profile: _first(share.role, assignable_roles(self.proposal, [share.role]))
            for share in self.offered
        }
        initial = {
            f"role-{share.profile.pk}": share.role.permission_id for share in self.offered if share.profile
        }
        return SharesForm(
            data, choices=choices, fixed={share.profile: share for share in self.offered}, initial=initial
        )

    def _asked(self, data: Any) -> forms.Form:
        """We are asked: whichever of our profiles we choose, with no more than was asked for."""
        wanted = [share.role for share in self.offered]
        choices = {
            profile: [role for role in roles if any(role.actions <= wider.actions for wider in wanted)]
            for profile, roles in self.shareable().items()
        }
        self.choices = {profile: roles for profile, roles in choices.items() if roles}
        window = self.offered[0] if self.offered else None
        initial = {"starts_at": window.starts_at, "expires_at": window.expires_at} if window else {}
        return SharesForm(data, choices=self.choices, shown=self.shown_of(self.choices), initial=initial)

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, SharesForm)
        accept_partnership(
            actor=self.access, partnership=self.proposal, shares=form.chosen, now=timezone.now()
        )
        if self.is_invitation:
            self.say(
                _("You are partners now. Assign the profiles to your people: until then nobody has anything.")
            )
        else:
            self.say(
                _("You are partners now. %(company)s assigns the profiles to its own people.")
                % {"company": self.proposal.partner}
            )
        return self.go("partner", self.proposal.pk)

    def context(self) -> dict[str, Any]:
        other = self.proposal.organization if self.is_invitation else self.proposal.partner
        context = {
            "partnership": self.proposal,
            "other": other,
            "is_invitation": self.is_invitation,
            "offered": self.offered,
            "window_of": {share.profile.pk: share for share in self.offered if share.profile},
        }
        return context if self.is_invitation else context | self.search_context(self.choices)


class PartnerDecline(ActView):
    action = "organization.answer_partner_requests"
    mendable = (Refused,)

    def act(self) -> HttpResponse:
        partnership = get_object_or_404(waiting_for(self.organization, timezone.now()), pk=self.kwargs["pk"])
        decline_partnership(actor=self.access, partnership=partnership, now=timezone.now())
        self.say(_("Declined. The other company is told."))
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("partner_list")


class PartnerWithdraw(ActView):
    any_action = ("organization.invite_partners", "organization.request_partner_access")
    mendable = (Refused,)

    def act(self) -> HttpResponse:
        partnership = get_object_or_404(proposed_by(self.organization), pk=self.kwargs["pk"])
        withdraw_proposal(actor=self.access, partnership=partnership, now=timezone.now())
        self.say(_("Your proposal is withdrawn."))
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("partner_list")


def _first(own: RoleFacts, others: list[RoleFacts]) -> list[RoleFacts]:
    """Return the roles with the one offered in front, once."""
    return [own, *(role for role in others if role.permission_id != own.permission_id)]
