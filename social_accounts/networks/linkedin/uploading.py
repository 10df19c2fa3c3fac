"""Files to LinkedIn in steps: announce, pieces, end, wait until it is read. One step is one request.

The progress is ``{"urns": [...], "at": {"urn", "parts", "token", "etags", "is_complete"}}``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..answers import list_of, object_of, text_of
from ..base import (
    CredentialsExpired,
    Media,
    Prepared,
    Preparing,
    PublishRequest,
    Rejected,
    RejectionReason,
)
from ..images import fitted
from ..words import _
from . import client
from .errors import Call
from .features import PICTURE_FORM, is_film

LOOK_AGAIN = timedelta(seconds=5)


def next_step(call: Call, request: PublishRequest, owner: str) -> Preparing | Prepared:
    """Do the next step of the uploads and say how far they are."""
    urns = [item for item in list_of(request.prepared, "urns") if isinstance(item, str)]
    media = request.content.media
    if len(urns) == len(media):
        return Prepared(progress={"urns": urns})
    at: dict[str, Any] = dict(object_of(request.prepared, "at"))
    if not at:
        return Preparing(progress={"urns": urns, "at": _announce(call, media[len(urns)], owner)})
    if not at.get("is_complete"):
        return Preparing(progress={"urns": urns, "at": _bring(call, media[len(urns)], at)})
    if not _is_ready(call, at):
        at["looked"] = int(at.get("looked", 0)) + 1
        return Preparing(progress={"urns": urns, "at": at}, next_at=call.now + LOOK_AGAIN)
    urns = [*urns, text_of(at, "urn")]
    made: dict[str, object] = {"urns": urns}
    return Prepared(progress=made) if len(urns) == len(media) else Preparing(progress=made)


def _announce(call: Call, media: Media, owner: str) -> dict[str, Any]:
    film = is_film(media)
    upload = client.start_video(call, owner, media.size_bytes) if film else client.start_image(call, owner)
    return {
        "urn": upload.urn,
        "parts": [list(part) for part in upload.parts],
        "token": upload.token,
        "etags": [],
    }


def _bring(call: Call, media: Media, at: dict[str, Any]) -> dict[str, Any]:
    etags, film = list(at["etags"]), is_film(media)
    if len(etags) < len(at["parts"]):
        url, first, last = at["parts"][len(etags)]
        brought = media if film else fitted(media, PICTURE_FORM)
        etags.append(client.put_part(call, url, brought, first=first, last=last, with_token=not film))
        return {**at, "etags": etags, "is_complete": not film and len(etags) == len(at["parts"])}
    client.finish_video(call, at["urn"], at["token"], etags)
    return {**at, "is_complete": True}


def _is_ready(call: Call, at: dict[str, Any]) -> bool:
    """Say whether LinkedIn has read the file. A member's application may not ask: it waits once instead."""
    try:
        state = client.get_state(call, at["urn"])
    except CredentialsExpired:
        return bool(at.get("looked"))
    if state == client.FAILED:
        raise Rejected(RejectionReason.MEDIA_INVALID, _("%(host)s could not read the file.", host="LinkedIn"))
    return state == client.READY
