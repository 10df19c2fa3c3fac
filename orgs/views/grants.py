"""Roles on profiles, given to one member and ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.forms import GrantForm
from orgs.selectors.choices import PROFILES_SHOWN, profiles_to_choose
from orgs.services import members as services
from orgs.views.members import MemberForm, MemberView
from orgs.views.previewing import PreviewedActView
from permissions.catalogue import Scope
from permissions.giving import can_give, may_manage_access
from permissions.roles import roles_by_permission
from permissions.scopes import tables_of
from permissions.services import InvalidWindow, NotAMember


class GrantNew(MemberForm):
    """A role on one or several profiles, with its window and reason; what may be given where is R9's to say."""

    action = "organization.edit_member_permissions"
    template_name = "orgs/grant_new.html"
    mendable = (InvalidWindow, NotAMember)
    confirm = gettext_lazy("Grant access")

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        text = self.request.GET.get("q", "").strip()
        chosen = self.request.GET.getlist("profile")
        ids = data.getlist("profiles") if data is not None else chosen
        profiles = profiles_to_choose(self.access, may_manage_access, matching=text, chosen=ids)
        roles = [
            role
            for role in self.offered(Scope.PROFILE)
            if any(can_give(giver=self.access, receiver=None, role=role, obj=profile) for profile in profiles)
        ]
        return GrantForm(data, roles=roles, profiles=profiles, initial={"profiles": chosen})

    def make_change(self, form: forms.Form, now: datetime) -> None:
        chosen = form.cleaned_data
        services.grant_profile_roles(
            actor=self.access,
            membership=self.membership,
            role=chosen["role"],
            profiles=chosen["profiles"],
            starts_at=chosen["starts_at"],
            expires_at=chosen["expires_at"],
            reason=chosen["reason"],
            now=now,
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        role = form.cleaned_data["role"]
        return self.done(
            _("%(person)s has the role %(role)s.") % {"person": self.membership, "role": role.label}
        )

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "q": self.request.GET.get("q", "").strip(),
            "shown_max": PROFILES_SHOWN,
            "is_long": tables_of(Scope.PROFILE).model._default_manager.count() > PROFILES_SHOWN,
        }


class GrantEnd(MemberView, PreviewedActView):
    """End one role on one profile."""

    action = "organization.edit_member_permissions"
    confirm = gettext_lazy("End role")

    def grant(self) -> Any:
        grants = tables_of(Scope.PROFILE).user_grants.objects.select_related("content_object", "user")
        return get_object_or_404(grants, pk=self.kwargs["grant"], user=self.membership.user_id)

    def make_change(self, now: datetime, reason: str) -> None:
        services.end_profile_role(actor=self.access, grant=self.grant(), now=now, reason=reason)

    def people_touched(self) -> Collection[int] | None:
        return [self.membership.user_id]

    def words(self) -> dict[str, Any]:
        grant = self.grant()
        role = roles_by_permission([grant.permission_id])[grant.permission_id]
        names = {"person": self.membership, "profile": grant.content_object, "role": role.label}
        return {
            "heading": _("End the role %(role)s on %(profile)s?") % names,
            "lead": _(
                "%(person)s loses this role there at once. What a team gives on the profile counts again."
            )
            % names,
            "done": _("The role on %(profile)s has ended.") % names,
            "crumbs": [(str(self.membership), self.url("member_access", self.kwargs["pk"]))],
        }

    def back(self) -> HttpResponse:
        return self.go("member_access", self.kwargs["pk"])
