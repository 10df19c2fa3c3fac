"""Access reviews: the list, opening one, one of them with its lines, signing it off, and its report."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from governance.forms import ReviewForm
from governance.models import Decision, Review, Reviewer, ReviewLine
from governance.report import csv_of
from governance.report_pdf import pdf_of
from governance.services.reviews import (
    RUN,
    ReviewError,
    delete_review,
    keep_lines,
    open_review,
    refresh_lines,
)
from governance.services.signing import NotCarriedOut, note_problems, sign_review
from orgs.models import Partnership, Team
from orgs.selectors.people import people_holding
from orgs.views.base import ActView, FormView, OrganizationView
from social_accounts.models import SocialProfile
from ui.addresses import id_in

REVIEWS_PER_PAGE = 50
LINES_PER_PAGE = 50
SHOWN = ("open", "done")
FILTERS = ("undecided", "unused", "decided", "all")


def with_progress(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Return the reviews, each with how many lines it has and how many are settled."""
    settled = Q(lines__is_gone=True) | ~Q(lines__decision="")
    return reviews.annotate(
        line_count=Count("lines", distinct=True),
        settled_count=Count("lines", filter=settled & Q(lines__pk__isnull=False), distinct=True),
        removed_count=Count("lines", filter=Q(lines__decision=Decision.REMOVE), distinct=True),
    )


class ReviewList(OrganizationView):
    action = RUN
    template_name = "governance/review_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        shown = request.GET.get("show", "open")
        shown = shown if shown in SHOWN else "open"
        reviews = with_progress(Review.objects.select_related("opened_by", "signed_by"))
        if shown == "open":
            reviews = reviews.filter(signed_at=None).order_by("due_on", "pk")
        else:
            reviews = reviews.exclude(signed_at=None).order_by("-signed_at")
        page = Paginator(reviews, REVIEWS_PER_PAGE).get_page(request.GET.get("page"))
        mine = set(Reviewer.objects.filter(user=request.user.pk).values_list("review", flat=True))
        return self.page(
            reviews=page,
            shown=shown,
            mine=mine,
            today=timezone.localdate(),
            overdue_count=Review.objects.overdue(timezone.localdate()).count(),
        )


