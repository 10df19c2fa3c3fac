"""Uploads: pictures are ready at once, moving pictures and sound a poll later, as on a real server."""

from __future__ import annotations

import io
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from PIL import Image, UnidentifiedImageError

from sandbox import storage
from sandbox.accounts import snowflake
from sandbox.mastodon.access import user_of
from sandbox.web import ApiError, json_answer, origin_of, parameters

IMAGE_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/heic", "image/heif", "image/webp", "image/avif"}
)
OTHER_TYPES = frozenset(
    [
        "video/webm",
        "video/mp4",
        "video/quicktime",
        "video/ogg",
        "audio/wave",
        "audio/wav",
        "audio/x-wav",
        "audio/vorbis",
        "audio/mpeg",
        "audio/mp3",
        "audio/ogg",
        "audio/webm",
        "audio/flac",
        "audio/aac",
        "audio/m4a",
        "audio/mp4",
        "audio/3gpp",
    ]
)
IMAGE_BYTES_MAX = 16 * 1024 * 1024
VIDEO_BYTES_MAX = 99 * 1024 * 1024
IMAGE_MATRIX_MAX = 33_177_600
DESCRIPTION_MAX = 1500


def kind_of(mime: str) -> str:
    return "gifv" if mime == "image/gif" else mime.partition("/")[0]


def media_json(row: sqlite3.Row, origin: str) -> dict[str, Any]:
    is_ready = row["polls_left"] == 0
    url = f"{origin}/media/{row['id']}" if is_ready else None
    meta: dict[str, Any] = {}
    if row["width"] and is_ready:
        width, height = row["width"], row["height"]
        size = {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
        meta = {"original": size, "small": size}
    return {
        "id": row["id"],
        "type": kind_of(row["mime"]),
        "url": url,
        "preview_url": url,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": meta,
        "description": row["description"],
        "blurhash": None,
    }


def _invalid(problem: str) -> ApiError:
    return ApiError(422, {"error": f"Validation failed: {problem}"})


def _look(content: bytes, declared: str) -> tuple[str, int | None, int | None]:
    """Return type and size of the file, by what it is: a server does not believe the label."""
    if not declared.startswith("image/"):
        return declared, None, None
    try:
        with Image.open(io.BytesIO(content)) as image:
            return Image.MIME.get(image.format or "", declared), image.width, image.height
    except Image.DecompressionBombError as error:
        raise _invalid("File dimensions are too large") from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        if declared in ("image/heic", "image/heif"):
            return declared, None, None
        raise ApiError(422, {"error": "Error processing thumbnail for uploaded media"}) from error


async def upload(request: ASGIRequest) -> HttpResponse:
    account = user_of(request, "write:media")
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise _invalid("File can't be blank")
    content = file.read()
    declared = (file.content_type or "").lower()
    if declared not in IMAGE_TYPES | OTHER_TYPES:
        raise _invalid("File content type is invalid, File is invalid")
    if declared in IMAGE_TYPES and len(content) > IMAGE_BYTES_MAX:
        raise _invalid("File file size must be less than 16 MB")
    if len(content) > VIDEO_BYTES_MAX:
        raise _invalid("File file size must be less than 99 MB")
    if not content:
        raise _invalid("File can't be blank")
    mime, width, height = _look(content, declared)
    if width and height and width * height > IMAGE_MATRIX_MAX:
        raise _invalid(f"{width}x{height} images are not supported")
    description = str(parameters(request).get("description") or "") or None
    if description and len(description) > DESCRIPTION_MAX:
        raise _invalid(f"Description is too long (maximum is {DESCRIPTION_MAX} characters)")
    polls = request.META.get("sandbox.polls", 0 if mime in IMAGE_TYPES - {"image/gif"} else 1)
    media_id = snowflake()
    storage.run(
        "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        media_id, account["id"], mime, description, width, height, content, polls, time.time(),
    )  # fmt: skip
    row = _own(media_id, account)
    return json_answer(media_json(row, origin_of(request)), 202 if polls else 200)


def _own(media_id: str, account: sqlite3.Row) -> sqlite3.Row:
    row = storage.one("SELECT * FROM media WHERE id = ? AND account = ?", media_id, account["id"])
    if row is None:
        raise ApiError(404, {"error": "Record not found"})
    return row


async def show(request: ASGIRequest, media_id: str) -> HttpResponse:
    """Answer 206 while the file is not ready. Each look brings it one poll nearer."""
    account = user_of(request, "write:media")
    row = _own(media_id, account)
    if row["post"] is not None:
        raise ApiError(404, {"error": "Record not found"})
    answer = json_answer(media_json(row, origin_of(request)), 206 if row["polls_left"] else 200)
    storage.run("UPDATE media SET polls_left = max(0, polls_left - 1) WHERE id = ?", media_id)
    return answer


async def update(request: ASGIRequest, media_id: str) -> HttpResponse:
    account = user_of(request, "write:media")
    row = _own(media_id, account)
    given = parameters(request)
    if "description" in given:
        description = str(given["description"] or "") or None
        if description and len(description) > DESCRIPTION_MAX:
            raise _invalid(f"Description is too long (maximum is {DESCRIPTION_MAX} characters)")
        storage.run("UPDATE media SET description = ? WHERE id = ?", description, media_id)
        row = _own(media_id, account)
    return json_answer(media_json(row, origin_of(request)))
