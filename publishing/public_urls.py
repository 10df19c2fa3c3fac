"""What networks open: below ``/files/``."""

from __future__ import annotations

from django.urls import path

from publishing.views.fetched import PublicFile

urlpatterns = [path("<str:signed>/", PublicFile.as_view(), name="public_file")]
