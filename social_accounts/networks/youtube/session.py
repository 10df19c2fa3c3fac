"""Resumable sessions: a video is announced, brought in pieces, and there the moment its last piece is.

The session itself always knows how much of the video it has, so it is asked before each piece: a piece whose answer
was lost is not brought twice, and a video whose last answer was lost is found by asking once more.
https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ..answers import text_of
from ..base import Media
from ..http import Effect, exchange, origin_of
from .client import PATH, VideoState, as_state
from .errors import Call, object_in, raise_for, raise_unreadable, send

RESUME = 308
_RANGE = re.compile(r"bytes=0-(\d+)")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a session has: ``sent`` bytes, and the video once it has them all. ``is_lost``: it is forgotten."""

    sent: int = 0
    video: VideoState | None = None
    is_lost: bool = False


def start(call: Call, media: Media, metadata: Mapping[str, object], *, tells_subscribers: bool) -> str:
    """Announce a video and return the address its bytes go to. Nobody sees anything of it."""
    params: dict[str, str | int] = {"uploadType": "resumable", "part": "snippet,status"}
    if not tells_subscribers:
        params["notifySubscribers"] = "false"
    answer = send(
        call,
        "POST",
        f"/upload{PATH}/videos",
        effect=Effect.PREPARE,
        params=params,
        headers={
            "X-Upload-Content-Length": str(media.size_bytes),
            "X-Upload-Content-Type": media.content_type,
        },
        json=metadata,
    )
    address = str(answer.headers.get("Location", ""))
    # The token goes there as well: nowhere but to YouTube itself.
    if not address.startswith("http") or origin_of(address) != origin_of(call.api):
        raise_unreadable(Effect.PREPARE)
    return address


def ask(call: Call, address: str, size: int) -> Standing:
    """Ask a session how much it has."""
    return _standing(_put(call, address, f"bytes */{size}", b"", Effect.READ), call, Effect.READ)


def bring(call: Call, address: str, media: Media, *, first: int, count: int) -> Standing:
    """Bring a piece of the video. The piece that ends it makes the video: that one may not be repeated blindly."""
    with media.open() as stream:
        stream.seek(first)
        piece = stream.read(count)
    last = first + len(piece) - 1
    effect = Effect.PUBLISH if last + 1 >= media.size_bytes else Effect.PREPARE
    answer = _put(call, address, f"bytes {first}-{last}/{media.size_bytes}", piece, effect)
    return _standing(answer, call, effect)


def _put(call: Call, address: str, content_range: str, content: bytes, effect: Effect) -> httpx.Response:
    headers = {"Authorization": f"Bearer {call.token}", "Content-Range": content_range}
    return exchange(call.http, "PUT", address, effect=effect, headers=headers, content=content)


def _standing(answer: httpx.Response, call: Call, effect: Effect) -> Standing:
    if answer.status_code == RESUME:
        found = _RANGE.fullmatch(answer.headers.get("Range", ""))
        return Standing(sent=int(found[1]) + 1 if found else 0)
    if answer.status_code in (404, 410):
        return Standing(is_lost=True)
    if not answer.is_success:
        raise_for(answer, call, effect)
    made = object_in(answer, effect)
    if not text_of(made, "id"):
        raise_unreadable(effect)
    return Standing(video=as_state(made))
