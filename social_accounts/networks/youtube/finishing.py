"""After the last piece: YouTube works on the video, then it gets its thumbnail and its place in a playlist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..base import (
    Media,
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


@dataclass(frozen=True, kw_only=True)
class Finished:
    """``shortfall``: what the video did not get beside itself; empty when it has everything."""

    video_id: str
    shortfall: str = ""


def publication_of(call: Call, request: PublishRequest, poll_token: str) -> Finished | Processing:
    """Return the video once it can be watched as asked; ``poll_token`` is its id and how often it was tried."""
    video_id, _space, tries = poll_token.partition(" ")
    video = client.get_state(call, video_id)
    if video is None:
        raise OutcomeUnknown(_("YouTube no longer knows the video it took."))
    refuse(video, request)
    if video.upload_status == UPLOADED:
        return Processing(poll_token=poll_token, check_at=next_look(video, call.now))
    count = int(tries or 0) + 1
    missing = _give_extras(call, request, video_id)
    if any(one.may_come for one in missing) and count < EXTRAS_TRIES:
        return Processing(poll_token=f"{video_id} {count}", check_at=call.now + EXTRAS_AGAIN)
    return Finished(video_id=video_id, shortfall=_told(missing))


def unknown_extras(request: PublishRequest) -> str:
    """Return what to say of a video that was found again: nobody knows what it has beside itself."""
    if _thumbnail_of(request) is None and not request.content.options.get("playlist"):
        return ""
    return _(
        "The video was found again at YouTube. Look there whether it has its thumbnail and its playlist."
    )


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


@dataclass(frozen=True, kw_only=True)
class _Missing:
    """``may_come``: another try may bring it. ``why`` is YouTube's own words."""

    what: str
    why: str
    may_come: bool


def _thumbnail_of(request: PublishRequest) -> Media | None:
    return next((media for media in request.content.media if not media.is_video), None)


def _give_extras(call: Call, request: PublishRequest, video_id: str) -> list[_Missing]:
    """Give the video what it gets beside itself, and return what it did not get.

    Nothing that goes wrong here may look like a failure of the video, and nothing may be kept quiet.
    """
    picture, playlist = _thumbnail_of(request), request.content.options.get("playlist", "")
    wanted: list[tuple[str, Callable[[], None]]] = []
    if picture is not None:
        wanted.append(("thumbnail", lambda: _set_thumbnail(call, video_id, picture)))
    if playlist:
        wanted.append(("playlist", lambda: _put_into(call, playlist, video_id)))
    missing = []
    for what, give in wanted:
        try:
            give()
        except (NotSent, OutcomeUnknown, RateLimited) as error:
            missing.append(_Missing(what=what, why=str(error), may_come=True))
        except NetworkError as error:
            missing.append(_Missing(what=what, why=str(error), may_come=False))
    return missing


def _set_thumbnail(call: Call, video_id: str, picture: Media) -> None:
    ready = prepare_image(picture, bytes_max=FEATURES.image_bytes_max, types=FEATURES.image_types)
    client.set_thumbnail(call, video_id, content=ready.data, content_type=ready.content_type)


def _put_into(call: Call, playlist: str, video_id: str) -> None:
    if not client.is_in_playlist(call, playlist, video_id):
        client.add_to_playlist(call, playlist, video_id)


def _told(missing: list[_Missing]) -> str:
    if not missing:
        return ""
    if len(missing) > 1:
        return _(
            "The video is out, but YouTube took neither its thumbnail nor its place in the playlist: %(why)s",
            why=missing[0].why,
        )
    (one,) = missing
    if one.what == "playlist":
        return _("The video is out, but YouTube did not put it into the playlist: %(why)s", why=one.why)
    return _("The video is out, but YouTube did not take its thumbnail: %(why)s", why=one.why)
