"""What makes publications wait that is not in them: a pause, a network that will not listen yet or does not answer."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from social_accounts.models import ProfilePause, ServerOutage, SocialProfile
from social_accounts.outages.models import ServerOutageQuerySet
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


class DeliverySettings(TenantModel):
    """What the organization decided about delivery. Without a row, everything is as the defaults say."""

    HOLD_AFTER_MINUTES: Final = 120
    CHOICES: Final = (
        (15, _("15 minutes")),
        (30, _("30 minutes")),
        (60, _("1 hour")),
        (120, _("2 hours")),
        (360, _("6 hours")),
        (720, _("12 hours")),
        (1440, _("1 day")),
        (None, _("Never: send them however late it is")),
    )

    organization = models.OneToOneField("orgs.Organization", on_delete=models.CASCADE, related_name="+")
    # Later than this a post is held instead of sent. None: never.
    hold_after_minutes = models.PositiveIntegerField(null=True, blank=True, default=HOLD_AFTER_MINUTES)

    def __str__(self) -> str:
        return f"delivery of {self.organization}"


def profile_is_paused(profile: str) -> Exists:
    """Return what holds where the profile of a row is paused; ``profile`` is the way there."""
    return Exists(ProfilePause.objects.filter(profile=OuterRef(profile)))


def organization_is_paused() -> Exists:
    return Exists(PublishingPause.objects.filter(organization=OuterRef("organization")))


def is_limited(profile: str, now: datetime) -> Q:
    """Return what holds where the network does not listen to a row's profile, or to our application there."""
    of_profile = ProfileRateLimit.objects.filter(profile=OuterRef(profile), until__gt=now)
    of_application = ApplicationRateLimit.objects.filter(
        network=OuterRef(f"{profile}__network"), server=OuterRef(f"{profile}__server"), until__gt=now
    )
    return Q(Exists(of_profile)) | Q(Exists(of_application))


def outages_at(profile: str) -> ServerOutageQuerySet:
    """Return the rows of the server a row's profile is at, for a subquery."""
    found: ServerOutageQuerySet = ServerOutage.objects.filter(
        network=OuterRef(f"{profile}__network"), server=OuterRef(f"{profile}__server")
    )
    return found


def server_is_left_alone(profile: str, **probe: object) -> Exists:
    """Return what holds where a row's server does not answer and the row is not the one let through."""
    left_alone = outages_at(profile).open()
    return Exists(left_alone.exclude(**probe) if probe else left_alone)
