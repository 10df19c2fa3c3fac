"""Queues of profiles: their weekly times, taking a post in, pausing, shuffling, closing gaps."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act, begin_change
from publishing.models import (
    HoldReason,
    Post,
    Publication,
    QueueEntry,
    QueuePause,
    QueueSlot,
    State,
)
from publishing.rights import PUBLISH, may_change
from publishing.services.scheduling import (
    SCHEDULABLE,
    CannotSchedule,
    reschedule_together,
    schedule_post,
)
from publishing.slots import WeeklyTime, moments
from publishing.states import move
from publishing.taken_workflows import publishes_alone
from social_accounts.models import SocialProfile

SETTINGS: Final = "profile.queue_settings"
MANAGE_QUEUES: Final = "organization.manage_queues"
SLOTS_MAX: Final = 200
# Where one of these has a moment, the queue gives it to no other.
TAKING: Final = frozenset({State.WAITING, State.SCHEDULED, State.PUBLISHING, State.PROCESSING, State.HELD})


class CannotQueue(CannotSchedule):
    """The queue has no place for it. The message is for the person."""


@transaction.atomic
def set_slots(*, actor: Access, profile: SocialProfile, times: Collection[WeeklyTime], now: datetime) -> None:
    """Make these the weekly times of the profile's queue. What is dealt already keeps its time. Raises NotAllowed."""
    actor = begin_act(actor, now)
    actor.require(SETTINGS, profile)
    wanted = set(times)
    if len(wanted) > SLOTS_MAX:
        raise CannotQueue(
            ngettext(
                "A queue has at most %(count)d time a week.",
                "A queue has at most %(count)d times a week.",
                SLOTS_MAX,
            )
            % {"count": SLOTS_MAX}
        )
    _lock(profile)
    present = {slot.as_time: slot for slot in QueueSlot.objects.filter(profile=profile)}
    QueueSlot.objects.filter(pk__in=[slot.pk for at, slot in present.items() if at not in wanted]).delete()
    added = sorted(wanted - present.keys())
    QueueSlot.objects.bulk_create(
        QueueSlot(
            organization_id=profile.organization_id, profile=profile, weekday=at.weekday, minute=at.minute
        )
        for at in added
    )
    if added or len(present) > len(wanted):
        record_event(
            actor=actor.user,
            action="queue.set_times",
            obj=profile,
            at=now,
            before={"times": len(present)},
            after={"times": len(wanted)},
        )


@transaction.atomic
def add_to_queue(
    *,
    actor: Access,
    post: Post,
    publications: Sequence[Publication],
    now: datetime,
    asks_approval: bool = False,
    note: str = "",
    not_before: datetime | None = None,
) -> list[Publication]:
    """Give each publication its profile's next free time, and schedule it there or ask for approval.

    All or nothing. Raises NotAllowed, CannotSchedule (CannotQueue where a profile's queue has no time).
    """
    actor = begin_act(actor, now)
    due: dict[int, datetime] = {}
    for publication in sorted(publications, key=lambda one: one.profile_id):
        _lock(publication.profile)
        due[publication.pk] = next_free(
            publication.profile, max(now, not_before or now), without=[publication.pk]
        )
    dated = schedule_post(actor=actor, post=post, due=due, now=now, asks_approval=asks_approval, note=note)
    for publication in dated:
        QueueEntry.objects.update_or_create(
            publication=publication, defaults={"slot_at": due[publication.pk]}
        )
    return dated


def next_free(profile: SocialProfile, after: datetime, without: Collection[int] = ()) -> datetime:
    """Return the queue's first moment after ``after`` that nothing else has. Raises CannotQueue."""
    for moment in free_moments(profile, after, without):
        return moment
    raise CannotQueue(
        _("%(profile)s: its queue has no times yet. Choose them first, or choose a time for this post.")
        % {"profile": profile}
    )


def free_moments(
    profile: SocialProfile, after: datetime, without: Collection[int] = ()
) -> Iterator[datetime]:
    """Yield the queue's moments after ``after`` that no publication has, but those of ``without``."""
    times = [slot.as_time for slot in QueueSlot.objects.filter(profile=profile)]
    taken = set(
        Publication.objects.filter(profile=profile, state__in=TAKING, due_at__gt=after)
        .exclude(pk__in=without)
        .values_list("due_at", flat=True)
    )
    return (moment for moment in moments(times, profile.time_zone, after) if moment not in taken)


