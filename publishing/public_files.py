"""Addresses under which a network that takes no bytes fetches one file of a post.

Instagram and Threads want a public address without sign-in or redirect. Each such address names one file of one
organization and its own end, and is signed: nobody can make one, lengthen one or turn one into another's. It is made
when the file is handed over and not kept; what it opens is about to be public anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from publishing.models import PostMedia
from social_accounts.networks.base import PictureForm
from tenancy.context import organization_open

# A network may come for it more than once while it works on it, which it gives up after a day.
OPEN_FOR: Final = timedelta(hours=48)
SALT: Final = "publishing.public_files"


class NotOpen(LookupError):
    """The address opens nothing: it was changed, its time is over, or its file is gone."""


@dataclass(frozen=True)
class PublicFile:
    """``open_until``: nobody may keep a copy of it for longer. ``form``: how the picture is to be made on its way."""

    media: PostMedia
    open_until: datetime
    form: PictureForm | None = None


def public_address(media: PostMedia, now: datetime, form: PictureForm | None = None) -> str:
    """Return an absolute address for this file, made into ``form``, that works until its end without any sign-in."""
    until = int((now + OPEN_FOR).timestamp())
    made = [list(form.types), form.bytes_max, form.width_max, form.pixels_max] if form else []
    signed = Signer(salt=SALT).sign_object([media.organization_id, media.pk, until, *made])
    return settings.BASE_URL + reverse("public_file", args=[signed])


def file_at(signed: str, now: datetime) -> PublicFile:
    """Return the file a signed address names. Raises NotOpen."""
    try:
        organization_id, media_id, until, *made = Signer(salt=SALT).unsign_object(signed)
        form = _form(*made) if made else None
    except (BadSignature, ValueError, TypeError) as problem:
        raise NotOpen from problem
    if now.timestamp() >= until:
        raise NotOpen
    with organization_open(organization_id):
        media = PostMedia.objects.filter(pk=media_id, post__deleted_at=None).exclude(post=None).first()
    if media is None:
        raise NotOpen
    return PublicFile(media, datetime.fromtimestamp(until, UTC), form)


def _form(types: list[str], bytes_max: int, width_max: int | None, pixels_max: int | None) -> PictureForm:
    return PictureForm(types=tuple(types), bytes_max=bytes_max, width_max=width_max, pixels_max=pixels_max)
