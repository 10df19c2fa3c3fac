from __future__ import annotations

from django.urls import path

from publishing.api import approvals

urlpatterns = [
    path("approvals", approvals.ApprovalList.as_view()),
    path("approvals/<int:pk>", approvals.ApprovalDetail.as_view()),
    path("approvals/<int:pk>/answer", approvals.ApprovalAnswer.as_view()),
    path("approvals/<int:pk>/comments", approvals.ApprovalComments.as_view()),
]
