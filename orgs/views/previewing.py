"""Forms and buttons that show what they would change before anything is saved: fill in, see, confirm.

With JavaScript the panel follows every choice (``step=look``, a fragment); without it "See what changes" brings the
page back with the panel and the confirming button.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orgs.views.base import UNPROCESSABLE, ActView, FormView
from permissions.what_if import preview
from permissions.what_if_words import Told, tell

LOOK = "look"
REASON_MAX = 300


class PreviewedFormView(FormView):
    """``make_change`` calls the service; ``done_with`` says so afterwards. The preview runs the same call."""

    confirm: ClassVar[Any] = _("Save changes")
    panel_template: ClassVar[str] = "orgs/parts/what_if_panel.html"

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") != LOOK:
            return super().post(request, *args, **kwargs)
        form = self.make_form(request.POST, request.FILES)
        told = self.told(form) if form.is_valid() else None
        if getattr(request, "htmx", False):
            return render(request, self.panel_template, {"told": told, **self.panel()})
        status = UNPROCESSABLE if told is None else 200
        return self.page(status=status, form=form, told=told, **self.panel(), **self.context())

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form()
        return self.page(form=form, told=self.told_at_first(form), **self.panel(), **self.context())

    def save(self, form: forms.Form) -> HttpResponse:
        self.make_change(form, timezone.now())
        return self.done_with(form)

    def told(self, form: forms.Form) -> Told:
        """Return what saving the form would change, as the one who fills it in may see it."""
        now = timezone.now()
        what_if = preview(
            organization_id=self.organization.pk,
            change=lambda: self.make_change(form, now),
            at=now,
            people=self.people_touched(form),
        )
        return tell(what_if, viewer=self.access)

    def told_at_first(self, form: forms.Form) -> Told | None:
        """Return the preview to open the page with, where the form comes filled in."""
        return None

    def make_change(self, form: forms.Form, now: datetime) -> None:
        raise NotImplementedError

    def done_with(self, form: forms.Form) -> HttpResponse:
        raise NotImplementedError

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        """Return the ids of those whose rights alone the change touches; None: anybody's."""
        return None

    def panel(self) -> dict[str, Any]:
        """Return what the panel needs besides the preview: what the confirming button says."""
        return {"confirm": self.confirm}


class PreviewedActView(ActView):
    """One act with a page before it: what it would change, a reason where one is kept, and the button that does it."""

    template_name = "orgs/confirm.html"
    confirm: ClassVar[Any] = ""
    keeps_reason: ClassVar[bool] = True
    is_danger: ClassVar[bool] = True

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        what_if = preview(
            organization_id=self.organization.pk,
            change=lambda: self.make_change(now, ""),
            at=now,
            people=self.people_touched(),
        )
        told = tell(what_if, viewer=self.access)
        return self.page(
            told=told,
            confirm=self.confirm,
            keeps_reason=self.keeps_reason,
            is_danger=self.is_danger,
            back_url=self.back()["Location"],
            **self.words(),
        )

    def act(self) -> HttpResponse:
        words = self.words()  # before the act: what it is about may be gone afterwards
        self.make_change(timezone.now(), self.request.POST.get("reason", "").strip()[:REASON_MAX])
        self.say(str(words["done"]))
        return self.back()

    def make_change(self, now: datetime, reason: str) -> None:
        """Call the service on rows read anew: the preview runs the same call, and undoes it."""
        raise NotImplementedError

    def people_touched(self) -> Collection[int] | None:
        return None

    def words(self) -> dict[str, Any]:
        """Return ``heading``, ``lead`` and ``done``, and ``crumbs``: pairs of a name and an address."""
        raise NotImplementedError
