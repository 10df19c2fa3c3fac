"""Which ends of access were announced to whom: one row per person, end and step, so that none is told twice."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class EndAnnouncementQuerySet(TenantQuerySet["EndAnnouncement"]):
    def unsent(self, now: datetime) -> Self:
        """Return what is still worth telling: what has ended meanwhile is not announced any more."""
        return self.filter(sent_at=None, ends_at__gt=now)


EndAnnouncementManager = TenantManager.from_queryset(EndAnnouncementQuerySet)


class EndAnnouncement(TenantModel):
    """ "This ends in seven days": the row is the work. ``row`` is the id in the table that ``kind`` names.

    ``sent_at`` is set in the transaction that tells him, so he is told once, whatever crashes.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    row = models.BigIntegerField()
    ends_at = models.DateTimeField()
    days_before = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = EndAnnouncementManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "row", "ends_at", "days_before"], name="orgs_end_announced_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["organization", "recipient"],
                condition=models.Q(sent_at=None),
                name="orgs_end_announcement_unsent",
            )
        ]
