"""Reads the tables in `permissions/data`: the published matrices and Chorus's own rows.

A row stands for one or more actions of one scope; its answers say which roles hold them. Every table is
read once, when the packs are made.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO

from permissions.catalogue.action import Scope

DATA = files("permissions") / "data"

_WORDS = {"row", "scope", "area", "application", "action", "meaning", "roles", "note", "source", "why"}
"""The columns of a table that are not roles."""


class TableError(ValueError):
    """A table says something that cannot be, such as two answers to one question."""


@dataclass(frozen=True)
class MatrixFile:
    """A table with one column per role: whose roles, and at which scope when no column says it."""

    name: str
    pack: str
    scope: Scope | None
    only_role: str | None = None

    @property
    def path(self) -> Traversable:
        """Return where Chorus keeps its copy."""
        folder = DATA if self.name == "actito_actions" else DATA / "matrices"
        return folder / f"{self.name}.csv"


MATRICES: Mapping[str, MatrixFile] = {
    matrix.name: matrix
    for matrix in (
        MatrixFile("agorapulse_organization", "agorapulse", Scope.ORGANIZATION),
        MatrixFile("agorapulse_profile", "agorapulse", Scope.PROFILE),
        MatrixFile("hootsuite_organization", "hootsuite", Scope.ORGANIZATION),
        MatrixFile("hootsuite_team", "hootsuite", Scope.TEAM),
        MatrixFile("hootsuite_profile", "hootsuite", Scope.PROFILE),
        MatrixFile("pinterest_editor", "pinterest", Scope.PROFILE, only_role="editor"),
        MatrixFile("actito_actions", "actito", None),
    )
}

OWN_TABLES: Mapping[Scope, str] = {
    Scope.ORGANIZATION: "chorus_organization",
    Scope.TEAM: "chorus_team",
    Scope.PROFILE: "chorus_profile",
}


@dataclass(frozen=True)
class Row:
    """One row: the actions (full names) it stands for, and the answer of each role it speaks of.

    `answers` maps a role to yes or no: by slug in a matrix, by `pack:slug` (only the holders) in our own
    tables. `note` is the source's remark, or our reason.
    """

    id: str
    table: str
    scope: Scope
    meaning: str
    actions: tuple[str, ...]
    answers: Mapping[str, bool]
    note: str


def read_matrix(matrix: MatrixFile, path: Traversable | None = None) -> tuple[Row, ...]:
    """Return the rows of a matrix, from our copy or from another file of the same shape.

    Raises TableError for a cell that is neither yes nor no.
    """
    rows = []
    for record in _records(path or matrix.path):
        scope = matrix.scope or Scope(record["scope"])
        answers = {name: _answer(record, name) for name in record if name not in _WORDS}
        if matrix.only_role is not None:
            answers = {matrix.only_role: True}
        note = record.get("why") or record.get("note") or ""
        meaning = record.get("meaning") or record.get("application") or ""
        rows.append(_row(record, matrix.name, scope, meaning, answers, note))
    return tuple(rows)


def read_own(scope: Scope) -> tuple[Row, ...]:
    """Return Chorus's own rows of one scope; their answers are keyed `pack:slug`."""
    table = OWN_TABLES[scope]
    return tuple(
        _row(
            record,
            table,
            scope,
            record["meaning"],
            dict.fromkeys(record["roles"].split(), True),
            record["why"],
        )
        for record in _records(DATA / f"{table}.csv")
    )


def read_configurations(path: Traversable | None = None) -> dict[str, dict[str, str]]:
    """Return Actito's published configurations by role slug, word for word."""
    records = _records(path or DATA / "matrices" / "actito_configurations.csv")
    return {record["configuration"].split(" ")[0]: record for record in records}


def _row(
    record: dict[str, str], table: str, scope: Scope, meaning: str, answers: dict[str, bool], note: str
) -> Row:
    actions = tuple(f"{scope}.{codename}" for codename in record["action"].split())
    return Row(record["row"], table, scope, meaning, actions, answers, note)


def _answer(record: dict[str, str], role: str) -> bool:
    try:
        return {"yes": True, "no": False}[record[role]]
    except KeyError:
        raise TableError(f"{record['row']}: {role} is {record[role]!r}, neither yes nor no.") from None


def _records(path: Traversable) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(StringIO(path.read_text(encoding="utf-8")))
