"""Asking the networks for numbers: find what is due, ask for each profile at once, write down what they said.

Nothing is held in memory or in a message: a row says when its post is to be asked about next. A message that is lost
leaves a lease that ends; one that comes twice finds nothing due. Where one profile's connection is dead, or the network
asks it to wait, the rows of other profiles go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, Q

from publishing.delivery.follow_outcomes import note_gone
from publishing.delivery.requests import no_transaction
from publishing.models import Publication, State
from reporting.frequency import ENDS_AFTER, FIRST_AFTER, after_failure, next_slot
from reporting.models import MetricPoint, Pull
from social_accounts import connections, vault
from social_accounts.models import SocialProfile
from social_accounts.networks import base
from social_accounts.networks.base import LimitLevel, NetworkError, Presence, RateLimited
from tenancy.context import organization_open, unscoped

ROWS_PER_LOOK: Final = 500
POSTS_PER_TASK: Final = 50
NEW_PER_LOOK: Final = 500
LEASE: Final = timedelta(minutes=10)
GONE_AFTER_LOOKS: Final = 2  # a server that has a bad hour also says "not found"


class DueProfile(NamedTuple):
    """A profile some task shall ask about."""

    organization_id: int
    profile_id: int


def plan_new(*, now: datetime) -> int:
    """Give every post that went out lately its row; return how many got one."""
    # Unscoped: posts of every organization go out.
    with unscoped(), transaction.atomic():
        fresh = (
            Publication.objects.filter(
                state=State.PUBLISHED, published_at__gt=now - ENDS_AFTER, gone_at=None, pull__isnull=True
            )
            .exclude(remote_id="")
            .order_by("published_at")[:NEW_PER_LOOK]
        )
        rows = [
            Pull(
                organization_id=publication.organization_id,
                publication=publication,
                next_at=max(now, (publication.published_at or now) + FIRST_AFTER),
            )
            for publication in fresh
        ]
        Pull.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def lease_due(*, now: datetime) -> list[DueProfile]:
    """Return the profiles whose posts are to be asked about; none of these posts again before the lease ends."""
    # Unscoped: finds rows of every organization; each is worked on in its own.
    with unscoped(), transaction.atomic():
        found = list(
            Pull.objects.due(now)
            .may_go(now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_at")
            .values_list("pk", "organization_id", "publication__profile_id")[:ROWS_PER_LOOK]
        )
        by_profile: dict[DueProfile, list[int]] = defaultdict(list)
        for pk, organization_id, profile_id in found:
            by_profile[DueProfile(organization_id, profile_id)].append(pk)
        taken = [pk for rows in by_profile.values() for pk in rows[:POSTS_PER_TASK]]
        Pull.objects.filter(pk__in=taken).update(leased_until=now + LEASE)
    return list(by_profile)


def collect(*, organization_id: int, profile_id: int) -> int:
    """Ask once for the numbers of a profile's leased posts; return how many posts were measured. May be repeated."""
    now = connections.clock()
    with organization_open(organization_id):
        profile = SocialProfile.objects.filter(pk=profile_id).first()
        pulls = list(
            Pull.objects.filter(publication__profile=profile_id, leased_until__gt=now, next_at__lte=now)
            .filter(ended_at=None)
            .select_related("publication")
            .order_by("next_at")[:POSTS_PER_TASK]
        )
    if profile is None or not pulls:
        return 0
    wanted = [pull.publication.remote_id for pull in pulls]
    answer = _ask(profile, wanted, now)
    with organization_open(organization_id):
        if isinstance(answer, NetworkError):
            _note_failure(profile, pulls, answer, connections.clock())
            return 0
        points, gone = answer
        record_points(pulls, points, gone, now=connections.clock())
    return len(pulls)


