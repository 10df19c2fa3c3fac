"""Delivery of the whole organization: stopping everything, letting it go on, and how late a post may go out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import UNPROCESSABLE, OrganizationView
from orgs.views.organizations import settings_tabs
from publishing.forms import LatePostsForm, PauseForm
from publishing.services.delivery import PAUSE, pause_publishing, resume_publishing
from publishing.services.lateness import hold_after_minutes, hold_late_posts
from publishing.views.common import next_or, pause_context


class Pause(OrganizationView):
    """Publishing paused with a reason; resumed with ``act=resume``; ``act=hold_late`` sets the limit for late posts."""

    action = PAUSE
    template_name = "publishing/pause.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        match request.POST.get("act"):
            case "resume":
                return self._resume()
            case "hold_late":
                return self._hold_late()
            case _:
                return self._pause()

    def _resume(self) -> HttpResponse:
        resume_publishing(actor=self.access, organization=self.organization, now=timezone.now())
        self.say(
            _("Publishing goes on. What became due meanwhile goes out now, unless it is too late for it.")
        )
        return redirect(next_or(self.request, "calendar"))

    def _pause(self) -> HttpResponse:
        form = PauseForm(self.request.POST)
        if not form.is_valid():
            return self._show(status=UNPROCESSABLE, form=form)
        pause_publishing(
            actor=self.access,
            organization=self.organization,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        messages.success(self.request, _("Publishing is paused. Nothing goes out until somebody resumes it."))
        return redirect(next_or(self.request, "calendar"))

    def _hold_late(self) -> HttpResponse:
        form = LatePostsForm(self.request.POST, minutes=hold_after_minutes(self.organization))
        if not form.is_valid():
            return self._show(status=UNPROCESSABLE, late_form=form)
        hold_late_posts(
            actor=self.access, organization=self.organization, after_minutes=form.minutes, now=timezone.now()
        )
        self.say(_("Saved. It holds for every post from now on."))
        return self.go("pause")

    def _show(self, status: int = 200, **forms: Any) -> HttpResponse:
        late_form = LatePostsForm(minutes=hold_after_minutes(self.organization))
        context = {"form": PauseForm(), "late_form": late_form, **pause_context(self.request), **forms}
        return self.page(status=status, **settings_tabs(self, "pause"), **context)
