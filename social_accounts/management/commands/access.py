"""``manage.py access``: the access file and questions about access, for the operator. See ``docs/access_file.md``."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone

from orgs.models import Organization
from social_accounts.access_file.applying import load
from social_accounts.access_file.asking import Asker, BadQuestion, answers, moment_of
from social_accounts.access_file.coverage import coverage, summary
from social_accounts.access_file.reading import read
from social_accounts.access_file.state import FileRefused
from social_accounts.access_file.writing import dump

STANDARD_INPUT = "-"


class Command(BaseCommand):
    help = "Loads and dumps the access of organizations as one file, and answers who may do what, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        loading = verbs.add_parser("load", help="make organizations equal to a file, or change nothing")
        loading.add_argument("file", metavar="FILE", help="- reads standard input")
        loading.add_argument("--dry-run", action="store_true", help="only print what would change")
        dumping = verbs.add_parser("dump", help="print the file of organizations")
        dumping.add_argument("slugs", metavar="SLUG", nargs="+")
        verbs.add_parser("check", help="answer questions, one JSON object a line, from standard input")
        objects = verbs.add_parser("objects", help="print on what a person may do an action")
        objects.add_argument("person", metavar="PERSON")
        objects.add_argument("action", metavar="ACTION")
        people = verbs.add_parser("people", help="print who may do an action on an object")
        people.add_argument("action", metavar="ACTION")
        people.add_argument("object", metavar="OBJECT")
        explain = verbs.add_parser("explain", help="tell why a person may do an action on an object, or not")
        explain.add_argument("person", metavar="PERSON")
        explain.add_argument("action", metavar="ACTION")
        explain.add_argument("object", metavar="OBJECT")
        for asking in (objects, people, explain):
            asking.add_argument("--at", metavar="TIME", help="another moment than now: 2026-11-21T12:00:00Z")
        verbs.add_parser("coverage", help="print what in the code declares each action")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{verb}")(options)
        except BadQuestion as error:
            raise CommandError(str(error)) from error

    def do_load(self, options: dict[str, Any]) -> None:
        path, is_dry_run = options["file"], bool(options["dry_run"])
        try:
            text = sys.stdin.read() if path == STANDARD_INPUT else Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        try:
            outcomes = load(read(text), now=timezone.now(), is_dry_run=is_dry_run)
        except FileRefused as refusal:
            told = "\n".join(f"{path}, {problem}" for problem in refusal.problems)
            raise CommandError(f"{told}\nNothing was changed.") from refusal
        except IntegrityError as error:
            reason = "somebody made the same account or organization at this very moment: load it again."
            raise CommandError(f"{path}: {reason}\nNothing was changed.") from error
        for outcome in outcomes:
            self.stdout.write(f"{outcome.slug}:" if outcome.changes else f"{outcome.slug}: nothing changes")
            for line in outcome.changes:
                self.stdout.write(f"  {line}")
        if is_dry_run:
            self.stdout.write("Dry run: nothing was changed.")

    def do_dump(self, options: dict[str, Any]) -> None:
        slugs = list(dict.fromkeys(options["slugs"]))
        known = set(Organization.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        if unknown := [slug for slug in slugs if slug not in known]:
            raise CommandError(f"No organization is called {', '.join(unknown)}.")
        self.stdout.write(dump(slugs), ending="")

    def do_check(self, options: dict[str, Any]) -> None:
        questions = sys.stdin.read().split(
            "\n"
        )  # splitlines also splits at characters that JSON texts may hold
        failed = asked = 0
        for answer in answers(questions, Asker(timezone.now())):
            asked += 1
            failed += "error" in answer
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if failed:
            raise CommandError(f"{failed} of {asked} questions could not be answered: see their “error”.")

    def do_objects(self, options: dict[str, Any]) -> None:
        asker = Asker(timezone.now())
        for name in asker.objects_of(options["person"], options["action"], _at(options)):
            self.stdout.write(name)

    def do_people(self, options: dict[str, Any]) -> None:
        asker = Asker(timezone.now())
        for email in asker.people_for(options["action"], options["object"], _at(options)):
            self.stdout.write(email)

    def do_explain(self, options: dict[str, Any]) -> None:
        asker = Asker(timezone.now())
        decision = asker.decide(options["person"], options["action"], options["object"], _at(options))
        self.stdout.write(decision.text)

    def do_coverage(self, options: dict[str, Any]) -> None:
        covered = coverage()
        for each in covered:
            self.stdout.write(str(each))
        self.stdout.write(summary(covered))


def _at(options: dict[str, Any]) -> datetime | None:
    return moment_of(options["at"]) if options["at"] else None
