"""Google's own description of its interfaces (discovery documents), as it ships them in its client's package.

What turns one into an OpenAPI document is not part of the repository: it is found beside it, or the test skips.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .node import CACHE, ROOT
from .packages import fetched

PACKAGE = "google-api-python-client==2.202.0"
ARCHIVE = "google_api_python_client-2.202.0-py3-none-any.whl"
ARCHIVE_SHA256 = "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b"
CONVERTER = ROOT.parent / "shared" / "peers" / "specs" / "discovery_to_openapi.py"
CONVERT_SECONDS_MAX = 60


def openapi_of(name: str) -> Path:
    """Return the discovery document ``name``, such as "youtube.v3", as an OpenAPI document."""
    made = CACHE / "google" / f"{name}-{ARCHIVE_SHA256[:16]}.json"
    if made.exists():
        return made
    if not CONVERTER.exists():
        pytest.skip(f"the converter {CONVERTER.name} is not beside the repository (../shared/peers/specs)")
    archive = fetched(PACKAGE, folder="google", archive=ARCHIVE, sha256=ARCHIVE_SHA256)
    home = archive.parent / "package"
    with zipfile.ZipFile(archive) as package:
        package.extract(f"googleapiclient/discovery_cache/documents/{name}.json", home)
    (home / "googleapiclient" / "__init__.py").touch()  # the converter looks for the package by its name
    unfinished = made.with_suffix(f".{os.getpid()}")
    subprocess.run(
        [sys.executable, str(CONVERTER), name, str(unfinished)],
        check=True,
        capture_output=True,
        timeout=CONVERT_SECONDS_MAX,
        env=os.environ | {"PYTHONPATH": str(home)},
    )
    unfinished.replace(made)
    return made
