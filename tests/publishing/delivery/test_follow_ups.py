"""First comments, edits and deletions of posts that are out: once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from orgs.selectors.audit_log import ACTION_LABELS
from permissions.errors import NotAllowed
from publishing.delivery import following
from publishing.delivery.follow_outcomes import FollowUpChanged, move_follow_up
from publishing.models import (
    FOLLOW_UP_TRANSITIONS,
    FollowUp,
    FollowUpAttempt,
    FollowUpState,
    Publication,
    PublishingPause,
    State,
)
from publishing.services.followups import (
    CannotFollowUp,
    delete_published,
    edit_published,
    say_comment_again,
)
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import (
    FIRST_COMMENT,
    CredentialsExpired,
    Features,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.mastodon.features import FEATURES
from tests.mails import mail_due
from tests.publishing.delivery.conftest import Desk, FakeNetwork

SAID = Published(remote_id="99", permalink="https://sandbox.test/@acme-news/99")
COMMENT, EDIT, DELETION = FollowUp.Kind.COMMENT, FollowUp.Kind.EDIT, FollowUp.Kind.DELETION


@dataclass
class TalkingNetwork(FakeNetwork):
    """Speaks Comment and Edit as well."""

    features: Features = FEATURES
    said: list[str] = field(default_factory=list)

    def comment(self, *, request: Any, **_more: Any) -> Any:
        self.said.append(request.text)
        return self._do("comment", request)

    def find_comment(self, *, request: Any, **_more: Any) -> Any:
        return self._do("find_comment", request)

    def edit(self, *, request: Any, remote_id: str, **_more: Any) -> Any:
        return self._do("edit", request)

    def edit_problems(self, before: Any, after: Any) -> list[str]:
        return []

    def problems(self, content: Any, limits: Any = None) -> list[str]:
        return ["Too long."] if len(content.text) > 500 else []

    def delete(self, *, remote_id: str, **_more: Any) -> Any:
        return self._do("delete", remote_id)  # type: ignore[arg-type]


@pytest.fixture
def talking(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> TalkingNetwork:
    network = TalkingNetwork()
    network.will("publish", Published(remote_id="42", permalink="https://sandbox.test/@acme-news/42"))
    network.will("comment", SAID)
    network.will("find_comment", None)
    network.will("edit", Published(remote_id="42", permalink="https://sandbox.test/@acme-news/42"))
    network.will("delete", None)
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    desk.network = network
    return network


def write(desk: Desk, comment: str = "Details below", **fields: Any) -> Publication:
    """Return a publication due now, with a first comment."""
    publication = desk.write(**fields)
    options = {publication.profile.network: {FIRST_COMMENT: comment}}
    publication.post.network_options = options
    publication.post.save()
    publication.sealed_digest = publication.post.content_digest(publication.profile.network)
    publication.save()
    return publication


def out(desk: Desk, **fields: Any) -> Publication:
    """Return a publication that is out, with nothing more to say."""
    publication = desk.write(**fields)
    desk.look()
    publication.refresh_from_db()
    assert publication.state == State.PUBLISHED
    return publication


def turn(desk: Desk) -> None:
    """Let beat look once and workers do what it found."""
    for due in following.lease(now=desk.clock.now):
        following.follow_up(organization_id=due.organization_id, follow_up_id=due.follow_up_id)
    for due in following.lease_looks(now=desk.clock.now):
        following.look(organization_id=due.organization_id, follow_up_id=due.follow_up_id)


def only(publication: Publication, kind: FollowUp.Kind = COMMENT) -> FollowUp:
    return FollowUp.objects.get(publication=publication, kind=kind)


def outcomes(row: FollowUp) -> list[tuple[bool, str]]:
    return [(one.is_look, one.outcome) for one in row.attempts.order_by("number")]


# --- the first comment -----------------------------------------------------------------------------------------------


def test_first_comment_is_said_once_after_the_post_is_out(desk: Desk, talking: TalkingNetwork) -> None:
    publication = write(desk)
    desk.look()
    assert talking.said == []
    row = only(publication)
    assert (row.state, row.text, row.asked_by) == (FollowUpState.PENDING, "Details below", desk.acme.paul)
    for _time in range(3):
        turn(desk)
        desk.clock.pass_time(minutes=10)
    row.refresh_from_db()
    assert talking.said == ["Details below"]
    assert (row.state, row.remote_id, row.permalink) == (FollowUpState.DONE, "99", SAID.permalink)
    (asked,) = talking.asked("comment")
    assert asked.remote_id == "42"  # type: ignore[attr-defined]


def test_a_post_without_a_first_comment_leaves_nothing_to_do(desk: Desk, talking: TalkingNetwork) -> None:
    publication = write(desk, comment="  ")
    desk.look()
    assert not FollowUp.objects.filter(publication=publication).exists()


def test_a_post_found_by_reading_back_gets_its_comment(desk: Desk, talking: TalkingNetwork) -> None:
    talking.will("publish", OutcomeUnknown("no answer"))
    talking.will("read_back", Published(remote_id="42", permalink="https://sandbox.test/42"))
    publication = write(desk)
    desk.look()
    assert not FollowUp.objects.filter(publication=publication).exists()
    desk.clock.pass_time(minutes=1)
    desk.ask()
    turn(desk)
    assert talking.said == ["Details below"]


def test_a_post_a_person_found_by_eye_asks_him_to_say_the_comment(
    desk: Desk, talking: TalkingNetwork
) -> None:
    publication = write(desk)
    from publishing.delivery.first_comments import plan_first_comment

    with transaction.atomic():
        plan_first_comment(publication, now=desk.clock.now)
    row = only(publication)
    assert row.state == FollowUpState.FAILED
    assert "yourself" in row.shown_detail
    turn(desk)
    assert talking.said == []


def test_a_comment_whose_answer_was_lost_is_looked_for_and_never_repeated(
    desk: Desk, talking: TalkingNetwork
) -> None:
    talking.will("comment", OutcomeUnknown("no answer"))
    talking.will("find_comment", NotSent("down"), None, SAID)
    publication = write(desk)
    desk.look()
    for _time in range(6):
        turn(desk)
        desk.clock.pass_time(minutes=5)
    row = only(publication)
    assert talking.said == ["Details below"]
    assert (row.state, row.remote_id) == (FollowUpState.DONE, "99")
    assert outcomes(row) == [(False, "unknown"), (True, "not_sent"), (True, "not_found"), (True, "done")]
    looked = talking.asked("find_comment")[0]
    assert looked.sent_at is not None


def test_a_comment_not_found_is_left_to_a_person_and_the_post_stays_published(
    desk: Desk, talking: TalkingNetwork, django_capture_on_commit_callbacks: Any
) -> None:
    talking.will("comment", OutcomeUnknown("no answer"))
    publication = write(desk)
    desk.look()
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(8):
            turn(desk)
            desk.clock.pass_time(minutes=15)
    row = only(publication)
    publication.refresh_from_db()
    assert (row.state, talking.said) == (FollowUpState.FAILED, ["Details below"])
    assert publication.state == State.PUBLISHED
    mail_due()
    assert len(mail.outbox) == 1
    assert "first comment" in mail.outbox[0].subject


def test_a_person_lets_a_failed_comment_be_said_again(desk: Desk, talking: TalkingNetwork) -> None:
    talking.will("comment", Rejected(RejectionReason.POLICY, "Comments are closed here."), SAID)
    publication = write(desk)
    desk.look()
    turn(desk)
    row = only(publication)
    assert (row.state, row.shown_detail) == (FollowUpState.FAILED, "Comments are closed here.")
    with pytest.raises(NotAllowed):
        say_comment_again(actor=desk.acme.access(desk.acme.mina), publication=publication, now=desk.clock.now)
    say_comment_again(actor=desk.acme.access(desk.acme.marc), publication=publication, now=desk.clock.now)
    turn(desk)
    row.refresh_from_db()
    assert (row.state, row.asked_by) == (FollowUpState.DONE, desk.acme.marc)
    with pytest.raises(CannotFollowUp):
        say_comment_again(actor=desk.acme.access(desk.acme.marc), publication=publication, now=desk.clock.now)


def test_a_duplicate_after_a_lost_answer_is_looked_for(desk: Desk, talking: TalkingNetwork) -> None:
    talking.will("comment", OutcomeUnknown("no answer"), Rejected(RejectionReason.DUPLICATE, "Twice."))
    publication = write(desk)
    desk.look()
    for _time in range(8):
        turn(desk)
        desk.clock.pass_time(minutes=15)
    say_comment_again(actor=desk.acme.access(desk.acme.marc), publication=publication, now=desk.clock.now)
    talking.will("find_comment", SAID)
    turn(desk)
    assert only(publication).state == FollowUpState.UNCONFIRMED
    desk.clock.pass_time(minutes=1)
    turn(desk)
    assert only(publication).state == FollowUpState.DONE


def test_a_comment_nobody_vouches_for_any_more_is_not_said(desk: Desk, talking: TalkingNetwork) -> None:
    publication = write(desk)
    desk.look()
    desk.acme.paul.is_active = False
    desk.acme.paul.save()
    turn(desk)
    assert talking.said == []
    assert only(publication).state == FollowUpState.FAILED


def test_a_missing_permission_fails_the_comment_and_holds_no_queue(
    desk: Desk, talking: TalkingNetwork
) -> None:
    talking.will("comment", CredentialsExpired("lacks a permission; connect again"))
    publication = write(desk)
    desk.look()
    turn(desk)
    assert only(publication).state == FollowUpState.FAILED
    assert SocialProfile.objects.get(pk=publication.profile_id).is_connected


def test_waiting_for_the_network_or_the_profile_says_nothing(desk: Desk, talking: TalkingNetwork) -> None:
    retry_at = desk.clock.now.replace(hour=10)
    talking.will("comment", RateLimited(retry_at, LimitLevel.PROFILE), NotSent("down"), SAID)
    publication = write(desk)
    desk.look()
    turn(desk)
    row = only(publication)
    assert (row.state, row.not_before) == (FollowUpState.PENDING, retry_at)
    desk.clock.now = retry_at
    SocialProfile.objects.filter(pk=publication.profile_id).update(
        status=SocialProfile.Status.NEEDS_RECONNECT
    )
    turn(desk)
    assert len(talking.said) == 1
    SocialProfile.objects.filter(pk=publication.profile_id).update(status=SocialProfile.Status.CONNECTED)
    for _time in range(4):
        desk.clock.pass_time(minutes=10)
        turn(desk)
    assert only(publication).state == FollowUpState.DONE
    assert outcomes(only(publication)) == [(False, "rate_limited"), (False, "not_sent"), (False, "done")]


def test_a_network_that_stays_away_ends_the_comment(desk: Desk, talking: TalkingNetwork) -> None:
    talking.will("comment", NotSent("down"))
    publication = write(desk)
    desk.look()
    for _time in range(12):
        turn(desk)
        desk.clock.pass_time(hours=1)
    assert only(publication).state == FollowUpState.FAILED
    assert len(talking.said) == 8


# --- crashes ---------------------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The worker is gone, as by SIGKILL."""


