"""Roles and packs of one organization: ``/o/<slug>/roles/``."""

from __future__ import annotations

from django.urls import path

from orgs.views.roles import detail, listing, matrix

urlpatterns = [
    path("", matrix.RoleMatrix.as_view(), name="role_matrix"),
    path("list/", listing.RoleList.as_view(), name="role_list"),
    path("<int:pk>/", detail.RoleDetail.as_view(), name="role_detail"),
    path("<int:pk>/why/", matrix.RoleWhy.as_view(), name="role_why"),
    path("<int:pk>/people/", detail.RoleHolders.as_view(), name="role_holders"),
    path("<int:pk>/history/", detail.RoleHistory.as_view(), name="role_history"),
]
