"""Who may ask, and Pinterest's way of saying no."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest

from sandbox import accounts
from sandbox.operator_oauth import Provider, live_token
from sandbox.web import ApiError, bearer, json_body

PINTEREST = "pinterest"
READ_BOARDS = ("boards:read",)
WRITE_BOARDS = ("boards:read", "boards:write")
READ_PINS = ("boards:read", "pins:read")
WRITE_PINS = ("boards:read", "boards:write", "pins:read", "pins:write")
PROVIDER = Provider(
    network=PINTEREST,
    client_label="Chorus",
    scopes=frozenset({"user_accounts:read", *WRITE_PINS, *(f"{scope}_secret" for scope in WRITE_PINS)}),
    separator=",",
    takes_basic=True,
    access_seconds=30 * 86_400,
    refresh_seconds=60 * 86_400,
    refresh_rotates=True,
)
_ID = re.compile(r"\d+")


def refusal(status: int, code: int, message: str) -> ApiError:
    return ApiError(status, error_body(code, message))


def error_body(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}


def user_of(request: ASGIRequest, *scopes: str) -> sqlite3.Row:
    """Return the account that asks. Raises ApiError 401, or 403 when a scope is missing."""
    scheme, value = bearer(request)
    token = live_token(value, PROVIDER) if scheme == "bearer" else None
    if token is None:
        raise refusal(401, 2, "Authentication failed.")
    if not set(scopes) <= set(token["scopes"].split()):
        raise refusal(403, 7, f"Your token lacks a scope of: {', '.join(scopes)}.")
    return accounts.by_id(token["account"])


def sees_secret(request: ASGIRequest, kind: str = "boards:read") -> bool:
    """Say whether the token reaches what is secret as well."""
    token = live_token(bearer(request)[1], PROVIDER)
    return token is not None and f"{kind}_secret" in token["scopes"].split()


def body_of(request: ASGIRequest, known: frozenset[str]) -> dict[str, Any]:
    """Return the JSON body. Raises ApiError 400 for anything else, and for a property nobody declared."""
    try:
        body = json_body(request)
    except ValueError as error:
        raise refusal(400, 1, "Invalid request: the body is no JSON.") from error
    if not isinstance(body, dict) or not set(body) <= known:
        raise refusal(400, 1, "Invalid request: unknown property.")
    return body


def text_in(body: dict[str, Any], name: str, *, longest: int, least: int = 0) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str):
        raise refusal(400, 1, f"Invalid request: {name} is no text.")
    if not least <= len(value) <= longest:
        raise refusal(400, 1, f"Invalid request: {name} is too long or too short.")
    return value


def id_in(body: dict[str, Any], name: str) -> str:
    value = body.get(name) or ""
    if value and not (isinstance(value, str) and _ID.fullmatch(value)):
        raise refusal(400, 1, f"Invalid request: {name} is no id.")
    return value


def page_of(request: ASGIRequest) -> tuple[int, int]:
    """Return where the page begins and how much it holds. Raises ApiError 400."""
    size, bookmark = request.GET.get("page_size", "25"), request.GET.get("bookmark", "0")
    if not size.isdecimal() or not 1 <= int(size) <= 250 or not bookmark.isdecimal():
        raise refusal(400, 1, "Invalid request: page_size is between 1 and 250.")
    return int(bookmark), int(size)


def paged(items: list[dict[str, Any]], request: ASGIRequest) -> dict[str, Any]:
    first, size = page_of(request)
    after = str(first + size) if first + size < len(items) else None
    return {"items": items[first : first + size], "bookmark": after}
