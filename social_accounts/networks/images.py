"""Pictures made ready for a network: what they claim to be, free of hidden data, within a number of bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from .base import Media, Rejected, RejectionReason
from .words import _

READABLE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
DRAWING_FORMATS = ("PNG", "GIF")
"""Flat colors and sharp edges: kept without loss where they fit."""
PIXELS_MAX = 64_000_000
QUALITY_STEPS = (95, 88, 80)
"""Below this, fewer pixels look better than coarser ones."""
SHRINK_FACTOR = 0.8
SHRINK_STEPS_MAX = 12


@dataclass(frozen=True, kw_only=True)
class PreparedImage:
    data: bytes
    content_type: str
    width: int
    height: int


def prepare_image(media: Media, *, bytes_max: int) -> PreparedImage:
    """Return the picture upright, without EXIF, at most ``bytes_max`` large.

    The same input gives the same bytes. Shrinks in small steps and only as far as needed. Raises
    Rejected(MEDIA_INVALID) when it is no picture.
    """
    image = _opened(media)
    for width, height in _sizes(image):
        at_this_size = image if image.size == (width, height) else image.resize((width, height))
        for data, content_type in _encoded(at_this_size, is_drawing=image.format in DRAWING_FORMATS):
            if len(data) <= bytes_max:
                return PreparedImage(data=data, content_type=content_type, width=width, height=height)
    raise Rejected(
        RejectionReason.MEDIA_INVALID, _("“%(name)s” cannot be made small enough.", name=media.filename)
    )


def _opened(media: Media) -> Image.Image:
    no_picture = Rejected(
        RejectionReason.MEDIA_INVALID,
        _("“%(name)s” is not a picture that can be read.", name=media.filename),
    )
    try:
        with media.open() as stream, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream, formats=READABLE_FORMATS)
            if image.width * image.height > PIXELS_MAX:
                raise no_picture
            image.load()
            upright = ImageOps.exif_transpose(image)
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as e:
        raise no_picture from e
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    ready = upright.convert("RGBA" if has_alpha else "RGB")
    profile = upright.info.get("icc_profile")
    ready.info = {"icc_profile": profile} if profile and upright.mode in ("RGB", "RGBA") else {}
    ready.format = image.format
    return ready


def _sizes(image: Image.Image) -> Iterator[tuple[int, int]]:
    width, height = float(image.width), float(image.height)
    for _step in range(SHRINK_STEPS_MAX):
        yield max(1, round(width)), max(1, round(height))
        width, height = width * SHRINK_FACTOR, height * SHRINK_FACTOR


def _encoded(image: Image.Image, *, is_drawing: bool) -> Iterator[tuple[bytes, str]]:
    profile = image.info.get("icc_profile")
    if is_drawing or image.mode == "RGBA":
        yield _saved(image, "PNG", optimize=True, icc_profile=profile), "image/png"
    if image.mode == "RGBA":
        for quality in QUALITY_STEPS:
            yield _saved(image, "WEBP", quality=quality, icc_profile=profile or b""), "image/webp"
    else:
        for quality in QUALITY_STEPS:
            data = _saved(image, "JPEG", quality=quality, optimize=True, icc_profile=profile)
            yield data, "image/jpeg"


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
