"""Posts: made, listed, counted, deleted. The same text twice within a day is refused."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.web import ApiError, json_answer, json_body
from sandbox.x.access import X, problem, user_of
from sandbox.x.media import is_moving, ready_media

FIELDS = frozenset({"text", "media", "reply", "reply_settings", "made_with_ai", "paid_partnership"})
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
MEDIA_MAX = 4
WEIGHT_MAX = 280
LINK_WEIGHT = 23
DUPLICATE_SECONDS = 86_400
_LINK = re.compile(r"https?://\S+")


def weight(text: str) -> int:
    """Return the weighted length, roughly: enough to refuse what is clearly too long."""
    without = _LINK.sub("x" * LINK_WEIGHT, text)
    return sum(
        1 if ord(character) <= 0x10FF or 0x2000 <= ord(character) <= 0x2037 else 2 for character in without
    )


def _checked(request: ASGIRequest, account: sqlite3.Row) -> dict[str, Any]:
    try:
        body = json_body(request)
    except ValueError as error:
        raise problem(400, "The body is no JSON.", kind="invalid-request") from error
    if not isinstance(body, dict) or not set(body) <= FIELDS:
        raise problem(400, "One or more parameters to your request was invalid.", kind="invalid-request")
    text = str(body.get("text", ""))
    media_ids = (body.get("media") or {}).get("media_ids", [])
    if not text and not media_ids:
        raise problem(400, "Your post needs text or media.", kind="invalid-request")
    if weight(text) > WEIGHT_MAX + 40:  # emoji sequences weigh less than their parts
        raise problem(400, "Your post text is too long.", kind="invalid-request")
    if body.get("reply_settings", "following") not in REPLY_SETTINGS:
        raise problem(400, "reply_settings is invalid.", kind="invalid-request")
    parent = str((body.get("reply") or {}).get("in_reply_to_tweet_id", ""))
    if "reply" in body and not parent.isdecimal():
        raise problem(400, "reply.in_reply_to_tweet_id is invalid.", kind="invalid-request")
    if parent and _live(parent) is None:
        raise problem(
            403, "You cannot reply to a post that is deleted or not visible to you.", title="Forbidden"
        )
    if len(media_ids) > MEDIA_MAX:
        raise problem(400, "Too many media IDs.", kind="invalid-request")
    found = [ready_media(str(item), account) for item in media_ids]
    if any(row is None for row in found):
        raise problem(400, "Your media IDs are invalid.", kind="invalid-request")
    if len(found) > 1 and any(row is not None and is_moving(row["mime"]) for row in found):
        raise problem(400, "Media of these kinds cannot be mixed.", kind="invalid-request")
    return {**body, "text": text, "media_ids": [str(item) for item in media_ids]}


async def create(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "tweet.write", "tweet.read", "users.read")
    data = _checked(request, account)
    now, post_id = time.time(), accounts.snowflake()[:19]
    with storage.transaction() as db:
        twin = db.execute(
            "SELECT 1 FROM post WHERE account = ? AND json_extract(data, '$.text') = ? AND created_at > ?"
            " AND deleted_at IS NULL",
            (account["id"], data["text"], now - DUPLICATE_SECONDS),
        ).fetchone()
        if twin and data["text"]:
            detail = "You are not allowed to create a Tweet with duplicate content."
            raise problem(403, detail, title="Forbidden")
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (post_id, X, account["id"], post_id, json.dumps(data), now),
        )
        for item in data["media_ids"]:
            db.execute("UPDATE media SET post = ? WHERE id = ?", (post_id, item))
    return json_answer({"data": {"id": post_id, "text": data["text"]}}, 201)


def post_json(row: sqlite3.Row, fields: set[str]) -> dict[str, Any]:
    data = json.loads(row["data"])
    answer: dict[str, Any] = {"id": row["id"], "text": data["text"], "edit_history_post_ids": [row["id"]]}
    if "created_at" in fields:
        moment = datetime.fromtimestamp(row["created_at"], UTC)
        answer["created_at"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if "attachments" in fields and data["media_ids"]:
        answer["attachments"] = {"media_keys": [f"3_{item}" for item in data["media_ids"]]}
    if "entities" in fields:
        links = [{"url": found, "expanded_url": found} for found in _LINK.findall(data["text"])]
        answer["entities"] = {"urls": links} if links else {}
    if "conversation_id" in fields:
        answer["conversation_id"] = _root_of(row["id"], data)
    if "public_metrics" in fields:
        names = ("retweet", "reply", "like", "quote", "bookmark", "impression")
        answer["public_metrics"] = {f"{name}_count": 0 for name in names}
        replies = storage.one(
            "SELECT count(*) AS n FROM post WHERE deleted_at IS NULL"
            " AND json_extract(data, '$.reply.in_reply_to_tweet_id') = ?",
            row["id"],
        )
        answer["public_metrics"]["reply_count"] = replies["n"] if replies else 0
    return answer


def _root_of(post_id: str, data: dict[str, Any]) -> str:
    """Return the post at the root of the conversation: itself, where it is no reply."""
    while parent := (data.get("reply") or {}).get("in_reply_to_tweet_id"):
        row = storage.one("SELECT data FROM post WHERE id = ?", parent)
        if row is None:
            break
        post_id, data = parent, json.loads(row["data"])
    return post_id


def _fields(request: ASGIRequest) -> set[str]:
    return set(request.GET.get("post.fields", "").split(","))


async def of_user(request: ASGIRequest, user_id: str) -> HttpResponse:
    """Answer a user's posts, newest first."""
    user_of(request, "tweet.read", "users.read")
    limit = request.GET.get("max_results", "10")
    if not limit.isdecimal() or not 5 <= int(limit) <= 100:
        raise problem(400, "max_results is between 5 and 100.", kind="invalid-request")
    since = request.GET.get("start_time", "")
    try:
        after = datetime.fromisoformat(since).timestamp() if since else 0.0
    except ValueError as error:
        raise problem(400, "start_time is invalid.", kind="invalid-request") from error
    rows = storage.many(
        "SELECT * FROM post WHERE network = ? AND account = ? AND deleted_at IS NULL AND created_at >= ?"
        " ORDER BY created_at DESC, id DESC LIMIT ?",
        X, user_id, after, int(limit),
    )  # fmt: skip
    fields = _fields(request)
    body: dict[str, Any] = {"meta": {"result_count": len(rows)}}
    if rows:
        body["data"] = [post_json(row, fields) for row in rows]
    return json_answer(body)


