"""Pictures and videos to Bluesky in steps, unseen until a record names them. One step is one file, or one look.

The progress is ``{"blobs": [{"blob", "width", "height"}, ...], "since": "...", "job": "id at the video service"}``.
Servers drop blobs that no record names, so a progress that old begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from ..answers import Json, list_of, number_of, object_of, text_of, time_of
from ..base import Media, NotSent, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..images import prepare_image
from ..words import _
from . import client
from .features import FEATURES
from .record import images_embed, video_embed

LOOK_AGAIN = timedelta(seconds=5)
LIFETIME = timedelta(minutes=50)
SERVICE_TOKEN_LIFETIME = timedelta(minutes=30)
UPLOAD_METHOD = "com.atproto.repo.uploadBlob"


def next_step(caller: client.Caller, video_url: str, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the uploads and say how far they are. ``video_url`` is the video service, if there is one."""
    now = caller.clock()
    progress = request.prepared if _is_fresh(request.prepared, now) else {}
    done = [item for item in list_of(progress, "blobs") if isinstance(item, dict)]
    since = text_of(progress, "since") or now.isoformat()
    media = request.content.media
    if len(done) == len(media):
        return Prepared(progress={"blobs": done, "since": since})
    one = media[len(done)]
    if one.is_video and video_url:
        job = _job(caller, video_url, one, request.account.remote_id, text_of(progress, "job"))
        if job.failure:
            raise Rejected(RejectionReason.MEDIA_INVALID, job.failure)
        if not job.blob:
            made: dict[str, object] = {"blobs": done, "since": since, "job": job.id}
            return Preparing(progress=made, next_at=now + LOOK_AGAIN)
        done = [*done, {"blob": dict(job.blob), "width": one.width, "height": one.height}]
    else:
        done = [*done, _uploaded(caller, one)]
    made = {"blobs": done, "since": since}
    return Prepared(progress=made) if len(done) == len(media) else Preparing(progress=made)


def media_embed(request: PublishRequest, now: datetime) -> Json | None:
    """Return what shows the uploaded files. Raises NotSent when the server has dropped them: they go up anew."""
    media = request.content.media
    done = [item for item in list_of(request.prepared, "blobs") if isinstance(item, dict)]
    if not media:
        return None
    if len(done) != len(media) or not _is_fresh(request.prepared, now):
        raise NotSent(_("%(host)s lost an uploaded file.", host=FEATURES.label))
    if media[0].is_video:
        return video_embed(
            object_of(done[0], "blob"), alt=media[0].alt_text, width=media[0].width, height=media[0].height
        )
    return images_embed(
        [
            (
                object_of(item, "blob"),
                one.alt_text,
                number_of(item, "width") or 1,
                number_of(item, "height") or 1,
            )
            for item, one in zip(done, media, strict=True)
        ]
    )


def _uploaded(caller: client.Caller, media: Media) -> dict[str, object]:
    if media.is_video:
        with media.open() as stream:
            blob = client.upload_blob(caller, stream, media.content_type)
        return {"blob": dict(blob), "width": media.width, "height": media.height}
    image = prepare_image(media, bytes_max=FEATURES.image_bytes_max)
    blob = client.upload_blob(caller, image.data, image.content_type)
    return {"blob": dict(blob), "width": image.width, "height": image.height}


def _job(caller: client.Caller, video_url: str, media: Media, did: str, job_id: str) -> client.VideoJob:
    """Hand the video over, or look how far the service is. It brings what it made to the account's server itself."""
    if job_id:
        return client.get_job(client.Caller(http=caller.http, clock=caller.clock, server=video_url), job_id)
    token = client.get_service_token(
        caller,
        audience=f"did:web:{quote(urlsplit(caller.server).netloc, safe='')}",
        method=UPLOAD_METHOD,
        ends_at=caller.clock() + SERVICE_TOKEN_LIFETIME,
    )
    service = client.Caller(http=caller.http, clock=caller.clock, server=video_url, token=token)
    with media.open() as stream:
        return client.upload_video(
            service, did=did, name=media.filename, stream=stream, content_type=media.content_type
        )


def _is_fresh(progress: Mapping[str, object], now: datetime) -> bool:
    since = time_of(text_of(progress, "since"))
    return since is not None and now - since < LIFETIME
