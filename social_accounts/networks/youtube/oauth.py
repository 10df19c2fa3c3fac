"""Tokens of Google: an hour, renewed by a refresh token that stays the same. A person may untick what he is asked.

Source: developers.google.com/identity/protocols/oauth2/web-server.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from ..answers import as_object, number_of, text_of
from ..base import (
    AppRegistration,
    Credentials,
    CredentialsExpired,
    NetworkError,
    Rejected,
    RejectionReason,
)
from ..http import Effect, exchange
from ..oauth import challenge_of
from ..words import _
from .errors import Call, raise_for, raise_unreadable

PREFIX = "https://www.googleapis.com/auth/"
READ = PREFIX + "youtube.readonly"
UPLOAD = PREFIX + "youtube.upload"
MANAGE = PREFIX + "youtube.force-ssl"
SCOPES = (READ, UPLOAD, MANAGE)
NEEDED = (READ, UPLOAD)
"""Without these nothing can be connected; without ``MANAGE`` videos go out and stay as they are."""


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


def consent_url(endpoint: str, *, client_id: str, redirect_uri: str, state: str, verifier: str) -> str:
    """Return Google's own page: offline, so that posts go out while nobody is signed in; beside earlier consents."""
    return str(
        prepare_grant_uri(
            endpoint,
            client_id=client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=" ".join(SCOPES),
            state=state,
            code_challenge=challenge_of(verifier),
            code_challenge_method="S256",
            access_type="offline",
            include_granted_scopes="true",
            prompt="consent",
        )
    )


def fetch_token(
    call: Call, base: str, app: AppRegistration, *, code: str, redirect_uri: str, verifier: str
) -> Token:
    """Exchange a code. Raises Rejected(NOT_FOUND) when Google does not know our application."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    token = _token(call, base, app, form, refused)
    if not set(NEEDED) <= set(token.scopes):
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "A box stayed unticked on Google's page: Chorus must see the channel and upload videos to it."
                " Please connect again and tick both."
            ),
        )
    return token


def refresh_token(call: Call, base: str, app: AppRegistration, *, token: str) -> Token:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    return _token(call, base, app, form, refused)


def revoke_token(call: Call, base: str, *, token: str) -> None:
    """End the whole consent. A token already gone is a success."""
    answer = exchange(call.http, "POST", base + "/revoke", effect=Effect.PREPARE, data={"token": token})
    if not answer.is_success and answer.status_code not in (400, 401, 403, 404):
        raise_for(answer, call, Effect.PREPARE)


def must_manage(credentials: Credentials) -> None:
    """Raise Rejected(OTHER) where the person left this box unticked: the connection itself is fine."""
    if MANAGE not in credentials.scopes:
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "This connection may upload videos only. To change and delete them, comment on them or use"
                " playlists, connect the channel again and tick “manage” on Google's page."
            ),
        )


def _token(call: Call, base: str, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = _post(call, base, app, form)
    body = as_object(answer)
    if text_of(body, "error") in ("invalid_client", "unauthorized_client"):
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("Google does not know the application this Chorus was set up with."),
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


def _post(call: Call, base: str, app: AppRegistration, form: dict[str, str]) -> httpx.Response:
    secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
    return exchange(call.http, "POST", base + "/token", effect=Effect.PREPARE, data={**form, **secrets})
