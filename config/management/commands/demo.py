from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo import AGENCY, CAST, PASSWORD, load_demo


class Command(BaseCommand):
    help = "Loads the demo, a brand and its agency (once), and prints its sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        is_new = load_demo(timezone.now())
        self.stdout.write("Demo loaded. Sign in as:" if is_new else "The demo is there. Sign in as:")
        for character in (*CAST, *AGENCY):
            self.stdout.write(f"  {character.email:22} {PASSWORD}   {character.does}")
