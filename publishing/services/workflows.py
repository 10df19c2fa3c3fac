"""Saying who is asked before posts on some profiles, or of some campaigns, go out, in which order (AO08 to AO10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from orgs.models import Organization, Team
from permissions.checker import Access
from permissions.models import Role
from permissions.services import begin_act
from publishing.models import Campaign, StepReviewer, StepRule, Workflow, WorkflowProfile, WorkflowStep
from publishing.services.outsiders import outsider_of
from social_accounts.models import SocialProfile

CREATE: Final = "organization.create_approval_workflows"
CHANGE: Final = "organization.edit_or_delete_approval_workflows"
VIEW_WORKFLOWS: Final = "organization.view_approval_workflows"
STEPS_MAX: Final = 10


class CannotPlan(Exception):
    """The workflow cannot be like this. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step as a person typed it. ``outsiders`` are names and addresses; hours count from when the step opens."""

    name: str
    rule: str = StepRule.ANY
    people: Sequence[User] = ()
    teams: Sequence[Team] = ()
    roles: Sequence[Role] = ()
    outsiders: Sequence[tuple[str, str]] = ()
    answer_within_hours: int | None = None
    remind_after_hours: int | None = None
    escalate_after_hours: int | None = None
    escalate_to: User | None = None

    @property
    def asks_team(self) -> bool:
        return bool(self.people or self.teams or self.roles)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole workflow as a person typed it."""

    name: str
    profiles: Sequence[SocialProfile] = ()
    campaigns: Sequence[Campaign] = ()
    binds_publishers: bool = False
    steps: Sequence[PlannedStep] = field(default=())


@transaction.atomic
def create_workflow(*, actor: Access, organization: Organization, plan: Plan, now: datetime) -> Workflow:
    """Make a workflow that requests on its profiles and in its campaigns take from now on.

    Raises NotAllowed, CannotPlan.
    """
    actor = begin_act(actor, now)
    actor.require(CREATE, organization)
    _refuse(plan, None)
    workflow = Workflow.objects.create(
        name=plan.name.strip(),
        binds_publishers=plan.binds_publishers,
        created_by=actor.user,
        created_at=now,
    )
    _write(actor, workflow, plan, now)
    record_event(actor=actor.user, action="workflow.create", obj=workflow, at=now, after=summary(workflow))
    return workflow


@transaction.atomic
def update_workflow(*, actor: Access, workflow: Workflow, plan: Plan, now: datetime) -> Workflow:
    """Change a workflow. Requests on their way keep the steps they began with. Raises NotAllowed, CannotPlan."""
    actor = begin_act(actor, now)
    workflow = _standing(workflow)
    actor.require(CHANGE, workflow.organization)
    _refuse(plan, workflow)
    before = summary(workflow)
    workflow.name, workflow.edited_at = plan.name.strip(), now
    workflow.binds_publishers = plan.binds_publishers
    workflow.save(update_fields=["name", "binds_publishers", "edited_at"])
    workflow.profile_links.all().delete()
    workflow.campaigns.update(workflow=None)
    workflow.steps.all().delete()
    _write(actor, workflow, plan, now)
    record_event(
        actor=actor.user,
        action="workflow.update",
        obj=workflow,
        at=now,
        before=before,
        after=summary(workflow),
    )
    return workflow


@transaction.atomic
def delete_workflow(*, actor: Access, workflow: Workflow, now: datetime) -> None:
    """End a workflow. Requests on their way take it to its end; new ones are answered by anybody who may review."""
    actor = begin_act(actor, now)
    workflow = _standing(workflow)
    actor.require(CHANGE, workflow.organization)
    before = summary(workflow)
    workflow.profile_links.all().delete()
    workflow.campaigns.update(workflow=None)
    workflow.deleted_at = now
    workflow.save(update_fields=["deleted_at"])
    record_event(actor=actor.user, action="workflow.delete", obj=workflow, at=now, before=before)


def summary(workflow: Workflow) -> dict[str, Any]:
    """Return what the audit log tells of a workflow: its profiles, and each step with whom it asks."""
    links = workflow.profile_links.select_related("profile").order_by("profile__name", "pk")
    steps = workflow.steps.order_by("position").prefetch_related(
        "reviewers__person", "reviewers__team", "reviewers__role", "reviewers__outsider"
    )
    return {
        "name": workflow.name,
        "profiles": [str(link.profile) for link in links],
        "campaigns": list(workflow.campaigns.order_by("name").values_list("name", flat=True)),
        "binds_publishers": workflow.binds_publishers,
        "steps": [
            f"{step.name} ({step.get_rule_display()}): {', '.join(str(one) for one in step.reviewers.all())}"
            for step in steps
        ],
    }


