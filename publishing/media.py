"""Pictures and videos as they come in: looked at, not believed."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, UnidentifiedImageError

from publishing.errors import UnusableMedia
from publishing.videos import Video, is_video, measure, unreadable

SIZE_MAX_BYTES: Final = 20 * 1024 * 1024  # of a picture
VIDEO_BYTES_MAX: Final = (
    1024 * 1024 * 1024
)  # less than the largest a network takes: a bound for the installation
PIXELS_MAX: Final = 50_000_000  # a larger one is a decompression bomb, or nobody can show it
CONTENT_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
ON_THEIR_SIDE: Final = frozenset(
    {5, 6, 7, 8}
)  # EXIF orientations of pictures that are shown turned by a quarter
# What the file dialog offers; what a file really is, is found out when it is here.
ACCEPTED: Final = (*CONTENT_TYPES.values(), "video/mp4", "video/quicktime", "video/webm")


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a file turned out to be. ``video`` has what only a video has."""

    content_type: str
    size_bytes: int
    width: int
    height: int
    digest: str
    video: Video | None = None


def look_at(upload: UploadedFile[Any]) -> Looked:
    """Return what the file really is, whatever its name and the browser say. Raises UnusableMedia."""
    name, size = upload.name or _("The file"), upload.size or 0
    seems_video = is_video(upload)
    if not seems_video and (upload.content_type or "").startswith("video/"):
        raise UnusableMedia(unreadable(name))
    check_size(name, size, is_video=seems_video)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    if seems_video:
        video = measure(upload, name)
        upload.seek(0)
        return Looked(
            content_type=video.content_type,
            size_bytes=size,
            width=video.width,
            height=video.height,
            digest=digest.hexdigest(),
            video=video,
        )
    kind, width, height = _picture(upload, name)
    return Looked(
        content_type=CONTENT_TYPES[kind],
        size_bytes=size,
        width=width,
        height=height,
        digest=digest.hexdigest(),
    )


def check_size(name: str, size_bytes: int, *, is_video: bool) -> None:
    """Raise UnusableMedia where the file is larger than we take; asked before the file is here as well."""
    if is_video and size_bytes > VIDEO_BYTES_MAX:
        raise UnusableMedia(
            _("%(name)s is too large (%(size)s). A video may have %(limit)s.")
            % {"name": name, "size": filesizeformat(size_bytes), "limit": filesizeformat(VIDEO_BYTES_MAX)}
        )
    if not is_video and size_bytes > SIZE_MAX_BYTES:
        raise UnusableMedia(
            _("%(name)s is too large (%(size)s). A picture may have %(limit)s.")
            % {"name": name, "size": filesizeformat(size_bytes), "limit": filesizeformat(SIZE_MAX_BYTES)}
        )


def _picture(upload: UploadedFile[Any], name: str) -> tuple[str, int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload) as image:
                kind, (width, height) = image.format or "", image.size
                if image.getexif().get(ExifTags.Base.Orientation) in ON_THEIR_SIDE:
                    width, height = height, width
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
    return kind, width, height
