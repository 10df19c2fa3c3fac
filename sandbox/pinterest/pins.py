"""Pins: made, listed, changed, counted, deleted. The same Pin twice is two Pins."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.pinterest import boards
from sandbox.pinterest.access import (
    PINTEREST,
    READ_PINS,
    WRITE_PINS,
    body_of,
    id_in,
    paged,
    refusal,
    text_in,
    user_of,
)
from sandbox.pinterest.media import ready_video
from sandbox.web import json_answer

WORDS = {"title": 100, "description": 800, "link": 2048, "alt_text": 500}
PLACE = ("board_id", "board_section_id")
IMAGE_BYTES_MAX = 20_000_000
SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
SOURCES = {
    "image_base64": {"source_type", "content_type", "data", "is_standard"},
    "multiple_image_base64": {"source_type", "items", "index"},
    "video_id": {
        "source_type",
        "media_id",
        "cover_image_url",
        "cover_image_data",
        "cover_image_content_type",
        "cover_image_key_frame_time",
        "is_standard",
    },
}
KINDS = {"image_base64": "image", "multiple_image_base64": "multiple_images", "video_id": "video"}
ITEM = {"content_type", "data", "title", "description", "link"}
METRICS = (
    "IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE", "SAVE_RATE", "TOTAL_COMMENTS", "TOTAL_REACTIONS",
    "USER_FOLLOW", "PROFILE_VISIT",
)  # fmt: skip
LIFETIME = ("TOTAL_COMMENTS", "TOTAL_REACTIONS")


async def create(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, *WRITE_PINS)
    known = {*WORDS, *PLACE, "media_source", "dominant_color", "parent_pin_id", "sponsor_id"}
    body = body_of(request, frozenset(known))
    data = {**_words(body), **_place(request, account, body)}
    kind, pictures, video = _source(body.get("media_source"), account)
    now, pin_id = time.time(), accounts.snowflake()
    data |= {
        "text": data.pop("description"),
        "kind": kind,
        "media_ids": [f"{pin_id}-{n}" for n in range(len(pictures))],
    }
    if video is not None:
        data["media_ids"].append(video["id"])
    with storage.transaction() as db:
        db.execute(
            "INSERT INTO post (id, network, account, key, collection, data, created_at)"
            " VALUES (?, ?, ?, ?, 'status', ?, ?)",
            (pin_id, PINTEREST, account["id"], pin_id, json.dumps(data), now),
        )
        for number, (mime, content) in enumerate(pictures):
            db.execute(
                "INSERT INTO media (id, account, mime, description, content, polls_left, post, created_at)"
                " VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
                (f"{pin_id}-{number}", account["id"], mime, data["alt_text"], content, pin_id, now),
            )
        if video is not None:
            db.execute(
                "UPDATE media SET post = ?, description = ? WHERE id = ?",
                (pin_id, data["alt_text"], video["id"]),
            )
    return json_answer(pin_json(_live(account, pin_id)), 201)


def pin_json(row: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    return {
        "id": row["id"],
        "board_id": data["board_id"],
        "board_section_id": data["board_section_id"] or None,
        "title": data["title"] or None,
        "description": data["text"],
        "link": data["link"] or None,
        "alt_text": data["alt_text"] or None,
        "created_at": boards.iso(row["created_at"]),
        "is_owner": True,
        "parent_pin_id": data.get("parent_pin_id"),
        "media": {"media_type": data["kind"]},
    }


async def on_board(request: ASGIRequest, board_id: str, section_id: str = "") -> HttpResponse:
    """Answer the Pins of a board or section, newest first."""
    account = user_of(request, *READ_PINS)
    boards.live_board(request, account, board_id)
    if section_id:
        boards.live_section(board_id, section_id)
    rows = storage.many(
        "SELECT * FROM post WHERE network = 'pinterest' AND deleted_at IS NULL AND account = ?"
        " AND json_extract(data, '$.board_id') = ?"
        " AND (?3 = '' OR json_extract(data, '$.board_section_id') = ?3) ORDER BY created_at DESC, id DESC",
        account["id"], board_id, section_id,
    )  # fmt: skip
    return json_answer(paged([pin_json(row) for row in rows], request))


async def one(request: ASGIRequest, pin_id: str) -> HttpResponse:
    return json_answer(pin_json(_live(user_of(request, *READ_PINS), pin_id)))


async def update(request: ASGIRequest, pin_id: str) -> HttpResponse:
    account = user_of(request, *WRITE_PINS)
    row = _live(account, pin_id)
    body = body_of(request, frozenset({*WORDS, *PLACE, "carousel_slots"}))
    data = json.loads(row["data"])
    words = _words(body)
    data |= {("text" if name == "description" else name): words[name] for name in WORDS if name in body}
    if "board_id" in body or "board_section_id" in body:
        data |= _place(request, account, {"board_id": data["board_id"], **body})
    storage.run("UPDATE post SET data = ? WHERE id = ?", json.dumps(data), pin_id)
    return json_answer(pin_json(_live(account, pin_id)))


async def save(request: ASGIRequest, pin_id: str) -> HttpResponse:
    """Save a Pin to another board: a Pin of its own, with the same look, that names the one it came from."""
    account = user_of(request, *WRITE_PINS)
    row = _live(account, pin_id)
    place = _place(request, account, body_of(request, frozenset(PLACE)))
    data = {**json.loads(row["data"]), **place, "parent_pin_id": pin_id, "media_ids": []}
    saved_id = accounts.snowflake()
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, created_at)"
        " VALUES (?, ?, ?, ?, 'status', ?, ?)",
        saved_id, PINTEREST, account["id"], saved_id, json.dumps(data), time.time(),
    )  # fmt: skip
    return json_answer(pin_json(_live(account, saved_id)), 201)


async def delete(request: ASGIRequest, pin_id: str) -> HttpResponse:
    _live(user_of(request, *WRITE_PINS), pin_id)
    storage.run("UPDATE post SET deleted_at = ? WHERE id = ?", time.time(), pin_id)
    return HttpResponse(status=204)


async def analytics(request: ASGIRequest, pin_id: str) -> HttpResponse:
    _live(user_of(request, *READ_PINS), pin_id)
    asked = request.GET.get("metric_types", "").split(",")
    if not set(asked) <= set(METRICS) or not request.GET.get("start_date") or not request.GET.get("end_date"):
        raise refusal(400, 1, "Invalid Pin analytics parameters.")
    summary = {name: 0 for name in asked if name not in LIFETIME}
    lifetime = {name: 0 for name in asked if name in LIFETIME}
    return json_answer(
        {"all": {"daily_metrics": [], "summary_metrics": summary, "lifetime_metrics": lifetime}}
    )


async def account(request: ASGIRequest) -> HttpResponse:
    found = user_of(request, "user_accounts:read")
    origin = f"{request.scheme}://{request.get_host()}"
    return json_answer(
        {
            "id": found["id"],
            "username": found["handle"],
            "business_name": found["display_name"],
            "account_type": "BUSINESS",
            "profile_image": f"{origin}/avatars/{found['id']}.svg",
            "board_count": len(boards.boards_of(found)),
            "follower_count": 0,
        }
    )


def _live(account: sqlite3.Row, pin_id: str) -> sqlite3.Row:
    row = storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND account = ? AND deleted_at IS NULL",
        pin_id, PINTEREST, account["id"],
    )  # fmt: skip
    if row is None:
        raise refusal(404, 50, "Pin not found.")
    return row


def _words(body: dict[str, Any]) -> dict[str, Any]:
    words = {name: text_in(body, name, longest=longest) for name, longest in WORDS.items()}
    if words["link"] and urlsplit(words["link"]).scheme not in ("http", "https"):
        raise refusal(400, 1, "Invalid request: link is no address.")
    return words


def _place(request: ASGIRequest, account: sqlite3.Row, body: dict[str, Any]) -> dict[str, str]:
    board_id, section_id = id_in(body, "board_id"), id_in(body, "board_section_id")
    if not board_id:
        raise refusal(400, 1, "Invalid request: board_id is required.")
    boards.live_board(request, account, board_id)
    if section_id:
        boards.live_section(board_id, section_id)
    return {"board_id": board_id, "board_section_id": section_id}


def _source(source: Any, account: sqlite3.Row) -> tuple[str, list[tuple[str, bytes]], sqlite3.Row | None]:
    """Return what the Pin shows: its kind, its pictures, its video. Raises ApiError 400."""
    kind = source.get("source_type") if isinstance(source, dict) else None
    if kind not in SOURCES or not set(source) <= SOURCES[kind]:
        raise refusal(400, 1, "Invalid request: media_source.")
    if kind == "image_base64":
        return KINDS[kind], [_picture(source)], None
    if kind == "multiple_image_base64":
        items = source.get("items")
        if not isinstance(items, list) or not 2 <= len(items) <= 5:
            raise refusal(400, 1, "Invalid request: items holds 2 to 5 images.")
        if not all(isinstance(item, dict) and set(item) <= ITEM for item in items):
            raise refusal(400, 1, "Invalid request: unknown property of an image.")
        return KINDS[kind], [_picture(item) for item in items], None
    if not {"cover_image_url", "cover_image_data", "cover_image_key_frame_time"} & set(source):
        raise refusal(400, 1, "Invalid request: a video needs a cover image.")
    if "cover_image_data" in source:
        _picture({"content_type": source.get("cover_image_content_type"), "data": source["cover_image_data"]})
    return KINDS[kind], [], ready_video(str(source.get("media_id")), account)


def _picture(item: dict[str, Any]) -> tuple[str, bytes]:
    mime = item.get("content_type")
    try:
        content = base64.b64decode(str(item.get("data", "")), validate=True)
    except binascii.Error as error:
        raise refusal(400, 1, "Invalid request: the image is no base64.") from error
    if mime not in SIGNATURES or not content.startswith(SIGNATURES[mime]) or len(content) > IMAGE_BYTES_MAX:
        raise refusal(400, 235, "Sorry, we could not read this image.")
    return mime, content
