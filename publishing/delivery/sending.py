"""One publication goes out: transaction A, the network without a transaction, transaction B."""

from __future__ import annotations

from datetime import datetime

from permissions.locks import hold_access
from publishing.delivery import timings
from publishing.delivery.checks import is_too_late, is_waiting, reason_to_hold
from publishing.delivery.outages import end_probe
from publishing.delivery.outcomes import hold, settle
from publishing.delivery.requests import (
    PREPARE,
    PUBLISH,
    Call,
    Outcome,
    call_about,
    credentials_for,
    must_prepare,
    no_transaction,
)
from publishing.models import HoldReason, Publication, PublishAttempt, State
from publishing.states import move
from social_accounts import connections
from social_accounts.networks.base import (
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Prepare,
    Prepared,
    Preparing,
    Processing,
    Published,
)
from social_accounts.networks.words import _
from tenancy.context import organization_open


def deliver(*, organization_id: int, publication_id: int) -> bool:
    """Bring a claimed publication one step on and write down what became of it. May be repeated.

    Returns whether the next step follows at once: a file was uploaded, or a part of it.
    """
    call = begin(organization_id=organization_id, publication_id=publication_id, now=connections.clock())
    if call is None:
        end_probe(publication_id)
        return False
    outcome = prepare(call) if call.is_preparing else send(call)
    settle(call, outcome)
    return isinstance(outcome, Prepared) or (isinstance(outcome, Preparing) and outcome.next_at is None)


def begin(*, organization_id: int, publication_id: int, now: datetime) -> Call | None:
    """Transaction A: look again at everything and write the attempt. None when there is nothing to send.

    Rights stand still until it ends, so no attempt begins after a revoke returned.
    """
    with organization_open(organization_id):
        hold_access(organization_id)
        publication = locked(publication_id)
        if publication is None or publication.state != State.PUBLISHING or is_at_work(publication):
            return None  # not ours any more: a message that came late, or twice
        publication.post.keep_files()
        if is_waiting(publication, now):
            move(publication, State.SCHEDULED, certainly_not_sent=True)
            return None
        reason = reason_to_hold(publication, now)
        if reason is None and is_too_late(publication, now):
            reason = HoldReason.TOO_LATE
        if reason is not None:
            hold(publication, reason, now=now)
            return None
        if must_prepare(publication):
            return call_about(publication, now=now, attempt=preparing_attempt(publication, now=now))
        if is_fresh_start(publication):
            publication.first_sent_at = now
        attempt = new_attempt(publication, kind=PUBLISH, now=now)
        return call_about(publication, now=now, attempt=attempt)


def prepare(call: Call) -> Prepared | Preparing | NetworkError:
    """Do the next step of what must be there before the post. Nothing public comes of it, whatever goes wrong."""
    with no_transaction():
        try:
            adapter = connections.adapter(call.network)
            assert isinstance(adapter, Prepare), call.network
            return adapter.prepare(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials_for(call, connections.clock()),
                request=call.request,
            )
        except NetworkError as error:
            return error
        except Exception:
            settle(call, NotSent(_("Chorus had a fault of its own before it sent anything.")))
            raise


def send(call: Call) -> Published | Processing | NetworkError:
    """Hand the post to the network once and return its answer or its error."""
    with no_transaction():
        try:
            credentials = credentials_for(call, connections.clock())
            if connections.clock() - call.started_at > timings.seconds(timings.SEND_WITHIN_SECONDS):
                raise NotSent(_("Chorus was too slow to send it in time and called it off."))
        except NetworkError as error:
            return error
        except Exception:
            settle(call, NotSent(_("Chorus had a fault of its own before it sent anything.")))
            raise
        try:
            return connections.adapter(call.network).publish(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials,
                request=call.request,
            )
        except NetworkError as error:
            return error
        except Exception:
            settle(call, OutcomeUnknown(_("Chorus had a fault of its own while it sent the post.")))
            raise


def locked(publication_id: int) -> Publication | None:
    """Return the row, locked, with what delivery reads of its neighbors; None when it is gone."""
    return (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post__author", "vouched_by")
        .filter(pk=publication_id)
        .first()
    )


def is_at_work(publication: Publication) -> bool:
    """Say whether an attempt stands that may be talking to the network right now."""
    return publication.attempt_count > 0 and publication.attempts.filter(outcome=Outcome.SENDING).exists()


def a_twin_is_at_work(publication: Publication) -> bool:
    """Say whether the same content is on its way for the same profile: its post must not be taken for this one's."""
    return (
        Publication.objects.filter(
            profile=publication.profile_id,
            sealed_digest=publication.sealed_digest,
            state__in=[State.PUBLISHING, State.PROCESSING],
        )
        .exclude(pk=publication.pk)
        .exists()
    )


def preparing_attempt(publication: Publication, *, now: datetime) -> PublishAttempt:
    """Return the attempt the next step of an upload belongs to: the one that stands, or a new one."""
    attempt = publication.attempts.order_by("-number").first()
    if attempt is None or (attempt.kind, attempt.outcome) != (PREPARE, Outcome.PREPARED):
        return new_attempt(publication, kind=PREPARE, now=now)
    attempt.outcome, attempt.step_at, attempt.finished_at = Outcome.SENDING, now, None
    attempt.save(update_fields=["outcome", "step_at", "finished_at"])
    return attempt


def new_attempt(
    publication: Publication,
    *,
    kind: str,
    now: datetime,
    outcome: Outcome = Outcome.SENDING,
    detail: str = "",
) -> PublishAttempt:
    """Write the next attempt of a locked publication."""
    publication.attempt_count += 1
    Publication.objects.filter(pk=publication.pk).update(
        attempt_count=publication.attempt_count, first_sent_at=publication.first_sent_at
    )
    return PublishAttempt.objects.create(
        publication=publication,
        number=publication.attempt_count,
        kind=kind,
        started_at=now,
        finished_at=None if outcome is Outcome.SENDING else now,
        outcome=outcome,
        detail=detail,
        content_digest=publication.sealed_digest,
    )


def is_fresh_start(publication: Publication) -> bool:
    """Say whether ``first_sent_at`` is to be set: at the first attempt, and after a refusal.

    Otherwise it is fixed, because adapters make the key from it under which a repeat is harmless. A post refused
    last week and mended today is a new post; one whose answer was ever lost keeps its key.
    """
    if publication.first_sent_at is None:
        return True
    outcomes = publication.attempts.filter(kind=PUBLISH).order_by("-number").values_list("outcome", flat=True)
    last = outcomes.first()
    return last == Outcome.REJECTED and Outcome.UNKNOWN not in set(outcomes)
