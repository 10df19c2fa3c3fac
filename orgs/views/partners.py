"""Partners: the two lists, one partner's page, what is shared with it, and the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.forms import reason_field
from orgs.models import Organization, Partnership
from orgs.partner_forms import ShareChangeForm, ShareForm
from orgs.selectors.audit_log import event_rows
from orgs.selectors.partners import (
    CLOSED,
    history_of,
    partner_rows,
    proposed_by,
    shared_profiles,
    waiting_for,
)
from orgs.services.between import lock_both, other_side
from orgs.services.partnerships import (
    Share,
    end_partnership,
    end_share,
    grants_of,
    people_given,
    share_profiles,
)
from orgs.views.base import FormView, OrganizationView
from orgs.views.previewing import PreviewedFormView
from orgs.views.proposals import ShareChoices, shareable_roles
from permissions.errors import Refused
from permissions.models import GroupGrant
from permissions.roles import roles_by_permission
from permissions.what_if import preview
from permissions.what_if_words import Told, tell
from tenancy.context import organization_open

HISTORY_SHOWN = 20
EARLIER_SHOWN = 20


class PartnerList(OrganizationView):
    """Companies whose people work on our profiles; above, whatever waits for an answer."""

    action = "organization.view_partners"
    template_name = "orgs/partner_list.html"
    is_ours = True

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        now, here = timezone.now(), self.organization
        everything = Partnership.objects.select_related("organization", "partner").order_by("-proposed_at")
        side = {"organization": here} if self.is_ours else {"partner": here}
        return self.page(
            tabs=self._tabs(),
            is_ours=self.is_ours,
            asked=partner_rows(waiting_for(here, now) & everything, here, now),
            sent=partner_rows(proposed_by(here) & everything, here, now),
            rows=partner_rows(everything.active().filter(**side), here, now),
            earlier=partner_rows(everything.filter(status__in=CLOSED, **side)[:EARLIER_SHOWN], here, now),
            can_invite=self.may("invite_partners"),
            can_ask=self.may("request_partner_access"),
            can_answer=self.may("answer_partner_requests"),
        )

    def _tabs(self) -> list[dict[str, Any]]:
        return [
            {"label": _("Working with us"), "href": self.url("partner_list"), "is_current": self.is_ours},
            {"label": _("Sharing with us"), "href": self.url("sharing_list"), "is_current": not self.is_ours},
        ]


class SharingList(PartnerList):
    """Companies on whose profiles our people work."""

    is_ours = False


class PartnershipView(OrganizationView):
    """A view about a partnership of this company: on either side of it, or only where the profiles are ours."""

    is_ours_only = False

    @property
    def partnership(self) -> Partnership:
        rows = Partnership.objects.select_related("organization", "partner")
        if self.is_ours_only:
            rows = rows.filter(organization=self.organization)
        found: Partnership = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def other(self, partnership: Partnership) -> Organization:
        return other_side(partnership, self.organization.pk)


class PartnerDetail(PartnershipView):
    """What is shared with whom, and what has happened; the brand and its partner each have their own page of it."""

    action = "organization.view_partners"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        now, partnership = timezone.now(), self.partnership
        is_ours = partnership.organization_id == self.organization.pk
        with organization_open(partnership.organization_id):
            shared = shared_profiles(partnership, now) if partnership.is_active else []
        context = {
            "organization": self.organization,
            "partnership": partnership,
            "other": self.other(partnership),
            "shared": shared,
            "people_count": len({one.person.pk for row in shared for one in row.people}),
            "events": event_rows(history_of(partnership)[:HISTORY_SHOWN]),
            "can_manage": partnership.is_active and self.may("manage_partners"),
            "can_assign": partnership.is_active and self.may("assign_partner_profiles"),
        }
        template = "orgs/partner_detail.html" if is_ours else "orgs/partner_sharing.html"
        return render(request, template, context)


class PartnerPreview(PartnershipView, PreviewedFormView):
    """A change of a partnership, with what it would do shown first."""

    action = "organization.manage_partners"
    mendable = (Refused,)

    def told(self, form: forms.Form) -> Told:
        """Preview in the brand, whose profiles are concerned; the service itself starts from this company.

        Both are locked first, in the order the change locks them: the preview alone would begin with the brand.
        """
        partnership, now = self.partnership, timezone.now()

        def change() -> None:
            with organization_open(self.organization.pk):
                self.make_change(form, now)

        with transaction.atomic():
            lock_both(partnership.organization_id, partnership.partner_id)
            with organization_open(partnership.organization_id):
                what_if = preview(
                    organization_id=partnership.organization_id,
                    change=change,
                    at=now,
                    people=people_given(partnership),
                )
                told = tell(what_if, viewer=self.access)
            transaction.set_rollback(True)
        return told

    def context(self) -> dict[str, Any]:
        partnership = self.partnership
        return {"partnership": partnership, "other": self.other(partnership)}


class EndingView(PartnerPreview):
    """Something ends: what that takes away is shown at once, and a reason goes to the log."""

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        form = forms.Form(data)
        form.fields["reason"] = reason_field()
        return form

    def told_at_first(self, form: forms.Form) -> Told:
        filled = self.make_form({})
        filled.full_clean()
        return self.told(filled)


class PartnerEnd(EndingView):
    """P7: from either side, in one stroke."""

    template_name = "orgs/partner_end.html"
    confirm = gettext_lazy("End partnership")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.partnership.is_active:
            return self.go("partner", self.kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def make_change(self, form: forms.Form, now: datetime) -> None:
        end_partnership(
            actor=self.access, partnership=self.partnership, now=now, reason=form.cleaned_data["reason"]
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        other = self.other(self.partnership)
        self.say(_("The partnership with %(company)s has ended.") % {"company": other})
        return self.go("partner_list" if self._is_ours else "sharing_list")

    def context(self) -> dict[str, Any]:
        partnership = self.partnership
        with organization_open(partnership.organization_id):
            shared = shared_profiles(partnership, timezone.now())
        return super().context() | {"is_ours": self._is_ours, "shared": shared}

    @property
    def _is_ours(self) -> bool:
        return self.partnership.organization_id == self.organization.pk


class ShareView(PartnerPreview):
    """A view about one profile that we share with a partner."""

    is_ours_only = True

    @property
    def grant(self) -> GroupGrant:
        grants = grants_of(self.partnership).select_related("content_object")
        found: GroupGrant = get_object_or_404(grants, pk=self.kwargs["share"])
        return found

    def context(self) -> dict[str, Any]:
        grant = self.grant
        role = roles_by_permission([grant.permission_id])[grant.permission_id]
        return super().context() | {"profile": grant.content_object, "role": role}  # type: ignore[attr-defined]

    def done_with(self, form: forms.Form) -> HttpResponse:
        self.say(_("Saved. It counts from everybody's next page on."))
        return self.go("partner", self.kwargs["pk"])


class ShareChange(ShareView):
    """Another role or window on one shared profile: narrowing it narrows everybody at the partner at once."""

    template_name = "orgs/partner_share_change.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        grant = self.grant
        offered = shareable_roles(self.access, self.organization, grant.content_object)  # type: ignore[attr-defined]
        initial = {
            "role": str(grant.permission_id),
            "starts_at": grant.starts_at,
            "expires_at": grant.expires_at,
            "reason": grant.reason,
        }
        return ShareChangeForm(data, roles=offered, initial=initial)

    def make_change(self, form: forms.Form, now: datetime) -> None:
        chosen = form.cleaned_data
        share = Share(chosen["role"], self.grant.content_object, chosen["starts_at"], chosen["expires_at"])  # type: ignore[attr-defined]
        share_profiles(
            actor=self.access,
            partnership=self.partnership,
            shares=[share],
            now=now,
            reason=chosen["reason"],
        )


class ShareEnd(EndingView, ShareView):
    """One profile is shared no longer."""

    template_name = "orgs/partner_share_end.html"
    confirm = gettext_lazy("Stop sharing")

    def make_change(self, form: forms.Form, now: datetime) -> None:
        end_share(
            actor=self.access,
            partnership=self.partnership,
            grant=self.grant,
            now=now,
            reason=form.cleaned_data["reason"],
        )


class PartnerShare(ShareChoices, PartnershipView, FormView):
    """Sharing more profiles: nobody at the partner has anything by it before it is assigned (P7)."""

    action = "organization.manage_partners"
    is_ours_only = True
    template_name = "orgs/partner_share.html"
    mendable = (Refused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        shared = set(grants_of(self.partnership).values_list("content_object", flat=True))
        choices = self.shareable()
        self.choices = {profile: roles for profile, roles in choices.items() if profile.pk not in shared}
        return ShareForm(data, choices=self.choices, shown=self.shown_of(self.choices))

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, ShareForm)
        partnership = self.partnership
        share_profiles(
            actor=self.access,
            partnership=partnership,
            shares=form.chosen,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        self.say(
            _("Shared. %(company)s assigns it to its own people.") % {"company": self.other(partnership)}
        )
        return self.go("partner", partnership.pk)

    def context(self) -> dict[str, Any]:
        partnership = self.partnership
        return self.search_context(self.choices) | {
            "partnership": partnership,
            "other": self.other(partnership),
        }
