"""Roles and packs of one organization: ``/o/<slug>/roles/``."""

from __future__ import annotations

from django.urls import path

from orgs.views.roles import compare, detail, editing, listing, matrix, packs

urlpatterns = [
    path("", matrix.RoleMatrix.as_view(), name="role_matrix"),
    path("changes/", matrix.RoleChanges.as_view(), name="role_changes"),
    path("list/", listing.RoleList.as_view(), name="role_list"),
    path("new/", editing.RoleNew.as_view(), name="role_new"),
    path("compare/", compare.RoleCompare.as_view(), name="role_compare"),
    path("packs/", packs.PackList.as_view(), name="pack_list"),
    path("packs/<slug:pack>/add/", packs.PackAdd.as_view(), name="pack_add"),
    path("packs/<slug:pack>/remove/", packs.PackRemove.as_view(), name="pack_remove"),
    path("<int:pk>/", detail.RoleDetail.as_view(), name="role_detail"),
    path("<int:pk>/why/", matrix.RoleWhy.as_view(), name="role_why"),
    path("<int:pk>/people/", detail.RoleHolders.as_view(), name="role_holders"),
    path("<int:pk>/history/", detail.RoleHistory.as_view(), name="role_history"),
    path("<int:pk>/rename/", editing.RoleRename.as_view(), name="role_edit"),
    path("<int:pk>/actions/", editing.RoleActions.as_view(), name="role_actions"),
    path("<int:pk>/delete/", editing.RoleDelete.as_view(), name="role_delete"),
]
