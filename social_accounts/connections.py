"""The adapters as this installation configures them. Whoever talks to a network begins here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from social_accounts.models import SocialProfile
from social_accounts.networks.base import Account, Features, Limits, NetworkError, ServerLimits
from social_accounts.networks.bluesky.config import VIDEO_SERVICE, BlueskyConfig, Realm
from social_accounts.networks.homes import Home
from social_accounts.networks.http import address_is_public, shared_client
from social_accounts.networks.mastodon.adapter import MastodonConfig
from social_accounts.networks.registry import REAL_HOMES, SANDBOX_HOMES, Adapter, NetworksConfig, Registry

CLIENT_NAME = "Chorus"
BLUESKY_ENTRY = "https://bsky.social"
LOOPBACK_NAME, LOOPBACK_ADDRESS = "localhost", "127.0.0.1"
# Names that lead nowhere on the internet (RFC 6761, RFC 6762, RFC 8375).
RESERVED_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa")


def adapter(network: str) -> Adapter:
    """Return the adapter of a network. Raises ``registry.UnknownNetwork``."""
    return _registry(_given()).adapter(network)


def features(network: str) -> Features:
    """Return what a network can do and asks for. Raises ``registry.UnknownNetwork``."""
    return adapter(network).features


def offered_networks() -> tuple[Features, ...]:
    """Return the networks a profile can be connected on, in display order."""
    registry = _registry(_given())
    return tuple(registry.features(name) for name in registry.names)


def trusted_origins() -> frozenset[str]:
    """Return the origins that may be private or plain http: the sandbox, and servers of the tests."""
    return frozenset(settings.TRUSTED_NETWORK_ORIGINS)


def http() -> httpx.Client:
    """Return the one guarded client of this process. Never close it."""
    return shared_client(trusted_origins=trusted_origins())


def clock() -> datetime:
    """Return the present moment, aware UTC: hand this function itself to an adapter as its clock."""
    return timezone.now()


def named_in_full(profile: SocialProfile) -> str:
    """Return a profile's handle and network: brands are called the same on every one of them."""
    labels = {network.name: str(network.label) for network in offered_networks()}
    return f"{profile} · {labels.get(profile.network, profile.network)}"


def account_of(profile: SocialProfile) -> Account:
    """Return a profile as its adapter names it."""
    return Account(
        network=profile.network,
        server=profile.server,
        remote_id=profile.remote_id,
        handle=profile.handle,
        display_name=profile.name,
        url=profile.url,
        avatar_url=profile.avatar_url,
    )


def limits_at(network: str, server: str) -> dict[str, Any]:
    """Ask one server what it allows, for keeping beside the profile; nothing where servers do not differ.

    A server that does not say is no reason to refuse a connection: then the network's usual limits hold.
    """
    asked = adapter(network)
    if not isinstance(asked, Limits):
        return {}
    try:
        return asdict(asked.server_limits(http=http(), clock=clock, server=server))
    except NetworkError:
        return {}


def limits_of(profile: SocialProfile) -> ServerLimits | None:
    """Return what the profile's server allows; None when the network's usual limits hold."""
    return ServerLimits(**profile.limits) if profile.limits else None


def callback_url(network: str) -> str:
    """Return the address a network sends people back to; it is registered there, so it never changes.

    Bluesky knows a development client by the address 127.0.0.1 only, never by the name localhost; the callback
    leads from there to ``BASE_URL``. Source: atproto.com/specs/oauth#localhost-client-development.
    """
    address = urlsplit(settings.BASE_URL + reverse("connect_callback", args=[network]))
    if network == "bluesky" and address.scheme == "http" and address.hostname == LOOPBACK_NAME:
        address = address._replace(netloc=address.netloc.replace(LOOPBACK_NAME, LOOPBACK_ADDRESS))
    return urlunsplit(address)


