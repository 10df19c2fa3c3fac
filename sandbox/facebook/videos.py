"""Videos: announced, brought in parts, published with the last call, and read for a while."""

from __future__ import annotations

import json
import sqlite3
import time

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.facebook.access import FACEBOOK, given, graph_error, own_page
from sandbox.web import json_answer

PART_BYTES = 1_048_576
VIDEO_BYTES_MAX = 10_000_000_000
TITLE_MAX = 255


def find(video_id: str) -> sqlite3.Row | None:
    return storage.one("SELECT * FROM media WHERE id = ? AND mime LIKE 'video/%'", video_id)


def show(request: ASGIRequest, video: sqlite3.Row) -> HttpResponse:
    """Tell how far a video is. Each look brings it one poll nearer."""
    storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", video["id"])
    is_ready = video["polls_left"] == 0
    found: dict[str, object] = {
        "id": video["id"],
        "status": {"video_status": "ready" if is_ready else "processing"},
        "published": bool(video["post"]),
    }
    if video["post"]:
        author = accounts.by_id(video["account"])
        found |= {
            "post_id": video["post"],
            "permalink_url": f"/-/facebook/{author['handle']}/posts/{video['post']}",
        }
    return json_answer(found)


async def act(request: ASGIRequest, page_id: str) -> HttpResponse:
    """Do one phase of an upload."""
    account, asked = own_page(request, page_id), given(request)
    phase = asked.get("upload_phase", "")
    if phase == "start":
        return _start(account, asked)
    row = storage.one(
        "SELECT * FROM upload WHERE id = ? AND account = ?", asked.get("upload_session_id", ""), account["id"]
    )
    if row is None:
        raise graph_error(6000, "There was a problem uploading your video file.", sub=1363030)
    if phase == "transfer":
        return _transfer(request, row, asked)
    if phase == "finish":
        return _finish(request, row, account, asked)
    raise graph_error(100, "upload_phase is one of start, transfer, finish")


def _start(account: sqlite3.Row, asked: dict[str, str]) -> HttpResponse:
    size = asked.get("file_size", "")
    if not size.isdecimal() or not 0 < int(size) <= VIDEO_BYTES_MAX:
        raise graph_error(100, "Invalid file_size")
    session_id, video_id = accounts.snowflake(), accounts.snowflake()
    data = json.dumps({"size": int(size), "video": video_id})
    storage.run("INSERT INTO upload VALUES (?, ?, ?, ?)", session_id, account["id"], data, time.time())
    return json_answer(
        {"upload_session_id": session_id, "video_id": video_id, **_wanted(session_id, int(size))}
    )


def _wanted(session_id: str, size: int) -> dict[str, str]:
    row = storage.one("SELECT sum(length(content)) AS n FROM part WHERE upload = ?", session_id)
    have = int(row["n"] or 0) if row else 0
    return {"start_offset": str(have), "end_offset": str(min(size, have + PART_BYTES))}


def _transfer(request: ASGIRequest, row: sqlite3.Row, asked: dict[str, str]) -> HttpResponse:
    size, start = json.loads(row["data"])["size"], asked.get("start_offset", "")
    file = request.FILES.get("video_file_chunk")
    have = int(_wanted(row["id"], size)["start_offset"])
    if file is None or isinstance(file, list) or not start.isdecimal() or int(start) > have:
        raise graph_error(100, "start_offset or video_file_chunk is invalid", sub=1363037)
    content = file.read()
    if not content or int(start) + len(content) > size:
        raise graph_error(100, "The chunk is empty, or longer than the file", sub=1363037)
    if int(start) == have:  # a part that came before is not taken again
        storage.run("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", row["id"], int(start), content)
    return json_answer(_wanted(row["id"], size))


def _finish(
    request: ASGIRequest, row: sqlite3.Row, account: sqlite3.Row, asked: dict[str, str]
) -> HttpResponse:
    known = json.loads(row["data"])
    parts = storage.many("SELECT content FROM part WHERE upload = ? ORDER BY number", row["id"])
    content = b"".join(part["content"] for part in parts)
    if len(content) != known["size"]:
        raise graph_error(6000, "The video file is not complete.", sub=1363031)
    if len(asked.get("title", "")) > TITLE_MAX:
        raise graph_error(100, "param title must be at most 255 characters long")
    if find(known["video"]) is None:
        now, post_id = time.time(), f"{account['id']}_{accounts.snowflake()}"
        data = {"text": asked.get("description", ""), "link": "", "media_ids": [known["video"]]}
        data["title"] = asked.get("title", "")
        with storage.transaction() as db:
            db.execute(
                "INSERT INTO post (id, network, account, key, collection, data, created_at)"
                " VALUES (?, ?, ?, ?, 'status', ?, ?)",
                (post_id, FACEBOOK, account["id"], post_id, json.dumps(data), now),
            )
            db.execute(
                "INSERT INTO media (id, account, mime, content, polls_left, post, created_at)"
                " VALUES (?, ?, 'video/mp4', ?, ?, ?, ?)",
                (known["video"], account["id"], content, request.META.get("sandbox.polls", 1), post_id, now),
            )
    return json_answer({"success": True})
