"""Profiles on networks, the grants on them, and the secrets that reach them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from orgs.models import Workspace
from permissions.models import Assignment, GroupGrant, UserGrant
from social_accounts.boards.models import Board as Board
from social_accounts.boards.models import BoardChange as BoardChange
from social_accounts.boards.models import BoardReading as BoardReading
from social_accounts.boards.models import BoardSection as BoardSection
from social_accounts.outages.models import OutageNotice as OutageNotice
from social_accounts.outages.models import ServerOutage as ServerOutage
from tenancy.models import TenantManager, TenantModel, TenantQuerySet

# H10: no approval workflow there, so a role that needs approval gives no access.
NETWORKS_WITHOUT_APPROVAL: Final = ("youtube",)

RENEW_WITHIN: Final = timedelta(days=14)  # how long before its end a person is asked to renew a connection


class SocialProfileQuerySet(TenantQuerySet["SocialProfile"]):
    def connected(self) -> SocialProfileQuerySet:
        return self.filter(status=SocialProfile.Status.CONNECTED)


SocialProfileManager = TenantManager.from_queryset(SocialProfileQuerySet)


class SocialProfile(TenantModel):
    """A page or account on a network: the innermost scope. A post, a report asks its profile."""

    class Status(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NEEDS_RECONNECT = "needs_reconnect", _("Needs reconnecting")
        DISCONNECTED = "disconnected", _("Disconnected")
        UNCONNECTED = "unconnected", _("Not connected yet")

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="profiles")
    slug = models.SlugField(max_length=80)
    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255, blank=True)
    remote_id = models.CharField(max_length=255, blank=True)
    handle = models.CharField(max_length=255)
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(max_length=500, blank=True)
    avatar_url = models.URLField(max_length=1000, blank=True)
    time_zone = models.CharField(
        _("publishing time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    # What the profile's server allows, where servers of one network differ; read by ``connections.limits_of``.
    limits = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.UNCONNECTED)
    status_detail = models.CharField(max_length=300, blank=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    connected_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when the network last gave a clear answer
    check_at = models.DateTimeField(null=True, blank=True)  # when to ask it again; None: at once
    # When the connection ends for good unless a person renews it; None where it is renewed by itself.
    ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = SocialProfileManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="social_accounts_profile_slug"),
            models.UniqueConstraint(
                fields=["organization", "network", "server", "remote_id"],
                condition=~Q(remote_id=""),
                name="social_accounts_profile_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "workspace"]),
            models.Index(
                fields=["check_at"], condition=Q(status="connected"), name="social_accounts_profile_check"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="requests_die_with_it",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                func="delete from orgs_accessrequest where scope = 'profile' and object_id = old.id; return null;",
            )
        ]

    def __str__(self) -> str:
        return self.handle or self.name

    @property
    def has_approval(self) -> bool:
        """H10: say whether this profile's network knows an approval workflow."""
        return self.network not in NETWORKS_WITHOUT_APPROVAL

    @property
    def ends_soon(self) -> bool:
        """Say whether somebody should renew the connection now: it ends within two weeks, and nothing else does."""
        return (
            self.is_connected and self.ends_at is not None and self.ends_at - timezone.now() <= RENEW_WITHIN
        )

    @property
    def is_connected(self) -> bool:
        return self.status == self.Status.CONNECTED


class ProfilePause(TenantModel):
    """While this row stands, nothing scheduled on the profile goes out."""

    profile = models.OneToOneField(SocialProfile, on_delete=models.CASCADE, related_name="pause")
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    paused_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.profile} is paused since {self.paused_at:%Y-%m-%d %H:%M}"


class ProfileUserGrant(UserGrant):
    """A person's role on a profile; None among them closes it (R5)."""

    content_object = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserGrant.Meta):
        abstract = False
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(
                fields=["content_object", "user", "permission"], name="social_accounts_user_grant_once"
            ),
            UserGrant.window_constraint("social_accounts_user_grant_window"),
        ]
        indexes = [models.Index(fields=["organization", "user"])]


class ProfileGroupGrant(GroupGrant):
    """A profile in a team, with the role the team's people have on it; or one shared with a partner."""

    content_object = models.ForeignKey(SocialProfile, on_delete=models.CASCADE, related_name="group_grants")

    class Meta(GroupGrant.Meta):
        abstract = False
        unique_together: ClassVar[list[Sequence[str]]] = []
        constraints = [
            models.UniqueConstraint(
                fields=["content_object", "group"], name="social_accounts_group_grant_once"
            ),
            GroupGrant.window_constraint("social_accounts_group_grant_window"),
        ]


class ProfileAssignment(Assignment):
    """A profile a partner was granted, handed to one of its people (P7)."""

    grant = models.ForeignKey(ProfileGroupGrant, on_delete=models.CASCADE, related_name="assignments")

    class Meta(Assignment.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["grant", "user"], name="social_accounts_assignment_once"),
            Assignment.window_constraint("social_accounts_assignment_window"),
        ]
        indexes = [models.Index(fields=["organization", "user"])]


class Credential(TenantModel):
    """The secrets of one connected profile, encrypted. Read only through ``social_accounts.vault``."""

    profile = models.OneToOneField(SocialProfile, on_delete=models.CASCADE, related_name="credential")
    secret = models.TextField(editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    grant = models.CharField(max_length=255, blank=True, db_index=True)
    version = models.PositiveIntegerField(default=1)
    stored_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"credential of profile {self.profile_id}"


class NetworkApp(models.Model):
    """Our application as registered at one server. Of the whole installation, of no organization."""

    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255)
    redirect_uri = models.CharField(max_length=500)
    client_id = models.CharField(max_length=500)
    secret = models.TextField(editable=False, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "server", "redirect_uri"], name="social_accounts_network_app_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.network} at {self.server}"


class ConnectionAttempt(TenantModel):
    """A connect that left for the network and has not come back. Bound to person, session and state; used once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_digest = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64, unique=True)
    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(
        SocialProfile, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kept = models.TextField(editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.network} connect {self.pk}"


class ConnectionChoice(TenantModel):
    """What one consent opened, kept until the person has ticked what to connect. Bound like the attempt; used once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_digest = models.CharField(max_length=64)
    network = models.CharField(max_length=20)
    server = models.CharField(max_length=255)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kept = models.TextField(editable=False)
    found_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.network} choice {self.pk}"
