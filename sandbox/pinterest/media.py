"""Videos: registered, handed to a store of their own with a permit, read for a while."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.pinterest.access import body_of, refusal, user_of
from sandbox.web import form, json_answer, origin_of

VIDEO_BYTES_MAX = 2_000_000_000
PERMIT_SECONDS = 3600
KINDS = {"mp4": "video/mp4", "m4v": "video/x-m4v", "mov": "video/quicktime"}


async def register(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "pins:read", "pins:write")
    if body_of(request, frozenset({"media_type"})).get("media_type") != "video":
        raise refusal(400, 1, "Invalid request: media_type.")
    media_id = accounts.snowflake()
    permit = {"key": f"uploads/{media_id}", "policy": secrets.token_urlsafe(24), "x-amz-algorithm": "none"}
    storage.run(
        "INSERT INTO upload VALUES (?, ?, ?, ?)", media_id, account["id"], json.dumps(permit), time.time()
    )
    return json_answer(
        {
            "media_id": media_id,
            "media_type": "video",
            "upload_url": f"{origin_of(request)}/-/pinterest/store/",
            "upload_parameters": permit,
        },
        201,
    )


async def store(request: ASGIRequest) -> HttpResponse:
    """Take a file with its permit; the same again replaces it, until it was used."""
    given = form(request)
    media_id = given.get("key", "").rpartition("/")[2]
    upload = storage.one("SELECT * FROM upload WHERE id = ?", media_id)
    file = request.FILES.get("file")
    if upload is None or json.loads(upload["data"]) != given or file is None or isinstance(file, list):
        return HttpResponse("<Error><Code>AccessDenied</Code></Error>", status=403, content_type="text/xml")
    if upload["created_at"] + PERMIT_SECONDS < time.time() or request.headers.get("Authorization"):
        return HttpResponse("<Error><Code>ExpiredToken</Code></Error>", status=403, content_type="text/xml")
    mime = KINDS.get((file.name or "").rpartition(".")[2].lower(), file.content_type or "")
    if mime not in KINDS.values() or (file.size or 0) > VIDEO_BYTES_MAX:
        return HttpResponse("<Error><Code>EntityTooLarge</Code></Error>", status=400, content_type="text/xml")
    storage.run(
        "INSERT OR REPLACE INTO media (id, account, mime, description, content, polls_left, created_at)"
        " VALUES (?, ?, ?, NULL, ?, ?, ?)",
        media_id, upload["account"], mime, file.read(), request.META.get("sandbox.polls", 1), time.time(),
    )  # fmt: skip
    return HttpResponse(status=204)


async def status(request: ASGIRequest, media_id: str) -> HttpResponse:
    account = user_of(request, "pins:read")
    if storage.one("SELECT 1 FROM upload WHERE id = ? AND account = ?", media_id, account["id"]) is None:
        raise refusal(404, 4, "Media not found.")
    row = storage.one("SELECT polls_left FROM media WHERE id = ?", media_id)
    state = "registered" if row is None else "processing" if row["polls_left"] else "succeeded"
    storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", media_id)
    answer: dict[str, Any] = {"media_id": media_id, "media_type": "video", "status": state}
    return json_answer(answer)


def ready_video(media_id: str, account: sqlite3.Row) -> sqlite3.Row:
    """Return a video that a Pin may show: this account's, read to its end, on no other Pin. Raises ApiError 400."""
    row = storage.one(
        "SELECT * FROM media WHERE id = ? AND account = ? AND post IS NULL AND polls_left = 0",
        media_id, account["id"],
    )  # fmt: skip
    if row is None:
        raise refusal(400, 1, "Invalid request: the video is not ready.")
    return row
