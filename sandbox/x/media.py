"""Uploads in parts: announced, appended, ended; moving pictures are read for a while."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.web import json_answer, json_body
from sandbox.x.access import problem, user_of

TYPES = {
    "tweet_image": frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"}),
    "tweet_gif": frozenset({"image/gif"}),
    "tweet_video": frozenset({"video/mp4", "video/quicktime"}),
}
BYTES_MAX = {"tweet_image": 5_000_000, "tweet_gif": 15_000_000, "tweet_video": 512_000_000}
PART_BYTES_MAX = 5_000_000
SEGMENTS_MAX = 1000
LIFETIME_SECONDS = 86_400
CHECK_AFTER_SECONDS = 1
ALT_TEXT_MAX = 1000


def is_moving(mime: str) -> bool:
    return mime == "image/gif" or mime.startswith("video/")


def ready_media(media_id: str, account: sqlite3.Row) -> sqlite3.Row | None:
    """Return a file that may be attached: this account's, read to its end, of today, in no post."""
    return storage.one(
        "SELECT * FROM media WHERE id = ? AND account = ? AND post IS NULL AND polls_left = 0 AND created_at > ?",
        media_id, account["id"], time.time() - LIFETIME_SECONDS,
    )  # fmt: skip


async def initialize(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "media.write")
    body = _json(request)
    category, mime, size = body.get("media_category"), body.get("media_type"), body.get("total_bytes")
    if category not in TYPES or mime not in TYPES[str(category)] or not isinstance(size, int):
        raise problem(400, "media_type or media_category is invalid.", kind="invalid-request")
    if not 0 < size <= BYTES_MAX[str(category)]:
        raise problem(400, "The media is too large.", kind="invalid-request")
    upload_id = accounts.snowflake()[:19]
    storage.run(
        "INSERT INTO upload VALUES (?, ?, ?, ?)", upload_id, account["id"], json.dumps(body), time.time()
    )
    return json_answer({"data": {"id": upload_id, "expires_after_secs": LIFETIME_SECONDS}})


async def append(request: ASGIRequest, upload_id: str) -> HttpResponse:
    _upload(request, upload_id)
    file = request.FILES.get("media")
    index = request.POST.get("segment_index", "")
    if file is None or isinstance(file, list) or not index.isdecimal() or int(index) >= SEGMENTS_MAX:
        raise problem(400, "media and segment_index are required.", kind="invalid-request")
    content = file.read()
    if not 0 < len(content) <= PART_BYTES_MAX:
        raise problem(413, "The segment is too large.", kind="invalid-request")
    storage.run("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", upload_id, int(index), content)
    return json_answer({"data": {"expires_at": int(time.time()) + LIFETIME_SECONDS}})


async def finalize(request: ASGIRequest, upload_id: str) -> HttpResponse:
    account, data = _upload(request, upload_id)
    parts = storage.many("SELECT * FROM part WHERE upload = ? ORDER BY number", upload_id)
    content = b"".join(part["content"] for part in parts)
    if [part["number"] for part in parts] != list(range(len(parts))) or len(content) != data["total_bytes"]:
        raise problem(400, "Segments do not add up to provided total file size.", kind="invalid-request")
    polls = request.META.get("sandbox.polls", 1 if is_moving(data["media_type"]) else 0)
    storage.run(
        "INSERT OR IGNORE INTO media (id, account, mime, description, content, polls_left, created_at)"
        " VALUES (?, ?, ?, NULL, ?, ?, ?)",
        upload_id, account["id"], data["media_type"], content, polls, time.time(),
    )  # fmt: skip
    return json_answer({"data": _state(upload_id)})


async def status(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "media.write")
    media_id = request.GET.get("media_id", "")
    row = storage.one("SELECT 1 FROM media WHERE id = ? AND account = ?", media_id, account["id"])
    if row is None or request.GET.get("command", "STATUS") != "STATUS":
        raise problem(404, "Media not found.", kind="resource-not-found")
    storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", media_id)
    return json_answer({"data": _state(media_id)})


async def metadata(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "media.write")
    body = _json(request)
    text = ((body.get("metadata") or {}).get("alt_text") or {}).get("text", "")
    if not isinstance(text, str) or len(text) > ALT_TEXT_MAX:
        raise problem(400, "alt_text is too long.", kind="invalid-request")
    changed = storage.run(
        "UPDATE media SET description = ? WHERE id = ? AND account = ?",
        text,
        str(body.get("id")),
        account["id"],
    )
    if not changed:
        raise problem(404, "Media not found.", kind="resource-not-found")
    return json_answer({"data": {"id": body["id"], "associated_metadata": {"alt_text": {"text": text}}}})


def _state(media_id: str) -> dict[str, Any]:
    row = storage.one("SELECT * FROM media WHERE id = ?", media_id)
    assert row is not None
    data: dict[str, Any] = {"id": media_id, "media_key": f"3_{media_id}", "size": len(row["content"])}
    data["expires_after_secs"] = LIFETIME_SECONDS
    if is_moving(row["mime"]):
        state = "in_progress" if row["polls_left"] else "succeeded"
        data["processing_info"] = {"state": state, "progress_percent": 100 if state == "succeeded" else 40}
        if row["polls_left"]:
            data["processing_info"]["check_after_secs"] = CHECK_AFTER_SECONDS
    return data


def _upload(request: ASGIRequest, upload_id: str) -> tuple[sqlite3.Row, dict[str, Any]]:
    account = user_of(request, "media.write")
    row = storage.one("SELECT * FROM upload WHERE id = ? AND account = ?", upload_id, account["id"])
    if row is None or row["created_at"] + LIFETIME_SECONDS < time.time():
        raise problem(404, "Upload session not found.", kind="resource-not-found")
    return account, json.loads(row["data"])


def _json(request: ASGIRequest) -> dict[str, Any]:
    try:
        body = json_body(request)
    except ValueError as error:
        raise problem(400, "The body is no JSON.", kind="invalid-request") from error
    if not isinstance(body, dict):
        raise problem(400, "The body is no object.", kind="invalid-request")
    return body
