"""Rules that an organization states about itself, and where they do not hold."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from social_accounts.models import SocialProfile
from tenancy.models import TenantModel


class Assertion(TenantModel):
    """One rule: a kind of a closed vocabulary, and what fills its blanks. ``governance/kinds.py`` says it in words.

    Ids are kept, not referenced: a rule about a profile outlives it, and says so.
    """

    class Kind(models.TextChoices):
        NO_PARTNER_MAY = "no_partner_may", _("No partner may do something")
        AT_LEAST = "at_least", _("At least so many people may do something")
        NOT_BOTH = "not_both", _("Nobody may do both of two things")
        ONLY = "only", _("Only these may do something")
        SECOND_FACTOR = "second_factor", _("Whoever may do something has a second factor")
        PARTNER_GRANTS_END = "partner_grants_end", _("Whatever a partner is given has an end")
        GRANTS_AT_MOST = "grants_at_most", _("No role is given for longer than so many days")

    class Where(models.TextChoices):
        ANYWHERE = "anywhere", _("Every profile")
        WORKSPACES = "workspaces", _("The profiles of these workspaces")
        PROFILES = "profiles", _("These profiles")

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)
    action = models.CharField(max_length=100, blank=True)
    other_action = models.CharField(max_length=100, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    where = models.CharField(max_length=10, choices=Where, default=Where.ANYWHERE)
    workspace_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    profile_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # Of "only these": the people, and whoever has one of these organization roles.
    people_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    role_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    # When a window's edge may change the answer without anybody changing anything. Null: never.
    look_again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="governance_rule_name")]
        indexes = [models.Index(fields=["look_again_at"])]

    def __str__(self) -> str:
        return self.name


class AssertionBreak(TenantModel):
    """One place where a rule does not hold: known, so only what makes it worse is refused.

    ``amount`` tells how far it is from holding: the less, the worse.
    """

    assertion = models.ForeignKey(Assertion, on_delete=models.CASCADE, related_name="breaks")
    key = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(SocialProfile, null=True, on_delete=models.CASCADE, related_name="+")
    partner = models.CharField(max_length=80, blank=True)
    amount = models.IntegerField(default=0)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assertion", "key"], name="governance_break_once"),
            models.CheckConstraint(condition=Q(key__gt=""), name="governance_break_has_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.assertion_id}: {self.key}"
