"""Why a network would refuse a content, in plain sentences: the checks all networks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .base import FIRST_COMMENT, Content, Media, Option, PictureForm, TextCount
from .images import is_made_to_fit
from .text import graphemes
from .words import _

BYTES_PER_MEGABYTE = 1_000_000
RATIO_SLACK = 0.01  # 1080 by 566 is meant to be 1.91 to 1


@dataclass(frozen=True, kw_only=True)
class VideoRule:
    """What a network says of the videos it takes. None and empty: it does not say."""

    types: tuple[str, ...]
    bytes_max: int | None = None
    bytes_min: int | None = None
    seconds_max: float | None = None
    seconds_min: float | None = None
    frames_per_second_max: float | None = None
    frames_per_second_min: float | None = None
    codecs: tuple[str, ...] = ()
    # Width divided by height, and how long a side may be.
    ratio_min: float | None = None
    ratio_max: float | None = None
    side_min: int | None = None
    side_max: int | None = None


def video_rule(facts: Mapping[str, Any]) -> VideoRule:
    """Return the rule that a ``video`` entry of limits.json describes."""
    rate, ratio, pixels = (facts.get(name) or {} for name in ("fps", "aspect_ratio", "pixels"))
    return VideoRule(
        types=tuple(facts["formats"]),
        bytes_max=facts.get("max_bytes"),
        bytes_min=facts.get("min_bytes"),
        seconds_max=facts.get("max_seconds"),
        seconds_min=facts.get("min_seconds"),
        frames_per_second_max=rate.get("max"),
        frames_per_second_min=rate.get("min"),
        codecs=tuple(facts.get("codecs", ())),
        ratio_min=ratio.get("min"),
        ratio_max=ratio.get("max"),
        side_min=pixels.get("min_side"),
        side_max=pixels.get("max_side"),
    )


def text_problems(content: Content, count: TextCount) -> Iterable[str]:
    if not content.text.strip() and not content.media:
        yield _("The post is empty.")
    if count.used > count.limit:
        yield _(
            "The text is %(over)s characters too long (%(used)s of %(limit)s).",
            over=count.used - count.limit,
            used=count.used,
            limit=count.limit,
        )
    elif count.is_over:
        yield _(
            "The text takes %(used)s bytes; %(limit)s are allowed.",
            used=count.bytes_used,
            limit=count.bytes_limit,
        )


def media_problems(
    content: Content,
    *,
    label: str,
    images_max: int,
    image_types: Sequence[str],
    image_bytes_max: int | None,
    alt_text_max: int | None,
    form: PictureForm | None = None,
) -> Iterable[str]:
    """``image_types`` may end in ``/*``; ``image_bytes_max`` is None where larger pictures are made
    smaller. What is made into ``form`` on its way is no problem.
    """
    if len(content.media) > images_max:
        yield _("%(network)s takes at most %(limit)s pictures.", network=label, limit=images_max)
    for media in content.media:
        is_made = is_made_to_fit(media, form)
        if not is_made and not any(_is_of(media.content_type, allowed) for allowed in image_types):
            yield _(
                "“%(name)s” is of a kind that %(network)s does not take (%(type)s).",
                name=media.filename,
                network=label,
                type=media.content_type,
            )
        if not is_made and image_bytes_max is not None and media.size_bytes > image_bytes_max:
            yield _(
                "“%(name)s” has %(size)s MB; %(network)s takes %(limit)s MB.",
                name=media.filename,
                network=label,
                size=f"{media.size_bytes / BYTES_PER_MEGABYTE:.1f}",
                limit=f"{image_bytes_max / BYTES_PER_MEGABYTE:.1f}",
            )
        if alt_text_max is not None and graphemes(media.alt_text) > alt_text_max:
            yield _(
                "The description of “%(name)s” is longer than %(limit)s characters.",
                name=media.filename,
                limit=alt_text_max,
            )


def pictures_of(content: Content) -> Content:
    """Return the content with its pictures alone, for ``media_problems`` where videos have rules of their own."""
    return replace(content, media=tuple(media for media in content.media if not media.is_video))


def video_problems(
    content: Content, rule: VideoRule, *, label: str, alt_text_max: int | None = None
) -> Iterable[str]:
    """Say what a network that takes one video alone has against the videos of the content.

    What could not be measured when a file came in is not held against it: the network measures again.
    """
    videos = [media for media in content.media if media.is_video]
    if videos and len(content.media) > 1:
        yield _("%(network)s takes either pictures or one video.", network=label)
    for media in videos:
        yield from one_video_problems(media, rule, label=label)
        if alt_text_max is not None and graphemes(media.alt_text) > alt_text_max:
            yield _(
                "The description of “%(name)s” is longer than %(limit)s characters.",
                name=media.filename,
                limit=alt_text_max,
            )


def one_video_problems(media: Media, rule: VideoRule, *, label: str) -> Iterable[str]:
    """Say what is against this one file: its kind, size, length, frame rate and codecs."""
    name = media.filename
    if media.content_type not in rule.types:
        yield _(
            "“%(name)s” is of a kind that %(network)s does not take (%(type)s).",
            name=name,
            network=label,
            type=media.content_type,
        )
    if rule.bytes_max is not None and media.size_bytes > rule.bytes_max:
        yield _(
            "“%(name)s” has %(size)s MB; %(network)s takes %(limit)s MB.",
            name=name,
            network=label,
            size=f"{media.size_bytes / BYTES_PER_MEGABYTE:.1f}",
            limit=f"{rule.bytes_max / BYTES_PER_MEGABYTE:.1f}",
        )
    if rule.bytes_min is not None and media.size_bytes < rule.bytes_min:
        yield _(
            "“%(name)s” is smaller than a video may be on %(network)s (%(limit)s kB).",
            name=name,
            network=label,
            limit=f"{rule.bytes_min / 1000:.0f}",
        )
    yield from _length_problems(media, rule, label)
    yield from _picture_rate_problems(media, rule, label)
    yield from ratio_problems(media, rule.ratio_min, rule.ratio_max, label=label)
    yield from _side_problems(media, rule, label)
    foreign = [codec for codec in media.codecs if rule.codecs and codec not in rule.codecs]
    if foreign:
        yield _(
            "“%(name)s” is encoded with %(codec)s, which %(network)s does not take (%(known)s).",
            name=name,
            network=label,
            codec=", ".join(foreign),
            known=", ".join(rule.codecs),
        )


def _length_problems(media: Media, rule: VideoRule, label: str) -> Iterable[str]:
    if media.seconds is None:
        return
    if rule.seconds_max is not None and media.seconds > rule.seconds_max:
        yield _(
            "“%(name)s” lasts %(length)s seconds; %(network)s takes at most %(limit)s.",
            name=media.filename,
            network=label,
            length=f"{media.seconds:.0f}",
            limit=f"{rule.seconds_max:g}",
        )
    if rule.seconds_min is not None and media.seconds < rule.seconds_min:
        yield _(
            "“%(name)s” lasts %(length)s seconds; %(network)s takes no video below %(limit)s.",
            name=media.filename,
            network=label,
            length=f"{media.seconds:.1f}",
            limit=f"{rule.seconds_min:g}",
        )


def _picture_rate_problems(media: Media, rule: VideoRule, label: str) -> Iterable[str]:
    rate = media.frames_per_second
    if rate is None:
        return
    highest, lowest = rule.frames_per_second_max, rule.frames_per_second_min
    # Films are shot at 59.94 or 23.976 and called 60 or 24.
    if (highest is not None and rate > highest + 0.5) or (lowest is not None and rate < lowest - 0.5):
        yield _(
            "“%(name)s” has %(rate)s frames per second; %(network)s takes %(limit)s.",
            name=media.filename,
            network=label,
            rate=f"{rate:.0f}",
            limit=f"{lowest or 1:g}–{highest:g}" if highest is not None else f"{lowest:g}+",
        )


def ratio_problems(media: Media, lowest: float | None, highest: float | None, *, label: str) -> Iterable[str]:
    """Say what is against the shape of a file, where its network says so in ratios of width to height.

    A file that could not be measured is not held against anybody: the network measures again.
    """
    if not media.width or not media.height:
        return
    ratio = media.width / media.height
    if lowest is not None and ratio < lowest * (1 - RATIO_SLACK):
        yield _(
            "“%(name)s” is too tall for %(network)s: it may be %(limit)s times as high as wide. Crop it.",
            name=media.filename,
            network=label,
            limit=f"{1 / lowest:.3g}",
        )
    if highest is not None and ratio > highest * (1 + RATIO_SLACK):
        yield _(
            "“%(name)s” is too wide for %(network)s: it may be %(limit)s times as wide as high. Crop it.",
            name=media.filename,
            network=label,
            limit=f"{highest:g}",
        )


def _side_problems(media: Media, rule: VideoRule, label: str) -> Iterable[str]:
    sides = [side for side in (media.width, media.height) if side]
    lowest, highest = rule.side_min or 0, rule.side_max
    if any(side < lowest or (highest is not None and side > highest) for side in sides):
        yield _(
            "“%(name)s” is %(width)s × %(height)s; %(network)s takes sides of %(lowest)s to %(highest)s.",
            name=media.filename,
            network=label,
            width=media.width or "?",
            height=media.height or "?",
            lowest=lowest,
            highest=highest or "∞",
        )


def comment_problems(content: Content, count: TextCount | None) -> Iterable[str]:
    """Say what is against the first comment. ``count`` is of its text, as the network counts comments."""
    text = content.options.get(FIRST_COMMENT, "")
    if text and not text.strip():
        yield _("The first comment is empty.")
    if text and count is not None and count.is_over:
        yield _(
            "The first comment is too long (%(used)s of %(limit)s characters).",
            used=count.used,
            limit=count.limit,
        )


def option_problems(content: Content, options: Iterable[Option]) -> Iterable[str]:
    for option in options:
        value = content.options.get(option.name, "")
        if option.is_required and not value.strip():
            yield _("“%(option)s” is missing.", option=option.label)
        if value and option.choices and value not in {choice for choice, _label in option.choices}:
            yield _("“%(value)s” is no choice for “%(option)s”.", value=value, option=option.label)
        if option.max_length is not None and graphemes(value) > option.max_length:
            yield _(
                "“%(option)s” is longer than %(limit)s characters.",
                option=option.label,
                limit=option.max_length,
            )


def _is_of(content_type: str, allowed: str) -> bool:
    if allowed.endswith("/*"):
        return content_type.startswith(allowed.removesuffix("*"))
    return content_type == allowed