class ReviewNew(FormView):
    action = RUN
    template_name = "governance/review_new.html"
    mendable = (ReviewError,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        partnerships = Partnership.objects.active().filter(organization=self.organization)
        reviewers: list[User] = people_holding(RUN, self.organization)
        initial: dict[str, Any] = {"reviewers": [self.request.user.pk]}
        for kind in ("profile", "team", "partner"):
            if self.request.GET.get(kind):
                initial |= {"kind": kind, kind: self.request.GET[kind]}
        return ReviewForm(
            data,
            profiles=list(SocialProfile.objects.order_by("name", "pk")),
            teams=list(Team.objects.order_by("name")),
            partnerships=list(partnerships.select_related("partner").order_by("partner__name")),
            reviewers=reviewers,
            initial=initial,
        )

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        review = open_review(
            actor=self.access,
            organization=self.organization,
            kind=chosen["kind"],
            profile=chosen["profile"],
            team=chosen["team"],
            partnership=chosen["partner"],
            reviewers=chosen["reviewers"],
            due_on=chosen["due_on"],
            now=timezone.now(),
        )
        return self.go("review_detail", review.pk)


class ReviewView(OrganizationView):
    """A view about one review."""

    action = RUN
    model = Review

    @property
    def review(self) -> Review:
        if not hasattr(self, "_review"):
            self._review: Review = self.get_object()
        return self._review

    def is_reviewer(self) -> bool:
        return Reviewer.objects.filter(review=self.review, user=self.request.user.pk).exists()


class ReviewDetail(ReviewView):
    template_name = "governance/review_detail.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        review = self.review
        lines = ReviewLine.objects.filter(review=review)
        counts = lines.aggregate(
            total=Count("pk"),
            undecided=Count("pk", filter=Q(decision="", is_gone=False)),
            unused=Count("pk", filter=Q(is_unused=True)),
            reduced=Count("pk", filter=Q(decision=Decision.REDUCE)),
            removed=Count("pk", filter=Q(decision=Decision.REMOVE)),
            kept=Count("pk", filter=Q(decision=Decision.KEEP)),
        )
        counts["settled"] = counts["total"] - counts["undecided"]
        shown = request.GET.get("show", "")
        if shown not in FILTERS:
            shown = "undecided" if review.is_open and counts["undecided"] else "all"
        chosen = {
            "undecided": Q(decision="", is_gone=False),
            "unused": Q(is_unused=True),
            "decided": ~Q(decision=""),
            "all": Q(),
        }[shown]
        page = Paginator(
            lines.filter(chosen).select_related("decided_by").order_by("position"), LINES_PER_PAGE
        ).get_page(request.GET.get("page"))
        first = lines.filter(decision="", is_gone=False).exclude(user=request.user.pk)  # type: ignore[misc]
        return self.page(
            review=review,
            lines=page,
            counts=counts,
            shown=shown,
            reviewers=[str(one.user) for one in review.reviewers.select_related("user")],
            is_reviewer=self.is_reviewer(),
            is_overdue=review.is_open and review.due_on < timezone.localdate(),
            next_line=first.order_by("position").first() if review.is_open else None,
            me=request.user.pk,
        )


class ReviewKeep(ActView, ReviewView):
    """Keep several lines that are as they should be, at once."""

    mendable = (ReviewError,)

    def act(self) -> HttpResponse:
        ids = [pk for text in self.request.POST.getlist("lines") if (pk := id_in(text)) is not None]
        kept = keep_lines(
            actor=self.access,
            organization=self.organization,
            review=self.review,
            lines=ids,
            now=timezone.now(),
        )
        self.say(ngettext("%(count)d line kept.", "%(count)d lines kept.", kept) % {"count": kept})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("review_detail", self.review.pk)


class ReviewSign(ActView, ReviewView):
    mendable = (ReviewError,)

    def act(self) -> HttpResponse:
        now = timezone.now()
        review = self.review
        changed = (
            refresh_lines(
                organization=self.organization, lines=ReviewLine.objects.filter(review=review), now=now
            )
            if review.is_open
            else ()
        )
        if any(not line.is_gone for line in changed):
            messages.error(self.request, _("Some lines changed since they were decided. Decide them anew."))
            return self.back()
        try:
            sign_review(actor=self.access, organization=self.organization, review=review, now=now)
        except NotCarriedOut as refused:
            note_problems(review=review, problems=refused.problems)
            raise
        self.say(_("Signed off. Every decision is carried out."))
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("review_detail", self.review.pk)


class ReviewDelete(ActView, ReviewView):
    mendable = (ReviewError,)

    def act(self) -> HttpResponse:
        delete_review(
            actor=self.access, organization=self.organization, review=self.review, now=timezone.now()
        )
        self.say(_("The review is deleted. Nothing was changed by it."))
        return self.go("review_list")

    def back(self) -> HttpResponse:
        return self.go("review_detail", self.review.pk)


class ReviewReport(ReviewView):
    """The signed report as a file: to print, for a spreadsheet, or the data that the fingerprint is of."""

    KINDS: ClassVar[dict[str, str]] = {
        "pdf": "application/pdf",
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
    }

    def get(self, request: HttpRequest, organization_slug: str, pk: int, kind: str) -> HttpResponse:
        review = self.review
        if review.is_open or kind not in self.KINDS:
            raise Http404
        content: bytes | str = review.report
        if kind != "json":
            content = pdf_of(review) if kind == "pdf" else csv_of(review.report)
        name = f"{self.organization.slug}-access-review-{review.pk}.{kind}"
        return HttpResponse(
            content,
            content_type=self.KINDS[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )
