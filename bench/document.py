"""docs/performance.md: two parts, each written by its own measurement, which leaves the other one alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PARTS: Final = ("permissions", "delivery")
HEAD: Final = """# Performance

Written by `make bench`, each part by itself (`--only permissions`, `--only delivery`); do not edit by hand.
"""


def put(part: str, text: str, path: Path = DOCUMENT) -> None:
    """Write one part of the page and keep the other as it was."""
    kept = parts_of(path.read_text()) if path.exists() else {}
    kept[part] = text.strip()
    body = [f"{_begin(name)}\n\n{kept[name]}\n\n{_end(name)}\n" for name in PARTS if name in kept]
    path.write_text("\n".join([HEAD, *body]))


def parts_of(text: str) -> dict[str, str]:
    """Return the parts a page has, by name."""
    found = {}
    for name in PARTS:
        pattern = re.escape(_begin(name)) + r"\n(.*?)\n" + re.escape(_end(name))
        if match := re.search(pattern, text, re.DOTALL):
            found[name] = match[1].strip()
    return found


def _begin(name: str) -> str:
    return f"<!-- {name}: begin -->"


def _end(name: str) -> str:
    return f"<!-- {name}: end -->"
