"""Files to a server in steps: each file goes up, then it is waited for while the server reads it.

The progress is ``{"ids": [...], "since": "...", "at": "id of the file the server still reads"}``. Servers throw away
after a day what no post holds, so a progress that old begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..answers import list_of, text_of, time_of
from ..base import NotSent, OutcomeUnknown, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..words import _
from . import client
from .errors import Call

LOOK_AGAIN = timedelta(seconds=5)
LIFETIME = timedelta(hours=20)


def next_step(call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the uploads and say how far they are."""
    progress = request.prepared if _is_fresh(request.prepared, call.now) else {}
    done = [item for item in list_of(progress, "ids") if isinstance(item, str)]
    since = text_of(progress, "since") or call.now.isoformat()
    media = request.content.media
    if len(done) == len(media):
        return Prepared(progress={"ids": done, "since": since})
    waiting_for = text_of(progress, "at")
    attachment = _looked_at(call, waiting_for) if waiting_for else client.upload_media(call, media[len(done)])
    if not attachment.is_ready:
        made = {"ids": done, "since": since, "at": attachment.id}
        return Preparing(progress=made, next_at=call.now + LOOK_AGAIN)
    made = {"ids": [*done, attachment.id], "since": since}
    return Prepared(progress=made) if len(done) + 1 == len(media) else Preparing(progress=made)


def uploaded_ids(call: Call, request: PublishRequest) -> list[str]:
    """Return the ids to attach. Raises NotSent when the server has thrown them away: they go up anew."""
    ids = [item for item in list_of(request.prepared, "ids") if isinstance(item, str)]
    media = request.content.media
    if len(ids) != len(media) or (ids and not _is_fresh(request.prepared, call.now)):
        raise _lost(call)
    return ids


def tell_lost(refused: Rejected, call: Call, request: PublishRequest) -> None:
    """Raise NotSent where a server refuses a post because it no longer has its files, or OutcomeUnknown where those
    may hang on the post of an earlier attempt.

    Servers of 4.3 and later say "Media 1, 2 not found or already attached to another post".
    """
    words = str(refused).lower()
    if not request.content.media or refused.reason is not RejectionReason.MEDIA_INVALID:
        return
    if "already attached" in words or "not found" in words:
        if request.sent_at is not None:
            raise OutcomeUnknown(str(refused)) from refused
        raise _lost(call) from refused


def _looked_at(call: Call, attachment_id: str) -> client.MediaAttachment:
    try:
        return client.get_media(call, attachment_id)
    except Rejected as refused:
        if refused.reason is RejectionReason.NOT_FOUND:
            raise _lost(call) from refused
        raise


def _lost(call: Call) -> NotSent:
    return NotSent(_("%(host)s lost an uploaded file.", host=call.host))


def _is_fresh(progress: Mapping[str, object], now: datetime) -> bool:
    since = time_of(text_of(progress, "since"))
    return since is not None and now - since < LIFETIME
