"""Asking the network again: what it still works on (poll), and whether it has what nobody knows of (read back).

Also the end of attempts whose worker died.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from permissions.locks import hold_access
from publishing.delivery import timings
from publishing.delivery.checks import is_waiting, reason_to_hold
from publishing.delivery.claiming import Due
from publishing.delivery.outages import end_probe, note_publication
from publishing.delivery.outcomes import (
    adopt,
    ask_a_person,
    finish,
    note_not_found,
    settle,
    unconfirm,
    wait,
)
from publishing.delivery.repeating import repeat
from publishing.delivery.requests import (
    POLL,
    PREPARE,
    READ_BACK,
    Call,
    Outcome,
    call_about,
    credentials_for,
    lost_since,
    no_transaction,
)
from publishing.delivery.sending import a_twin_is_at_work, is_at_work, locked, new_attempt
from publishing.models import Publication, PublishAttempt, State
from publishing.states import move
from social_accounts import connections, vault
from social_accounts.networks.base import (
    CredentialsExpired,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Processing,
    Published,
    RateLimited,
)
from social_accounts.networks.words import _
from tenancy.context import organization_open, unscoped

ROWS_PER_LOOK = 100


def lease_to_poll(*, now: datetime) -> list[Due]:
    """Return publications whose network should be asked whether it is done; none of them again before the lease."""
    # Unscoped: finds rows of every organization; each is worked on in its own.
    with unscoped():
        return _leased(Publication.objects.to_poll(now).server_answers(), now)


def lease_to_read_back(*, now: datetime) -> list[Due]:
    """Return publications to look for at their network; none of them again before the lease."""
    # Unscoped: finds rows of every organization; each is worked on in its own.
    with unscoped():
        return _leased(Publication.objects.to_read_back(now).server_answers(), now)


def _leased(rows: QuerySet[Publication], now: datetime) -> list[Due]:
    found = list(rows.select_for_update(skip_locked=True).order_by("not_before")[:ROWS_PER_LOOK])
    for publication in found:
        wait(publication, now + timings.seconds(timings.ASK_LEASE_SECONDS))
    return [Due(publication.organization_id, publication.pk) for publication in found]


# --- reading back -------------------------------------------------------------------------------------------------


def read_back(*, organization_id: int, publication_id: int) -> None:
    """Look once for a post whose answer was lost, and send it again where that is harmless. May be repeated."""
    now = connections.clock()
    with organization_open(organization_id):
        publication = locked(publication_id)
        if publication is None or publication.state != State.UNCONFIRMED or publication.needs_answer:
            end_probe(publication_id)
            return
        if not Publication.objects.filter(pk=publication_id).server_answers().exists():
            return  # the lease brings it back
        if is_at_work(publication) or a_twin_is_at_work(publication):
            wait(publication, now + timings.seconds(timings.READ_BACK_FAILED_WAIT_SECONDS))
            end_probe(publication_id)
            return
        call = call_about(publication, now=now)
    found = _look(call)
    if found is None and repeat(call, looked_at=now):
        return
    with organization_open(organization_id):
        publication = locked(publication_id)
        if publication is None:
            return
        # A look is rare: what is known of its server is asked again rather than carried along.
        is_down = note_publication(publication, found, server_fails=True, now=connections.clock())
        if publication.state == State.UNCONFIRMED and not is_at_work(publication):
            _note_look(publication, found, started_at=now, now=connections.clock(), is_down=is_down)


def _look(call: Call) -> Published | NetworkError | None:
    with no_transaction():
        try:
            return connections.adapter(call.network).read_back(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials_for(call, connections.clock()),
                request=call.request,
            )
        except NetworkError as error:
            return error


def _note_look(
    publication: Publication,
    found: Published | NetworkError | None,
    *,
    started_at: datetime,
    now: datetime,
    is_down: bool,
) -> None:
    if isinstance(found, Published):
        went_out = lost_since(publication) or publication.first_sent_at or now
        if adopt(publication, found, published_at=went_out, now=now):
            attempt = new_attempt(publication, kind=READ_BACK, now=started_at)
            finish(attempt, Outcome.PUBLISHED, now)
            return
        found = None  # it belongs to a publication that was faster
    if found is None:
        attempt = new_attempt(publication, kind=READ_BACK, now=started_at)
        finish(attempt, Outcome.NOT_FOUND, now)
        note_not_found(publication, now)
        return
    attempt = new_attempt(publication, kind=READ_BACK, now=started_at)
    if is_down:
        finish(attempt, Outcome.UNREACHABLE, now, found)
        wait(publication, now)  # until its server answers: nobody could look there now
        return
    finish(attempt, Outcome.NOT_SENT, now, found)
    if isinstance(found, CredentialsExpired):
        vault.mark_needs_reconnect(
            organization_id=publication.organization_id,
            profile_id=publication.profile_id,
            detail=found,
            now=now,
        )
    _could_not_look(publication, found, now)


def _could_not_look(publication: Publication, error: NetworkError, now: datetime) -> None:
    since = lost_since(publication) or publication.first_sent_at or now
    if now - since > timings.seconds(timings.READ_BACK_GIVE_UP_SECONDS):
        ask_a_person(publication, count=publication.read_back_count)
        return
    again = now + timings.with_jitter(timings.READ_BACK_FAILED_WAIT_SECONDS)
    if isinstance(error, RateLimited):
        latest = now + timings.seconds(timings.READ_BACK_GIVE_UP_SECONDS)
        again = max(again, min(error.retry_at, latest))
    wait(publication, again)


# --- polling ------------------------------------------------------------------------------------------------------


def poll(*, organization_id: int, publication_id: int) -> None:
    """Ask once whether the network is done. Some create the post in that very call, so it counts as an attempt."""
    call = _begin_poll(
        organization_id=organization_id, publication_id=publication_id, now=connections.clock()
    )
    if call is None:
        end_probe(publication_id)
        return
    settle(call, _ask(call))


def _begin_poll(*, organization_id: int, publication_id: int, now: datetime) -> Call | None:
    with organization_open(organization_id):
        hold_access(organization_id)
        publication = locked(publication_id)
        if publication is None or publication.state != State.PROCESSING or is_at_work(publication):
            return None
        if is_waiting(publication, now):
            return None  # the lease brings it back
        if reason_to_hold(publication, now) is not None:
            # It must not be finished any more, and whether it comes out by itself is the network's secret.
            error = OutcomeUnknown(_("Nobody vouches for it any more, so Chorus stopped asking for it."))
            unconfirm(publication, error, now=now)
            return None
        attempt = new_attempt(publication, kind=POLL, now=now)
        return call_about(publication, now=now, attempt=attempt)


def _ask(call: Call) -> Published | Processing | NetworkError:
    with no_transaction():
        try:
            return connections.adapter(call.network).poll(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials_for(call, connections.clock()),
                request=call.request,
                poll_token=call.poll_token,
            )
        except NetworkError as error:
            return error
        except Exception:
            settle(call, OutcomeUnknown(_("Chorus had a fault of its own while it sent the post.")))
            raise


# --- attempts without an end ------------------------------------------------------------------------------------------


def reap(*, now: datetime) -> int:
    """Turn publications whose worker died in an attempt into unconfirmed ones; return how many."""
    since = now - timings.seconds(timings.ATTEMPT_AGE_SECONDS)
    # Unscoped: workers die with attempts of every organization in their hands.
    with unscoped():
        stale = list(
            PublishAttempt.objects.filter(outcome=Outcome.SENDING, started_at__lt=since)
            .filter(Q(step_at=None) | Q(step_at__lt=since))
            .order_by("started_at")[:ROWS_PER_LOOK]
        )
    count = 0
    for attempt in stale:
        with organization_open(attempt.organization_id):
            publication = locked(attempt.publication_id)
            fresh = PublishAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.SENDING).first()
            if publication is None or fresh is None:
                continue  # its worker was only slow
            if fresh.kind == PREPARE:
                _put_back_upload(publication, fresh, now)
                continue
            end_probe(publication.pk)
            lost = OutcomeUnknown(_("Chorus was interrupted while it sent the post."))
            finish(fresh, Outcome.UNKNOWN, now, lost)
            if publication.state in (State.PUBLISHING, State.PROCESSING):
                unconfirm(publication, lost, now=now)
                count += 1
    return count


def _put_back_upload(publication: Publication, attempt: PublishAttempt, now: datetime) -> None:
    """Let an upload whose worker died go on where it was: nothing of the post was sent yet."""
    finish(attempt, Outcome.NOT_SENT, now, NotSent(_("Chorus was interrupted while it uploaded a file.")))
    end_probe(publication.pk)
    if publication.state == State.PUBLISHING:
        move(publication, State.SCHEDULED, certainly_not_sent=True)
