"""What Threads offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from ..base import FIRST_COMMENT, Content, Features, Option, PictureForm, ScopeLine, TextCount
from ..data import content_limits
from ..problems import (
    comment_problems,
    media_problems,
    one_video_problems,
    option_problems,
    pictures_of,
    ratio_problems,
    text_problems,
    video_rule,
)
from ..text import MentionStyle, TokenKind, tokens
from ..words import _
from .config import LABEL, NAME
from .counting import count_threads

LIMITS = content_limits(NAME)
IMAGES, VIDEO = LIMITS["images"], LIMITS["video"]
VIDEO_RULE = video_rule(VIDEO)
LINKS_MAX: int = LIMITS["links"]["distinct_max"]
TOPIC_MAX = 50
PICTURE_FORM = PictureForm(
    types=tuple(IMAGES["formats"]),
    bytes_max=IMAGES["max_bytes"],
    width_max=IMAGES["pixels"]["max_width"],
)
SCOPES = (
    "threads_basic",
    "threads_content_publish",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_manage_insights",
    "threads_delete",
)
REPLIES, TOPIC = "reply_control", "topic_tag"
_TOPIC = re.compile(r"[^.&#@]+")

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    renews_before=timedelta(days=7),  # of sixty; a token that has ended cannot be renewed
    conditions=_(
        "Meta reviews the operator's application; until then only people with a role in it can connect accounts."
    ),
    text_limit=LIMITS["text"]["max"],
    images_max=IMAGES["count_max"],
    image_types=tuple(IMAGES["formats"]),
    image_bytes_max=IMAGES["max_bytes"],
    alt_text_max=IMAGES["alt_text_max"],
    video_types=VIDEO_RULE.types,
    video_bytes_max=VIDEO_RULE.bytes_max,
    video_seconds_max=VIDEO_RULE.seconds_max,
    picture_form=PICTURE_FORM,
    fetches=("image", "video"),
    options=(
        Option(
            name=REPLIES,
            label=_("Who may reply"),
            choices=(
                ("", _("Everyone")),
                ("followers_only", _("Followers of this profile")),
                ("accounts_you_follow", _("Accounts this profile follows")),
                ("mentioned_only", _("Only accounts the post mentions")),
            ),
        ),
        Option(name=TOPIC, label=_("Topic"), max_length=TOPIC_MAX),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="threads_basic",
            what=_("See the account's name, picture and posts"),
            used_for=_(
                "to show which account is connected, and to make sure that a post went out exactly once"
            ),
        ),
        ScopeLine(
            scope="threads_content_publish",
            what=_("Publish posts"),
            used_for=_("to publish what was written and approved here"),
        ),
        ScopeLine(
            scope="threads_read_replies",
            what=_("Read the account's replies"),
            used_for=_("to make sure that a first comment was written exactly once"),
            not_used=_("What others reply is not kept."),
        ),
        ScopeLine(
            scope="threads_manage_replies",
            what=_("Write and hide replies"),
            used_for=_("to write the first comment below a post of yours"),
            not_used=_("The replies of others are never hidden without being asked."),
        ),
        ScopeLine(
            scope="threads_manage_insights",
            what=_("Read the account's statistics"),
            used_for=_("to count how often a post was seen and shared"),
        ),
        ScopeLine(
            scope="threads_delete",
            what=_("Delete the account's posts"),
            used_for=_("to delete a post that was published here, when asked"),
            not_used=_("Posts made elsewhere are never deleted."),
        ),
    ),
)


def count_text(content: Content) -> TextCount:
    return count_threads(content.text, limit=FEATURES.text_limit)


def link_of(content: Content) -> str:
    """Return the link whose preview is shown: Threads shows one below text alone."""
    return content.link_card.url if content.link_card is not None and not content.media else ""


def content_problems(content: Content, count: TextCount) -> list[str]:
    comment = content.options.get(FIRST_COMMENT, "")
    return [
        *text_problems(content, count),
        *_links(content),
        *_files(content),
        *option_problems(content, FEATURES.options),
        *_topic(content),
        *comment_problems(content, count_threads(comment, limit=FEATURES.text_limit)),
    ]


def _links(content: Content) -> Iterable[str]:
    found = {
        token.value for token in tokens(content.text, MentionStyle.FEDIVERSE) if token.kind is TokenKind.LINK
    }
    found |= {link_of(content)} - {""}
    if len(found) > LINKS_MAX:
        yield _(
            "%(network)s takes at most %(limit)s different links; there are %(used)s.",
            network=LABEL,
            limit=LINKS_MAX,
            used=len(found),
        )


def _files(content: Content) -> Iterable[str]:
    if len(content.media) > LIMITS["carousel"]["max"]:
        yield _(
            "%(network)s takes at most %(limit)s pictures and videos in one post.",
            network=LABEL,
            limit=LIMITS["carousel"]["max"],
        )
    yield from media_problems(
        pictures_of(content),
        label=LABEL,
        images_max=len(content.media),
        image_types=FEATURES.image_types,
        image_bytes_max=IMAGES["max_bytes"],
        alt_text_max=IMAGES["alt_text_max"],
        form=PICTURE_FORM,
    )
    for media in content.media:
        if media.is_video:
            yield from one_video_problems(media, VIDEO_RULE, label=LABEL)
        else:
            shape = IMAGES["aspect_ratio"]
            yield from ratio_problems(media, shape.get("min"), shape.get("max"), label=LABEL)


def _topic(content: Content) -> Iterable[str]:
    topic = content.options.get(TOPIC, "")
    if topic and not _TOPIC.fullmatch(topic.removeprefix("#")):
        yield _("A topic on Threads has no dot, &, # or @ in it.")
