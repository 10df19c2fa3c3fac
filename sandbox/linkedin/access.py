"""Who may ask, and LinkedIn's way of saying no."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest

from sandbox import accounts
from sandbox.operator_oauth import Provider, live_token
from sandbox.web import ApiError, bearer

LINKEDIN = "linkedin"
VERSION = "202609"
PERSON, PAGE = "urn:li:person:", "urn:li:organization:"
PROVIDER = Provider(
    network=LINKEDIN,
    client_label="Chorus",
    scopes=frozenset(
        {
            "openid",
            "profile",
            "w_member_social",
            "w_member_social_feed",
            "w_organization_social",
            "w_organization_social_feed",
            "r_organization_social",
            "r_organization_social_feed",
            "rw_organization_admin",
        }
    ),
    access_seconds=60 * 86_400,
    refresh_seconds=365 * 86_400,
    refresh_rotates=False,
)


def refused(status: int, code: str, message: str) -> ApiError:
    return ApiError(status, body_of(status, code, message))


def body_of(status: int, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message, "serviceErrorCode": 100}


def user_of(request: ASGIRequest, scope: str, *, is_versioned: bool = True) -> sqlite3.Row:
    """Return the account that asks. Raises ApiError 400, 401, 403 or 426."""
    if is_versioned:
        if request.headers.get("Linkedin-Version") != VERSION:
            raise refused(426, "NONEXISTENT_VERSION", "Requested version is not active")
        if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            raise refused(400, "INVALID_PROTOCOL", "X-Restli-Protocol-Version is required")
    scheme, value = bearer(request)
    token = live_token(value, PROVIDER) if scheme == "bearer" else None
    if token is None:
        raise refused(401, "EXPIRED_ACCESS_TOKEN", "Expired access token")
    if scope not in token["scopes"].split():
        raise refused(403, "ACCESS_DENIED", f"Not enough permissions to access: {scope}")
    return accounts.by_id(token["account"])


def author_of(request: ASGIRequest, urn: str, *, of_comments: bool = False) -> sqlite3.Row:
    """Return the account behind an author's URN that this token may write as. Raises ApiError."""
    kind = next((kind for kind in (PERSON, PAGE) if urn.startswith(kind)), "")
    scope = "w_member_social" if kind == PERSON else "w_organization_social"
    asking = user_of(request, scope + ("_feed" if of_comments else ""))
    row = accounts.find(LINKEDIN, urn.removeprefix(kind)) if kind else None
    if row is None or (kind == PERSON and row["id"] != asking["id"]):
        raise refused(403, "ACCESS_DENIED", "The author is not yours")
    return row
