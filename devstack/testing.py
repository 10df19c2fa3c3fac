"""`make test`: the assets, a browser, then pytest on two processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from devstack import assets
from devstack.steps import ROOT, StepFailed, run_step, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WORKERS = "3"  # one more than the cores we count on: some tests wait for a minute, a process, a package


def find_browser() -> str | None:
    """Return the Chromium of the machine: CHROME, else what is on PATH."""
    if given := os.environ.get("CHROME"):
        return given
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def ensure_browser() -> str:
    """Return a Chromium, installing the system's package where this account may."""
    if found := find_browser():
        return found
    advice = (
        "The browser tests need Chromium: install it (on Debian: apt-get install chromium), "
        "or set CHROME to its path."
    )
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepFailed(advice + " To test without them: make test ARGS=\"-m 'not browser'\".")
    say("installing Chromium ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_step("Updating the package lists", ["apt-get", "update", "-q"], environment=environment)
    run_step(
        "Installing Chromium",
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-noto-color-emoji"],
        environment=environment,
    )
    found = find_browser()
    if not found:
        raise StepFailed(advice)
    return found


def without_browser(arguments: list[str]) -> bool:
    return any("not browser" in argument for argument in arguments)


def main(arguments: list[str]) -> int:
    assets.build_if_needed()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if not without_browser(arguments):
        environment["CHROME"] = ensure_browser()
    chosen = arguments or ["-n", WORKERS, "--dist", "loadscope", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *chosen]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
