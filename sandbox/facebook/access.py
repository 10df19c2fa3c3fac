"""Consent, tokens of people and of pages, and the Graph API's way of saying no."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.operator_oauth import CLIENT, Provider
from sandbox.web import ApiError, json_answer

FACEBOOK = "facebook"
VERSION = "v25.0"
PUBLISHED, READ, ENGAGE = "pages_manage_posts", "pages_read_engagement", "pages_manage_engagement"
PERSON, PAGE = "person", "page"  # whose a token is, in its first scope; of a page's also by whose consent
APPLICATION = f"{CLIENT}|{CLIENT}"  # its id and secret are its own token
LONG_SECONDS = 60 * 86_400
SCOPES = frozenset(
    {
        "pages_show_list",
        "business_management",
        "pages_read_engagement",
        "pages_manage_posts",
        "pages_manage_engagement",
        "read_insights",
        "public_profile",
    }
)
PROVIDER = Provider(
    network=FACEBOOK,
    client_label="Chorus",
    scopes=SCOPES,
    separator=",",
    access_seconds=LONG_SECONDS,
    refresh_seconds=0,
    refresh_rotates=False,
)


def graph_error(code: int, message: str, *, sub: int = 0, status: int = 400) -> ApiError:
    return ApiError(status, error_body(code, message, sub=sub))


def error_body(code: int, message: str, *, sub: int = 0) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return {"error": {**error, **({"error_subcode": sub} if sub else {})}}


def given(request: ASGIRequest) -> dict[str, str]:
    """Return the parameters, in the address or the body."""
    return {
        **{name: str(value) for name, value in request.GET.items()},
        **{name: str(value) for name, value in request.POST.items()},
    }


def new_token(account: str, kind: str, scopes: str) -> str:
    value = secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO token (token, client_id, account, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
        value, CLIENT, account, f"{kind} {scopes}", time.time(),
    )  # fmt: skip
    return value


def person_of(account: str) -> str:
    """Return the id of the person who consented as this account."""
    return f"7{account}"


def page_token(account: str, scopes: str, *, person: str = "") -> str:
    """Return the page's own token by one person's consent, the same each time while it lives."""
    kind = f"{PAGE}/{person or person_of(account)}"
    row = storage.one(
        "SELECT token FROM token WHERE account = ? AND state = 'live' AND scopes = ?",
        account,
        f"{kind} {scopes}",
    )
    return row["token"] if row else new_token(account, kind, scopes)


def is_page(request: ASGIRequest) -> bool:
    row = _live(given(request).get("access_token", ""))
    return row is not None and row["scopes"].startswith(f"{PAGE}/")


def consent_of(request: ASGIRequest, person: str) -> list[sqlite3.Row]:
    """Return the tokens that rest on a person's consent; asked by the application itself, or by that person."""
    token = given(request).get("access_token", "")
    if token == APPLICATION:
        check_proof(request, token)
    elif person_of(caller_of(request, PERSON)[0]["id"]) != person:
        raise graph_error(200, "Permissions error: this is another person's consent.", status=403)
    return storage.many(
        "SELECT token, scopes FROM token WHERE client_id = ? AND state = 'live'"
        " AND ((account = ? AND scopes LIKE ?) OR scopes LIKE ?)",
        CLIENT,
        person.removeprefix("7"),
        f"{PERSON} %",
        f"{PAGE}/{person} %",
    )


async def debug_token(request: ASGIRequest) -> HttpResponse:
    """Say what a token may do, and on which pages; asked by the application itself."""
    asked = given(request)
    if asked.get("access_token") != APPLICATION:
        raise graph_error(190, "Invalid OAuth access token signature.", status=401)
    check_proof(request, APPLICATION)
    row = _live(asked.get("input_token", ""))
    if row is None:
        return json_answer({"data": {"is_valid": False, "scopes": []}})
    scopes = row["scopes"].split()[1:]
    granular = [{"scope": scope} for scope in scopes if scope != "public_profile"]
    data = {
        "app_id": CLIENT,
        "is_valid": True,
        "expires_at": 0,
        "scopes": scopes,
        "granular_scopes": granular,
    }
    return json_answer({"data": data})


async def token(request: ASGIRequest) -> HttpResponse:
    """Give a token for a code, or a long-lived one for a short one."""
    asked = given(request)
    if asked.get("client_id") != CLIENT:
        raise graph_error(
            101, "Error validating application. Cannot get application info due to a system error."
        )
    if asked.get("client_secret") != CLIENT:
        raise graph_error(1, "Error validating client secret.")
    if asked.get("grant_type") == "fb_exchange_token":
        row = _live(asked.get("fb_exchange_token", ""))
        if row is None:
            raise graph_error(190, "Error validating access token.", status=400)
        value = new_token(row["account"], PERSON, row["scopes"].partition(" ")[2])
        return json_answer({"access_token": value, "token_type": "bearer", "expires_in": LONG_SECONDS})
    with storage.transaction() as db:
        row = db.execute("SELECT * FROM code WHERE code = ?", (asked.get("code", ""),)).fetchone()
        if row is None or row["used_for"] or row["expires_at"] < time.time():
            raise graph_error(100, "This authorization code has expired.", sub=36007)
        ask = json.loads(row["data"])
        if ask["redirect_uri"] != asked.get("redirect_uri"):
            raise graph_error(100, "redirect_uri isn't an absolute URI or does not match.", sub=36008)
        db.execute("UPDATE code SET used_for = 'a token' WHERE code = ?", (row["code"],))
    value = new_token(row["account"], PERSON, ask["scope"])
    return json_answer({"access_token": value, "token_type": "bearer", "expires_in": 5183944})


def caller_of(request: ASGIRequest, kind: str = "", scope: str = "") -> tuple[sqlite3.Row, str]:
    """Return the account and the scopes of the token. Raises ApiError 190 or 200 in Graph's words."""
    asked = given(request)
    row = _live(asked.get("access_token", ""))
    if row is None:
        raise graph_error(190, "Error validating access token: Session has expired.", sub=463, status=401)
    check_proof(request, row["token"])
    whose, _, scopes = row["scopes"].partition(" ")
    if (kind and whose.partition("/")[0] != kind) or (scope and scope not in scopes.split()):
        raise graph_error(200, f"Permissions error: {scope or kind} is needed.", status=403)
    return accounts.by_id(row["account"]), scopes


def check_proof(request: ASGIRequest, token: str) -> None:
    proof = hmac.new(CLIENT.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not secrets.compare_digest(given(request).get("appsecret_proof", proof), proof):
        raise graph_error(100, "Invalid appsecret_proof provided in the API argument.")


def _live(value: str) -> sqlite3.Row | None:
    return storage.one(
        "SELECT * FROM token WHERE token = ? AND client_id = ? AND state = 'live'", value, CLIENT
    )


def own_page(request: ASGIRequest, page_id: str, scope: str = PUBLISHED) -> sqlite3.Row:
    """Return the page whose token this is. Raises ApiError when it is another's."""
    account, _scopes = caller_of(request, PAGE, scope)
    if account["id"] != page_id:
        raise graph_error(200, "Permissions error: this is another page's token.", status=403)
    return account


def live_post(post_id: str) -> sqlite3.Row:
    """Return a post or comment that is there. Raises ApiError in Graph's words."""
    row = storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND deleted_at IS NULL", post_id, FACEBOOK
    )
    if row is None:
        raise graph_error(100, f"Unsupported get request. Object with ID '{post_id}' does not exist.", sub=33)
    return row
