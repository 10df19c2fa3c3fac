"""Sign-in with an app password: access token for two hours, refresh token for ninety days."""

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.accounts import BLUESKY
from sandbox.bluesky import tokens
from sandbox.bluesky.access import ACCESS, REFRESH, caller_of
from sandbox.bluesky.identity import did_document
from sandbox.bluesky.xrpc import body_of, error, procedure, query, text_of
from sandbox.web import bearer, json_answer, origin_of

ACCESS_SECONDS, REFRESH_SECONDS, GRACE_SECONDS = 7200, 90 * 86400, 7200


def _account_json(row: sqlite3.Row, origin: str) -> dict[str, Any]:
    return {
        "handle": row["handle"],
        "did": row["id"],
        "didDoc": did_document(row, origin),
        "email": f"{row['handle']}@example.test",
        "emailConfirmed": True,
        "emailAuthFactor": False,
        "active": True,
    }


def _tokens(row: sqlite3.Row, session_id: str, origin: str) -> dict[str, str]:
    now = int(time.time())
    common = {
        "sub": row["id"],
        "sid": session_id,
        "iat": now,
        "aud": f"did:web:{origin.split('/')[2].split(':')[0]}",
    }
    return {
        "accessJwt": tokens.sign(
            ACCESS,
            {
                **common,
                "scope": "com.atproto.appPass",
                "exp": now + ACCESS_SECONDS,
                "epoch": accounts.epoch(row["id"]),
            },
        ),
        "refreshJwt": tokens.sign(
            REFRESH,
            {**common, "scope": "com.atproto.refresh", "exp": now + REFRESH_SECONDS, "jti": session_id},
        ),
    }


@procedure
async def create(request: ASGIRequest) -> HttpResponse:
    body = body_of(request)
    identifier, password = text_of(body, "identifier"), text_of(body, "password")
    row = accounts.find(BLUESKY, identifier.lstrip("@").removesuffix("@example.test"))
    if row is None or not secrets.compare_digest(row["password"], password):
        raise error(401, "AuthenticationRequired", "Invalid identifier or password")
    session_id = secrets.token_hex(16)
    storage.run(
        "INSERT INTO session (id, account, expires_at) VALUES (?, ?, ?)",
        session_id, row["id"], time.time() + REFRESH_SECONDS,
    )  # fmt: skip
    origin = origin_of(request)
    return json_answer({**_tokens(row, session_id, origin), **_account_json(row, origin)})


def _refreshing(request: ASGIRequest) -> sqlite3.Row:
    """Return the session whose refresh token was sent. Raises ApiError."""
    scheme, token = bearer(request)
    if not token:
        raise error(401, "AuthMissing", "Authentication Required")
    try:
        claims = tokens.read(REFRESH, token)
    except tokens.BadToken as wrong:
        raise error(400, "InvalidToken", "Token could not be verified") from wrong
    row = storage.one("SELECT * FROM session WHERE id = ?", claims["sid"])
    if row is None or row["dead"] or row["expires_at"] < time.time() or scheme != "bearer":
        raise error(400, "ExpiredToken", "Token has been revoked")
    return row


@procedure
async def refresh(request: ASGIRequest) -> HttpResponse:
    """Rotate. Within two hours the old token gives the same successor again, as on the real server."""
    old = _refreshing(request)
    with storage.transaction() as db:
        row = db.execute("SELECT next_id FROM session WHERE id = ?", (old["id"],)).fetchone()
        next_id = row["next_id"] or secrets.token_hex(16)
        if row["next_id"] is None:
            now = time.time()
            db.execute(
                "UPDATE session SET next_id = ?, expires_at = min(expires_at, ?) WHERE id = ?",
                (next_id, now + GRACE_SECONDS, old["id"]),
            )
            db.execute(
                "INSERT INTO session (id, account, expires_at) VALUES (?, ?, ?)",
                (next_id, old["account"], now + REFRESH_SECONDS),
            )
    account, origin = accounts.by_id(old["account"]), origin_of(request)
    return json_answer({**_tokens(account, next_id, origin), **_account_json(account, origin)})


@query
async def show(request: ASGIRequest) -> HttpResponse:
    return json_answer(_account_json(caller_of(request).account, origin_of(request)))


@procedure
async def delete(request: ASGIRequest) -> HttpResponse:
    old = _refreshing(request)
    storage.run("UPDATE session SET dead = 1 WHERE id = ?1 OR id = ?2", old["id"], old["next_id"] or "")
    return HttpResponse(b"", content_type="application/json")


@query
async def describe_server(request: ASGIRequest) -> HttpResponse:
    return json_answer(
        {
            "did": f"did:web:{request.get_host().replace(':', '%3A')}",
            "availableUserDomains": [".test"],
            "inviteCodeRequired": False,
            "phoneVerificationRequired": False,
            "links": {},
            "contact": {},
        }
    )
