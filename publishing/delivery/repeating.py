"""Sending a post again that was looked for in vain, where the network itself makes one post of both requests.

The row stays UNCONFIRMED the whole time: whatever becomes of the repeat, the post goes on being looked for, and no
way leads back to the queue. Who may not send a post any more does not repeat it either.
"""

from __future__ import annotations

from datetime import datetime

from permissions.locks import hold_access
from publishing.delivery import timings
from publishing.delivery.checks import is_too_late, is_waiting, reason_to_hold
from publishing.delivery.outcomes import finish, settle
from publishing.delivery.requests import (
    READ_BACK,
    REPEAT,
    Call,
    Outcome,
    call_about,
    credentials_for,
    no_transaction,
)
from publishing.delivery.sending import a_twin_is_at_work, is_at_work, locked, new_attempt, send
from publishing.models import State
from social_accounts import connections
from social_accounts.networks.base import NetworkError, Repeat
from tenancy.context import organization_open


def repeat(look: Call, *, looked_at: datetime) -> bool:
    """Send the post of this look again. False where that might make two of it, or must not be done (any more)."""
    if look.is_first_look or _is_over(look) or not _is_harmless(look):
        return False
    call = _begin(look, looked_at=looked_at, now=connections.clock())
    if call is None:
        return False
    settle(call, send(call))
    return True


def _is_over(look: Call) -> bool:
    """Say whether it was tried for so long that a person should know."""
    began = look.request.sent_at or look.request.created_at
    return look.started_at - began > timings.seconds(timings.READ_BACK_GIVE_UP_SECONDS)


def _is_harmless(look: Call) -> bool:
    with no_transaction():
        adapter = connections.adapter(look.network)
        if not isinstance(adapter, Repeat):
            return False
        try:
            credentials = credentials_for(look, connections.clock())
        except NetworkError:
            return False
        return adapter.is_harmless_to_repeat(
            http=connections.http(), clock=connections.clock, credentials=credentials, request=look.request
        )


def _begin(look: Call, *, looked_at: datetime, now: datetime) -> Call | None:
    """Write the look that was in vain and the attempt that follows it, as ``sending.begin`` does for the first one."""
    with organization_open(look.organization_id):
        hold_access(look.organization_id)
        publication = locked(look.publication_id)
        if publication is None or publication.state != State.UNCONFIRMED or publication.needs_answer:
            return None
        if is_at_work(publication) or a_twin_is_at_work(publication):
            return None
        publication.post.keep_files()
        if is_waiting(publication, now) or reason_to_hold(publication, now) or is_too_late(publication, now):
            return None
        finish(new_attempt(publication, kind=READ_BACK, now=looked_at), Outcome.NOT_FOUND, now)
        attempt = new_attempt(publication, kind=REPEAT, now=now)
        return call_about(publication, now=now, attempt=attempt)
