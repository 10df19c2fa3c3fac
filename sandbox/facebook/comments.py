"""Comments below a page's posts."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.facebook.access import ENGAGE, FACEBOOK, PAGE, READ, caller_of, given, graph_error, live_post
from sandbox.web import json_answer

COMMENT_MAX = 8000


def below(post_id: str) -> list[sqlite3.Row]:
    """Return the comments of a post, newest first."""
    return storage.many(
        "SELECT * FROM post WHERE network = ? AND collection = 'comment' AND deleted_at IS NULL"
        " AND json_extract(data, '$.below') = ? ORDER BY created_at DESC, id DESC",
        FACEBOOK,
        post_id,
    )


def shown(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    data, author = json.loads(row["data"]), accounts.by_id(row["account"])
    origin = f"{request.scheme}://{request.get_host()}"
    moment = datetime.fromtimestamp(row["created_at"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    link = f"{origin}/-/facebook/{author['handle']}/posts/{data['below']}?comment_id={row['id']}"
    return {
        "id": row["id"],
        "message": data["text"],
        "created_time": moment,
        "permalink_url": link,
        "from": {"id": author["id"], "name": author["display_name"]},
    }


async def create(request: ASGIRequest, post_id: str) -> HttpResponse:
    account, _scopes = caller_of(request, PAGE, ENGAGE)
    post, message = live_post(post_id), given(request).get("message", "")
    if not message.strip() or len(message) > COMMENT_MAX:
        raise graph_error(100, "param message must be of 1 to 8000 characters")
    comment_id = f"{post_id.partition('_')[2]}_{accounts.snowflake()}"
    data = {"text": message, "below": post["id"], "media_ids": [], "link": ""}
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, created_at)"
        " VALUES (?, ?, ?, ?, 'comment', ?, ?)",
        comment_id, FACEBOOK, account["id"], comment_id, json.dumps(data), time.time(),
    )  # fmt: skip
    return json_answer({"id": comment_id})


async def listed(request: ASGIRequest, post_id: str) -> HttpResponse:
    caller_of(request, PAGE, READ)
    live_post(post_id)
    asked = given(request)
    rows = below(post_id)
    if asked.get("order") != "reverse_chronological":
        rows.reverse()
    return json_answer({"data": [shown(row, request) for row in rows[: int(asked.get("limit", "25"))]]})
