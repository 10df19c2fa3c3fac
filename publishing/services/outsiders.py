"""Letting people without an account in through a link, and shutting it again.

A kind of link (``ApprovalLink``, ``CalendarLink``) is a model on ``OutsiderLink``. Who may make or shut one, and the
audit event of it, belongs to the service of that kind.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, TypeVar, cast

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from publishing.models import Outsider, OutsiderLink, digest_of_token
from tenancy.context import unscoped

TOKEN_BYTES: Final = 32
USED_AGAIN_AFTER: Final = timedelta(minutes=1)  # no write for each request of a page and its pictures
Link = TypeVar("Link", bound=OutsiderLink)


class LinkRefused(Exception):
    """The link opens nothing. The message is for whoever holds it, and names nothing of the organization."""


class LinkUnknown(LinkRefused):
    """No link ever had this token. Nothing else is told: neither that something exists nor what."""


class LinkExpired(LinkRefused):
    """The link was real, and its time is over."""


class LinkRevoked(LinkRefused):
    """The link was real, and somebody shut it."""


def new_token() -> tuple[str, str]:
    """Return a new token, to be shown or mailed once, and the digest that is kept of it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, digest_of_token(token)


def find_link(kind: type[Link], token: str, now: datetime) -> Link:
    """Return the live link of the token. Raises LinkUnknown, or for a real one LinkExpired or LinkRevoked."""
    # Unscoped: whoever holds a link belongs to no organization; the token's digest names the row, and nothing else.
    with unscoped():
        rows = kind.objects.with_token(token).select_related("outsider", "organization", "created_by")
        link = cast("Link | None", rows.first())
    if link is None:
        raise LinkUnknown(_("This link does not belong to anything. Check that it was copied whole."))
    if link.revoked_at is not None:
        raise LinkRevoked(_("This link was shut by those who gave it to you."))
    if not link.is_live(now):
        raise LinkExpired(_("The time of this link is over."))
    return link


def note_use(link: OutsiderLink, now: datetime) -> None:
    """Write down that the link was used now, once a minute at most. Its organization must be open."""
    if link.last_used_at is None or now - link.last_used_at >= USED_AGAIN_AFTER:
        type(link).objects.filter(pk=link.pk).update(last_used_at=now)
        link.last_used_at = now


def revoke(link: OutsiderLink, now: datetime) -> bool:
    """Shut the link at once and for good; return whether it was open. The caller has asked for the right."""
    rows = type(link).objects.filter(pk=link.pk, revoked_at=None)
    return bool(rows.update(revoked_at=now))


def outsider_of(*, name: str, email: str, language: str, by: User, now: datetime) -> Outsider:
    """Return the person with this address, made when nobody has it yet. A known one keeps his name."""
    email = email.strip()
    known = Outsider.objects.annotate(lower=Lower("email")).filter(lower=email.lower()).first()
    if known is not None:
        return known
    return Outsider.objects.create(
        name=name.strip(), email=email, language=language, created_by=by, created_at=now
    )
