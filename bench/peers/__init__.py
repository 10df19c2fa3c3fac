"""Other engines, each given the same grants and asked the same question.

Of one person, or of others beside him: most engines hold everybody's, ours reads the person's own.
Each is used as its own documents say is fastest: whatever can be parsed or loaded before the question is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from bench.stage import Grants

Ask = Callable[[str, int], bool]  # (action, profile id), about the first person
Build = Callable[[Sequence[Grants]], Ask]
NAMES: Final = {"cedarpy": "cedar", "oso": "oso_engine", "pycasbin": "casbin_engine"}


def available() -> tuple[dict[str, Build], list[str]]:
    """Return what makes each peer, by name, and a sentence for each that is not there."""
    folder = os.environ.get("CHORUS_BENCH_PEERS", "")
    if folder and folder not in sys.path:
        sys.path.append(folder)  # at the end: what is in the environment comes first
    found: dict[str, Build] = {}
    missing = []
    for name, module in NAMES.items():
        try:
            found[name] = import_module(f"bench.peers.{module}").build
        except ImportError as error:
            missing.append(
                f"{name} could not be loaded on this Python and is left out ({error.name or error})."
            )
    return found, missing
