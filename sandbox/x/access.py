"""Who may ask, and X's way of saying no."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest

from sandbox import accounts
from sandbox.operator_oauth import Provider, live_token
from sandbox.web import ApiError, bearer

X = "x"
PROBLEM = "https://api.x.com/2/problems/"
PROVIDER = Provider(
    network=X,
    client_label="Chorus",
    scopes=frozenset({"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"}),
    needs_pkce=True,
    takes_basic=True,
    code_seconds=30,
    access_seconds=7200,
    refresh_seconds=180 * 86_400,
    refresh_rotates=True,
    offline_scope="offline.access",
)


def problem(status: int, detail: str, *, kind: str = "about:blank", title: str = "") -> ApiError:
    return ApiError(status, problem_body(status, detail, kind=kind, title=title))


def problem_body(status: int, detail: str, *, kind: str, title: str = "") -> dict[str, Any]:
    type_ = kind if kind == "about:blank" else PROBLEM + kind
    return {"title": title or "Refused", "detail": detail, "type": type_, "status": status}


def user_of(request: ASGIRequest, *scopes: str) -> sqlite3.Row:
    """Return the account that asks. Raises ApiError 401, or 403 when a scope is missing."""
    scheme, value = bearer(request)
    token = live_token(value, PROVIDER) if scheme == "bearer" else None
    if token is None:
        raise problem(401, "Unauthorized", title="Unauthorized")
    if not set(scopes) <= set(token["scopes"].split()):
        raise problem(403, "Your token lacks the scope this needs.", title="Forbidden")
    return accounts.by_id(token["account"])
