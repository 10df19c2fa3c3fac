"""A video to Pinterest in steps: announce, hand over, wait until it is read. Pictures travel inside the Pin itself.

The progress is ``{"media_id", "url", "parameters", "since", "is_sent"}``. The permit to hand the file over ends after
about an hour, so one that old is asked for anew. Source: developers.pinterest.com/docs, creating video Pins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..answers import object_of, text_of, time_of
from ..base import Media, NotSent, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..words import _
from . import client
from .config import LABEL
from .errors import Call
from .features import video_of

PERMIT_LIFETIME = timedelta(minutes=45)
VIDEO_LIFETIME = timedelta(hours=23)
"""How long an uploaded video is counted on; Pinterest does not say."""
LOOK_AGAIN_AFTER = timedelta(seconds=10)


def next_step(call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the upload and say how far it is."""
    video = video_of(request.content)
    if video is None:
        return Prepared(progress={})
    progress = request.prepared if _is_fresh(request.prepared, call.now) else {}
    if not text_of(progress, "media_id"):
        return _announce(call)
    if not progress.get("is_sent"):
        return _hand_over(call, video, progress)
    return _look(call, progress)


def uploaded_id(request: PublishRequest, now: datetime) -> str:
    """Return the id of the video to show, empty for a Pin of pictures. Raises NotSent when it must go up anew."""
    if video_of(request.content) is None:
        return ""
    media_id = text_of(request.prepared, "media_id")
    if not media_id or not _is_fresh(request.prepared, now):
        raise NotSent(_("%(host)s lost an uploaded file.", host=LABEL))
    return media_id


def _announce(call: Call) -> Preparing:
    upload = client.register_video(call)
    return Preparing(
        progress={
            "media_id": upload.id,
            "url": upload.url,
            "parameters": dict(upload.parameters),
            "since": call.now.isoformat(),
        }
    )


def _hand_over(call: Call, video: Media, progress: Mapping[str, object]) -> Preparing:
    parameters = {
        name: value for name, value in object_of(progress, "parameters").items() if isinstance(value, str)
    }
    media_id, since = text_of(progress, "media_id"), text_of(progress, "since")
    upload = client.Upload(id=media_id, url=text_of(progress, "url"), parameters=parameters)
    client.send_video(call, upload, video)
    return Preparing(progress={"media_id": media_id, "since": since, "is_sent": True})


def _look(call: Call, progress: Mapping[str, object]) -> Preparing | Prepared:
    state = client.video_state(call, text_of(progress, "media_id"))
    if state == "failed":
        raise Rejected(RejectionReason.MEDIA_INVALID, _("%(host)s could not read the video.", host=LABEL))
    if state == "succeeded":
        return Prepared(progress=progress)
    return Preparing(progress=progress, next_at=call.now + LOOK_AGAIN_AFTER)


def _is_fresh(progress: Mapping[str, object], now: datetime) -> bool:
    since = time_of(text_of(progress, "since"))
    lifetime = VIDEO_LIFETIME if progress.get("is_sent") else PERMIT_LIFETIME
    return since is not None and now - since < lifetime
