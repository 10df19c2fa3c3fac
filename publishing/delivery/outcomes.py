"""Transaction B: what the network answered becomes the state of the row."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.utils import IntegrityError

from audit.services import record_event
from publishing.delivery import timings
from publishing.delivery.first_comments import plan_first_comment
from publishing.delivery.notifying import tell_author, tell_published, tell_who_may_take_over
from publishing.delivery.outages import note_publication
from publishing.delivery.requests import (
    POLL,
    PREPARE,
    PUBLISH,
    REPEAT,
    Call,
    Outcome,
    lost_since,
    made_ahead,
)
from publishing.models import (
    ApplicationRateLimit,
    HoldReason,
    ProfileRateLimit,
    Publication,
    PublishAttempt,
    State,
)
from publishing.states import move
from social_accounts import connections, vault
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Processing,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.words import _
from social_accounts.sentences import kept
from tenancy.context import organization_open

PERMALINK_MAX = 1000
REMOTE_ID_MAX = 500

Answer = Published | Processing | Prepared | Preparing | NetworkError


def settle(call: Call, outcome: Answer) -> None:
    """Write down what became of a call. A database that is away for a moment is waited for; may be repeated."""
    patiently(lambda: _settle(call, outcome, now=connections.clock()))


def patiently(write: Callable[[], None]) -> None:
    """Write an outcome down, waiting for a database that is away for a moment."""
    for remaining in reversed(range(timings.SETTLE_TRIES)):
        try:
            return write()
        except (OperationalError, InterfaceError):
            if not remaining or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(timings.SETTLE_WAIT_SECONDS)


def _settle(call: Call, outcome: Answer, *, now: datetime) -> None:
    assert call.attempt_id is not None, "only an attempt has an outcome"
    with organization_open(call.organization_id):
        publication = (
            Publication.objects.select_for_update(of=("self",))
            .select_related("organization", "profile", "post__author")
            .filter(pk=call.publication_id)
            .first()
        )
        if publication is None:
            return  # deleted meanwhile, with its attempts
        attempt = PublishAttempt.objects.get(pk=call.attempt_id)
        is_down = note_publication(publication, outcome, server_fails=call.server_fails, now=now)
        if attempt.outcome == Outcome.UNKNOWN:
            _settle_late(publication, attempt, outcome, now)
        elif attempt.outcome != Outcome.SENDING:
            return  # written down already
        elif attempt.kind == REPEAT and publication.state != State.UNCONFIRMED:
            finish(attempt, Outcome.UNKNOWN, now)  # a person said meanwhile what became of it
        else:
            _write(publication, attempt, outcome, now, is_down=is_down)


def _write(
    publication: Publication,
    attempt: PublishAttempt,
    outcome: Answer,
    now: datetime,
    *,
    is_down: bool,
) -> None:
    match outcome:
        case Published():
            _published(publication, attempt, outcome, now)
        case NotSent() if is_down:
            _left_alone(publication, attempt, outcome, now)
        case Processing() | Rejected() | NotSent() | OutcomeUnknown() if attempt.kind == REPEAT:
            _repeated_in_vain(publication, attempt, outcome, now)
        case Processing():
            _processing(publication, attempt, outcome, now)
        case Prepared() | Preparing():
            _prepared(publication, attempt, outcome, now)
        case Rejected(reason=RejectionReason.DUPLICATE) if lost_since(publication) is not None:
            # "You said that already": by an attempt whose answer was lost. Look for it.
            finish(attempt, Outcome.REJECTED, now, outcome)
            unconfirm(publication, outcome, now=now)
        case Rejected():
            finish(attempt, Outcome.REJECTED, now, outcome)
            reject(publication, outcome, now=now)
        case RateLimited():
            _rate_limited(publication, attempt, outcome, now)
        case CredentialsExpired():
            finish(attempt, Outcome.RECONNECT, now, outcome)
            vault.mark_needs_reconnect(
                organization_id=publication.organization_id,
                profile_id=publication.profile_id,
                detail=outcome,
                now=now,
            )
            if attempt.kind in (PREPARE, PUBLISH):
                hold(publication, HoldReason.RECONNECT, now=now, detail=outcome)
            else:
                wait(publication, now + timings.with_jitter(timings.POLL_WAIT_MAX_SECONDS))
        case NotSent():
            _not_sent(publication, attempt, outcome, now)
        case OutcomeUnknown() if attempt.kind == PREPARE:  # nothing public can have come of it
            error = NotSent(*outcome.args, trouble=outcome.trouble)
            _write(publication, attempt, error, now, is_down=is_down)
        case OutcomeUnknown():
            finish(attempt, Outcome.UNKNOWN, now, outcome)
            unconfirm(publication, outcome, now=now)
        case _:
            raise TypeError(f"an adapter answered with {type(outcome).__name__}")


def _published(publication: Publication, attempt: PublishAttempt, outcome: Published, now: datetime) -> None:
    if adopt(publication, outcome, published_at=now, now=now):
        finish(attempt, Outcome.PUBLISHED, now)
        return
    error = OutcomeUnknown(_("The network named a post that belongs to another publication."))
    _write(publication, attempt, error, now, is_down=False)


def adopt(publication: Publication, found: Published, *, published_at: datetime, now: datetime) -> bool:
    """Take a post at the network as this publication's; False when it is another one's already."""
    before = publication.state
    try:
        with transaction.atomic():
            move(
                publication,
                State.PUBLISHED,
                remote_id=found.remote_id[:REMOTE_ID_MAX],
                permalink=safe_link(found.permalink),
                published_at=published_at,
                not_before=None,
                detail=kept(found.shortfall) if found.shortfall else "",
            )
    except IntegrityError:
        return False
    _record(publication, before, now)
    plan_first_comment(publication, now=now)
    tell_published(publication)
    return True


def _repeated_in_vain(
    publication: Publication, attempt: PublishAttempt, outcome: Processing | NetworkError, now: datetime
) -> None:
    """Whatever the network says of the repeat: what became of the first request is open, and looked for again."""
    if isinstance(outcome, Rejected):
        finish(attempt, Outcome.REJECTED, now, outcome)
        note_not_found(publication, now)
        return
    error = outcome if isinstance(outcome, NetworkError) else None
    finish(attempt, Outcome.NOT_SENT if isinstance(outcome, NotSent) else Outcome.UNKNOWN, now, error)
    # It may be there since: that look in vain was not the last one.
    wait(publication, now + timings.seconds(timings.READ_BACK_WAITS_SECONDS[publication.read_back_count]))


def _processing(
    publication: Publication, attempt: PublishAttempt, outcome: Processing, now: datetime
) -> None:
    finish(attempt, Outcome.PROCESSING, now)
    polls = publication.attempts.filter(kind=POLL).count()
    wait_seconds = timings.doubling(timings.POLL_FIRST_WAIT_SECONDS, timings.POLL_WAIT_MAX_SECONDS, polls)
    longest = now + timings.seconds(timings.POLL_WAIT_MAX_SECONDS)
    check_at = max(min(outcome.check_at, longest), now + wait_seconds)
    if publication.state == State.PUBLISHING:
        move(publication, State.PROCESSING, poll_token=outcome.poll_token, not_before=check_at, detail="")
        return
    begun = publication.first_sent_at or attempt.started_at
    if now - begun > timings.seconds(timings.POLL_GIVE_UP_SECONDS):
        unconfirm(publication, OutcomeUnknown(_("The network has been working on it for too long.")), now=now)
        return
    wait(publication, check_at, poll_token=outcome.poll_token)


def _prepared(
    publication: Publication, attempt: PublishAttempt, outcome: Prepared | Preparing, now: datetime
) -> None:
    """Keep how far the uploads are. The row stays claimed when the next step follows at once."""
    finish(attempt, Outcome.PREPARED, now)
    made = {
        "digest": attempt.content_digest,
        "since": made_ahead(publication).get("since", now.isoformat()),  # of the oldest part
        "progress": dict(outcome.progress),
        "is_ready": isinstance(outcome, Prepared),
    }
    if isinstance(outcome, Prepared) or outcome.next_at is None:
        Publication.objects.filter(pk=publication.pk).update(preparation=made, claimed_at=now)
        return
    longest = now + timings.seconds(timings.POLL_WAIT_MAX_SECONDS)
    again = max(min(outcome.next_at, longest), now + timings.seconds(timings.RATE_LIMIT_WAIT_MIN_SECONDS))
    move(publication, State.SCHEDULED, certainly_not_sent=True, not_before=again, preparation=made, detail="")


def _rate_limited(
    publication: Publication, attempt: PublishAttempt, outcome: RateLimited, now: datetime
) -> None:
    finish(attempt, Outcome.RATE_LIMITED, now, outcome)
    earliest = now + timings.seconds(timings.RATE_LIMIT_WAIT_MIN_SECONDS)
    latest = now + timings.seconds(timings.RATE_LIMIT_WAIT_MAX_SECONDS)
    until = min(max(outcome.retry_at, earliest), latest)
    remember_limit(publication, outcome.level, until)
    if attempt.kind in (PREPARE, PUBLISH):
        move(publication, State.SCHEDULED, certainly_not_sent=True, not_before=until, detail=kept(outcome))
    else:
        wait(publication, until)


def remember_limit(publication: Publication, level: LimitLevel, until: datetime) -> None:
    """Stop exactly what the network stopped: this profile, or our application at this server."""
    profile = publication.profile
    if level is LimitLevel.PROFILE:
        ProfileRateLimit.objects.update_or_create(profile=profile, defaults={"until": until})
    else:
        ApplicationRateLimit.objects.update_or_create(
            network=profile.network, server=profile.server, defaults={"until": until}
        )


def _left_alone(publication: Publication, attempt: PublishAttempt, outcome: NotSent, now: datetime) -> None:
    """Let it wait with all others until its server answers. It was no try of this post: the server is to blame."""
    finish(attempt, Outcome.UNREACHABLE, now, outcome)
    if attempt.kind in (PREPARE, PUBLISH):
        move(publication, State.SCHEDULED, certainly_not_sent=True, not_before=None, detail="")
    else:
        wait(publication, now)


def _not_sent(publication: Publication, attempt: PublishAttempt, outcome: NotSent, now: datetime) -> None:
    failures = _failures_in_a_row(publication, attempt)
    if failures + 1 >= timings.NOT_SENT_TRIES:
        finish(attempt, Outcome.REJECTED, now, outcome)
        reject(publication, outcome, now=now)
        return
    finish(attempt, Outcome.NOT_SENT, now, outcome)
    again = now + timings.doubling(
        timings.NOT_SENT_FIRST_WAIT_SECONDS, timings.NOT_SENT_WAIT_MAX_SECONDS, failures
    )
    if attempt.kind not in (PREPARE, PUBLISH):
        wait(publication, again)
        return
    changes: dict[str, Any] = {"not_before": again, "detail": kept(outcome)}
    if attempt.kind == PUBLISH and outcome.trouble is None:
        # The network heard of the post and did not take it: what was uploaded may be why, so it is made anew.
        changes["preparation"] = {}
    move(publication, State.SCHEDULED, certainly_not_sent=True, **changes)


def _failures_in_a_row(publication: Publication, attempt: PublishAttempt) -> int:
    count = 0
    before = publication.attempts.filter(kind=attempt.kind, number__lt=attempt.number).order_by("-number")
    for outcome in before.values_list("outcome", flat=True)[: timings.NOT_SENT_TRIES * 2]:
        if outcome == Outcome.NOT_SENT:
            count += 1
        elif outcome not in (Outcome.RATE_LIMITED, Outcome.UNREACHABLE):
            break
    return count


def _settle_late(
    publication: Publication,
    attempt: PublishAttempt,
    outcome: Answer,
    now: datetime,
) -> None:
    """Hear a worker that was given up for lost. Only "published" counts: the rest is settled by looking."""
    if not isinstance(outcome, Published):
        return
    if publication.state == State.SCHEDULED:  # a person said "not there, send again", and it is there
        move(publication, State.PUBLISHING, claimed_at=now)
    if publication.state in (State.UNCONFIRMED, State.PUBLISHING, State.PROCESSING):
        if publication.attempts.filter(outcome=Outcome.SENDING).exists():
            return  # the next attempt is at work; its own answer decides
        if not adopt(publication, outcome, published_at=now, now=now):
            return
    finish(attempt, Outcome.PUBLISHED, now)


# --- steps that reading back and services use as well ----------------------------------------------------------


def hold(
    publication: Publication, reason: HoldReason, *, now: datetime, detail: str | Exception = ""
) -> None:
    """Keep it back until somebody acts, and tell the author."""
    before = publication.state
    move(publication, State.HELD, hold_reason=reason, not_before=None, detail=kept(detail))
    _record(publication, before, now, reason=str(detail) or str(reason))
    tell_author(publication)
    if reason is HoldReason.TOO_LATE:
        tell_who_may_take_over(publication, now)


def reject(publication: Publication, error: NetworkError, *, now: datetime) -> None:
    """End it with the network's own words, and tell the author."""
    before = publication.state
    move(publication, State.REJECTED, not_before=None, detail=kept(error), preparation={})
    _record(publication, before, now, reason=str(error))
    tell_author(publication)


