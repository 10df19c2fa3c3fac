"""What Facebook Pages offer and ask for, in words and numbers; and what they would refuse."""

from __future__ import annotations

from ..base import Content, Features, ScopeLine, TextCount
from ..data import content_limits
from ..problems import media_problems, text_problems
from ..words import _
from .config import LABEL, NAME

LIMITS = content_limits("facebook_page")
IMAGES = LIMITS["images"]
SCOPES = ("pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights")

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
    scopes=(
        ScopeLine(
            scope="pages_show_list",
            what=_("See the list of pages you manage"),
            used_for=_("to let you tick which of them to connect"),
        ),
        ScopeLine(
            scope="pages_manage_posts",
            what=_("Write, change and delete the pages' posts"),
            used_for=_("to publish what was written and approved here, and to delete it when asked"),
            not_used=_("Posts made elsewhere are never changed or deleted."),
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
    problems = [
        *text_problems(content, count),
        *media_problems(
            content,
            label=LABEL,
            images_max=IMAGES["count_max"],
            image_types=FEATURES.image_types,
            image_bytes_max=IMAGES["max_bytes"],
            alt_text_max=IMAGES["alt_text_max"],
        ),
    ]
    if content.link_card is not None and content.media:
        problems.append(_("Facebook shows either pictures or the preview of a link, not both."))
    return problems
