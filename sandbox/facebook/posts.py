"""Pages, their photos and posts."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.facebook import comments, videos
from sandbox.facebook.access import (
    FACEBOOK,
    PAGE,
    PERSON,
    PUBLISHED,
    READ,
    caller_of,
    consent_of,
    given,
    graph_error,
    is_page,
    live_post,
    own_page,
    page_token,
    person_of,
)
from sandbox.web import json_answer

TEXT_MAX = 63_206
PHOTO_BYTES_MAX = 4_000_000
PHOTO_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"})
DUPLICATE_SECONDS = 86_400


def _page(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    origin = f"{request.scheme}://{request.get_host()}"
    return {
        "id": row["id"],
        "name": row["display_name"],
        "username": row["handle"],
        "link": f"{origin}/-/facebook/{row['handle']}",
        "picture": {"data": {"url": f"{origin}/avatars/{row['id']}.svg"}},
    }


async def me(request: ASGIRequest) -> HttpResponse:
    account, _scopes = caller_of(request)
    if is_page(request):
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
        for row in accounts.people(FACEBOOK)
    ]
    return json_answer({"data": pages, "paging": {"cursors": {"before": "a", "after": "z"}}})


async def my_businesses(request: ASGIRequest) -> HttpResponse:
    """Answer no portfolio: in the sandbox everybody runs all pages himself."""
    caller_of(request, PERSON, "business_management")
    return json_answer({"data": []})


async def forget(request: ASGIRequest, person: str) -> HttpResponse:
    """End a person's consent, and every token that rests on it."""
    for row in consent_of(request, person):
        storage.run("UPDATE token SET state = 'revoked' WHERE token = ?", row["token"])
    return json_answer({"success": True})


async def photos(request: ASGIRequest, page_id: str) -> HttpResponse:
    """Take a photo that nobody sees until a post shows it."""
    account = own_page(request, page_id)
    file = request.FILES.get("source")
    if given(request).get("published") != "false" or file is None or isinstance(file, list):
        raise graph_error(100, "The sandbox takes unpublished photos with a source only.")
    content, mime = file.read(), (file.content_type or "").lower()
    if mime not in PHOTO_TYPES or not content:
        raise graph_error(324, "Missing or invalid image file", sub=2069019)
    if len(content) > PHOTO_BYTES_MAX:
        raise graph_error(
            1, "Your photos couldn't be uploaded. Photos should be less than 4 MB.", sub=1366046
        )
    photo_id = accounts.snowflake()
    storage.run(
        "INSERT INTO media (id, account, mime, description, content, polls_left, created_at)"
        " VALUES (?, ?, ?, ?, ?, 0, ?)",
        photo_id, account["id"], mime, given(request).get("alt_text_custom"), content, time.time(),
    )  # fmt: skip
    return json_answer({"id": photo_id})


async def feed(request: ASGIRequest, page_id: str) -> HttpResponse:
    """Publish. The same words again within a day are refused."""
    account, asked = own_page(request, page_id), given(request)
    message, link = asked.get("message", ""), asked.get("link", "")
    photo_ids = [
        str(json.loads(value)["media_fbid"])
        for name, value in sorted(asked.items())
        if name.startswith("attached_media[")
    ]
    if not (message or link or photo_ids):
        raise graph_error(100, "You need to provide a message, a link or attached media.")
    if len(message) > TEXT_MAX:
        raise graph_error(100, "param message must be at most 63206 characters long")
    data = {"text": message, "link": link, "media_ids": photo_ids}
    now, post_id = time.time(), f"{page_id}_{accounts.snowflake()}"
    with storage.transaction() as db:
        twin = db.execute(
            "SELECT 1 FROM post WHERE account = ? AND json_extract(data, '$.text') = ? AND created_at > ?"
            " AND deleted_at IS NULL",
            (account["id"], message, now - DUPLICATE_SECONDS),
        ).fetchone()
        if twin and message:
            raise graph_error(506, "Duplicate status message")
        for item in photo_ids:
            free = "UPDATE media SET post = ? WHERE id = ? AND account = ? AND post IS NULL"
            if db.execute(free, (post_id, item, account["id"])).rowcount != 1:
                raise graph_error(100, f"The photo {item} does not exist.", sub=33)
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (post_id, FACEBOOK, account["id"], post_id, json.dumps(data), now),
        )
    return json_answer({"id": post_id})


