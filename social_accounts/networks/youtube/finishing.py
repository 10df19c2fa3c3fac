"""After the last piece: YouTube works on the video, then it gets its thumbnail and its place in a playlist."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..base import (
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Processing,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from ..images import prepare_image
from ..words import _
from . import client
from .client import UPLOADED, VideoState
from .config import LABEL
from .errors import Call
from .features import FEATURES
from .metadata import PRIVATE, visibility_of

LOOK_AGAIN, LOOK_AGAIN_MAX = timedelta(seconds=10), timedelta(minutes=5)
EXTRAS_TRIES = 3
EXTRAS_AGAIN = timedelta(minutes=1)
_FAILURES = {
    "duplicate": RejectionReason.DUPLICATE,
    "copyright": RejectionReason.POLICY,
    "claim": RejectionReason.POLICY,
    "inappropriate": RejectionReason.POLICY,
    "legal": RejectionReason.POLICY,
    "termsOfUse": RejectionReason.POLICY,
    "trademark": RejectionReason.POLICY,
    "uploaderAccountClosed": RejectionReason.ACCOUNT_RESTRICTED,
    "uploaderAccountSuspended": RejectionReason.ACCOUNT_RESTRICTED,
}
_WORDS = {
    "codec": _("YouTube cannot read the codec of the video."),
    "conversion": _("YouTube could not convert the video."),
    "duplicate": _("YouTube has this video already."),
    "length": _("The video is longer than YouTube lets this channel upload."),
    "copyright": _("YouTube refused the video: it sees somebody's copyright in it."),
    "inappropriate": _("YouTube refused the video: it finds it inappropriate."),
}


def next_look(video: VideoState, now: datetime) -> datetime:
    """Return when to ask again: when YouTube says it is done, within bounds."""
    left = timedelta(milliseconds=video.milliseconds_left or 0)
    return now + min(max(left, LOOK_AGAIN), LOOK_AGAIN_MAX)


def publication_of(call: Call, request: PublishRequest, poll_token: str) -> str | Processing:
    """Return the video's id once it can be watched as asked; ``poll_token`` is that id and how often it was tried."""
    video_id, _space, tries = poll_token.partition(" ")
    video = client.get_state(call, video_id)
    if video is None:
        raise OutcomeUnknown(_("YouTube no longer knows the video it took."))
    refuse(video, request)
    if video.upload_status == UPLOADED:
        return Processing(poll_token=poll_token, check_at=next_look(video, call.now))
    count = int(tries or 0) + 1
    if not _has_extras(call, request, video_id) and count < EXTRAS_TRIES:
        return Processing(poll_token=f"{video_id} {count}", check_at=call.now + EXTRAS_AGAIN)
    return video_id


def refuse(video: VideoState, request: PublishRequest) -> None:
    """Raise Rejected when YouTube will not show this video, or not to those it was meant for."""
    if video.failure:
        raise Rejected(
            _FAILURES.get(video.failure, RejectionReason.MEDIA_INVALID),
            _WORDS.get(video.failure)
            or _("%(network)s refused the video: %(reason)s", network=LABEL, reason=video.failure),
        )
    is_done = video.upload_status != UPLOADED
    if is_done and video.privacy == PRIVATE != visibility_of(request.content):
        raise Rejected(
            RejectionReason.POLICY,
            _(
                "YouTube has the video but keeps it private: Google has not audited the project of this Chorus."
                " It is in the channel's YouTube Studio."
            ),
        )


def _has_extras(call: Call, request: PublishRequest, video_id: str) -> bool:
    """Give the video what it gets beside itself. Nothing that goes wrong here may look like a failure of the video.

    False: it may be tried again. What YouTube refuses for good stays as it is.
    """
    picture = next((media for media in request.content.media if not media.is_video), None)
    playlist = request.content.options.get("playlist", "")
    try:
        if picture is not None:
            ready = prepare_image(picture, bytes_max=FEATURES.image_bytes_max)
            client.set_thumbnail(call, video_id, content=ready.data, content_type=ready.content_type)
        if playlist and not client.is_in_playlist(call, playlist, video_id):
            client.add_to_playlist(call, playlist, video_id)
    except (NotSent, OutcomeUnknown, RateLimited):
        return False
    except NetworkError:
        return True
    return True
