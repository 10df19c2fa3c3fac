"""What is in a video file: read from its headers by MediaInfo, without playing it (docs/adr/0014)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from pymediainfo import MediaInfo, Track

from publishing.errors import UnusableMedia

# How a file of these containers begins: a box of one of these kinds, or the EBML header of WebM.
MP4_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
EBML: Final = b"\x1aE\xdf\xa3"
BOX_KIND: Final = slice(4, 8)
# The names networks and adapters use for what MediaInfo calls otherwise; every other is its own in lower case.
CODEC_NAMES: Final[Mapping[str, str]] = {
    "AVC": "h264",
    "MPEG-4 Visual": "mpeg4",
    "MPEG Video": "mpeg2",
    "MPEG Audio": "mp3",
}
MILLISECONDS: Final = 1000
ON_ITS_SIDE: Final = frozenset({90, 270})


@dataclass(frozen=True, kw_only=True)
class Video:
    """Width and height as it is shown, upright. ``frames_per_second`` is None where it does not say."""

    content_type: str
    width: int
    height: int
    seconds: float
    frames_per_second: float | None
    codecs: tuple[str, ...]


def is_video(upload: UploadedFile[Any]) -> bool:
    """Say whether the file begins as a video does, or as one that we would refuse by name."""
    head = upload.read(12)
    upload.seek(0)
    return head[BOX_KIND] in MP4_BOXES or head.startswith(EBML)


def measure(upload: UploadedFile[Any], name: str) -> Video:
    """Return what the headers say. Raises UnusableMedia for what is no video we take."""
    try:
        found = MediaInfo.parse(upload, parse_speed=0)
    except (OSError, RuntimeError, ValueError) as problem:
        raise UnusableMedia(unreadable(name)) from problem
    content_type = _container(found)
    picture = found.video_tracks[0] if found.video_tracks else None
    if not content_type or picture is None:
        raise UnusableMedia(unreadable(name))
    if found.general_tracks[0].istruncated == "Yes":
        raise UnusableMedia(_("%(name)s is cut off: its end is missing.") % {"name": name})
    seconds = _number(picture.duration) or _number(found.general_tracks[0].duration)
    width, height = int(_number(picture.width) or 0), int(_number(picture.height) or 0)
    if not seconds or not width or not height:
        raise UnusableMedia(_("The length or size of %(name)s cannot be read.") % {"name": name})
    if round(_number(picture.rotation) or 0) % 360 in ON_ITS_SIDE:
        width, height = height, width
    return Video(
        content_type=content_type,
        width=width,
        height=height,
        seconds=seconds / MILLISECONDS,
        frames_per_second=_number(picture.frame_rate),
        codecs=tuple(
            dict.fromkeys(_codec(track) for track in (picture, *found.audio_tracks) if track.format)
        ),
    )


def _container(found: MediaInfo) -> str:
    """Return the content type of a container we take, else nothing."""
    general = found.general_tracks[0] if found.general_tracks else None
    if general is None:
        return ""
    if general.format == "WebM":
        return "video/webm"
    if general.format == "QuickTime" or general.format_profile == "QuickTime":
        return "video/quicktime"
    return "video/mp4" if general.format == "MPEG-4" else ""


def _codec(track: Track) -> str:
    name = str(track.format)
    return CODEC_NAMES.get(name, name.lower().replace(" ", ""))


def _number(value: object) -> float | None:
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None


def unreadable(name: str) -> str:
    return _("%(name)s is not a video we can read. Use MP4, QuickTime (MOV) or WebM.") % {"name": name}
