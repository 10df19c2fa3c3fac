"""Sending somebody outside his link again, and shutting it: for who asked, and for those who review there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.models import Approval, ApprovalStep, Outsider
from publishing.notices import Kind
from publishing.reviewers import open_step_of
from publishing.rights import REVIEW
from publishing.services.approvals import CannotAnswer
from publishing.services.requests import send_link


def may_handle_links(actor: Access, approval: Approval) -> bool:
    """Say whether the person may send links again and shut them: he asked, or reviews posts on the profile."""
    return approval.requested_by_id == actor.user.pk or actor.can(REVIEW, approval.publication.profile)


@transaction.atomic
def send_link_again(*, actor: Access, approval: Approval, outsider_id: int, now: datetime) -> Outsider:
    """Mail a new link to somebody the open step asks; his earlier one opens nothing any more. Raises CannotAnswer."""
    actor, step, outsider = _asked(actor, approval, outsider_id, now)
    send_link(step, outsider, now, Kind.REMINDED)
    _record(actor, approval, outsider, "outsider.link", now)
    return outsider


@transaction.atomic
def shut_link(*, actor: Access, approval: Approval, outsider_id: int, now: datetime) -> Outsider:
    """Shut the link of somebody the open step asks, at once. Raises CannotAnswer."""
    actor, step, outsider = _asked(actor, approval, outsider_id, now)
    step.links.filter(outsider=outsider, revoked_at=None).update(revoked_at=now)
    _record(actor, approval, outsider, "outsider.revoke", now)
    return outsider


def _asked(
    actor: Access, approval: Approval, outsider_id: int, now: datetime
) -> tuple[Access, ApprovalStep, Outsider]:
    actor = begin_act(actor, now)
    if not may_handle_links(actor, approval):
        raise CannotAnswer(
            _("Links are handled by who asked for the approval and by those who review there.")
        )
    step = open_step_of(approval) if not approval.answer else None
    asked = step.reviewers.filter(outsider=outsider_id).select_related("outsider").first() if step else None
    if step is None or asked is None or asked.outsider is None:
        raise CannotAnswer(_("This request was answered or withdrawn already."))
    if step.answers.filter(outsider=asked.outsider).exists():
        raise CannotAnswer(_("%(person)s has answered already.") % {"person": asked.outsider})
    step.approval = approval
    return actor, step, asked.outsider


def _record(actor: Access, approval: Approval, outsider: Outsider, action: str, now: datetime) -> None:
    record_event(
        actor=actor.user,
        action=action,
        obj=approval.publication,
        at=now,
        after={"people": [outsider.name]},
    )
