from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bench.seeding import NotEmpty, seed


class Command(BaseCommand):
    help = "Writes a large data set (a million grants at --scale 1) into an EMPTY installation, to try and to measure."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale", type=float, default=1.0, help="how much of it: above 0, at most 1; 0.01 takes a second"
        )
        parser.add_argument(
            "--password",
            default="",
            help="lets everybody sign in with it (person0@scale.test owns); else nobody can",
        )

    def handle(self, *args: Any, scale: float, password: str, **options: Any) -> None:
        begin = time.monotonic()
        try:
            grants = seed(scale=scale, password=password, say=self.stdout.write)
        except (NotEmpty, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{grants:,} grants in {time.monotonic() - begin:.0f} s")
