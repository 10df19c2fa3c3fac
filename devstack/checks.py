"""`make check`: everything that is looked at without running the product."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from devstack import assets, messages
from devstack.steps import ROOT, say

PRODUCTION_LIKE = {
    "DATABASE_URL": "postgresql://chorus_app:none@localhost/chorus",
    "REDIS_URL": "redis://localhost/0",
    "SECRET_KEY": "".join(chr(97 + number * 7 % 26) + str(number) for number in range(40)),
    "CHORUS_TOKEN_KEYS": "bm90LWEta2V5LW5vdC1hLWtleS1ub3QtYS1rZXktMTI=",
    "CHORUS_BASE_URL": "https://chorus.example.org",
    "CHORUS_BEHIND_PROXY": "1",
}


def templates() -> list[str]:
    return [str(path) for path in sorted((ROOT / "templates").rglob("*.html"))]


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def commands() -> list[tuple[str, list[str], dict[str, str]]]:
    """Return (what, command, more environment) of every check."""
    tools = str(ROOT / ".venv" / "bin")
    found = [
        ("lint", python("-m", "ruff", "check", "."), {}),
        ("format", python("-m", "ruff", "format", "--check", "."), {}),
        ("templates", [f"{tools}/djade", "--check", "--target-version", "5.2", *templates()], {}),
        ("import contracts", [f"{tools}/lint-imports"], {}),
        ("types", python("-m", "mypy", "."), {}),
        ("translations", python("-m", "devstack", "messages", "check"), PRODUCTION_LIKE),
        (
            "deploy check",
            python("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION_LIKE,
        ),
        ("migrations", python("manage.py", "makemigrations", "--check", "--dry-run"), {}),
    ]
    return found


def run(items: list[tuple[str, list[str], dict[str, str]]]) -> int:
    failed = []
    for what, command, more in items:
        begin = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **more}, check=False)
        say(f"{what}: {'FAILED' if done.returncode else 'fine'} ({time.monotonic() - begin:.1f} s)")
        if done.returncode:
            failed.append(what)
    say("all checks are fine" if not failed else "failed: " + ", ".join(failed))
    return 1 if failed else 0


def main() -> int:
    assets.build_if_needed()
    return run(commands())


def fix() -> int:
    """Let the tools repair what they can, and bring the catalogs of translations up to date."""
    tools = str(ROOT / ".venv" / "bin")
    messages.update()
    # djade ends with an error when it repaired something: its word counts the second time
    subprocess.run([f"{tools}/djade", "--target-version", "5.2", *templates()], check=False)
    return run(
        [
            ("lint", python("-m", "ruff", "check", "--fix", "."), {}),
            ("format", python("-m", "ruff", "format", "."), {}),
            ("templates", [f"{tools}/djade", "--target-version", "5.2", *templates()], {}),
        ]
    )
