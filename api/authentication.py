"""Who asks: somebody signed in with a session, or a program with one of his API keys."""

from __future__ import annotations

from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiKey, User
from api.keys import find_key
from tenancy.context import open_organization_id, unscoped

SCHEME: Final = b"bearer"
SECOND_FACTORS: Final = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer chorus_...``. Inside an organization only that organization's keys count."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME:
            return None
        secret = words[1].decode("ascii", "replace") if len(words) == 2 else ""
        is_write = request.method not in ("GET", "HEAD", "OPTIONS")
        if open_organization_id() is None:
            with unscoped():  # outside any organization the key itself says which one it belongs to
                key = find_key(secret, now=timezone.now())
        else:
            key = find_key(secret, now=timezone.now(), hold=is_write)
        if key is None:
            raise AuthenticationFailed(_("This API key is unknown here, revoked or expired."))
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionWithToken(SessionAuthentication):
    """The session of the browser; a write carries the token of its form or page (``X-CSRFToken``)."""


def proves_second_factor(key: ApiKey) -> bool:
    """R2 for a key: its issuer has a second factor. It was issued in a session that met the policy of then."""
    return bool(is_mfa_enabled(key.user, SECOND_FACTORS))


def key_of(request: Any) -> ApiKey | None:
    """Return the API key of a request; None for a session."""
    return request.auth if isinstance(getattr(request, "auth", None), ApiKey) else None
