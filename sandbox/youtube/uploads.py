"""Resumable sessions: a video is announced, its pieces come one behind the other, the last one makes it."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import time

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.web import json_answer, origin_of
from sandbox.youtube.access import MANAGE, UPLOAD, YOUTUBE, asked, channel_of, object_in, parts_of, refused
from sandbox.youtube.metadata import checked
from sandbox.youtube.videos import PARTS, resource, video_row

SESSION_SECONDS = 86_400
PIECE = 256 * 1024
BYTES_MAX = 256_000_000_000
# A channel whose name begins so stands for one of a project without audit: its videos stay private.
UNAUDITED = "unaudited"
RANGE = re.compile(r"bytes (?:\*|(\d+)-(\d+))/(\d+)")


async def start(request: ASGIRequest) -> HttpResponse:
    """Answer the address the bytes of the announced video go to."""
    channel = channel_of(request, UPLOAD, MANAGE)
    given = asked(request, "uploadType", "notifySubscribers")
    if given.get("uploadType") != "resumable":
        raise refused(400, "badRequest", "The sandbox takes videos by resumable upload only.")
    size = request.headers.get("X-Upload-Content-Length", "")
    mime = request.headers.get("X-Upload-Content-Type", "")
    if not mime.startswith("video/") and mime != "application/octet-stream":
        raise refused(400, "badContent", f"Media type '{mime}' is not supported.")
    if not size.isdecimal() or not 0 < int(size) <= BYTES_MAX:
        raise refused(400, "mediaBodyRequired", "The request does not include the video content.")
    data = {
        **checked(object_in(request), parts_of(given, PARTS)),
        "size": int(size),
        "mime": mime,
        "polls": int(request.META.get("sandbox.polls", 1)),
    }
    session = secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO upload VALUES (?, ?, ?, ?)", session, channel["id"], json.dumps(data), time.time()
    )
    address = f"{origin_of(request)}/-/{YOUTUBE}/upload/youtube/v3/videos"
    query = f"uploadType=resumable&part={given['part']}&upload_id={session}"
    return HttpResponse(status=200, headers={"Location": f"{address}?{query}"})


async def bring(request: ASGIRequest) -> HttpResponse:
    """Take a piece, or say how much is there when none comes."""
    session = request.GET.get("upload_id", "")
    row = storage.one("SELECT * FROM upload WHERE id = ?", session)
    if row is None or row["created_at"] + SESSION_SECONDS < time.time():
        return HttpResponse("Not Found", status=404, content_type="text/plain")
    channel_of(request, UPLOAD, MANAGE)
    data, found = json.loads(row["data"]), RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None or int(found[3]) != data["size"]:
        return HttpResponse("Invalid Content-Range", status=400, content_type="text/plain")
    if found[1] is not None:
        _take(session, data["size"], int(found[1]), int(found[2]), request.body)
    sent = _sent(session)
    if sent < data["size"]:
        headers = {"Range": f"bytes=0-{sent - 1}"} if sent else {}
        return HttpResponse(status=308, headers=headers)
    return json_answer(resource(_made(row, data), PARTS))


def _take(session: str, size: int, first: int, last: int, content: bytes) -> None:
    is_last = last + 1 == size
    if last - first + 1 != len(content) or last >= size or (len(content) % PIECE and not is_last):
        raise refused(400, "badRequest", "Pieces are multiples of 256 KB, but for the last one.")
    with storage.transaction() as db:
        sent = _sent(session)
        if first > sent:
            raise refused(400, "badRequest", "There is a gap before this piece.")
        if new := content[sent - first :]:  # what is there already is not taken again
            db.execute("INSERT INTO part VALUES (?, ?, ?)", (session, sent, new))


def _sent(session: str) -> int:
    row = storage.one("SELECT sum(length(content)) AS sent FROM part WHERE upload = ?", session)
    return int(row["sent"] or 0) if row else 0


def _made(row: sqlite3.Row, data: dict[str, object]) -> sqlite3.Row:
    """Return the video of a session that has all of it, making it once."""
    parts = storage.many("SELECT content FROM part WHERE upload = ? ORDER BY number", row["id"])
    now, made = time.time(), secrets.token_urlsafe(8)
    with storage.transaction() as db:
        before = db.execute(
            "SELECT id FROM post WHERE network = ? AND key = ?", (YOUTUBE, row["id"])
        ).fetchone()
        if before is None:
            video = {"snippet": data["snippet"], "status": data["status"], "media_ids": [made]}
            if accounts.by_id(row["account"])["handle"].startswith(UNAUDITED):
                video["status"] = {**data["status"], "privacyStatus": "private"}  # type: ignore[dict-item]
            video["text"] = data["snippet"].get("description", "")  # type: ignore[attr-defined]
            db.execute(
                "INSERT INTO post (id, network, account, key, collection, data, created_at)"
                " VALUES (?, ?, ?, ?, 'status', ?, ?)",
                (made, YOUTUBE, row["account"], row["id"], json.dumps(video), now),
            )
            db.execute(
                "INSERT INTO media (id, account, mime, description, content, polls_left, post, created_at)"
                " VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
                (made, row["account"], data["mime"], b"".join(part["content"] for part in parts),
                 data["polls"], made, now),
            )  # fmt: skip
    return video_row(before["id"] if before else made)
