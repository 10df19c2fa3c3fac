"""What time does to requests for approval: reminders, turning to somebody else, and posts whose time passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from audit.services import record_event
from permissions.locks import hold_access
from publishing.models import (
    Approval,
    ApprovalReviewer,
    ApprovalStep,
    HoldReason,
    Publication,
    State,
)
from publishing.notices import Kind, tell_missed, tell_reviewer
from publishing.reviewers import people_asked
from publishing.services.requests import tell_step
from publishing.states import move
from tenancy.context import organization_open, unscoped

ROWS_PER_LOOK: Final = 200


class Due(NamedTuple):
    """A row that time has come for."""

    organization_id: int
    pk: int


def steps_to_remind(now: datetime) -> list[Due]:
    """Return the open steps whose reminder has not gone out."""
    # Unscoped: the clock is the same for every organization.
    with unscoped():
        return _rows(ApprovalStep.objects.to_remind(now).order_by("remind_at", "pk"))


def steps_to_escalate(now: datetime) -> list[Due]:
    """Return the open steps that nobody answered for too long."""
    # Unscoped: the clock is the same for every organization.
    with unscoped():
        return _rows(ApprovalStep.objects.to_escalate(now).order_by("escalate_at", "pk"))


def missed_publications(now: datetime) -> list[Due]:
    """Return what still waits for approval although its time has passed."""
    # Unscoped: the clock is the same for every organization.
    with unscoped():
        waiting = Publication.objects.filter(state=State.WAITING, due_at__lt=now)
        return _rows(waiting.order_by("due_at", "pk"))


def remind(*, organization_id: int, step_id: int, now: datetime) -> None:
    """Write once more to whoever has not answered the step. May be repeated: a step reminds once."""
    with organization_open(organization_id):
        hold_access(organization_id)
        step = _locked_step(step_id, now)
        if step is not None and ApprovalStep.objects.to_remind(now).filter(pk=step_id).update(
            reminded_at=now
        ):
            tell_step(step, now, Kind.REMINDED)


def escalate(*, organization_id: int, step_id: int, now: datetime) -> None:
    """Ask whom the workflow names when nobody answers; his answer counts for all. May be repeated."""
    with organization_open(organization_id):
        hold_access(organization_id)
        step = _locked_step(step_id, now)
        if step is None or not ApprovalStep.objects.to_escalate(now).filter(pk=step_id).update(
            escalated_at=now
        ):
            return
        person = step.escalate_to
        assert person is not None, "to_escalate returns steps that name somebody"
        if step.answers.filter(person=person).exists():
            return  # he has said yes already, and the others are still asked
        ApprovalReviewer.objects.create(step=step, person=person, is_escalation=True)
        record_event(
            actor=None,
            action="publication.escalate",
            obj=step.approval.publication,
            at=now,
            after={"step": step.name, "people": [str(person)]},
        )
        if person.pk in people_asked(step.approval, step, now):
            tell_reviewer(step.approval, person, Kind.ESCALATED, step)


def hold_missed(*, organization_id: int, publication_id: int, now: datetime) -> None:
    """Hold a post that was not approved in time, and tell people. May be repeated.

    Its request ends unanswered: with a new time it is asked for anew.
    """
    with organization_open(organization_id):
        hold_access(organization_id)
        publication = (
            Publication.objects.select_for_update(of=("self",))
            .select_related("profile", "post__author")
            .filter(pk=publication_id, state=State.WAITING, due_at__lt=now)
            .first()
        )
        if publication is None:
            return
        approval = (
            Approval.objects.select_for_update(of=("self",))
            .select_related("requested_by")
            .filter(publication=publication, answer="")
            .first()
        )
        asked: Iterable[User] = ()
        if approval is not None:
            approval.publication = publication
            asked = _people_asked(approval, now)
            approval.answer, approval.answered_at = Approval.Answer.MISSED, now
            approval.save(update_fields=["answer", "answered_at"])
        move(
            publication,
            State.HELD,
            hold_reason=HoldReason.LATE,
            detail=str(HoldReason.LATE.label),
            vouched_by=None,
        )
        record_event(
            actor=None,
            action="publication.held",
            obj=publication,
            at=now,
            before={"state": State.WAITING},
            after={"state": State.HELD, "profile": str(publication.profile)},
            reason=str(HoldReason.LATE.label),
        )
        if approval is not None:
            tell_missed(approval, asked)


def _people_asked(approval: Approval, now: datetime) -> list[User]:
    """Return whom the open step asked. Without steps anybody could have answered: nobody is told that he missed it."""
    step = approval.steps.open().first()
    if step is None:
        return []
    step.approval = approval
    return list(User.objects.filter(pk__in=people_asked(approval, step, now)).order_by("pk"))


def _locked_step(step_id: int, now: datetime) -> ApprovalStep | None:
    """Lock publication and step, in this order, and return the step while it is open."""
    found = ApprovalStep.objects.open().filter(pk=step_id).values_list("approval__publication_id", flat=True)
    publication = Publication.objects.select_for_update().filter(pk__in=found).first()
    if publication is None:
        return None
    return (
        ApprovalStep.objects.open()
        .select_for_update(of=("self",))
        .select_related(
            "escalate_to",
            "approval__requested_by",
            "approval__organization",
            "approval__publication__profile",
            "approval__publication__post__author",
        )
        .filter(pk=step_id)
        .first()
    )


def _rows(found: QuerySet[Any]) -> list[Due]:
    return [Due(*row) for row in found.values_list("organization_id", "pk")[:ROWS_PER_LOOK]]
