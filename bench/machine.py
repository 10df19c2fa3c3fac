"""What the numbers were measured on, in plain words: what matters for them, nothing that names the machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from django.db import connection

BUSY: Final = 1.5  # processes that want a core; the bench and PostgreSQL are one


def machine(*packages: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        server = str(cursor.fetchone()[0]).split()[0]
    named = ", ".join(f"{name} {_version(name)}" for name in ("django", "psycopg", *packages))
    return (
        f"a virtual machine with {os.cpu_count()} cores and {memory:.0f} GB of memory,"
        f" {platform.system()} on {platform.machine()}, Python {platform.python_version()}, {named},"
        f" PostgreSQL {server} on the same machine"
    )


def how_busy() -> str:
    """Return a sentence where others wanted the machine too: then times are long, and ratios less sure.

    For measurements that keep one core busy themselves.
    """
    waiting = os.getloadavg()[1] / (os.cpu_count() or 1)
    if waiting < BUSY:
        return ""
    return (
        f" The machine was busy with other work: some {waiting:.0f} processes wanted each core, so the medians are"
        " longer than they need be."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(none)"
