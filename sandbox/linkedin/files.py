"""Pictures and films: announced, brought in pieces, read for a while."""

from __future__ import annotations

import json
import sqlite3
import time
from urllib.parse import unquote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.linkedin.access import author_of, refused, user_of
from sandbox.web import json_answer, json_body

PART_BYTES = 4 * 1024 * 1024
KINDS = {"images": "image", "videos": "video"}


async def act(request: ASGIRequest, kind: str) -> HttpResponse:
    body, action = json_body(request), request.GET.get("action", "")
    if action == "initializeUpload":
        return _initialize(request, KINDS[kind], body["initializeUploadRequest"])
    if action == "finalizeUpload" and kind == "videos":
        return _finalize(request, body["finalizeUploadRequest"])
    raise refused(400, "INVALID_ACTION", "No such action")


def _initialize(request: ASGIRequest, kind: str, asked: dict[str, object]) -> HttpResponse:
    owner = author_of(request, str(asked.get("owner", "")))
    number, size = accounts.snowflake(), asked.get("fileSizeBytes", 0)
    urn = f"urn:li:{kind}:{number}"
    data = json.dumps({"kind": kind, "size": size})
    storage.run("INSERT INTO upload VALUES (?, ?, ?, ?)", urn, owner["id"], data, time.time())
    base = f"{request.scheme}://{request.get_host()}/-/linkedin/upload/{urn}"
    if kind == "image":
        return json_answer({"value": {"uploadUrl": f"{base}/0", "image": urn}})
    if not isinstance(size, int) or not 75_000 <= size <= 500_000_000:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "fileSizeBytes is out of range")
    parts = [
        {"uploadUrl": f"{base}/{at}", "firstByte": first, "lastByte": min(first + PART_BYTES, size) - 1}
        for at, first in enumerate(range(0, size, PART_BYTES))
    ]
    return json_answer({"value": {"video": urn, "uploadInstructions": parts, "uploadToken": number}})


async def bring(request: ASGIRequest, urn: str, number: int) -> HttpResponse:
    row = storage.one("SELECT * FROM upload WHERE id = ?", urn)
    if row is None or not request.body:
        raise refused(400, "EXPIRED_UPLOAD_URL", "This upload address is none")
    is_image = json.loads(row["data"])["kind"] == "image"
    storage.run("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", urn, number, request.body)
    if is_image:
        user_of(request, "w_member_social", is_versioned=False)
        _keep(row, "image/png", int(request.META.get("sandbox.polls", 1)))
    return HttpResponse(status=201, headers={"ETag": f'"{urn[-6:]}-{number}"'})


def _finalize(request: ASGIRequest, asked: dict[str, object]) -> HttpResponse:
    urn = str(asked.get("video", ""))
    row = storage.one("SELECT * FROM upload WHERE id = ?", urn)
    user_of(request, "w_member_social")
    parts = storage.many("SELECT number FROM part WHERE upload = ? ORDER BY number", urn)
    expected = [f"{urn[-6:]}-{part['number']}" for part in parts]
    if row is None or asked.get("uploadedPartIds") != expected:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", "uploadedPartIds do not match")
    _keep(row, "video/mp4", int(request.META.get("sandbox.polls", 2)))
    return json_answer({})


def _keep(row: sqlite3.Row, mime: str, polls: int) -> None:
    parts = storage.many("SELECT content FROM part WHERE upload = ? ORDER BY number", row["id"])
    storage.run(
        "INSERT OR REPLACE INTO media (id, account, mime, description, content, polls_left, created_at)"
        " VALUES (?, ?, ?, NULL, ?, ?, ?)",
        row["id"], row["account"], mime, b"".join(part["content"] for part in parts), polls, time.time(),
    )  # fmt: skip


async def show(request: ASGIRequest, kind: str, urn: str) -> HttpResponse:
    """Tell how far a file is. With the scopes of a member alone one may not ask."""
    user_of(request, "w_organization_social")
    row = storage.one("SELECT polls_left FROM media WHERE id = ?", unquote(urn))
    if row is None:
        return json_answer({"id": urn, "status": "WAITING_UPLOAD"})
    storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", unquote(urn))
    return json_answer({"id": urn, "status": "PROCESSING" if row["polls_left"] > 1 else "AVAILABLE"})
