"""The vendor's staff in a customer's organization: only in a session with ticket, reason and end (R10, T5, T6)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class SupportSessionQuerySet(TenantQuerySet["SupportSession"]):
    def live(self, now: datetime) -> Self:
        return self.filter(ended_at=None, starts_at__lte=now, expires_at__gt=now)


SupportSessionManager = TenantManager.from_queryset(SupportSessionQuerySet)


class SupportSession(TenantModel):
    """One visit of one member of staff. Counts only while the organization allows support."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=User.SupportRole)
    ticket = models.CharField(_("ticket"), max_length=60)
    reason = models.CharField(_("reason"), max_length=300)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SupportSessionManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(ended_at=None),
                name="orgs_one_open_support_session",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")), name="orgs_support_session_window"
            ),
            models.CheckConstraint(
                condition=Q(ticket__gt="", reason__gt="", kind__gt=""), name="orgs_support_session_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.ticket})"
