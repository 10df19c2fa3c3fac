"""What was measured, for a terminal and as a part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import cleandoc
from pathlib import Path

from bench import plan
from bench.machine import how_busy, machine
from bench.measuring import Claim, Number, duration
from bench.numbers import ALL

NOTES = Path(__file__).parent / "notes.md"
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
    """Return the part of docs/performance.md."""
    size = plan.Size.of(scale)
    parts = [
        "## How fast the permissions answer",
        "Every ratio is taken inside one process, the two sides in turns, from the quickest round of each: whatever"
        " else the machine does only adds to the others. The tables give the medians and the quarters around them too."
        " The unit of what asks the database is `select 1` through Django.",
        f"Data set (`manage.py seed_scale`): one organization of {size.people:,} people, {size.profiles:,} profiles"
        f" and {size.teams:,} teams, and {size.organizations:,} organizations beside it; about"
        f" {round(scale * 1_020_000, -4):,.0f} grants in all. Row-level security is on, and everything runs as the"
        " application's role.",
        f"Measured on {machine('django-guardian')}.{how_busy()}",
        "### The table",
        _table(numbers),
        "### Each number",
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
    parts = [f"#### {number.name}", docs[number.made_by].replace("``", "`")]
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
