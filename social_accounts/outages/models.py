"""Tables of outages. A server belongs to no organization; who was told of its outage does."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from tenancy.models import TenantModel


class ServerOutageQuerySet(models.QuerySet["ServerOutage"]):
    def open(self) -> Self:
        return self.filter(opened_at__isnull=False)

    def noted(self) -> Self:
        """Return servers whose last call failed: the next answer is news."""
        return self.filter(Q(failures__gt=0) | Q(opened_at__isnull=False))

    def to_try(self, now: datetime) -> Self:
        """Return servers of which one call may find out whether they answer again."""
        return self.open().filter(Q(probe_until=None) | Q(probe_until__lte=now), try_at__lte=now)

    def end_probe(self) -> int:
        """Let another call go through in place of the one that was named."""
        return self.update(probe_publication=None, probe_follow_up=None, probe_until=None)


class ServerOutage(models.Model):
    """How a server fails, and until when it is left alone. Of the installation, of no organization."""

    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, while closed
    failed_at = models.DateTimeField(null=True, blank=True)  # the last of them
    profile_id = models.BigIntegerField(null=True, blank=True)  # whose call failed first
    is_of_several = models.BooleanField(default=False)  # the calls of other profiles failed as well
    is_unreachable = models.BooleanField(default=True)  # none of them got a connection
    since = models.DateTimeField(null=True, blank=True)  # the first failure in a row
    opened_at = models.DateTimeField(null=True, blank=True)
    openings = models.PositiveIntegerField(default=0)  # in a row: each wait is longer than the one before
    try_at = models.DateTimeField(null=True, blank=True)
    # The one call that may go through, and how long nobody takes its place.
    probe_publication = models.BigIntegerField(null=True, blank=True)
    probe_follow_up = models.BigIntegerField(null=True, blank=True)
    probe_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # When it opened; kept where it opens again soon after it closed, so that nobody is told twice.
    told_as = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    objects: ClassVar[Any] = ServerOutageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "server"], name="social_accounts_outage_once"),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(since__isnull=False, try_at__isnull=False),
                name="social_accounts_outage_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} at {self.server or 'its only server'}: {'open' if self.is_open else 'closed'}"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


class OutageNotice(TenantModel):
    """An organization that was told of an outage: once, however many of its posts wait."""

    outage = models.ForeignKey(ServerOutage, on_delete=models.CASCADE, related_name="notices")
    told_as = models.DateTimeField()  # the outage's, when it was told

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "outage", "told_as"], name="social_accounts_outage_told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} was told of {self.outage}"
