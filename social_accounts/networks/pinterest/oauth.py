"""Tokens of Pinterest: a confidential client (Basic), no PKCE, refresh tokens that last sixty days and are replaced.

Source: OpenAPI 5.23.0, POST /oauth/token and /oauth/token/revoke.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from authlib.oauth2.auth import encode_client_secret_basic

from ..answers import as_object, number_of, text_of
from ..base import AppRegistration, CredentialsExpired, NetworkError, Rejected, RejectionReason
from ..http import Effect, exchange
from ..words import _
from .config import LABEL
from .errors import Call, raise_for, raise_unreadable

SCOPES = (
    "user_accounts:read",
    "boards:read",
    "boards:write",
    "boards:read_secret",
    "boards:write_secret",
    "pins:read",
    "pins:write",
    "pins:read_secret",
    "pins:write_secret",
)
_UNKNOWN_APPLICATION = (2, 3)  # with 401: our id or secret is wrong


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


def fetch_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str) -> Token:
    """Exchange a code. Raises Rejected(NOT_FOUND) when Pinterest does not know our application."""
    # Applications of before September 2025 get refresh tokens that can be renewed only when they ask; others too.
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "continuous_refresh": "true",
    }
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    return _token(call, app, form, refused)


def refresh_token(call: Call, app: AppRegistration, *, token: str) -> Token:
    """Return the next pair; where no refresh token comes with it, the one at hand still holds."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "continuous_refresh": "true"}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    return _token(call, app, form, refused)


def revoke_token(call: Call, app: AppRegistration, *, token: str) -> None:
    """A token already gone is a success. Raises Rejected where Pinterest leaves revoking to the account's owner."""
    answer = _post(call, app, "/oauth/token/revoke", {"token": token})
    if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND):
        return
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Rejected(
            RejectionReason.POLICY,
            _(
                "Pinterest lets only the account's owner end a connection, in the account's security settings."
            ),
        )
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)


def _token(call: Call, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = _post(call, app, "/oauth/token", form)
    body = as_object(answer)
    is_unknown = text_of(body, "error") in ("invalid_client", "unauthorized_client")
    if is_unknown or (answer.status_code == 401 and number_of(body, "code") in _UNKNOWN_APPLICATION):
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("%(host)s does not know the application this Chorus was set up with.", host=LABEL),
        )
    if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED):
        raise refused
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)
    access_token = text_of(body, "access_token")
    if not access_token:
        raise_unreadable(Effect.PREPARE)
    return Token(
        access_token=access_token,
        refresh_token=text_of(body, "refresh_token"),
        scopes=tuple(text_of(body, "scope").replace(",", " ").split()),
        expires_in_seconds=number_of(body, "expires_in"),
    )


def _post(call: Call, app: AppRegistration, path: str, form: dict[str, str]) -> httpx.Response:
    url, headers = call.api + path, dict[str, str]()
    encode_client_secret_basic(app, "POST", url, headers, "")
    return exchange(call.http, "POST", url, effect=Effect.PREPARE, headers=headers, data=form)
