"""Roles, and the two shapes of a grant. The grant rows themselves live beside each scope's model.

A grant *is* a guardian row (direct foreign keys), extended by a window, its giver and its reason. There is one
``auth.Permission`` per role, not per action, so editing a role writes no grant.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from guardian.managers import GroupObjectPermissionManager, UserObjectPermissionManager
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from permissions.catalogue import Scope
from tenancy.models import TenantManager, TenantModel, TenantQuerySet

SCOPE_CHOICES = [
    (Scope.ORGANIZATION.value, _("Organization")),
    (Scope.TEAM.value, _("Team")),
    (Scope.PROFILE.value, _("Profile")),
]


class Role(models.Model):
    """A named set of actions of one scope: built-in (no organization; from a pack) or one organization's own."""

    organization = models.ForeignKey(
        "orgs.Organization", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    permission = models.OneToOneField(Permission, on_delete=models.PROTECT, related_name="role")
    scope = models.CharField(max_length=12, choices=SCOPE_CHOICES)
    pack = models.CharField(max_length=20, blank=True)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80, blank=True)
    actions = ArrayField(models.CharField(max_length=100), default=list)
    description = models.CharField(max_length=200, blank=True)
    # Of an organization's own role. T4: actions that came to the catalogue since are shown as new, and not in it.
    known_actions = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    copied_from = models.CharField(max_length=100, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "scope", "pack", "slug"],
                name="permissions_role_slug",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(organization=None, pack__gt="") | Q(organization__isnull=False, pack=""),
                name="permissions_role_builtin_or_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack}:{self.slug}" if self.pack else self.slug


class AccessEpoch(TenantModel):
    """The number of everything that decides rights in one organization: another number, and something has changed.

    Written by triggers alone (``permissions.migrations_support``), read by ``permissions.epochs``. No row: nothing yet.
    """

    # No constraint in the database: the organization's own end writes a last epoch.
    organization = models.OneToOneField(
        "orgs.Organization", primary_key=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    epoch = models.BigIntegerField()

    def __str__(self) -> str:
        return f"epoch {self.epoch}"


class GrantQuerySet(TenantQuerySet[Any]):
    def live(self, now: datetime) -> Self:
        """Return the grants whose window [starts_at, expires_at) holds ``now``."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=now), Q(expires_at=None) | Q(expires_at__gt=now)
        )

    def not_over(self, now: datetime) -> Self:
        """Return the grants that hold now or will hold later."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now))


class _UserGrantManager(TenantManager[Any].from_queryset(GrantQuerySet), UserObjectPermissionManager):  # type: ignore[misc]
    pass


class _GroupGrantManager(TenantManager[Any].from_queryset(GrantQuerySet), GroupObjectPermissionManager):  # type: ignore[misc]
    pass


class Grant(TenantModel):
    """What both shapes share. ``content_object`` is declared by the scope's own table."""

    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def window_constraint(cls, name: str) -> models.CheckConstraint:
        return models.CheckConstraint(
            condition=Q(starts_at=None) | Q(expires_at=None) | Q(expires_at__gt=F("starts_at")), name=name
        )


class UserGrant(Grant, UserObjectPermissionBase):
    """A role one person has on one object."""

    objects: ClassVar = _UserGrantManager()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class GroupGrant(Grant, GroupObjectPermissionBase):
    """A role a team's people have on one object, or a partner may hand on; the group is the team's or the partner's.

    A partner's people have nothing by it until an ``Assignment`` hands it to one of them (R8).
    """

    partnership = models.ForeignKey(
        "orgs.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss"
    )

    objects: ClassVar = _GroupGrantManager()

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True


class Assignment(Grant):
    """A partner's grant, handed to one of the partner's people with a role; dies with ``grant``.

    The scope's own table declares ``grant``. What counts is the intersection of both roles and both windows (R8).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    permission = models.ForeignKey(Permission, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = TenantManager.from_queryset(GrantQuerySet)()

    class Meta:
        abstract = True
