"""What the networks said about posts, and when to ask again. Reports come on top of these."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models

from publishing.models import Publication
from publishing.models.waiting import is_limited, server_is_left_alone
from social_accounts.models import SocialProfile
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class MetricPoint(TenantModel):
    """One number about one post at one time. ``value`` None: the network was asked and did not say; never zero.

    Counts since the post is out (``lifetime``), so a later point replaces no earlier one. ``slot`` is the time the
    question was due: asking twice for one slot leaves one point, the later answer.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="metric_points")
    metric = models.CharField(max_length=40)  # see docs/metrics.md
    slot = models.DateTimeField()
    value = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "metric", "slot"], name="reporting_point_once")
        ]

    def __str__(self) -> str:
        return f"{self.metric} of publication {self.publication_id}"


class PullQuerySet(TenantQuerySet["Pull"]):
    def due(self, now: datetime) -> Self:
        return self.filter(ended_at=None, next_at__lte=now).exclude(leased_until__gt=now)

    def may_go(self, now: datetime) -> Self:
        """Return those whose profile is connected and whose network answers and listens to it now."""
        return (
            self.filter(publication__profile__status=SocialProfile.Status.CONNECTED)
            .exclude(is_limited("publication__profile", now))
            .exclude(server_is_left_alone("publication__profile"))
        )


PullManager = TenantManager.from_queryset(PullQuerySet)


class Pull(TenantModel):
    """When to ask for the numbers of one post again. The row is the schedule, as with publications."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="pull")
    next_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    failure_count = models.PositiveSmallIntegerField(default=0)
    missing_count = models.PositiveSmallIntegerField(default=0)  # looks in a row that did not find the post
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = PullManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(ended_at__isnull=True), name="reporting_pull_due"
            )
        ]

    def __str__(self) -> str:
        return f"numbers of publication {self.publication_id}"
