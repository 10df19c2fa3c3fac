"""OAuth of networks where an operator registers his application by hand: consent, codes, pairs of tokens.

The sandbox knows one such application per network, ``sandbox`` with the secret ``sandbox``, whatever its redirect.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sqlite3
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import consent as consent_page
from sandbox import storage
from sandbox.web import ApiError, form

CLIENT = "sandbox"
CODE_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Provider:
    """How one network does it. ``refresh_seconds`` 0: it gives no refresh tokens."""

    network: str
    client_label: str
    scopes: frozenset[str]
    separator: str = " "
    needs_pkce: bool = False
    takes_basic: bool = False
    access_seconds: int
    refresh_seconds: int
    refresh_rotates: bool
    offline_scope: str = ""
    code_seconds: int = CODE_SECONDS

    # --- consent ---

    async def consent(self, request: ASGIRequest) -> HttpResponse:
        """Show who asks for what. A wrong client is told here, never by redirecting."""
        given = {name: str(value) for name, value in request.GET.items()}
        redirect_uri = given.get("redirect_uri", "")
        if given.get("client_id") != CLIENT:
            return consent_page.problem(request, "Something went wrong: this application is not known.", 400)
        if not redirect_uri.startswith(("http://", "https://")):
            return consent_page.problem(request, "The redirect address is none.", 400)
        back = {"redirect_uri": redirect_uri, "state": given.get("state", "")}
        asked = [scope for scope in given.get("scope", "").split(self.separator) if scope]
        if given.get("response_type") != "code":
            return _send_back(back, error="unsupported_response_type")
        if not asked or not set(asked) <= self.scopes:
            return _send_back(back, error="invalid_scope")
        challenge = given.get("code_challenge", "")
        if self.needs_pkce and (not challenge or given.get("code_challenge_method") != "S256"):
            return _send_back(back, error="invalid_request")
        ask = {**back, "scope": " ".join(asked), "challenge": challenge}
        return consent_page.show(
            request, network=self.network, client=self.client_label, website="", ask=ask, hint=""
        )

    async def decide(self, request: ASGIRequest) -> HttpResponse:
        decision = consent_page.decision(request, self.network)
        if isinstance(decision, HttpResponse):
            return decision
        ask, account = decision
        if account is None:
            return _send_back(ask, error="access_denied")
        code = secrets.token_urlsafe(32)
        storage.run(
            "INSERT INTO code (code, account, data, expires_at) VALUES (?, ?, ?, ?)",
            code, account["id"], json.dumps(ask), time.time() + self.code_seconds,
        )  # fmt: skip
        return _send_back(ask, code=code)

    # --- tokens ---

    async def token(self, request: ASGIRequest) -> HttpResponse:
        """Give a pair for a code or a refresh token."""
        given = form(request)
        self._check_client(request, given)
        if given.get("grant_type") == "authorization_code":
            account, scopes = self._spend_code(given)
        elif given.get("grant_type") == "refresh_token" and self.refresh_seconds:
            account, scopes = self._spend_refresh(given.get("refresh_token", ""))
        else:
            raise oauth_error(400, "unsupported_grant_type")
        return HttpResponse(json.dumps(self._pair(account, scopes, given)), content_type="application/json")

    async def revoke(self, request: ASGIRequest) -> HttpResponse:
        """Forget a token; one of nobody is fine too."""
        given = form(request)
        self._check_client(request, given)
        token = given.get("token", "")
        storage.run("UPDATE token SET state = 'revoked' WHERE token = ?", token)
        row = storage.one("SELECT account FROM refresh WHERE token = ?", token)
        if row is not None:
            storage.run("UPDATE refresh SET spent = 1 WHERE token = ?", token)
        return HttpResponse(json.dumps({"revoked": True}), content_type="application/json")

    def _check_client(self, request: ASGIRequest, given: dict[str, str]) -> None:
        pair = (given.get("client_id", ""), given.get("client_secret", ""))
        header = request.headers.get("Authorization", "")
        if self.takes_basic:
            try:
                decoded = base64.b64decode(header.removeprefix("Basic ")).decode()
            except ValueError:
                decoded = ""
            name, _, secret = decoded.partition(":")
            pair = (unquote(name), unquote(secret))
        if pair != (CLIENT, CLIENT):
            raise oauth_error(401, "invalid_client")

    def _spend_code(self, given: dict[str, str]) -> tuple[str, str]:
        with storage.transaction() as db:
            row = db.execute("SELECT * FROM code WHERE code = ?", (given.get("code", ""),)).fetchone()
            if row is None or row["used_for"] or row["expires_at"] < time.time():
                raise oauth_error(400, "invalid_grant")
            ask = json.loads(row["data"])
            if ask["redirect_uri"] != given.get("redirect_uri"):
                raise oauth_error(400, "invalid_grant")
            if ask["challenge"]:
                digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
                if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != ask["challenge"]:
                    raise oauth_error(400, "invalid_grant")
            db.execute("UPDATE code SET used_for = 'a pair' WHERE code = ?", (row["code"],))
            return str(row["account"]), str(ask["scope"])

    def _spend_refresh(self, token: str) -> tuple[str, str]:
        with storage.transaction() as db:
            row = db.execute("SELECT * FROM refresh WHERE token = ?", (token,)).fetchone()
            if row is None or row["spent"] or row["expires_at"] < time.time():
                raise oauth_error(400, "invalid_grant")
            if self.refresh_rotates:
                db.execute("UPDATE refresh SET spent = 1 WHERE token = ?", (token,))
            return str(row["account"]), str(row["scopes"])

    def _pair(self, account: str, scopes: str, given: dict[str, str]) -> dict[str, Any]:
        made = tokens_for(self, account, scopes)
        if not self.refresh_rotates and given.get("refresh_token"):
            made.pop("refresh_token", None)
        return {
            "token_type": "bearer",
            "expires_in": self.access_seconds,
            "scope": self.separator.join(scopes.split()),
            **made,
        }


def tokens_for(provider: Provider, account: str, scopes: str) -> dict[str, str]:
    """Return a fresh access token, with its refresh token where the network gives one."""
    access = secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO token (token, client_id, account, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
        access, CLIENT, account, scopes, time.time(),
    )  # fmt: skip
    made = {"access_token": access}
    if provider.refresh_seconds and provider.offline_scope in ("", *scopes.split()):
        made["refresh_token"] = secrets.token_urlsafe(32)
        storage.run(
            "INSERT INTO refresh (token, client_id, account, scopes, expires_at) VALUES (?, ?, ?, ?, ?)",
            made["refresh_token"], CLIENT, account, scopes, time.time() + provider.refresh_seconds,
        )  # fmt: skip
    return made


def live_token(value: str, provider: Provider) -> sqlite3.Row | None:
    """Return the token when it counts: known, not expired, not revoked."""
    row = storage.one("SELECT * FROM token WHERE token = ? AND client_id = ?", value, CLIENT)
    if row is None or row["state"] != "live" or row["created_at"] + provider.access_seconds < time.time():
        return None
    return row


def oauth_error(status: int, error: str) -> ApiError:
    return ApiError(status, {"error": error, "error_description": error.replace("_", " ")})


def _send_back(ask: dict[str, str], **answer: str) -> HttpResponse:
    if ask.get("state"):
        answer["state"] = ask["state"]
    uri = ask["redirect_uri"]
    separator = "&" if "?" in uri else "?"
    return HttpResponse(status=302, headers={"Location": f"{uri}{separator}{urlencode(answer)}"})
