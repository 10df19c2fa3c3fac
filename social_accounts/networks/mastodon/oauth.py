"""Tokens of a Mastodon server. Form bodies, as RFC 6749 demands and every server understands."""

from __future__ import annotations

from ..answers import as_object, number_of, text_of
from ..base import AppRegistration, CredentialsExpired, NetworkError, Rejected, RejectionReason
from ..http import Effect, exchange
from ..words import _
from .client import Token
from .errors import Call, json_object, raise_for, raise_unreadable


def fetch_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str, verifier: str) -> Token:
    """Exchange a code. https://docs.joinmastodon.org/methods/oauth/#token

    Raises Rejected(NOT_FOUND) when the server no longer knows our application.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    return _token(call, app, form, refused)


def refresh_token(call: Call, app: AppRegistration, *, token: str) -> Token:
    """For servers of the family whose tokens expire (Pleroma, Akkoma); Mastodon's do not."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    return _token(call, app, form, refused)


def revoke_token(call: Call, app: AppRegistration, *, token: str) -> None:
    """https://docs.joinmastodon.org/methods/oauth/#revoke - a token already gone is a success."""
    answer = exchange(
        call.http,
        "POST",
        _endpoint(app, "revocation_endpoint", "/oauth/revoke"),
        effect=Effect.PREPARE,
        data={"client_id": app.client_id, "client_secret": app.client_secret, "token": token},
    )
    if answer.status_code in (400, 401, 403, 404, 410):
        return
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)


def _token(call: Call, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = exchange(
        call.http,
        "POST",
        _endpoint(app, "token_endpoint", "/oauth/token"),
        effect=Effect.PREPARE,
        data={**form, "client_id": app.client_id, "client_secret": app.client_secret},
    )
    error = text_of(as_object(answer), "error")
    if error == "invalid_client":
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("%(host)s no longer knows this Chorus. Please connect again.", host=call.host),
        )
    if answer.status_code in (400, 401):
        raise refused
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)
    found = json_object(answer, call, Effect.PREPARE)
    access_token = text_of(found, "access_token")
    if not access_token:
        raise_unreadable(call, Effect.PREPARE)
    return Token(
        access_token=access_token,
        refresh_token=text_of(found, "refresh_token"),
        scopes=tuple(text_of(found, "scope").split()),
        expires_in_seconds=number_of(found, "expires_in"),
    )


def _endpoint(app: AppRegistration, name: str, fallback_path: str) -> str:
    value = app.extra.get(name)
    return value if isinstance(value, str) and value else app.server + fallback_path