def has_public_address() -> bool:
    """Say whether networks could fetch a file from this Chorus: by a name on the internet, over https."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    return (
        address.scheme == "https"
        and "." in host
        and not host.endswith(RESERVED_ENDINGS)
        and not _is_inside(host)
    )


def _is_inside(host: str) -> bool:
    try:
        return not address_is_public(host)
    except ValueError:
        return False  # it is a name


def bluesky_config() -> BlueskyConfig:
    """Return who we are to Bluesky, for the documents we publish about ourselves."""
    return _registry(_given()).config.bluesky


@dataclass(frozen=True)
class _Given:
    """The settings that decide the configuration: the key under which it is kept."""

    base_url: str
    client_key: str
    plc_url: str
    entry_url: str
    sandbox_url: str
    operator_apps: tuple[tuple[str, str, str], ...]  # network, client id, secret
    operator_scopes: tuple[tuple[str, tuple[str, ...]], ...]  # network, permissions
    sandbox_networks_url: str
    trusted_origins: frozenset[str]


def _given() -> _Given:
    return _Given(
        base_url=settings.BASE_URL,
        client_key=settings.BLUESKY_CLIENT_KEY,
        plc_url=settings.BLUESKY_PLC_URL,
        entry_url=settings.BLUESKY_ENTRY_URL,
        sandbox_url=settings.SANDBOX_BLUESKY_URL,
        operator_apps=tuple(settings.NETWORK_APPS),
        operator_scopes=tuple(settings.NETWORK_SCOPES),
        sandbox_networks_url=settings.SANDBOX_NETWORKS_URL,
        trusted_origins=trusted_origins(),
    )


@lru_cache(maxsize=8)
def _registry(given: _Given) -> Registry:
    mastodon = MastodonConfig(
        client_name=CLIENT_NAME, website=given.base_url, trusted_origins=given.trusted_origins
    )
    return Registry(NetworksConfig(mastodon=mastodon, bluesky=_bluesky(given), homes=_homes(given)))


def _homes(given: _Given) -> dict[str, tuple[Home, ...]]:
    """Return where each network with an application of the operator's is set up, the real one first."""
    scopes = dict(given.operator_scopes)
    found: dict[str, tuple[Home, ...]] = {
        network: (replace(REAL_HOMES[network](client_id, secret), scopes=scopes.get(network, ())),)
        for network, client_id, secret in given.operator_apps
        if client_id
    }
    if given.sandbox_networks_url:
        for network, home in SANDBOX_HOMES.items():
            found[network] = (*found.get(network, ()), home(sandbox_url(network)))
    return found


def sandbox_url(network: str) -> str:
    """Return where a network with an application of the operator's lives in the sandbox; empty without one."""
    base = settings.SANDBOX_NETWORKS_URL
    return f"{base}/{network}" if base and network in SANDBOX_HOMES else ""


def named_scopes(network: str) -> tuple[str, ...]:
    """Return the permissions the operator says his application has; empty where Chorus asks for its usual ones."""
    return dict(settings.NETWORK_SCOPES).get(network, ())


def is_set_up(features: Features) -> bool:
    """Say whether accounts of the real network can be connected: the operator has an application there."""
    return not features.has_operator_app or any(
        network == features.name and client_id for network, client_id, _secret in settings.NETWORK_APPS
    )


def _bluesky(given: _Given) -> BlueskyConfig:
    has_client = given.base_url.startswith("https://") and bool(given.client_key)
    return BlueskyConfig(
        client_id=given.base_url + reverse("bluesky_client_metadata") if has_client else "",
        signing_jwk=json.loads(given.client_key) if has_client else None,
        client_name=CLIENT_NAME,
        default_server=given.entry_url,
        realm=(
            Realm(plc_url=given.plc_url, video_url=VIDEO_SERVICE)
            if given.entry_url == BLUESKY_ENTRY
            else _world_of_its_own(given.entry_url, plc_url=given.plc_url)
        ),
        other_realms=(_world_of_its_own(given.sandbox_url),) if given.sandbox_url else (),
        trusted_origins=given.trusted_origins,
    )


def _world_of_its_own(origin: str, *, plc_url: str = "") -> Realm:
    """Return a realm in which one server is everything: the sandbox, or a server of the tests."""
    return Realm(
        plc_url=plc_url or origin,
        resolver_url=origin,
        appview_url=origin,
        web_url=origin,
        video_url=origin,
        servers=frozenset({origin}),
    )
