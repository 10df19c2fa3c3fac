"""The commands behind `make`; bootstrap.py has prepared the environment."""

from __future__ import annotations

import sys
from collections.abc import Callable

from devstack import assets, benching, checks, messages, supervisor, testing

COMMANDS: dict[str, Callable[[list[str]], int | None]] = {
    "run": lambda _arguments: supervisor.main(),
    "test": testing.main,
    "check": lambda _arguments: checks.main(),
    "bench": benching.main,
    "fix": lambda _arguments: checks.fix(),
    "assets": lambda _arguments: assets.build_if_needed(),
    "messages": messages.main,
    "locks": lambda _arguments: assets.compile_locks(),
}


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "run"
    if command not in COMMANDS:
        print(f"There is no command {command!r}; there are: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        return COMMANDS[command](sys.argv[2:]) or 0
    except KeyboardInterrupt:
        print("chorus | stopped", file=sys.stderr)
    except Exception as error:
        if "No space left on device" not in str(error):  # from the system, or from PostgreSQL
            raise
        print("chorus | The disk is full: make room and start again; nothing was lost.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
