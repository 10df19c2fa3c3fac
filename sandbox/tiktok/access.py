"""Consent and tokens, and TikTok's way of answering: ``data`` and ``error`` in every body, "ok" for no error."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.operator_oauth import CLIENT, Provider, live_token
from sandbox.web import ApiError, bearer, json_answer, json_body

TIKTOK = "tiktok"
BASIC, PROFILE, PUBLISH, LIST = "user.info.basic", "user.info.profile", "video.publish", "video.list"
PROVIDER = Provider(
    network=TIKTOK,
    client_label="Chorus",
    scopes=frozenset({BASIC, PROFILE, PUBLISH, LIST}),
    separator=",",
    access_seconds=86_400,
    refresh_seconds=365 * 86_400,
    refresh_rotates=True,
)


def refused(status: int, code: str, message: str = "") -> ApiError:
    return ApiError(status, body_of(code, message))


def body_of(code: str, message: str = "", data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"data": data or {}, "error": {"code": code, "message": message, "log_id": "2026112200000001"}}


def answer(data: dict[str, Any]) -> HttpResponse:
    return json_answer(body_of("ok", data=data))


def user_of(request: ASGIRequest, scope: str) -> sqlite3.Row:
    """Return the account that asks. Raises ApiError 401."""
    kind, value = bearer(request)
    token = live_token(value, PROVIDER) if kind == "bearer" else None
    if token is None:
        raise refused(401, "access_token_invalid", "The access token is invalid or not found in the request.")
    if scope not in token["scopes"].split():
        raise refused(401, "scope_not_authorized", f"The user did not authorize the scope {scope}.")
    return accounts.by_id(token["account"])


def has_scope(request: ASGIRequest, scope: str) -> bool:
    token = live_token(bearer(request)[1], PROVIDER)
    return token is not None and scope in token["scopes"].split()


def object_in(request: ASGIRequest, *known: str) -> dict[str, Any]:
    """Return the JSON body. Raises ApiError 400 for anything else, and for a parameter nobody knows."""
    try:
        body = json_body(request)
    except ValueError as error:
        raise refused(400, "invalid_params", "The body is no JSON.") from error
    if not isinstance(body, dict) or not set(body) <= set(known):
        raise refused(400, "invalid_params", "The body holds what this endpoint does not know.")
    return body


# TikTok calls the client by its key; everything else is as elsewhere.


async def ask_consent(request: ASGIRequest) -> HttpResponse:
    given = request.GET.copy()
    given["client_id"] = given.pop("client_key", [""])[0]
    request.GET = given  # type: ignore[assignment]
    return await PROVIDER.consent(request)


async def token(request: ASGIRequest) -> HttpResponse:
    _with_key(request)
    return await PROVIDER.token(request)


async def revoke(request: ASGIRequest) -> HttpResponse:
    """End the consent behind an access token: every token of the account with it."""
    _with_key(request)
    row = storage.one("SELECT account FROM token WHERE token = ?", request.POST.get("token", ""))
    done = await PROVIDER.revoke(request)
    if row is not None:
        who = (row["account"], CLIENT)
        storage.run("UPDATE token SET state = 'revoked' WHERE account = ? AND client_id = ?", *who)
        storage.run("UPDATE refresh SET spent = 1 WHERE account = ? AND client_id = ?", *who)
    return done


def _with_key(request: ASGIRequest) -> None:
    given = request.POST.copy()
    given["client_id"] = given.pop("client_key", [""])[0]
    request.POST = given  # type: ignore[assignment]
