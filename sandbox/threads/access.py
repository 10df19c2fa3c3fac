"""Consent, tokens of an hour and of sixty days, and who may do what."""

from __future__ import annotations

import json
import sqlite3
import time

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import storage
from sandbox.facebook.access import LONG_SECONDS, caller_of, given, graph_error, new_token
from sandbox.operator_oauth import CLIENT, Provider
from sandbox.web import ApiError, form, json_answer, origin_of

THREADS = "threads"
VERSION = "v1.0"
SHORT, LONG = "short", "long"  # how long a token lives, in its first scope
SHORT_SECONDS, YOUNG_SECONDS = 3600, 86_400
BASIC, PUBLISH, DELETE = "threads_basic", "threads_content_publish", "threads_delete"
READ_REPLIES, REPLY, INSIGHTS = "threads_read_replies", "threads_manage_replies", "threads_manage_insights"
SCOPES = frozenset({BASIC, PUBLISH, DELETE, READ_REPLIES, REPLY, INSIGHTS})
PROVIDER = Provider(
    network=THREADS,
    client_label="Chorus",
    scopes=SCOPES,
    separator=",",
    access_seconds=LONG_SECONDS,
    refresh_seconds=0,
    refresh_rotates=False,
)


def _refused(message: str) -> ApiError:
    return ApiError(400, {"error_type": "OAuthException", "code": 400, "error_message": message})


async def token(request: ASGIRequest) -> HttpResponse:
    """Give a token of an hour for a code."""
    asked = form(request)
    if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT, CLIENT):
        raise _refused("Error validating client secret.")
    if asked.get("grant_type") != "authorization_code":
        raise _refused("Invalid grant_type.")
    with storage.transaction() as db:
        row = db.execute("SELECT * FROM code WHERE code = ?", (asked.get("code", ""),)).fetchone()
        if row is None or row["used_for"] or row["expires_at"] < time.time():
            raise _refused("Invalid authorization code.")
        ask = json.loads(row["data"])
        if ask["redirect_uri"] != asked.get("redirect_uri"):
            raise _refused("This authorization code is for another redirect address.")
        db.execute("UPDATE code SET used_for = 'a token' WHERE code = ?", (row["code"],))
    value = new_token(row["account"], SHORT, ask["scope"])
    return json_answer({"access_token": value, "user_id": row["account"]})


async def exchange(request: ASGIRequest) -> HttpResponse:
    """Give a token of sixty days for one of an hour."""
    asked = given(request)
    account, scopes = caller_of(request, SHORT)
    if asked.get("grant_type") != "th_exchange_token" or asked.get("client_secret") != CLIENT:
        raise graph_error(1, "Error validating client secret.")
    return _long(account, scopes)


async def refresh(request: ASGIRequest) -> HttpResponse:
    """Give another sixty days, unless the token is younger than a day."""
    asked = given(request)
    account, scopes = caller_of(request, LONG)
    if asked.get("grant_type") != "th_refresh_token":
        raise graph_error(100, "Invalid grant_type.")
    row = storage.one("SELECT created_at FROM token WHERE token = ?", asked["access_token"])
    if row and row["created_at"] > time.time() - YOUNG_SECONDS:
        raise graph_error(100, "The token must be at least 24 hours old.")
    return _long(account, scopes)


def _long(account: sqlite3.Row, scopes: str) -> HttpResponse:
    value = new_token(account["id"], LONG, scopes)
    return json_answer({"access_token": value, "token_type": "bearer", "expires_in": LONG_SECONDS})


def own_account(request: ASGIRequest, user_id: str, scope: str) -> sqlite3.Row:
    """Return the account when the token is its own; ``me`` names it too."""
    account, _scopes = caller_of(request, scope=scope)
    if user_id not in ("me", account["id"]):
        raise graph_error(24, "The requested resource does not exist.")
    return account


async def me(request: ASGIRequest) -> HttpResponse:
    account, _scopes = caller_of(request, scope=BASIC)
    return json_answer(
        {
            "id": account["id"],
            "username": account["handle"],
            "name": account["display_name"],
            "threads_profile_picture_url": f"{origin_of(request)}/avatars/{account['id']}.svg",
        }
    )
