"""Handing over what nobody answers for any more: several held posts at once, each said why it could not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from permissions.checker import Access
from permissions.errors import NotAllowed
from publishing.models import Publication, State
from publishing.services.delivery import CannotTakeOver, take_over_held
from publishing.services.scheduling import GRACE
from publishing.states import StateError


@dataclass(frozen=True)
class Wish:
    """A post somebody wants to answer for, with the digest of the content he was shown."""

    publication: Publication
    digest: str


@dataclass(frozen=True)
class Outcome:
    """What became of one of them: taken over, or why not."""

    publication: Publication
    problem: str = ""


def take_over_several(
    *, actor: Access, wishes: Sequence[Wish], now: datetime, late_due_at: datetime | None
) -> list[Outcome]:
    """Take over each post that can be, and say of the others why not.

    Each keeps its time. One whose time has passed goes out at ``late_due_at``; without it, it stays held: nothing goes
    out at once because somebody ticked a box.
    """
    outcomes = []
    for wish in sorted(wishes, key=lambda one: one.publication.pk):
        publication = wish.publication
        try:
            with transaction.atomic():
                taken = _take_over(actor, wish, now, late_due_at)
        except (CannotTakeOver, StateError) as problem:
            outcomes.append(Outcome(publication, str(problem)))
        except NotAllowed as refusal:
            outcomes.append(Outcome(publication, refusal.decision.summary))
        else:
            outcomes.append(Outcome(taken))
    return outcomes


def _take_over(actor: Access, wish: Wish, now: datetime, late_due_at: datetime | None) -> Publication:
    publication = wish.publication
    is_late = publication.due_at is None or publication.due_at < now - GRACE
    if is_late and publication.state == State.HELD and late_due_at is None:
        raise CannotTakeOver(_("Its time has passed. Give a new one to those that are late."))
    return take_over_held(
        actor=actor,
        publication=publication,
        digest=wish.digest,
        now=now,
        due_at=late_due_at if is_late else None,
    )
