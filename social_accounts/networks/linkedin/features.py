"""What LinkedIn offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from collections.abc import Iterable

from ..base import Content, Features, Media, Option, ScopeLine, TextCount
from ..data import content_limits
from ..problems import media_problems, option_problems, text_problems
from ..words import _
from .config import LABEL, NAME

LIMITS = content_limits(NAME)
IMAGES, VIDEO = LIMITS["images"], LIMITS["video"]
IMAGE_BYTES_MAX = 20_000_000  # LinkedIn names pixels only; nothing larger is worth its way

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_("Pages need LinkedIn's consent to the operator's application (Community Management)."),
    text_limit=LIMITS["text"]["max"],
    images_max=IMAGES["count_max"],
    image_types=tuple(IMAGES["formats"]),
    image_bytes_max=IMAGE_BYTES_MAX,
    alt_text_max=IMAGES["alt_text_max"],
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
            used_for=_("to publish what was written and approved here, and to delete it when asked"),
            not_used=_("LinkedIn cannot split it: comments and reactions are never written with it."),
        ),
        ScopeLine(
            scope="w_organization_social",
            what=_("The same as your pages"),
            used_for=_("to publish on the pages you tick"),
        ),
        ScopeLine(
            scope="r_organization_social",
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


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [*text_problems(content, count), *_media(content), *option_problems(content, FEATURES.options)]


def _media(content: Content) -> Iterable[str]:
    films = [media for media in content.media if is_film(media)]
    if films and len(content.media) > 1:
        yield _("LinkedIn takes either pictures or one video.")
    if content.link_card is not None and content.media:
        yield _("LinkedIn shows either pictures or the preview of a link, not both.")
    for media in films:
        if not VIDEO["min_bytes"] <= media.size_bytes <= VIDEO["max_bytes"]:
            yield _(
                "“%(name)s” has %(size)s MB; %(network)s takes %(limit)s MB.",
                name=media.filename,
                network=LABEL,
                size=f"{media.size_bytes / 1_000_000:.1f}",
                limit=f"{VIDEO['max_bytes'] / 1_000_000:.1f}",
            )
    yield from media_problems(
        content,
        label=LABEL,
        images_max=IMAGES["count_max"],
        image_types=(*IMAGES["formats"], *VIDEO["formats"]),
        image_bytes_max=None if films else IMAGE_BYTES_MAX,
        alt_text_max=IMAGES["alt_text_max"],
    )
