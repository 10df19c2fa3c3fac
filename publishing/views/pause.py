"""Stopping everything of the organization, and letting it go on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.forms import PauseForm
from publishing.services.delivery import pause_publishing, resume_publishing
from publishing.views.common import next_or, pause_context


class Pause(GuardedView):
    """Publishing paused for the whole organization: begun with a reason, ended with ``act=resume``."""

    action = "organization.pause_publishing"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return render(request, "publishing/pause.html", {"form": PauseForm(), **pause_context(request)})

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        if request.POST.get("act") == "resume":
            resume_publishing(actor=request.access, organization=request.organization, now=now)
            messages.success(request, _("Publishing goes on. What became due meanwhile goes out now."))
            return redirect(next_or(request, "calendar"))
        form = PauseForm(request.POST)
        if not form.is_valid():
            context = {"form": form, **pause_context(request)}
            return render(request, "publishing/pause.html", context, status=422)
        pause_publishing(
            actor=request.access,
            organization=request.organization,
            now=now,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("Publishing is paused. Nothing goes out until somebody resumes it."))
        return redirect(next_or(request, "calendar"))