def crashing(*_args: Any, **_more: Any) -> Any:
    raise Crash


@pytest.mark.parametrize(
    ("where", "times_said"),
    [
        ("publishing.delivery.following.act", 1),  # after A, before the network
        ("publishing.delivery.following.settle_follow_up", 1),  # after the network, before B
        ("publishing.delivery.following.begin", 1),  # before A
    ],
)
def test_a_worker_that_dies_leaves_the_comment_said_at_most_once(
    desk: Desk, talking: TalkingNetwork, monkeypatch: pytest.MonkeyPatch, where: str, times_said: int
) -> None:
    publication = write(desk)
    desk.look()
    with monkeypatch.context() as patched:
        patched.setattr(where, crashing)
        with pytest.raises(Crash):
            turn(desk)
    was_said = bool(talking.said)
    talking.will("find_comment", SAID if was_said else None)
    for _time in range(8):
        desk.clock.pass_time(minutes=20)
        following.reap(now=desk.clock.now)
        turn(desk)
    row = only(publication)
    assert len(talking.said) <= times_said
    if was_said:
        assert row.state == FollowUpState.DONE
    elif "begin" in where:
        assert (row.state, talking.said) == (FollowUpState.DONE, ["Details below"])
    else:
        assert row.state == FollowUpState.FAILED  # nobody can know; a person looks
    assert not FollowUpAttempt.objects.filter(outcome="sending").exists()


