"""Where Pinterest is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home

NAME = "pinterest"
LABEL = "Pinterest"
WEB_ORIGIN = "https://www.pinterest.com"
API_ORIGIN = "https://api.pinterest.com"
VERSION_PATH = "/v5"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are those of the operator's own app in Pinterest's developer platform."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={"web": WEB_ORIGIN, "api": API_ORIGIN + VERSION_PATH},
    )


def sandbox_home(base: str) -> Home:
    """Return Pinterest in the sandbox, below ``base``."""
    endpoints = {"web": base, "api": base + VERSION_PATH}
    return Home(server=base, client_id=SANDBOX, client_secret=SANDBOX, endpoints=endpoints)
