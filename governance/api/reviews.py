"""Access reviews over the API: opened, decided line by line, signed off, and their report."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from api.operations import operation
from api.pagination import Page
from api.problems import FieldError, Problem
from api.views import GuardedAPIView
from governance.api.assertions import refuse_form
from governance.api.serializers import (
    DecideSerializer,
    LineSerializer,
    NewReviewSerializer,
    ReviewSerializer,
)
from governance.forms import ReviewForm
from governance.models import Review, ReviewLine
from governance.selectors.now import lesser_roles
from governance.services.reviews import RUN, decide_line, delete_review, open_review, refresh_lines
from governance.services.signing import sign_review
from governance.views.reviews import with_progress
from orgs.models import Partnership, Team
from orgs.selectors.people import people_holding
from social_accounts.models import SocialProfile


class ReviewView(GuardedAPIView):
    tag = "Access reviews"
    action = RUN

    def reviews(self) -> QuerySet[Review]:
        return with_progress(Review.objects.select_related("opened_by", "signed_by"))

    def review(self, pk: int) -> Review:
        found = self.reviews().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class ReviewList(ReviewView):
    @operation("List the reviews", pages=ReviewSerializer)
    def get(self) -> Page:
        return self.page(self.reviews())

    @operation("Open a review", takes=NewReviewSerializer, answers=ReviewSerializer, status=201)
    def post(self) -> Review:
        partnerships = Partnership.objects.active().filter(organization=self.organization)
        given = {name: value for name, value in self.given.items() if value is not None}
        form = ReviewForm(
            given,
            profiles=list(SocialProfile.objects.order_by("name", "pk")),
            teams=list(Team.objects.order_by("name")),
            partnerships=list(partnerships.select_related("partner")),
            reviewers=people_holding(RUN, self.organization),
        )
        refuse_form(form)
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
        return self.review(review.pk)


class ReviewDetail(ReviewView):
    @operation("Read a review", answers=ReviewSerializer)
    def get(self, pk: int) -> Review:
        return self.review(pk)

    @operation("Give up a review that is not signed off")
    def delete(self, pk: int) -> None:
        delete_review(
            actor=self.access, organization=self.organization, review=self.review(pk), now=timezone.now()
        )


class ReviewLines(ReviewView):
    @operation("List what is under review", pages=LineSerializer)
    def get(self, pk: int) -> Page:
        return self.page(ReviewLine.objects.filter(review=self.review(pk)))


class ReviewDecision(ReviewView):
    @operation("Decide about one line", takes=DecideSerializer, answers=LineSerializer)
    def put(self, pk: int, line: int) -> ReviewLine:
        found = ReviewLine.objects.filter(review=self.review(pk), pk=line).select_related("review").first()
        if found is None:
            raise Http404
        given, role = self.given, None
        if given["role"]:
            offered = lesser_roles(found, self.organization.packs, self.organization.pk)
            role = next((one for one in offered if one.key == given["role"]), None)
            if role is None:
                reason = _("This role is none that gives less here.")
                raise Problem(422, reason, errors=[FieldError("/role", reason)])
        decide_line(
            actor=self.access,
            organization=self.organization,
            line=found,
            decision=given["decision"],
            version=given["version"],
            role=role,
            note=given["note"],
            now=timezone.now(),
        )
        found.refresh_from_db()
        return found


class ReviewSignOff(ReviewView):
    @operation("Carry every decision out and seal the report", answers=ReviewSerializer)
    def put(self, pk: int) -> Review:
        review, now = self.review(pk), timezone.now()
        if review.is_open:
            lines = ReviewLine.objects.filter(review=review)
            changed = refresh_lines(organization=self.organization, lines=lines, now=now)
            if any(not line.is_gone for line in changed):
                raise Problem(422, _("Some lines changed since they were decided. Decide them anew."))
        sign_review(actor=self.access, organization=self.organization, review=review, now=now)
        return self.review(pk)


class ReviewReport(ReviewView):
    @operation("Read the signed report: what the fingerprint is of", answers_file="application/json")
    def get(self, pk: int) -> str:
        review = self.review(pk)
        if review.is_open:
            raise Http404
        return review.report
