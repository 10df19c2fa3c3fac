"""API keys, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from orgs.views import api_keys

urlpatterns = [
    path("api-keys/", api_keys.ApiKeyList.as_view(), name="api_key_list"),
    path("api-keys/new/", api_keys.ApiKeyNew.as_view(), name="api_key_new"),
    path("api-keys/<int:pk>/revoke/", api_keys.ApiKeyRevoke.as_view(), name="api_key_revoke"),
]
