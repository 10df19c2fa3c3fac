"""Tokens of LinkedIn: sixty days, and a refresh token for a year where the application was given that right."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from ..answers import as_object, number_of, text_of
from ..base import AppRegistration, CredentialsExpired, NetworkError, Rejected, RejectionReason
from ..http import Effect, exchange
from ..words import _
from .errors import Call, raise_for, raise_unreadable

# One fixed set: LinkedIn ends tokens given before when another set is asked for. Of comments it is moving the right
# from the older names to those with "_feed": both are asked for meanwhile.
SCOPES = (
    "openid",
    "profile",
    "w_member_social",
    "w_member_social_feed",
    "w_organization_social",
    "w_organization_social_feed",
    "r_organization_social",
    "r_organization_social_feed",
    "rw_organization_admin",
)


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


def fetch_token(call: Call, base: str, app: AppRegistration, *, code: str, redirect_uri: str) -> Token:
    """Exchange a code. Raises Rejected(NOT_FOUND) when LinkedIn does not know our application."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    refused = Rejected(
        RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
    )
    return _token(call, base, app, form, refused)


def refresh_token(call: Call, base: str, app: AppRegistration, *, token: str) -> Token:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused = CredentialsExpired(_("The network no longer renews this connection."))
    return _token(call, base, app, form, refused)


def revoke_token(call: Call, base: str, app: AppRegistration, *, token: str) -> None:
    """A token already gone is a success."""
    answer = _post(call, base + "/revoke", app, {"token": token})
    if answer.status_code in (400, 401, 403, 404):
        return
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)


def _token(call: Call, base: str, app: AppRegistration, form: dict[str, str], refused: NetworkError) -> Token:
    answer = _post(call, base + "/accessToken", app, form)
    body = as_object(answer)
    if text_of(body, "error") in ("invalid_client", "unauthorized_client", "invalid_client_id"):
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("LinkedIn does not know the application this Chorus was set up with."),
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
        scopes=tuple(text_of(body, "scope").replace(",", " ").split()),
        expires_in_seconds=number_of(body, "expires_in"),
    )


def _post(call: Call, url: str, app: AppRegistration, form: dict[str, str]) -> httpx.Response:
    secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
    return exchange(call.http, "POST", url, effect=Effect.PREPARE, data={**form, **secrets})
