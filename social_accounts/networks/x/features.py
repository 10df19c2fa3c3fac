"""What X offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from collections.abc import Iterable

from ..base import Content, Features, Media, Option, ScopeLine, TextCount
from ..data import content_limits
from ..problems import media_problems, option_problems, text_problems
from ..words import _
from .config import LABEL, NAME

LIMITS = content_limits(NAME)
IMAGES, GIF, VIDEO = LIMITS["images"], LIMITS["gif"], LIMITS["video"]
YES = "yes"

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_("X charges the operator of this Chorus for each post, more for one with a link."),
    text_limit=LIMITS["text"]["max"],
    images_max=IMAGES["count_max"],
    image_types=tuple(IMAGES["formats"]),
    image_bytes_max=IMAGES["max_bytes"],
    alt_text_max=IMAGES["alt_text_max"],
    options=(
        Option(
            name="reply_settings",
            label=_("Who may reply"),
            choices=(
                ("", _("Everyone")),
                ("following", _("Accounts this profile follows")),
                ("mentionedUsers", _("Only accounts the post mentions")),
                ("verified", _("Verified accounts")),
            ),
        ),
        Option(
            name="made_with_ai",
            label=_("Made with artificial intelligence"),
            choices=(("", _("Not declared")), (YES, _("Say so on the post"))),
        ),
        Option(
            name="paid_partnership",
            label=_("Paid partnership"),
            choices=(("", _("No")), (YES, _("Say so on the post"))),
        ),
    ),
    scopes=(
        ScopeLine(
            scope="users.read",
            what=_("See the account's name, handle and picture"),
            used_for=_("to show which account is connected"),
        ),
        ScopeLine(
            scope="tweet.write",
            what=_("Write and delete posts"),
            used_for=_("to publish what was written and approved here, and to delete it when asked"),
            not_used=_("Posts made elsewhere are never changed or deleted."),
        ),
        ScopeLine(
            scope="media.write",
            what=_("Upload pictures"),
            used_for=_("to attach the pictures of a post, with their descriptions"),
        ),
        ScopeLine(
            scope="tweet.read",
            what=_("See the account's posts"),
            used_for=_("to make sure that a post went out exactly once, and to count reactions to it"),
            not_used=_("The timelines of others, bookmarks and likes are not read."),
        ),
        ScopeLine(
            scope="offline.access",
            what=_("Stay connected"),
            used_for=_("to publish at the time that was planned, while nobody is signed in"),
        ),
    ),
)


def outgoing_text(content: Content) -> str:
    """Return the text that goes out: X makes its cards itself, from a link in the text."""
    card = content.link_card
    if card is None or card.url in content.text:
        return content.text
    return f"{content.text}\n\n{card.url}".lstrip()


def category_of(media: Media) -> str:
    if media.content_type in VIDEO["formats"]:
        return "tweet_video"
    return "tweet_gif" if media.content_type == "image/gif" else "tweet_image"


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [*text_problems(content, count), *_media(content), *option_problems(content, FEATURES.options)]


def _media(content: Content) -> Iterable[str]:
    moving = [media for media in content.media if category_of(media) != "tweet_image"]
    if moving and len(content.media) > 1:
        yield _("X takes up to four pictures, or one animated picture, or one video.")
    for media in moving:
        limit = (VIDEO if category_of(media) == "tweet_video" else GIF)["max_bytes"]
        if media.size_bytes > limit:
            yield _(
                "“%(name)s” has %(size)s MB; %(network)s takes %(limit)s MB.",
                name=media.filename,
                network=FEATURES.label,
                size=f"{media.size_bytes / 1_000_000:.1f}",
                limit=f"{limit / 1_000_000:.1f}",
            )
    yield from media_problems(
        content,
        label=FEATURES.label,
        images_max=IMAGES["count_max"],
        image_types=(*IMAGES["formats"], *VIDEO["formats"]),
        image_bytes_max=None if moving else IMAGES["max_bytes"],
        alt_text_max=IMAGES["alt_text_max"],
    )