def queued(profile: SocialProfile) -> QuerySet[Publication]:
    """Return what the queue dated and what still waits for its time, in order."""
    rows = Publication.objects.filter(QueueEntry.is_live(), profile=profile, state__in=SCHEDULABLE)
    in_order: QuerySet[Publication] = rows.select_related("profile", "post").order_by("due_at", "pk")
    return in_order


@transaction.atomic
def pause_queue(*, actor: Access, profile: SocialProfile, now: datetime) -> None:
    """Stop the queue: when this returns, nothing of it begins to go out any more. Again changes nothing."""
    actor = begin_change(actor, now)  # waits for those between their last look and their attempt
    actor.require(SETTINGS, profile)
    _pause, is_new = QueuePause.objects.get_or_create(
        profile=profile, defaults={"paused_by": actor.user, "paused_at": now}
    )
    if is_new:
        record_event(actor=actor.user, action="queue.pause", obj=profile, at=now)


@transaction.atomic
def resume_queue(*, actor: Access, profile: SocialProfile, now: datetime) -> list[Publication]:
    """Let the queue go on. What missed its time gets the next free ones, in order; return those.

    Nothing comes out in a heap. What the person may not date anew is held, for somebody who may. Raises NotAllowed.
    """
    actor = begin_act(actor, now)
    actor.require(SETTINGS, profile)
    _lock(profile)
    deleted, _tables = QueuePause.objects.filter(profile=profile).delete()
    if not deleted:
        return []
    missed = list(queued(profile).filter(state=State.SCHEDULED, due_at__lte=now))
    mine = [one for one in missed if _may_date(actor, one)]
    for publication in missed:
        if publication not in mine:
            move(
                publication,
                State.HELD,
                hold_reason=HoldReason.LATE,
                detail=_("Its time passed while the queue was paused."),
            )
    dealt = _deal(actor, profile, mine, free_moments(profile, now), now)
    record_event(actor=actor.user, action="queue.resume", obj=profile, at=now, after={"posts": len(dealt)})
    return dealt


@transaction.atomic
def shuffle_queue(
    *, actor: Access, profile: SocialProfile, now: datetime, chance: random.Random | None = None
) -> list[Publication]:
    """Give the queue's scheduled posts each other's times at random; return them.

    What waits for an approval keeps its time, because moving it would void the request. Raises NotAllowed.
    """
    actor, mine = _begin_dealing(actor, profile, now)
    times = [one.due_at for one in mine if one.due_at is not None]
    (chance or random.SystemRandom()).shuffle(mine)
    dealt = _deal(actor, profile, mine, times, now)
    record_event(actor=actor.user, action="queue.shuffle", obj=profile, at=now, after={"posts": len(dealt)})
    return dealt


@transaction.atomic
def close_gaps(*, actor: Access, profile: SocialProfile, now: datetime) -> list[Publication]:
    """Move the queue's scheduled posts to its first free times, in their order; return them. Raises NotAllowed."""
    actor, mine = _begin_dealing(actor, profile, now)
    free = free_moments(profile, now, without=[one.pk for one in mine])
    dealt = _deal(actor, profile, mine, free, now)
    record_event(
        actor=actor.user, action="queue.close_gaps", obj=profile, at=now, after={"posts": len(dealt)}
    )
    return dealt


def _begin_dealing(actor: Access, profile: SocialProfile, now: datetime) -> tuple[Access, list[Publication]]:
    actor = begin_act(actor, now)
    actor.require(MANAGE_QUEUES, profile.organization)
    actor.require(PUBLISH, profile)
    _lock(profile)
    scheduled = queued(profile).filter(state=State.SCHEDULED, due_at__gt=now)
    return actor, [one for one in scheduled if _may_date(actor, one)]


def _may_date(actor: Access, publication: Publication) -> bool:
    return publishes_alone(actor, publication) and may_change(actor, publication)


def _deal(
    actor: Access,
    profile: SocialProfile,
    publications: Sequence[Publication],
    times: Iterable[datetime],
    now: datetime,
) -> list[Publication]:
    """Give each publication one of the times, in order; the person vouches for them, as for any time he chooses."""
    pairs = [(one, at) for one, at in zip(publications, times, strict=False) if one.due_at != at]
    dealt = reschedule_together(actor=actor, due=pairs, now=now)
    for publication in dealt:
        QueueEntry.objects.filter(publication=publication).update(slot_at=publication.due_at)
    return dealt


def _lock(profile: SocialProfile) -> None:
    """Let one after the other take a free time of this profile's queue."""
    SocialProfile.objects.select_for_update(of=("self",), no_key=True).get(pk=profile.pk)
