from __future__ import annotations

from django.urls import path

from governance.api import assertions, reviews

urlpatterns = [
    path("guardrails", assertions.AssertionList.as_view()),
    path("guardrails/<int:pk>", assertions.AssertionDetail.as_view()),
    path("reviews", reviews.ReviewList.as_view()),
    path("reviews/<int:pk>", reviews.ReviewDetail.as_view()),
    path("reviews/<int:pk>/lines", reviews.ReviewLines.as_view()),
    path("reviews/<int:pk>/lines/<int:line>/decision", reviews.ReviewDecision.as_view()),
    path("reviews/<int:pk>/signature", reviews.ReviewSignOff.as_view()),
    path("reviews/<int:pk>/report", reviews.ReviewReport.as_view()),
]
