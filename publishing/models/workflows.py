"""Who is asked before a post goes out, in which order: workflows and their steps."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orgs.models import Team
from permissions.models import Role
from permissions.roles import roles_by_permission
from publishing.models.outsiders import Outsider
from social_accounts.models import SocialProfile
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class StepRule(models.TextChoices):
    """When a step is done. Of a team or role that is named, one person speaks for all of it."""

    ANY = "any", _("One of them approves")
    ALL = "all", _("All of them approve")


class WorkflowQuerySet(TenantQuerySet["Workflow"]):
    def standing(self) -> Self:
        return self.filter(deleted_at=None)


WorkflowManager = TenantManager.from_queryset(WorkflowQuerySet)


class Workflow(TenantModel):
    """An order of steps that posts on some profiles, or of some campaigns, take when they are sent for approval.

    A request copies the steps when it is made: changing or deleting the workflow changes no request on its way.
    """

    name = models.CharField(_("name"), max_length=80)
    # Whoever may publish there sends his posts for approval as well, and lets nothing out past the steps.
    binds_publishers = models.BooleanField(default=False, db_default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = WorkflowManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(deleted_at=None),
                name="publishing_workflow_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class WorkflowProfile(TenantModel):
    """A profile whose posts take a workflow: one at most."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="profile_links")
    profile = models.OneToOneField(SocialProfile, on_delete=models.CASCADE, related_name="workflow_link")

    def __str__(self) -> str:
        return f"{self.profile} takes {self.workflow}"


class StepTimes(TenantModel):
    """The order and the patience of a step, in hours since it opened; empty: none."""

    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80)
    rule = models.CharField(max_length=3, choices=StepRule, default=StepRule.ANY)
    answer_within_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    remind_after_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    escalate_after_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    escalate_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Reviewer(TenantModel):
    """Whom a step asks: exactly one of a person, a team, a role on the profile, somebody outside."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    outsider = models.ForeignKey(Outsider, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        if self.role is not None:
            return roles_by_permission({self.role.permission_id})[self.role.permission_id].label
        return str(self.person or self.team or self.outsider or "")

    @classmethod
    def names_one(cls, name: str) -> models.CheckConstraint:
        """Return the constraint that exactly one of the four is set."""
        fields = ("person", "team", "role", "outsider")
        condition = Q()
        for chosen in fields:
            condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
        return models.CheckConstraint(condition=condition, name=name)


class WorkflowStep(StepTimes):
    """One step of a workflow, as it is planned."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="steps")

    class Meta(StepTimes.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["workflow", "position"], name="publishing_workflow_step_order")
        ]


class StepReviewer(Reviewer):
    """Whom a planned step asks."""

    step = models.ForeignKey(WorkflowStep, on_delete=models.CASCADE, related_name="reviewers")

    class Meta(Reviewer.Meta):
        abstract = False
        constraints = [Reviewer.names_one("publishing_step_reviewer_is_one")]
