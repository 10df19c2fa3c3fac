"""Members, pages and their posts."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any
from urllib.parse import unquote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.linkedin.access import LINKEDIN, PAGE, author_of, refused, user_of
from sandbox.web import json_answer, json_body

TEXT_MAX = 3000
COMMENT_MAX = 1250
DUPLICATE_SECONDS = 600
FIELDS = frozenset(
    {
        "author",
        "commentary",
        "visibility",
        "distribution",
        "content",
        "lifecycleState",
        "isReshareDisabledByAuthor",
    }
)


async def userinfo(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "openid", is_versioned=False)
    picture = f"{request.scheme}://{request.get_host()}/avatars/{account['id']}.svg"
    return json_answer({"sub": account["id"], "name": account["display_name"], "picture": picture})


async def administered(request: ASGIRequest) -> HttpResponse:
    """Answer every page there is: in the sandbox everybody runs all of them."""
    user_of(request, "rw_organization_admin")
    people = accounts.people(LINKEDIN)
    start, count = int(request.GET.get("start", "0")), int(request.GET.get("count", "10"))
    elements = [
        {"organization": PAGE + row["id"], "role": "ADMINISTRATOR", "state": "APPROVED"}
        for row in people[start : start + count]
    ]
    return json_answer({"elements": elements, "paging": {"start": start, "count": count}})


async def organization(request: ASGIRequest, number: str) -> HttpResponse:
    user_of(request, "rw_organization_admin")
    row = accounts.find(LINKEDIN, number)
    if row is None:
        raise refused(404, "NOT_FOUND", "No such organization")
    return json_answer({"id": number, "localizedName": row["display_name"], "vanityName": row["handle"]})


def _media_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    several = (content.get("multiImage") or {}).get("images") or []
    single = content.get("media")
    return several or ([single] if single else [])


async def create(request: ASGIRequest) -> HttpResponse:
    """Publish. The same words by the same author within ten minutes are refused, naming the first."""
    body = json_body(request)
    if not isinstance(body, dict) or not set(body) <= FIELDS or body.get("lifecycleState") != "PUBLISHED":
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "The body is not as documented")
    urn = str(body.get("author", ""))
    author = author_of(request, urn)
    commentary, content = str(body.get("commentary", "")), body.get("content") or {}
    if len(commentary.replace("\\", "")) > TEXT_MAX:
        raise refused(400, "FIELD_LENGTH_TOO_LONG", "commentary exceeds 3000 characters")
    media = _media_of(content)
    if not commentary and not content:
        raise refused(400, "MISSING_FIELD", "commentary is required")
    for item in media:
        row = storage.one("SELECT polls_left FROM media WHERE id = ? AND post IS NULL", str(item.get("id")))
        if row is None:
            raise refused(400, "INVALID_IMAGE_ID", "There is no such media")
        if row["polls_left"] > 1:
            raise refused(400, "MEDIA_ASSET_WAITING_UPLOAD", "The media is not ready")
    data = {
        "text": commentary,
        "author": urn,
        "content": content,
        "media_ids": [str(item["id"]) for item in media],
        "visibility": body.get("visibility", "PUBLIC"),
    }
    now, post_urn = time.time(), f"urn:li:share:{accounts.snowflake()}"
    with storage.transaction() as db:
        twin = db.execute(
            "SELECT id FROM post WHERE network = ? AND json_extract(data, '$.author') = ? AND deleted_at IS NULL"
            " AND collection = 'status'"
            " AND json_extract(data, '$.text') = ? AND created_at > ?",
            (LINKEDIN, urn, commentary, now - DUPLICATE_SECONDS),
        ).fetchone()
        if twin and commentary:
            raise refused(422, "", f"Content is a duplicate of {twin['id']}")
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (post_urn, LINKEDIN, author["id"], post_urn, json.dumps(data), now),
        )
        for item in media:
            db.execute(
                "UPDATE media SET post = ?, description = ? WHERE id = ?",
                (post_urn, item.get("altText"), str(item["id"])),
            )
    return HttpResponse(status=201, headers={"x-restli-id": post_urn})


async def of_author(request: ASGIRequest) -> HttpResponse:
    user_of(request, "r_organization_social")
    author = request.GET.get("author", "")
    if request.GET.get("q") != "author" or not author.startswith(PAGE):
        raise refused(403, "ACCESS_DENIED", "Posts of members cannot be read")
    rows = storage.many(
        "SELECT * FROM post WHERE network = ? AND json_extract(data, '$.author') = ? AND deleted_at IS NULL"
        " AND collection = 'status' ORDER BY created_at DESC LIMIT ?",
        LINKEDIN, author, int(request.GET.get("count", "10")),
    )  # fmt: skip
    return json_answer({"elements": [_post(row) for row in rows]})


async def show(request: ASGIRequest, urn: str) -> HttpResponse:
    user_of(request, "r_organization_social")
    return json_answer(_post(live_post(urn)))


async def edit(request: ASGIRequest, urn: str) -> HttpResponse:
    """Change the words of a post: Rest.li's partial update."""
    row = live_post(urn)
    author_of(request, json.loads(row["data"])["author"])
    if request.headers.get("X-RestLi-Method") != "PARTIAL_UPDATE":
        raise refused(400, "INVALID_METHOD", "X-RestLi-Method PARTIAL_UPDATE is required")
    changes = ((json_body(request) or {}).get("patch") or {}).get("$set") or {}
    commentary = changes.get("commentary")
    if set(changes) != {"commentary"} or not isinstance(commentary, str):
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "Only commentary can be changed")
    if len(commentary.replace("\\", "")) > TEXT_MAX:
        raise refused(400, "FIELD_LENGTH_TOO_LONG", "commentary exceeds 3000 characters")
    data = {**json.loads(row["data"]), "text": commentary}
    storage.run("UPDATE post SET data = ? WHERE id = ?", json.dumps(data), row["id"])
    return HttpResponse(status=204)


