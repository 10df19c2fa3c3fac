"""Where LinkedIn is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "linkedin"
LABEL = "LinkedIn"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.linkedin.com"
API_ORIGIN = "https://api.linkedin.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are those of the operator's application at LinkedIn's developer portal."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={"web": WEB_ORIGIN, "oauth": f"{WEB_ORIGIN}/oauth/v2", "api": API_ORIGIN},
    )


def sandbox_home(base: str) -> Home:
    """Return LinkedIn in the sandbox, below ``base``."""
    return Home(
        server=base,
        client_id=SANDBOX,
        client_secret=SANDBOX,
        endpoints={"web": base, "oauth": f"{base}/oauth/v2", "api": base},
    )
