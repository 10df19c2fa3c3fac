"""Addresses in mails: read outside any request, and some of them without signing in."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core import signing
from django.urls import reverse

STOP_SALT: Final = "notifications.stop"


class Stop(NamedTuple):
    """What a link in a mail ends: mails of one kind, or the daily one, to one person."""

    person_id: int
    what: str


def absolute(path: str) -> str:
    """Return the full address of a path of ours."""
    return settings.BASE_URL + path


def stop_address(person_id: int, what: str) -> str:
    """Return the address that ends such mails without signing in. It holds as long as the installation's key."""
    token = signing.dumps([person_id, what], salt=STOP_SALT)
    return absolute(reverse("notification_stop", args=[token]))


def stop_named(token: str) -> Stop | None:
    """Return what a token ends, or None for one that is not ours."""
    try:
        content: Any = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    return Stop(*content)
