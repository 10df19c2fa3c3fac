"""What is done with posts that are out: transaction A, the network without a transaction, transaction B.

A first comment may be said once and no more, so one whose answer was lost is looked for. An edit and a deletion come to
the same however often they are done, so they are done again. Where a crash can come, and who goes on:

=====================================================  ============================================  ==============
The crash comes ...                                    it leaves                                     picked up by
=====================================================  ============================================  ==============
before the post is known to be out                     no row; reading back the post makes it        ``adopt``
after the lease, before the message is sent,           PENDING, its next turn in the future          ``lease``
or the message is lost, or its worker dies early
after A commits, while the adapter talks, before B     SENDING with an attempt SENDING               ``reap``: a comment
commits                                                                                              to UNCONFIRMED, the
                                                                                                     others to PENDING
after B                                                the outcome                                   nobody
a message comes twice                                  a row that is no longer PENDING               ``begin``
while a comment is looked for                          UNCONFIRMED, its next look in the future      ``lease_looks``
=====================================================  ============================================  ==============
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Min, QuerySet

from permissions.checker import load_access
from permissions.locks import hold_access
from publishing.content import content_for
from publishing.delivery import timings
from publishing.delivery.checks import has_voucher
from publishing.delivery.follow_outcomes import (
    Answer,
    Removed,
    fail,
    finish_attempt,
    move_follow_up,
    settle_follow_up,
    settle_look,
    unconfirm_comment,
)
from publishing.delivery.outages import note_follow_up
from publishing.delivery.requests import credentials_for, known_remote_ids, no_transaction
from publishing.models import FollowUp, FollowUpAttempt, FollowUpState
from publishing.rights import MANAGE, PUBLISH
from social_accounts import connections
from social_accounts.models import ServerOutage
from social_accounts.networks.base import (
    Comment,
    CommentRequest,
    CredentialsExpired,
    Edit,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Published,
    PublishRequest,
)
from social_accounts.networks.words import _
from tenancy.context import organization_open, unscoped

ROWS_PER_LOOK = 100
DELETE = "profile.delete_published_posts"
Outcome = FollowUpAttempt.Outcome


class DueFollowUp(NamedTuple):
    """A row some task shall look at."""

    organization_id: int
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class FollowCall:
    """One conversation with a network about what follows one post."""

    organization_id: int
    follow_up_id: int
    profile_id: int
    network: str
    kind: str
    remote_id: str
    comment: CommentRequest
    edited: PublishRequest
    attempt_id: int | None
    started_at: datetime
    server_fails: bool = False  # the server's last answer did not come: this one's is news


def lease(*, now: datetime) -> list[DueFollowUp]:
    """Return what is to be done; none of it again before the lease ends."""
    # Unscoped: finds rows of every organization; each is worked on in its own.
    with unscoped():
        return _leased(FollowUp.objects.due(now).may_go(now), now)


def lease_looks(*, now: datetime) -> list[DueFollowUp]:
    """Return comments to look for at their network; none of them again before the lease ends."""
    # Unscoped: finds rows of every organization; each is worked on in its own.
    with unscoped():
        return _leased(FollowUp.objects.to_look_for(now).server_answers(), now)


def _leased(rows: QuerySet[FollowUp], now: datetime) -> list[DueFollowUp]:
    found = list(
        rows.select_for_update(skip_locked=True, of=("self",)).order_by("created_at")[:ROWS_PER_LOOK]
    )
    until = now + timings.seconds(timings.ASK_LEASE_SECONDS)
    FollowUp.objects.filter(pk__in=[row.pk for row in found]).update(not_before=until)
    return [DueFollowUp(row.organization_id, row.pk) for row in found]


def follow_up(*, organization_id: int, follow_up_id: int) -> None:
    """Do it once and write down what became of it. May be repeated."""
    call = begin(organization_id=organization_id, follow_up_id=follow_up_id, now=connections.clock())
    if call is None:
        ServerOutage.objects.filter(probe_follow_up=follow_up_id).end_probe()
        return
    settle_follow_up(call, act(call))


def begin(*, organization_id: int, follow_up_id: int, now: datetime) -> FollowCall | None:
    """Transaction A: look again at everything and write the attempt. None when there is nothing to do."""
    with organization_open(organization_id):
        hold_access(organization_id)
        row = _locked(follow_up_id)
        if row is None or row.state != FollowUpState.PENDING:
            return None  # a message that came late, or twice
        if row.publication.gone_at is not None and row.kind != FollowUp.Kind.DELETION:
            move_follow_up(row, FollowUpState.CANCELED, not_before=None)
            return None
        going = FollowUp.objects.filter(pk=row.pk).may_go(now).with_failing_server().first()
        if going is None:
            return None  # the lease brings it back
        if not _may_still(row, now):
            fail(row, _("Whoever asked for it may no longer do this here."), now=now)
            return None
        move_follow_up(row, FollowUpState.SENDING, first_sent_at=row.first_sent_at or now, detail="")
        call = _call_about(row, now=now, attempt=_new_attempt(row, now=now))
        return replace(call, server_fails=going.server_fails)


def act(call: FollowCall) -> Answer:
    """Ask the network once and return its answer or its error."""
    is_comment = call.kind == FollowUp.Kind.COMMENT
    with no_transaction():
        try:
            credentials = credentials_for(call, connections.clock())
            if connections.clock() - call.started_at > timings.seconds(timings.SEND_WITHIN_SECONDS):
                raise NotSent(_("Chorus was too slow to send it in time and called it off."))
        except CredentialsExpired as error:
            return NotSent(
                *error.args
            )  # the profile says so; this goes on when somebody has connected it again
        except NetworkError as error:
            return error
        adapter = connections.adapter(call.network)
        ask: Any = {"http": connections.http(), "clock": connections.clock, "credentials": credentials}
        try:
            if is_comment:
                assert isinstance(adapter, Comment), call.network
                return adapter.comment(**ask, request=call.comment)
            if call.kind == FollowUp.Kind.EDIT:
                assert isinstance(adapter, Edit), call.network
                return adapter.edit(**ask, request=call.edited, remote_id=call.remote_id)
            adapter.delete(**ask, account=call.edited.account, remote_id=call.remote_id)
            return Removed()
        except NetworkError as error:
            return error
        except Exception:
            fault = _("Chorus had a fault of its own while it talked to the network.")
            settle_follow_up(call, OutcomeUnknown(fault) if is_comment else NotSent(fault))
            raise


def look(*, organization_id: int, follow_up_id: int) -> None:
    """Look once for a comment whose answer was lost. May be repeated; it only reads at the network."""
    now = connections.clock()
    with organization_open(organization_id):
        row = _locked(follow_up_id)
        if row is None or row.state != FollowUpState.UNCONFIRMED:
            ServerOutage.objects.filter(probe_follow_up=follow_up_id).end_probe()
            return
        if not FollowUp.objects.filter(pk=follow_up_id).server_answers().exists():
            return  # the lease brings it back
        call = _call_about(row, now=now)
    with no_transaction():
        adapter = connections.adapter(call.network)
        assert isinstance(adapter, Comment), call.network
        try:
            found: Published | NetworkError | None = adapter.find_comment(
                http=connections.http(),
                clock=connections.clock,
                credentials=credentials_for(call, connections.clock()),
                request=call.comment,
            )
        except NetworkError as error:
            found = error
    with organization_open(organization_id):
        row = _locked(follow_up_id)
        if row is None:
            return
        is_down = note_follow_up(row, found, server_fails=True, now=connections.clock())
        if row.state == FollowUpState.UNCONFIRMED:
            attempt = _new_attempt(row, now=now, is_look=True)
            settle_look(row, attempt, found, now=connections.clock(), is_down=is_down)


def reap(*, now: datetime) -> int:
    """End attempts whose worker died; return how many."""
    since = now - timings.seconds(timings.ATTEMPT_AGE_SECONDS)
    # Unscoped: workers die with attempts of every organization in their hands.
    with unscoped():
        stale = list(
            FollowUpAttempt.objects.filter(outcome=Outcome.SENDING, started_at__lt=since).order_by(
                "started_at"
            )[:ROWS_PER_LOOK]
        )
    count = 0
    for attempt in stale:
        with organization_open(attempt.organization_id):
            row = _locked(attempt.follow_up_id)
            fresh = FollowUpAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.SENDING).first()
            if row is None or fresh is None or row.state != FollowUpState.SENDING:
                continue  # its worker was only slow
            lost = OutcomeUnknown(_("Chorus was interrupted while it talked to the network."))
            finish_attempt(fresh, Outcome.UNKNOWN, now, lost)
            ServerOutage.objects.filter(probe_follow_up=row.pk).end_probe()
            if row.kind == FollowUp.Kind.COMMENT:
                unconfirm_comment(row, lost, now=now)
            else:
                move_follow_up(row, FollowUpState.PENDING, not_before=None)
            count += 1
    return count


def _locked(follow_up_id: int) -> FollowUp | None:
    return (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related(
            "publication__profile", "publication__post__author", "publication__vouched_by", "asked_by"
        )
        .filter(pk=follow_up_id)
        .first()
    )


def _may_still(row: FollowUp, now: datetime) -> bool:
    """Say whether somebody stands for it who may, as for the post itself."""
    publication, person = row.publication, row.asked_by
    if row.kind == FollowUp.Kind.COMMENT and has_voucher(publication, now):
        return True
    if person is None or not person.is_active:
        return False
    access = load_access(user=person, organization_id=row.organization_id, at=now)
    actions = {FollowUp.Kind.COMMENT: (PUBLISH,), FollowUp.Kind.EDIT: (MANAGE, PUBLISH)}.get(
        FollowUp.Kind(row.kind), (DELETE,)
    )
    return all(access.can(action, publication.profile) for action in actions)


def _new_attempt(row: FollowUp, *, now: datetime, is_look: bool = False) -> FollowUpAttempt:
    row.attempt_count += 1
    FollowUp.objects.filter(pk=row.pk).update(attempt_count=row.attempt_count)
    return FollowUpAttempt.objects.create(
        follow_up=row, number=row.attempt_count, started_at=now, is_look=is_look
    )


def _call_about(row: FollowUp, *, now: datetime, attempt: FollowUpAttempt | None = None) -> FollowCall:
    publication, profile = row.publication, row.publication.profile
    account = connections.account_of(profile)
    first_sent_at = row.first_sent_at or now
    lost = row.attempts.filter(outcome=Outcome.UNKNOWN, is_look=False)
    content = content_for(publication.post, profile)
    if row.kind == FollowUp.Kind.EDIT:
        content = replace(content, text=row.text)
    return FollowCall(
        organization_id=row.organization_id,
        follow_up_id=row.pk,
        profile_id=profile.pk,
        network=profile.network,
        kind=row.kind,
        remote_id=publication.remote_id,
        comment=CommentRequest(
            account=account,
            remote_id=publication.remote_id,
            text=row.text,
            key=row.key.hex,
            created_at=first_sent_at,
            sent_at=lost.aggregate(first=Min("started_at"))["first"],
            known_remote_ids=known_remote_ids(publication),
        ),
        edited=PublishRequest(
            account=account, content=content, key=publication.key.hex, created_at=first_sent_at
        ),
        attempt_id=attempt.pk if attempt else None,
        started_at=now,
    )
