"""What a call says about its server: counting failures, opening, letting one through, closing."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from typing import Final

from social_accounts.networks.base import NetworkError, NotSent, OutcomeUnknown, Trouble
from social_accounts.outages.models import ServerOutage
from social_accounts.sentences import kept

# So many failures in a row open it, where they are of several profiles or there was no connection at all ...
OPEN_AFTER: Final = 3
# ... and so many of one profile alone: it might be something about this very post.
OPEN_AFTER_OF_ONE: Final = 5
# Failures further apart than this are not in a row.
ROW_GAP: Final = timedelta(minutes=20)
FIRST_WAIT_SECONDS: Final = float(os.environ.get("CHORUS_OUTAGE_FIRST_WAIT_SECONDS", "60"))
WAIT_MAX_SECONDS: Final = float(os.environ.get("CHORUS_OUTAGE_WAIT_MAX_SECONDS", "900"))
# Nobody takes the place of a probe earlier: until then its worker may be talking.
PROBE_SECONDS: Final = float(os.environ.get("CHORUS_ATTEMPT_AGE_SECONDS", "900"))
# An outage that begins again this soon is the same one: nobody is told a second time.
SAME_OUTAGE: Final = timedelta(hours=1)


def says_nothing(outcome: object) -> bool:
    """Say whether a call's end tells nothing about its server: the fault was ours, or nobody knows."""
    return isinstance(outcome, NotSent | OutcomeUnknown) and outcome.trouble is None


def trouble_of(outcome: object) -> Trouble | None:
    return outcome.trouble if isinstance(outcome, NetworkError) else None


def note_trouble(
    *, network: str, server: str, profile_id: int, error: NetworkError, is_probe: bool, now: datetime
) -> bool:
    """Count a failure that the server is to blame for; return whether it is left alone from now on.

    Inside the caller's transaction. Those under way when it opened change nothing any more; the probe's failure opens
    it for longer.
    """
    ServerOutage.objects.get_or_create(network=network, server=server)
    row: ServerOutage = ServerOutage.objects.select_for_update().get(network=network, server=server)
    if row.is_open:
        if is_probe:
            _open(row, now)
            row.detail = kept(error)
            row.save()
        return True
    if row.failed_at is None or now - row.failed_at > ROW_GAP:
        row.failures = 0
    if row.failures == 0:
        row.since, row.profile_id, row.is_of_several, row.is_unreachable = now, profile_id, False, True
    row.failures += 1
    row.failed_at, row.detail = now, kept(error)
    row.is_of_several |= row.profile_id != profile_id
    row.is_unreachable &= error.trouble is Trouble.UNREACHABLE
    enough = OPEN_AFTER if row.is_of_several or row.is_unreachable else OPEN_AFTER_OF_ONE
    if row.failures >= enough:
        if row.closed_at is None or now - row.closed_at > SAME_OUTAGE:
            row.told_as = now
        row.openings = 0
        _open(row, now)
    row.save()
    return row.is_open


def _open(row: ServerOutage, now: datetime) -> None:
    wait = min(WAIT_MAX_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(row.openings, 20))
    row.opened_at = row.opened_at or now
    row.openings += 1
    row.try_at = now + timedelta(seconds=wait * random.uniform(1.0, 1.1))  # noqa: S311 - no secret
    row.probe_publication = row.probe_follow_up = row.probe_until = None


def note_answer(*, network: str, server: str, now: datetime) -> None:
    """Note that the server answers, whatever it said: calls go on. Inside the caller's transaction."""
    ServerOutage.objects.filter(network=network, server=server).noted().update(
        failures=0,
        since=None,
        opened_at=None,
        openings=0,
        try_at=None,
        probe_publication=None,
        probe_follow_up=None,
        probe_until=None,
        closed_at=now,
        detail="",
    )


def let_through(
    row: ServerOutage, *, now: datetime, publication: int | None = None, follow_up: int | None = None
) -> None:
    """Name the one call that may ask a locked server that is half open."""
    row.probe_publication, row.probe_follow_up = publication, follow_up
    row.probe_until = now + timedelta(seconds=PROBE_SECONDS)
    row.save(update_fields=["probe_publication", "probe_follow_up", "probe_until"])


def forget(row: ServerOutage, *, now: datetime) -> None:
    """Stop leaving a server alone that nothing waits for: no call would find out when it answers again."""
    note_answer(network=row.network, server=row.server, now=now)
