"""What Mastodon offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..base import FIRST_COMMENT, Content, Features, Option, ScopeLine, ServerLimits, TextCount
from ..data import content_limits
from ..problems import (
    comment_problems,
    media_problems,
    option_problems,
    pictures_of,
    text_problems,
    video_problems,
    video_rule,
)
from ..text import MASTODON_URL_LENGTH, count_mastodon
from ..words import _

NAME = "mastodon"
_LIMITS = content_limits(NAME)
VIDEO = video_rule(_LIMITS["video"])

FEATURES = Features(
    name=NAME,
    label="Mastodon",
    has_approval=True,
    needs_server=True,
    has_app_password=False,
    text_limit=_LIMITS["text"]["max"],
    images_max=_LIMITS["images"]["count_max"],
    image_types=tuple(_LIMITS["images"]["formats"]),
    image_bytes_max=_LIMITS["images"]["max_bytes"],
    alt_text_max=_LIMITS["images"]["alt_text_max"],
    video_types=VIDEO.types,
    video_bytes_max=VIDEO.bytes_max,
    options=(
        Option(
            name="visibility",
            label=_("Visibility"),
            choices=(
                ("public", _("Public: everyone, on all timelines")),
                ("unlisted", _("Quiet public: everyone, but not on public timelines")),
                ("private", _("Followers only")),
            ),
            default="public",
        ),
        Option(name="spoiler_text", label=_("Content warning"), max_length=_LIMITS["text"]["max"]),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="profile",
            what=_("See the account's name, handle and picture"),
            used_for=_("to show which account is connected"),
            not_used=_(
                "On servers before version 4.3 the smallest permission that allows this is “read:accounts”."
            ),
        ),
        ScopeLine(
            scope="write:statuses",
            what=_("Write and delete posts"),
            used_for=_(
                "to publish what was written and approved here, and to change or delete it when asked"
            ),
            not_used=_("Posts made elsewhere are never changed or deleted."),
        ),
        ScopeLine(
            scope="write:media",
            what=_("Upload pictures and videos"),
            used_for=_("to attach the pictures and videos of a post, with their descriptions"),
        ),
        ScopeLine(
            scope="read:statuses",
            what=_("See the account's posts"),
            used_for=_("to make sure that a post went out exactly once, and to count reactions to it"),
            not_used=_("The home timeline, bookmarks and favorites are not read."),
        ),
    ),
)

DEFAULT_LIMITS = ServerLimits(
    text_limit=FEATURES.text_limit,
    url_length=_LIMITS["links"]["counted_as"] or MASTODON_URL_LENGTH,
    images_max=FEATURES.images_max,
    image_bytes_max=FEATURES.image_bytes_max,
    alt_text_max=FEATURES.alt_text_max,
    video_bytes_max=FEATURES.video_bytes_max,
)


def outgoing_text(content: Content) -> str:
    """Return the text that goes out: with the card's link at its end where the text does not hold it.

    Mastodon makes its cards itself, from a link in the text.
    """
    card = content.link_card
    if card is None or card.url in content.text:
        return content.text
    return f"{content.text}\n\n{card.url}".lstrip()


def count_text(text: str, limits: ServerLimits, spoiler_text: str = "") -> TextCount:
    return count_mastodon(
        text, spoiler_text=spoiler_text, limit=limits.text_limit, url_length=limits.url_length
    )


def content_problems(content: Content, limits: ServerLimits) -> list[str]:
    """Return why a server with these limits would refuse the content."""
    spoiler_text = content.options.get("spoiler_text", "")
    video = replace(VIDEO, bytes_max=limits.video_bytes_max or VIDEO.bytes_max)
    return [
        *text_problems(content, count_text(outgoing_text(content), limits, spoiler_text)),
        *media_problems(
            pictures_of(content),
            label=FEATURES.label,
            images_max=limits.images_max,
            image_types=FEATURES.image_types,
            image_bytes_max=limits.image_bytes_max,
            alt_text_max=limits.alt_text_max,
        ),
        *video_problems(content, video, label=FEATURES.label, alt_text_max=limits.alt_text_max),
        *option_problems(content, FEATURES.options),
        *comment_problems(content, count_text(content.options.get(FIRST_COMMENT, ""), limits)),
    ]


def edit_problems(before: Content, after: Content) -> list[str]:
    """Return what of this change a server does not take: it lets text, warning, language and descriptions go."""
    problems: list[str] = []
    if [(one.content_type, one.size_bytes, one.filename) for one in before.media] != [
        (one.content_type, one.size_bytes, one.filename) for one in after.media
    ]:
        problems.append(_("The pictures and videos of a post that is out stay as they are; change its text."))
    if _visibility(before.options) != _visibility(after.options):
        problems.append(_("Mastodon does not change who may see a post that is out."))
    return problems


def _visibility(options: Mapping[str, str]) -> str:
    return options.get("visibility") or "public"