def test_a_worker_given_up_for_lost_may_still_say_that_it_is_done(
    desk: Desk, talking: TalkingNetwork
) -> None:
    publication = write(desk)
    desk.look()
    due = following.lease(now=desk.clock.now)[0]
    call = following.begin(
        organization_id=due.organization_id, follow_up_id=due.follow_up_id, now=desk.clock.now
    )
    assert call is not None
    desk.clock.pass_time(hours=1)
    assert following.reap(now=desk.clock.now) == 1
    following.settle_follow_up(call, SAID)
    assert only(publication).state == FollowUpState.DONE


def test_a_message_that_comes_twice_says_it_once(desk: Desk, talking: TalkingNetwork) -> None:
    write(desk)
    desk.look()
    (due,) = following.lease(now=desk.clock.now)
    assert following.lease(now=desk.clock.now) == []
    for _time in range(2):
        following.follow_up(organization_id=due.organization_id, follow_up_id=due.follow_up_id)
    assert talking.said == ["Details below"]


def test_a_fault_of_our_own_while_talking_is_no_reason_to_say_it_twice(
    desk: Desk, talking: TalkingNetwork
) -> None:
    talking.will("comment", ZeroDivisionError("ours"))
    publication = write(desk)
    desk.look()
    with pytest.raises(ZeroDivisionError):
        turn(desk)
    assert only(publication).state == FollowUpState.UNCONFIRMED


