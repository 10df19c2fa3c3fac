"""Which parameters and fields the Graph API knows, out of the SDK that Meta generates from its own specifications.

``instagram_graph.json`` holds the part of it that is Instagram's: names, types and values; it says nothing of what is
required. Made from ``facebook_business`` with ``../shared/peers/specs/graph_catalogue.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Every call knows these: they are the envelope, not the content.
COMMON = frozenset({"fields", "limit", "after", "before", "since", "until"})
PAGE_FIELDS = frozenset({"tasks"})  # of the edge /me/accounts, not of the page
_NESTED = re.compile(r"(\w+)\{([^}]*)\}")


@cache
def _catalogue() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        Path(__file__).with_name("instagram_graph.json").read_text(encoding="utf-8")
    )
    return document


def violations(call: str, node: str, given: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the parameters of ``call`` and the fields it asks of ``node``."""
    known = _catalogue()["calls"].get(call)
    if known is None and call:
        return [f"no such call: {call}"]
    bad = [] if known is None else _of_parameters(known, given)
    return bad + _of_fields(node, given.get("fields", ""))


def _of_parameters(known: dict[str, Any], given: Mapping[str, str]) -> list[str]:
    bad = []
    for name, value in given.items():
        kind = known["params"].get(name)
        if name in COMMON:
            continue
        if kind is None:
            bad.append(f"unknown parameter {name}")
        elif kind == "bool" and value not in ("true", "false"):
            bad.append(f"{name}={value} is no bool")
        elif kind == "unsigned int" and not value.isdecimal():
            bad.append(f"{name}={value} is no number")
        allowed = known["enums"].get(f"{name}_enum")
        bad += [f"{name}={one} is unknown" for one in value.split(",") if allowed and one not in allowed]
    return bad


def _of_fields(node: str, asked: str) -> list[str]:
    bad = []
    for outer, inner in _NESTED.findall(asked):
        bad += _of_fields("IGUser" if outer == "instagram_business_account" else "?", inner)
    names = [name for name in _NESTED.sub(r"\1", asked).split(",") if name]
    known = set(_catalogue()["fields"].get(node, ())) | (PAGE_FIELDS if node == "Page" else set())
    return bad + [f"{node} has no field {name}" for name in names if name not in known]
