"""What the app view answers: profiles, and posts with their counts."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.accounts import BLUESKY
from sandbox.bluesky.access import caller_of
from sandbox.bluesky.records import POST
from sandbox.bluesky.xrpc import invalid, query
from sandbox.mastodon.accounts import iso
from sandbox.web import bearer, json_answer, origin_of

URIS_MAX = 25
LIMIT_DEFAULT, LIMIT_MAX = 50, 100
TYPEAHEAD_DEFAULT = 10


def basic(row: sqlite3.Row, origin: str) -> dict[str, Any]:
    return {
        "did": row["id"],
        "handle": row["handle"],
        "displayName": row["display_name"],
        "avatar": f"{origin}/avatars/{row['id']}.svg",
        "labels": [],
        "createdAt": iso(row["created_at"]),
    }


def _image(blob: dict[str, Any], did: str, origin: str) -> str:
    return f"{origin}/xrpc/com.atproto.sync.getBlob?did={did}&cid={blob['ref']['$link']}"


def _embed_view(embed: dict[str, Any], did: str, origin: str) -> dict[str, Any] | None:
    match embed.get("$type"):
        case "app.bsky.embed.images":
            images = []
            for item in embed["images"]:
                url = _image(item["image"], did, origin)
                ratio = {"aspectRatio": item["aspectRatio"]} if item.get("aspectRatio") else {}
                images.append({"thumb": url, "fullsize": url, "alt": item["alt"], **ratio})
            return {"$type": "app.bsky.embed.images#view", "images": images}
        case "app.bsky.embed.external":
            card = dict(embed["external"])
            if "thumb" in card:
                card["thumb"] = _image(card["thumb"], did, origin)
            return {"$type": "app.bsky.embed.external#view", "external": card}
        case "app.bsky.embed.video":
            view = {"cid": embed["video"]["ref"]["$link"], "playlist": _image(embed["video"], did, origin)}
            return {"$type": "app.bsky.embed.video#view", **view, "alt": embed.get("alt", "")}
    return None


def _replies(row: sqlite3.Row) -> int:
    found = storage.one(
        "SELECT count(*) AS n FROM post WHERE deleted_at IS NULL AND collection = ?"
        " AND json_extract(data, '$.reply.parent.uri') = ?",
        POST, row["id"],
    )  # fmt: skip
    return int(found["n"]) if found else 0


def post_view(row: sqlite3.Row, origin: str) -> dict[str, Any]:
    record = json.loads(row["data"])
    embed = _embed_view(record.get("embed", {}), row["account"], origin)
    return {
        "uri": row["id"],
        "cid": row["cid"],
        "author": basic(accounts.by_id(row["account"]), origin),
        "record": record,
        **({"embed": embed} if embed else {}),
        "bookmarkCount": 0,
        "replyCount": _replies(row),
        "repostCount": 0,
        "likeCount": 0,
        "quoteCount": 0,
        "indexedAt": iso(row["created_at"]),
        "labels": [],
    }


def _check_token(request: ASGIRequest) -> None:
    """Reading is open to all, but a token that is sent must be good."""
    if bearer(request)[1]:
        caller_of(request)


@query
async def get_profile(request: ASGIRequest) -> HttpResponse:
    _check_token(request)
    row = accounts.find(BLUESKY, request.GET.get("actor", ""))
    if row is None:
        raise invalid("Profile not found")
    posts = storage.one(
        "SELECT count(*) AS n FROM post WHERE account = ? AND collection = ? AND deleted_at IS NULL",
        row["id"],
        POST,
    )
    counts = {"followersCount": 0, "followsCount": 0, "postsCount": posts["n"] if posts else 0}
    return json_answer({**basic(row, origin_of(request)), **counts, "indexedAt": iso(row["created_at"])})


@query
async def search_actors_typeahead(request: ASGIRequest) -> HttpResponse:
    """Answer the accounts whose handle or name holds what was typed."""
    _check_token(request)
    typed = request.GET.get("q", "").strip().lstrip("@").lower()
    try:
        limit = int(request.GET.get("limit", TYPEAHEAD_DEFAULT))
    except ValueError as wrong:
        raise invalid("Params/limit must be an integer") from wrong
    if not 1 <= limit <= LIMIT_MAX:
        raise invalid(f"Params/limit must be between 1 and {LIMIT_MAX}")
    rows = storage.many(
        "SELECT * FROM account WHERE network = ? AND (instr(lower(handle), ?) OR instr(lower(display_name), ?))"
        " ORDER BY handle LIMIT ?",
        BLUESKY, typed, typed, limit if typed else 0,
    )  # fmt: skip
    return json_answer({"actors": [basic(row, origin_of(request)) for row in rows]})


@query
async def get_posts(request: ASGIRequest) -> HttpResponse:
    """Answer the posts that exist, in the order asked; the others are simply missing."""
    _check_token(request)
    uris = request.GET.getlist("uris")
    if not uris:
        raise invalid('Params must have the property "uris"')
    if len(uris) > URIS_MAX:
        raise invalid(f"Params/uris must not have more than {URIS_MAX} elements")
    rows = [storage.one("SELECT * FROM post WHERE id = ? AND deleted_at IS NULL", uri) for uri in uris]
    return json_answer({"posts": [post_view(row, origin_of(request)) for row in rows if row is not None]})


@query
async def get_author_feed(request: ASGIRequest) -> HttpResponse:
    _check_token(request)
    row = accounts.find(BLUESKY, request.GET.get("actor", ""))
    if row is None:
        raise invalid("Profile not found")
    try:
        limit = max(1, min(LIMIT_MAX, int(request.GET.get("limit", LIMIT_DEFAULT))))
    except ValueError as wrong:
        raise invalid("Params/limit must be an integer") from wrong
    rows = storage.many(
        "SELECT * FROM post WHERE account = ? AND collection = ? AND deleted_at IS NULL"
        " ORDER BY created_at DESC LIMIT ?",
        row["id"], POST, limit,
    )  # fmt: skip
    return json_answer({"feed": [{"post": post_view(item, origin_of(request))} for item in rows]})
