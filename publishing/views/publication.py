"""One publication: where it stands, every attempt, and what a person can do about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import OrganizationRequest
from publishing.content import problems_of
from publishing.forms import MoveForm, ResolveForm, TakeOverForm
from publishing.models import HoldReason, Publication, PublishAttempt, State
from publishing.rights import PUBLISH, VIEW, may_change, may_change_post
from publishing.selectors import moving_with, siblings_of
from publishing.services.delivery import (
    RESOLVE,
    TAKE_OVER,
    CannotResolve,
    CannotTakeOver,
    resolve_unconfirmed,
    take_over_held,
)
from publishing.services.posts import CHANGEABLE, EDITABLE
from publishing.services.scheduling import SCHEDULABLE, CannotSchedule, cancel, reschedule_together
from publishing.states import StateError
from publishing.times import TimeQuestion, UnclearTime, moment_in, to_local, to_moment
from publishing.views.calendar import month_context
from publishing.views.common import CHANGING, PublicationView, next_or, pause_context, wanted_by, zone_of
from social_accounts.connections import features
from ui.headers import set_reason, set_toast


def preview_context(publication: Publication) -> dict[str, Any]:
    """Return what a page needs to show the publication as its network would."""
    profile, post = publication.profile, publication.post
    network = features(profile.network)
    options = {option.name: option for option in network.options}
    chosen = []
    for name, value in post.network_options.get(profile.network, {}).items():
        if value and name in options:
            chosen.append((_(options[name].label), _(dict(options[name].choices).get(value, value))))
    return {
        "network": network,
        "text": post.text_for(profile.network),
        "pictures": list(post.media.order_by("position")),
        "options": chosen,
        "digest": post.content_digest(profile.network),
    }


class PublicationDetail(PublicationView):
    action = VIEW

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return show(request, self.publication)


def show(
    request: OrganizationRequest,
    publication: Publication,
    *,
    problem: str = "",
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """Return the publication's page, perhaps with the form that was refused."""
    access, profile = request.access, publication.profile
    is_held = publication.state == State.HELD
    may_edit = publication.state in EDITABLE and may_change_post(access, publication.post)
    changes = publication.state in SCHEDULABLE and may_change(access, publication)
    context: dict[str, Any] = {
        "publication": publication,
        "problem": problem,
        "attempts": list(publication.attempts.order_by("-number")),
        "approvals": list(
            publication.approvals.select_related("requested_by", "answered_by").order_by("-requested_at")
        ),
        "siblings": siblings_of(access, publication.post, publication),
        "may_edit": may_edit,
        "may_move": changes,
        "may_cancel": changes,
        "needs_reconnect": is_held and publication.hold_reason == HoldReason.RECONNECT,
        "may_take_over": is_held
        and publication.hold_reason != HoldReason.RECONNECT
        and access.can(TAKE_OVER, profile)
        and access.can(PUBLISH, profile),
        "may_resolve": publication.state == State.UNCONFIRMED and access.can(RESOLVE, profile),
        "may_send_again": access.can(PUBLISH, profile),
        "content_problems": problems_of(publication) if publication.state in CHANGEABLE else [],
        "outcome_tones": TONES_OF_OUTCOMES,
        "resolve_form": ResolveForm(),
        "take_over_form": TakeOverForm(),
        "take_over_question": None,
        **preview_context(publication),
        **pause_context(request),
        **forms,
    }
    return render(request, "publishing/publication_detail.html", context, status=status)


Outcome = PublishAttempt.Outcome
TONES_OF_OUTCOMES = {
    Outcome.PUBLISHED: "ok",
    Outcome.PREPARED: "ok",
    Outcome.REJECTED: "bad",
    Outcome.UNKNOWN: "warn",
    Outcome.NOT_FOUND: "warn",
    Outcome.RATE_LIMITED: "warn",
    Outcome.RECONNECT: "warn",
    Outcome.HELD: "warn",
}


class Cancellation(PublicationView):
    any_action = CHANGING

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        try:
            cancel(actor=request.access, publication=self.publication, now=timezone.now())
        except (CannotSchedule, StateError) as problem:
            return show(request, self.get_object(), problem=str(problem), status=422)
        messages.success(request, _("The publication is canceled. It will not go out."))
        return redirect("publication_detail", request.organization.slug, self.publication.pk)