def unconfirm(publication: Publication, error: NetworkError, *, now: datetime) -> None:
    """Note that nobody knows whether it is out, and when to look for it."""
    before = publication.state
    move(
        publication,
        State.UNCONFIRMED,
        not_before=now + timings.seconds(timings.READ_BACK_WAITS_SECONDS[0]),
        read_back_count=0,
        detail=kept(error),
    )
    _record(publication, before, now, reason=str(error))


def note_not_found(publication: Publication, now: datetime) -> None:
    """Look for it again later; where that was often enough, only a person can tell what became of it."""
    count = publication.read_back_count + 1
    waits = timings.READ_BACK_WAITS_SECONDS
    if count >= len(waits):
        ask_a_person(publication, count=count)
    else:
        wait(publication, now + timings.seconds(waits[count]), read_back_count=count)


def ask_a_person(publication: Publication, *, count: int) -> None:
    wait(publication, None, read_back_count=count)
    tell_author(publication)


def wait(publication: Publication, until: datetime | None, **changes: Any) -> None:
    """Look at it again at that time; its state stays. None: never by itself."""
    Publication.objects.filter(pk=publication.pk).update(not_before=until, **changes)
    publication.not_before = until


def finish(
    attempt: PublishAttempt, outcome: PublishAttempt.Outcome, now: datetime, error: NetworkError | None = None
) -> None:
    """Close an attempt."""
    attempt.outcome, attempt.finished_at, attempt.detail = outcome, now, kept(error) if error else ""
    attempt.save(update_fields=["outcome", "finished_at", "detail"])


def _record(publication: Publication, before: str, now: datetime, *, reason: str = "") -> None:
    record_event(
        actor=None,
        action=f"publication.{publication.state}",
        obj=publication,
        at=now,
        before={"state": before},
        after={
            "state": publication.state,
            "profile": str(publication.profile),
            "permalink": publication.permalink,
        },
        reason=reason,
    )


def safe_link(link: str) -> str:
    is_web = link.startswith(("https://", "http://"))
    return link if is_web and len(link) <= PERMALINK_MAX else ""
