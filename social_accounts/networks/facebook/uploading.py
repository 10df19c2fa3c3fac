"""Photos and videos to Facebook in steps, unseen until the post. One step is one request.

The progress is ``{"ids": [...]}`` of photos, or ``{"video": {"session", "id", "start", "end"}}``: which bytes Facebook
wants next. A photo whose answer was lost stays unseen for ever.
"""

from __future__ import annotations

from ..answers import Json, list_of, number_of, object_of, text_of
from ..base import Media, Prepared, Preparing, PublishRequest
from ..images import fitted
from ..meta.graph import Call
from . import client
from .features import PICTURE_FORM

PART_BYTES_MAX = 8 * 1024 * 1024


def next_step(call: Call, video_call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the uploads and say how far they are. ``video_call`` goes to the host for videos."""
    media, page_id = request.content.media, request.account.remote_id
    if media[0].is_video:
        return _video_step(video_call, media[0], page_id, object_of(request.prepared, "video"))
    done = photo_ids(request)
    if len(done) < len(media):
        done.append(client.upload_photo(call, page_id, fitted(media[len(done)], PICTURE_FORM)))
    made = {"ids": done}
    return Prepared(progress=made) if len(done) == len(media) else Preparing(progress=made)


def photo_ids(request: PublishRequest) -> list[str]:
    return [item for item in list_of(request.prepared, "ids") if isinstance(item, str)]


def video_of(request: PublishRequest) -> tuple[str, str]:
    """Return the upload session and the id of the video that was put up; empty where there is none."""
    at = object_of(request.prepared, "video")
    return text_of(at, "session"), text_of(at, "id")


def _video_step(call: Call, media: Media, page_id: str, at: Json) -> Preparing | Prepared:
    session_id = text_of(at, "session")
    if not session_id:
        upload = client.start_video(call, page_id, media.size_bytes)
        made = {"session": upload.session_id, "id": upload.video_id, "start": upload.start, "end": upload.end}
        return Preparing(progress={"video": made})
    start, end = number_of(at, "start") or 0, number_of(at, "end") or 0
    if start >= end:
        return Prepared(progress={"video": dict(at)})
    with media.open() as stream:
        stream.seek(start)
        part = stream.read(min(end - start, PART_BYTES_MAX))
    start, end = client.transfer_part(call, page_id, session_id, start=start, part=part)
    made = {**at, "start": start, "end": end}
    return Prepared(progress={"video": made}) if start >= end else Preparing(progress={"video": made})
