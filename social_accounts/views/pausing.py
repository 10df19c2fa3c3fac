"""Pausing one profile, and letting it go on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from social_accounts.forms import ProfilePauseForm
from social_accounts.models import SocialProfile
from social_accounts.services.pausing import PAUSE_PROFILE, pause_profile, resume_profile
from social_accounts.views.pages import scope_object, see


class ProfilePausing(GuardedView):
    """A pause of the profile: begun with a reason, ended with ``act=resume``. GET is the question without scripts."""

    action = PAUSE_PROFILE
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self._ask(request, ProfilePauseForm(), status=200)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, now = scope_object(self), timezone.now()
        if request.POST.get("act") == "resume":
            resume_profile(actor=request.access, profile=profile, now=now)
            text = _(
                "%(profile)s goes on. What became due meanwhile goes out now, unless it is too late for it."
            )
            messages.success(request, text % {"profile": profile.name})
            return see(request, "profile", profile.pk)
        form = ProfilePauseForm(request.POST)
        if not form.is_valid():
            return self._ask(request, form, status=422)
        pause_profile(actor=request.access, profile=profile, now=now, reason=form.cleaned_data["reason"])
        text = _("%(profile)s is paused. Nothing goes out there until somebody lets it go on.")
        messages.success(request, text % {"profile": profile.name})
        return see(request, "profile", profile.pk)

    def _ask(self, request: OrganizationRequest, form: ProfilePauseForm, status: int) -> HttpResponse:
        context = {"profile": scope_object(self), "pause_form": form}
        return render(request, "social_accounts/pause.html", context, status=status)
