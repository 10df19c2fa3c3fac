"""An exported audit log, and whether it is what Chorus wrote. Standard library only: an auditor can run it alone.

    python audit/exported.py acme-audit-log.json

Each event carries the SHA-256 of itself and of the digest before it. A filtered export has gaps; what is in it is still
proven unaltered, and each unbroken stretch is proven to be in its order. ``docs/operations.md`` tells the format.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "chorus-audit-log/1"
# What the digest is computed over, beside the organization and the digest before: the keys of one exported event.
SEALED = (
    "sequence",
    "at",
    "actor",
    "actor_label",
    "action",
    "outcome",
    "object",
    "before",
    "after",
    "reason",
    "previous",
)


class NotAnExport(ValueError):
    """The file is no audit log that Chorus exported."""


@dataclass(frozen=True)
class Findings:
    """What a file proves. ``gaps`` are stretches that are not in it: left out by the filter, if one was set."""

    events: int
    first: int
    last: int
    gaps: int
    is_filtered: bool
    problems: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        return not self.problems

    @property
    def sentence(self) -> str:
        if not self.events:
            return "0 events."
        if self.gaps:
            return (
                f"{self.events} events between {self.first} and {self.last}, each unaltered; {self.gaps} gaps, as "
                "the filter of the export leaves them."
            )
        return f"{self.events} events from {self.first} to {self.last}, unaltered and complete."


def digest_of_fields(organization_id: int, event: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the sealed fields and the organization, in one canonical spelling."""
    fields = {name: event[name] for name in SEALED} | {"organization": organization_id}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify_export(text: str) -> Findings:
    """Return what the file proves. Raises NotAnExport for anything else than an export in JSON."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NotAnExport("This is not JSON, or it was cut off.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotAnExport(f"This is no audit log in the format {FORMAT}.")
    try:
        return _verified(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise NotAnExport(f"A field is missing or of another kind: {error}.") from error


def _verified(document: Mapping[str, Any]) -> Findings:
    events = document["events"]
    is_filtered = bool(document["filters"])
    problems: list[str] = []
    gaps = 0
    expected, previous = 1, ""
    for event in events:
        sequence = event["sequence"]
        if event["digest"] != digest_of_fields(document["organization"]["id"], event):
            problems.append(f"event {sequence} was altered after it was written")
        if sequence < expected:
            problems.append(f"event {sequence} stands twice or out of its order")
        elif sequence > expected:
            gaps += 1
            if not is_filtered:
                problems.append(f"events {expected} to {sequence - 1} are missing")
        elif event["previous"] != previous:
            problems.append(f"event {sequence} does not follow the event before it")
        expected, previous = sequence + 1, event["digest"]
    if document["count"] != len(events):
        problems.append(f"the file says that it holds {document['count']} events and holds {len(events)}")
    head = document["head"]
    if expected - 1 == head["sequence"]:
        if previous != head["digest"]:
            problems.append("the last event is not the one at which the chain ended")
    elif expected - 1 > head["sequence"]:
        problems.append("there are events after the end of the chain")
    elif not is_filtered:
        problems.append(f"events {expected} to {head['sequence']} are missing")
    return Findings(
        events=len(events),
        first=events[0]["sequence"] if events else 0,
        last=expected - 1 if events else 0,
        gaps=gaps,
        is_filtered=is_filtered,
        problems=tuple(problems),
    )


def main(path: str) -> int:
    try:
        findings = verify_export(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NotAnExport) as error:
        print(f"{path}: {error}")
        return 2
    for problem in findings.problems:
        print(f"{path}: {problem}")
    if findings.holds:
        print(f"{path}: {findings.sentence}")
    return 0 if findings.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
