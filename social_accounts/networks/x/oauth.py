"""Tokens of X: a confidential client (Basic), codes that live thirty seconds, refresh tokens used once.

Source: docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from ..answers import as_object, number_of, text_of
from ..base import AppRegistration, CredentialsExpired, NetworkError, NotSent, Rejected, RejectionReason
from ..http import Effect, exchange
from ..words import _
from .errors import Call, raise_for, raise_unreadable

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


def fetch_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str, verifier: str) -> Token:
    """Exchange a code. Raises Rejected(NOT_FOUND) when X does not know our application."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": app.client_id,
    }
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    return _token(call, app, form, refused)


def refresh_token(call: Call, app: AppRegistration, *, token: str) -> Token:
    """Spend the refresh token. X turns the pair as soon as it hears of it, even if its answer is lost: after a
    fault it is asked once more with the old one, which it still takes for a moment.
    """
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    try:
        return _token(call, app, form, refused)
    except NotSent:
        return _token(call, app, form, refused)


def revoke_token(call: Call, app: AppRegistration, *, token: str) -> None:
    """A token already gone is a success."""
    answer = _post(call, app, "/2/oauth2/revoke", {"token": token, "client_id": app.client_id})
    if answer.status_code in (400, 401, 403, 404):
        return
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)


def _token(call: Call, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = _post(call, app, "/2/oauth2/token", form)
    body = as_object(answer)
    error = text_of(body, "error")
    if error in ("invalid_client", "unauthorized_client"):
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("X does not know the application this Chorus was set up with."),
        )
    if answer.status_code in (400, 401):
        raise refused
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)
    access_token = text_of(body, "access_token")
    if not access_token:
        raise_unreadable(Effect.PREPARE)
    return Token(
        access_token=access_token,
        refresh_token=text_of(body, "refresh_token"),
        scopes=tuple(text_of(body, "scope").split()),
        expires_in_seconds=number_of(body, "expires_in"),
    )


def _post(call: Call, app: AppRegistration, path: str, form: dict[str, str]) -> httpx.Response:
    pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret, safe='')}"
    basic = base64.b64encode(pair.encode()).decode()
    return exchange(
        call.http,
        "POST",
        call.api + path,
        effect=Effect.PREPARE,
        headers={"Authorization": f"Basic {basic}"},
        data=form,
    )
