"""One Django project: the port a request came in by, or the first words of its path, say which network it is for."""

from __future__ import annotations

import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

from django.core.asgi import get_asgi_application  # settings first

from sandbox.accounts import BLUESKY, MASTODON
from sandbox.networks import networks

_django = get_asgi_application()


def _application(network: str) -> Any:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            below = next((of for of in networks().values() if _is_below(of.prefix, scope["path"])), None)
            place = {"root_path": below.prefix} if below else {}
            name = below.name if below else network
            await _django({**scope, **place, "sandbox.network": name}, receive, send)

    return application


def _is_below(prefix: str, path: str) -> bool:
    return bool(prefix) and path.startswith(f"{prefix}/")


mastodon = _application(MASTODON)
bluesky = _application(BLUESKY)
