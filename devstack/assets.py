"""Building what the browser loads, and the compiled translations, when their sources changed."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from devstack import messages
from devstack.steps import ROOT, run_step, say

NPM = [sys.executable, str(ROOT / "scripts" / "npm.py")]
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
# What the build reads: scripts and styles, and the templates and tags in which class names are looked for.
SOURCES = ("frontend", "templates", "ui/templatetags", "ui/forms.py")


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a hash over the names and contents of all files at or below the paths."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def build_if_needed() -> None:
    """Install the packages of the front end, build it and compile the translations, each only if needed."""
    messages.compile_catalogs()
    if not (ROOT / "package-lock.json").exists():
        return
    packages = fingerprint(ROOT / name for name in PACKAGES)
    stamp = ROOT / "node_modules" / ".chorus-stamp"
    if not is_current(stamp, packages):
        begin = time.monotonic()
        say("installing the packages of the front end ...")
        run_step("Installing the packages of the front end", [*NPM, "ci"])
        stamp.write_text(packages)
        say(f"front-end packages ready in {time.monotonic() - begin:.0f} s")
    wanted = packages + fingerprint(ROOT / name for name in SOURCES)
    stamp = ROOT / "build" / ".chorus-stamp"
    if not (is_current(stamp, wanted) and (ROOT / "build" / "static").exists()):
        begin = time.monotonic()
        run_step("Building styles and scripts", [*NPM, "run", "build"])
        stamp.write_text(wanted)
        say(f"styles and scripts built in {time.monotonic() - begin:.0f} s")


def compile_locks() -> None:
    """Compile the locks anew from pyproject.toml."""
    run_step("Compiling the locks", ["sh", "scripts/lock.sh"])
