"""The access file, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from social_accounts.views import access_file

urlpatterns = [
    path("settings/access-file/", access_file.AccessFilePage.as_view(), name="access_file"),
    path(
        "settings/access-file/download/",
        access_file.AccessFileDownload.as_view(),
        name="access_file_download",
    ),
    path("settings/access-file/try/", access_file.AccessFileTry.as_view(), name="access_file_try"),
    path("settings/access-file/load/", access_file.AccessFileLoad.as_view(), name="access_file_load"),
]
