"""A copy of a post, and letting a post come again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import FormView
from publishing.organizing.views.history import PostView
from publishing.queue_forms import RepetitionForm
from publishing.rights import may_change_post
from publishing.services.duplicating import duplicate_post
from publishing.services.repeating import CannotRepeat, end_repetition, plan_ahead, repeat_post


class PostCopies(PostView):
    """Making a copy: a draft of one's own, opened in the composer."""

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        return self.go("post_edit", self.post_shown.pk)

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        copy = duplicate_post(actor=self.access, post=self.post_shown, now=timezone.now())
        self.say(_("This is the copy: a draft of yours."))
        return self.go("post_edit", copy.pk)


class PostRepetition(FormView, PostView):
    """How a post comes again: what is set up, what it has made, and ending it (``act=end``)."""

    template_name = "publishing/queues/repetition.html"
    mendable = (CannotRepeat,)

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        if request.POST.get("act") != "end":
            return super().post(request)
        running = self.post_shown.repetitions.filter(ended_at=None).select_related("post").first()
        if running is not None:
            end_repetition(actor=self.access, repetition=running, now=timezone.now())
        self.say(_("It comes no more. What is planned already stays: cancel those you do not want."))
        return self.go("post_repetition", pk)

    def make_form(self, data: Any = None, files: Any = None) -> RepetitionForm:
        return RepetitionForm(data)

    def save(self, form: RepetitionForm) -> HttpResponse:  # type: ignore[override]
        now = timezone.now()
        repetition = repeat_post(actor=self.access, post=self.post_shown, plan=form.plan(), now=now)
        plan_ahead(organization_id=self.organization.pk, repetition_id=repetition.pk, now=now)
        repetition.refresh_from_db()
        if repetition.ended_because:
            messages.error(self.request, repetition.ended_because)
        else:
            self.say(_("It comes again. Each time is a post of its own, made two weeks ahead."))
        return self.go("post_repetition", self.post_shown.pk)

    def context(self) -> dict[str, Any]:
        repetitions = self.post_shown.repetitions.select_related("created_by").order_by("-created_at", "-pk")
        running = repetitions.filter(ended_at=None).first()
        latest = running or repetitions.first()
        made = latest.occurrences.select_related("post").order_by("number") if latest else []
        return {
            "post": self.post_shown,
            "running": running,
            "latest": latest,
            "occurrences": made,
            "may_change": may_change_post(self.access, self.post_shown),
        }
