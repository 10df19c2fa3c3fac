"""Where Threads is, and who we are there."""

from __future__ import annotations

from ..homes import SANDBOX, Home
from ..versions import VERSIONS

NAME = "threads"
LABEL = "Threads"
VERSION = VERSIONS[NAME].name
WEB_ORIGIN = "https://www.threads.com"
GRAPH_ORIGIN = "https://graph.threads.net"


def real_home(client_id: str, client_secret: str) -> Home:
    """Return Threads. The keys are the Threads app's own at Meta for Developers, not those of its Facebook app."""
    return Home(
        server=WEB_ORIGIN,
        client_id=client_id,
        client_secret=client_secret,
        endpoints={
            "web": WEB_ORIGIN,
            "authorize": f"{WEB_ORIGIN}/oauth/authorize",
            "tokens": GRAPH_ORIGIN,
            "graph": f"{GRAPH_ORIGIN}/{VERSION}",
        },
    )


def sandbox_home(base: str) -> Home:
    """Return Threads in the sandbox, below ``base``."""
    return Home(
        server=base,
        client_id=SANDBOX,
        client_secret=SANDBOX,
        endpoints={
            "web": base,
            "authorize": f"{base}/oauth/authorize",
            "tokens": base,
            "graph": f"{base}/{VERSION}",
        },
    )
