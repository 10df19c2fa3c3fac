"""What Instagram offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

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

FEED, REEL, STORY = (content_limits(f"instagram_{kind}") for kind in ("feed", "reel", "story"))
IMAGES, TEXT = FEED["images"], FEED["text"]
REEL_RULE = replace(video_rule(REEL["video"]), codecs=(*REEL["video"]["codecs"], "aac"))
STORY_RULE = replace(video_rule(STORY["video"]), codecs=REEL_RULE.codecs)
COLLABORATORS_MAX = 3
PICTURE_FORM = PictureForm(
    types=tuple(IMAGES["formats"]),
    bytes_max=IMAGES["max_bytes"],
    width_max=IMAGES["pixels"]["max_width"],
)
SCOPES = (
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_insights",
    "pages_show_list",
    "pages_read_engagement",
)
NEEDED = ("instagram_basic", "instagram_content_publish", "pages_show_list", "pages_read_engagement")
"""Without these nothing goes out. The others are told of where they are missing."""
LACKING = {
    "instagram_manage_comments": _("Without “instagram_manage_comments”, no first comments can be written."),
    "instagram_manage_insights": _(
        "Without “instagram_manage_insights”, how often posts were seen is not known."
    ),
}
PLACE, GRID, COVER, COLLABORATORS = "place", "grid", "cover_second", "collaborators"
AS_STORY, NOT_IN_GRID = "story", "no"
_USER_NAME = re.compile(r"[a-z0-9._]{1,30}", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,3}(\.\d{1,3})?")


class Kind(StrEnum):
    """What a content becomes there, in Instagram's own words. A single video is always a reel."""

    PICTURE = "IMAGE"
    REEL = "REELS"
    CAROUSEL = "CAROUSEL"
    STORY = "STORIES"


FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    can_delete=False,
    conditions=_(
        "Professional accounts that are linked to a Facebook page. Meta reviews the operator's application; until"
        " then only people with a role in it can connect accounts."
    ),
    text_limit=TEXT["max"],
    images_max=IMAGES["count_max"],
    images_min=1,
    image_types=tuple(IMAGES["formats"]),
    image_bytes_max=IMAGES["max_bytes"],
    alt_text_max=IMAGES["alt_text_max"],
    video_types=REEL_RULE.types,
    video_bytes_max=REEL_RULE.bytes_max,
    video_seconds_max=REEL_RULE.seconds_max,
    picture_form=PICTURE_FORM,
    shows_video_alt_text=False,
    fetches=("image",),
    options=(
        Option(
            name=PLACE,
            label=_("Publish as"),
            choices=(("", _("Post or reel")), (AS_STORY, _("Story, for a day and without text"))),
        ),
        Option(
            name=GRID,
            label=_("A reel is shown in"),
            choices=(("", _("Reels and profile grid")), (NOT_IN_GRID, _("Reels only"))),
        ),
        Option(name=COVER, label=_("Cover of a reel, second"), help=_("A moment of the video, such as 2.5.")),
        Option(name=COLLABORATORS, label=_("Collaborators"), help=_("Up to three user names.")),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="instagram_basic",
            what=_("See the account's name, picture and posts"),
            used_for=_(
                "to show which account is connected, and to make sure that a post went out exactly once"
            ),
        ),
        ScopeLine(
            scope="instagram_content_publish",
            what=_("Publish posts, reels and stories"),
            used_for=_("to publish what was written and approved here"),
        ),
        ScopeLine(
            scope="instagram_manage_comments",
            what=_("Write, hide and delete comments on the account's posts"),
            used_for=_("to write the first comment below a post of yours"),
            not_used=_("The comments of others are never hidden or deleted without being asked."),
        ),
        ScopeLine(
            scope="instagram_manage_insights",
            what=_("Read the account's statistics"),
            used_for=_("to count how often a post was seen, shared and saved"),
        ),
        ScopeLine(
            scope="pages_show_list",
            what=_("See the list of Facebook pages you manage"),
            used_for=_("to find the Instagram accounts behind them and let you tick which to connect"),
        ),
        ScopeLine(
            scope="pages_read_engagement",
            what=_("Read what is on those pages"),
            used_for=_("because Meta demands it for publishing to an account behind a page"),
            not_used=_("The pages' posts and followers are not read."),
        ),
    ),
)


def kind_of(content: Content) -> Kind:
    if content.options.get(PLACE) == AS_STORY:
        return Kind.STORY
    if len(content.media) > 1:
        return Kind.CAROUSEL
    return Kind.REEL if content.media and content.media[0].is_video else Kind.PICTURE


