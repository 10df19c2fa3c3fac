"""``python -m bench``, started by ``make bench``: measures the permissions, and writes their part of the page."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench.document import DOCUMENT, put


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1: the data set of the targets; 0.05: a quick look"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each comparison is repeated")
    parser.add_argument("--line", default="", help="measure only lines whose name contains this")
    parser.add_argument("--write", type=Path, help="write the page here; docs/performance.md at scale 1")
    options = parser.parse_args(arguments)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench.report import describe, page
    from bench.running import measure

    numbers = measure(scale=options.scale, seconds=options.seconds, only=options.line, say=_say)
    print(describe(numbers))
    target = options.write or (DOCUMENT if options.scale == 1 and not options.line else None)
    if target:
        put("permissions", page(numbers, scale=options.scale), target)
        _say(f"written to {target}")
    return 0 if all(number.agrees for number in numbers) else 1


def _say(text: str) -> None:
    print(f"bench | {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
