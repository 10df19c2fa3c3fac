"""Pictures as they come in: looked at, not believed."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

SIZE_MAX_BYTES: Final = 20 * 1024 * 1024
PIXELS_MAX: Final = 50_000_000  # a larger one is a decompression bomb, or nobody can show it
CONTENT_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


class UnusableMedia(ValueError):
    """The file cannot be part of a post. The message says why and is for the person."""


@dataclass(frozen=True)
class Picture:
    """What a file turned out to be."""

    content_type: str
    size_bytes: int
    width: int
    height: int
    digest: str


def look_at(upload: UploadedFile[Any]) -> Picture:
    """Return what the file really is, whatever its name and the browser say. Raises UnusableMedia."""
    name, size = upload.name or _("The file"), upload.size or 0
    if size > SIZE_MAX_BYTES:
        raise UnusableMedia(
            _("%(name)s is too large (%(size)s). A picture may have %(limit)s.")
            % {"name": name, "size": filesizeformat(size), "limit": filesizeformat(SIZE_MAX_BYTES)}
        )
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload) as image:
                kind, (width, height) = image.format or "", image.size
                if width * height > PIXELS_MAX:
                    raise Image.DecompressionBombError
                image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
        raise UnusableMedia(
            _("%(name)s is not a picture we can read. Use JPEG, PNG, GIF or WebP.") % {"name": name}
        ) from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise UnusableMedia(
            _("%(name)s has too many pixels. A picture may have 50 million.") % {"name": name}
        ) from problem
    finally:
        upload.seek(0)
    if kind not in CONTENT_TYPES:
        raise UnusableMedia(
            _("%(name)s is a %(kind)s file. Use JPEG, PNG, GIF or WebP.") % {"name": name, "kind": kind}
        )
    return Picture(CONTENT_TYPES[kind], size, width, height, digest.hexdigest())