async def published_posts(request: ASGIRequest, page_id: str) -> HttpResponse:
    account, asked = own_page(request, page_id, READ), given(request)
    rows = storage.many(
        "SELECT * FROM post WHERE network = ? AND account = ? AND deleted_at IS NULL AND created_at >= ?"
        " AND collection = 'status' ORDER BY created_at DESC LIMIT ?",
        FACEBOOK, account["id"], float(asked.get("since", "0")), min(100, int(asked.get("limit", "25"))),
    )  # fmt: skip
    return json_answer({"data": [_post(row, request) for row in rows]})


async def show(request: ASGIRequest, post_id: str) -> HttpResponse:
    caller_of(request, PAGE, READ)
    if video := videos.find(post_id):
        return videos.show(request, video)
    row = live_post(post_id)
    fields = given(request).get("fields", "")
    if "summary" in fields:
        reactions = {"data": [], "summary": {"total_count": 0}}
        said = {"data": [], "summary": {"total_count": len(comments.below(post_id))}}
        return json_answer({"id": post_id, "reactions": reactions, "comments": said})
    return json_answer(
        comments.shown(row, request) if row["collection"] == "comment" else _post(row, request)
    )


async def edit(request: ASGIRequest, post_id: str) -> HttpResponse:
    """Change the words of a post."""
    account, _scopes = caller_of(request, PAGE, PUBLISHED)
    row, message = live_post(post_id), given(request).get("message", "")
    if row["account"] != account["id"] or row["collection"] != "status":
        raise graph_error(100, "Unsupported post request. Object does not exist.", sub=33)
    if not message or len(message) > TEXT_MAX:
        raise graph_error(100, "param message must be of 1 to 63206 characters")
    data = {**json.loads(row["data"]), "text": message}
    storage.run("UPDATE post SET data = ? WHERE id = ?", json.dumps(data), post_id)
    return json_answer({"success": True})


async def insights(request: ASGIRequest, post_id: str) -> HttpResponse:
    caller_of(request, PAGE, "read_insights")
    live_post(post_id)
    name = given(request).get("metric", "")
    return json_answer({"data": [{"name": name, "period": "lifetime", "values": [{"value": 0}]}]})


async def delete(request: ASGIRequest, post_id: str) -> HttpResponse:
    account, _scopes = caller_of(request, PAGE, PUBLISHED)
    row = live_post(post_id)
    if row["account"] != account["id"]:
        raise graph_error(
            100, "Unsupported delete request. Object does not exist or may not be deleted.", sub=33
        )
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), post_id)
    return json_answer({"success": True})


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise graph_error(2500, f"Unknown path components: /{path}")


def _post(row: sqlite3.Row, request: ASGIRequest) -> dict[str, Any]:
    data, author = json.loads(row["data"]), accounts.by_id(row["account"])
    files = storage.many("SELECT mime FROM media WHERE post = ?", row["id"])
    kinds = [{"type": "video_inline" if file["mime"].startswith("video/") else "photo"} for file in files]
    attachments = kinds if len(kinds) == 1 else [{"type": "album", "subattachments": {"data": kinds}}]
    origin = f"{request.scheme}://{request.get_host()}"
    moment = datetime.fromtimestamp(row["created_at"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {
        "id": row["id"],
        "created_time": moment,
        "permalink_url": f"{origin}/-/facebook/{author['handle']}/posts/{row['id']}",
        **({"message": data["text"]} if data["text"] else {}),
        **({"attachments": {"data": attachments}} if kinds else {}),
    }
