"""What YouTube offers and asks for, in words and numbers; and what it would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..base import FIRST_COMMENT, Content, Features, Option, ScopeLine, TextCount
from ..data import content_limits
from ..problems import (
    comment_problems,
    media_problems,
    one_video_problems,
    option_problems,
    pictures_of,
    text_problems,
    video_rule,
)
from ..text import graphemes
from ..words import _
from .config import LABEL, NAME
from .metadata import (
    NO,
    PRIVATE,
    PUBLIC,
    UNLISTED,
    YES,
    description_of,
    is_for_kids,
    tags_length,
    tags_of,
    title_of,
    visibility_of,
)

LIMITS = content_limits(NAME)
TEXT, THUMBNAIL, QUOTA = LIMITS["text"], LIMITS["thumbnail"], LIMITS["quota"]
TITLE_MAX: int = TEXT["title_max"]
# YouTube takes any video; these are what a browser and our own measuring have names for.
VIDEO_TYPES = (
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/mpeg",
    "video/x-matroska",
    "video/x-msvideo",
    "video/3gpp",
)
VIDEO = replace(video_rule(LIMITS["video"]), types=VIDEO_TYPES)
# developers.google.com/youtube/v3/docs/videoCategories: those a video may be put into everywhere.
CATEGORIES = (
    ("22", _("People and blogs")),
    ("2", _("Autos and vehicles")),
    ("23", _("Comedy")),
    ("27", _("Education")),
    ("24", _("Entertainment")),
    ("1", _("Film and animation")),
    ("20", _("Gaming")),
    ("26", _("How-to and style")),
    ("10", _("Music")),
    ("25", _("News and politics")),
    ("29", _("Nonprofits and activism")),
    ("15", _("Pets and animals")),
    ("28", _("Science and technology")),
    ("17", _("Sports")),
    ("19", _("Travel and events")),
)

FEATURES = Features(
    name=NAME,
    label=LABEL,
    has_approval=False,
    needs_server=False,
    has_app_password=False,
    has_operator_app=True,
    conditions=_(
        "Until Google has audited the operator's project, YouTube keeps every video from here private."
        " All channels together may upload %(uploads)s videos a day.",
        uploads=QUOTA["uploads_per_day"],
    ),
    text_limit=TEXT["description_max"],
    images_max=1,  # the video's thumbnail
    image_types=tuple(THUMBNAIL["formats"]),
    image_bytes_max=THUMBNAIL["max_bytes"],
    alt_text_max=None,
    video_types=VIDEO_TYPES,
    video_bytes_max=VIDEO.bytes_max,
    video_seconds_max=VIDEO.seconds_max,
    shows_video_alt_text=False,
    options=(
        Option(name="title", label=_("Title"), max_length=TITLE_MAX, is_required=True),
        Option(
            name="made_for_kids",
            label=_("Made for kids"),
            choices=(
                ("", _("Choose one")),
                (NO, _("No, it is not made for kids")),
                (YES, _("Yes, it is made for kids")),
            ),
            is_required=True,
        ),
        Option(
            name="visibility",
            label=_("Visibility"),
            choices=(
                (PUBLIC, _("Everyone")),
                (UNLISTED, _("Everyone with the link")),
                (PRIVATE, _("Only the channel itself")),
            ),
            default=PUBLIC,
        ),
        Option(name="playlist", label=_("Playlist"), is_asked=True),
        Option(name="category", label=_("Category"), choices=CATEGORIES, default=CATEGORIES[0][0]),
        Option(
            name="tags",
            label=_("Tags"),
            max_length=TEXT["tags_total_max"],
            help=_("With commas between them."),
        ),
        Option(
            name="synthetic",
            label=_("Altered or synthetic"),
            choices=(("", _("Not declared")), (YES, _("Say so on the video"))),
        ),
        Option(
            name="subscribers",
            label=_("Tell subscribers"),
            choices=(("", _("Yes")), (NO, _("No"))),
        ),
        # Google's rules for the form: who uploads says so each time.
        Option(
            name="terms",
            label=_("YouTube's terms"),
            choices=(("", _("Choose one")), (YES, _("The video complies with them"))),
            is_required=True,
            help=_(
                "You certify that the video complies with the YouTube Terms of Service"
                " (https://www.youtube.com/t/terms) and violates nobody's copyright or privacy."
            ),
        ),
        Option(
            name=FIRST_COMMENT,
            label=_("First comment"),
            max_length=LIMITS["comment"]["max"],
            is_long=True,
        ),
    ),
    scopes=(
        ScopeLine(
            scope="youtube.readonly",
            what=_("See the channel, its videos and playlists"),
            used_for=_(
                "to show which channel is connected, to make sure that a video went out exactly once,"
                " and to count reactions to it"
            ),
        ),
        ScopeLine(
            scope="youtube.upload",
            what=_("Upload videos"),
            used_for=_("to publish what was written here"),
        ),
        ScopeLine(
            scope="youtube.force-ssl",
            what=_("See, edit and delete videos, ratings, comments and captions"),
            used_for=_(
                "to write the first comment, to put a video into a playlist, and to change or delete a"
                " video that went out from here when asked"
            ),
            not_used=_(
                "Google cannot split it. Videos and comments made elsewhere are never touched; left"
                " unticked, videos still go out."
            ),
        ),
    ),
)


def count_description(content: Content) -> TextCount:
    """Count characters; what limits them is their bytes."""
    text = description_of(content)
    limit = FEATURES.text_limit
    return TextCount(used=len(text), limit=limit, bytes_used=len(text.encode()), bytes_limit=limit)


def content_problems(content: Content, count: TextCount) -> list[str]:
    return [
        *text_problems(content, count),
        *_media(content),
        *option_problems(content, FEATURES.options),
        *_words(content),
        *_comment(content),
    ]


def edit_problems(before: Content, after: Content) -> list[str]:
    """Return what of this change YouTube does not take: a video that is out stays the video it is."""
    problems: list[str] = []
    if _files(before) != _files(after):
        problems.append(_("YouTube replaces no video that is out, nor its thumbnail from here."))
    if before.options.get("playlist", "") != after.options.get("playlist", ""):
        problems.append(_("A video that is out is moved between playlists at YouTube itself."))
    return problems


def _files(content: Content) -> list[tuple[str, int, str]]:
    return [(media.content_type, media.size_bytes, media.filename) for media in content.media]


def _media(content: Content) -> Iterable[str]:
    videos = [media for media in content.media if media.is_video]
    pictures = pictures_of(content)
    if len(videos) != 1:
        yield _("YouTube takes exactly one video.")
    if len(pictures.media) > FEATURES.images_max:
        yield _("Beside the video YouTube takes one picture: its thumbnail.")
    for media in videos:
        yield from one_video_problems(media, VIDEO, label=LABEL)
    yield from media_problems(
        pictures,
        label=LABEL,
        images_max=len(pictures.media),
        image_types=FEATURES.image_types,
        image_bytes_max=None,
        alt_text_max=None,
    )


def _words(content: Content) -> Iterable[str]:
    title, tags = title_of(content), tags_of(content)
    if len(title) > TITLE_MAX >= graphemes(title):
        yield _(
            "The title takes %(used)s characters; %(limit)s are allowed.", used=len(title), limit=TITLE_MAX
        )
    for where, text in (
        (_("title"), title),
        (_("description"), description_of(content)),
        (_("tags"), ",".join(tags)),
    ):
        found = [character for character in TEXT["forbidden_characters"] if character in text]
        if found:
            yield _(
                "YouTube takes no “%(characters)s” in the %(where)s.",
                characters=" ".join(found),
                where=where,
            )
    if tags_length(tags) > TEXT["tags_total_max"]:
        yield _(
            "The tags take %(used)s characters; %(limit)s are allowed.",
            used=tags_length(tags),
            limit=TEXT["tags_total_max"],
        )


def _comment(content: Content) -> Iterable[str]:
    text = content.options.get(FIRST_COMMENT, "")
    yield from comment_problems(content, TextCount(used=len(text), limit=LIMITS["comment"]["max"]))
    if text and is_for_kids(content):
        yield _("Videos made for kids have no comments.")
    elif text and visibility_of(content) == PRIVATE:
        yield _("Private videos have no comments.")
