"""Videos: announced, brought in pieces, worked on, out. And the numbers of those that are public."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, limits, storage
from sandbox.tiktok.access import (
    BASIC,
    LIST,
    PROFILE,
    PUBLISH,
    TIKTOK,
    answer,
    has_scope,
    object_in,
    refused,
    user_of,
)
from sandbox.web import origin_of

LEVELS = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
POST_FIELDS = frozenset(
    {
        "title",
        "privacy_level",
        "disable_comment",
        "disable_duet",
        "disable_stitch",
        "video_cover_timestamp_ms",
        "brand_content_toggle",
        "brand_organic_toggle",
        "is_aigc",
    }
)
USER_FIELDS = ("open_id", "union_id", "avatar_url", "display_name")
PROFILE_FIELDS = ("username", "profile_deep_link")
VIDEO_FIELDS = frozenset(
    {
        "id",
        "title",
        "video_description",
        "create_time",
        "share_url",
        "view_count",
        "like_count",
        "comment_count",
    }
    | {"share_count"}
)
TITLE_MAX, SECONDS_MAX, VIDEO_BYTES_MAX = 2200, 600, 4_000_000_000
PIECE_MIN, PIECE_MAX, LAST_MAX, PIECES_MAX = 5_000_000, 64_000_000, 128_000_000, 1000
ADDRESS_SECONDS = 3600
IDS_MAX = 20
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
# An account whose name begins so stands for one posting through an application without audit.
UNAUDITED = "unaudited"


async def user(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, BASIC)
    fields = [field for field in request.GET.get("fields", "").split(",") if field]
    if not fields or not set(fields) <= {*USER_FIELDS, *PROFILE_FIELDS}:
        raise refused(400, "invalid_params", "fields is missing or names what there is not.")
    if set(fields) & set(PROFILE_FIELDS) and not has_scope(request, PROFILE):
        raise refused(401, "scope_permission_missed", "The fields need user.info.profile.")
    known = {
        "open_id": account["id"],
        "union_id": account["id"],
        "avatar_url": f"{origin_of(request)}/avatars/{account['id']}.svg",
        "display_name": account["display_name"],
        "username": account["handle"],
        "profile_deep_link": f"{origin_of(request)}/-/{TIKTOK}/@{account['handle']}",
    }
    return answer({"user": {field: known[field] for field in fields}})


async def creator_info(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, PUBLISH)
    object_in(request)
    return answer(
        {
            "creator_username": account["handle"],
            "creator_nickname": account["display_name"],
            "privacy_level_options": list(LEVELS),
            "comment_disabled": False,
            "duet_disabled": False,
            "stitch_disabled": False,
            "max_video_post_duration_sec": SECONDS_MAX,
        }
    )


async def init(request: ASGIRequest) -> HttpResponse:
    """Answer the address the bytes of the announced video go to."""
    account = user_of(request, PUBLISH)
    body = object_in(request, "post_info", "source_info")
    post, source = body.get("post_info") or {}, body.get("source_info") or {}
    if not set(post) <= POST_FIELDS or len(str(post.get("title", "")).encode("utf-16-le")) > 2 * TITLE_MAX:
        raise refused(400, "invalid_params", "post_info is invalid.")
    if post.get("privacy_level") not in LEVELS:
        raise refused(403, "privacy_level_option_mismatch", "privacy_level is none of the creator's options.")
    if account["handle"].startswith(UNAUDITED) and post["privacy_level"] != "SELF_ONLY":
        raise refused(403, "unaudited_client_can_only_post_to_private_accounts", "Ask for the audit.")
    if post.get("brand_content_toggle") and post["privacy_level"] == "SELF_ONLY":
        raise refused(400, "invalid_params", "Branded content cannot be private.")
    _check_source(source)
    if limits.take("tiktok.posts", account["id"]).is_over:
        raise refused(403, "spam_risk_too_many_posts", "The daily post cap from the API is reached.")
    publish_id = f"v_pub_file~v2.{accounts.snowflake()[:19]}"
    data = {"post": post, "source": source, "polls": int(request.META.get("sandbox.polls", 1))}
    storage.run(
        "INSERT INTO upload VALUES (?, ?, ?, ?)", publish_id, account["id"], json.dumps(data), time.time()
    )
    token = secrets.token_urlsafe(16)
    storage.set_setting(f"tiktok.address:{token}", publish_id)
    address = f"{origin_of(request)}/-/{TIKTOK}/upload/{token}"
    return answer({"publish_id": publish_id, "upload_url": address})


def _check_source(source: dict[str, Any]) -> None:
    if source.get("source") != "FILE_UPLOAD":
        raise refused(403, "url_ownership_unverified", "The sandbox takes uploads of files only.")
    size, piece, count = (source.get(name) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if not (isinstance(size, int) and isinstance(piece, int) and isinstance(count, int)):
        raise refused(400, "invalid_params", "The video's size and its chunks must be numbers.")
    if (
        not 0 < size <= VIDEO_BYTES_MAX
        or not 1 <= count <= PIECES_MAX
        or count != max(1, size // max(1, piece))
    ):
        raise refused(400, "invalid_params", "The total chunk count is invalid.")
    if not (piece == size <= PIECE_MAX if count == 1 else PIECE_MIN <= piece <= PIECE_MAX):
        raise refused(400, "invalid_params", "The chunk size is invalid.")


async def bring(request: ASGIRequest, token: str) -> HttpResponse:
    """Take the next piece; the last one makes the video. Whoever has the address may, for an hour."""
    publish_id = storage.setting(f"tiktok.address:{token}", "")
    row = storage.one("SELECT * FROM upload WHERE id = ?", publish_id)
    if row is None or row["created_at"] + ADDRESS_SECONDS < time.time():
        return HttpResponse("Forbidden", status=403, content_type="text/plain")
    data, found = json.loads(row["data"]), RANGE.fullmatch(request.headers.get("Content-Range", ""))
    size, piece = data["source"]["video_size"], data["source"]["chunk_size"]
    if found is None or int(found[3]) != size or int(found[2]) - int(found[1]) + 1 != len(request.body):
        return HttpResponse("Bad Request", status=400, content_type="text/plain")
    is_last = int(found[2]) + 1 == size
    if len(request.body) != piece and not (is_last and len(request.body) <= LAST_MAX):
        return HttpResponse("Bad Request", status=400, content_type="text/plain")
    with storage.transaction() as db:
        if int(found[1]) != _sent(publish_id):
            return HttpResponse("Range Not Satisfiable", status=416, content_type="text/plain")
        db.execute("INSERT INTO part VALUES (?, ?, ?)", (publish_id, int(found[1]), request.body))
    if not is_last:
        return HttpResponse(status=206, headers={"Content-Range": f"bytes 0-{found[2]}/{size}"})
    _post(row, data, request.headers.get("Content-Type", "video/mp4"))
    return HttpResponse(status=201)


def _sent(publish_id: str) -> int:
    row = storage.one("SELECT sum(length(content)) AS sent FROM part WHERE upload = ?", publish_id)
    return int(row["sent"] or 0) if row else 0


def _post(row: sqlite3.Row, data: dict[str, Any], mime: str) -> None:
    parts = storage.many("SELECT content FROM part WHERE upload = ? ORDER BY number", row["id"])
    content, now, made = b"".join(part["content"] for part in parts), time.time(), accounts.snowflake()[:19]
    post = {**data["post"], "text": data["post"].get("title", ""), "media_ids": [made]}
    with storage.transaction() as db:
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (made, TIKTOK, row["account"], row["id"], json.dumps(post), now),
        )
        db.execute(
            "INSERT INTO media (id, account, mime, description, content, polls_left, post, created_at)"
            " VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
            (made, row["account"], mime, content, data["polls"], made, now),
        )


async def status(request: ASGIRequest) -> HttpResponse:
    """Tell how far a video is. The ids of public ones come when it is out."""
    account = user_of(request, PUBLISH)
    publish_id = str(object_in(request, "publish_id").get("publish_id", ""))
    upload = storage.one("SELECT * FROM upload WHERE id = ? AND account = ?", publish_id, account["id"])
    if upload is None:
        raise refused(400, "invalid_publish_id", "The publish_id does not exist.")
    there = {"uploaded_bytes": _sent(publish_id)}
    row = storage.one("SELECT * FROM post WHERE network = ? AND key = ?", TIKTOK, publish_id)
    file = storage.one("SELECT polls_left FROM media WHERE id = ?", row["id"]) if row else None
    if row is None or file is None or file["polls_left"] > 0:
        if row is not None:
            storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", row["id"])
        return answer({"status": "PROCESSING_UPLOAD", **there})
    is_public = json.loads(row["data"])["privacy_level"] == LEVELS[0]
    ids = [int(row["id"])] if is_public else []
    return answer({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": ids, **there})


async def listed(request: ASGIRequest) -> HttpResponse:
    """Answer the account's public videos, newest first."""
    account, fields = user_of(request, LIST), _fields(request)
    count = object_in(request, "max_count", "cursor").get("max_count", 10)
    if not isinstance(count, int) or not 1 <= count <= IDS_MAX:
        raise refused(400, "invalid_params", "max_count is between 1 and 20.")
    rows = [row for row in _public(account) if row["deleted_at"] is None][:count]
    videos = [_video(request, row, account, fields) for row in rows]
    return answer({"videos": videos, "has_more": False, "cursor": 0})


