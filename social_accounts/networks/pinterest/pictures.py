"""The pictures and videos of a Pin as the interface takes them. Source: OpenAPI 5.23.0, PinMediaSource."""

from __future__ import annotations

import base64

from ..base import Content, Media, Rejected, RejectionReason
from ..images import prepare_image
from ..words import _
from .features import IMAGES, link_of, pictures_of, title_of

INTERFACE_TYPES = ("image/jpeg", "image/png")
COVER_SECOND = 0
"""Without a cover of its own a video shows its beginning."""


def media_source(content: Content, video_id: str) -> dict[str, object]:
    """Return what the Pin shows: one picture, two to five of them, or the uploaded video ``video_id``."""
    pictures = pictures_of(content)
    if video_id:
        return {"source_type": "video_id", "media_id": video_id, **_cover(pictures)}
    if len(pictures) == 1:
        return {"source_type": "image_base64", **_encoded(pictures[0], IMAGES["max_bytes"])}
    bytes_max = IMAGES["max_bytes"] // max(1, len(pictures))  # they travel in one request
    title, link = title_of(content), link_of(content)
    each = {**({"title": title} if title else {}), **({"link": link} if link else {})}
    items = [{**_encoded(picture, bytes_max), **each} for picture in pictures]
    return {"source_type": "multiple_image_base64", "items": items}


def _cover(pictures: list[Media]) -> dict[str, object]:
    if not pictures:
        return {"cover_image_key_frame_time": COVER_SECOND}
    cover = _encoded(pictures[0], IMAGES["max_bytes"])
    return {"cover_image_content_type": cover["content_type"], "cover_image_data": cover["data"]}


def _encoded(picture: Media, bytes_max: int) -> dict[str, str]:
    made = prepare_image(picture, bytes_max=bytes_max)
    if made.content_type not in INTERFACE_TYPES:
        raise Rejected(
            RejectionReason.MEDIA_INVALID, _("“%(name)s” cannot be made small enough.", name=picture.filename)
        )
    return {"content_type": made.content_type, "data": base64.b64encode(made.data).decode("ascii")}
