"""Where YouTube is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "youtube"
LABEL = "YouTube"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.youtube.com"
API_ORIGIN = "https://www.googleapis.com"
CONSENT_URL = "https://accounts.google.com/o/oauth2/v2/auth"
OAUTH_ORIGIN = "https://oauth2.googleapis.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are those of the operator's own project in Google's cloud console."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={"web": WEB_ORIGIN, "consent": CONSENT_URL, "oauth": OAUTH_ORIGIN, "api": API_ORIGIN},
    )


def sandbox_home(base: str) -> Home:
    """Return YouTube in the sandbox, below ``base``."""
    return Home(
        server=base,
        client_id=SANDBOX,
        client_secret=SANDBOX,
        endpoints={"web": base, "consent": f"{base}/o/oauth2/v2/auth", "oauth": base, "api": base},
    )
