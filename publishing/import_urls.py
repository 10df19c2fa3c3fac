"""Importing posts from files, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from publishing.views import imports

urlpatterns = [
    path("imports/", imports.ImportList.as_view(), name="post_import_list"),
    path("imports/template/", imports.ImportTemplate.as_view(), name="post_import_template"),
    path("imports/<int:pk>/", imports.ImportDetail.as_view(), name="post_import"),
    path("imports/<int:pk>/start/", imports.ImportStart.as_view(), name="post_import_start"),
    path("imports/<int:pk>/discard/", imports.ImportDiscard.as_view(), name="post_import_discard"),
    path("imports/<int:pk>/problems/", imports.ImportProblems.as_view(), name="post_import_problems"),
    path("imports/<int:pk>/undo/", imports.ImportUndo.as_view(), name="post_import_undo"),
    path("imports/<int:pk>/rows/<int:number>/", imports.ImportRowEdit.as_view(), name="post_import_row"),
]
