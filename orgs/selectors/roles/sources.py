"""Where each cell of a built-in role comes from: which table, which row, as of when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf.locale import LANG_INFO
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from permissions.catalogue.tables import Row
from permissions.packs import PACKS, ROWS
from permissions.roles import RoleFacts

TABLE_LABELS: Mapping[str, Any] = {
    "agorapulse_organization": gettext_lazy("Agorapulse's table of organization roles"),
    "agorapulse_profile": gettext_lazy("Agorapulse's table of profile roles"),
    "hootsuite_organization": gettext_lazy("Hootsuite's table of organization roles"),
    "hootsuite_team": gettext_lazy("Hootsuite's table of team roles"),
    "hootsuite_profile": gettext_lazy("Hootsuite's table of social network roles"),
    "pinterest_editor": gettext_lazy("Pinterest's list of what an editor may do"),
    "actito_actions": gettext_lazy("Actito's configurations, read action by action"),
    "chorus_organization": gettext_lazy("Chorus's own table of organization roles"),
    "chorus_team": gettext_lazy("Chorus's own table of team roles"),
    "chorus_profile": gettext_lazy("Chorus's own table of profile roles"),
}
"""What people call each table in ``permissions/data``."""


@dataclass(frozen=True)
class CellSource:
    """One row that gives a role an action. ``meaning`` and ``note`` are the source's own words, in its language."""

    row: str
    table: str
    meaning: str
    note: str

    @classmethod
    def of(cls, row: Row) -> CellSource:
        return cls(row.id, str(TABLE_LABELS[row.table]), row.meaning, row.note)


@dataclass(frozen=True)
class Provenance:
    """Where a built-in role was taken from as a whole."""

    source: str
    version: date
    language: str


def provenance(role: RoleFacts) -> Provenance | None:
    """Return the pack's source, date and language; None for an organization's own role."""
    if role.builtin is None:
        return None
    pack = PACKS[role.pack]
    return Provenance(str(pack.source), pack.version, str(_(LANG_INFO[pack.language]["name"])))


def sources_of(role: RoleFacts, action: str) -> Sequence[CellSource]:
    """Return the rows that give a built-in role an action; none for another role or an action it does not hold."""
    cells = role.builtin.cells if role.builtin is not None else {}
    return [CellSource.of(ROWS[row]) for row in cells.get(action, "").split()]


class SourceTitles:
    """The short form of a source, for the tooltip of one cell among a thousand."""

    def __init__(self) -> None:
        self._told = _("%(table)s, %(date)s: row %(rows)s")
        self._dates = {slug: date_format(pack.version, _("j M Y")) for slug, pack in PACKS.items()}
        self._tables = {name: str(label) for name, label in TABLE_LABELS.items()}

    def of(self, role: RoleFacts, action: str) -> str:
        assert role.builtin is not None
        rows = role.builtin.cells[action]
        table = self._tables[_table_of(rows)]
        return self._told % {"table": table, "date": self._dates[role.pack], "rows": rows}


@cache
def _table_of(rows: str) -> str:
    return ROWS[rows.split(" ", 1)[0]].table
