"""Who may call which method: app-password sessions (Bearer) and OAuth grants (DPoP), with their scopes."""

from __future__ import annotations

import sqlite3
import time
from urllib.parse import parse_qs, urlsplit

from django.core.handlers.asgi import ASGIRequest

from sandbox import accounts, storage
from sandbox.bluesky import tokens
from sandbox.bluesky.xrpc import error
from sandbox.web import ApiError, bearer

ACCESS, REFRESH, OAUTH = "at+jwt", "refresh+jwt", "oauth-at+jwt"
# What each "include:" set of the granular scopes opens, as far as the sandbox serves it.
SETS = {
    "app.bsky.authCreatePosts": {"app.bsky.feed.post?create", "app.bsky.feed.postgate?create",
                                 "app.bsky.feed.threadgate?create"},
    "app.bsky.authDeleteContent": {"app.bsky.feed.post?delete"},
    "app.bsky.authFullApp": {"*?create", "*?update", "*?delete"},
}  # fmt: skip


def _repo_scope_allows(scope: str, collection: str, action: str) -> bool:
    """Read ``repo:COLLECTION?action=create&action=update`` (or ``repo?collection=...``); no action means all."""
    parts = urlsplit(scope)
    wanted = parse_qs(parts.query)
    collections = [parts.path] if parts.path else wanted.get("collection", [])
    return ("*" in collections or collection in collections) and action in wanted.get(
        "action", ["create", "update", "delete"]
    )


def may_write(scope: str, collection: str, action: str) -> bool:
    for item in scope.split():
        if item == "transition:generic":
            return True
        if item.startswith("repo:") and _repo_scope_allows(item, collection, action):
            return True
        if item.startswith("include:"):
            opened = SETS.get(item.removeprefix("include:").partition("?")[0], set())
            if f"{collection}?{action}" in opened or f"*?{action}" in opened:
                return True
    return False


def may_upload(scope: str, mime: str) -> bool:
    for item in scope.split():
        if item in ("transition:generic", "blob:*/*") or item.startswith("include:app.bsky.authFullApp"):
            return True
        if item.startswith("blob:") and mime.startswith(item.removeprefix("blob:").rstrip("*")):
            return True
    return False


def may_call(scope: str, method: str, audience: str) -> bool:
    """Read ``rpc:METHOD?aud=AUDIENCE``, either of which may be ``*``."""
    for item in scope.split():
        if item == "transition:generic":
            return True
        if item.startswith("rpc:"):
            parts = urlsplit(item)
            if parts.path in ("*", method) and parse_qs(parts.query).get("aud", [""])[0] in ("*", audience):
                return True
    return False


class Caller:
    """An authenticated account and what it was allowed. An app password may do everything served here."""

    def __init__(self, account: sqlite3.Row, scope: str | None) -> None:
        self.account, self.scope = account, scope
        self.did: str = account["id"]

    def need_write(self, collection: str, action: str) -> None:
        if self.scope is not None and not may_write(self.scope, collection, action):
            wanted = f"repo:{collection}?action={action}"
            raise error(403, "ScopeMissingError", f'Missing required scope "{wanted}"')

    def need_upload(self, mime: str) -> None:
        if self.scope is not None and not may_upload(self.scope, mime):
            raise error(403, "ScopeMissingError", f'Missing required scope "blob:{mime}"')

    def need_call(self, method: str, audience: str) -> None:
        if self.scope is not None and not may_call(self.scope, method, audience):
            raise error(403, "ScopeMissingError", f'Missing required scope "rpc:{method}?aud={audience}"')


def _oauth_refusal(name: str, message: str) -> ApiError:
    return error(
        401,
        name,
        message,
        **{
            "WWW-Authenticate": f'DPoP algs="ES256", error="{name}", error_description="{message}"',
            "DPoP-Nonce": tokens.nonce(),
            "Access-Control-Expose-Headers": "DPoP-Nonce, WWW-Authenticate",
        },
    )


def _by_session(token: str) -> Caller:
    try:
        claims = tokens.read(ACCESS, token)
    except tokens.BadToken as wrong:
        raise error(400, "InvalidToken", "Token could not be verified") from wrong
    session = storage.one("SELECT * FROM session WHERE id = ?", claims["sid"])
    if claims["exp"] < time.time() or claims["epoch"] != accounts.epoch(claims["sub"]):
        raise error(400, "ExpiredToken", "Token has expired")
    if session is not None and session["dead"]:
        raise error(400, "ExpiredToken", "Token has been revoked")
    row = storage.one("SELECT * FROM account WHERE id = ?", claims["sub"])
    if row is None:
        raise error(401, "AuthenticationRequired", "Could not find user info for account")
    return Caller(row, None)


def _by_grant(request: ASGIRequest, token: str) -> Caller:
    try:
        claims = tokens.read(OAUTH, token)
    except tokens.BadToken as wrong:
        raise _oauth_refusal("invalid_token", "Invalid token") from wrong
    try:
        thumbprint = tokens.check_proof(request, token)
    except tokens.NonceWanted as wanted:
        raise _oauth_refusal("use_dpop_nonce", "Resource server requires nonce in DPoP proof") from wanted
    except tokens.BadProof as wrong:
        raise _oauth_refusal("invalid_dpop_proof", str(wrong)) from wrong
    if thumbprint != claims["cnf"]["jkt"]:
        raise _oauth_refusal("invalid_token", "Invalid DPoP key binding")
    grant = storage.one("SELECT * FROM auth_grant WHERE id = ?", claims["grant"])
    if grant is None or grant["dead"] or grant["token_id"] != claims["jti"]:
        raise _oauth_refusal("invalid_token", "Token has been revoked")
    if claims["exp"] < time.time() or claims["epoch"] != accounts.epoch(claims["sub"]):
        raise _oauth_refusal("invalid_token", "Token expired")
    return Caller(accounts.by_id(claims["sub"]), claims["scope"])


def caller_of(request: ASGIRequest) -> Caller:
    """Return who calls. Raises ApiError in the words of the scheme that was used."""
    scheme, token = bearer(request)
    if not token:
        raise error(401, "AuthMissing", "Authentication Required")
    if scheme == "dpop":
        return _by_grant(request, token)
    if scheme != "bearer":
        raise error(400, "InvalidToken", "Unexpected authorization type")
    try:
        tokens.read(OAUTH, token)
    except tokens.BadToken:
        return _by_session(token)
    raise _oauth_refusal("invalid_token", "DPoP bound tokens must be sent with the DPoP scheme")
