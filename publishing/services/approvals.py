"""Letting a publication out, or not: by somebody else than who asked, and for exactly what he was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from permissions.checker import Access, load_accesses
from permissions.locks import hold_access
from permissions.services import begin_act
from publishing.models import (
    Approval,
    ApprovalAnswer,
    ApprovalLink,
    ApprovalStep,
    HoldReason,
    Outsider,
    Publication,
    State,
)
from publishing.notices import forget_question, tell_answered
from publishing.reviewers import is_done, is_named, is_own, is_own_outside, open_step_of
from publishing.rights import FORCE, PUBLISH, REVIEW
from publishing.sealing import seal_of
from publishing.services.comments import outside_label
from publishing.services.requests import open_next_step
from publishing.states import move


class CannotAnswer(Exception):
    """The request cannot be answered, or not like this. The message is for the person."""


@dataclass(frozen=True)
class _Voice:
    """Whose answer it is: a person's, or somebody's outside who came through a link."""

    name: str
    person: User | None = None
    outsider: Outsider | None = None
    label: str = ""  # in the audit log, of who has no account


@dataclass(frozen=True)
class _Request:
    """A request with its rows locked, ready to be answered. ``step`` None: it has no steps."""

    approval: Approval
    publication: Publication
    step: ApprovalStep | None


@transaction.atomic
def approve(*, actor: Access, approval: Approval, digest: str, now: datetime, note: str = "") -> Publication:
    """Say yes at the open step. After the last one it goes out at its time; past its time it is held instead.

    ``digest`` is that of the content the reviewer was shown. Raises NotAllowed, CannotAnswer.
    """
    actor, request = _open(actor, approval, now)
    _require_turn(actor, request)
    _require_as_shown(request, digest)
    return _say_yes(request, _voice_of(actor), now, note)


@transaction.atomic
def decline(*, actor: Access, approval: Approval, now: datetime, note: str) -> Publication:
    """Send it back to its author with a note that says why. Raises NotAllowed, CannotAnswer."""
    actor, request = _open(actor, approval, now)
    _require_turn(actor, request)
    return _say_no(request, _voice_of(actor), now, note)


@transaction.atomic
def force_approve(
    *, actor: Access, approval: Approval, digest: str, now: datetime, reason: str
) -> Publication:
    """Decide for everybody who was to be asked (AP18), with a reason that stays visible. Raises as ``approve``."""
    actor, request = _open(actor, approval, now)
    _require_force(actor, request, reason)
    _require_as_shown(request, digest)
    return _finish(request, _voice_of(actor), now, reason, is_forced=True)


@transaction.atomic
def force_decline(*, actor: Access, approval: Approval, now: datetime, reason: str) -> Publication:
    """Refuse it for everybody who was to be asked (AP18), with a reason that stays visible."""
    actor, request = _open(actor, approval, now)
    _require_force(actor, request, reason)
    return _say_no(request, _voice_of(actor), now, reason, is_forced=True)


@transaction.atomic
def approve_from_outside(*, link: ApprovalLink, digest: str, now: datetime, note: str = "") -> Publication:
    """Say yes through a link. Its organization must be open. Raises CannotAnswer."""
    request, voice = _begin_outside(link, now)
    _require_as_shown(request, digest)
    return _say_yes(request, voice, now, note)


@transaction.atomic
def decline_from_outside(*, link: ApprovalLink, now: datetime, note: str) -> Publication:
    """Say no through a link, with a note that says why. Its organization must be open. Raises CannotAnswer."""
    request, voice = _begin_outside(link, now)
    return _say_no(request, voice, now, note)


def _open(actor: Access, approval: Approval, now: datetime) -> tuple[Access, _Request]:
    actor = begin_act(actor, now)
    return actor, _locked(approval.publication_id, approval.pk)


def _begin_outside(link: ApprovalLink, now: datetime) -> tuple[_Request, _Voice]:
    hold_access(link.organization_id)
    request = _locked(link.step.approval.publication_id, link.step.approval_id)
    _require_open(request)
    rows = ApprovalLink.objects.select_for_update(of=("self",)).select_related("outsider")
    link = cast(ApprovalLink, rows.get(pk=link.pk))
    if not link.is_live(now):
        raise CannotAnswer(_("This link was shut or replaced by a newer one."))
    if request.step is None or request.step.pk != link.step_id:
        raise CannotAnswer(_("This step is finished already."))
    if request.step.answers.filter(outsider=link.outsider).exists():
        raise CannotAnswer(_("You have answered already."))
    if link.outsider is not None and is_own_outside(request.approval, link.outsider):
        raise CannotAnswer(_("Nobody approves his own words: you wrote this post, or changed it."))
    return request, _Voice(link.holder_name, outsider=link.outsider, label=outside_label(link))


def _locked(publication_id: int, approval_id: int) -> _Request:
    """Lock the publication first, then the request: in the order everybody takes them."""
    publication = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post__author")
        .get(pk=publication_id)
    )
    approval = (
        Approval.objects.select_for_update(of=("self",)).select_related("requested_by").get(pk=approval_id)
    )
    approval.publication = publication
    step = open_step_of(approval)
    if step is not None:
        step.approval = approval
    return _Request(approval, publication, step)


def _require_open(request: _Request) -> None:
    if request.approval.answer or request.publication.state != State.WAITING:
        raise CannotAnswer(_("This request was answered or withdrawn already."))


def _require_turn(actor: Access, request: _Request) -> None:
    actor.require(REVIEW, request.publication.profile)
    _require_open(request)
    _require_not_own(actor, request)
    step = request.step
    if step is None:
        return
    if not is_named(actor, step):
        raise CannotAnswer(
            _("The step “%(step)s” asks other people. Wait for your turn.") % {"step": step.name}
        )
    if step.answers.filter(person=actor.user).exists():
        raise CannotAnswer(_("You have answered already. The step waits for others."))


def _require_force(actor: Access, request: _Request, reason: str) -> None:
    actor.require(FORCE, request.publication.profile)
    _require_open(request)
    _require_not_own(actor, request)
    if not reason.strip():
        raise CannotAnswer(_("Say why you decide for everybody: it stays visible beside your name."))


def _require_not_own(actor: Access, request: _Request) -> None:
    if request.approval.requested_by_id == actor.user.pk:
        raise CannotAnswer(_("Nobody approves his own request. Ask somebody else who reviews posts here."))
    if is_own(request.approval, actor.user.pk):
        raise CannotAnswer(_("Nobody approves his own words: you wrote this post, or changed it."))


def _require_as_shown(request: _Request, digest: str) -> None:
    approval, publication = request.approval, request.publication
    content = publication.post.content_digest(publication.profile.network)
    if not (digest == approval.content_digest == content == publication.sealed_digest):
        raise CannotAnswer(_("The content changed after you opened it. Look at it again, then decide."))
    if publication.due_at != approval.due_at or (approval.seal and approval.seal != seal_of(publication)):
        raise CannotAnswer(_("The time changed after you opened it. Look at it again, then decide."))


def _voice_of(actor: Access) -> _Voice:
    return _Voice(str(actor.user)[:150], person=actor.user)


def _say_yes(request: _Request, voice: _Voice, now: datetime, note: str) -> Publication:
    step = request.step
    if step is None:
        return _finish(request, voice, now, note)
    _write_answer(request, voice, now, note, is_approved=True)
    if not is_done(step, now):
        _record(request, "publication.approve_step", voice, now, note)
        return request.publication
    ApprovalStep.objects.filter(pk=step.pk).update(finished_at=now)
    if open_next_step(request.approval, now) is not None:
        _record(request, "publication.approve_step", voice, now, note)
        return request.publication
    return _finish(request, voice, now, note, is_written=True)


def _finish(
    request: _Request,
    voice: _Voice,
    now: datetime,
    note: str,
    *,
    is_forced: bool = False,
    is_written: bool = False,
) -> Publication:
    """Let it out: the last of the team who said yes and still may vouches. Where nobody does, it is held."""
    publication = request.publication
    if not is_written:
        _write_answer(request, voice, now, note, is_approved=True, is_forced=is_forced)
    voucher = voice.person if is_forced else _voucher(request, now)
    _close(request, Approval.Answer.APPROVED, voucher, now, note, is_forced=is_forced)
    if publication.due_at is None or publication.due_at < now:
        _hold(publication, HoldReason.LATE, voucher)
    elif voucher is None:
        _hold(publication, HoldReason.RIGHT_LOST, None)
    else:
        move(publication, State.SCHEDULED, vouched_by=voucher)
    _record(request, "publication.force_approve" if is_forced else "publication.approve", voice, now, note)
    tell_answered(request.approval, voice.name)
    return publication


def _say_no(
    request: _Request, voice: _Voice, now: datetime, note: str, *, is_forced: bool = False
) -> Publication:
    if not note.strip():
        raise CannotAnswer(_("Say in a note what should change, so the author can mend it."))
    publication = request.publication
    _write_answer(request, voice, now, note, is_approved=False, is_forced=is_forced)
    _close(request, Approval.Answer.DECLINED, voice.person, now, note, is_forced=is_forced)
    move(publication, State.DECLINED, vouched_by=None, sealed_digest="", detail=note[:500])
    _record(request, "publication.force_decline" if is_forced else "publication.decline", voice, now, note)
    tell_answered(request.approval, voice.name)
    return publication


def _voucher(request: _Request, now: datetime) -> User | None:
    """Return who of the team answers for it: the latest who approved it and still may review or publish.

    Rights stand still (``hold_access``); delivery asks again at its time.
    """
    approved = request.approval.answers.filter(is_approved=True, person__isnull=False)
    answers = approved.select_related("person").order_by("-answered_at", "-pk")
    people = [answer.person for answer in answers if answer.person is not None]
    profile = request.publication.profile
    accesses = load_accesses(users=people, organization_id=request.approval.organization_id, at=now)
    for person in people:
        access = accesses[person.pk]
        if person.is_active and (access.can(REVIEW, profile) or access.can(PUBLISH, profile)):
            return person
    return None


def _hold(publication: Publication, reason: HoldReason, voucher: User | None) -> None:
    move(publication, State.HELD, hold_reason=reason, detail=str(reason.label), vouched_by=voucher)


def _write_answer(
    request: _Request,
    voice: _Voice,
    now: datetime,
    note: str,
    *,
    is_approved: bool,
    is_forced: bool = False,
) -> None:
    ApprovalAnswer.objects.create(
        approval=request.approval,
        step=None if is_forced else request.step,
        person=voice.person,
        outsider=voice.outsider,
        name=voice.name,
        is_approved=is_approved,
        is_forced=is_forced,
        note=note[:500],
        answered_at=now,
    )


def _close(
    request: _Request,
    answer: Approval.Answer,
    by: User | None,
    now: datetime,
    note: str,
    *,
    is_forced: bool,
) -> None:
    approval = request.approval
    approval.answer, approval.answered_by, approval.answered_at = answer, by, now
    approval.answer_note, approval.is_forced = note[:500], is_forced
    approval.save(update_fields=["answer", "answered_by", "answered_at", "answer_note", "is_forced"])
    forget_question(approval)


def _record(request: _Request, action: str, voice: _Voice, now: datetime, note: str) -> None:
    after: dict[str, Any] = {
        "state": request.publication.state,
        "profile": str(request.publication.profile),
    }
    if request.step is not None:
        after["step"] = request.step.name
    record_event(
        actor=voice.person,
        actor_label=voice.label,
        action=action,
        obj=request.publication,
        at=now,
        after=after,
        reason=note,
    )
