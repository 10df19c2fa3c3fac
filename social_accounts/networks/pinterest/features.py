"""What Pinterest offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from ..base import Content, Features, Media, Option, ScopeLine, TextCount
from ..data import content_limits
from ..problems import media_problems, option_problems, text_problems
from ..words import _
from .config import LABEL, NAME

LIMITS = content_limits(NAME)
TEXT, LINKS, IMAGES, VIDEO = LIMITS["text"], LIMITS["links"], LIMITS["images"], LIMITS["video"]
# The interface takes the bytes of these two; WebP is made one of them on the way. A GIF would stop moving.
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
BYTES_PER_MEGABYTE = 1_000_000

BOARD, TITLE, LINK = "board", "title", "link"
SECTION_SEPARATOR = "/"
_BOARD_VALUE = re.compile(r"\d+(/\d+)?")

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_(
        "Until Pinterest has given the operator of this Chorus standard access, its application is on trial and Pins "
        "are refused."
    ),
    text_limit=TEXT["description_max"],
    images_min=IMAGES["count_min"],
    images_max=IMAGES["count_max"],
    image_types=IMAGE_TYPES,
    image_bytes_max=IMAGES["max_bytes"],
    alt_text_max=IMAGES["alt_text_max"],
    video_types=tuple(VIDEO["formats"]),
    video_bytes_max=VIDEO["max_bytes"],
    video_seconds_max=VIDEO["max_seconds"],
    options=(
        Option(name=BOARD, label=_("Board"), is_asked=True, is_required=True),
        Option(name=TITLE, label=_("Title"), max_length=TEXT["title_max"]),
        Option(name=LINK, label=_("Destination link"), max_length=LINKS["max"]),
    ),
    scopes=(
        ScopeLine(
            scope="user_accounts:read",
            what=_("See the account's name, handle and picture"),
            used_for=_("to show which account is connected"),
        ),
        ScopeLine(
            scope="boards:read",
            what=_("See the account's boards"),
            used_for=_("to choose the board a Pin goes on, and to list the boards here"),
        ),
        ScopeLine(
            scope="boards:write",
            what=_("Create, change and delete boards"),
            used_for=_("because Pinterest demands it for every Pin, and for the boards you change here"),
            not_used=_(
                "No board is changed or deleted unless somebody with the right to do so does it here."
            ),
        ),
        ScopeLine(
            scope="boards:read_secret, boards:write_secret",
            what=_("See and change secret boards"),
            used_for=_("to plan on secret boards, for those who may see them here"),
            not_used=_("Nobody without that right is shown a secret board, not even its name."),
        ),
        ScopeLine(
            scope="pins:read, pins:read_secret",
            what=_("See the account's Pins"),
            used_for=_("to make sure that a Pin went out exactly once, and to count reactions to it"),
        ),
        ScopeLine(
            scope="pins:write, pins:write_secret",
            what=_("Create, change and delete Pins"),
            used_for=_(
                "to publish what was written and approved here, and to change or delete it when asked"
            ),
            not_used=_("Pins made elsewhere are only moved when you merge the board they are on."),
        ),
    ),
)


def board_of(content: Content) -> tuple[str, str]:
    """Return the ids of board and section (empty for none) that were chosen."""
    board_id, _separator, section_id = content.options.get(BOARD, "").partition(SECTION_SEPARATOR)
    return board_id, section_id


def board_value(board_id: str, section_id: str = "") -> str:
    """Return the choice that stands for a board, or for a section of it."""
    return f"{board_id}{SECTION_SEPARATOR}{section_id}" if section_id else board_id


def title_of(content: Content) -> str:
    return content.options.get(TITLE, "").strip()


def link_of(content: Content) -> str:
    """Return where the Pin leads: the address that was given, else that of the link below the text."""
    card = content.link_card
    return content.options.get(LINK, "").strip() or (card.url if card else "")


def alt_text_of(content: Content) -> str:
    """Return the Pin's one description: a Pin of several pictures has no more."""
    return " / ".join(media.alt_text.strip() for media in content.media if media.alt_text.strip())


def video_of(content: Content) -> Media | None:
    return next((media for media in content.media if media.is_video), None)


def pictures_of(content: Content) -> list[Media]:
    """Return the pictures; beside a video the one there is its cover."""
    return [media for media in content.media if not media.is_video]


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [
        *_own_problems(content),
        *text_problems(content, count),
        *_media(content),
        *option_problems(content, [option for option in FEATURES.options if not option.is_asked]),
    ]


def _own_problems(content: Content) -> Iterable[str]:
    board = content.options.get(BOARD, "")
    if not board:
        yield _("Choose the board this Pin goes on.")
    elif not _BOARD_VALUE.fullmatch(board):
        yield _("“%(value)s” is no choice for “%(option)s”.", value=board, option=_("Board"))
    link = link_of(content)
    parts = urlsplit(link)
    if link and (parts.scheme not in ("http", "https") or not parts.hostname):
        yield _("The destination of a Pin is an address that begins with https:// or http://.")
    if len(link) > LINKS["max"] and not content.options.get(LINK):
        yield _("The link is longer than %(limit)s characters.", limit=LINKS["max"])


def _media(content: Content) -> Iterable[str]:
    pictures, video = pictures_of(content), video_of(content)
    if not content.media:
        yield _("A Pin needs a picture or a video.")
    if video is not None:
        if len(content.media) - len(pictures) > VIDEO["count_max"] or len(pictures) > 1:
            yield _("A video Pin has one video, and at most one picture as its cover.")
        yield from _video(video)
    if len(alt_text_of(content)) > IMAGES["alt_text_max"]:
        yield _(
            "The descriptions of the pictures are one text on Pinterest, longer than %(limit)s characters.",
            limit=IMAGES["alt_text_max"],
        )
    yield from media_problems(
        replace(content, media=tuple(pictures)),
        label=LABEL,
        images_max=IMAGES["count_max"],
        image_types=IMAGE_TYPES,
        image_bytes_max=IMAGES["max_bytes"],
        alt_text_max=IMAGES["alt_text_max"],
    )


def _video(video: Media) -> Iterable[str]:
    if video.content_type not in VIDEO["formats"]:
        yield _(
            "“%(name)s” is of a kind that %(network)s does not take (%(type)s).",
            name=video.filename,
            network=LABEL,
            type=video.content_type,
        )
    if video.size_bytes > VIDEO["max_bytes"]:
        yield _(
            "“%(name)s” has %(size)s MB; %(network)s takes %(limit)s MB.",
            name=video.filename,
            network=LABEL,
            size=f"{video.size_bytes / BYTES_PER_MEGABYTE:.1f}",
            limit=f"{VIDEO['max_bytes'] / BYTES_PER_MEGABYTE:.1f}",
        )
    if video.seconds is not None and not VIDEO["min_seconds"] <= video.seconds <= VIDEO["max_seconds"]:
        yield _(
            "“%(name)s” lasts %(seconds)s seconds; %(network)s takes videos of %(least)s to %(most)s seconds.",
            name=video.filename,
            seconds=f"{video.seconds:.0f}",
            network=LABEL,
            least=VIDEO["min_seconds"],
            most=VIDEO["max_seconds"],
        )
