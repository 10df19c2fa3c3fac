"""What the networks allow, as data: ``limits.json`` (content) and ``oauth.json`` (endpoints and scopes)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _networks(name: str) -> dict[str, dict[str, Any]]:
    document = json.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
    networks: dict[str, dict[str, Any]] = document["networks"]
    return networks


def content_limits(network: str) -> dict[str, Any]:
    """Return what ``limits.json`` says of one network. Raises KeyError for an unknown one."""
    return _networks("limits.json")[network]


def oauth_facts(network: str) -> dict[str, Any]:
    """Return what ``oauth.json`` says of one network. Raises KeyError for an unknown one."""
    return _networks("oauth.json")[network]
