"""Looking at the product as somebody else would see it: who did, at whom, from when to when."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orgs.models.organizations import Membership
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class ViewAsQuerySet(TenantQuerySet["ViewAs"]):
    def overdue(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__lte=now)


ViewAsManager = TenantManager.from_queryset(ViewAsQuerySet)


class ViewAs(TenantModel):
    """One look through somebody's eyes, bound to the session it was begun in. Read-only by ``orgs.view_as``."""

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ViewAsManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("started_at")), name="orgs_view_as_window")
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="orgs_view_as_open")]

    def __str__(self) -> str:
        return f"{self.viewer} → {self.membership}"