async def delete(request: ASGIRequest, urn: str) -> HttpResponse:
    row = live_post(urn)
    author_of(request, json.loads(row["data"])["author"])
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), row["id"])
    return HttpResponse(status=204)


# --- comments --------------------------------------------------------------------------------------------------------


async def comment(request: ASGIRequest, urn: str) -> HttpResponse:
    """Comment on a post. The text is plain."""
    post, body = live_post(urn), json_body(request)
    if not isinstance(body, dict) or not set(body) <= {"actor", "object", "message", "parentComment"}:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "The body is not as documented")
    actor = author_of(request, str(body.get("actor", "")), of_comments=True)
    text = str((body.get("message") or {}).get("text", ""))
    if body.get("object") != post["id"]:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "object is not the post of the address")
    if not text.strip():
        raise refused(400, "MISSING_FIELD", "message.text is required")
    if len(text) > COMMENT_MAX:
        raise refused(400, "FIELD_LENGTH_TOO_LONG", "message exceeds 1250 characters")
    number = accounts.snowflake()
    comment_urn = f"urn:li:comment:({post['id']},{number})"
    data = {"text": text, "author": body["actor"], "below": post["id"], "content": {}, "media_ids": []}
    data |= {"visibility": "PUBLIC"}
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, created_at)"
        " VALUES (?, ?, ?, ?, 'comment', ?, ?)",
        comment_urn, LINKEDIN, actor["id"], number, json.dumps(data), time.time(),
    )  # fmt: skip
    row = storage.one("SELECT * FROM post WHERE id = ?", comment_urn)
    assert row is not None
    return json_answer(_comment(row), 201, {"x-restli-id": number})


async def comments(request: ASGIRequest, urn: str) -> HttpResponse:
    user_of(request, "r_organization_social_feed")
    post = live_post(urn)
    rows = storage.many(
        "SELECT * FROM post WHERE collection = 'comment' AND deleted_at IS NULL"
        " AND json_extract(data, '$.below') = ? ORDER BY created_at",
        post["id"],
    )
    start, count = int(request.GET.get("start", "0")), int(request.GET.get("count", "10"))
    return json_answer({"elements": [_comment(row) for row in rows[start : start + count]]})


def _comment(row: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    return {
        "id": row["key"],
        "commentUrn": row["id"],
        "actor": data["author"],
        "object": data["below"],
        "message": {"attributes": [], "text": data["text"]},
        "created": {"actor": data["author"], "time": int(row["created_at"] * 1000)},
    }


def live_post(urn: str) -> sqlite3.Row:
    row = storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND collection = 'status' AND deleted_at IS NULL",
        unquote(urn),
        LINKEDIN,
    )
    if row is None:
        raise refused(404, "NOT_FOUND", "No such post")
    return row


async def statistics(request: ASGIRequest) -> HttpResponse:
    user_of(request, "rw_organization_admin")
    query = unquote(request.META.get("QUERY_STRING", ""))
    names = (
        "likeCount",
        "commentCount",
        "shareCount",
        "impressionCount",
        "uniqueImpressionsCount",
        "clickCount",
    )
    rows = storage.many(
        "SELECT id FROM post WHERE network = ? AND collection = 'status' AND deleted_at IS NULL", LINKEDIN
    )
    elements = [
        {"share": row["id"], "totalShareStatistics": dict.fromkeys(names, 0)}
        for row in rows
        if row["id"] in query
    ]
    return json_answer({"elements": elements})


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise refused(404, "RESOURCE_NOT_FOUND", f"No virtual resource found: {path}")


def _post(row: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    return {
        "id": row["id"],
        "author": data["author"],
        "commentary": data["text"],
        "content": data["content"],
        "visibility": data["visibility"],
        "createdAt": int(row["created_at"] * 1000),
        "lifecycleState": "PUBLISHED",
    }
