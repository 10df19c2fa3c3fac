"""Transaction B of what follows a post: what the network answered becomes the state of the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from audit.services import record_event
from publishing.delivery import timings
from publishing.delivery.notifying import tell_of_follow_up
from publishing.delivery.outages import note_follow_up
from publishing.delivery.outcomes import REMOTE_ID_MAX, patiently, remember_limit, safe_link
from publishing.models import FOLLOW_UP_TRANSITIONS, FollowUp, FollowUpAttempt, FollowUpState, Publication
from social_accounts import connections
from social_accounts.networks.base import (
    CredentialsExpired,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.words import _
from social_accounts.sentences import kept
from tenancy.context import organization_open

if TYPE_CHECKING:
    from publishing.delivery.following import FollowCall

Outcome = FollowUpAttempt.Outcome


@dataclass(frozen=True)
class Removed:
    """The network does not show the post any more."""


Answer = Published | Removed | NetworkError


class FollowUpChanged(Exception):
    """Somebody else was faster: the row is no longer as it was read."""


def move_follow_up(row: FollowUp, to: FollowUpState, **changes: Any) -> None:
    """Bring the row from the state it was read in to another. Raises FollowUpChanged when it is no longer in it."""
    before = FollowUpState(row.state)
    if to not in FOLLOW_UP_TRANSITIONS[before]:
        raise ValueError(f"{before} leads nowhere near {to}")
    values: dict[str, Any] = {"state": to, **changes}
    if FollowUp.objects.filter(pk=row.pk, state=before).update(**values) != 1:
        raise FollowUpChanged(f"follow-up {row.pk} is no longer {before}")
    for name, value in values.items():
        setattr(row, name, value)


def finish_attempt(
    attempt: FollowUpAttempt,
    outcome: FollowUpAttempt.Outcome,
    now: datetime,
    error: NetworkError | None = None,
) -> None:
    attempt.outcome, attempt.finished_at, attempt.detail = outcome, now, kept(error) if error else ""
    attempt.save(update_fields=["outcome", "finished_at", "detail"])


def settle_follow_up(call: FollowCall, answer: Answer) -> None:
    """Write down what became of a call. May be repeated."""
    patiently(lambda: _settle(call, answer, now=connections.clock()))


def _settle(call: FollowCall, answer: Answer, *, now: datetime) -> None:
    with organization_open(call.organization_id):
        row = (
            FollowUp.objects.select_for_update(of=("self",))
            .select_related("publication__profile", "publication__post__author", "asked_by")
            .filter(pk=call.follow_up_id)
            .first()
        )
        if row is None:
            return  # deleted meanwhile, with its attempts
        assert call.attempt_id is not None, "only an attempt has an outcome"
        attempt = FollowUpAttempt.objects.get(pk=call.attempt_id)
        is_down = note_follow_up(row, answer, server_fails=call.server_fails, now=now)
        if attempt.outcome == Outcome.SENDING and row.state == FollowUpState.SENDING:
            _write(row, attempt, answer, now, is_down=is_down)
        elif isinstance(answer, Published) and row.state in (FollowUpState.UNCONFIRMED, FollowUpState.FAILED):
            # A worker that was given up for lost: the comment is there.
            finish_attempt(attempt, Outcome.DONE, now)
            _done(row, answer, now)


def _write(row: FollowUp, attempt: FollowUpAttempt, answer: Answer, now: datetime, *, is_down: bool) -> None:
    is_comment = row.kind == FollowUp.Kind.COMMENT
    match answer:
        case Published() | Removed():
            finish_attempt(attempt, Outcome.DONE, now)
            _done(row, answer, now)
        case Rejected(reason=RejectionReason.DUPLICATE) if is_comment and _was_lost(row):
            # "You said that already": in an attempt whose answer was lost. Look for it.
            finish_attempt(attempt, Outcome.REJECTED, now, answer)
            unconfirm_comment(row, answer, now=now)
        case Rejected():
            finish_attempt(attempt, Outcome.REJECTED, now, answer)
            if answer.reason is RejectionReason.NOT_FOUND and row.kind == FollowUp.Kind.EDIT:
                note_gone(row.publication, now=now)
            fail(row, answer, now=now)
        case RateLimited():
            finish_attempt(attempt, Outcome.RATE_LIMITED, now, answer)
            earliest = now + timings.seconds(timings.RATE_LIMIT_WAIT_MIN_SECONDS)
            latest = now + timings.seconds(timings.RATE_LIMIT_WAIT_MAX_SECONDS)
            until = min(max(answer.retry_at, earliest), latest)
            remember_limit(row.publication, answer.level, until)
            move_follow_up(row, FollowUpState.PENDING, not_before=until, detail=kept(answer))
        case CredentialsExpired():
            # Posts go out with these credentials; what they lack is the right to do this. The queue is not held.
            finish_attempt(attempt, Outcome.RECONNECT, now, answer)
            fail(row, answer, now=now)
        case OutcomeUnknown() if is_comment:
            finish_attempt(attempt, Outcome.UNKNOWN, now, answer)
            unconfirm_comment(row, answer, now=now)
        case NotSent() | OutcomeUnknown() if is_down:
            # It was no try of this: the server is to blame, and it waits until that answers.
            finish_attempt(attempt, Outcome.UNREACHABLE, now, answer)
            move_follow_up(row, FollowUpState.PENDING, not_before=None, detail="")
        case NotSent() | OutcomeUnknown():
            _not_sent(row, attempt, answer, now)
        case _:
            raise TypeError(f"an adapter answered with {type(answer).__name__}")


def _not_sent(row: FollowUp, attempt: FollowUpAttempt, answer: NetworkError, now: datetime) -> None:
    failures = row.attempts.filter(outcome=Outcome.NOT_SENT).count()
    finish_attempt(attempt, Outcome.NOT_SENT, now, answer)
    if failures + 1 >= timings.NOT_SENT_TRIES:
        fail(row, answer, now=now)
        return
    wait = timings.doubling(timings.NOT_SENT_FIRST_WAIT_SECONDS, timings.NOT_SENT_WAIT_MAX_SECONDS, failures)
    move_follow_up(row, FollowUpState.PENDING, not_before=now + wait, detail=kept(answer))


def _done(row: FollowUp, answer: Published | Removed, now: datetime) -> None:
    changes: dict[str, Any] = {}
    if isinstance(answer, Published):
        changes = {"remote_id": answer.remote_id[:REMOTE_ID_MAX], "permalink": safe_link(answer.permalink)}
    if row.kind == FollowUp.Kind.EDIT:
        changes.pop("remote_id", None)  # the post keeps its own
    move_follow_up(row, FollowUpState.DONE, done_at=now, not_before=None, detail="", **changes)
    if isinstance(answer, Removed):
        note_gone(row.publication, now=now)
    _record(row, now)


def fail(row: FollowUp, error: str | NetworkError, *, now: datetime) -> None:
    """End it with the network's own words, and tell who asked for it."""
    move_follow_up(row, FollowUpState.FAILED, not_before=None, detail=kept(error))
    _record(row, now, reason=str(error))
    tell_of_follow_up(row)


