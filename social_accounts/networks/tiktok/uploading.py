"""A video to TikTok in steps: ask what the account may do, announce the video, bring all of it but the last piece.

The progress is ``{"publish_id", "address", "piece"}``: ``piece`` is the next one to bring. The last one posts it.
"""

from __future__ import annotations

from ..answers import address_of, number_of, text_of
from ..base import Content, Media, NotSent, Prepared, Preparing, PublishRequest, Rejected, RejectionReason
from ..words import _
from . import client
from .config import LABEL
from .errors import Call
from .features import LIMITS, YES, outgoing_text

PIECE_BYTES = 2 * LIMITS["video"]["chunk_min_bytes"]


def pieces_of(size: int) -> list[tuple[int, int]]:
    """Return first and last byte of each piece: equal ones, and what is left over with the last of them."""
    count = max(1, size // PIECE_BYTES)
    starts = [number * PIECE_BYTES for number in range(count)]
    ends = [start - 1 for start in starts[1:]] + [size - 1]
    return list(zip(starts, ends, strict=True))


def next_step(call: Call, request: PublishRequest) -> Preparing | Prepared:
    """Do the next step of the upload; an address that TikTok has closed is asked for anew."""
    media, progress = video_of(request.content), request.prepared
    pieces = pieces_of(media.size_bytes)
    publish_id, address = text_of(progress, "publish_id"), address_of(progress, "address")
    if not address:
        return _step(_announced(call, request.content, media), 0, pieces)
    upload = client.Upload(publish_id=publish_id, address=address)
    piece = number_of(progress, "piece") or 0
    if piece >= len(pieces) - 1:
        return _step(upload, piece, pieces)
    first, last = pieces[piece]
    status = client.put_piece(call, address, media, first=first, last=last)
    if status in client.GONE:
        return Preparing(progress={})
    if status == client.OUT_OF_ORDER:
        return _resumed(call, upload, pieces)
    return _step(upload, piece + 1, pieces)


def finish(call: Call, request: PublishRequest) -> str:
    """Bring the last piece and return the publish id.

    Raises NotSent when TikTok has lost what it had: then the video goes up anew.
    """
    media, progress = video_of(request.content), request.prepared
    publish_id, address = text_of(progress, "publish_id"), address_of(progress, "address")
    if not address:
        raise _lost()
    standing = client.get_standing(call, publish_id)
    if standing.status == client.FAILED:
        raise _lost()
    if standing.status != client.UPLOADING or standing.bytes_there == media.size_bytes:
        return publish_id  # an earlier attempt brought it whole
    first, last = pieces_of(media.size_bytes)[-1]
    if client.put_piece(call, address, media, first=first, last=last) in client.GONE:
        raise _lost()
    return publish_id  # out of order: it has the last piece already


def is_missing(standing: client.Standing, size: int) -> bool:
    """Say whether the video is certainly not there: TikTok gave it up, or names fewer bytes than it has."""
    if standing.status == client.UPLOADING:
        return standing.bytes_there is not None and standing.bytes_there < size
    return standing.status == client.FAILED


def video_of(content: Content) -> Media:
    """Return the one video of the content. Raises Rejected(MEDIA_INVALID) where there is none."""
    for media in content.media:
        if media.is_video:
            return media
    raise Rejected(RejectionReason.MEDIA_INVALID, _("TikTok takes exactly one video."))


def _announced(call: Call, content: Content, media: Media) -> client.Upload:
    creator = client.get_creator(call)
    privacy = content.options.get("privacy", "")
    if privacy not in creator.privacy_levels:
        raise Rejected(
            RejectionReason.POLICY, _("TikTok does not offer this account the audience that was chosen.")
        )
    if creator.seconds_max and media.seconds and media.seconds > creator.seconds_max:
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            _("This account may post videos of at most %(limit)s seconds.", limit=creator.seconds_max),
        )
    options, promotes = content.options, content.options.get("promotes", "")
    post = {
        "title": outgoing_text(content),
        "privacy_level": privacy,
        "disable_comment": not (options.get("comments") == YES and creator.has_comments),
        "disable_duet": not (options.get("duets") == YES and creator.has_duets),
        "disable_stitch": not (options.get("stitches") == YES and creator.has_stitches),
        "brand_organic_toggle": promotes in ("own", "both"),
        "brand_content_toggle": promotes in ("others", "both"),
        "is_aigc": options.get("made_with_ai") == YES,
    }
    size, count = media.size_bytes, len(pieces_of(media.size_bytes))
    return client.start_video(call, post, size=size, piece=PIECE_BYTES if count > 1 else size, count=count)


def _resumed(call: Call, upload: client.Upload, pieces: list[tuple[int, int]]) -> Preparing | Prepared:
    """Go on where TikTok says it stopped; anew where that is in the midst of a piece."""
    there = client.get_standing(call, upload.publish_id).bytes_there
    for piece, (first, _last) in enumerate(pieces):
        if first == there:
            return _step(upload, piece, pieces)
    return Preparing(progress={})


def _step(upload: client.Upload, piece: int, pieces: list[tuple[int, int]]) -> Preparing | Prepared:
    progress = {"publish_id": upload.publish_id, "address": upload.address, "piece": piece}
    return Prepared(progress=progress) if piece >= len(pieces) - 1 else Preparing(progress=progress)


def _lost() -> NotSent:
    return NotSent(_("%(host)s lost an uploaded file.", host=LABEL))
