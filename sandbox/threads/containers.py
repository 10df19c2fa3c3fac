"""Posts in the making: text, a file each, or a carousel around several. They live for a day, are published once."""

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
from sandbox.facebook.access import caller_of, given, graph_error
from sandbox.facebook.fetching import fetch, keep, measured
from sandbox.threads.access import BASIC, PUBLISH, REPLY, own_account
from sandbox.web import is_true, json_answer

DAY_SECONDS = 86_400
TEXT_MAX, LINKS_MAX, TOPIC_MAX, ALT_MAX = 500, 5, 50, 1000
PICTURE_BYTES_MAX, VIDEO_BYTES_MAX, RATIO_MAX = 8_000_000, 1_000_000_000, 10
CAROUSEL_MIN, CAROUSEL_MAX = 2, 20
KNOWN = frozenset(
    {
        "media_type",
        "text",
        "image_url",
        "video_url",
        "alt_text",
        "is_carousel_item",
        "children",
        "reply_to_id",
    }
    | {"reply_control", "link_attachment", "topic_tag", "quote_post_id", "access_token"}
)
REPLY_CONTROLS = frozenset(
    {"", "everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"}
)
FINISHED, IN_PROGRESS, PUBLISHED = "FINISHED", "IN_PROGRESS", "PUBLISHED"
_EMOJI = re.compile("[\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0f\u200d\U0001f000-\U0001faff]")


@dataclass
class Thread:
    """A container. ``kind``: TEXT, IMAGE, VIDEO or CAROUSEL; ``polls``: how often it still says it is at work."""

    id: str
    account: str
    kind: str
    words: str = ""
    link: str = ""
    topic: str = ""
    replies: str = "everyone"
    reply_to: str = ""
    is_child: bool = False
    children: list[str] = field(default_factory=list)
    media_id: str = ""
    polls: int = 0
    published_as: str = ""
    created_at: float = field(default_factory=time.time)

    @property
    def status(self) -> str:
        if self.published_as:
            return PUBLISHED
        if self.created_at + DAY_SECONDS < time.time():
            return "EXPIRED"
        return IN_PROGRESS if self.polls else FINISHED

    def save(self) -> None:
        storage.run(
            "INSERT OR REPLACE INTO upload (id, account, data, created_at) VALUES (?, ?, ?, ?)",
            self.id, self.account, json.dumps(asdict(self)), self.created_at,
        )  # fmt: skip


def found(container_id: str) -> Thread | None:
    row = storage.one("SELECT data FROM upload WHERE id = ?", container_id)
    data = json.loads(row["data"]) if row else {}
    return Thread(**data) if "words" in data else None


async def create(request: ASGIRequest, user_id: str) -> HttpResponse:
    asked = given(request)
    account = own_account(request, user_id, REPLY if asked.get("reply_to_id") else PUBLISH)
    if unknown := sorted(set(asked) - KNOWN):
        raise graph_error(100, f"Unexpected parameter: {unknown[0]}")
    _check_words(asked)
    made = Thread(
        id=accounts.snowflake(),
        account=account["id"],
        kind=asked.get("media_type", ""),
        words=asked.get("text", ""),
        link=asked.get("link_attachment", ""),
        topic=asked.get("topic_tag", ""),
        replies=asked.get("reply_control", "everyone"),
        reply_to=asked.get("reply_to_id", ""),
        is_child=is_true(asked.get("is_carousel_item", "")),
        polls=int(request.META.get("sandbox.polls", 0)),
    )
    if made.kind == "TEXT":
        if not made.words.strip():
            raise graph_error(100, "Text is required.")
    elif made.kind == "CAROUSEL":
        made.children = _children(account, asked.get("children", ""))
    elif made.kind in ("IMAGE", "VIDEO"):
        await _take(made, asked)
    else:
        raise graph_error(100, "Param media_type must be one of TEXT, IMAGE, VIDEO, CAROUSEL.")
    made.save()
    return json_answer({"id": made.id})


def _check_words(asked: dict[str, str]) -> None:
    text, link = asked.get("text", ""), asked.get("link_attachment", "")
    if sum(len(one.encode()) if _EMOJI.match(one) else 1 for one in text) > TEXT_MAX:
        raise graph_error(100, "Param text must be at most 500 characters long.")
    if len({*re.findall(r"https?://[^\s<>\"]+", text), *([link] if link else [])}) > LINKS_MAX:
        raise graph_error(100, "THREADS_API__LINK_LIMIT_EXCEEDED")
    if link and asked.get("media_type") != "TEXT":
        raise graph_error(100, "link_attachment is for posts of text alone.")
    topic = asked.get("topic_tag", "")
    if len(topic) > TOPIC_MAX or re.search(r"[.&]", topic):
        raise graph_error(100, "A topic tag has 1 to 50 characters, no dot and no ampersand.")
    if asked.get("reply_control", "") not in REPLY_CONTROLS:
        raise graph_error(100, "Param reply_control is unknown.")
    if len(asked.get("alt_text", "")) > ALT_MAX:
        raise graph_error(100, "Param alt_text must be at most 1000 characters long.")
    if asked.get("reply_to_id"):
        known = "SELECT 1 FROM post WHERE id = ? AND network = 'threads' AND deleted_at IS NULL"
        if storage.one(known, asked["reply_to_id"]) is None:
            raise graph_error(24, "The requested resource does not exist.")


def _children(account: sqlite3.Row, listed: str) -> list[str]:
    ids = [item for item in listed.split(",") if item]
    if not CAROUSEL_MIN <= len(ids) <= CAROUSEL_MAX:
        raise graph_error(100, "A carousel has two to twenty items.", sub=2207028)
    for item in ids:
        child = found(item)
        is_ours = child is not None and child.account == account["id"] and child.is_child
        if child is None or not is_ours or child.status != FINISHED:
            raise graph_error(100, f"{item} is no carousel item that is ready.", sub=2207028)
    return ids


async def _take(made: Thread, asked: dict[str, str]) -> None:
    is_video = made.kind == "VIDEO"
    mime, content = await fetch(asked.get("video_url" if is_video else "image_url", ""))
    if is_video:
        if content[4:8] != b"ftyp" or len(content) > VIDEO_BYTES_MAX:
            raise graph_error(352, "The video format is not supported.", sub=2207026)
        made.media_id = keep(made.account, content, "video/mp4", asked.get("alt_text"))
        made.polls += 1  # a video is worked on for a moment
        return
    form, width, height = measured(content)
    if f"image/{(form or '').lower()}" != mime or form not in ("JPEG", "PNG"):
        raise graph_error(36001, "The image format is not supported.", sub=2207005)
    if len(content) > PICTURE_BYTES_MAX:
        raise graph_error(36000, "The image is too large to download.", sub=2207004)
    if width / height > RATIO_MAX:
        raise graph_error(36003, "The aspect ratio is not supported.", sub=2207009)
    made.media_id = keep(made.account, content, mime, asked.get("alt_text"), width, height)


def shown(request: ASGIRequest, made: Thread) -> dict[str, Any]:
    """Answer how far a container is; asking brings it on."""
    caller_of(request, scope=BASIC)
    status = made.status
    if made.polls:
        made.polls -= 1
        made.save()
    return {"id": made.id, "status": status}
