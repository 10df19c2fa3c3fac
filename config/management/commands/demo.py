from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from config.demo import AGENCY, CAST, PASSWORD, SECOND, load_demo


class Command(BaseCommand):
    help = "Loads the demo, two brands and their agency (once), and prints its sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        token = load_demo(timezone.now())
        self.stdout.write("The demo is there. Sign in as:" if token is None else "Demo loaded. Sign in as:")
        for character in (*CAST, *AGENCY, SECOND):
            self.stdout.write(f"  {character.email:22} {PASSWORD}   {character.does}")
        if token:
            address = settings.BASE_URL + reverse("outside_calendar", args=[token])
            self.stdout.write(f"Clara, a dealer outside, sees and answers without an account: {address}")
