"""From what a person typed to a server's origin."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

import httpx

from .base import Rejected, RejectionReason
from .http import origin_of
from .words import _

_USER = re.compile(r"^[\w.-]+$")


def typed_origin(typed: str, *, trusted_origins: Iterable[str] = ()) -> tuple[str, str]:
    """Return (origin, account): the account is user@domain when a handle was typed, else empty.

    Takes mastodon.social, https://mastodon.social/@me, @me@mastodon.social. Raises Rejected for anything
    that is no server name. Plain http is kept for trusted origins only.
    """
    text = typed.strip()
    trusted = {origin_of(origin) for origin in trusted_origins}
    account = ""
    if "://" not in text and "@" in text:
        user, _at, text = text.lstrip("@").partition("@")
        if not _USER.match(user):
            raise _no_server(typed)
        account = f"{user}@{text}"
    scheme, _separator, rest = text.partition("://") if "://" in text else ("https", "", text)
    try:
        given = httpx.URL(f"{scheme.lower()}://{rest}")
        origin = origin_of(given)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise _no_server(typed) from error
    plain = "http" + origin.removeprefix("https")
    for candidate in (origin, plain):
        if candidate in trusted:
            return candidate, account
    if given.userinfo or given.scheme not in ("http", "https") or not _is_server_name(given.host):
        raise _no_server(typed)
    return origin_of(f"https://{origin.partition('://')[2]}"), account


def _is_server_name(host: str) -> bool:
    if "." not in host.strip(".") or any(character in host for character in " %_/\\"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host.replace(".", "").isdigit()
    return False


def _no_server(typed: str) -> Rejected:
    return Rejected(
        RejectionReason.NOT_FOUND,
        _(
            "“%(typed)s” is not the name of a server. Type a name such as example.social.",
            typed=typed.strip()[:80],
        ),
    )
