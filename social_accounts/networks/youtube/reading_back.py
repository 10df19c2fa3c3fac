"""Finding what a lost answer may have left: by the session that took the video, or among the newest uploads."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..answers import text_of
from ..base import CommentRequest, OutcomeUnknown, PublishRequest
from ..text import plain_form
from ..words import _
from . import client, session
from .errors import Call
from .finishing import refuse
from .metadata import description_of, title_of
from .uploading import video_of

CLOCK_DIFFERENCE_MAX = timedelta(minutes=2)


def find_video(call: Call, request: PublishRequest) -> str | None:
    """Return the id of the video this publication made. None: it is certainly not there (yet)."""
    address = text_of(request.prepared, "session")
    standing = session.ask(call, address, video_of(request).size_bytes) if address else None
    if standing is None or standing.is_lost:
        return find_upload(call, request)
    if standing.video is None:
        return None
    video = client.get_state(call, standing.video.id)
    if video is None or video.id in request.known_remote_ids:
        return None
    refuse(video, request)
    return video.id


def find_upload(call: Call, request: PublishRequest) -> str | None:
    """Look among the channel's newest uploads, which cost one unit of the quota; a search costs a hundred times that.

    Raises OutcomeUnknown when the channel uploaded so much since that the list does not reach back far enough.
    """
    since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
    found = [
        upload
        for channel in client.list_channels(call)
        if channel.id == request.account.remote_id
        for upload in client.list_uploads(call, channel.uploads_id)
    ]
    for upload in found:
        is_free = upload.video_id not in request.known_remote_ids
        if is_free and _is_in(upload.published_at, since, call.now) and _is_the_video(upload, request):
            return upload.video_id
    oldest = found[-1].published_at if found else None
    if len(found) >= client.PAGE_SIZE and (oldest is None or oldest >= since):
        raise OutcomeUnknown(_("The account has posted too much since to find this post by itself."))
    return None


def find_comment(call: Call, request: CommentRequest) -> str | None:
    """Return the id of the channel's own comment with this text below its video."""
    since = (request.sent_at or request.created_at) - CLOCK_DIFFERENCE_MAX
    found = client.list_comments(call, request.remote_id)
    for comment in found:
        is_ours = comment.channel_id == request.account.remote_id
        is_free = comment.id not in request.known_remote_ids
        is_said = plain_form(comment.text) == plain_form(request.text)
        if is_ours and is_free and is_said and _is_in(comment.published_at, since, call.now):
            return comment.id
    oldest = found[-1].published_at if found else None
    if len(found) >= client.COMMENTS_MAX and (oldest is None or oldest >= since):
        raise OutcomeUnknown(_("The video has too many comments since to find this one by itself."))
    return None


def _is_in(moment: datetime | None, since: datetime, now: datetime) -> bool:
    return moment is not None and since <= moment <= now + CLOCK_DIFFERENCE_MAX


def _is_the_video(upload: client.Upload, request: PublishRequest) -> bool:
    content = request.content
    return plain_form(upload.title) == plain_form(title_of(content)) and plain_form(
        upload.description
    ) == plain_form(description_of(content))
