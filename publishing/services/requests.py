"""Requests for approval on their way: made, step after step, void when the content changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from publishing import notices
from publishing.models import (
    Approval,
    ApprovalLink,
    ApprovalReviewer,
    ApprovalStep,
    Outsider,
    Publication,
    Workflow,
)
from publishing.reviewers import people_asked, writers_of
from publishing.rights import REVIEW
from publishing.sealing import seal_of, sealed_content
from publishing.services.outsiders import new_token
from publishing.taken_workflows import campaign_workflow, profile_workflow, workflows_of
from social_accounts.nearest import nearest_who_may

LINK_OUTLIVES_THE_POST: Final = timedelta(days=14)  # who opens the mail late reads what became of it
COPIED: Final = (
    "name",
    "rule",
    "answer_within_hours",
    "remind_after_hours",
    "escalate_after_hours",
    "escalate_to_id",
)


def open_request(
    *, publication: Publication, asked_by: User | None, due_at: datetime, now: datetime, note: str
) -> Approval:
    """Ask for approval of a locked publication as it is now. The workflows of today say who is asked."""
    of_campaign, of_profile = campaign_workflow(publication), profile_workflow(publication)
    approval = Approval.objects.create(
        publication=publication,
        requested_by=asked_by,
        requested_at=now,
        content_digest=publication.post.content_digest(publication.profile.network),
        sealed=sealed_content(publication),
        seal=seal_of(publication),
        due_at=due_at,
        note=note,
        workflow=of_profile,
        campaign_workflow=of_campaign,
        writers=sorted(writers_of(publication.post)),
    )
    if workflows := workflows_of(publication):
        _copy_steps(workflows, approval)
        open_next_step(approval, now)
    else:
        notices.tell_reviewers(approval, _nearest_reviewers(approval, now), notices.Kind.ASKED)
    return approval


def _nearest_reviewers(approval: Approval, now: datetime) -> list[User]:
    """Return who looks after the profile of a request without steps, and may answer it."""
    profile, post = approval.publication.profile, approval.publication.post
    own = {approval.requested_by_id, post.author_id, post.updated_by_id, *approval.writers}
    return nearest_who_may(REVIEW, profile, at=now, but=own - {None})


def takes_other_steps(approval: Approval, publication: Publication) -> bool:
    """Say whether a request made now would take other workflows than this one did."""
    return {one.pk for one in workflows_of(publication)} != _taken_by(approval)


def takes_steps_beyond(approval: Approval | None, publication: Publication) -> bool:
    """Say whether a request made now would take a workflow that this one (None: there was none) did not."""
    taken = _taken_by(approval) if approval is not None else set()
    return bool({one.pk for one in workflows_of(publication)} - taken)


def _taken_by(approval: Approval) -> set[int]:
    return {pk for pk in (approval.campaign_workflow_id, approval.workflow_id) if pk is not None}


def _copy_steps(workflows: Iterable[Workflow], approval: Approval) -> None:
    planned_steps = [
        planned
        for workflow in workflows
        for planned in workflow.steps.order_by("position").prefetch_related("reviewers")
    ]
    for position, planned in enumerate(planned_steps):
        step = ApprovalStep.objects.create(
            approval=approval, position=position, **{name: getattr(planned, name) for name in COPIED}
        )
        ApprovalReviewer.objects.bulk_create(
            ApprovalReviewer(
                step=step,
                person_id=one.person_id,
                team_id=one.team_id,
                role_id=one.role_id,
                outsider_id=one.outsider_id,
            )
            for one in planned.reviewers.all()
        )


def open_next_step(approval: Approval, now: datetime) -> ApprovalStep | None:
    """Open the first step that is not finished, and write to everybody it asks; None when all are."""
    step = approval.steps.filter(finished_at=None).order_by("position").first()
    if step is None:
        return None
    notices.forget_question(approval)  # whom the step before asked, and who did not have to answer any more
    step.approval = approval
    step.opened_at = now
    step.answer_by = _after(now, step.answer_within_hours, approval.due_at)
    step.remind_at = _after(now, step.remind_after_hours, None)
    step.escalate_at = _after(now, step.escalate_after_hours, None)
    step.save(update_fields=["opened_at", "answer_by", "remind_at", "escalate_at"])
    tell_step(step, now, notices.Kind.ASKED)
    return step


def tell_step(step: ApprovalStep, now: datetime, kind: notices.Kind) -> None:
    """Write to whoever the open step waits for: people with an account, and those outside, who get a new link."""
    given = step.answers.values_list("person_id", "outsider_id")
    answered, outside = {person for person, _outsider in given}, {outsider for _person, outsider in given}
    waiting_for = people_asked(step.approval, step, now) - answered
    for person in User.objects.filter(pk__in=waiting_for).order_by("pk"):
        notices.tell_reviewer(step.approval, person, kind, step)
    for one in step.reviewers.filter(outsider__isnull=False).select_related("outsider"):
        if one.outsider is not None and one.outsider_id not in outside:
            send_link(step, one.outsider, now, kind)


def send_link(step: ApprovalStep, outsider: Outsider, now: datetime, kind: notices.Kind) -> ApprovalLink:
    """Mail somebody outside the link to one step of a request. An earlier one of his for it opens nothing any more."""
    step.links.filter(outsider=outsider, revoked_at=None).update(revoked_at=now)
    token, digest = new_token()
    link = ApprovalLink.objects.create(
        step=step,
        outsider=outsider,
        token_digest=digest,
        created_by=step.approval.requested_by,
        created_at=now,
        expires_at=max(step.approval.due_at or now, now) + LINK_OUTLIVES_THE_POST,
    )
    notices.tell_outsider(step.approval, outsider, token, kind, step)
    return link


def void_open_request(publication: Publication, by: User | None, now: datetime) -> None:
    """Void what waits for an answer, all its steps: content, target or time are not what was shown any more."""
    waiting = publication.approvals.filter(answer="")
    for approval in waiting:
        notices.forget_question(approval)
    waiting.update(answer=Approval.Answer.VOID, answered_at=now, answered_by=by)


def _after(now: datetime, hours: int | None, at_latest: datetime | None) -> datetime | None:
    if hours is None:
        return at_latest
    moment = now + timedelta(hours=hours)
    return moment if at_latest is None else min(moment, at_latest)
