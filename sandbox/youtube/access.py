"""Consent and tokens as Google gives them, and the Data API's way of saying no."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, consent, storage
from sandbox.operator_oauth import CLIENT, Provider, live_token
from sandbox.web import ApiError, bearer, form, json_answer, json_body

YOUTUBE = "youtube"
READ, UPLOAD, MANAGE = (
    f"https://www.googleapis.com/auth/youtube.{name}" for name in ("readonly", "upload", "force-ssl")
)
PROVIDER = Provider(
    network=YOUTUBE,
    client_label="Chorus",
    scopes=frozenset({READ, UPLOAD, MANAGE}),
    access_seconds=3599,
    refresh_seconds=180 * 86_400,
    refresh_rotates=False,
)
# Of Google's own parameters, those that every endpoint takes.
COMMON = frozenset({"part", "fields", "prettyPrint", "key", "alt", "quotaUser"})


def refused(status: int, reason: str, message: str) -> ApiError:
    return ApiError(status, body_of(status, reason, message))


def body_of(status: int, reason: str, message: str) -> dict[str, Any]:
    one = {"domain": "youtube", "reason": reason, "message": message}
    return {"error": {"code": status, "message": message, "errors": [one]}}


def channel_of(request: ASGIRequest, *any_scope: str) -> sqlite3.Row:
    """Return the channel that asks. Raises ApiError 401, or 403 when it has none of the scopes."""
    scheme, value = bearer(request)
    token = live_token(value, PROVIDER) if scheme == "bearer" else None
    if token is None:
        raise refused(401, "authError", "Request had invalid authentication credentials.")
    if not set(any_scope) & set(token["scopes"].split()):
        raise refused(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    return accounts.by_id(token["account"])


def asked(request: ASGIRequest, *names: str) -> dict[str, str]:
    """Return the parameters; one that is not of this endpoint is refused, and so is a request without ``part``."""
    given = {name: str(value) for name, value in request.GET.items()}
    if unknown := sorted(set(given) - COMMON - set(names)):
        raise refused(400, "badRequest", f"Unknown name: {', '.join(unknown)}")
    return given


def parts_of(given: dict[str, str], known: Iterable[str]) -> set[str]:
    parts = {part for part in given.get("part", "").split(",") if part}
    if not parts:
        raise refused(400, "missingRequiredParameter", "No value was given for the parameter part.")
    if not parts <= set(known):
        raise refused(400, "unknownPart", f"{', '.join(sorted(parts - set(known)))} is no part of this.")
    return parts


def object_in(request: ASGIRequest) -> dict[str, Any]:
    try:
        body = json_body(request)
    except ValueError as error:
        raise refused(400, "parseError", "The body is no JSON.") from error
    if not isinstance(body, dict):
        raise refused(400, "parseError", "The body is no object.")
    return body


async def ask_consent(request: ASGIRequest) -> HttpResponse:
    """Show Google's page. Without offline access the connection would end in an hour: the sandbox says so."""
    if request.GET.get("access_type") != "offline":
        return consent.problem(request, "access_type is not offline: no refresh token would come of it.", 400)
    return await PROVIDER.consent(request)


async def revoke(request: ASGIRequest) -> HttpResponse:
    """End the consent behind a token: every token of the channel with it."""
    value = form(request).get("token", "") or request.GET.get("token", "")
    row = storage.one("SELECT account FROM token WHERE token = ? AND state = 'live'", value) or storage.one(
        "SELECT account FROM refresh WHERE token = ? AND spent = 0", value
    )
    if row is None:
        return HttpResponse(
            json.dumps({"error": "invalid_token"}), status=400, content_type="application/json"
        )
    who = (row["account"], CLIENT)
    storage.run("UPDATE token SET state = 'revoked' WHERE account = ? AND client_id = ?", *who)
    storage.run("UPDATE refresh SET spent = 1 WHERE account = ? AND client_id = ?", *who)
    return json_answer({})