def test_no_state_leads_back_to_saying_but_by_a_person(desk: Desk, talking: TalkingNetwork) -> None:
    assert FollowUpState.PENDING not in FOLLOW_UP_TRANSITIONS[FollowUpState.UNCONFIRMED]
    assert not FOLLOW_UP_TRANSITIONS[FollowUpState.DONE]
    publication = write(desk)
    desk.look()
    row, twin = only(publication), only(publication)
    move_follow_up(row, FollowUpState.CANCELED)
    with pytest.raises(FollowUpChanged):
        move_follow_up(twin, FollowUpState.SENDING)
    with pytest.raises(ValueError, match="leads nowhere"):
        move_follow_up(row, FollowUpState.PENDING)
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(publication=publication, kind=COMMENT, text="A second one")


# --- edits and deletions ---------------------------------------------------------------------------------------------


def edit(desk: Desk, publication: Publication, text: str = "Said better") -> FollowUp:
    return edit_published(
        actor=desk.acme.access(desk.acme.marc), publication=publication, text=text, now=desk.clock.now
    )


def delete(desk: Desk, publication: Publication) -> FollowUp:
    return delete_published(
        actor=desk.acme.access(desk.acme.marc),
        publication=publication,
        now=desk.clock.now,
        reason="Wrong day",
    )


def test_an_edit_is_made_at_the_network_and_leaves_the_post_alone(
    desk: Desk, talking: TalkingNetwork
) -> None:
    publication = out(desk)
    edit(desk, publication)
    turn(desk)
    row = only(publication, EDIT)
    assert (row.state, row.text, row.text_before) == (
        FollowUpState.DONE,
        "Said better",
        "Doors open at nine.",
    )
    assert talking.asked("edit")[0].content.text == "Said better"
    publication.post.refresh_from_db()
    assert publication.post.text == "Doors open at nine."
    with pytest.raises(CannotFollowUp, match="as it was"):
        edit(desk, publication, "Said better")
    edit(desk, publication, "Said best")


@pytest.mark.parametrize("who", ["mina", "emil", "gus"])
def test_an_edit_asks_for_the_right_to_publish(desk: Desk, talking: TalkingNetwork, who: str) -> None:
    publication = out(desk)
    actor = desk.acme.access(getattr(desk.acme, who))
    with pytest.raises(NotAllowed):
        edit_published(actor=actor, publication=publication, text="x", now=desk.clock.now)
    with pytest.raises(NotAllowed):
        delete_published(actor=actor, publication=publication, now=desk.clock.now)
    assert not FollowUp.objects.exists()


