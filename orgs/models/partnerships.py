"""Two organizations, the profiles of one of which the other's people work on (R8, P4 to P8)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orgs.models.organizations import Organization
from tenancy.context import NoTenantOpen, is_crossing, open_organization_id
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class PartnershipQuerySet(TenantQuerySet["Partnership"]):
    def active(self) -> Self:
        return self.filter(status=Partnership.Status.ACTIVE)

    def waiting(self, now: datetime) -> Self:
        return self.filter(
            status__in=(Partnership.Status.INVITED, Partnership.Status.REQUESTED), answer_by__gt=now
        )


class PartnershipManager(TenantManager.from_queryset(PartnershipQuerySet)):  # type: ignore[misc]
    """A partnership is a row of both its organizations: each sees it, nobody else does."""

    def get_queryset(self) -> models.QuerySet[Partnership]:
        rows: models.QuerySet[Partnership] = PartnershipQuerySet(self.model, using=self._db)
        if is_crossing():
            return rows
        here = open_organization_id()
        if here is None:
            raise NoTenantOpen("Partnership was queried while no organization was open.")
        return rows.filter(Q(organization=here) | Q(partner=here))


class Partnership(TenantModel):
    """``organization`` owns the profiles; ``partner`` is the company whose people may be given them.

    What is granted are ``ProfileGroupGrant`` rows of ``people_group``, in which nobody is: a grant gives a partner's
    people nothing by itself until it is assigned (P7).
    """

    class Status(models.TextChoices):
        INVITED = "invited", _("Invited")  # by the organization; the partner answers
        REQUESTED = "requested", _("Asked for")  # by the partner; the organization answers
        ACTIVE = "active", _("Active")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ENDED = "ended", _("Ended")

    partner = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=Status)
    people_group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="partnership")
    # [{"profile": id or null, "permission": id, "expires_at": text or null}]: what is offered or asked for until it is
    # accepted. Profiles live on a floor above, so they are named, not referenced; whoever asks knows none of them.
    offer = models.JSONField(default=list, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = PartnershipManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "partner"],
                condition=Q(status__in=["invited", "requested", "active"]),
                name="orgs_one_partnership",
            ),
            models.CheckConstraint(
                condition=~Q(organization=F("partner")), name="orgs_partner_is_somebody_else"
            ),
        ]
        indexes = [models.Index(fields=["partner"])]

    def __str__(self) -> str:
        return f"{self.organization} – {self.partner}"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE
