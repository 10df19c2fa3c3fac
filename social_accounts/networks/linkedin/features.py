"""What LinkedIn offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

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

LIMITS = content_limits(NAME)
IMAGES, VIDEO = LIMITS["images"], LIMITS["video"]
VIDEO_RULE = video_rule(VIDEO)
COMMENT_MAX: int = LIMITS["comment"]["max"]
VIDEO_TITLE_MAX = 400
IMAGE_BYTES_MAX = 20_000_000  # LinkedIn names pixels only; nothing larger is worth its way
PICTURE_FORM = PictureForm(
    types=tuple(IMAGES["formats"]),
    bytes_max=IMAGE_BYTES_MAX,
    pixels_max=IMAGES["pixels"]["max_total"],
)

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_(
        "Pages need LinkedIn's consent to the operator's application (Community Management). Unless LinkedIn made it a"
        " partner, a connection has to be renewed every sixty days."
    ),
    text_limit=LIMITS["text"]["max"],
    images_max=IMAGES["count_max"],
    image_types=tuple(IMAGES["formats"]),
    image_bytes_max=IMAGE_BYTES_MAX,
    alt_text_max=IMAGES["alt_text_max"],
    video_types=VIDEO_RULE.types,
    video_bytes_max=VIDEO_RULE.bytes_max,
    video_seconds_max=VIDEO_RULE.seconds_max,
    picture_form=PICTURE_FORM,
    options=(
        Option(
            name="visibility",
            label=_("Visibility"),
            choices=(
                ("PUBLIC", _("Everyone")),
                ("LOGGED_IN", _("LinkedIn members")),
                ("CONNECTIONS", _("Connections only (people, not pages)")),
            ),
            default="PUBLIC",
        ),
        Option(
            name="reshare",
            label=_("Sharing by others"),
            choices=(("", _("Allowed")), ("off", _("Switched off"))),
        ),
        Option(name="video_title", label=_("Title of the video"), max_length=VIDEO_TITLE_MAX),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="openid profile",
            what=_("See your name and picture"),
            used_for=_("to show which account is connected"),
        ),
        ScopeLine(
            scope="w_member_social",
            what=_("Write, change and delete posts, comments and reactions as you"),
            used_for=_(
                "to publish what was written and approved here, with its first comment, and to change or delete it "
                "when asked"
            ),
            not_used=_(
                "LinkedIn cannot split it: reactions, and comments on others' posts, are never written."
            ),
        ),
        ScopeLine(
            scope="w_member_social_feed",
            what=_("Write comments and reactions as you"),
            used_for=_("to write the first comment below a post of yours"),
            not_used=_("Reactions, and comments on others' posts, are never written."),
        ),
        ScopeLine(
            scope="w_organization_social, w_organization_social_feed",
            what=_("The same as your pages"),
            used_for=_("to publish on the pages you tick"),
        ),
        ScopeLine(
            scope="r_organization_social, r_organization_social_feed",
            what=_("Read your pages' posts and the reactions to them"),
            used_for=_("to make sure that a post went out exactly once, and to count reactions to it"),
        ),
        ScopeLine(
            scope="rw_organization_admin",
            what=_("See which pages you run, and their statistics"),
            used_for=_("to let you tick which of them to connect, and to measure their posts"),
            not_used=_("Nothing about a page is ever changed."),
        ),
    ),
)


def is_film(media: Media) -> bool:
    return media.content_type in VIDEO["formats"]


def count_text(text: str, limit: int) -> TextCount:
    """Count as UTF-16 does, the safe one of the ways LinkedIn may mean."""
    return TextCount(used=len(text.encode("utf-16-le")) // 2, limit=limit)


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [
        *text_problems(content, count),
        *_media(content),
        *option_problems(content, FEATURES.options),
        *comment_problems(content, count_text(content.options.get(FIRST_COMMENT, ""), COMMENT_MAX)),
    ]


def edit_problems(before: Content, after: Content) -> list[str]:
    """Return what of this change LinkedIn does not take: of a post that is out it changes the text alone."""
    problems: list[str] = []
    if [(one.content_type, one.size_bytes, one.filename, one.alt_text) for one in before.media] != [
        (one.content_type, one.size_bytes, one.filename, one.alt_text) for one in after.media
    ]:
        problems.append(_("The pictures and videos of a post that is out stay as they are; change its text."))
    if before.link_card != after.link_card:
        problems.append(_("The link's preview of a post that is out stays as it is; change its text."))
    return problems


def _media(content: Content) -> Iterable[str]:
    if content.link_card is not None and content.media:
        yield _("LinkedIn shows either pictures or the preview of a link, not both.")
    yield from video_problems(content, VIDEO_RULE, label=LABEL, alt_text_max=IMAGES["alt_text_max"])
    yield from media_problems(
        pictures_of(content),
        label=LABEL,
        images_max=IMAGES["count_max"],
        image_types=IMAGES["formats"],
        image_bytes_max=IMAGE_BYTES_MAX,
        alt_text_max=IMAGES["alt_text_max"],
        form=PICTURE_FORM,
    )
