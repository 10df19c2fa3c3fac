"""Where TikTok is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "tiktok"
LABEL = "TikTok"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.tiktok.com"
API_ORIGIN = "https://open.tiktokapis.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` is what TikTok calls the client key of the operator's application."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={"web": WEB_ORIGIN, "api": API_ORIGIN},
    )


def sandbox_home(base: str) -> Home:
    """Return TikTok in the sandbox, below ``base``."""
    return Home(server=base, client_id=SANDBOX, client_secret=SANDBOX, endpoints={"web": base, "api": base})
