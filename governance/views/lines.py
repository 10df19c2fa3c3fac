"""Walking through a review: one line at a time, decided with a key or a thumb."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from governance.forms import DecisionForm
from governance.models import ReviewLine
from governance.selectors.now import as_they_are, lesser_roles
from governance.services.reviews import AboutOneself, ChangedMeanwhile, ReviewError, decide_line
from governance.views.reviews import ReviewView
from orgs.views.base import UNPROCESSABLE
from permissions.roles import RoleFacts


class ReviewWalk(ReviewView):
    """One line: who has what there, since when, whether it is used; keep, reduce or remove."""

    template_name = "governance/review_walk.html"

    @property
    def line(self) -> ReviewLine:
        if not hasattr(self, "_line"):
            rows = ReviewLine.objects.filter(review=self.review).select_related("decided_by", "user")
            self._line: ReviewLine = get_object_or_404(rows, pk=self.kwargs["line"])
        return self._line

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._show(status=UNPROCESSABLE)
        typed = form.cleaned_data
        roles = {str(role.permission_id): role for role in self._roles()}
        try:
            decide_line(
                actor=self.access,
                organization=self.organization,
                line=self.line,
                decision=typed["decision"],
                role=roles.get(typed["role"]),
                note=typed["note"],
                version=typed["version"],
                now=timezone.now(),
            )
        except ChangedMeanwhile as changed:
            messages.warning(request, str(changed))
            return self.go("review_walk", self.review.pk, self.line.pk)
        except (ReviewError, AboutOneself) as problem:
            return self._show(status=UNPROCESSABLE, problem=str(problem), note=typed["note"])
        following = self._following()
        if following is not None:
            return self.go("review_walk", self.review.pk, following.pk)
        return self.go("review_detail", self.review.pk)

    def _roles(self) -> list[RoleFacts]:
        return lesser_roles(self.line, self.organization.packs, self.organization.pk)

    def _following(self) -> ReviewLine | None:
        """Return the next line to decide: after this one, else from the beginning; never one about oneself."""
        left = ReviewLine.objects.filter(review=self.review, decision="", is_gone=False)
        left = left.exclude(user=self.request.user.pk).exclude(pk=self.line.pk).order_by("position")  # type: ignore[misc]
        return left.filter(position__gt=self.line.position).first() or left.first()

    def _show(self, *, status: int = 200, problem: str = "", note: str = "") -> HttpResponse:
        line, review = self.line, self.review
        rows = ReviewLine.objects.filter(review=review)
        present = None if line.is_gone or not review.is_open else as_they_are([line], timezone.now())[line.pk]
        is_self = line.user_id == self.request.user.pk
        may_decide = review.is_open and not line.is_gone and not is_self and self.is_reviewer()
        return self.page(
            status=status,
            review=review,
            line=line,
            roles=self._roles() if may_decide else [],
            total=rows.count(),
            settled=rows.exclude(decision="", is_gone=False).count(),
            before=rows.filter(position__lt=line.position).order_by("-position").first(),
            after=rows.filter(position__gt=line.position).order_by("position").first(),
            has_changed=review.is_open and not line.is_gone and (present is None or not present.is_as(line)),
            is_self=is_self,
            may_decide=may_decide,
            is_reviewer=self.is_reviewer(),
            problem=problem or line.problem,
            note=note or line.note,
        )
