"""The networks this installation knows: one line per network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .base import Connect, Features, Measure, Publish
from .bluesky.adapter import BlueskyAdapter
from .bluesky.config import BlueskyConfig
from .facebook import config as facebook_config
from .facebook.adapter import FacebookAdapter
from .homes import Home
from .instagram import config as instagram_config
from .instagram.adapter import InstagramAdapter
from .linkedin import config as linkedin_config
from .linkedin.adapter import LinkedInAdapter
from .mastodon.adapter import MastodonAdapter, MastodonConfig
from .pinterest import config as pinterest_config
from .pinterest.adapter import PinterestAdapter
from .threads import config as threads_config
from .threads.adapter import ThreadsAdapter
from .tiktok import config as tiktok_config
from .tiktok.adapter import TikTokAdapter
from .x import config as x_config
from .x.adapter import XAdapter
from .youtube import config as youtube_config
from .youtube.adapter import YouTubeAdapter


class Adapter(Connect, Publish, Measure, Protocol):
    """What every network here can do; more (SignInWithPassword, Limits) is asked by ``isinstance``."""

    features: Features


@dataclass(frozen=True, kw_only=True)
class NetworksConfig:
    """The configuration of every network, and which of them are offered."""

    mastodon: MastodonConfig = field(default_factory=MastodonConfig)
    bluesky: BlueskyConfig = field(default_factory=BlueskyConfig)
    # Of each network with an application of the operator's: where it is set up.
    homes: Mapping[str, tuple[Home, ...]] = field(default_factory=dict)
    enabled: tuple[str, ...] = (
        "mastodon",
        "bluesky",
        "facebook",
        "instagram",
        "threads",
        "linkedin",
        "x",
        "pinterest",
        "youtube",
        "tiktok",
    )

    @property
    def trusted_origins(self) -> frozenset[str]:
        """The origins to hand to ``http.shared_client``."""
        return self.mastodon.trusted_origins | self.bluesky.trusted_origins


FACTORIES: Mapping[str, Callable[[NetworksConfig], Adapter]] = {
    "mastodon": lambda config: MastodonAdapter(config.mastodon),
    "bluesky": lambda config: BlueskyAdapter(config.bluesky),
    "facebook": lambda config: FacebookAdapter(config.homes.get("facebook", ())),
    "instagram": lambda config: InstagramAdapter(config.homes.get("instagram", ())),
    "threads": lambda config: ThreadsAdapter(config.homes.get("threads", ())),
    "linkedin": lambda config: LinkedInAdapter(config.homes.get("linkedin", ())),
    "x": lambda config: XAdapter(config.homes.get("x", ())),
    "youtube": lambda config: YouTubeAdapter(config.homes.get("youtube", ())),
    "tiktok": lambda config: TikTokAdapter(config.homes.get("tiktok", ())),
    "pinterest": lambda config: PinterestAdapter(config.homes.get("pinterest", ())),
}


# The networks with an application of the operator's: how to make their homes.
REAL_HOMES: Mapping[str, Callable[[str, str], Home]] = {
    "facebook": facebook_config.real_home,
    "instagram": instagram_config.real_home,
    "threads": threads_config.real_home,
    "linkedin": linkedin_config.real_home,
    "x": x_config.real_home,
    "youtube": youtube_config.real_home,
    "tiktok": tiktok_config.real_home,
    "pinterest": pinterest_config.real_home,
}
SANDBOX_HOMES: Mapping[str, Callable[[str], Home]] = {
    "facebook": facebook_config.sandbox_home,
    "instagram": instagram_config.sandbox_home,
    "threads": threads_config.sandbox_home,
    "linkedin": linkedin_config.sandbox_home,
    "x": x_config.sandbox_home,
    "youtube": youtube_config.sandbox_home,
    "tiktok": tiktok_config.sandbox_home,
    "pinterest": pinterest_config.sandbox_home,
}


class UnknownNetwork(LookupError):
    """There is no network of this name here, or it is switched off."""


class Registry:
    def __init__(self, config: NetworksConfig) -> None:
        self.config = config
        self._adapters = {name: FACTORIES[name](config) for name in config.enabled}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._adapters)

    def adapter(self, name: str) -> Adapter:
        try:
            return self._adapters[name]
        except KeyError:
            raise UnknownNetwork(name) from None

    def features(self, name: str) -> Features:
        return self.adapter(name).features
