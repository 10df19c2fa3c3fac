"""Boards and their sections. Everybody begins with two public boards and a secret one."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.pinterest.access import (
    READ_BOARDS,
    WRITE_BOARDS,
    body_of,
    paged,
    refusal,
    sees_secret,
    text_in,
    user_of,
)
from sandbox.web import json_answer

FIRST_BOARDS = (("Inspiration", "PUBLIC"), ("Behind the scenes", "PUBLIC"), ("Not out yet", "SECRET"))
NAME_MAX, DESCRIPTION_MAX, SECTION_NAME_MAX = 50, 500, 180
PRIVACIES = ("PUBLIC", "SECRET")
LIVE = "deleted_at IS NULL"


def iso(moment: float) -> str:
    """Return the time as Pinterest writes it: without a zone, meaning UTC."""
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def boards_of(account: sqlite3.Row) -> list[sqlite3.Row]:
    """Return an account's boards, giving it the first ones when it never had any."""
    if storage.one("SELECT 1 FROM board WHERE account = ?", account["id"]) is None:
        for name, privacy in FIRST_BOARDS:
            new_board(account, name, "", privacy)
    return storage.many(f"SELECT * FROM board WHERE account = ? AND {LIVE} ORDER BY id", account["id"])  # noqa: S608 - a constant


def new_board(account: sqlite3.Row, name: str, description: str, privacy: str) -> str:
    board_id = accounts.snowflake()
    storage.run(
        "INSERT INTO board (id, account, name, description, privacy, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        board_id, account["id"], name, description, privacy, time.time(),
    )  # fmt: skip
    return board_id


def live_board(request: ASGIRequest, account: sqlite3.Row, board_id: str) -> sqlite3.Row:
    """Return a board of this account that its token may see. Raises ApiError 404."""
    found = next((row for row in boards_of(account) if row["id"] == board_id), None)
    if found is None or (found["privacy"] == "SECRET" and not sees_secret(request)):
        raise refusal(404, 40, "Board not found.")
    return found


def live_section(board_id: str, section_id: str) -> sqlite3.Row:
    row = storage.one("SELECT * FROM board_section WHERE id = ? AND board = ?", section_id, board_id)
    if row is None:
        raise refusal(404, 2031, "Board section not found.")
    return row


def board_json(row: sqlite3.Row) -> dict[str, Any]:
    count = storage.one(
        "SELECT count(*) AS pins FROM post WHERE network = 'pinterest' AND deleted_at IS NULL"
        " AND json_extract(data, '$.board_id') = ?",
        row["id"],
    )
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "privacy": row["privacy"],
        "owner": {"username": accounts.by_id(row["account"])["handle"]},
        "pin_count": count["pins"] if count else 0,
        "follower_count": 0,
        "collaborator_count": 0,
        "is_ads_only": False,
        "created_at": iso(row["created_at"]),
        "media": {"image_cover_url": None, "pin_thumbnail_urls": []},
    }


def _wanted(request: ASGIRequest, account: sqlite3.Row, before: sqlite3.Row | None) -> dict[str, str]:
    """Return name, description and privacy as they shall be. Raises ApiError 400."""
    known = {"name", "description", "privacy"}
    body = body_of(request, frozenset(known if before else {*known, "is_ads_only"}))
    wanted = {"name": "", "description": "", "privacy": "PUBLIC"} if before is None else dict(before)
    if before is None or "name" in body:
        wanted["name"] = text_in(body, "name", longest=NAME_MAX, least=1)
    if "description" in body:
        wanted["description"] = text_in(body, "description", longest=DESCRIPTION_MAX)
    wanted["privacy"] = body.get("privacy", wanted["privacy"])
    if wanted["privacy"] not in PRIVACIES:
        raise refusal(400, 1, "Invalid request: privacy.")
    if wanted["privacy"] == "SECRET" and not sees_secret(request, "boards:write"):
        raise refusal(403, 7, "Your token lacks the scope boards:write_secret.")
    others = [row for row in boards_of(account) if before is None or row["id"] != before["id"]]
    if any(row["name"].casefold() == wanted["name"].casefold() for row in others):
        raise refusal(400, 58, "You already have a board with this name.")
    return wanted