def unconfirm_comment(row: FollowUp, error: NetworkError, *, now: datetime) -> None:
    """Note that nobody knows whether the comment is there, and when to look for it."""
    first_look = now + timings.seconds(timings.READ_BACK_WAITS_SECONDS[0])
    move_follow_up(row, FollowUpState.UNCONFIRMED, not_before=first_look, look_count=0, detail=kept(error))


def settle_look(
    row: FollowUp,
    attempt: FollowUpAttempt,
    found: Published | NetworkError | None,
    *,
    now: datetime,
    is_down: bool = False,
) -> None:
    """Write down what a look for a comment found."""
    waits = timings.READ_BACK_WAITS_SECONDS
    if isinstance(found, Published):
        finish_attempt(attempt, Outcome.DONE, now)
        _done(row, found, now)
        return
    if found is None:
        finish_attempt(attempt, Outcome.NOT_FOUND, now)
        row.look_count += 1
        if row.look_count >= len(waits):
            _give_up(row, now)
            return
        again = now + timings.seconds(waits[row.look_count])
    elif is_down:
        finish_attempt(attempt, Outcome.UNREACHABLE, now, found)
        again = now  # as soon as its server answers
    else:
        finish_attempt(attempt, Outcome.NOT_SENT, now, found)
        begun = row.first_sent_at or row.created_at
        is_hopeless = isinstance(found, (OutcomeUnknown, Rejected, CredentialsExpired))
        if is_hopeless or now - begun > timings.seconds(timings.READ_BACK_GIVE_UP_SECONDS):
            _give_up(row, now)
            return
        again = now + timings.with_jitter(timings.READ_BACK_FAILED_WAIT_SECONDS)
    FollowUp.objects.filter(pk=row.pk).update(not_before=again, look_count=row.look_count)


def _give_up(row: FollowUp, now: datetime) -> None:
    fail(
        row,
        _(
            "The network gave no clear answer and the comment was not found. Look at the post before you say it "
            "again: Chorus says nothing twice by itself."
        ),
        now=now,
    )


def note_gone(publication: Publication, *, now: datetime) -> bool:
    """Note that the network does not show the post any more, and cancel what still waited to be done with it.

    Returns whether that is news.
    """
    is_news = Publication.objects.filter(pk=publication.pk, gone_at=None).update(gone_at=now) == 1
    waiting = FollowUp.objects.filter(publication=publication, state=FollowUpState.PENDING)
    waiting.update(state=FollowUpState.CANCELED, not_before=None)
    if is_news:
        publication.gone_at = now
        record_event(actor=None, action="publication.gone", obj=publication, at=now)
    return is_news


def _was_lost(row: FollowUp) -> bool:
    return row.attempts.filter(outcome=Outcome.UNKNOWN, is_look=False).exists()


def _record(row: FollowUp, now: datetime, *, reason: str = "") -> None:
    after: dict[str, Any] = {"profile": str(row.publication.profile)}
    if row.permalink:
        after["permalink"] = row.permalink
    record_event(
        actor=None,
        action=f"publication.{row.kind}_{row.state}",
        obj=row.publication,
        at=now,
        after=after,
        reason=reason,
    )
