"""What Mastodon offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from ..base import Content, Features, Option, ScopeLine, ServerLimits, TextCount
from ..data import content_limits
from ..problems import media_problems, option_problems, text_problems
from ..text import MASTODON_URL_LENGTH
from ..words import _

NAME = "mastodon"
_LIMITS = content_limits(NAME)

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
            used_for=_("to publish what was written and approved here, and to delete it when asked"),
            not_used=_("Posts made elsewhere are never changed or deleted."),
        ),
        ScopeLine(
            scope="write:media",
            what=_("Upload pictures"),
            used_for=_("to attach the pictures of a post, with their descriptions"),
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
)


def outgoing_text(content: Content) -> str:
    """Return the text that goes out: with the card's link at its end where the text does not hold it.

    Mastodon makes its cards itself, from a link in the text.
    """
    card = content.link_card
    if card is None or card.url in content.text:
        return content.text
    return f"{content.text}\n\n{card.url}".lstrip()


def content_problems(content: Content, count: TextCount, limits: ServerLimits) -> list[str]:
    """Return why a server with these limits would refuse the content."""
    return [
        *text_problems(content, count),
        *media_problems(
            content,
            label=FEATURES.label,
            images_max=limits.images_max,
            image_types=FEATURES.image_types,
            image_bytes_max=limits.image_bytes_max,
            alt_text_max=limits.alt_text_max,
        ),
        *option_problems(content, FEATURES.options),
    ]
