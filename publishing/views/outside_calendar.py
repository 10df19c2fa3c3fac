"""A shared calendar as people outside see it: behind their link, without an account."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import see_other
from publishing.approval_forms import APPROVE, CommentForm, OutsideAnswerForm
from publishing.hours import midnight
from publishing.models import CalendarLink, PostMedia, Publication, State
from publishing.selectors.calendar import TONES, Card, Day, grouped
from publishing.selectors.sharing import (
    approval_link_of,
    asked_of,
    is_shown_behind,
    publications_behind,
)
from publishing.services.approvals import CannotAnswer, approve_from_outside, decline_from_outside
from publishing.services.comments import CannotComment, comments_for_outside, write_comment_from_outside
from publishing.states import StateError
from publishing.views.outsiders import OutsiderPicture, OutsiderView
from publishing.views.publication import preview_context
from ui.bounds import YEARS

UNPROCESSABLE = 422
ONE_DAY = timedelta(days=1)


class _Behind(OutsiderView):
    """What every page behind a link to a calendar reads. Times are on the organization's clock, which is named."""

    link_model = CalendarLink
    link: CalendarLink

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.link.organization.time_zone)

    def publications(self) -> QuerySet[Publication]:
        return publications_behind(self.link, timezone.now())

    def frame(self) -> dict[str, Any]:
        return {
            "link": self.link,
            "calendar": self.link.calendar,
            "outside": self.link.organization,
            "token": self.kwargs["token"],
            "zone": str(self.zone),
        }


class OutsideCalendar(_Behind):
    """One month, as a grid or as a list."""

    def get(
        self, request: HttpRequest, token: str, year: int | None = None, month: int | None = None
    ) -> HttpResponse:
        today = timezone.now().astimezone(self.zone).date()
        first = self._first(today, year, month)
        days = self._days(first, today)
        previous, following = first - ONE_DAY, (first + timedelta(days=31)).replace(day=1)
        calendar = self.link.calendar
        context = {
            **self.frame(),
            "first": first,
            "days": days,
            "week_days": [day.date for day in days[:7]],
            "filled": [day for day in days if day.cards and not day.is_outside],
            "is_list": request.GET.get("view") == "list",
            "previous": previous if calendar.start_date is None or previous >= calendar.start_date else None,
            "following": following if calendar.end_date is None or following <= calendar.end_date else None,
            "asked": list(asked_of(self.link, self.publications())),
        }
        return render(request, "publishing/sharing/outside_calendar.html", context)

    def _first(self, today: date, year: int | None, month: int | None) -> date:
        if year is None or month is None:
            calendar = self.link.calendar
            if calendar.start_date and today < calendar.start_date:
                today = calendar.start_date
            if calendar.end_date and today > calendar.end_date:
                today = calendar.end_date
            return today.replace(day=1)
        if year not in YEARS or not 1 <= month <= 12:
            raise Http404
        return date(year, month, 1)

    def _days(self, first: date, today: date) -> list[Day]:
        dates = [day for week in Calendar().monthdatescalendar(first.year, first.month) for day in week]
        by_date = {day: Day(day, day.month != first.month, day == today) for day in dates}
        shown: Any = self.publications()  # with the moment each is shown at, which the model does not have
        found = shown.filter(
            shown_at__gte=midnight(dates[0], self.zone), shown_at__lt=midnight(dates[-1] + ONE_DAY, self.zone)
        )
        for together in grouped(found):
            local = together[0].shown_at.astimezone(self.zone)  # type: ignore[attr-defined]
            tone = TONES[State(together[0].state)]
            by_date[local.date()].cards.append(Card(together, local, tone, may_move=False))
        return list(by_date.values())


class OutsidePost(_Behind):
    """One post as its network will show it, what was said about it outside, and the answer where one is asked for."""

    def get(self, request: HttpRequest, token: str, pk: int) -> HttpResponse:
        return self.show(OutsideAnswerForm(), CommentForm())

    def post(self, request: HttpRequest, token: str, pk: int) -> HttpResponse:
        if "text" in request.POST:
            return self._comment(request)
        return self._answer(request)

    def _comment(self, request: HttpRequest) -> HttpResponse:
        if not self.link.may_comment:
            raise Http404
        form, publication = CommentForm(request.POST), self.publication()
        if form.is_valid():
            try:
                write_comment_from_outside(
                    link=self.link, post=publication.post, text=form.cleaned_data["text"], now=timezone.now()
                )
                return self._here(publication)
            except CannotComment as problem:
                form.add_error("text", str(problem))
        return self.show(OutsideAnswerForm(), form, status=UNPROCESSABLE)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        form, publication, now = OutsideAnswerForm(request.POST), self.publication(), timezone.now()
        link = approval_link_of(self.link, publication, now)
        try:
            if link is None:
                raise CannotAnswer(_("This post does not wait for your answer."))
            if form.is_valid():
                values = form.cleaned_data
                if values["answer"] == APPROVE:
                    approve_from_outside(link=link, digest=values["digest"], now=now, note=values["note"])
                    messages.success(request, _("You approved it. Thank you."))
                else:
                    decline_from_outside(link=link, now=now, note=values["note"])
                    messages.success(request, _("You did not approve it. Its author sees your note."))
                return see_other(reverse("outside_calendar", args=[self.kwargs["token"]]))
        except (CannotAnswer, StateError) as problem:
            form.full_clean()
            form.add_error(None, str(problem))
        return self.show(form, CommentForm(), status=UNPROCESSABLE)

    def publication(self) -> Publication:
        publication: Publication = get_object_or_404(self.publications(), pk=self.kwargs["pk"])
        return publication

    def show(self, form: OutsideAnswerForm, comment_form: CommentForm, status: int = 200) -> HttpResponse:
        publication = self.publication()
        shown = preview_context(publication)
        token = self.kwargs["token"]
        others = self.publications().filter(post=publication.post_id).exclude(pk=publication.pk)
        context = {
            **self.frame(),
            "publication": publication,
            "network": shown["network"],
            "text": shown["text"],
            "digest": shown["digest"],
            "options": shown["options"],
            "pictures": shown["pictures"],
            "outside_pictures": [
                (one, reverse("outside_calendar_picture", args=[token, one.pk])) for one in shown["pictures"]
            ],
            "others": list(others),
            "comments": comments_for_outside(publication.post) if self.link.may_comment else [],
            "may_answer": approval_link_of(self.link, publication, timezone.now()) is not None,
            "form": form,
            "comment_form": comment_form,
        }
        return render(self.request, "publishing/sharing/outside_post.html", context, status=status)

    def _here(self, publication: Publication) -> HttpResponse:
        address = reverse("outside_calendar_post", args=[self.kwargs["token"], publication.pk])
        return see_other(f"{address}#comments")


class OutsideCalendarPicture(OutsiderPicture, _Behind):
    """A picture of a post the link shows."""

    def may_show(self, media: PostMedia) -> bool:
        return is_shown_behind(self.link, media, timezone.now())
