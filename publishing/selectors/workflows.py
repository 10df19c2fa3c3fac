"""Workflows as their pages show them, with what would not work today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from permissions.checker import ids_of_people_who_may
from publishing.models import Approval, Campaign, State, StepReviewer, Workflow, WorkflowStep
from publishing.reviewers import named_among
from publishing.rights import REVIEW
from social_accounts.models import SocialProfile


@dataclass(frozen=True)
class PlannedStepShown:
    step: WorkflowStep
    reviewers: list[StepReviewer]
    # Profiles on which nobody whom it names may review posts today; empty where it asks only people outside.
    unanswered_on: list[SocialProfile]


@dataclass(frozen=True)
class WorkflowShown:
    workflow: Workflow
    profiles: list[SocialProfile]
    campaigns: list[Campaign]
    steps: list[PlannedStepShown]

    @property
    def is_stuck(self) -> bool:
        """Say whether on some profile a step would wait for ever."""
        return any(step.unanswered_on for step in self.steps)


def workflows_shown(organization_id: int, now: datetime) -> list[WorkflowShown]:
    found = Workflow.objects.standing().filter(organization=organization_id)
    return [shown(workflow, now) for workflow in found.order_by("name", "pk")]


def shown(workflow: Workflow, now: datetime) -> WorkflowShown:
    """Return a workflow with its profiles and steps, and where a step would find nobody who may answer."""
    links = workflow.profile_links.select_related("profile").order_by("profile__name", "pk")
    profiles = [link.profile for link in links]
    able = {
        profile.pk: ids_of_people_who_may(REVIEW, profile, organization_id=workflow.organization_id, at=now)
        for profile in profiles
    }
    steps = workflow.steps.order_by("position").prefetch_related(
        "reviewers__person", "reviewers__team", "reviewers__role", "reviewers__outsider"
    )
    return WorkflowShown(
        workflow,
        profiles,
        list(workflow.campaigns.order_by("name", "pk")),
        [
            PlannedStepShown(step, reviewers, _unanswered(reviewers, profiles, able, workflow, now))
            for step in steps
            for reviewers in [list(step.reviewers.all())]
        ],
    )


def requests_on_their_way(workflow: Workflow | None) -> int:
    """Return how many requests took its steps and wait for an answer: whatever becomes of it, they keep them."""
    if workflow is None:
        return 0
    taken = Approval.objects.filter(Q(workflow=workflow) | Q(campaign_workflow=workflow))
    return taken.filter(answer="", publication__state=State.WAITING).count()


def _unanswered(
    reviewers: list[StepReviewer],
    profiles: list[SocialProfile],
    able: dict[int, set[int]],
    workflow: Workflow,
    now: datetime,
) -> list[SocialProfile]:
    of_team = [one for one in reviewers if one.outsider_id is None]
    if not of_team:
        return []
    return [
        profile
        for profile in profiles
        if not named_among(able[profile.pk], of_team, profile, workflow.organization_id, now)
    ]
