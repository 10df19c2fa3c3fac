"""What belongs to a person or to everybody: the way back from a network, and our papers for Bluesky.

These addresses are registered at networks. They never change.
"""

from __future__ import annotations

from django.urls import path

from social_accounts import views

urlpatterns = [
    path("connect/<slug:network>/callback", views.ConnectCallback.as_view(), name="connect_callback"),
    path(
        "connect/bluesky/client-metadata.json",
        views.BlueskyClientMetadata.as_view(),
        name="bluesky_client_metadata",
    ),
    path("connect/bluesky/jwks.json", views.BlueskyKeys.as_view(), name="bluesky_jwks"),
]
