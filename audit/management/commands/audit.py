from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.exported import NotAnExport, verify_export


class Command(BaseCommand):
    help = "verify FILE: checks an audit log that was exported as JSON, without looking into any database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        verify = acts.add_parser("verify", help="check a file that was exported as JSON")
        verify.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            findings = verify_export(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, NotAnExport) as error:
            raise CommandError(f"{path}: {error}") from error
        for problem in findings.problems:
            self.stdout.write(problem)
        if not findings.holds:
            raise CommandError(f"{path}: {len(findings.problems)} problems found.")
        self.stdout.write(findings.sentence)
