"""Other engines, each given the same grants of one person and asked the same question.

Each is used as its own documents say is fastest: whatever can be parsed or loaded before the question is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

from bench.stage import Grants

Ask = Callable[[str, int], bool]  # (action, profile id)
NAMES: Final = {"cedarpy": "cedar", "oso": "oso_engine", "pycasbin": "casbin_engine"}


def available() -> tuple[dict[str, Callable[[Grants], Ask]], list[str]]:
    """Return what makes each peer, by name, and a sentence for each that is not there."""
    folder = os.environ.get("CHORUS_BENCH_PEERS", "")
    if folder and folder not in sys.path:
        sys.path.append(folder)  # at the end: what is in the environment comes first
    found: dict[str, Callable[[Grants], Ask]] = {}
    missing = []
    for name, module in NAMES.items():
        try:
            found[name] = import_module(f"bench.peers.{module}").build
        except ImportError as error:
            missing.append(
                f"{name} could not be loaded on this Python and is left out ({error.name or error})."
            )
    return found, missing
