"""The one screen on which what nobody answers for any more is handed to somebody who may."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from permissions.guard import GuardedView, OrganizationRequest
from publishing.approval_forms import HandoverForm
from publishing.models import Publication
from publishing.rights import TAKE_OVER
from publishing.selectors.handover import held_to_take_over, queued_without_voucher
from publishing.services.handover import Outcome, Wish, take_over_several
from publishing.times import UnclearTime
from publishing.views.common import pause_context, zone_of

HELD_PER_PAGE = 50


class Handover(GuardedView):
    """Held posts, and queued ones nobody vouches for: several are taken over at once, and each refusal says why."""

    listing = TAKE_OVER

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.show(request)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        now, zone = timezone.now(), str(zone_of(request))
        offered = {
            one.pk: one
            for one in (*held_to_take_over(request.access), *queued_without_voucher(request.access, now))
        }
        form = HandoverForm(request.POST, ids=list(offered), zone=zone)
        if not form.is_valid():
            return self.show(request, form, status=422)
        try:
            late_due_at = form.late_due_at(now)
        except UnclearTime as problem:
            form.add_error("when", str(problem))
            return self.show(request, form, status=422)
        wishes = [
            Wish(offered[pk], request.POST.get(f"digest_{pk}", "")) for pk in form.cleaned_data["publication"]
        ]
        outcomes = take_over_several(actor=request.access, wishes=wishes, now=now, late_due_at=late_due_at)
        taken = [outcome for outcome in outcomes if not outcome.problem]
        if taken:
            sentence = ngettext(
                "You answer for one post now. It goes out at its time.",
                "You answer for %(count)d posts now. They go out at their times.",
                len(taken),
            )
            messages.success(request, sentence % {"count": len(taken)})
        refused = [outcome for outcome in outcomes if outcome.problem]
        if not refused:
            return redirect("handover", request.organization.slug)
        return self.show(request, form, refused, status=422)

    def show(
        self,
        request: OrganizationRequest,
        form: HandoverForm | None = None,
        refused: list[Outcome] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now, zone = timezone.now(), str(zone_of(request))
        page = Paginator(held_to_take_over(request.access), HELD_PER_PAGE).get_page(request.GET.get("page"))
        held = list(page.object_list)
        at_risk = queued_without_voucher(request.access, now) if page.number == 1 else []
        problems = {one.publication.pk: one.problem for one in refused or []}
        ticked = set(form.data.getlist("publication")) if form and hasattr(form.data, "getlist") else set()
        context = {
            "page": page,
            "held": [_row(one, now, problems, ticked) for one in held],
            "at_risk": [_row(one, now, problems, ticked) for one in at_risk],
            "form": form or HandoverForm(ids=[], zone=zone),
            **pause_context(request),
        }
        return render(request, "publishing/handover.html", context, status=status)


def _row(publication: Publication, now: Any, problems: dict[int, str], ticked: set[str]) -> dict[str, Any]:
    return {
        "publication": publication,
        "digest": publication.post.content_digest(publication.profile.network),
        "is_late": publication.due_at is None or publication.due_at < now,
        "problem": problems.get(publication.pk, ""),
        "is_ticked": str(publication.pk) in ticked,
    }
