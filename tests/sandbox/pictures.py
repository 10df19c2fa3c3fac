"""Small real pictures."""

from __future__ import annotations

import io

from PIL import Image


def png(color: tuple[int, int, int] = (20, 90, 200), size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()
