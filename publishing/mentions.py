"""Accounts to mention while somebody types: looked up at the profile's network, remembered for some minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from django.core.cache import cache

from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.networks.people import FindAccounts, Mentionable

SUGGESTIONS_MAX: Final = 6
BEGINNING_MIN, BEGINNING_MAX = 2, 60  # characters: one fits everybody, more is no handle
KEPT_SECONDS: Final = 300


def can_suggest(network: str) -> bool:
    """Say whether the network has a lookup that we may use."""
    return isinstance(connections.adapter(network), FindAccounts)


def suggested_accounts(*, profile: SocialProfile, beginning: str) -> Sequence[Mentionable]:
    """Return accounts whose handle or name fits. Outside a transaction; a network that does not answer suggests none.

    Nothing is lost without them: a mention is text, and stays what was typed.
    """
    beginning = beginning.strip().lstrip("@")[:BEGINNING_MAX]
    adapter = connections.adapter(profile.network)
    if len(beginning) < BEGINNING_MIN or not isinstance(adapter, FindAccounts):
        return []
    asked = hashlib.sha256(f"{profile.server}|{beginning.lower()}".encode()).hexdigest()
    key = f"mentions:{profile.network}:{asked}"
    kept: list[tuple[str, str]] | None = cache.get(key)
    if kept is None:
        try:
            found = adapter.find_accounts(
                http=connections.http(),
                clock=connections.clock,
                account=connections.account_of(profile),
                beginning=beginning,
                limit=SUGGESTIONS_MAX,
            )
        except NetworkError:
            return []
        kept = [(one.handle, one.name) for one in found[:SUGGESTIONS_MAX]]
        cache.set(key, kept, KEPT_SECONDS)
    return [Mentionable(handle=handle, name=name) for handle, name in kept]