async def listed(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, *READ_BOARDS)
    rows = [row for row in boards_of(account) if row["privacy"] != "SECRET" or sees_secret(request)]
    return json_answer(paged([board_json(row) for row in rows], request))


async def create(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, *WRITE_BOARDS)
    wanted = _wanted(request, account, None)
    board_id = new_board(account, wanted["name"], wanted["description"], wanted["privacy"])
    return json_answer(board_json(live_board(request, account, board_id)), 201)


async def one(request: ASGIRequest, board_id: str) -> HttpResponse:
    return json_answer(board_json(live_board(request, user_of(request, *READ_BOARDS), board_id)))


async def update(request: ASGIRequest, board_id: str) -> HttpResponse:
    account = user_of(request, *WRITE_BOARDS)
    wanted = _wanted(request, account, live_board(request, account, board_id))
    storage.run(
        "UPDATE board SET name = ?, description = ?, privacy = ? WHERE id = ?",
        wanted["name"], wanted["description"], wanted["privacy"], board_id,
    )  # fmt: skip
    return json_answer(board_json(live_board(request, account, board_id)))


async def delete(request: ASGIRequest, board_id: str) -> HttpResponse:
    """Delete a board, and with it every Pin it holds."""
    account = user_of(request, *WRITE_BOARDS)
    live_board(request, account, board_id)
    now = time.time()
    with storage.transaction() as db:
        db.execute("UPDATE board SET deleted_at = ? WHERE id = ?", (now, board_id))
        db.execute(
            "UPDATE post SET deleted_at = ? WHERE network = 'pinterest' AND json_extract(data, '$.board_id') = ?",
            (now, board_id),
        )
    return HttpResponse(status=204)


# --- sections --------------------------------------------------------------------------------------------------------


async def sections(request: ASGIRequest, board_id: str) -> HttpResponse:
    live_board(request, user_of(request, *READ_BOARDS), board_id)
    rows = storage.many("SELECT id, name FROM board_section WHERE board = ? ORDER BY id", board_id)
    return json_answer(paged([dict(row) for row in rows], request))


async def create_section(request: ASGIRequest, board_id: str) -> HttpResponse:
    live_board(request, user_of(request, *WRITE_BOARDS), board_id)
    name = _section_name(request, board_id)
    section_id = accounts.snowflake()
    storage.run("INSERT INTO board_section (id, board, name) VALUES (?, ?, ?)", section_id, board_id, name)
    return json_answer({"id": section_id, "name": name}, 201)


async def rename_section(request: ASGIRequest, board_id: str, section_id: str) -> HttpResponse:
    live_board(request, user_of(request, *WRITE_BOARDS), board_id)
    live_section(board_id, section_id)
    name = _section_name(request, board_id, besides=section_id)
    storage.run("UPDATE board_section SET name = ? WHERE id = ?", name, section_id)
    return json_answer({"id": section_id, "name": name})


async def delete_section(request: ASGIRequest, board_id: str, section_id: str) -> HttpResponse:
    """Delete a section; its Pins stay on the board."""
    live_board(request, user_of(request, *WRITE_BOARDS), board_id)
    live_section(board_id, section_id)
    with storage.transaction() as db:
        db.execute("DELETE FROM board_section WHERE id = ?", (section_id,))
        db.execute(
            "UPDATE post SET data = json_set(data, '$.board_section_id', '') WHERE network = 'pinterest'"
            " AND json_extract(data, '$.board_section_id') = ?",
            (section_id,),
        )
    return HttpResponse(status=204)


def _section_name(request: ASGIRequest, board_id: str, besides: str = "") -> str:
    name = text_in(body_of(request, frozenset({"name"})), "name", longest=SECTION_NAME_MAX, least=1)
    rows = storage.many("SELECT id, name FROM board_section WHERE board = ?", board_id)
    if any(row["name"].casefold() == name.casefold() and row["id"] != besides for row in rows):
        raise refusal(400, 2029, "You already have a section with this name on this board.")
    return name
