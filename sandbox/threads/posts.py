"""What is out: posts, replies, their numbers; publishing and deleting."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, limits, storage
from sandbox.facebook.access import caller_of, given, graph_error
from sandbox.threads import containers
from sandbox.threads.access import BASIC, DELETE, INSIGHTS, PUBLISH, READ_REPLIES, THREADS, own_account
from sandbox.web import json_answer, origin_of

QUOTA = "threads.posts"
POST, REPLY = "status", "comment"
METRICS = frozenset({"views", "likes", "replies", "reposts", "quotes", "shares"})
KINDS = {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}


async def publish(request: ASGIRequest, user_id: str) -> HttpResponse:
    """Show a container to everybody: once, when it is ready, and not more often a day than the account may."""
    account = own_account(request, user_id, PUBLISH)
    made = containers.found(given(request).get("creation_id", ""))
    if made is None or made.account != account["id"]:
        raise graph_error(24, "The requested resource does not exist.")
    if made.is_child or made.status == containers.PUBLISHED:
        raise graph_error(100, "The container is an item, or has been published.")
    if made.status != containers.FINISHED:
        raise graph_error(24, "The requested resource does not exist.")
    if not made.reply_to and _used(account) >= limits.numbers()[QUOTA][0]:
        raise graph_error(9, "The maximum number of posts for a day is reached.", sub=2207042)
    parts = [containers.found(child) for child in made.children] or [made]
    media_ids = [part.media_id for part in parts if part is not None and part.media_id]
    data = {
        "text": made.words,
        "media_ids": media_ids,
        "link": made.link,
        "topic": made.topic,
        "replies": made.replies,
        "kind": KINDS.get(made.kind, made.kind),
        "on": made.reply_to,
    }
    post_id = accounts.snowflake()
    with storage.transaction() as db:
        for item in media_ids:
            db.execute("UPDATE media SET post = ? WHERE id = ?", (post_id, item))
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                post_id,
                THREADS,
                made.account,
                made.id,
                REPLY if made.reply_to else POST,
                json.dumps(data),
                time.time(),
            ),
        )
        made.published_as = post_id
        made.save()
    return json_answer({"id": post_id})


def _used(account: sqlite3.Row) -> int:
    row = storage.one(
        "SELECT count(*) AS used FROM post WHERE account = ? AND collection = ? AND created_at > ?",
        account["id"],
        POST,
        time.time() - limits.numbers()[QUOTA][1],
    )
    return int(row["used"]) if row else 0


async def publishing_limit(request: ASGIRequest, user_id: str) -> HttpResponse:
    account = own_account(request, user_id, BASIC)
    total, duration = limits.numbers()[QUOTA]
    entry = {"quota_usage": _used(account), "config": {"quota_total": total, "quota_duration": duration}}
    return json_answer({"data": [entry]})


async def listed(request: ASGIRequest, user_id: str) -> HttpResponse:
    return _list(request, own_account(request, user_id, BASIC), POST)


async def replies(request: ASGIRequest, user_id: str) -> HttpResponse:
    return _list(request, own_account(request, user_id, READ_REPLIES), REPLY)


def _list(request: ASGIRequest, account: sqlite3.Row, collection: str) -> HttpResponse:
    asked = given(request)
    rows = storage.many(
        "SELECT * FROM post WHERE network = ? AND account = ? AND collection = ? AND deleted_at IS NULL"
        " AND created_at >= ? ORDER BY created_at DESC LIMIT ?",
        THREADS, account["id"], collection, float(asked.get("since", "0")), min(100, int(asked.get("limit", "25"))),
    )  # fmt: skip
    return json_answer({"data": [_asked_for(request, _post(row, request)) for row in rows]})


async def show(request: ASGIRequest, object_id: str) -> HttpResponse:
    """Answer a container or a post: both are only numbers."""
    made = containers.found(object_id)
    if made is not None:
        return json_answer(containers.shown(request, made))
    caller_of(request, scope=BASIC)
    return json_answer(_asked_for(request, _post(_live(object_id), request)))


async def delete(request: ASGIRequest, object_id: str) -> HttpResponse:
    account, _scopes = caller_of(request, scope=DELETE)
    row = _live(object_id)
    if row["account"] != account["id"]:
        raise graph_error(10, "Application does not have permission for this action.", status=403)
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), object_id)
    return json_answer({"success": True, "deleted_id": object_id})


async def insights(request: ASGIRequest, object_id: str) -> HttpResponse:
    caller_of(request, scope=INSIGHTS)
    _live(object_id)
    names = [name for name in given(request).get("metric", "").split(",") if name]
    if unknown := set(names) - METRICS:
        raise graph_error(100, f"Metric {sorted(unknown)[0]} is unknown.")
    found = [{"name": name, "period": "lifetime", "values": [{"value": 0}]} for name in names]
    return json_answer({"data": found})


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise graph_error(2500, f"Unknown path components: /{path}")


def _asked_for(request: ASGIRequest, found: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in given(request).get("fields", "").split(",") if name]
    if unknown := set(names) - set(found):
        raise graph_error(100, f"Tried accessing nonexisting field ({sorted(unknown)[0]})")
    return {name: found[name] for name in ("id", *names)}


def _live(post_id: str) -> sqlite3.Row:
    row = storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND deleted_at IS NULL", post_id, THREADS
    )
    if row is None:
        raise graph_error(24, "The requested resource does not exist.")
    return row


def _post(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    data, author = json.loads(row["data"]), accounts.by_id(row["account"])
    moment = datetime.fromtimestamp(row["created_at"], UTC)
    return {
        "id": row["id"],
        "text": data["text"],
        "media_type": data["kind"],
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink": f"{origin_of(request)}/-/threads/@{author['handle']}/post/{row['id']}",
        "username": author["handle"],
        **({"replied_to": {"id": data["on"]}} if data.get("on") else {}),
    }
