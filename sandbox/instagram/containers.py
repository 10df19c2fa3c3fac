"""Posts in the making: a file each, or a carousel around several. They live for a day and are published once."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.facebook.access import PAGE, caller_of, given, graph_error
from sandbox.facebook.fetching import fetch, keep, measured
from sandbox.instagram.access import BASIC, PUBLISH, VERSION, own_account
from sandbox.web import is_true, json_answer, origin_of

DAY_SECONDS = 86_400
CAPTION_MAX, HASHTAGS_MAX, MENTIONS_MAX = 2200, 30, 20
PICTURE_BYTES_MAX, VIDEO_BYTES_MAX = 8_000_000, 300_000_000
RATIO_MIN, RATIO_MAX, RATIO_SLACK = 0.8, 1.91, 0.02
CAROUSEL_MIN, CAROUSEL_MAX, COLLABORATORS_MAX = 2, 10, 3
KNOWN = frozenset(
    {
        "media_type",
        "image_url",
        "video_url",
        "upload_type",
        "caption",
        "alt_text",
        "children",
        "is_carousel_item",
    }
    | {"collaborators", "share_to_feed", "thumb_offset", "location_id", "access_token", "appsecret_proof"}
)
MEDIA_TYPES = frozenset({"", "IMAGE", "VIDEO", "REELS", "STORIES", "CAROUSEL"})
FINISHED, IN_PROGRESS, PUBLISHED = "FINISHED", "IN_PROGRESS", "PUBLISHED"


@dataclass
class Container:
    """``kind``: IMAGE, VIDEO, REELS, STORIES or CAROUSEL. ``polls``: how often it still says that it is at work."""

    id: str
    account: str
    kind: str
    caption: str = ""
    is_child: bool = False
    children: list[str] = field(default_factory=list)
    media_id: str = ""
    awaits_bytes: bool = False
    polls: int = 0
    published_as: str = ""
    created_at: float = field(default_factory=time.time)

    @property
    def code(self) -> str:
        if self.published_as:
            return PUBLISHED
        if self.created_at + DAY_SECONDS < time.time():
            return "EXPIRED"
        return IN_PROGRESS if self.awaits_bytes or self.polls else FINISHED

    def save(self) -> None:
        storage.run(
            "INSERT OR REPLACE INTO upload (id, account, data, created_at) VALUES (?, ?, ?, ?)",
            self.id, self.account, json.dumps(asdict(self)), self.created_at,
        )  # fmt: skip


def found(container_id: str) -> Container | None:
    row = storage.one("SELECT data FROM upload WHERE id = ?", container_id)
    data = json.loads(row["data"]) if row else {}
    return Container(**data) if "kind" in data and "caption" in data else None


async def create(request: ASGIRequest, user_id: str) -> HttpResponse:
    account, asked = own_account(request, user_id, PUBLISH), given(request)
    kind = asked.get("media_type", "")
    if unknown := sorted(set(asked) - KNOWN):
        raise graph_error(100, f"Unexpected parameter: {unknown[0]}")
    if kind not in MEDIA_TYPES:
        raise graph_error(100, f"The media type {kind} is unknown.", sub=2207023)
    _check_words(asked)
    made = Container(
        id=accounts.snowflake(),
        account=account["id"],
        kind=kind or "IMAGE",
        caption=asked.get("caption", ""),
        is_child=is_true(asked.get("is_carousel_item", "")),
        polls=int(request.META.get("sandbox.polls", 0)),
    )
    if made.kind == "CAROUSEL":
        made.children = _children(account, asked.get("children", ""))
    elif asked.get("upload_type") == "resumable":
        if made.kind not in ("VIDEO", "REELS", "STORIES"):
            raise graph_error(100, "Only videos can be uploaded.", sub=2207023)
        made.awaits_bytes = True
    else:
        await _fetch(made, asked)
    if made.kind == "VIDEO" and not made.is_child:
        raise graph_error(100, "The media type VIDEO is no longer supported. Use REELS.", sub=2207023)
    made.save()
    uri = f"{origin_of(request)}/-/instagram/ig-api-upload/{VERSION}/{made.id}"
    return json_answer({"id": made.id, **({"uri": uri} if made.awaits_bytes else {})})


def _check_words(asked: dict[str, str]) -> None:
    caption = asked.get("caption", "")
    if len(caption) > CAPTION_MAX:
        raise graph_error(36004, "The caption was too long.", sub=2207010)
    hashtags, mentions = len(re.findall(r"#\w", caption)), len(re.findall(r"(?<!\w)@\w", caption))
    if hashtags > HASHTAGS_MAX or mentions > MENTIONS_MAX:
        raise graph_error(100, "Too many hashtags or mentions.", sub=2207040)
    try:
        names = json.loads(asked.get("collaborators", "[]"))
    except ValueError:
        names = None
    if not isinstance(names, list) or len(names) > COLLABORATORS_MAX:
        raise graph_error(100, "collaborators is a list of at most three user names.")
    if asked.get("thumb_offset", "0") != "0" and not asked["thumb_offset"].isdecimal():
        raise graph_error(1, "The thumbnail offset is invalid.", sub=2207057)


def _children(account: sqlite3.Row, listed: str) -> list[str]:
    ids = [item for item in listed.split(",") if item]
    if not CAROUSEL_MIN <= len(ids) <= CAROUSEL_MAX:
        raise graph_error(100, "A carousel has two to ten items.", sub=2207028)
    for item in ids:
        child = found(item)
        if child is None or child.account != account["id"] or not child.is_child:
            raise graph_error(100, f"{item} is no carousel item.", sub=2207028)
        if child.code != FINISHED:
            raise graph_error(9007, f"The item {item} is not ready.", sub=2207027)
    return ids


async def _fetch(made: Container, asked: dict[str, str]) -> None:
    address = asked.get("video_url") or asked.get("image_url", "")
    mime, content = await fetch(address)
    if "video_url" in asked:
        keep_video(made, content)
    else:
        _keep_picture(made, content, mime, asked.get("alt_text"))


def _keep_picture(made: Container, content: bytes, mime: str, alt_text: str | None) -> None:
    form, width, height = measured(content)
    if mime != "image/jpeg" or form != "JPEG":
        raise graph_error(36001, "The image format is not supported: JPEG only.", sub=2207005)
    if len(content) > PICTURE_BYTES_MAX:
        raise graph_error(36000, "The image is too large to download: 8 MB.", sub=2207004)
    ratio = width / height
    if made.kind != "STORIES" and not RATIO_MIN - RATIO_SLACK <= ratio <= RATIO_MAX + RATIO_SLACK:
        raise graph_error(36003, "The aspect ratio is not between 4:5 and 1.91:1.", sub=2207009)
    made.media_id = keep(made.account, content, "image/jpeg", alt_text, width, height)


def keep_video(made: Container, content: bytes) -> None:
    if content[4:8] != b"ftyp" or len(content) > VIDEO_BYTES_MAX:
        raise graph_error(352, "The video format is not supported.", sub=2207026)
    made.media_id, made.awaits_bytes = keep(made.account, content, "video/mp4"), False


async def upload(request: ASGIRequest, container_id: str) -> HttpResponse:
    """Take the bytes of a video from an offset on: the next one missing, or it is refused."""
    made = found(container_id)
    token = request.headers.get("Authorization", "").removeprefix("OAuth ")
    row = storage.one("SELECT account, state, scopes FROM token WHERE token = ?", token)
    if row is None or row["state"] != "live" or PUBLISH not in row["scopes"].split():
        return _refused("NotAuthorizedError", "The access token is invalid.", 401)
    if made is None or made.account != row["account"] or not made.awaits_bytes:
        return _refused("ProcessingFailedError", "There is no such upload.", 404)
    parts = storage.many("SELECT content FROM part WHERE upload = ? ORDER BY number", container_id)
    there = b"".join(part["content"] for part in parts)
    # Django drops headers whose names have an underscore; the servers of Meta do not.
    sent = {name.decode().lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    offset, size = sent.get("offset", ""), sent.get("file_size", "")
    if not (offset.isdecimal() and size.isdecimal()) or int(offset) != len(there):
        return _refused("OffsetInvalidError", f"The next byte is {len(there)}.", 400)
    storage.run("INSERT INTO part VALUES (?, ?, ?)", container_id, len(parts), request.body)
    content = there + request.body
    if len(content) > int(size):
        return _refused("ProcessingFailedError", "There are more bytes than announced.", 400)
    if len(content) == int(size):
        if content[4:8] != b"ftyp":
            return _refused("ProcessingFailedError", "Request processing failed", 400)
        keep_video(made, content)
        made.polls += 1  # a video is worked on for a moment
        made.save()
        storage.run("DELETE FROM part WHERE upload = ?", container_id)
    return json_answer({"success": True, "message": "Upload successful."})


def _refused(kind: str, message: str, status: int) -> HttpResponse:
    return json_answer({"debug_info": {"retriable": False, "type": kind, "message": message}}, status)


def shown(request: ASGIRequest, made: Container) -> dict[str, Any]:
    """Answer how far a container is; asking brings it on."""
    caller_of(request, PAGE, BASIC)
    code = made.code
    if made.polls and not made.awaits_bytes and "status_code" in given(request).get("fields", ""):
        made.polls -= 1
        made.save()
    size = storage.one("SELECT coalesce(sum(length(content)), 0) AS size FROM part WHERE upload = ?", made.id)
    whole = storage.one("SELECT length(content) AS size FROM media WHERE id = ?", made.media_id)
    arrived = whole["size"] if whole else size["size"] if size else 0
    phase = {"status": "complete" if made.media_id else "in_progress", "bytes_transferred": arrived}
    return {
        "id": made.id,
        "status_code": code,
        "status": code.replace("_", " ").capitalize(),
        "video_status": {"uploading_phase": phase},
    }
