"""``manage.py rotate_token_keys``: put every secret under the first key, so that the others may go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models

from social_accounts.models import ConnectionAttempt, Credential, NetworkApp
from social_accounts.sealing import Unreadable, has_first_key, resealed
from tenancy.context import unscoped

SECRETS: tuple[tuple[type[models.Model], str], ...] = (
    (Credential, "secret"),
    (NetworkApp, "secret"),
    (ConnectionAttempt, "kept"),
)
BATCH_SIZE = 200


class Command(BaseCommand):
    help = (
        "Re-encrypts every stored secret with the first key of CHORUS_TOKEN_KEYS. Put the new key first, run this, "
        "then take the old ones out. May be interrupted and repeated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch-size", type=int, default=BATCH_SIZE)

    def handle(self, *args: Any, batch_size: int, **options: Any) -> None:
        changed = unreadable = 0
        for model, column in SECRETS:
            last = None
            while True:
                last, changed_now, unreadable_now = self.rotate_batch(model, column, last, batch_size)
                changed += changed_now
                unreadable += unreadable_now
                if last is None:
                    break
        self.stdout.write(f"{changed} secrets re-encrypted with the first key.")
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets open with none of the keys: keep every old key until this says none."
            )

    def rotate_batch(
        self, model: type[models.Model], column: str, after: Any, size: int
    ) -> tuple[Any, int, int]:
        """Rotate one batch in a transaction of its own; return the last key, how many changed, how many no key opens.

        Rows are locked, so that a refresh that writes at the same moment is neither lost nor overwritten.
        """
        changed = unreadable = 0
        with unscoped():  # keys are of the installation: secrets of all organizations are rotated
            rows = model._default_manager.select_for_update().order_by("pk").exclude(**{column: ""})
            batch = list((rows if after is None else rows.filter(pk__gt=after))[:size])
            for row in batch:
                secret = getattr(row, column)
                if has_first_key(secret):
                    continue
                try:
                    setattr(row, column, resealed(secret))
                except Unreadable:
                    unreadable += 1
                    continue
                row.save(update_fields=[column])
                changed += 1
        return (batch[-1].pk if batch else None), changed, unreadable
