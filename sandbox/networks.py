"""The networks of the sandbox. To add one: a folder with its ``network.py``, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sandbox.network import Network


@cache
def networks() -> Mapping[str, Network]:
    """Return the networks by name, in display order."""
    from sandbox.bluesky.network import Bluesky
    from sandbox.facebook.network import Facebook
    from sandbox.instagram.network import Instagram
    from sandbox.linkedin.network import LinkedIn
    from sandbox.mastodon.network import Mastodon
    from sandbox.pinterest.network import Pinterest
    from sandbox.threads.network import Threads
    from sandbox.tiktok.network import TikTok
    from sandbox.x.network import X
    from sandbox.youtube.network import YouTube

    known = (
        Mastodon(),
        Bluesky(),
        Facebook(),
        Instagram(),
        Threads(),
        LinkedIn(),
        X(),
        Pinterest(),
        YouTube(),
        TikTok(),
    )
    return {network.name: network for network in known}


def network(name: str) -> Network:
    """Return one network. Raises KeyError."""
    return networks()[name]
