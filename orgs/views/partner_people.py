"""At a partner: who of its people works on what another company shares with it (P7)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgs.models import Partnership
from orgs.partner_forms import AssignForm
from orgs.selectors.partners import assignable_roles, people_to_assign, shared_profiles
from orgs.services.partner_people import assign_profiles, end_assignments
from orgs.services.partnerships import assigned_rows
from orgs.views.base import ActView, FormView, OrganizationView
from permissions.errors import Refused
from permissions.roles import RoleFacts
from tenancy.context import organization_open

PEOPLE_SHOWN_MAX = 100


class SharingView(OrganizationView):
    """A view about what one company shares with this one; anything else is 404."""

    action = "organization.assign_partner_profiles"

    @property
    def partnership(self) -> Partnership:
        rows = Partnership.objects.active().filter(partner=self.organization)
        found: Partnership = get_object_or_404(
            rows.select_related("organization", "partner"), pk=self.kwargs["pk"]
        )
        return found


class ProfileAssign(SharingView, FormView):
    """Several people and several profiles at once; assigning again changes role and window."""

    template_name = "orgs/partner_assign.html"
    mendable = (Refused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        partnership, asked = self.partnership, self.request.GET
        with organization_open(partnership.organization_id):
            self.shared = shared_profiles(partnership, timezone.now())
            roles = assignable_roles(partnership, [row.role for row in self.shared])
        people = people_to_assign(self.searched)
        chosen = next(
            (
                one.assignment
                for row in self.shared
                for one in row.people
                if str(one.assignment.pk) == asked.get("assignment", "")
            ),
            None,
        )
        initial: dict[str, Any] = {"people": asked.getlist("person"), "profiles": asked.getlist("profile")}
        if chosen is not None:
            initial |= {
                "people": [str(chosen.user_id)],
                "profiles": [str(chosen.grant_id)],
                "role": str(chosen.permission_id),
                "starts_at": chosen.starts_at,
                "expires_at": chosen.expires_at,
                "reason": chosen.reason,
            }
            people = people_to_assign().filter(pk=chosen.user_id) if not self.searched else people
        return AssignForm(
            data,
            people=list(people_to_assign() if data is not None else people[:PEOPLE_SHOWN_MAX]),
            grants=[row.grant for row in self.shared],
            labels={row.grant.pk: _label(row.profile, row.role) for row in self.shared},
            roles=roles,
            initial=initial,
        )

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        assign_profiles(
            actor=self.access,
            partnership=self.partnership,
            people=chosen["people"],
            grants=chosen["profiles"],
            role=chosen["role"],
            starts_at=chosen["starts_at"],
            expires_at=chosen["expires_at"],
            reason=chosen["reason"],
            now=timezone.now(),
        )
        text = ngettext(
            "%(count)d person is assigned as %(role)s.",
            "%(count)d people are assigned as %(role)s.",
            len(chosen["people"]),
        )
        self.say(text % {"count": len(chosen["people"]), "role": chosen["role"].label})
        return self.go("partner", self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        partnership = self.partnership
        return {
            "partnership": partnership,
            "other": partnership.organization,
            "shared": self.shared,
            "q": self.searched,
            "shown_max": PEOPLE_SHOWN_MAX,
            "is_searchable": bool(self.searched) or people_to_assign().count() > PEOPLE_SHOWN_MAX,
        }

    @property
    def searched(self) -> str:
        return self.request.GET.get("q", "").strip()[:120]


class AssignmentEnd(SharingView, ActView):
    """One of our people no longer works on one shared profile."""

    mendable = (Refused,)

    def act(self) -> HttpResponse:
        partnership = self.partnership
        with organization_open(partnership.organization_id):
            mine = assigned_rows().filter(grant__partnership=partnership, pk=self.kwargs["assignment"])
            assignment = mine.first()
        if assignment is None:
            raise Http404
        end_assignments(
            actor=self.access,
            partnership=partnership,
            assignments=[assignment],
            now=timezone.now(),
            reason=self.request.POST.get("reason", "").strip()[:300],
        )
        self.say(
            _("%(person)s no longer works on %(profile)s.")
            % {"person": assignment.user, "profile": assignment.grant.content_object}
        )
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("partner", self.kwargs["pk"])


def _label(profile: Model, role: RoleFacts) -> str:
    return _("%(profile)s (shared as %(role)s)") % {"profile": profile, "role": role.label}