def _standing(workflow: Workflow) -> Workflow:
    found: Workflow | None = (
        Workflow.objects.standing()
        .select_for_update(of=("self",))
        .select_related("organization")
        .filter(pk=workflow.pk)
        .first()
    )
    if found is None:
        raise CannotPlan(_("This workflow was deleted meanwhile."))
    return found


def _refuse(plan: Plan, workflow: Workflow | None) -> None:
    if not plan.name.strip():
        raise CannotPlan(_("Give the workflow a name."))
    others = Workflow.objects.standing()
    if workflow is not None:
        others = others.exclude(pk=workflow.pk)
    if others.filter(name=plan.name.strip()).exists():
        raise CannotPlan(_("Another workflow has this name."))
    if not plan.steps:
        raise CannotPlan(_("A workflow needs at least one step."))
    if len(plan.steps) > STEPS_MAX:
        raise CannotPlan(_("A workflow has %(limit)d steps at most.") % {"limit": STEPS_MAX})
    for number, step in enumerate(plan.steps, 1):
        if not step.asks_team and not step.outsiders:
            raise CannotPlan(_("Step %(number)d asks nobody. Choose who answers it.") % {"number": number})
        if (step.escalate_after_hours is None) != (step.escalate_to is None):
            raise CannotPlan(
                _("Step %(number)d: say both after how many hours and to whom it is passed on.")
                % {"number": number}
            )
    if not any(step.asks_team for step in plan.steps):
        raise CannotPlan(
            _("At least one step must ask somebody of your team: he answers for the post when it goes out.")
        )
    for profile in plan.profiles:
        if not profile.has_approval:  # H10
            raise CannotPlan(_("%(profile)s: this network knows no approval.") % {"profile": profile})
    taken = (
        WorkflowProfile.objects.filter(profile__in=plan.profiles)
        .exclude(workflow=workflow)
        .select_related("profile", "workflow")
        .first()
    )
    if taken is not None:
        raise CannotPlan(
            _("%(profile)s takes the workflow “%(workflow)s” already.")
            % {"profile": taken.profile, "workflow": taken.workflow}
        )
    in_another = Campaign.objects.filter(pk__in=[one.pk for one in plan.campaigns]).exclude(workflow=None)
    if workflow is not None:
        in_another = in_another.exclude(workflow=workflow)
    if (campaign := in_another.select_related("workflow").first()) is not None:
        raise CannotPlan(
            _("The campaign “%(campaign)s” takes the workflow “%(workflow)s” already.")
            % {"campaign": campaign, "workflow": campaign.workflow}
        )


def _write(actor: Access, workflow: Workflow, plan: Plan, now: datetime) -> None:
    WorkflowProfile.objects.bulk_create(
        [WorkflowProfile(workflow=workflow, profile=profile) for profile in plan.profiles]
    )
    Campaign.objects.filter(pk__in=[one.pk for one in plan.campaigns]).update(workflow=workflow)
    for position, planned in enumerate(plan.steps):
        step = WorkflowStep.objects.create(
            workflow=workflow,
            position=position,
            name=planned.name.strip() or _("Step %(number)d") % {"number": position + 1},
            rule=planned.rule,
            answer_within_hours=planned.answer_within_hours,
            remind_after_hours=planned.remind_after_hours,
            escalate_after_hours=planned.escalate_after_hours,
            escalate_to=planned.escalate_to,
        )
        outsiders = [
            outsider_of(name=name, email=email, language=actor.user.language, by=actor.user, now=now)
            for name, email in planned.outsiders
        ]
        StepReviewer.objects.bulk_create(
            [
                *(StepReviewer(step=step, person=one) for one in planned.people),
                *(StepReviewer(step=step, team=one) for one in planned.teams),
                *(StepReviewer(step=step, role=one) for one in planned.roles),
                *(
                    StepReviewer(step=step, outsider=one)
                    for one in {one.pk: one for one in outsiders}.values()
                ),
            ]
        )
