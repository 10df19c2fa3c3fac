"""Queues: which profile has one, its times of the week, what comes when; pausing, shuffling, closing gaps."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orgs.views.base import UNPROCESSABLE, OrganizationView
from publishing.models import QueuePause, QueueSlot
from publishing.queue_forms import TimesForm
from publishing.rights import PUBLISH, VIEW
from publishing.selectors.queues import coming_moments, missed_of_queue, queue_rows, week_of_queue
from publishing.services.queues import (
    MANAGE_QUEUES,
    SETTINGS,
    CannotQueue,
    close_gaps,
    pause_queue,
    resume_queue,
    set_slots,
    shuffle_queue,
)
from social_accounts.models import SocialProfile
from ui.addresses import id_in


class QueueList(OrganizationView):
    """Every profile whose posts one may view, with its queue."""

    listing = VIEW
    template_name = "publishing/queues/list.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(rows=queue_rows(self.access, timezone.now()))


class _OneQueue(OrganizationView):
    model: ClassVar[type[Model] | None] = SocialProfile
    template_name = "publishing/queues/detail.html"

    @property
    def profile(self) -> SocialProfile:
        profile: SocialProfile = self.scope_object  # type: ignore[assignment]
        return profile

    def shown(self, form: TimesForm | None = None, status: int = 200) -> HttpResponse:
        now, profile = timezone.now(), self.profile
        may_publish = self.access.can(PUBLISH, profile)
        return self.page(
            status=status,
            profile=profile,
            week=week_of_queue(profile),
            coming=coming_moments(profile, now),
            missed=missed_of_queue(profile, now),
            pause=QueuePause.objects.filter(profile=profile).select_related("paused_by").first(),
            form=form or TimesForm(),
            may_set=self.access.can(SETTINGS, profile),
            may_order=may_publish and self.may("manage_queues"),
        )

    def back(self) -> HttpResponse:
        return self.go("queue", self.profile.pk)


class QueueDetail(_OneQueue):
    """What comes when, and the times of the week."""

    action = VIEW

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.shown()


class QueueTimes(_OneQueue):
    """Adding times of the week, or taking one away (``remove`` is its id)."""

    action = SETTINGS

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.back()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        present = {slot.pk: slot.as_time for slot in QueueSlot.objects.filter(profile=self.profile)}
        gone = id_in(request.POST.get("remove", ""))
        if gone is not None:
            present.pop(gone, None)
            self._set(set(present.values()))
            self.say(_("The time is taken out. Posts that were dated by it keep theirs."))
            return self.back()
        form = TimesForm(request.POST)
        if not form.is_valid():
            return self.shown(form, UNPROCESSABLE)
        try:
            self._set(set(present.values()) | form.times())
        except CannotQueue as problem:
            form.add_error(None, str(problem))
            return self.shown(form, UNPROCESSABLE)
        self.say(_("The queue has its times."))
        return self.back()

    def _set(self, times: set[Any]) -> None:
        set_slots(actor=self.access, profile=self.profile, times=times, now=timezone.now())


class QueueStop(_OneQueue):
    """Pausing the queue, and letting it go on (``act=resume``)."""

    action = SETTINGS

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.back()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        if request.POST.get("act") == "resume":
            dealt = resume_queue(actor=self.access, profile=self.profile, now=now)
            self.say(_dealt(_("The queue goes on."), len(dealt)))
        else:
            pause_queue(actor=self.access, profile=self.profile, now=now)
            self.say(_("The queue is paused. What has a time of its own still goes out."))
        return self.back()


class QueueOrder(OrganizationView):
    """Shuffling what is in the queue, or closing its gaps (``act=close``)."""

    action = MANAGE_QUEUES

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        profile, now = self._profile(pk), timezone.now()
        if request.POST.get("act") == "close":
            dealt = close_gaps(actor=self.access, profile=profile, now=now)
            self.say(_dealt(_("The gaps are closed."), len(dealt)))
        else:
            dealt = shuffle_queue(actor=self.access, profile=profile, now=now)
            self.say(_dealt(_("The queue is shuffled."), len(dealt)))
        return self.go("queue", profile.pk)

    def _profile(self, pk: int) -> SocialProfile:
        profile: SocialProfile = get_object_or_404(SocialProfile, pk=pk)
        if not self.access.sees(profile):
            raise Http404
        return profile


def _dealt(what: str, count: int) -> str:
    moved = ngettext("%(count)d post has another time now.", "%(count)d posts have another time now.", count)
    return f"{what} {moved % {'count': count}}"
