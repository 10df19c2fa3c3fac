"""Two applications over one Django project: the port a request came in by says which network it is for."""

from __future__ import annotations

import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

from django.core.asgi import get_asgi_application  # settings first

from sandbox.accounts import BLUESKY, MASTODON

_django = get_asgi_application()


def _application(network: str) -> Any:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await _django({**scope, "sandbox.network": network}, receive, send)

    return application


mastodon = _application(MASTODON)
bluesky = _application(BLUESKY)
