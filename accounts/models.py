"""People. One person, one sign-in, any number of organizations."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenancy.models import TenantModel


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail. Never a superuser: rights come from grants alone (R12)."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class SupportRole(models.TextChoices):
        """T5: what a member of the vendor's staff may do in a support session; given on the command line only."""

        NONE = "", _("None")
        SUPPORT = "support", _("Support staff")  # all but exports
        TEAM = "team", _("Vendor team")  # all but managing people

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    theme = models.CharField(_("appearance"), max_length=5, blank=True, choices=Theme, default=Theme.SYSTEM)
    support_role = models.CharField(
        max_length=10, blank=True, choices=SupportRole, default=SupportRole.NONE, editable=False
    )
    # By kind, what differs from what holds by itself (notifications/choices.py).
    notification_choices = models.JSONField(default=dict, blank=True, editable=False)
    muted_organizations = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    is_superuser = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class ApiKey(TenantModel):
    """A secret with which a program acts for its issuer in one organization, never beyond what he may do now (R11).

    Only the secret's digest is kept; ``prefix`` is what people recognize it by.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    actions = ArrayField(models.CharField(max_length=100), default=list)
    # Null: every profile the issuer reaches. Profiles live on a floor above, so they are named, not referenced.
    profile_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
