"""The vendor's staff, for the operator: the only door to being of it (T5).

manage.py staff list
manage.py staff appoint vera@vendor.example support
manage.py staff dismiss vera@vendor.example
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from orgs.services.support import NotStaff, appoint_staff, dismiss_staff


class Command(BaseCommand):
    help = (
        "List, appoint and dismiss the vendor's staff, who enter a customer's organization in a session only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="who is of the staff")
        appoint = acts.add_parser("appoint", help="make a person one of the staff, or change what kind")
        appoint.add_argument("email")
        appoint.add_argument(
            "kind",
            choices=[kind.value for kind in User.SupportRole if kind.value],
            help="support: everything but exports; team: everything but managing people",
        )
        dismiss = acts.add_parser("dismiss", help="take it back, and end whatever session runs")
        dismiss.add_argument("email")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "list":
            self._list()
        elif act == "appoint":
            user = self._person(options["email"])
            appoint_staff(user=user, role=options["kind"])
            self.stdout.write(f"{user.email} is of the staff now: {options['kind']}.")
        else:
            self._dismiss(self._person(options["email"]))

    def _list(self) -> None:
        staff = User.objects.exclude(support_role="").order_by("support_role", "email")
        for user in staff:
            self.stdout.write(f"{user.support_role:8} {user.email}")
        if not staff:
            self.stdout.write("Nobody is of the staff.")

    def _dismiss(self, user: User) -> None:
        try:
            ended = dismiss_staff(user=user, now=timezone.now())
        except NotStaff as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.email} is no longer of the staff. Sessions ended: {ended}.")

    def _person(self, email: str) -> User:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody has an account with the address {email}.")
        return user
