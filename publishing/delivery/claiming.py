"""Finding the rows whose time has come, across all organizations, and taking back what was lost on the way.

Nothing here decides whether a post may go out: that is asked again for each row, in its own organization.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from publishing.delivery import timings
from publishing.delivery.outages import end_probe
from publishing.models import HoldReason, Publication, PublishAttempt, State
from publishing.states import claim_all, move
from social_accounts.models import SocialProfile
from tenancy.context import unscoped

RECONNECTED_PER_LOOK = 200


class Due(NamedTuple):
    """A row some task shall look at."""

    organization_id: int
    publication_id: int


def claim_due(*, now: datetime) -> list[Due]:
    """Take the publications that are due and may go, and return them; send a task for each.

    Whoever looks at the same time takes others. What is taken and never begun comes back by ``put_back``.
    """
    # Unscoped: the clock is the same for every organization, and one query finds what is due in all of them.
    with unscoped():
        # What was claimed longer ago is no backlog: it is being sent, or lies in the hands of a worker that died.
        since = now - timings.seconds(timings.CLAIM_AGE_SECONDS)
        waiting = Publication.objects.filter(state=State.PUBLISHING, claimed_at__gte=since).count()
        room = timings.CLAIMS_OPEN_MAX - waiting
        if room <= 0:
            return []
        rows = (
            Publication.objects.due(now)
            .may_go(now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("due_at")[: min(room, timings.CLAIMS_PER_LOOK)]  # as the index has them: no sorting
        )
        taken = list(rows)
        claim_all(taken, now=now)
    return [Due(publication.organization_id, publication.pk) for publication in taken]


def put_back(*, now: datetime) -> int:
    """Bring claimed rows whose task never began back to the queue; return how many.

    Only those without an attempt at work: an attempt is committed before anything is sent.
    """
    since = now - timings.seconds(timings.CLAIM_AGE_SECONDS)
    # Unscoped: messages of every organization can be lost.
    with unscoped():
        stuck = list(
            Publication.objects.stuck(since).select_for_update(skip_locked=True).order_by("claimed_at")
        )
        # A second statement, so that it sees what was committed while the first one took its locks.
        begun = set(
            PublishAttempt.objects.filter(
                publication__in=stuck, outcome=PublishAttempt.Outcome.SENDING
            ).values_list("publication_id", flat=True)
        )
        lost = [publication for publication in stuck if publication.pk not in begun]
        for publication in lost:
            move(publication, State.SCHEDULED, certainly_not_sent=True)
            end_probe(publication.pk)
    return len(lost)


def release_reconnected(*, now: datetime) -> int:
    """Let the queues of profiles that are connected again go on; return how many publications were held."""
    # Unscoped: looks for connected profiles in every organization.
    with unscoped():
        held = list(
            Publication.objects.filter(
                state=State.HELD,
                hold_reason=HoldReason.RECONNECT,
                profile__status=SocialProfile.Status.CONNECTED,
            )
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("due_at")[:RECONNECTED_PER_LOOK]
        )
        for publication in held:
            move(publication, State.SCHEDULED, not_before=None, detail="")
    return len(held)
