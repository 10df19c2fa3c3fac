"""Who may ask: tokens and scopes, refused in Mastodon's words."""

from __future__ import annotations

import sqlite3

from django.core.handlers.asgi import ASGIRequest

from sandbox import accounts, storage
from sandbox.web import ApiError, bearer

SCOPES = frozenset(
    [
        "profile",
        "read",
        "read:accounts",
        "read:blocks",
        "read:bookmarks",
        "read:favourites",
        "read:filters",
        "read:follows",
        "read:lists",
        "read:mutes",
        "read:notifications",
        "read:search",
        "read:statuses",
        "write",
        "write:accounts",
        "write:blocks",
        "write:bookmarks",
        "write:conversations",
        "write:favourites",
        "write:filters",
        "write:follows",
        "write:lists",
        "write:media",
        "write:mutes",
        "write:notifications",
        "write:reports",
        "write:statuses",
        "follow",
        "push",
    ]
)


def grants(held: str, wanted: str) -> bool:
    """``write`` holds ``write:statuses``; the reverse is not so."""
    scopes = held.split()
    return wanted in scopes or wanted.partition(":")[0] in scopes


def token_of(request: ASGIRequest) -> sqlite3.Row:
    scheme, value = bearer(request)
    row = storage.one("SELECT * FROM token WHERE token = ?", value) if scheme == "bearer" and value else None
    if row is None:
        raise ApiError(
            401,
            {"error": "The access token is invalid"},
            {
                "WWW-Authenticate": 'Bearer realm="Doorkeeper", error="invalid_token", '
                'error_description="The access token is invalid"'
            },
        )
    if row["state"] != "live":
        raise ApiError(
            401, {"error": f"The access token {'was revoked' if row['state'] == 'revoked' else 'expired'}"}
        )
    return row


def user_of(request: ASGIRequest, *any_scope: str) -> sqlite3.Row:
    """Return the account that asks. Raises ApiError 401, 403 (scope) or 422 (a token of nobody)."""
    token = token_of(request)
    if any_scope and not any(grants(token["scopes"], scope) for scope in any_scope):
        raise ApiError(403, {"error": "This action is outside the authorized scopes"})
    if token["account"] is None:
        raise ApiError(422, {"error": "This method requires an authenticated user"})
    return accounts.by_id(token["account"])
