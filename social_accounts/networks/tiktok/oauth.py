"""Tokens of TikTok: a day, renewed for a year by a refresh token that may change. A person may untick scopes.

Source: developers.tiktok.com/doc/oauth-user-access-token-management.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from authlib.oauth2.rfc6749.parameters import add_params_to_uri

from ..answers import as_object, number_of, text_of
from ..base import AppRegistration, CredentialsExpired, NetworkError, Rejected, RejectionReason
from ..http import Effect, exchange
from ..words import _
from .config import VERSION
from .errors import Call, raise_for, raise_unreadable

BASIC, PROFILE, PUBLISH, LIST = "user.info.basic", "user.info.profile", "video.publish", "video.list"
SCOPES = (BASIC, PROFILE, PUBLISH, LIST)
NEEDED = (BASIC, PUBLISH)
"""Without these nothing can be connected; the others tell the account's name and its videos' numbers."""


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


def consent_url(web: str, *, client_key: str, redirect_uri: str, state: str) -> str:
    """Return TikTok's own page. It names the client its own way, and knows no PKCE on the web."""
    asked = {
        "client_key": client_key,
        "response_type": "code",
        "scope": ",".join(SCOPES),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return str(add_params_to_uri(f"{web}/{VERSION}/auth/authorize/", list(asked.items())))


def fetch_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str) -> Token:
    """Exchange a code. Raises Rejected(NOT_FOUND) when TikTok does not know our application."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    token = _token(call, app, form, refused)
    if not set(NEEDED) <= set(token.scopes):
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "A switch stayed off on TikTok's page: Chorus must see the account and post videos to it."
                " Please connect again and leave both on."
            ),
        )
    return token


def refresh_token(call: Call, app: AppRegistration, *, token: str) -> Token:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    return _token(call, app, form, refused)


def revoke_token(call: Call, app: AppRegistration, *, token: str) -> None:
    """A token already gone is a success."""
    answer = _post(call, app, "revoke", {"token": token})
    if not answer.is_success and answer.status_code not in (400, 401, 403, 404):
        raise_for(answer, call, Effect.PREPARE)


def _token(call: Call, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = _post(call, app, "token", form)
    body = as_object(answer)
    error = text_of(body, "error")
    if error in ("invalid_client", "unauthorized_client"):
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("TikTok does not know the application this Chorus was set up with."),
        )
    if error or answer.status_code in (400, 401):
        raise refused
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)
    access_token = text_of(body, "access_token")
    if not access_token:
        raise_unreadable(Effect.PREPARE)
    return Token(
        access_token=access_token,
        refresh_token=text_of(body, "refresh_token"),
        scopes=tuple(scope.strip() for scope in text_of(body, "scope").split(",") if scope.strip()),
        expires_in_seconds=number_of(body, "expires_in"),
    )


def _post(call: Call, app: AppRegistration, what: str, form: dict[str, str]) -> httpx.Response:
    who = {"client_key": app.client_id, "client_secret": app.client_secret}
    url = f"{call.api}/{VERSION}/oauth/{what}/"
    return exchange(call.http, "POST", url, effect=Effect.PREPARE, data={**form, **who})
