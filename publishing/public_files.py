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
from tenancy.context import organization_open

# A network may come for it more than once while it works on it, which it gives up after a day.
OPEN_FOR: Final = timedelta(hours=48)
SALT: Final = "publishing.public_files"


class NotOpen(LookupError):
    """The address opens nothing: it was changed, its time is over, or its file is gone."""


@dataclass(frozen=True)
class PublicFile:
    """``open_until``: nobody may keep a copy of it for longer."""

    media: PostMedia
    open_until: datetime


def public_address(media: PostMedia, now: datetime) -> str:
    """Return an absolute address for this file that works until its end without any sign-in."""
    until = int((now + OPEN_FOR).timestamp())
    signed = Signer(salt=SALT).sign_object([media.organization_id, media.pk, until])
    return settings.BASE_URL + reverse("public_file", args=[signed])


def file_at(signed: str, now: datetime) -> PublicFile:
    """Return the file a signed address names. Raises NotOpen."""
    try:
        organization_id, media_id, until = Signer(salt=SALT).unsign_object(signed)
    except (BadSignature, ValueError, TypeError) as problem:
        raise NotOpen from problem
    if now.timestamp() >= until:
        raise NotOpen
    with organization_open(organization_id):
        media = PostMedia.objects.filter(pk=media_id, post__deleted_at=None).exclude(post=None).first()
    if media is None:
        raise NotOpen
    return PublicFile(media, datetime.fromtimestamp(until, UTC))
