"""What people should know of a post there before it goes out: nothing is against it, but it will not be as given."""

from __future__ import annotations

from collections.abc import Iterable

from .base import Content, Features, Media, PictureForm
from .images import is_made_to_fit
from .problems import BYTES_PER_MEGABYTE
from .words import _


def notes_on(content: Content, features: Features) -> list[str]:
    """Return plain sentences on what becomes of the content on its way to this network."""
    found = [sentence for media in content.media for sentence in _of_picture(media, features)]
    if any(media.is_video for media in content.media) and not features.shows_video_alt_text:
        found.append(_("%(network)s takes no description of a video.", network=features.label))
    return found


def _of_picture(media: Media, features: Features) -> Iterable[str]:
    form = features.picture_form
    if form is None or not is_made_to_fit(media, form):
        return
    if media.content_type not in form.types:
        yield _other_kind(media, form, features.label)
    elif media.size_bytes > form.bytes_max:
        yield _(
            "“%(name)s” goes out to %(network)s with less than %(limit)s MB. The original stays as it is.",
            name=media.filename,
            network=features.label,
            limit=f"{form.bytes_max / BYTES_PER_MEGABYTE:.0f}",
        )
    else:
        yield _smaller(media, form, features.label)


def _other_kind(media: Media, form: PictureForm, label: str) -> str:
    if "image/png" in form.types:
        return _(
            "“%(name)s” goes out to %(network)s as PNG or JPEG. The original stays as it is.",
            name=media.filename,
            network=label,
        )
    return _(
        "“%(name)s” goes out to %(network)s as JPEG, white where it is see-through. The original stays as it is.",
        name=media.filename,
        network=label,
    )


def _smaller(media: Media, form: PictureForm, label: str) -> str:
    if form.width_max is not None:
        return _(
            "“%(name)s” goes out to %(network)s %(width)s pixels wide. The original stays as it is.",
            name=media.filename,
            network=label,
            width=form.width_max,
        )
    return _(
        "“%(name)s” goes out to %(network)s with fewer pixels. The original stays as it is.",
        name=media.filename,
        network=label,
    )
