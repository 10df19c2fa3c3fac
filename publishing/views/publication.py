"""One publication: where it stands, every attempt, and what a person can do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.checker import Access
from permissions.guard import OrganizationRequest
from publishing.content import content_for, problems_of
from publishing.forms import ResolveForm, TakeOverForm
from publishing.models import HoldReason, Publication, PublishAttempt, State
from publishing.rights import PUBLISH, TAKE_OVER, VIEW, may_change, may_change_post
from publishing.selectors import siblings_of
from publishing.selectors.organizing import organizing_of
from publishing.selectors.waiting import obstacles_of
from publishing.services.delivery import (
    RESOLVE,
    CannotResolve,
    CannotTakeOver,
    resolve_unconfirmed,
    take_over_held,
)
from publishing.services.posts import CHANGEABLE, EDITABLE
from publishing.services.scheduling import SCHEDULABLE, CannotSchedule, cancel
from publishing.shown_options import shown_options
from publishing.states import StateError
from publishing.times import TimeQuestion, moment_in
from publishing.views.common import CHANGING, PublicationView, pause_context
from publishing.views.followups import follow_up_context
from publishing.views.threads import comments_context, note_mentions_seen
from social_accounts.connections import features
from social_accounts.networks.base import FIRST_COMMENT


def preview_context(publication: Publication, access: Access | None = None) -> dict[str, Any]:
    """Return what a page needs to show the publication as its network would, to this reader (None: from outside)."""
    profile, post = publication.profile, publication.post
    network = features(profile.network)
    content = content_for(post, profile)
    return {
        "network": network,
        "text": content.text,
        "title": content.options.get("title", ""),
        "first_comment": content.options.get(FIRST_COMMENT, ""),
        "pictures": list(post.media.order_by("position")),
        "options": shown_options(post, profile, access),
        "digest": post.content_digest(profile.network),
    }


class PublicationDetail(PublicationView):
    action = VIEW

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        note_mentions_seen(request, self.publication)
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
        "organizing_of_post": organizing_of(access, request.organization, publication.post),
        **preview_context(publication, request.access),
        **follow_up_context(request, publication),
        **comments_context(request, publication),
        "is_too_late": is_held and publication.hold_reason == HoldReason.TOO_LATE,
        "obstacles": obstacles_of(access, publication, timezone.now()),
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
    Outcome.NOT_SENT: "warn",
    Outcome.UNREACHABLE: "warn",
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


class Takeover(PublicationView):
    """Answering for a publication that is held because nobody does any more."""

    action = TAKE_OVER

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = TakeOverForm(request.POST)
        question, refusal = None, ""
        is_now = "is_now" in request.POST
        if form.is_valid() and not is_now and self._must_choose(form):
            form.add_error("when", _("Choose a time, or send it now."))
        try:
            if form.is_valid():
                values = form.cleaned_data
                zone = self.publication.profile.time_zone
                is_later = values["when"] and not is_now
                due_at = moment_in(values["when"], zone, values["fold"]) if is_later else None
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

    def _must_choose(self, form: TakeOverForm) -> bool:
        """Say whether no time was chosen for what is too late: nothing goes out because somebody pressed a key."""
        return self.publication.hold_reason == HoldReason.TOO_LATE and not form.cleaned_data["when"]


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
