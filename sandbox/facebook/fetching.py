"""Files that Meta's networks fetch themselves: from a public address, without redirect or sign-in."""

from __future__ import annotations

import io
import time

import httpx
from PIL import Image

from sandbox import accounts, storage
from sandbox.facebook.access import graph_error

FETCH_SECONDS = 10


async def fetch(address: str) -> tuple[str, bytes]:
    """Return the kind and the content of a file. Raises ApiError in Graph's numbers."""
    if not address.startswith(("http://", "https://")):
        raise graph_error(100, "Either image_url or video_url is needed.")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=FETCH_SECONDS) as http:
            answer = await http.get(address)
    except httpx.HTTPError as error:
        raise graph_error(-2, "It took too long to download the media.", sub=2207003) from error
    if answer.status_code != 200:
        raise graph_error(9004, "The media could not be fetched from this URI.", sub=2207052)
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(), answer.content


def measured(content: bytes) -> tuple[str | None, int, int]:
    """Return the format, width and height of a picture; None for what is none."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.format, *image.size
    except (OSError, ValueError):
        return None, 1, 1


def keep(
    account: str,
    content: bytes,
    mime: str,
    alt_text: str | None = None,
    width: int | None = None,
    height: int | None = None,
) -> str:
    """Remember a file nobody sees yet; return its id."""
    media_id = accounts.snowflake()
    storage.run(
        "INSERT INTO media (id, account, mime, description, width, height, content, polls_left, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
        media_id, account, mime, alt_text, width, height, content, time.time(),
    )  # fmt: skip
    return media_id
