"""``manage.py packs``: what the packs are made of, and where they and a matrix file part (``docs/permissions.md``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from permissions.catalogue import Scope
from permissions.catalogue.tables import TableError
from permissions.packs import PACKS, Drift, drift, packs_made_from

DRIFTED = 1
REFUSED = 2


class Command(BaseCommand):
    requires_system_checks = ()  # asks the code's own tables, no installation
    help = "Lists the packs of built-in roles, and compares them cell by cell with a matrix file."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser("list", help="print every pack with its version and how many roles it has")
        comparing = verbs.add_parser(
            "compare",
            help=f"print where a matrix file and the packs made from it differ; exit {DRIFTED} if so",
        )
        comparing.add_argument("file", metavar="FILE", help="named like the matrix: hootsuite_profile.csv")
        comparing.add_argument(
            "--pack", choices=sorted(PACKS), help="only this one of the packs made from it"
        )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        with override("en"):  # an operator's output, the same everywhere
            if verb == "list":
                self.list_packs()
            else:
                self.compare(Path(options["file"]), options["pack"])

    def list_packs(self) -> None:
        for pack in PACKS.values():
            counts = ", ".join(f"{len(roles)} {scope}" for scope in Scope if (roles := pack.roles_of(scope)))
            self.stdout.write(f"{pack.slug:<12}{pack.version}  roles: {counts}")
            self.stdout.write(f"{'':<12}{pack.source} ({pack.language})")

    def compare(self, path: Path, pack: str | None) -> None:
        try:
            found = drift(path, pack=pack)
            packs = [pack] if pack else packs_made_from(path)
        except (OSError, UnicodeDecodeError, TableError) as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        for difference in found:
            self.stdout.write(line_of(difference))
        if found:
            raise CommandError(f"{_cells(len(found))}.", returncode=DRIFTED)
        self.stdout.write(f"No drift: {path.name} and {', '.join(packs)} agree in every cell.")


def line_of(difference: Drift) -> str:
    """Return row, action, role, and what stands here (in the pack) and there (in the file)."""
    action = difference.action or "(role None)"
    here, there = _word(difference.in_pack), _word(difference.in_matrix)
    return f"{difference.row}  {action}  {difference.pack}:{difference.role}  here: {here}  there: {there}"


def _word(cell: bool | str | None) -> str:
    if cell is None:
        return "no such cell"
    if isinstance(cell, str):
        return repr(cell)
    return "yes" if cell else "no"


def _cells(count: int) -> str:
    return "1 cell differs" if count == 1 else f"{count} cells differ"
