"""What people without an account open: below ``/outside/``, each with the token of his link."""

from __future__ import annotations

from django.urls import path

from publishing import views

urlpatterns = [
    path("approvals/<str:token>/", views.OutsideApproval.as_view(), name="outside_approval"),
    path(
        "approvals/<str:token>/comments/",
        views.OutsideApprovalComments.as_view(),
        name="outside_approval_comments",
    ),
    path(
        "approvals/<str:token>/pictures/<int:pk>/",
        views.OutsideApprovalPicture.as_view(),
        name="outside_approval_picture",
    ),
]
