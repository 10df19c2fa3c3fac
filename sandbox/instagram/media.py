"""What is out: posts, reels and stories, their comments and numbers."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, limits, storage
from sandbox.facebook.access import PAGE, caller_of, given, graph_error
from sandbox.instagram import containers
from sandbox.instagram.access import BASIC, COMMENTS, INSIGHTS, INSTAGRAM, PUBLISH, own_account
from sandbox.web import json_answer, origin_of

QUOTA = "instagram.posts"
COMMENT = "comment"
COMMENT_MAX = 2200
METRICS: Mapping[str, frozenset[str]] = {
    "FEED": frozenset(
        {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "follows"}
    ),
    "REELS": frozenset(
        {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "reels_skip_rate"}
    ),
    "STORY": frozenset({"views", "reach", "replies", "shares", "navigation", "total_interactions"}),
}


async def publish(request: ASGIRequest, user_id: str) -> HttpResponse:
    """Show a container to everybody: once, when it is ready, and not more often a day than the account may."""
    account = own_account(request, user_id, PUBLISH)
    made = containers.found(given(request).get("creation_id", ""))
    if made is None or made.account != account["id"]:
        raise graph_error(24, "The requested resource does not exist.", sub=2207008)
    if made.is_child:
        raise graph_error(100, "A carousel item is not published by itself.", sub=2207028)
    if made.code == containers.PUBLISHED:
        raise graph_error(100, "The media has already been published.")
    if made.code == "EXPIRED":
        raise graph_error(-2, "The media is expired.", sub=2207020)
    if made.code != containers.FINISHED:
        raise graph_error(9007, "The media is not ready for publishing.", sub=2207027)
    if _used(account) >= limits.numbers()[QUOTA][0]:
        raise graph_error(9, "The maximum number of posts for a day is reached.", sub=2207042)
    return json_answer({"id": _show(made)})


def _show(made: containers.Container) -> str:
    parts = [containers.found(child) for child in made.children] or [made]
    media_ids = [part.media_id for part in parts if part is not None]
    product = {"REELS": "REELS", "STORIES": "STORY"}.get(made.kind, "FEED")
    data = {
        "text": "" if product == "STORY" else made.caption,
        "media_ids": media_ids,
        "product": product,
        "kind": _kind(made, media_ids),
    }
    post_id = accounts.snowflake()
    with storage.transaction() as db:
        for item in media_ids:
            db.execute("UPDATE media SET post = ? WHERE id = ?", (post_id, item))
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (post_id, INSTAGRAM, made.account, made.id, json.dumps(data), time.time()),
        )
        made.published_as = post_id
        made.save()
    return post_id


def _kind(made: containers.Container, media_ids: list[str]) -> str:
    if made.kind == "CAROUSEL":
        return "CAROUSEL_ALBUM"
    row = storage.one("SELECT mime FROM media WHERE id = ?", media_ids[0])
    return "VIDEO" if row and row["mime"].startswith("video/") else "IMAGE"


def _used(account: sqlite3.Row) -> int:
    row = storage.one(
        "SELECT count(*) AS used FROM post WHERE account = ? AND collection = 'status' AND created_at > ?",
        account["id"],
        time.time() - limits.numbers()[QUOTA][1],
    )
    return int(row["used"]) if row else 0


async def publishing_limit(request: ASGIRequest, user_id: str) -> HttpResponse:
    account = own_account(request, user_id, BASIC)
    total, duration = limits.numbers()[QUOTA]
    entry = {"quota_usage": _used(account), "config": {"quota_total": total, "quota_duration": duration}}
    return json_answer({"data": [_asked_for(request, entry)]})


async def listed(request: ASGIRequest, user_id: str) -> HttpResponse:
    return json_answer({"data": _list(request, user_id, "product != 'STORY'")})


async def stories(request: ASGIRequest, user_id: str) -> HttpResponse:
    """Answer the stories of the last day: then nobody sees them any more."""
    day = time.time() - containers.DAY_SECONDS
    return json_answer({"data": _list(request, user_id, "product = 'STORY'", day)})


def _list(request: ASGIRequest, user_id: str, where: str, since: float = 0) -> list[dict[str, Any]]:
    account, asked = own_account(request, user_id, BASIC), given(request)
    rows = storage.many(
        "SELECT *, json_extract(data, '$.product') AS product FROM post WHERE network = ? AND account = ?"  # noqa: S608
        " AND collection = 'status' AND deleted_at IS NULL AND created_at >= ?"
        f" AND {where} ORDER BY created_at DESC LIMIT ?",
        INSTAGRAM, account["id"], max(since, float(asked.get("since", "0"))),
        min(100, int(asked.get("limit", "25"))),
    )  # fmt: skip
    return [_asked_for(request, _media(row, request)) for row in rows]


async def show(request: ASGIRequest, object_id: str) -> HttpResponse:
    """Answer a container or a medium: both are only numbers."""
    made = containers.found(object_id)
    if made is not None:
        return json_answer(_asked_for(request, containers.shown(request, made)))
    caller_of(request, PAGE, BASIC)
    return json_answer(_asked_for(request, _media(_live(object_id), request)))


async def refuse_deletion(request: ASGIRequest, object_id: str) -> HttpResponse:
    caller_of(request, PAGE, BASIC)
    _live(object_id)
    raise graph_error(3, "Application does not have the capability to make this API call.", status=400)


async def insights(request: ASGIRequest, object_id: str) -> HttpResponse:
    caller_of(request, PAGE, INSIGHTS)
    product = json.loads(_live(object_id)["data"])["product"]
    names = [name for name in given(request).get("metric", "").split(",") if name]
    for name in names:
        if name not in METRICS[product]:
            raise graph_error(100, f"Metric {name} is not available for this media product type.")
    found = [{"name": name, "period": "lifetime", "values": [{"value": 0}]} for name in names]
    return json_answer({"data": found})


async def comments(request: ASGIRequest, object_id: str) -> HttpResponse:
    """List the comments below a medium, newest first."""
    caller_of(request, PAGE, COMMENTS)
    _live(object_id)
    rows = storage.many(
        "SELECT * FROM post WHERE collection = ? AND json_extract(data, '$.on') = ? ORDER BY created_at DESC",
        COMMENT,
        object_id,
    )
    return json_answer({"data": [_asked_for(request, _comment(row)) for row in rows]})


async def comment(request: ASGIRequest, object_id: str) -> HttpResponse:
    account, _scopes = caller_of(request, PAGE, COMMENTS)
    message = given(request).get("message", "")
    if json.loads(_live(object_id)["data"])["product"] == "STORY":
        raise graph_error(100, "Stories take no comments.")
    if not message.strip() or len(message) > COMMENT_MAX:
        raise graph_error(100, "A message of 1 to 2200 characters is needed.")
    comment_id = accounts.snowflake()
    data = {"text": message, "on": object_id, "media_ids": []}
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        comment_id, INSTAGRAM, account["id"], comment_id, COMMENT, json.dumps(data), time.time(),
    )  # fmt: skip
    return json_answer({"id": comment_id})


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise graph_error(2500, f"Unknown path components: /{path}")


def _asked_for(request: ASGIRequest, found: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were asked for, and the id: the Graph API gives nothing unasked."""
    names = [name for name in given(request).get("fields", "").split(",") if name]
    if unknown := set(names) - set(found):
        raise graph_error(100, f"Tried accessing nonexisting field ({sorted(unknown)[0]})")
    return {name: found[name] for name in ("id", *names) if name in found}


def _live(media_id: str) -> sqlite3.Row:
    row = storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND collection = 'status' AND deleted_at IS NULL",
        media_id,
        INSTAGRAM,
    )
    if row is None:
        raise graph_error(100, f"Unsupported request. Object with ID '{media_id}' does not exist.", sub=33)
    return row


def _moment(row: sqlite3.Row) -> str:
    return datetime.fromtimestamp(row["created_at"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _media(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    data, author = json.loads(row["data"]), accounts.by_id(row["account"])
    below = storage.one(
        "SELECT count(*) AS number FROM post WHERE collection = ? AND json_extract(data, '$.on') = ?",
        COMMENT,
        row["id"],
    )
    return {
        "id": row["id"],
        "caption": data["text"],
        "media_type": data["kind"],
        "media_product_type": data["product"],
        "timestamp": _moment(row),
        "permalink": f"{origin_of(request)}/-/instagram/{author['handle']}/p/{row['id']}",
        "username": author["handle"],
        "like_count": 0,
        "comments_count": below["number"] if below else 0,
    }


def _comment(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "text": json.loads(row["data"])["text"],
        "username": accounts.by_id(row["account"])["handle"],
        "timestamp": _moment(row),
    }