class PublicationMove(PublicationView):
    """Another time: by the form, or by dragging in the calendar (``day`` and ``origin``, both dates)."""

    any_action = CHANGING

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        due_at = self.publication.due_at
        when = to_local(due_at, self.publication.profile.time_zone) if due_at else None
        return self.form_page(request, MoveForm(initial={"when": when}))

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = MoveForm(request.POST)
        is_dragged = bool(request.headers.get("HX-Request"))
        question: TimeQuestion | None = None
        try:
            if form.is_valid():
                moved = reschedule_together(
                    actor=request.access, due=self._due(request, form), now=timezone.now()
                )[0]
                return self._moved(request, moved, is_dragged)
        except TimeQuestion as asked:
            question = asked
        except (CannotSchedule, UnclearTime, StateError) as problem:
            form.add_error("when", str(problem))
        if is_dragged:
            sentence = (
                str(question)
                if question
                else " ".join(map(str, form.errors.get("when") or [_("Choose a day.")]))
            )
            response = HttpResponse(status=422, headers={"HX-Reswap": "none"})
            return set_toast(set_reason(response, sentence), sentence, "bad")
        return self.form_page(request, form, question, status=422)

    def form_page(
        self,
        request: OrganizationRequest,
        form: MoveForm,
        question: TimeQuestion | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "publication": self.publication,
            "form": form,
            "question": question,
            "next": request.POST.get("next", ""),
            "together": request.POST.get("together", ""),
            "narrowed_to": wanted_by(request).profile_id or "",
            **pause_context(request),
        }
        return render(request, "publishing/publication_move.html", context, status=status)

    def _due(self, request: OrganizationRequest, form: MoveForm) -> list[tuple[Publication, datetime]]:
        """Return what moves where: this publication, or with ``together`` all that share its card."""
        values, zone = form.cleaned_data, self.publication.profile.time_zone
        moving = [self.publication]
        if values["together"] and self.publication.due_at is not None:
            moving = moving_with(request.access, self.publication, wanted_by(request)) or moving
        if values["when"] is not None:
            moment = moment_in(values["when"], zone, values["fold"])
            return [(publication, moment) for publication in moving]
        due_at = self.publication.due_at
        if due_at is None:
            raise CannotSchedule(_("It has no time yet. Give it a day and a time."))
        lies_on = due_at.astimezone(zone_of(request)).date()
        if values["origin"] is not None and values["origin"] != lies_on:
            raise CannotSchedule(_("Somebody moved it meanwhile. Load the calendar again."))
        day: date = values["day"]
        # The day changes, the time of day on each profile's own clock stays.
        return [(one, _days_later(due_at, one.profile.time_zone, day - lies_on)) for one in moving]

    def _moved(self, request: OrganizationRequest, moved: Publication, is_dragged: bool) -> HttpResponse:
        sentence = _("The post is moved.")
        if moved.state == State.WAITING:
            sentence = _("The post is moved and waits for approval.")
        if not is_dragged:
            messages.success(request, sentence)
            return redirect(next_or(request, "publication_detail", moved.pk))
        first = _month_shown(request, moved)
        context = month_context(request, first, wanted_by(request))
        return set_toast(render(request, "publishing/_calendar_grid.html", context), sentence)


class Takeover(PublicationView):
    """Answering for a publication that is held because nobody does any more."""

    action = TAKE_OVER

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = TakeOverForm(request.POST)
        question, refusal = None, ""
        try:
            if form.is_valid():
                values = form.cleaned_data
                zone = self.publication.profile.time_zone
                due_at = moment_in(values["when"], zone, values["fold"]) if values["when"] else None
                take_over_held(
                    actor=request.access,
                    publication=self.publication,
                    digest=values["digest"],
                    now=timezone.now(),
                    due_at=due_at,
                )
                messages.success(request, _("You answer for it now. It goes out at its time."))
                return redirect("publication_detail", request.organization.slug, self.publication.pk)
        except TimeQuestion as asked:
            question = asked
        except (CannotTakeOver, StateError) as problem:
            refusal = str(problem)
        return show(
            request,
            self.get_object(),
            problem=refusal,
            status=422,
            take_over_form=form,
            take_over_question=question,
        )


class Resolution(PublicationView):
    """Telling what became of a publication whose outcome only a person can see."""

    action = RESOLVE

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = ResolveForm(request.POST)
        refusal = ""
        try:
            if form.is_valid():
                resolve_unconfirmed(
                    actor=request.access,
                    publication=self.publication,
                    finding=form.cleaned_data["finding"],
                    now=timezone.now(),
                    permalink=form.cleaned_data["permalink"],
                )
                messages.success(request, _("The outcome is settled."))
                return redirect("publication_detail", request.organization.slug, self.publication.pk)
        except (CannotResolve, StateError) as problem:
            refusal = str(problem)
        return show(request, self.get_object(), problem=refusal, status=422, resolve_form=form)


def _days_later(moment: datetime, zone: str, days: timedelta) -> datetime:
    return to_moment(to_local(moment, zone) + days, zone)


def _month_shown(request: OrganizationRequest, moved: Publication) -> date:
    """Return the first of the month the calendar shows (``month``, as YYYY-MM-DD), else of the new time."""
    try:
        return date.fromisoformat(request.POST.get("month", "")).replace(day=1)
    except ValueError:
        local = (moved.due_at or timezone.now()).astimezone(zone_of(request))
        return local.date().replace(day=1)
