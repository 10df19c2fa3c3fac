"""What members ask to be allowed to do, until somebody who may give it decides."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orgs.models.organizations import Membership
from permissions.catalogue import Scope
from permissions.models import SCOPE_CHOICES
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class AccessRequestQuerySet(TenantQuerySet["AccessRequest"]):
    def open(self) -> Self:
        """Return what waits for an answer, of people who are not suspended."""
        return self.filter(status=AccessRequest.Status.OPEN, membership__status=Membership.Status.ACTIVE)


AccessRequestManager = TenantManager.from_queryset(AccessRequestQuerySet)


class AccessRequest(TenantModel):
    """A role, or one action, that a member asks for on one object. Dies with the membership and with the object.

    The object is named by scope and id, because profiles live on a floor above. ``object_id`` is empty for a profile
    that the asker does not see and could only describe: whoever decides says which one is meant.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        GRANTED = "granted", _("Given")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="access_requests")
    scope = models.CharField(max_length=12, choices=SCOPE_CHOICES)
    object_id = models.BigIntegerField(null=True, blank=True)
    object_name = models.CharField(max_length=255)
    action = models.CharField(max_length=100, blank=True)
    permission = models.ForeignKey(
        "auth.Permission", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300)
    expires_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()

    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    given_permission = models.ForeignKey(
        "auth.Permission", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    given_until = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects: ClassVar = AccessRequestManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "scope", "object_id", "object_name", "action", "permission"],
                condition=Q(status="open"),
                nulls_distinct=False,
                name="orgs_access_request_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(action="", permission__isnull=False) | Q(action__gt="", permission=None),
                name="orgs_access_request_role_or_action",
            ),
            models.CheckConstraint(
                condition=Q(object_id__isnull=False) | Q(scope=Scope.PROFILE.value),
                name="orgs_access_request_about_something",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("asked_at"), scope=Scope.PROFILE.value),
                name="orgs_access_request_window",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "asked_at"],
                condition=Q(status="open"),
                name="orgs_access_request_open",
            ),
            models.Index(fields=["scope", "object_id"], name="orgs_access_request_object"),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.object_name}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN
