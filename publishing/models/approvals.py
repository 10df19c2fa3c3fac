"""Requests to let a publication out, the steps they take, and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publishing.models.outsiders import Outsider, OutsiderLink
from publishing.models.publications import Publication
from publishing.models.workflows import Reviewer, StepTimes, Workflow
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class Approval(TenantModel):
    """A request to let a publication out, and its answer. Sealed to the content and time it was asked for.

    Without steps anybody who may review answers it; with steps, whoever its open step names.
    """

    class Answer(models.TextChoices):
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Not approved")
        VOID = "void", _("Void: the content changed")
        MISSED = "missed", _("Its time passed without an answer")

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="approvals")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField()
    content_digest = models.CharField(max_length=64)
    # What it was asked for, as it was shown: text, media, target and time, and the SHA-256 of that.
    sealed = models.JSONField(default=dict, blank=True)
    seal = models.CharField(max_length=64, blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    workflow = models.ForeignKey(
        Workflow, null=True, blank=True, on_delete=models.SET_NULL, related_name="approvals"
    )
    # Of the post's campaign: its steps come first.
    campaign_workflow = models.ForeignKey(
        Workflow, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The ids of everybody with a hand in it when it was asked for: nobody approves his own.
    writers = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    # AP18: one person decided for everybody who was to be asked; ``answer_note`` says why.
    is_forced = models.BooleanField(default=False, db_default=False)
    # Who vouches for it where it was approved; who said no where it was not.
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication"], condition=Q(answer=""), name="publishing_one_open_approval"
            ),
            models.CheckConstraint(
                condition=Q(is_forced=False) | ~Q(answer_note=""), name="publishing_forced_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.publication}"


class ApprovalStepQuerySet(TenantQuerySet["ApprovalStep"]):
    def open(self) -> Self:
        """Return the steps that wait for an answer: of each request that is on its way, one at most."""
        return self.filter(
            opened_at__isnull=False,
            finished_at=None,
            approval__answer="",
            approval__publication__state="waiting",
        )

    def to_remind(self, now: datetime) -> Self:
        return self.open().filter(remind_at__lte=now, reminded_at=None)

    def to_escalate(self, now: datetime) -> Self:
        return self.open().filter(escalate_at__lte=now, escalated_at=None, escalate_to__isnull=False)


ApprovalStepManager = TenantManager.from_queryset(ApprovalStepQuerySet)


class ApprovalStep(StepTimes):
    """One step of a request: a copy of the workflow's, with what became of it."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    opened_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalate_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ApprovalStepManager()

    class Meta(StepTimes.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["approval", "position"], name="publishing_approval_step_order"),
            models.UniqueConstraint(
                fields=["approval"],
                condition=Q(opened_at__isnull=False, finished_at=None),
                name="publishing_one_open_step",
            ),
        ]
        indexes = [
            models.Index(
                fields=["remind_at"],
                condition=Q(finished_at=None, reminded_at=None),
                name="publishing_steps_to_remind",
            ),
            models.Index(
                fields=["escalate_at"],
                condition=Q(finished_at=None, escalated_at=None),
                name="publishing_steps_to_escalate",
            ),
        ]


class ApprovalReviewer(Reviewer):
    """Whom a step of a request asks. Whoever it was escalated to may answer for all of them."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="reviewers")
    is_escalation = models.BooleanField(default=False)

    class Meta(Reviewer.Meta):
        abstract = False
        constraints = [Reviewer.names_one("publishing_approval_reviewer_is_one")]


class ApprovalAnswer(TenantModel):
    """What one person said to a request: the difference he is shown next time begins here."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="answers")
    step = models.ForeignKey(
        ApprovalStep, null=True, blank=True, on_delete=models.CASCADE, related_name="answers"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outsider = models.ForeignKey(Outsider, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=150)  # stays when the account is gone
    is_approved = models.BooleanField()
    is_forced = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval", "step", "person"], name="publishing_answers_once"),
            models.UniqueConstraint(fields=["step", "outsider"], name="publishing_outsider_answers_once"),
        ]
        indexes = [models.Index(fields=["person", "approval"], name="publishing_answers_of_person")]

    def __str__(self) -> str:
        return f"{self.name}: {'yes' if self.is_approved else 'no'}"


class ApprovalLink(OutsiderLink):
    """The link by which somebody without an account answers one step of one request."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="links")

    class Meta(OutsiderLink.Meta):
        abstract = False
