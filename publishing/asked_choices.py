"""Choices that only the network knows, such as a profile's boards. Asked when somebody composes, kept for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.core.cache import cache

from social_accounts import connections, vault
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Choices

KEPT_SECONDS: Final = 600
WORDS_KEPT_SECONDS: Final = 90 * 24 * 3600  # a post is looked at long after it was written

Choice = tuple[str, str]


class NothingToAsk(LookupError):
    """The network has no such option, or its choices are the same for everybody."""


def known_choices(profile: SocialProfile, option: str) -> list[Choice] | None:
    """Return the choices as the network gave them some minutes ago; None when it has to be asked."""
    kept: list[Choice] | None = cache.get(_key(profile, option))
    return kept


def words_for(profile: SocialProfile, option: str, value: str) -> str:
    """Return what the network called this choice when it was last asked; the value itself when that is long ago."""
    return str(cache.get(_key(profile, option, value)) or value)


def fetch_choices(*, profile: SocialProfile, option: str, now: datetime) -> Sequence[Choice]:
    """Ask the network, and keep its answer. Outside a transaction; safe to repeat.

    Raises NothingToAsk, and NetworkError when it does not answer, or the profile needs reconnecting.
    """
    adapter = connections.adapter(profile.network)
    asked = {one.name for one in adapter.features.options if one.is_asked}
    if option not in asked or not isinstance(adapter, Choices):
        raise NothingToAsk(option)
    credentials = vault.fresh_credentials(
        organization_id=profile.organization_id, profile_id=profile.pk, now=now
    )
    found = [
        (str(value), str(words))
        for value, words in adapter.choices(
            http=connections.http(),
            clock=connections.clock,
            credentials=credentials,
            account=connections.account_of(profile),
            option=option,
        )
    ]
    cache.set(_key(profile, option), found, KEPT_SECONDS)
    cache.set_many({_key(profile, option, value): words for value, words in found}, WORDS_KEPT_SECONDS)
    return found


def _key(profile: SocialProfile, option: str, *value: str) -> str:
    known = f"{profile.organization_id}:{profile.pk}:{option}"
    digest = hashlib.sha256(value[0].encode()).hexdigest() if value else ""  # a value may be anything
    return f"choices:{known}:{digest}"
