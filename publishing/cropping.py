"""Cutting a picture: the part a person chose, and the ratios the networks take."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from publishing.errors import UnusableMedia
from social_accounts.connections import features
from social_accounts.networks.data import content_limits

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture held upright
FORMATS: Final[Mapping[str, str]] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SIDE_MIN: Final = 20  # pixels; less is a slip of the hand
QUALITY: Final = 92
# Where limits.json keeps what a network takes, when not under its own name.
LIMITS_OF: Final[Mapping[str, str]] = {
    "facebook": "facebook_page",
    "instagram": "instagram_feed",
    "tiktok": "tiktok_photo",
}
SIMPLE_MAX: Final = 16  # the largest number of a ratio that is still easily said
NEAR: Final = 0.01  # ratios that differ by less are the same to a network


@dataclass(frozen=True)
class Ratio:
    """What one network takes of a picture's width divided by its height. None: no bound on that side."""

    network: str
    low: float | None
    high: float | None
    advised: Fraction | None

    @property
    def label(self) -> str:
        return features(self.network).label

    # As the page's script reads them, and as people do.
    @property
    def low_number(self) -> str:
        return str(self.low or "")

    @property
    def high_number(self) -> str:
        return str(self.high or "")

    @property
    def advised_number(self) -> str:
        return str(float(self.advised)) if self.advised else ""

    @property
    def low_words(self) -> str:
        return _words(self.low)

    @property
    def high_words(self) -> str:
        return _words(self.high)

    @property
    def advised_words(self) -> str:
        return _words(float(self.advised) if self.advised else None)

    def takes(self, width: int, height: int) -> bool:
        ratio = width / height
        return not (self.low and ratio < self.low * (1 - NEAR)) and not (
            self.high and ratio > self.high * (1 + NEAR)
        )


def ratio_of(network: str) -> Ratio | None:
    """Return the network's bound on pictures from limits.json; None where it takes any."""
    try:
        said = content_limits(LIMITS_OF.get(network, network)).get("images", {}).get("aspect_ratio")
    except KeyError:
        return None
    if not said:
        return None
    exact = said.get("exact")
    advised = exact or said.get("advised")
    return Ratio(
        network=network,
        low=_number(exact or said.get("min")),
        high=_number(exact or said.get("max")),
        advised=_fraction(advised) if advised else None,
    )


def ratios(networks: Iterable[str]) -> list[Ratio]:
    """Return the bounds of those networks that have one."""
    return [found for found in map(ratio_of, networks) if found is not None]


def cropped(stream: IO[bytes], content_type: str, box: Box) -> tuple[io.BytesIO, int, int]:
    """Return the box cut out of the picture, as the same kind of file, and its width and height.

    Without hidden data: a crop is a new picture. Raises UnusableMedia.
    """
    if content_type not in FORMATS:
        raise UnusableMedia(_("Only JPEG, PNG and WebP pictures can be cropped."))
    try:
        with Image.open(stream, formats=[FORMATS[content_type]]) as opened:
            profile: Any = opened.info.get("icc_profile")
            image = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError) as problem:
        raise UnusableMedia(_("The picture can no longer be read. Add it again.")) from problem
    left, top, right, bottom = box
    fits = 0 <= left < right <= image.width and 0 <= top < bottom <= image.height
    if not fits or min(right - left, bottom - top) < min(SIDE_MIN, image.width, image.height):
        raise UnusableMedia(_("That part lies outside of the picture, or is too small."))
    content = io.BytesIO()
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if content_type != "image/png":
        options["quality"] = QUALITY
    image.crop(box).save(content, FORMATS[content_type], **options)
    content.seek(0)
    return content, right - left, bottom - top


def _words(ratio: float | None) -> str:
    """Return a ratio as people say it: "4:5", "1.91:1"; the infinity sign for no bound."""
    if ratio is None:
        return "∞"
    simple = Fraction(ratio).limit_denominator(SIMPLE_MAX)
    if max(simple.as_integer_ratio()) <= SIMPLE_MAX and abs(float(simple) - ratio) < NEAR / 2:
        return f"{simple.numerator}:{simple.denominator}"
    return f"{ratio:.2f}:1"


def _number(value: object) -> float | None:
    if value is None:
        return None
    return float(_fraction(value)) if isinstance(value, str) else float(str(value))


def _fraction(value: object) -> Fraction:
    return Fraction(str(value).replace(":", "/"))