def count_caption(content: Content) -> TextCount:
    return TextCount(used=len(content.text), limit=FEATURES.text_limit)


def collaborators_of(content: Content) -> list[str]:
    """Return the user names, without the @ people write before them."""
    names = re.split(r"[\s,;]+", content.options.get(COLLABORATORS, ""))
    return [name.lstrip("@") for name in names if name]


def content_problems(content: Content, count: TextCount) -> list[str]:
    kind = kind_of(content)
    return [
        *([] if kind is Kind.STORY else _caption(content, count)),
        *_files(content, kind),
        *option_problems(content, FEATURES.options),
        *_own_options(content, kind),
        *_first_comment(content, kind),
    ]


def story_notes(content: Content) -> list[str]:
    if kind_of(content) is not Kind.STORY:
        return []
    said = bool(content.text.strip()) or any(media.alt_text for media in content.media)
    return (
        [_("A story shows no text and takes no description: what you wrote is left out there.")]
        if said
        else []
    )


def _caption(content: Content, count: TextCount) -> Iterable[str]:
    yield from text_problems(content, count)
    yield from _marks(content.text)


def _marks(text: str) -> Iterable[str]:
    kinds = [token.kind for token in tokens(text, MentionStyle.FEDIVERSE)]
    hashtags, mentions = kinds.count(TokenKind.HASHTAG), kinds.count(TokenKind.MENTION)
    if hashtags > TEXT["hashtags_max"]:
        yield _(
            "%(network)s takes at most %(limit)s hashtags; there are %(used)s.",
            network=LABEL,
            limit=TEXT["hashtags_max"],
            used=hashtags,
        )
    if mentions > TEXT["mentions_max"]:
        yield _(
            "%(network)s takes at most %(limit)s mentions; there are %(used)s.",
            network=LABEL,
            limit=TEXT["mentions_max"],
            used=mentions,
        )


def _files(content: Content, kind: Kind) -> Iterable[str]:
    if not content.media:
        yield _("Instagram takes no post without a picture or a video.")
    if kind is Kind.STORY and len(content.media) > 1:
        yield _("A story is one picture or one video.")
    if len(content.media) > FEED["carousel"]["max"]:
        yield _(
            "%(network)s takes at most %(limit)s pictures and videos in one post.",
            network=LABEL,
            limit=FEED["carousel"]["max"],
        )
    yield from media_problems(
        pictures_of(content),
        label=LABEL,
        images_max=len(content.media),
        image_types=FEATURES.image_types,
        image_bytes_max=IMAGES["max_bytes"],
        alt_text_max=None if kind is Kind.STORY else IMAGES["alt_text_max"],
        form=PICTURE_FORM,
    )
    for media in content.media:
        if media.is_video:
            yield from one_video_problems(media, STORY_RULE if kind is Kind.STORY else REEL_RULE, label=LABEL)
        else:
            shape = (STORY if kind is Kind.STORY else FEED)["images"]["aspect_ratio"]
            yield from ratio_problems(media, shape.get("min"), shape.get("max"), label=LABEL)


def _own_options(content: Content, kind: Kind) -> Iterable[str]:
    second = content.options.get(COVER, "").strip()
    if second and kind is Kind.REEL:
        length = content.media[0].seconds
        if not _SECONDS.fullmatch(second) or (length is not None and float(second) > length):
            yield _("The cover's second is no moment of the video: “%(second)s”.", second=second)
    names = collaborators_of(content)
    if len(names) > COLLABORATORS_MAX:
        yield _("Instagram takes at most %(limit)s collaborators.", limit=COLLABORATORS_MAX)
    for name in names:
        if not _USER_NAME.fullmatch(name):
            yield _("“%(name)s” is no user name on Instagram.", name=name)


def _first_comment(content: Content, kind: Kind) -> Iterable[str]:
    text = content.options.get(FIRST_COMMENT, "")
    if text and kind is Kind.STORY:
        yield _("A story takes no first comment.")
    yield from comment_problems(content, TextCount(used=len(text), limit=FEATURES.text_limit))
    yield from _marks(text)


def cover_milliseconds(content: Content) -> str:
    """Return where the cover is in the video, as Instagram wants it; empty when it shall choose."""
    second = content.options.get(COVER, "").strip()
    return str(round(float(second) * 1000)) if _SECONDS.fullmatch(second) else ""
