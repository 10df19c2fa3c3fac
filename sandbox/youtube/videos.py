"""Videos, once they are there: shown, changed, deleted, given a thumbnail."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import storage
from sandbox.web import json_answer
from sandbox.youtube.access import (
    MANAGE,
    READ,
    UPLOAD,
    YOUTUBE,
    asked,
    channel_of,
    object_in,
    parts_of,
    refused,
)
from sandbox.youtube.metadata import checked

PARTS = ("snippet", "status")
KNOWN = ("id", *PARTS, "statistics", "processingDetails", "contentDetails", "player")
IDS_MAX = 50
THUMBNAIL_BYTES_MAX = 2_000_000
THUMBNAIL_TYPES = ("image/jpeg", "image/png")


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def video_row(video_id: str) -> sqlite3.Row:
    row = live(video_id)
    if row is None:
        raise refused(404, "videoNotFound", "The video that you are trying to reach cannot be found.")
    return row


def live(video_id: str) -> sqlite3.Row | None:
    return storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND collection = 'status' AND deleted_at IS NULL",
        video_id,
        YOUTUBE,
    )


def resource(row: sqlite3.Row, parts: tuple[str, ...] | set[str]) -> dict[str, Any]:
    """Return the video resource as it stands."""
    data = json.loads(row["data"])
    file = storage.one("SELECT polls_left FROM media WHERE id = ?", row["id"])
    is_ready = file is not None and file["polls_left"] == 0
    known = {
        "snippet": {**data["snippet"], "channelId": row["account"], "publishedAt": iso(row["created_at"])},
        "status": {**data["status"], "uploadStatus": "processed" if is_ready else "uploaded"},
        "statistics": dict.fromkeys(("viewCount", "likeCount", "favoriteCount", "commentCount"), "0"),
        "processingDetails": {"processingStatus": "succeeded" if is_ready else "processing"},
    }
    if not is_ready:
        known["processingDetails"]["processingProgress"] = {"timeLeftMs": "1000"}
    chosen = {part: known[part] for part in parts if part in known}
    return {"kind": "youtube#video", "id": row["id"], **chosen}


async def several(request: ASGIRequest) -> HttpResponse:
    """Answer videos by id; those that are not there are simply missing."""
    channel = channel_of(request, READ, MANAGE)
    given = asked(request, "id", "maxResults", "hl")
    parts, ids = parts_of(given, KNOWN), [one for one in given.get("id", "").split(",") if one]
    if not 1 <= len(ids) <= IDS_MAX:
        raise refused(400, "missingRequiredParameter", "id holds 1 to 50 ids.")
    rows = [row for one in ids if (row := live(one)) and _is_seen_by(channel, row)]
    if "processingDetails" in parts:
        if any(row["account"] != channel["id"] for row in rows):
            raise refused(403, "forbidden", "Only its owner may see how a video is processed.")
        for row in rows:
            storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", row["id"])
    found = [resource(row, parts) for row in rows]
    return json_answer({"kind": "youtube#videoListResponse", "items": found})


def _is_seen_by(channel: sqlite3.Row, row: sqlite3.Row) -> bool:
    is_private = json.loads(row["data"])["status"]["privacyStatus"] == "private"
    return not is_private or row["account"] == channel["id"]


async def update(request: ASGIRequest) -> HttpResponse:
    """Replace what is said of a video: what is not named is gone."""
    given, body = asked(request), object_in(request)
    row = _own(request, str(body.get("id", "")))
    said = checked(body, parts_of(given, PARTS))
    data = {**json.loads(row["data"]), **said, "text": said["snippet"].get("description", "")}
    storage.run("UPDATE post SET data = ? WHERE id = ?", json.dumps(data), row["id"])
    return json_answer(resource(video_row(row["id"]), PARTS))


async def delete(request: ASGIRequest) -> HttpResponse:
    row = _own(request, asked(request, "id").get("id", ""))
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), row["id"])
    return HttpResponse(status=204)


async def set_thumbnail(request: ASGIRequest) -> HttpResponse:
    given = asked(request, "videoId", "uploadType")
    row = _own(request, given.get("videoId", ""), UPLOAD, MANAGE)
    mime, content = request.content_type or "", request.body
    if given.get("uploadType") != "media" or mime not in THUMBNAIL_TYPES or not content:
        raise refused(400, "mediaBodyRequired", "The request does not include the image content.")
    if len(content) > THUMBNAIL_BYTES_MAX:
        raise refused(413, "uploadTooLarge", "The thumbnail is too large.")
    data = json.loads(row["data"])
    picture = secrets.token_urlsafe(12)
    data["media_ids"] = [data["media_ids"][0], picture]
    with storage.transaction() as db:
        db.execute("DELETE FROM media WHERE post = ? AND id != ?", (row["id"], row["id"]))
        db.execute(
            "INSERT INTO media (id, account, mime, description, content, polls_left, post, created_at)"
            " VALUES (?, ?, ?, NULL, ?, 0, ?, ?)",
            (picture, row["account"], mime, content, row["id"], time.time()),
        )
        db.execute("UPDATE post SET data = ? WHERE id = ?", (json.dumps(data), row["id"]))
    return json_answer({"kind": "youtube#thumbnailSetResponse", "items": [{}]})


def _own(request: ASGIRequest, video_id: str, *scopes: str) -> sqlite3.Row:
    channel, row = channel_of(request, *(scopes or (MANAGE,))), video_row(video_id)
    if row["account"] != channel["id"]:
        raise refused(403, "forbidden", "The video belongs to another channel.")
    return row
