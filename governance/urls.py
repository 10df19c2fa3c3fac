"""Inside one organization: ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from governance.views import assertions, lines, reviews

urlpatterns = [
    path("guardrails/", assertions.AssertionList.as_view(), name="assertion_list"),
    path("guardrails/new/", assertions.AssertionKinds.as_view(), name="assertion_kinds"),
    path("guardrails/new/<slug:kind>/", assertions.AssertionNew.as_view(), name="assertion_new"),
    path("guardrails/<int:pk>/", assertions.AssertionDetail.as_view(), name="assertion_detail"),
    path("guardrails/<int:pk>/edit/", assertions.AssertionEdit.as_view(), name="assertion_edit"),
    path("guardrails/<int:pk>/check/", assertions.AssertionCheck.as_view(), name="assertion_check"),
    path("guardrails/<int:pk>/delete/", assertions.AssertionDelete.as_view(), name="assertion_delete"),
    path("reviews/", reviews.ReviewList.as_view(), name="review_list"),
    path("reviews/new/", reviews.ReviewNew.as_view(), name="review_new"),
    path("reviews/<int:pk>/", reviews.ReviewDetail.as_view(), name="review_detail"),
    path("reviews/<int:pk>/lines/<int:line>/", lines.ReviewWalk.as_view(), name="review_walk"),
    path("reviews/<int:pk>/keep/", reviews.ReviewKeep.as_view(), name="review_keep"),
    path("reviews/<int:pk>/sign/", reviews.ReviewSign.as_view(), name="review_sign"),
    path("reviews/<int:pk>/delete/", reviews.ReviewDelete.as_view(), name="review_delete"),
    path("reviews/<int:pk>/report.<slug:kind>", reviews.ReviewReport.as_view(), name="review_report"),
]
