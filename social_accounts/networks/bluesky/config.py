"""What the Bluesky adapter is given: who we are to its servers, and which directories to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from ..base import Rejected, RejectionReason
from ..http import origin_of
from ..words import _

LEAST_SCOPE = (
    "atproto repo:app.bsky.feed.post repo:app.bsky.feed.threadgate blob:image/* blob:video/* "
    "rpc:com.atproto.repo.uploadBlob?aud=*"
)
"""Write post records and who may reply to them, upload pictures and videos, and let the video service hand over what
it made of one; nothing else of the account is readable or writable with it."""
BROAD_SCOPE = "atproto transition:generic"
"""For servers that do not know granular scopes yet."""
VIDEO_SERVICE = "https://video.bsky.app"


@dataclass(frozen=True, kw_only=True)
class Realm:
    """A world of servers that share a directory.

    The real network is one; the sandbox and tests have their own.

    ``servers`` are the PDS origins that belong to it; the default realm needs none, it takes all others.
    ``video_url`` empty: there is no video service, and videos go straight to the account's server.
    """

    plc_url: str = "https://plc.directory"
    resolver_url: str = "https://public.api.bsky.app"
    appview_url: str = "https://public.api.bsky.app"
    web_url: str = "https://bsky.app"
    video_url: str = ""
    servers: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class BlueskyConfig:
    """Who we are to Bluesky's servers, and where the directories are.

    ``client_id`` is the https address of our client metadata, ``signing_jwk`` its key (a private EC P-256 JWK
    with ``kid``). Both empty: the development client, which works only from http://127.0.0.1.
    ``trusted_origins`` may be plain http and private: the sandbox and test servers.
    """

    client_id: str = ""
    signing_jwk: Mapping[str, str] | None = field(default=None, repr=False)
    scope: str = LEAST_SCOPE
    client_name: str = "Chorus"
    default_server: str = "https://bsky.social"
    realm: Realm = field(default_factory=lambda: Realm(video_url=VIDEO_SERVICE))
    other_realms: tuple[Realm, ...] = ()
    trusted_origins: frozenset[str] = frozenset()

    def realm_of(self, server: str) -> Realm:
        origin = origin_of(server)
        return next((realm for realm in self.other_realms if origin in realm.servers), self.realm)

    def client_id_for(self, redirect_uri: str) -> str:
        """Return our client id; for the development client it is made from the redirect address.

        Raises Rejected when the development client is used from an address that Bluesky does not accept for
        it. Source: atproto.com/specs/oauth#localhost-client-development.
        """
        if self.client_id:
            return self.client_id
        address = httpx.URL(redirect_uri)
        if address.scheme != "http" or address.host not in ("127.0.0.1", "::1"):
            raise Rejected(
                RejectionReason.OTHER,
                _(
                    "Bluesky needs this Chorus to be open at an https address with a client key, or at "
                    "http://127.0.0.1 for trying it out. An app password works from anywhere."
                ),
            )
        return "http://localhost?" + urlencode({"redirect_uri": redirect_uri, "scope": self.scope})
