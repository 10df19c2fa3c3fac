"""Packages of others, fetched once into ``.cache/peers`` for what lies in them; which file it is, a hash says."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from .node import CACHE, ROOT

DOWNLOAD_SECONDS_MAX = 300


def fetched(package: str, *, folder: str, archive: str, sha256: str) -> Path:
    """Return the archive of a package from PyPI, a wheel or a source package as its name says."""
    target = CACHE / folder
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # several test workers, one download
        path = target / archive
        if not path.exists():
            _download(package, target, archive)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != sha256:
        pytest.fail(f"{path} is not the package that was reviewed: {digest}")
    return path


def _download(package: str, folder: Path, archive: str) -> None:
    kind = "--only-binary" if archive.endswith(".whl") else "--no-binary"
    arguments = ["download", "--quiet", "--no-deps", kind, ":all:", "--dest", str(folder), package]
    base = getattr(sys, "_base_executable", sys.executable)
    ways = [
        [sys.executable, "-m", "pip"],
        [base, "-m", "pip"],
        [str(ROOT / ".tools/bin/uv"), "tool", "run", "pip"],
    ]
    said = ""
    for way in ways:
        try:
            done = subprocess.run(
                [*way, *arguments], capture_output=True, text=True, timeout=DOWNLOAD_SECONDS_MAX, cwd=folder
            )
        except FileNotFoundError:
            continue
        if done.returncode == 0 and (folder / archive).exists():
            return
        said = done.stderr
    pytest.fail(f"{package} could not be fetched: {said[-500:]}")
