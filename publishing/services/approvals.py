"""Letting a publication out, or not: by somebody else than who asked, and for exactly what he was shown."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import Approval, HoldReason, Publication, State
from publishing.rights import REVIEW
from publishing.states import move


class CannotAnswer(Exception):
    """The request cannot be answered, or not like this. The message is for the person."""


@transaction.atomic
def approve(*, actor: Access, approval: Approval, digest: str, now: datetime, note: str = "") -> Publication:
    """Let the publication out at its time; the approver vouches. Past its time it is held, never slipped out.

    ``digest`` is that of the content the reviewer was shown. Raises NotAllowed, CannotAnswer.
    """
    actor, approval, publication = _open(actor, approval, now)
    content = publication.post.content_digest(publication.profile.network)
    if not (digest == approval.content_digest == content == publication.sealed_digest):
        raise CannotAnswer(_("The content changed after you opened it. Look at it again, then decide."))
    if publication.due_at != approval.due_at:
        raise CannotAnswer(_("The time changed after you opened it. Look at it again, then decide."))
    _answer(approval, Approval.Answer.APPROVED, actor, now, note)
    if publication.due_at is None or publication.due_at < now:
        move(
            publication,
            State.HELD,
            hold_reason=HoldReason.LATE,
            detail=str(HoldReason.LATE.label),
            vouched_by=actor.user,
        )
    else:
        move(publication, State.SCHEDULED, vouched_by=actor.user)
    _record(actor, publication, "publication.approve", now, note)
    return publication


@transaction.atomic
def decline(*, actor: Access, approval: Approval, now: datetime, note: str) -> Publication:
    """Send it back to its author with a note that says why. Raises NotAllowed, CannotAnswer."""
    actor, approval, publication = _open(actor, approval, now)
    if not note.strip():
        raise CannotAnswer(_("Say in a note what should change, so the author can mend it."))
    _answer(approval, Approval.Answer.DECLINED, actor, now, note)
    move(publication, State.DECLINED, vouched_by=None, sealed_digest="", detail=note[:500])
    _record(actor, publication, "publication.decline", now, note)
    return publication


def may_answer(actor: Access, approval: Approval) -> bool:
    return approval.requested_by_id != actor.user.pk and actor.can(REVIEW, approval.publication.profile)


def _open(actor: Access, approval: Approval, now: datetime) -> tuple[Access, Approval, Publication]:
    actor = begin_act(actor, now)
    publication = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post")
        .get(pk=approval.publication_id)
    )
    approval = Approval.objects.select_for_update().get(pk=approval.pk)
    actor.require(REVIEW, publication.profile)
    if approval.answer or publication.state != State.WAITING:
        raise CannotAnswer(_("This request was answered or withdrawn already."))
    if approval.requested_by_id == actor.user.pk:
        raise CannotAnswer(_("Nobody approves his own request. Ask somebody else who reviews posts here."))
    return actor, approval, publication


def _answer(approval: Approval, answer: Approval.Answer, actor: Access, now: datetime, note: str) -> None:
    approval.answer, approval.answered_by, approval.answered_at, approval.answer_note = (
        answer,
        actor.user,
        now,
        note,
    )
    approval.save(update_fields=["answer", "answered_by", "answered_at", "answer_note"])


def _record(actor: Access, publication: Publication, action: str, now: datetime, note: str) -> None:
    record_event(
        actor=actor.user,
        action=action,
        obj=publication,
        at=now,
        after={"state": publication.state, "profile": str(publication.profile)},
        reason=note,
    )
