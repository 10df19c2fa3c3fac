"""The demo's pictures, drawn, so that no photograph has to be shipped."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

WIDTH: Final = 1200
HEIGHT: Final = 675
Tone = tuple[int, int, int]


@dataclass(frozen=True)
class Light:
    """The colors of a time of day, and what a picture in them shows, in words."""

    name: str
    above: Tone
    below: Tone
    sun: Tone
    ground: Tone
    words: str


DAWN: Final = Light(
    "bridge-at-dawn",
    (38, 40, 90),
    (218, 130, 130),
    (255, 214, 170),
    (20, 20, 34),
    "Two people cycle over a bridge while the sun rises behind them",
)
FJORD: Final = Light(
    "fjord",
    (18, 52, 74),
    (150, 205, 205),
    (240, 250, 240),
    (10, 30, 40),
    "Two bicycles in a deep blue green on a bridge, in cold light",
)
DUSK: Final = Light(
    "ride-home",
    (52, 24, 60),
    (240, 150, 90),
    (255, 120, 80),
    (24, 14, 24),
    "Two people cycle home over a bridge under a red evening sky",
)
COFFEE: Final = Light(
    "first-cup",
    (70, 44, 30),
    (236, 206, 170),
    (255, 240, 214),
    (40, 24, 16),
    "A bridge in brown and cream, two cyclists on their way to the first cup",
)


def bridge(light: Light) -> SimpleUploadedFile:
    """Draw two people on bicycles on a bridge."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for row in range(HEIGHT):
        share = row / HEIGHT
        draw.line([(0, row), (WIDTH, row)], fill=_between(light.above, light.below, share))
    draw.ellipse((820, 330, 980, 490), fill=light.sun)
    draw.rectangle((0, 520, WIDTH, 545), fill=light.ground)
    for left in range(-100, WIDTH, 400):
        draw.arc((left, 380, left + 400, 680), 180, 360, fill=light.ground, width=8)
    for middle in (360, 520):
        _cyclist(draw, middle, light.ground)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return SimpleUploadedFile(f"{light.name}.jpg", file.getvalue(), "image/jpeg")


def _between(above: Tone, below: Tone, share: float) -> Tone:
    red, green, blue = (int(top + (end - top) * share) for top, end in zip(above, below, strict=True))
    return red, green, blue


def _cyclist(draw: ImageDraw.ImageDraw, middle: int, color: Tone) -> None:
    for wheel in (middle - 34, middle + 34):
        draw.ellipse((wheel - 24, 472, wheel + 24, 520), outline=color, width=6)
    draw.line([(middle - 34, 496), (middle, 460), (middle + 34, 496)], fill=color, width=6)
    draw.ellipse((middle - 12, 404, middle + 12, 428), fill=color)
    draw.line([(middle, 428), (middle - 6, 462)], fill=color, width=10)
