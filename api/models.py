"""Answers that were given to writes, kept for a day so that asking again does not do again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from accounts.models import ApiKey
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class GivenAnswerQuerySet(TenantQuerySet["GivenAnswer"]):
    def older_than(self, moment: datetime) -> Self:
        return self.filter(given_at__lt=moment)


class GivenAnswer(TenantModel):
    """What one write was answered, by the key its sender chose (``Idempotency-Key``).

    Written in the transaction of the write itself: either both happened or neither.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.CASCADE, related_name="+")
    chosen_key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    given_at = models.DateTimeField()

    objects: ClassVar = TenantManager.from_queryset(GivenAnswerQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "api_key", "chosen_key"],
                name="api_answer_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["given_at"])]

    def __str__(self) -> str:
        return self.chosen_key
