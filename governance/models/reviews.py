"""Access reviews: who has what, looked through line by line, decided, and signed off."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orgs.models import Partnership, Team
from social_accounts.models import SocialProfile
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class Decision(models.TextChoices):
    KEEP = "keep", _("Keep")
    REDUCE = "reduce", _("Reduce")
    REMOVE = "remove", _("Remove")


class ReviewQuerySet(TenantQuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(signed_at=None)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_on__lt=today)


ReviewManager = TenantManager.from_queryset(ReviewQuerySet)


class Review(TenantModel):
    """One review. Its lines are what was there when it was opened; decisions are carried out when it is signed off."""

    class Kind(models.TextChoices):
        PROFILE = "profile", _("A profile")
        TEAM = "team", _("A team")
        PARTNER = "partner", _("A partner")
        ORGANIZATION = "organization", _("The whole organization")

    kind = models.CharField(max_length=12, choices=Kind)
    profile = models.ForeignKey(SocialProfile, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    partnership = models.ForeignKey(Partnership, null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=160)  # what it was called when the review was opened
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    # The signed report, in one canonical spelling: what the fingerprint is of, byte by byte.
    report = models.TextField(blank=True, editable=False)
    report_digest = models.CharField(max_length=64, blank=True)
    # Where the sign-off stands in the audit log's chain.
    event_sequence = models.BigIntegerField(null=True)
    event_digest = models.CharField(max_length=64, blank=True)

    objects: ClassVar = ReviewManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at=None, report="") | Q(signed_at__isnull=False, report__gt=""),
                name="governance_signed_with_report",
            )
        ]
        indexes = [models.Index(fields=["organization", "signed_at", "due_on"])]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_open(self) -> bool:
        return self.signed_at is None


class Reviewer(TenantModel):
    """Who may decide and sign off."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reviewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="governance_reviewer_once")]

    def __str__(self) -> str:
        return str(self.user)


class ReviewLine(TenantModel):
    """One grant under review, as it was when somebody last looked, and what was decided about it."""

    class Source(models.TextChoices):
        DIRECT = "direct", _("Given directly")
        TEAM = "team", _("Through a team")
        ORGANIZATION = "organization", _("With the organization role")
        PARTNER = "partner", _("Shared with a partner")
        PLACE = "place", _("Place in the team")
        LINK = "link", _("Profile of the team")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    source = models.CharField(max_length=12, choices=Source)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=160)  # the person, the team or the company
    what = models.CharField(max_length=160)  # the profile, the team or the organization
    through = models.CharField(max_length=160, blank=True)  # the team or role it comes from
    people = models.CharField(max_length=500, blank=True)  # whom a partner handed it to
    # The row behind it: which table follows from the source.
    grant_id = models.BigIntegerField()
    profile_id_of_grant = models.BigIntegerField(null=True)
    permission_id_of_grant = models.BigIntegerField()
    role = models.CharField(max_length=120)
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    granted_by = models.CharField(max_length=160, blank=True)
    granted_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    is_unused = models.BooleanField(default=False)
    may_reduce = models.BooleanField(default=True)
    may_remove = models.BooleanField(default=True)

    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    new_permission_id = models.BigIntegerField(null=True)
    new_role = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    # It is no longer what it was: it ended (is_gone), or became what stands here now (changed_at).
    is_gone = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # why the sign-off could not carry it out
    version = models.PositiveIntegerField(default=1)  # of two who decide at once, the second sees the first

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "position"], name="governance_line_position"),
            models.CheckConstraint(
                condition=~Q(decision="reduce") | Q(new_permission_id__isnull=False),
                name="governance_reduced_to_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.role}"

    @property
    def is_settled(self) -> bool:
        return self.is_gone or bool(self.decision)
