"""What Bluesky's servers read about us: who we are and our public key. Public, stable addresses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from permissions.guard import GuardedView
from social_accounts import connections
from social_accounts.networks.bluesky.oauth import client_metadata, public_jwks


class BlueskyClientMetadata(GuardedView):
    """Our OAuth client metadata document. Source: atproto.com/specs/oauth#client-id-metadata-document."""

    public = True

    def get(self, request: HttpRequest) -> JsonResponse:
        document = client_metadata(
            connections.bluesky_config(),
            redirect_uris=[connections.callback_url("bluesky")],
            client_uri=settings.BASE_URL,
            jwks_uri=settings.BASE_URL + reverse("bluesky_jwks"),
        )
        return JsonResponse(document)


class BlueskyKeys(GuardedView):
    """The public half of our key."""

    public = True

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(public_jwks(connections.bluesky_config()))
