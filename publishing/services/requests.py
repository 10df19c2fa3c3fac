"""Requests for approval on their way: made, step after step, void when the content changed."""

from __future__ import annotations

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
from publishing.reviewers import people_asked
from publishing.sealing import seal_of, sealed_content
from publishing.services.outsiders import new_token

LINK_OUTLIVES_THE_POST: Final = timedelta(days=14)  # who opens the mail late reads what became of it
COPIED: Final = (
    "position",
    "name",
    "rule",
    "answer_within_hours",
    "remind_after_hours",
    "escalate_after_hours",
    "escalate_to_id",
)


def workflow_of(publication: Publication) -> Workflow | None:
    """Return the workflow that posts on the publication's profile take now; None: whoever may review answers."""
    found: Workflow | None = (
        Workflow.objects.standing().filter(profile_links__profile=publication.profile_id).first()
    )
    return found


def open_request(
    *, publication: Publication, asked_by: User | None, due_at: datetime, now: datetime, note: str
) -> Approval:
    """Ask for approval of a locked publication as it is now. The profile's workflow of today says who is asked."""
    workflow = workflow_of(publication)
    approval = Approval.objects.create(
        publication=publication,
        requested_by=asked_by,
        requested_at=now,
        content_digest=publication.post.content_digest(publication.profile.network),
        sealed=sealed_content(publication),
        seal=seal_of(publication),
        due_at=due_at,
        note=note,
        workflow=workflow,
    )
    if workflow is not None:
        _copy_steps(workflow, approval)
        open_next_step(approval, now)
    return approval


def _copy_steps(workflow: Workflow, approval: Approval) -> None:
    for planned in workflow.steps.order_by("position").prefetch_related("reviewers"):
        step = ApprovalStep.objects.create(
            approval=approval, **{name: getattr(planned, name) for name in COPIED}
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
    publication.approvals.filter(answer="").update(
        answer=Approval.Answer.VOID, answered_at=now, answered_by=by
    )


def _after(now: datetime, hours: int | None, at_latest: datetime | None) -> datetime | None:
    if hours is None:
        return at_latest
    moment = now + timedelta(hours=hours)
    return moment if at_latest is None else min(moment, at_latest)
