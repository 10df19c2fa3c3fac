"""Where Instagram is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "instagram"
LABEL = "Instagram"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.instagram.com"
LOGIN_ORIGIN = "https://www.facebook.com"
GRAPH_ORIGIN = "https://graph.facebook.com"
UPLOAD_ORIGIN = "https://rupload.facebook.com"


def real_home(client_id: str, client_secret: str) -> Home:
    """``client_id`` and ``client_secret`` are the operator's app id and app secret at Meta for Developers."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={
            "web": WEB_ORIGIN,
            "authorize": f"{LOGIN_ORIGIN}/{VERSION}/dialog/oauth",
            "graph": f"{GRAPH_ORIGIN}/{VERSION}",
            "upload": f"{UPLOAD_ORIGIN}/ig-api-upload",
        },
    )


def sandbox_home(base: str) -> Home:
    """Return Instagram in the sandbox, below ``base``."""
    return Home(
        server=base,
        client_id=SANDBOX,
        client_secret=SANDBOX,
        endpoints={
            "web": base,
            "authorize": f"{base}/{VERSION}/dialog/oauth",
            "graph": f"{base}/{VERSION}",
            "upload": f"{base}/ig-api-upload",
        },
    )
