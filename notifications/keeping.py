"""Reading, and forgetting what is old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from notifications.kinds import about_of
from notifications.models import Notification
from tenancy.context import unscoped

KEPT_FOR: Final = timedelta(days=90)
ROWS_PER_LOOK: Final = 10_000


def mark_read(*, actor: User, ids: list[int] | None, now: datetime) -> int:
    """Mark the person's own notifications as read, all of them with ``ids`` None; return how many were not."""
    with unscoped():  # they lie in every organization he is in
        rows = Notification.objects.unread_by(actor.pk)
        return (rows if ids is None else rows.filter(pk__in=ids)).update(read_at=now)


def forget_old(*, now: datetime) -> int:
    """Delete what is older than 90 days, read or not; return how many. What is left comes with the next look."""
    with unscoped():  # age is the same for every organization
        old = Notification.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
        deleted, _by_table = Notification.objects.filter(pk__in=old.values("pk")[:ROWS_PER_LOOK]).delete()
    return deleted


def settle(about: Model) -> None:
    """Ask nobody any more who has not read it: what he was told about needs him no longer. No mail of it goes out."""
    about_type, about_id = about_of(about)
    rows = Notification.objects.filter(about_type=about_type, about_id=about_id)
    rows.filter(read_at=None).update(read_at=timezone.now(), mail_due_at=None)