async def query(request: ASGIRequest) -> HttpResponse:
    account, fields = user_of(request, LIST), _fields(request)
    ids = (object_in(request, "filters").get("filters") or {}).get("video_ids", [])
    if not isinstance(ids, list) or not 1 <= len(ids) <= IDS_MAX:
        raise refused(400, "invalid_params", "video_ids holds 1 to 20 ids.")
    videos = [_video(request, row, account, fields) for row in _public(account) if row["id"] in ids]
    return answer({"videos": videos})


def _fields(request: ASGIRequest) -> set[str]:
    fields = {field for field in request.GET.get("fields", "").split(",") if field}
    if not fields or not fields <= VIDEO_FIELDS:
        raise refused(400, "invalid_params", "fields is missing or names what there is not.")
    return fields


def _public(account: sqlite3.Row) -> list[sqlite3.Row]:
    return storage.many(
        "SELECT * FROM post WHERE network = ? AND account = ? AND deleted_at IS NULL"
        " AND json_extract(data, '$.privacy_level') = ? ORDER BY created_at DESC",
        TIKTOK, account["id"], LEVELS[0],
    )  # fmt: skip


def _video(request: ASGIRequest, row: sqlite3.Row, account: sqlite3.Row, fields: set[str]) -> dict[str, Any]:
    text = json.loads(row["data"])["text"]
    known = {
        "id": row["id"],
        "title": text,
        "video_description": text,
        "create_time": int(row["created_at"]),
        "share_url": f"{origin_of(request)}/-/{TIKTOK}/@{account['handle']}/video/{row['id']}",
        **dict.fromkeys(("view_count", "like_count", "comment_count", "share_count"), 0),
    }
    return {field: known[field] for field in known if field in fields}
