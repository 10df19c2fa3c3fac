"""Reads for the pages of queues: what each holds, and what comes when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.utils.formats import date_format

from permissions.checker import Access
from publishing.models import Publication, QueueEntry, QueuePause, QueueSlot, State
from publishing.rights import VIEW
from publishing.services.queues import TAKING
from publishing.slots import WEEKDAYS, WeeklyTime, moments
from social_accounts.models import SocialProfile

COMING: Final = 21  # moments shown ahead
WAITING: Final = frozenset({State.WAITING, State.SCHEDULED, State.HELD})


@dataclass(frozen=True)
class QueueRow:
    """One profile's queue in the list."""

    profile: SocialProfile
    times: int
    posts: int
    next_free: datetime | None
    is_paused: bool


@dataclass(frozen=True)
class Moment:
    """One time that comes: of a post, or free."""

    at: datetime
    publication: Publication | None
    is_of_queue: bool


@dataclass(frozen=True)
class Weekday:
    number: int
    name: str
    slots: list[QueueSlot]


def queue_rows(access: Access, now: datetime) -> list[QueueRow]:
    """Return a row for each profile whose posts the person may view, by name."""
    profiles = list(access.filter(SocialProfile.objects.order_by("name", "pk"), VIEW))
    times = _weekly_times(profiles)
    free = _next_free(profiles, times, now)
    posts: dict[int, int] = defaultdict(int)
    queued = Publication.objects.filter(QueueEntry.is_live(), profile__in=profiles, state__in=WAITING)
    for profile_id in queued.values_list("profile_id", flat=True):
        posts[profile_id] += 1
    paused = set(QueuePause.objects.filter(profile__in=profiles).values_list("profile_id", flat=True))
    return [
        QueueRow(
            profile,
            len(times[profile.pk]),
            posts[profile.pk],
            free.get(profile.pk),
            profile.pk in paused,
        )
        for profile in profiles
    ]


def next_free_times(profiles: Collection[SocialProfile], now: datetime) -> dict[int, datetime]:
    """Return the next free moment of each profile's queue, by profile; without those whose queue has none."""
    return _next_free(profiles, _weekly_times(profiles), now)


def _weekly_times(profiles: Collection[SocialProfile]) -> dict[int, list[WeeklyTime]]:
    times: dict[int, list[WeeklyTime]] = defaultdict(list)
    for slot in QueueSlot.objects.filter(profile__in=profiles):
        times[slot.profile_id].append(slot.as_time)
    return times


def _next_free(
    profiles: Collection[SocialProfile], times: Mapping[int, Collection[WeeklyTime]], now: datetime
) -> dict[int, datetime]:
    taken: dict[int, set[datetime]] = defaultdict(set)
    coming = Publication.objects.filter(profile__in=times, state__in=TAKING, due_at__gt=now)
    for profile_id, due_at in coming.values_list("profile_id", "due_at"):
        if due_at is not None:
            taken[profile_id].add(due_at)
    free: dict[int, datetime] = {}
    for profile in profiles:
        for moment in moments(times.get(profile.pk, ()), profile.time_zone, now):
            if moment not in taken[profile.pk]:
                free[profile.pk] = moment
                break
    return free


def week_of_queue(profile: SocialProfile) -> list[Weekday]:
    """Return the seven days, Monday first, each with its times."""
    slots = list(QueueSlot.objects.filter(profile=profile).order_by("weekday", "minute"))
    # The first of January 2024 was a Monday.
    names = [date_format(datetime(2024, 1, 1 + number), "l") for number in range(WEEKDAYS)]
    return [
        Weekday(number, name, [slot for slot in slots if slot.weekday == number])
        for number, name in enumerate(names)
    ]


def coming_moments(profile: SocialProfile, now: datetime) -> list[Moment]:
    """Return what comes next on the profile: the queue's times, free or not, and what has a time of its own between."""
    times = [slot.as_time for slot in QueueSlot.objects.filter(profile=profile)]
    own = list(
        Publication.objects.filter(profile=profile, state__in=WAITING, due_at__gt=now)
        .select_related("post", "post__author", "profile", "queue_entry")
        .order_by("due_at", "pk")[: COMING * 4]
    )
    dated = [Moment(one.due_at, one, _is_of_queue(one)) for one in own if one.due_at is not None]
    has = {one.due_at for one in own}
    free = [
        Moment(at, None, True)
        for at in islice(moments(times, profile.time_zone, now), COMING)
        if at not in has
    ]
    return sorted([*dated, *free], key=lambda one: (one.at, one.publication is None))[:COMING]


def missed_of_queue(profile: SocialProfile, now: datetime) -> list[Publication]:
    """Return what the queue dated whose time passed while it was paused, in order."""
    rows = Publication.objects.filter(
        QueueEntry.is_live(), profile=profile, state=State.SCHEDULED, due_at__lte=now
    )
    return list(rows.select_related("post", "post__author", "profile").order_by("due_at", "pk"))


def _is_of_queue(publication: Publication) -> bool:
    entry = getattr(publication, "queue_entry", None)
    return entry is not None and entry.slot_at == publication.due_at
