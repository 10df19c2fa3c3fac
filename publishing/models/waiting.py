"""What makes publications wait that is not in them: a pause, a network that will not listen yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from social_accounts.models import SocialProfile
from tenancy.models import TenantModel


class PublishingPause(TenantModel):
    """While this row stands, nothing of the organization goes out."""

    organization = models.OneToOneField("orgs.Organization", on_delete=models.CASCADE, related_name="+")
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    paused_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"paused since {self.paused_at:%Y-%m-%d %H:%M}"


class ProfileRateLimit(TenantModel):
    """The network will not listen to this profile before ``until``; its queue waits, and no other."""

    profile = models.OneToOneField(SocialProfile, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.profile} waits until {self.until:%Y-%m-%d %H:%M}"


class ApplicationRateLimit(models.Model):
    """A server will not listen to our application before ``until``. Of the installation, of no organization."""

    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "server"], name="publishing_application_limit_once")
        ]

    def __str__(self) -> str:
        return f"{self.network} at {self.server} waits until {self.until:%Y-%m-%d %H:%M}"
