"""Pictures made ready for a network: what they claim to be, free of hidden data, within a number of bytes."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from PIL import Image, ImageOps

from .base import Media, PictureForm, Rejected, RejectionReason
from .words import _

READABLE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
DRAWING_FORMATS = ("PNG", "GIF")
"""Flat colors and sharp edges: kept without loss where they fit."""
PIXELS_MAX = 64_000_000
MADE_FROM = ("image/jpeg", "image/png", "image/webp")
"""Pictures that can be made another kind of picture and stay what they show; a GIF would stop moving."""
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
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


def prepare_image(
    media: Media,
    *,
    bytes_max: int,
    types: Collection[str] = MADE_FROM,
    width_max: int | None = None,
    pixels_max: int | None = None,
) -> PreparedImage:
    """Return the picture upright, without EXIF, of one of the ``types``, at most ``bytes_max`` large.

    The same input gives the same bytes. Shrinks in small steps and only as far as needed. Raises
    Rejected(MEDIA_INVALID) when it is no picture.
    """
    image = _opened(media)
    for width, height in _sizes(image, width_max=width_max, pixels_max=pixels_max):
        at_this_size = image if image.size == (width, height) else image.resize((width, height))
        at_this_size.info = image.info
        is_drawing = image.format in DRAWING_FORMATS
        for data, content_type in _encoded(at_this_size, is_drawing=is_drawing, types=types):
            if len(data) <= bytes_max:
                return PreparedImage(data=data, content_type=content_type, width=width, height=height)
    raise Rejected(
        RejectionReason.MEDIA_INVALID, _("“%(name)s” cannot be made small enough.", name=media.filename)
    )


def fits(media: Media, form: PictureForm) -> bool:
    """Say whether the network takes this picture as it is. What was not measured is not held against it."""
    width, height = media.width or 0, media.height or 0
    return (
        media.content_type in form.types
        and media.size_bytes <= form.bytes_max
        and (form.width_max is None or width <= form.width_max)
        and (form.pixels_max is None or width * height <= form.pixels_max)
    )


def is_made_to_fit(media: Media, form: PictureForm | None) -> bool:
    """Say whether the picture goes out otherwise than it came."""
    return form is not None and media.content_type in MADE_FROM and not fits(media, form)


def fitted(media: Media, form: PictureForm) -> Media:
    """Return the picture as the network takes it: itself, where it fits or is of a kind that is left alone.

    Raises Rejected(MEDIA_INVALID) for what is no picture, or moves and would stand still.
    """
    if not is_made_to_fit(media, form):
        return media
    if _moves(media):
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            _("“%(name)s” is a moving picture, and would stand still there.", name=media.filename),
        )
    made = prepare_image(
        media,
        bytes_max=form.bytes_max,
        types=form.types,
        width_max=form.width_max,
        pixels_max=form.pixels_max,
    )
    return replace(
        media,
        content_type=made.content_type,
        size_bytes=len(made.data),
        open=lambda: io.BytesIO(made.data),
        width=made.width,
        height=made.height,
        filename=f"{media.filename.rpartition('.')[0] or media.filename}.{ENDINGS[made.content_type]}",
    )


def _moves(media: Media) -> bool:
    try:
        with media.open() as stream, Image.open(stream, formats=READABLE_FORMATS) as image:
            return getattr(image, "n_frames", 1) > 1
    except (OSError, ValueError, SyntaxError):
        return False  # whether it can be read at all is found out next


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


def _sizes(image: Image.Image, *, width_max: int | None, pixels_max: int | None) -> Iterator[tuple[int, int]]:
    width, height = float(image.width), float(image.height)
    largest = min(
        1.0,
        width_max / width if width_max else 1.0,
        math.sqrt(pixels_max / (width * height)) if pixels_max else 1.0,
    )
    if largest < 1:
        width, height = math.floor(width * largest + 1e-6), math.floor(height * largest + 1e-6)
    for _step in range(SHRINK_STEPS_MAX):
        yield max(1, round(width)), max(1, round(height))
        width, height = width * SHRINK_FACTOR, height * SHRINK_FACTOR


def _encoded(image: Image.Image, *, is_drawing: bool, types: Collection[str]) -> Iterator[tuple[bytes, str]]:
    profile = image.info.get("icc_profile")
    is_see_through = image.mode == "RGBA"
    if "image/png" in types and (is_drawing or is_see_through):
        yield _saved(image, "PNG", optimize=True, icc_profile=profile), "image/png"
    if "image/webp" in types and is_see_through:
        for quality in QUALITY_STEPS:
            yield _saved(image, "WEBP", quality=quality, icc_profile=profile or b""), "image/webp"
    elif "image/jpeg" in types:
        on_white = _on_white(image) if is_see_through else image
        for quality in QUALITY_STEPS:
            # Sharp colored edges want their colors at full resolution.
            options = {"subsampling": 0} if is_drawing and "image/png" not in types else {}
            data = _saved(on_white, "JPEG", quality=quality, optimize=True, icc_profile=profile, **options)
            yield data, "image/jpeg"


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
