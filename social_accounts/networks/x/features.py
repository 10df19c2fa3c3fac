"""What X offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..base import FIRST_COMMENT, Content, Features, Media, Option, PictureForm, ScopeLine, TextCount
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
from ..words import _
from .config import LABEL, NAME
from .counting import count_x, links

LIMITS = content_limits(NAME)
IMAGES, GIF, VIDEO = LIMITS["images"], LIMITS["gif"], LIMITS["video"]
VIDEO_RULE = video_rule(VIDEO)
YES = "yes"
# twitter-text: a dollar sign and up to six letters, with two more after a dot or an underscore.
_CASHTAG = re.compile(r"(?<![\w$])\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|[^\w$])", re.IGNORECASE)
PICTURE_FORM = PictureForm(types=tuple(IMAGES["formats"]), bytes_max=IMAGES["max_bytes"])

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
    video_types=VIDEO_RULE.types,
    video_bytes_max=VIDEO_RULE.bytes_max,
    video_seconds_max=VIDEO_RULE.seconds_max,
    picture_form=PICTURE_FORM,
    options=(
        Option(
            name="reply_settings",
            label=_("Who may reply"),
            choices=(
                ("", _("Everyone")),
                ("following", _("Accounts this profile follows")),
                ("mentionedUsers", _("Only accounts the post mentions")),
                ("verified", _("Verified accounts")),
                ("subscribers", _("Accounts that subscribe to this profile")),
            ),
        ),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
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
            what=_("Upload pictures and videos"),
            used_for=_("to attach the pictures and videos of a post, with their descriptions"),
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
    comment = content.options.get(FIRST_COMMENT, "")
    return [
        *text_problems(content, count),
        *_cashtags(content.text),
        *_cashtags(comment),
        *_media(content),
        *option_problems(content, FEATURES.options),
        *comment_problems(content, count_x(comment, limit=FEATURES.text_limit)),
    ]


def price_notes(content: Content) -> list[str]:
    """Say that a link makes a post dear: X counts bare domains as links as well."""
    texts = (outgoing_text(content), content.options.get(FIRST_COMMENT, ""))
    if not any(any(links(text)) for text in texts):
        return []
    return [
        _(
            "There is a link in it: X charges the operator of this Chorus about %(price)s US dollars for such a post,"
            " more than ten times as much as without.",
            price=f"{LIMITS['links']['price_usd_per_post_with_url']:.2f}",
        )
    ]


def _cashtags(text: str) -> Iterable[str]:
    """X lets applications that pay by the post write one of them. Each counts as often as it stands there."""
    used, limit = len(_CASHTAG.findall(text)), LIMITS["text"]["cashtags_max_self_serve"]
    if used > limit:
        yield _("X takes at most %(limit)s cashtag in a post; there are %(used)s.", limit=limit, used=used)


def _media(content: Content) -> Iterable[str]:
    gifs = [media for media in content.media if category_of(media) == "tweet_gif"]
    if gifs and len(content.media) > 1:
        yield _("X takes up to four pictures, or one animated picture, or one video.")
    yield from video_problems(content, VIDEO_RULE, label=LABEL, alt_text_max=IMAGES["alt_text_max"])
    yield from media_problems(
        pictures_of(content),
        label=LABEL,
        images_max=IMAGES["count_max"],
        image_types=IMAGES["formats"],
        image_bytes_max=GIF["max_bytes"] if gifs else IMAGES["max_bytes"],
        alt_text_max=IMAGES["alt_text_max"],
        form=PICTURE_FORM,
    )
