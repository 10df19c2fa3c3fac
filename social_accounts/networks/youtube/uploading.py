"""A video to YouTube in steps: announce it, bring all of it but the last piece. The last piece is the publishing.

The progress is ``{"session": "https://…"}``: how much of the video is there, the session says itself.
"""

from __future__ import annotations

from ..answers import text_of
from ..base import Media, NotSent, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..words import _
from . import session
from .client import VideoState
from .config import LABEL
from .errors import Call
from .features import LIMITS
from .metadata import metadata_of, tells_subscribers

PIECE_BYTES = 32 * LIMITS["video"]["chunk_multiple_bytes"]


def video_of(request: PublishRequest) -> Media:
    """Return the one video of the content. Raises Rejected(MEDIA_INVALID) where there is none."""
    for media in request.content.media:
        if media.is_video:
            return media
    raise Rejected(RejectionReason.MEDIA_INVALID, _("YouTube takes exactly one video."))


def next_step(call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Announce the video, or bring the next piece of it; a session that is lost is begun anew."""
    media, address = video_of(request), text_of(request.prepared, "session")
    if not address:
        made = session.start(
            call,
            media,
            metadata_of(request.content),
            tells_subscribers=tells_subscribers(request.content),
        )
        return _step(made, is_last=media.size_bytes <= PIECE_BYTES)
    standing = session.ask(call, address, media.size_bytes)
    if standing.is_lost:
        return Preparing(progress={})
    left = media.size_bytes - standing.sent
    if standing.video is None and left > PIECE_BYTES:
        standing = session.bring(call, address, media, first=standing.sent, count=PIECE_BYTES)
        if standing.is_lost:
            return Preparing(progress={})
        left = media.size_bytes - standing.sent
    return _step(address, is_last=standing.video is not None or left <= PIECE_BYTES)


def finish(call: Call, request: PublishRequest) -> VideoState:
    """Bring the last piece and return the video; the one that is there already when it was brought before.

    Raises NotSent when YouTube lost what it had: then the video goes up anew.
    """
    media, address = video_of(request), text_of(request.prepared, "session")
    standing = session.ask(call, address, media.size_bytes) if address else session.Standing(is_lost=True)
    if standing.video is None and not standing.is_lost and media.size_bytes - standing.sent <= PIECE_BYTES:
        standing = session.bring(call, address, media, first=standing.sent, count=PIECE_BYTES)
    if standing.video is None:
        raise NotSent(_("%(host)s lost an uploaded file.", host=LABEL))
    return standing.video


def _step(address: str, *, is_last: bool) -> Preparing | Prepared:
    progress = {"session": address}
    return Prepared(progress=progress) if is_last else Preparing(progress=progress)
