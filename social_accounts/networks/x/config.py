"""Where X is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home

NAME = "x"
LABEL = "X"
WEB_ORIGIN = "https://x.com"
API_ORIGIN = "https://api.x.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are those of the operator's own app in X's developer console."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={"web": WEB_ORIGIN, "api": API_ORIGIN},
    )


def sandbox_home(base: str) -> Home:
    """Return X in the sandbox, below ``base``."""
    return Home(server=base, client_id=SANDBOX, client_secret=SANDBOX, endpoints={"web": base, "api": base})
