"""When somebody last did anything with a right, from the audit log.

The log names objects by kind and id; to which profile a post or a publication belongs is known above this floor, where
each app registers a resolver in ``AppConfig.ready``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, QuerySet

from audit.models import AuditEvent
from social_accounts.models import SocialProfile

LOOKED_BACK: Final = timedelta(days=365)  # what lies further back is "not within a year"
UNUSED_AFTER: Final = timedelta(days=90)

# Given ids of objects of one kind, yields (id of the object, id of a profile it concerns).
Resolver = Callable[[Collection[int]], Iterable[tuple[int, int]]]
_resolvers: dict[str, Resolver] = {}


def register_acts_on_profiles(object_type: str, resolver: Resolver) -> None:
    """``object_type`` as the audit log has it: ``app.model`` in small letters."""
    _resolvers[object_type] = resolver


def last_acts(people: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """Return when each of the people last did anything here, by user id; who did nothing within a year is left out."""
    rows = _acts(people, now).values("actor").annotate(last=Max("at")).values_list("actor", "last")
    return dict(rows)


def last_acts_on_profiles(people: Collection[int], now: datetime) -> Mapping[tuple[int, int], datetime]:
    """Return when each of the people last did anything with each profile, by (user id, profile id)."""
    kinds = [SocialProfile._meta.label_lower, *_resolvers]
    rows = (
        _acts(people, now)
        .filter(object_type__in=kinds)
        .values("actor", "object_type", "object_id")
        .annotate(last=Max("at"))
        .values_list("actor", "object_type", "object_id", "last")
    )
    acts: defaultdict[str, dict[int, list[tuple[int, datetime]]]] = defaultdict(lambda: defaultdict(list))
    for actor, kind, object_id, last in rows:
        if object_id.isdecimal():
            acts[kind][int(object_id)].append((actor, last))
    found: dict[tuple[int, int], datetime] = {}
    for kind, by_object in acts.items():
        resolver = _resolvers.get(kind)
        pairs = resolver(by_object.keys()) if resolver else ((pk, pk) for pk in by_object)
        for acted_on, profile_id in pairs:
            for actor, last in by_object[acted_on]:
                key = (actor, profile_id)
                found[key] = max(last, found.get(key, last))
    return found


def _acts(people: Collection[int], now: datetime) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        actor__in=people, outcome=AuditEvent.Outcome.DONE, at__gt=now - LOOKED_BACK
    ).order_by()


def is_unused(*, last_used_at: datetime | None, granted_at: datetime, now: datetime) -> bool:
    """Say whether a right has been there for 90 days, and nothing was done with it for as long."""
    since = max(last_used_at or granted_at, granted_at)
    return now - since >= UNUSED_AFTER
