"""Moving what is on one card. An approval is sealed to the time as well, so whoever moves it is asked first (H9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.models import Approval, Publication, State
from publishing.services.scheduling import reschedule_together
from ui.templatetags.ui import join_names


class AsksFirst(Exception):
    """Nothing was moved yet: the message says what moving does to an approval, and the person decides."""


@transaction.atomic
def move_publications(
    *,
    actor: Access,
    due: Sequence[tuple[Publication, datetime]],
    now: datetime,
    is_confirmed: bool = False,
) -> list[Publication]:
    """Move the publications, each to its time: all of them or none.

    Raises AsksFirst where an approval would be void and nobody said that it may; otherwise what
    ``reschedule_together`` raises, which comes before any question.
    """
    approvals = _given([publication for publication, _due_at in due])
    moved = reschedule_together(actor=actor, due=due, now=now)
    if approvals and not is_confirmed:
        raise AsksFirst(_what_happens(approvals, moved))
    return moved


def _given(publications: Sequence[Publication]) -> list[Approval]:
    """Return the approvals by which these publications stand as they do, or wait for further ones."""
    found = Approval.objects.filter(
        publication__in=[one.pk for one in publications if one.state in (State.SCHEDULED, State.WAITING)],
        answer=Approval.Answer.APPROVED,
    ).select_related("answered_by", "publication")
    return [
        approval
        for approval in found
        if approval.due_at == approval.publication.due_at
        and approval.content_digest == approval.publication.sealed_digest
    ]


def _what_happens(approvals: Sequence[Approval], moved: Sequence[Publication]) -> str:
    people = {str(approval.answered_by) for approval in approvals if approval.answered_by}
    names = join_names(sorted(people)) or _("Somebody")
    if any(publication.state == State.WAITING for publication in moved):
        return _(
            "%(people)s approved it for this time. Moving it voids the approval, and it waits to be approved again."
        ) % {"people": names}
    return _(
        "%(people)s approved it for this time. Moving it voids the approval, and you answer for it at the new time."
    ) % {"people": names}
