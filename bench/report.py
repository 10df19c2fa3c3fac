"""What was measured, for a terminal and as docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc
from pathlib import Path

from django.db import connection

from bench import plan
from bench.measuring import Claim, Number, duration
from bench.numbers import ALL

NOTES = Path(__file__).parent / "notes.md"
BUSY = 1.5  # processes that want a core; the bench and PostgreSQL are one
VERDICTS = {True: "yes", False: "**no**", None: ""}


def describe(numbers: Iterable[Number]) -> str:
    """Return the table for a terminal."""
    lines = []
    for number in numbers:
        lines.append(f"\n{number.name} ({number.compared}){'' if number.agrees else '  ANSWERS DIFFER'}")
        for claim in number.claims:
            mark = {True: "+", False: "-", None: " "}[claim.is_met]
            lines.append(f"  {mark} {claim.measured:>14}   {claim.target}")
        lines += [f"      {name}: {timing}" for name, timing in number.timings.items()]
        lines += [f"      {note}" for note in number.notes]
    return "\n".join(lines)


def page(numbers: Sequence[Number], *, scale: float) -> str:
    """Return docs/performance.md."""
    size = plan.Size.of(scale)
    parts = [
        "# How fast the permissions answer",
        "Written by `make bench`; do not edit by hand (what was tried stands in `bench/notes.md`).",
        "Every ratio is taken inside one process, the two sides in turns, from the quickest round of each: whatever"
        " else the machine does only adds to the others. The tables give the medians and the quarters around them too."
        " The unit of what asks the database is `select 1` through Django.",
        f"Data set (`manage.py seed_scale`): one organization of {size.people:,} people, {size.profiles:,} profiles"
        f" and {size.teams:,} teams, and {size.organizations:,} organizations beside it; about"
        f" {round(scale * 1_020_000, -4):,.0f} grants in all. Row-level security is on, and everything runs as the"
        " application's role.",
        f"Measured on {_machine()}.{_how_busy()}",
        "## The table",
        _table(numbers),
        "## Each number",
        *(_section(number) for number in numbers),
    ]
    if NOTES.exists():
        parts.append(NOTES.read_text().strip())
    return "\n\n".join(parts) + "\n"


def _table(numbers: Iterable[Number]) -> str:
    rows = ["| | target | measured | met |", "|---|---|---|---|"]
    for number in numbers:
        for position, claim in enumerate(claim for claim in number.claims if claim.is_met is not None):
            rows.append(_row(number.name if position == 0 else "", claim))
    return "\n".join(rows)


def _row(name: str, claim: Claim) -> str:
    return f"| {name} | {claim.target} | {claim.measured} | {VERDICTS[claim.is_met]} |"


def _section(number: Number) -> str:
    docs = {line.__name__: cleandoc(line.__doc__ or "") for line in ALL}
    parts = [f"### {number.name}", docs[number.made_by].replace("``", "`")]
    if number.timings:
        rows = ["| | quickest | median | quarters | rounds |", "|---|---|---|---|---|"]
        for name, timing in number.timings.items():
            quarters = f"{duration(timing.low)} to {duration(timing.high)}"
            times = f"{duration(timing.best)} | {duration(timing.median)} | {quarters}"
            rows.append(f"| {name} | {times} | {timing.rounds} |")
        parts.append("\n".join(rows))
    told = [f"{claim.target}: {claim.measured}." for claim in number.claims if claim.is_met is None]
    words = [*told, *number.notes]
    if not number.agrees:
        words.append("**The answers differ: this number means nothing until they agree.**")
    return "\n\n".join([*parts, *([" ".join(words)] if words else [])])


def _machine() -> str:
    """Return the machine in plain words: what matters for the numbers, nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        server = str(cursor.fetchone()[0]).split()[0]
    packages = ", ".join(f"{name} {_version(name)}" for name in ("django", "psycopg", "django-guardian"))
    return (
        f"a virtual machine with {os.cpu_count()} cores and {memory:.0f} GB of memory,"
        f" {platform.system()} on {platform.machine()}, Python {platform.python_version()}, {packages},"
        f" PostgreSQL {server} on the same machine"
    )


def _how_busy() -> str:
    """Return a sentence where others wanted the machine too: then times are long, and ratios less sure."""
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
