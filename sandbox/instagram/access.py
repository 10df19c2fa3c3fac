"""Consent, and who may do what: the Graph API's tokens, with Instagram's permissions."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.facebook.access import (
    LONG_SECONDS,
    PAGE,
    PERSON,
    caller_of,
    consent_of,
    graph_error,
    is_page,
    page_token,
    person_of,
)
from sandbox.operator_oauth import Provider
from sandbox.web import json_answer, origin_of

INSTAGRAM = "instagram"
VERSION = "v25.0"
BASIC, PUBLISH = "instagram_basic", "instagram_content_publish"
COMMENTS, INSIGHTS = "instagram_manage_comments", "instagram_manage_insights"
SCOPES = frozenset({BASIC, PUBLISH, COMMENTS, INSIGHTS, "pages_show_list", "pages_read_engagement"})
PROVIDER = Provider(
    network=INSTAGRAM,
    client_label="Chorus",
    scopes=SCOPES,
    separator=",",
    access_seconds=LONG_SECONDS,
    refresh_seconds=0,
    refresh_rotates=False,
)


def own_account(request: ASGIRequest, user_id: str, scope: str) -> sqlite3.Row:
    """Return the account when the token is its page's. One may not even know whether others exist."""
    account, _scopes = caller_of(request, PAGE, scope)
    if account["id"] != user_id:
        raise graph_error(100, f"Object with ID '{user_id}' does not exist or cannot be loaded.", sub=33)
    return account


def _profile(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    return {
        "id": row["id"],
        "username": row["handle"],
        "name": row["display_name"],
        "profile_picture_url": f"{origin_of(request)}/avatars/{row['id']}.svg",
    }


def _page(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    return {"id": f"8{row['id']}", "instagram_business_account": _profile(row, request)}


async def me(request: ASGIRequest) -> HttpResponse:
    """Answer whose token it is: a page with its account, or the person who runs them all."""
    account, _scopes = caller_of(request)
    if is_page(request):
        caller_of(request, PAGE, BASIC)
        return json_answer(_page(account, request))
    return json_answer({"id": person_of(account["id"]), "name": account["display_name"]})


async def my_pages(request: ASGIRequest) -> HttpResponse:
    """Answer every page there is, each with its token: in the sandbox everybody runs all of them."""
    account, scopes = caller_of(request, PERSON, "pages_show_list")
    pages = [
        {
            **_page(row, request),
            "tasks": ["CREATE_CONTENT", "ANALYZE"],
            "access_token": page_token(row["id"], scopes, person=person_of(account["id"])),
        }
        for row in accounts.people(INSTAGRAM)
    ]
    return json_answer({"data": pages, "paging": {"cursors": {"before": "a", "after": "z"}}})


async def forget(request: ASGIRequest, person: str, permission: str) -> HttpResponse:
    """Take one permission back from every token that rests on the person's consent."""
    for row in consent_of(request, person):
        left = " ".join(scope for scope in row["scopes"].split() if scope != permission)
        storage.run("UPDATE token SET scopes = ? WHERE token = ?", left, row["token"])
    return json_answer({"success": True})
