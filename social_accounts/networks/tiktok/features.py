"""What TikTok offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..base import Content, Features, Option, ScopeLine, TextCount
from ..data import content_limits
from ..problems import one_video_problems, option_problems, text_problems, video_rule
from ..words import _
from .config import LABEL, NAME

LIMITS = content_limits("tiktok_video")
VIDEO = video_rule(LIMITS["video"])
# Our own measuring calls the second one by its other name; sound is not limited.
VIDEO = replace(VIDEO, codecs=(*VIDEO.codecs, "hevc", "aac", "opus", "vorbis", "mp3"))
YES = "yes"
ONLY_ME = "SELF_ONLY"
# developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
PRIVACY_WORDS = {
    "PUBLIC_TO_EVERYONE": _("Everyone"),
    "MUTUAL_FOLLOW_FRIENDS": _("Friends"),
    "FOLLOWER_OF_CREATOR": _("Followers"),
    ONLY_ME: _("Only the account itself"),
}
_LEFT_OFF = (("", _("No")), (YES, _("Yes")))

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=True,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    can_delete=False,
    conditions=_(
        "Until TikTok has audited the operator's application, it takes videos for private accounts only, seen by the"
        " account itself, and from %(people)s people a day.",
        people=LIMITS["quota"]["unaudited_people_per_day"],
    ),
    text_limit=LIMITS["text"]["max"],
    images_max=0,  # it fetches pictures from addresses of a domain that was proven to it; a video is brought
    image_types=(),
    image_bytes_max=0,
    alt_text_max=None,
    video_types=VIDEO.types,
    video_bytes_max=VIDEO.bytes_max,
    video_seconds_max=VIDEO.seconds_max,
    shows_video_alt_text=False,
    # TikTok's rules for the form: no audience is chosen beforehand, everything others may do is off until asked for.
    options=(
        Option(name="privacy", label=_("Who can see the video"), is_asked=True, is_required=True),
        Option(name="comments", label=_("Others may comment"), choices=_LEFT_OFF),
        Option(name="duets", label=_("Others may make duets with it"), choices=_LEFT_OFF),
        Option(name="stitches", label=_("Others may stitch it"), choices=_LEFT_OFF),
        Option(
            name="promotes",
            label=_("The video promotes"),
            choices=(
                ("", _("Nothing")),
                ("own", _("Your own brand")),
                ("others", _("Another brand, as a paid partnership")),
                ("both", _("Your own brand and another one")),
            ),
        ),
        Option(
            name="made_with_ai",
            label=_("Made with artificial intelligence"),
            choices=(("", _("Not declared")), (YES, _("Say so on the video"))),
        ),
        Option(
            name="music",
            label=_("TikTok's music terms"),
            choices=(("", _("Choose one")), (YES, _("I agree to them"))),
            is_required=True,
            help=_(
                "By posting, you agree to TikTok's Music Usage Confirmation"
                " (https://www.tiktok.com/legal/page/global/music-usage-confirmation/en)."
            ),
        ),
    ),
    scopes=(
        ScopeLine(
            scope="user.info.basic",
            what=_("See the account's name and picture"),
            used_for=_("to show which account is connected"),
        ),
        ScopeLine(
            scope="user.info.profile",
            what=_("See the account's user name"),
            used_for=_("to link to its videos"),
        ),
        ScopeLine(
            scope="video.publish",
            what=_("Post videos"),
            used_for=_("to publish what was written and approved here"),
            not_used=_("TikTok lets nobody change or delete videos from outside."),
        ),
        ScopeLine(
            scope="video.list",
            what=_("See the account's public videos"),
            used_for=_("to make sure that a video went out exactly once, and to count reactions to it"),
        ),
    ),
)


def count_tiktok(content: Content) -> TextCount:
    """Count as UTF-16 does: TikTok says so."""
    return TextCount(used=len(outgoing_text(content).encode("utf-16-le")) // 2, limit=FEATURES.text_limit)


def outgoing_text(content: Content) -> str:
    """Return the text that goes out: TikTok makes no cards, so a link that is not in the text follows it."""
    card = content.link_card
    if card is None or card.url in content.text:
        return content.text
    return f"{content.text}\n\n{card.url}".lstrip()


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [
        *text_problems(content, count),
        *_media(content),
        *option_problems(content, FEATURES.options),
        *_promotion(content),
    ]


def _media(content: Content) -> Iterable[str]:
    videos = [media for media in content.media if media.is_video]
    if len(videos) != 1 or len(content.media) != 1:
        yield _("TikTok takes exactly one video.")
    for media in videos:
        yield from one_video_problems(media, VIDEO, label=LABEL)


def _promotion(content: Content) -> Iterable[str]:
    is_paid = content.options.get("promotes") in ("others", "both")
    if is_paid and content.options.get("privacy") == ONLY_ME:
        yield _("A paid partnership cannot be shown to the account itself alone.")
