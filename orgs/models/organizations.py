"""Organizations, their workspaces and teams, and who belongs to them."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from tenancy.models import TenantManager, TenantModel, TenantQuerySet

PUBLIC_ID_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
RESERVED_SLUGS = frozenset({"new", "api", "static", "media", "accounts", "admin", "settings", "sandbox"})


def new_public_id() -> str:
    """Return a business id such as 7K2M-9QXD-TB4H: unguessable, so only those who are told it can ask (P4)."""
    letters = [secrets.choice(PUBLIC_ID_ALPHABET) for _position in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


def default_packs() -> list[str]:
    return ["standard"]


class Organization(models.Model):
    """A brand or an agency: the outermost scope, and the tenant."""

    class TwoFactor(models.TextChoices):
        NONE = "none", _("Nobody has to")
        MANAGERS = "managers", _("Those who manage members")
        EVERYONE = "everyone", _("Everyone")

    slug = models.SlugField(_("address"), max_length=40, unique=True)
    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    name = models.CharField(_("name"), max_length=80)
    image = models.ImageField(_("image"), upload_to="organizations/", blank=True)
    packs = ArrayField(models.CharField(max_length=20), default=default_packs)
    two_factor = models.CharField(
        _("second factor"), max_length=10, choices=TwoFactor, default=TwoFactor.NONE
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    # R10, T6: whether the vendor's staff may sign in here with a ticket; off ends what runs.
    allows_support = models.BooleanField(_("support may sign in"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)), name="orgs_slug_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Workspace(TenantModel):
    """A partition of an organization's data (R7, T1)."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="orgs_workspace_slug")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(TenantQuerySet["Membership"]):
    def live(self, now: datetime) -> Self:
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(expires_at=None) | Q(expires_at__gt=now),
            status=Membership.Status.ACTIVE,
        )


MembershipManager = TenantManager.from_queryset(MembershipQuerySet)


class Membership(TenantModel):
    """A person in an organization. His organization role is the guardian row ``OrganizationUserGrant``."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    title = models.CharField(_("job title"), max_length=80, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reaches_all_workspaces = models.BooleanField(default=True)
    default_workspace = models.ForeignKey(
        Workspace, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    joined_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar = MembershipManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="orgs_membership_once"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(expires_at=None) | Q(expires_at__gt=F("starts_at")),
                name="orgs_membership_window",
            ),
        ]
        indexes = [models.Index(fields=["user"])]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED


class WorkspaceAccess(TenantModel):
    """One workspace in one member's list; looked at only where ``reaches_all_workspaces`` is off."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="workspace_accesses")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="accesses")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "workspace"], name="orgs_workspace_access_once")
        ]


class Team(TenantModel):
    """People who share profiles. ``members_group`` is the userset that carries the team's grants."""

    slug = models.SlugField(max_length=60)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("what it does"), max_length=200, blank=True)
    members_group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="orgs_team_slug")]
        triggers = [
            pgtrigger.Trigger(
                name="requests_die_with_it",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                func="delete from orgs_accessrequest where scope = 'team' and object_id = old.id; return null;",
            )
        ]

    def __str__(self) -> str:
        return self.name


slug_validator = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", _("Use small letters, digits and hyphens.")
)
