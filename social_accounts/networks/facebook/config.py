"""Where Facebook is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "facebook"
LABEL = "Facebook"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.facebook.com"
GRAPH_ORIGIN = "https://graph.facebook.com"
VIDEO_ORIGIN = "https://graph-video.facebook.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are the operator's app id and app secret at Meta for Developers."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={
            "web": WEB_ORIGIN,
            "authorize": f"{WEB_ORIGIN}/{VERSION}/dialog/oauth",
            "graph": f"{GRAPH_ORIGIN}/{VERSION}",
            "video": f"{VIDEO_ORIGIN}/{VERSION}",
        },
    )


def sandbox_home(base: str) -> Home:
    """Return Facebook in the sandbox, below ``base``."""
    return Home(
        server=base,
        client_id=SANDBOX,
        client_secret=SANDBOX,
        endpoints={
            "web": base,
            "authorize": f"{base}/{VERSION}/dialog/oauth",
            "graph": f"{base}/{VERSION}",
            "video": f"{base}/{VERSION}",
        },
    )
