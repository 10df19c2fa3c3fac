"""What Bluesky offers and asks for, in words and numbers."""

from __future__ import annotations

from ..base import FIRST_COMMENT, Features, Option, ScopeLine
from ..data import content_limits
from ..problems import video_rule
from ..words import _

NAME = "bluesky"
_LIMITS = content_limits(NAME)
VIDEO_RULE = video_rule(_LIMITS["video"])
TEXT_BYTES_MAX: int = _LIMITS["text"]["max_utf8_bytes"]
THUMBNAIL_BYTES_MAX: int = _LIMITS["links"]["external_card_thumb_max_bytes"]
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""The network takes any image; these are what we can clean of hidden data first."""

FEATURES = Features(
    name=NAME,
    label="Bluesky",
    has_approval=True,
    needs_server=False,
    has_app_password=True,
    text_limit=_LIMITS["text"]["max"],
    images_max=_LIMITS["images"]["count_max"],
    image_types=IMAGE_TYPES,
    image_bytes_max=_LIMITS["images"]["max_bytes"],
    alt_text_max=_LIMITS["images"]["alt_text_max"],
    video_types=VIDEO_RULE.types,
    video_bytes_max=VIDEO_RULE.bytes_max,
    video_seconds_max=VIDEO_RULE.seconds_max,
    options=(
        Option(
            name="reply_settings",
            label=_("Who may reply"),
            choices=(
                ("", _("Everyone")),
                ("followers", _("Accounts that follow this profile")),
                ("following", _("Accounts this profile follows")),
                ("mentioned", _("Only accounts the post mentions")),
                ("nobody", _("Nobody")),
            ),
        ),
        Option(
            name="content_label",
            label=_("Content label"),
            choices=(
                ("", _("None")),
                ("graphic-media", _("Graphic media")),
                ("nudity", _("Nudity")),
                ("sexual", _("Sexually suggestive")),
                ("porn", _("Adult content")),
            ),
        ),
        Option(name=FIRST_COMMENT, label=_("First comment"), is_long=True),
    ),
    scopes=(
        ScopeLine(
            scope="atproto",
            what=_("Know which account this is"),
            used_for=_("to show which account is connected"),
            not_used=_("The e-mail address is neither asked for nor seen."),
        ),
        ScopeLine(
            scope="repo:app.bsky.feed.post",
            what=_("Write, change and delete posts"),
            used_for=_("to publish what was written and approved here, and to delete it when asked"),
            not_used=_("Likes, follows, blocks, lists and the profile cannot be touched with it."),
        ),
        ScopeLine(
            scope="repo:app.bsky.feed.threadgate",
            what=_("Set who may reply to posts"),
            used_for=_("to open or close the replies of a post as its author chose"),
        ),
        ScopeLine(
            scope="blob:image/*",
            what=_("Upload pictures"),
            used_for=_("to attach the pictures of a post, with their descriptions"),
            not_used=_("Direct messages and notifications cannot be read."),
        ),
        ScopeLine(
            scope="blob:video/*",
            what=_("Upload videos, also through Bluesky's video service"),
            used_for=_("to attach the video of a post, with its description"),
        ),
    ),
)
