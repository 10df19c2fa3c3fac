"""Another time for what is on a card: by its form, by dragging it, or by its keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import OrganizationRequest
from publishing.models import Publication, State
from publishing.moving_form import MoveForm
from publishing.selectors import moving_with
from publishing.services.moving import AsksFirst, move_publications
from publishing.services.scheduling import CannotSchedule
from publishing.states import StateError
from publishing.times import TimeQuestion, UnclearTime, moment_in, to_local, to_moment
from publishing.views.calendar import grid_shown
from publishing.views.common import CHANGING, PublicationView, next_or, pause_context, wanted_by, zone_of
from ui.headers import set_reason, set_toast

UNPROCESSABLE: Final = 422
ASK_HEADER: Final = "X-Ask"  # what the calendar's script asks before it sends the move again


class PublicationMove(PublicationView):
    """One publication, or with ``together`` all that share its card, at another time."""

    any_action = CHANGING

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        due_at = self.publication.due_at
        when = to_local(due_at, self.publication.profile.time_zone) if due_at else None
        return self.form_page(request, MoveForm(initial={"when": when}), status=200)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = MoveForm(request.POST)
        question: TimeQuestion | None = None
        asks: AsksFirst | None = None
        try:
            if form.is_valid():
                moved = move_publications(
                    actor=request.access,
                    due=self._due(request, form),
                    now=timezone.now(),
                    is_confirmed=form.cleaned_data["is_confirmed"],
                )
                return self._moved(request, moved[0])
        except TimeQuestion as asked:
            question = asked
        except AsksFirst as asked:
            asks = asked
        except (CannotSchedule, UnclearTime, StateError) as problem:
            form.add_error("when", str(problem))
        if _is_dragged(request):
            return _refused_drag(form, question, asks)
        return self.form_page(request, form, question, asks, status=UNPROCESSABLE)

    def form_page(
        self,
        request: OrganizationRequest,
        form: MoveForm,
        question: TimeQuestion | None = None,
        asks: AsksFirst | None = None,
        *,
        status: int,
    ) -> HttpResponse:
        context = {
            "publication": self.publication,
            "form": form,
            "question": question,
            "asks": asks,
            "next": request.POST.get("next", ""),
            "together": request.POST.get("together", ""),
            "narrowed_to": wanted_by(request).fields if request.method == "POST" else [],
            **pause_context(request),
        }
        return render(request, "publishing/publication_move.html", context, status=status)

    def _due(self, request: OrganizationRequest, form: MoveForm) -> list[tuple[Publication, datetime]]:
        """Return what moves where."""
        values, zone = form.cleaned_data, self.publication.profile.time_zone
        due_at = self.publication.due_at
        moving = [self.publication]
        if values["together"] and due_at is not None:
            moving = moving_with(request.access, self.publication, wanted_by(request)) or moving
        if values["when"] is not None:
            moment = moment_in(values["when"], zone, values["fold"])
            return [(publication, moment) for publication in moving]
        if due_at is None:
            raise CannotSchedule(_("It has no time yet. Give it a day and a time."))
        lies_at = due_at.astimezone(zone_of(request))
        if values["origin"] is not None and values["origin"] != lies_at.date():
            raise CannotSchedule(_("Somebody moved it meanwhile. Load the calendar again."))
        if values["slot"] is not None:
            moment = moment_in(form.in_slot(lies_at.minute), str(zone_of(request)), form.slot_fold)
            return [(publication, moment) for publication in moving]
        # The day changes, the time of day on each profile's own clock stays.
        days = values["day"] - lies_at.date()
        return [(one, _days_later(due_at, one.profile.time_zone, days)) for one in moving]

    def _moved(self, request: OrganizationRequest, moved: Publication) -> HttpResponse:
        sentence = _("The post is moved.")
        if moved.state == State.WAITING:
            sentence = _("The post is moved and waits for approval.")
        if _is_dragged(request):
            return set_toast(grid_shown(request, moved), sentence)
        messages.success(request, sentence)
        return redirect(next_or(request, "publication_detail", moved.pk))


def _is_dragged(request: OrganizationRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _refused_drag(form: MoveForm, question: TimeQuestion | None, asks: AsksFirst | None) -> HttpResponse:
    """Answer a move that did not happen: nothing is swapped, and the card goes back or the question is put."""
    response = HttpResponse(status=UNPROCESSABLE, headers={"HX-Reswap": "none"})
    if asks:
        response[ASK_HEADER] = quote(str(asks))
        return response
    sentence = (
        str(question) if question else " ".join(map(str, form.errors.get("when") or [_("Choose a day.")]))
    )
    return set_toast(set_reason(response, sentence), sentence, "bad")


def _days_later(moment: datetime, zone: str, days: timedelta) -> datetime:
    return to_moment(to_local(moment, zone) + days, zone)