async def several(request: ASGIRequest) -> HttpResponse:
    """Answer posts by id; those that are not there are told beside them."""
    user_of(request, "tweet.read", "users.read")
    ids = [item for item in request.GET.get("ids", "").split(",") if item]
    if not 1 <= len(ids) <= 100:
        raise problem(400, "ids holds 1 to 100 ids.", kind="invalid-request")
    found = {item: row for item in ids if (row := _live(item))}
    body: dict[str, Any] = {}
    if found:
        body["data"] = [post_json(row, _fields(request)) for row in found.values()]
    if len(found) < len(ids):
        kind = "https://api.x.com/2/problems/resource-not-found"
        body["errors"] = [
            {"value": item, "detail": "Could not find tweet.", "title": "Not Found Error", "type": kind}
            for item in ids
            if item not in found
        ]
    return json_answer(body)


async def delete(request: ASGIRequest, post_id: str) -> HttpResponse:
    account = user_of(request, "tweet.write", "tweet.read", "users.read")
    row = _live(post_id)
    if row is None:
        raise problem(404, "Could not find tweet.", kind="resource-not-found", title="Not Found Error")
    if row["account"] != account["id"]:
        raise problem(403, "You are not permitted to perform this action.", title="Forbidden")
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), post_id)
    return json_answer({"data": {"deleted": True}})


async def me(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "users.read", "tweet.read")
    answer = {"id": account["id"], "name": account["display_name"], "username": account["handle"]}
    if "profile_image_url" in request.GET.get("user.fields", ""):
        origin = f"{request.scheme}://{request.get_host()}"
        answer["profile_image_url"] = f"{origin}/avatars/{account['id']}.svg"
    return json_answer({"data": answer})


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise ApiError(404, {"title": "Not Found", "type": "about:blank", "status": 404, "detail": "Not Found"})


def _live(post_id: str) -> sqlite3.Row | None:
    return storage.one("SELECT * FROM post WHERE id = ? AND network = ? AND deleted_at IS NULL", post_id, X)
