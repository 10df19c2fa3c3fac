"""What Facebook Pages offer and ask for, in words and numbers; and what they would refuse."""

from __future__ import annotations

from ..base import FIRST_COMMENT, Content, Features, Option, PictureForm, ScopeLine, TextCount
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

LIMITS = content_limits("facebook_page")
IMAGES = LIMITS["images"]
VIDEO_RULE = video_rule(LIMITS["video"])
COMMENT_MAX: int = LIMITS["comment"]["max"]
VIDEO_TITLE_MAX = 255
PICTURE_FORM = PictureForm(types=tuple(IMAGES["formats"]), bytes_max=IMAGES["max_bytes"])
SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_posts",
    "pages_manage_engagement",
    "read_insights",
)
NEEDED = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
"""Without these nothing goes out. The others are told of where they are missing."""
LACKING = {
    "pages_manage_engagement": _("Without “pages_manage_engagement”, no first comments can be written."),
    "read_insights": _("Without “read_insights”, how often posts were seen is not known."),
}

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_(
        "Meta reviews the operator's application; until then only people with a role in it can connect pages."
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
    shows_video_alt_text=False,
    options=(
        Option(name="video_title", label=_("Title of the video"), max_length=VIDEO_TITLE_MAX),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="pages_show_list",
            what=_("See the list of pages you manage"),
            used_for=_("to let you tick which of them to connect"),
        ),
        ScopeLine(
            scope="business_management",
            what=_("See and change your business portfolios"),
            used_for=_("to list the pages you reach through a portfolio alone"),
            not_used=_(
                "Nothing of a portfolio is ever changed; without it, your other pages are still listed."
            ),
            is_optional=True,
        ),
        ScopeLine(
            scope="pages_manage_posts",
            what=_("Write, change and delete the pages' posts"),
            used_for=_(
                "to publish what was written and approved here, and to change or delete it when asked"
            ),
            not_used=_("Posts made elsewhere are never changed or deleted."),
        ),
        ScopeLine(
            scope="pages_manage_engagement",
            what=_("Write, change and delete comments as the pages"),
            used_for=_("to say the first comment of a post that was planned with one"),
            not_used=_("Comments of others are not touched, and nothing is liked."),
        ),
        ScopeLine(
            scope="pages_read_engagement",
            what=_("Read the pages' posts and the reactions to them"),
            used_for=_("to make sure that a post went out exactly once, and to count reactions to it"),
            not_used=_("Meta bundles reading followers' names with it; they are not read."),
        ),
        ScopeLine(
            scope="read_insights",
            what=_("Read the pages' statistics"),
            used_for=_("to count how often a post was seen"),
        ),
    ),
)


def content_problems(content: Content, count: TextCount) -> list[str]:
    comment = content.options.get(FIRST_COMMENT, "")
    problems = [
        *text_problems(content, count),
        *media_problems(
            pictures_of(content),
            label=LABEL,
            images_max=IMAGES["count_max"],
            image_types=FEATURES.image_types,
            image_bytes_max=IMAGES["max_bytes"],
            alt_text_max=IMAGES["alt_text_max"],
            form=PICTURE_FORM,
        ),
        *video_problems(content, VIDEO_RULE, label=LABEL),
        *option_problems(content, FEATURES.options),
        *comment_problems(content, TextCount(used=len(comment), limit=COMMENT_MAX)),
    ]
    if content.link_card is not None and content.media:
        problems.append(_("Facebook shows either pictures or the preview of a link, not both."))
    return problems


def edit_problems(before: Content, after: Content) -> list[str]:
    """Return what of this change Facebook does not take: of a post that is out it changes the text alone."""
    problems: list[str] = []
    if [(one.content_type, one.size_bytes, one.filename, one.alt_text) for one in before.media] != [
        (one.content_type, one.size_bytes, one.filename, one.alt_text) for one in after.media
    ]:
        problems.append(_("The pictures and videos of a post that is out stay as they are; change its text."))
    if before.link_card != after.link_card:
        problems.append(_("The link's preview of a post that is out stays as it is; change its text."))
    return problems