def test_an_edit_the_network_would_refuse_is_refused_at_once(desk: Desk, talking: TalkingNetwork) -> None:
    publication = out(desk)
    with pytest.raises(CannotFollowUp, match="Too long"):
        edit(desk, publication, "x" * 501)
    edit(desk, publication)
    with pytest.raises(CannotFollowUp, match="under way"):
        edit(desk, publication, "Another")


def test_what_is_not_out_can_neither_be_edited_nor_deleted(desk: Desk, talking: TalkingNetwork) -> None:
    publication = desk.write(due_in_minutes=60)
    for act in (edit, delete):
        with pytest.raises(CannotFollowUp, match="not out"):
            act(desk, publication)


@pytest.mark.parametrize("ask", [edit, delete])
@pytest.mark.parametrize("where", ["act", "settle_follow_up"])
def test_an_edit_or_deletion_a_crash_interrupted_is_simply_done_again(
    desk: Desk,
    talking: TalkingNetwork,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Desk, Publication], FollowUp],
    where: str,
) -> None:
    publication = out(desk)
    row = ask(desk, publication)
    with monkeypatch.context() as patched:
        patched.setattr(f"publishing.delivery.following.{where}", crashing)
        with pytest.raises(Crash):
            turn(desk)
    desk.clock.pass_time(hours=1)
    assert following.reap(now=desk.clock.now) == 1
    turn(desk)
    row.refresh_from_db()
    assert row.state == FollowUpState.DONE
    assert outcomes(row) == [(False, "unknown"), (False, "done")]


def test_a_deletion_ends_what_waited_and_is_told_apart_from_never_published(
    desk: Desk, talking: TalkingNetwork
) -> None:
    publication = write(desk)
    desk.look()
    publication.refresh_from_db()
    delete(desk, publication)
    turn(desk)
    publication.refresh_from_db()
    assert publication.state == State.PUBLISHED
    assert publication.gone_at == desk.clock.now
    assert only(publication).state == FollowUpState.CANCELED
    assert talking.said == []
    assert talking.asked("delete") == ["42"]
    for act in (edit, delete):
        with pytest.raises(CannotFollowUp, match="any more"):
            act(desk, publication)


def test_an_edit_of_a_post_that_was_deleted_there_notes_that_it_is_gone(
    desk: Desk, talking: TalkingNetwork
) -> None:
    talking.will("edit", Rejected(RejectionReason.NOT_FOUND, "Record not found"))
    publication = out(desk)
    edit(desk, publication)
    turn(desk)
    publication.refresh_from_db()
    assert publication.gone_at is not None
    assert only(publication, EDIT).shown_detail == "Record not found"


def test_a_right_lost_meanwhile_ends_the_edit(desk: Desk, talking: TalkingNetwork) -> None:
    publication = out(desk)
    row = edit(desk, publication)
    FollowUp.objects.filter(pk=row.pk).update(asked_by=desk.acme.mina)
    turn(desk)
    row.refresh_from_db()
    assert row.state == FollowUpState.FAILED
    assert talking.asked("edit") == []


def test_a_pause_stops_what_is_said_and_not_what_is_taken_back(desk: Desk, talking: TalkingNetwork) -> None:
    publication = write(desk)
    desk.look()
    publication.refresh_from_db()
    edit(desk, publication)
    PublishingPause.objects.create(
        organization=desk.acme.organization, paused_by=desk.acme.olga, paused_at=desk.clock.now
    )
    turn(desk)
    assert (talking.said, talking.asked("edit")) == ([], [])
    delete(desk, publication)
    turn(desk)
    assert talking.asked("delete") == ["42"]


def test_every_outcome_has_words_in_the_audit_log() -> None:
    recorded = {
        f"publication.{kind}_{state}"
        for kind in FollowUp.Kind
        for state in (FollowUpState.DONE, FollowUpState.FAILED)
    }
    assert recorded | {"publication.gone"} <= ACTION_LABELS.keys()
