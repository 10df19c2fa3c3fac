"""The matrix: every action of one scope times every role in use, grouped by area.

Made for a page of a thousand cells and more: a cell is a small tuple, and what is said in words is said once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from audit.models import AuditEvent
from orgs.selectors.roles.in_use import RoleInUse, version_of
from orgs.selectors.roles.sources import SourceTitles
from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area, Scope
from permissions.models import Role


class Cell(NamedTuple):
    role: int
    is_held: bool
    is_editable: bool
    is_here: bool  # in the one column a phone shows
    note: str = ""  # where a built-in role has it from


@dataclass(frozen=True)
class Column:
    """A role of the matrix. ``is_editable``: its cells may be ticked by the one who looks."""

    role: RoleInUse
    is_editable: bool
    is_here: bool

    @property
    def version(self) -> str:
        """Return what tells this state of an own role from a later one."""
        return version_of(self.role.row) if self.role.is_own else ""


@dataclass(frozen=True)
class MatrixRow:
    action: Action
    cells: Sequence[Cell]


class AreaCell(NamedTuple):
    """How many actions of an area a role holds; ``position`` counts columns from 1."""

    held: int
    position: int
    column: Column


@dataclass(frozen=True)
class MatrixArea:
    area: Area
    rows: Sequence[MatrixRow]
    cells: Sequence[AreaCell]


@dataclass(frozen=True)
class Matrix:
    """``bands`` are the headings over the columns: each pack, and the organization's own roles."""

    scope: Scope
    columns: Sequence[Column]
    areas: Sequence[MatrixArea]
    bands: Sequence[tuple[str, int]] = field(default=())

    @property
    def action_count(self) -> int:
        return sum(len(area.rows) for area in self.areas)

    @property
    def editable(self) -> list[Column]:
        return [column for column in self.columns if column.is_editable]

    @property
    def here(self) -> Column | None:
        return next((column for column in self.columns if column.is_here), None)


def make_matrix(scope: Scope, roles: Sequence[RoleInUse], *, may_edit: bool, here: int | None) -> Matrix:
    """Return the matrix of these roles. ``here``: the role a phone shows first, else the first one may edit."""
    editable = [role.is_own and may_edit for role in roles]
    shown = _shown_on_a_phone(roles, editable, here)
    columns = [Column(role, editable[n], n == shown) for n, role in enumerate(roles)]
    titles = SourceTitles()
    areas = []
    for area in AREAS:
        actions = [action for action in catalogue.of_scope(scope) if action.area is area]
        if actions:
            rows = [MatrixRow(action, list(_cells(action.name, columns, titles))) for action in actions]
            areas.append(MatrixArea(area, rows, list(_area_cells(actions, columns))))
    bands = [(origin, len(list(group))) for origin, group in groupby(roles, key=lambda role: role.origin)]
    return Matrix(scope, columns, areas, bands)


def _shown_on_a_phone(roles: Sequence[RoleInUse], editable: Sequence[bool], here: int | None) -> int:
    asked = (n for n, role in enumerate(roles) if role.pk == here)
    return next(asked, next((n for n, may in enumerate(editable) if may), 0))


def _cells(action: str, columns: Sequence[Column], titles: SourceTitles) -> Iterator[Cell]:
    for column in columns:
        role = column.role
        is_held = action in role.facts.actions
        note = titles.of(role.facts, action) if is_held and not role.is_own else ""
        yield Cell(role.pk, is_held, column.is_editable, column.is_here, note)


def _area_cells(actions: Sequence[Action], columns: Sequence[Column]) -> Iterator[AreaCell]:
    names = frozenset(action.name for action in actions)
    for position, column in enumerate(columns, start=1):
        yield AreaCell(len(names & column.role.facts.actions), position, column)


def last_saves(roles: Sequence[Role]) -> list[tuple[Role, AuditEvent]]:
    """Return the newest event about each of the roles: who saved what while somebody else was editing."""
    newest = []
    for role in roles:
        events = AuditEvent.objects.filter(
            object_type=Role._meta.label_lower, object_id=str(role.pk), outcome=AuditEvent.Outcome.DONE
        )
        if event := events.order_by("-sequence").first():
            newest.append((role, event))
    return newest
