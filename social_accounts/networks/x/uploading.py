"""Files to X in steps: announce, parts, end, wait until it is read, describe. One step is one or two requests.

The progress is ``{"ids": [...], "since": "...", "at": {"id", "part", "is_complete"}}``: what is done, and where the
file at work stands. X forgets an upload after a day, so a progress that old begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..answers import Json, list_of, number_of, object_of, text_of, time_of
from ..base import Media, NotSent, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..images import fitted
from ..words import _
from . import client
from .errors import Call
from .features import LIMITS, PICTURE_FORM, VIDEO, category_of

PART_BYTES = VIDEO["chunk_bytes_safe"]
LIFETIME = timedelta(seconds=LIMITS["media_id_ttl_seconds"]) - timedelta(hours=1)


def next_step(call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the uploads and say how far they are."""
    progress = request.prepared if _is_fresh(request.prepared, call.now) else {}
    done = [item for item in list_of(progress, "ids") if isinstance(item, str)]
    since = text_of(progress, "since") or call.now.isoformat()
    if len(done) == len(request.content.media):
        return Prepared(progress={"ids": done, "since": since})
    media = fitted(request.content.media[len(done)], PICTURE_FORM)
    at = object_of(progress, "at")
    try:
        at, upload = _advance(call, media, at)
    except Rejected as refused:
        if refused.reason is RejectionReason.NOT_FOUND and at:
            raise NotSent(_("%(host)s lost an uploaded file.", host="X")) from refused
        raise
    if upload is None:
        return Preparing(progress={"ids": done, "since": since, "at": at})
    if upload.failure:
        raise Rejected(RejectionReason.MEDIA_INVALID, upload.failure)
    if upload.check_after_seconds is not None:
        later = call.now + timedelta(seconds=upload.check_after_seconds)
        return Preparing(progress={"ids": done, "since": since, "at": at}, next_at=later)
    if media.alt_text:
        client.describe_media(call, upload.id, media.alt_text)
    done = [*done, upload.id]
    if len(done) == len(request.content.media):
        return Prepared(progress={"ids": done, "since": since})
    return Preparing(progress={"ids": done, "since": since})


def uploaded_ids(prepared: Mapping[str, object], now: datetime) -> list[str]:
    """Return the ids to attach. Raises NotSent when X has forgotten them: they go up anew."""
    ids = [item for item in list_of(prepared, "ids") if isinstance(item, str)]
    if ids and not _is_fresh(prepared, now):
        raise NotSent(_("%(host)s lost an uploaded file.", host="X"))
    return ids


def _advance(call: Call, media: Media, at: Json) -> tuple[dict[str, object], client.Upload | None]:
    upload_id = text_of(at, "id")
    if not upload_id:
        upload = client.initialize_upload(call, media, category_of(media))
        return {"id": upload.id, "part": 0}, None
    if at.get("is_complete"):
        return dict(at), client.get_upload(call, upload_id)
    index = number_of(at, "part") or 0
    with media.open() as stream:
        stream.seek(index * PART_BYTES)
        part = stream.read(PART_BYTES)
    if part:
        client.append_part(call, upload_id, index=index, part=part)
        return {"id": upload_id, "part": index + 1}, None
    return {"id": upload_id, "is_complete": True}, client.finalize_upload(call, upload_id)


def _is_fresh(progress: Mapping[str, object], now: datetime) -> bool:
    since = time_of(text_of(progress, "since"))
    return since is not None and now - since < LIFETIME
