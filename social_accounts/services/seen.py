"""What a network says of an account, as the profile's row keeps it."""

from __future__ import annotations

from typing import TypedDict

from social_accounts.models import SocialProfile
from social_accounts.networks.base import Account

URL_MAX, AVATAR_URL_MAX, HANDLE_MAX = 500, 1000, 255


class Seen(TypedDict):
    handle: str
    url: str
    avatar_url: str


def seen_of(account: Account) -> Seen:
    """Return the fields that follow the network. Anybody may run a server: only web addresses become links."""
    return {
        "handle": account.handle[:HANDLE_MAX],
        "url": _web_address(account.url, URL_MAX),
        "avatar_url": _web_address(account.avatar_url, AVATAR_URL_MAX),
    }


def note_seen(profile: SocialProfile, account: Account) -> None:
    """Write the fields that follow the network into an unsaved row."""
    for name, value in seen_of(account).items():
        setattr(profile, name, value)


def _web_address(url: str, length_max: int) -> str:
    is_one = url.startswith(("https://", "http://")) and len(url) <= length_max
    return url if is_one else ""
