"""What waits for somebody's yes: invitations, and the hand-over of ownership."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class InvitationQuerySet(TenantQuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


InvitationManager = TenantManager.from_queryset(InvitationQuerySet)


class Invitation(TenantModel):
    """An offer of membership. Starts nothing until it is accepted (P3); the link's secret is kept only as a digest."""

    email = models.EmailField(_("e-mail address"))
    token_digest = models.CharField(max_length=64, unique=True)
    permission = models.ForeignKey("auth.Permission", on_delete=models.PROTECT, related_name="+")
    reaches_all_workspaces = models.BooleanField(default=True)
    workspace_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # [{"profile": id, "permission": id}]: profiles live on a floor above, so they are named, not referenced.
    profile_roles = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    message = models.CharField(_("message"), max_length=500, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = InvitationManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="orgs_one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return self.email


class OwnershipTransfer(TenantModel):
    """The owner's offer to hand over, which the new owner accepts (A7). At most one is open."""

    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    former_owner_permission = models.ForeignKey("auth.Permission", on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    is_accepted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(decided_at=None), name="orgs_one_open_transfer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_user} → {self.to_user}"
