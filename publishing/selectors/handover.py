"""Posts nobody answers for any more, and that this person could take over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from accounts.models import User
from permissions.checker import Access, load_accesses
from publishing.models import HoldReason, Publication, State
from publishing.rights import PUBLISH, TAKE_OVER
from publishing.services.delivery import is_left_alone
from social_accounts.models import SocialProfile


def held_to_take_over(access: Access) -> QuerySet[Publication]:
    """Return what is held on profiles where the person may take over, the soonest due first.

    What waits for its profile to be reconnected goes on by itself then, and is not among them.
    """
    held = Publication.objects.filter(state=State.HELD).exclude(hold_reason=HoldReason.RECONNECT)
    return _within_reach(access, held).order_by("due_at", "pk")


def queued_without_voucher(access: Access, now: datetime) -> list[Publication]:
    """Return what is scheduled there and will be held at its time, because who vouches for it may not any more then.

    Asked for the moment each goes out: a role that ends before is no surprise.
    """
    queued = _within_reach(access, Publication.objects.filter(state=State.SCHEDULED))
    pairs = list(queued.order_by().values_list("vouched_by", "profile").distinct())
    people = list(User.objects.filter(pk__in={person for person, _profile in pairs if person}))
    latest = max(now, queued.aggregate(latest=Max("due_at"))["latest"] or now)
    ends = [
        load_accesses(users=people, organization_id=access.organization_id, at=at) for at in (now, latest)
    ]
    profiles = SocialProfile.objects.in_bulk({profile for _person, profile in pairs})
    active = {person.pk for person in people if person.is_active}
    doubtful = Q()
    for person, profile in pairs:
        if person not in active or not all(held[person].can(PUBLISH, profiles[profile]) for held in ends):
            doubtful |= Q(vouched_by=person, profile=profile)
    if not doubtful:
        return []
    return [one for one in queued.filter(doubtful).order_by("due_at", "pk") if is_left_alone(one, now)]


def _within_reach(access: Access, publications: QuerySet[Publication]) -> QuerySet[Publication]:
    rows = publications.select_related("post__author", "profile", "vouched_by")
    return access.filter(access.filter(rows, TAKE_OVER, path="profile"), PUBLISH, path="profile")
