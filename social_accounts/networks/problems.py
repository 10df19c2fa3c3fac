"""Why a network would refuse a content, in plain sentences: the checks all networks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .base import Content, Option, TextCount
from .text import graphemes
from .words import _

BYTES_PER_MEGABYTE = 1_000_000


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
) -> Iterable[str]:
    """``image_types`` may end in ``/*``; ``image_bytes_max`` is None where larger pictures are made
    smaller.
    """
    if len(content.media) > images_max:
        yield _("%(network)s takes at most %(limit)s pictures.", network=label, limit=images_max)
    for media in content.media:
        if not any(_is_of(media.content_type, allowed) for allowed in image_types):
            yield _(
                "“%(name)s” is of a kind that %(network)s does not take (%(type)s).",
                name=media.filename,
                network=label,
                type=media.content_type,
            )
        if image_bytes_max is not None and media.size_bytes > image_bytes_max:
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


def option_problems(content: Content, options: Iterable[Option]) -> Iterable[str]:
    for option in options:
        value = content.options.get(option.name, "")
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
