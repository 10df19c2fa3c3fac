"""What holds posts back that is not in them, for the pages: a pause, a lost connection, a network that is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from permissions.checker import Access
from publishing.models import (
    ApplicationRateLimit,
    HoldReason,
    ProfileRateLimit,
    Publication,
    QueueEntry,
    State,
)
from publishing.selectors.publications import profiles_with_visible_posts
from social_accounts.models import ProfilePause, SocialProfile
from social_accounts.outages.showing import Outage, outage_of, outages_of
from social_accounts.services.pausing import PAUSE_PROFILE

# What still has to talk to its network.
WAITING_STATES = (State.SCHEDULED, State.PROCESSING, State.UNCONFIRMED)
RECONNECT = "profile.reconnect_profile"


@dataclass(frozen=True)
class Paused:
    profile: SocialProfile
    pause: ProfilePause
    may_pause: bool


@dataclass(frozen=True)
class CutOff:
    """A profile that must be reconnected, with posts that wait for it."""

    profile: SocialProfile
    may_reconnect: bool


@dataclass(frozen=True)
class Obstacles:
    """What stands in the way of posts. ``limited_until``: the network does not listen before."""

    outages: Sequence[Outage] = ()
    paused: Sequence[Paused] = ()
    cut_off: Sequence[CutOff] = ()
    limited_until: datetime | None = None
    is_queue_paused: bool = False
    is_any: bool = field(init=False)

    def __post_init__(self) -> None:
        found = self.outages or self.paused or self.cut_off or self.limited_until or self.is_queue_paused
        object.__setattr__(self, "is_any", bool(found))


def obstacles_for(access: Access) -> Obstacles:
    """Return what stands in the way of posts the person may view. Two queries where nothing does."""
    visible = profiles_with_visible_posts(access)
    held = Q(state=State.HELD, hold_reason=HoldReason.RECONNECT)
    waiting = Publication.objects.filter(Q(state=State.SCHEDULED) | held, profile=OuterRef("pk"))
    is_cut_off = Q(status=SocialProfile.Status.NEEDS_RECONNECT) & Q(Exists(waiting))
    stopped = visible.filter(Q(pause__isnull=False) | is_cut_off).select_related("pause__paused_by")
    outages = outages_of(visible.filter(status=SocialProfile.Status.CONNECTED))
    return _sorted(access, list(stopped), outages)


def obstacles_of(access: Access, publication: Publication, now: datetime) -> Obstacles:
    """Return what stands in the way of this one; nothing where it needs its network no more."""
    profile = publication.profile
    if publication.state not in WAITING_STATES or publication.needs_answer:
        return Obstacles()
    outage = outage_of(profile) if profile.is_connected else None
    if publication.state == State.UNCONFIRMED:  # no pause keeps us from looking
        return Obstacles(outages=[outage] if outage else [])
    row = SocialProfile.objects.select_related("pause__paused_by").get(pk=profile.pk)
    found = _sorted(access, [row], [outage] if outage else [])
    return Obstacles(
        outages=found.outages,
        paused=found.paused,
        cut_off=found.cut_off,
        limited_until=_limited_until(profile, now),
        is_queue_paused=Publication.objects.filter(
            QueueEntry.is_live(), pk=publication.pk, profile__queue_pause__isnull=False
        ).exists(),
    )


def _sorted(access: Access, profiles: Sequence[SocialProfile], outages: Sequence[Outage]) -> Obstacles:
    return Obstacles(
        outages=outages,
        paused=[
            Paused(one, one.pause, access.serves(PAUSE_PROFILE, one))
            for one in profiles
            if hasattr(one, "pause")
        ],
        cut_off=[
            CutOff(one, access.serves(RECONNECT, one))
            for one in profiles
            if one.status == SocialProfile.Status.NEEDS_RECONNECT
        ],
    )


def _limited_until(profile: SocialProfile, now: datetime) -> datetime | None:
    limits = [
        *ProfileRateLimit.objects.filter(profile=profile, until__gt=now).values_list("until", flat=True),
        *ApplicationRateLimit.objects.filter(
            network=profile.network, server=profile.server, until__gt=now
        ).values_list("until", flat=True),
    ]
    return max(limits, default=None)
