"""Moving what is on one card. An approval is sealed to the time as well, so whoever moves it is asked first (H9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.models import Approval, ApprovalAnswer, Publication, State
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
    answers = _given([publication for publication, _due_at in due])
    moved = reschedule_together(actor=actor, due=due, now=now)
    if answers and not is_confirmed:
        raise AsksFirst(_what_happens(answers, moved))
    return moved


def _given(publications: Sequence[Publication]) -> list[ApprovalAnswer]:
    """Return the yeses by which these publications stand as they do, or are on their way through their steps."""
    found = ApprovalAnswer.objects.filter(
        approval__publication__in=[
            one.pk for one in publications if one.state in (State.SCHEDULED, State.WAITING)
        ],
        approval__answer__in=("", Approval.Answer.APPROVED),
        is_approved=True,
    ).select_related("approval__publication")
    return [
        answer
        for answer in found
        if answer.approval.due_at == answer.approval.publication.due_at
        and answer.approval.content_digest == answer.approval.publication.sealed_digest
    ]


def _what_happens(answers: Sequence[ApprovalAnswer], moved: Sequence[Publication]) -> str:
    names = join_names(sorted({answer.name for answer in answers}))
    if any(publication.state == State.WAITING for publication in moved):
        return _(
            "%(people)s approved it for this time. Moving it voids the approval, and it waits to be approved again."
        ) % {"people": names}
    return _(
        "%(people)s approved it for this time. Moving it voids the approval, and you answer for it at the new time."
    ) % {"people": names}
