"""People without an account, and the links through which they look, comment and approve."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class Outsider(TenantModel):
    """Somebody who is asked without having an account: a client, a lawyer. Known by the address mails go to."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(max_length=12, default="en")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("organization", Lower("email"), name="publishing_outsider_once"),
        ]

    def __str__(self) -> str:
        return self.name


def digest_of_token(token: str) -> str:
    """Return what is stored of a link's token: who reads the table cannot open the link."""
    return hashlib.sha256(token.encode()).hexdigest()


class OutsiderLinkQuerySet(TenantQuerySet["OutsiderLink"]):
    def live(self, now: datetime) -> Self:
        """Return the links that open today."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def with_token(self, token: str) -> Self:
        """Return the one link of the token, or none. Cross tenants (``unscoped``): the token alone names it."""
        return self.filter(token_digest=digest_of_token(token))


OutsiderLinkManager = TenantManager.from_queryset(OutsiderLinkQuerySet)


class OutsiderLink(TenantModel):
    """A link that lets somebody in without an account. Only the digest of its token is kept.

    It is for one known person (``outsider``), or for whoever was given it (``name`` says whom it is meant for).
    """

    token_digest = models.CharField(max_length=64, unique=True)
    outsider = models.ForeignKey(Outsider, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=120, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = OutsiderLinkManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.holder_name

    @property
    def holder_name(self) -> str:
        """Return whose word it is that comes through the link."""
        return self.outsider.name if self.outsider else self.name

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