def _ask(
    profile: SocialProfile, wanted: Sequence[str], now: datetime
) -> tuple[Mapping[str, Mapping[str, int | None]], frozenset[str]] | NetworkError:
    """Return the numbers by post and name, and the posts that are not there."""
    account = connections.account_of(profile)
    with no_transaction():
        try:
            credentials = vault.fresh_credentials(
                organization_id=profile.organization_id, profile_id=profile.pk, now=now
            )
            adapter = connections.adapter(profile.network)
            found = adapter.measure(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials,
                account=account,
                remote_ids=wanted,
            )
            values = _by_post(found)
            silent = [one for one in wanted if not any(v is not None for v in values.get(one, {}).values())]
            gone = set()
            if isinstance(adapter, Presence):
                for remote_id in silent:
                    is_there = adapter.is_there(
                        http=connections.http(),
                        clock=connections.clock,
                        credentials=credentials,
                        account=account,
                        remote_id=remote_id,
                    )
                    if is_there is False:
                        gone.add(remote_id)
            return values, frozenset(gone)
        except NetworkError as error:
            return error


def _by_post(points: Iterable[base.MetricPoint]) -> dict[str, dict[str, int | None]]:
    values: dict[str, dict[str, int | None]] = defaultdict(dict)
    for point in points:
        values[point.remote_id][point.metric] = point.value
    return values


def record_points(
    pulls: Sequence[Pull],
    values: Mapping[str, Mapping[str, int | None]],
    gone: frozenset[str],
    *,
    now: datetime,
) -> None:
    """Write the numbers down and say when to ask again. The same slot again replaces what was said, never adds."""
    rows = [
        MetricPoint(
            organization_id=pull.organization_id,
            publication_id=pull.publication_id,
            metric=metric,
            slot=pull.next_at,
            value=value,
            measured_at=now,
        )
        for pull in pulls
        if pull.publication.remote_id not in gone
        for metric, value in values.get(pull.publication.remote_id, {}).items()
    ]
    MetricPoint.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["publication", "metric", "slot"],
        update_fields=["value", "measured_at"],
    )
    for pull in pulls:
        _go_on(pull, is_gone=pull.publication.remote_id in gone, now=now)


def _go_on(pull: Pull, *, is_gone: bool, now: datetime) -> None:
    publication = pull.publication
    missing = pull.missing_count + 1 if is_gone else 0
    following = next_slot(publication.published_at or publication.created_at, now)
    is_over = following is None or missing >= GONE_AFTER_LOOKS or publication.gone_at is not None
    if missing >= GONE_AFTER_LOOKS:
        note_gone(publication, now=now)
    # The slot it was read with: a second worker with the same lease changes nothing.
    Pull.objects.filter(pk=pull.pk, next_at=pull.next_at).update(
        next_at=following or pull.next_at,
        leased_until=None,
        last_at=now,
        failure_count=0,
        missing_count=missing,
        ended_at=now if is_over else None,
    )


def _note_failure(profile: SocialProfile, pulls: Sequence[Pull], error: NetworkError, now: datetime) -> None:
    """Ask again later: for these posts alone, or where the network asks for silence, for all it concerns.

    Reading has limits of its own at most networks, so publishing is not held back by them; nor does a right that only
    measuring lacks make a profile one to reconnect: its health check finds out when the connection is dead.
    """
    if isinstance(error, RateLimited):
        _wait_until(profile, error)
    for pull in pulls:
        again = after_failure(now, pull.failure_count + 1)
        Pull.objects.filter(pk=pull.pk, next_at=pull.next_at).update(
            failure_count=F("failure_count") + 1, next_at=again, leased_until=None
        )


def _wait_until(profile: SocialProfile, error: RateLimited) -> None:
    waiting = Q(publication__profile=profile)
    if error.level is LimitLevel.APPLICATION:
        waiting = Q(
            publication__profile__network=profile.network, publication__profile__server=profile.server
        )
    # Unscoped: a limit of our application silences the profiles of every organization on that server.
    with unscoped():
        silenced = Pull.objects.filter(waiting, ended_at=None, next_at__lt=error.retry_at)
        silenced.update(next_at=error.retry_at, leased_until=None)
