from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.models import AuditHead
from audit.services import verify_chain
from tenancy.context import organization_open, unscoped


class Command(BaseCommand):
    help = "Checks the audit log's chain of every organization (or of those named) and prints each break."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", help="organizations; all when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        organizations = apps.get_model("orgs", "Organization").objects.order_by("slug")
        if options["slugs"]:
            organizations = organizations.filter(slug__in=options["slugs"])
            unknown = set(options["slugs"]) - set(organizations.values_list("slug", flat=True))
            if unknown:
                raise CommandError(f"No organization is called {', '.join(sorted(unknown))}.")
        broken = 0
        for organization in organizations:
            with organization_open(organization.pk):
                for found in verify_chain():
                    broken += 1
                    self.stdout.write(f"{organization.slug}: event {found.sequence} {found.what}")
        # Counted over all organizations at once: the summary line is the operator's.
        with unscoped():
            checked = sum(AuditHead.objects.values_list("sequence", flat=True))
        if broken:
            raise CommandError(f"{broken} breaks found.")
        self.stdout.write(f"{checked} events, no break.")
