"""Two at one request or one seal at once: one of them decides, the other is told; nobody is asked in vain.

Each race is run once with the row lock and once without it, where both get through: the proof that it can fail.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from permissions import services
from publishing.models import Approval, ApprovalAnswer, ApprovalStep, Post, Publication, State, StepRule
from publishing.reviewers import open_step_of
from publishing.services import approvals, scheduling
from publishing.services.approvals import CannotAnswer, approve, decline, force_decline
from publishing.services.posts import Draft, update_post
from publishing.services.scheduling import schedule_post
from publishing.services.vocabulary import CAMPAIGNS, update_named
from tenancy.context import organization_open
from tests.cast import Acme, make_acme
from tests.proof.racing import Race, race
from tests.publishing.approvals.making import ask, make_workflow, step
from tests.publishing.organizing.shelves import make_campaign
from tests.publishing.pages import write

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
Unlock = Callable[[], None]
Act = Callable[[Acme, Approval], Any]


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> Unlock:
    """Return what lets everybody who answers read the rows without locking them."""

    def unlocked(publication_id: int, approval_id: int) -> Any:
        publication = Publication.objects.select_related("profile", "post__author").get(pk=publication_id)
        approval = Approval.objects.select_related("requested_by").get(pk=approval_id)
        approval.publication = publication
        found = open_step_of(approval)
        if found is not None:
            found.approval = approval
        return approvals._Request(approval, publication, found)

    return lambda: monkeypatch.setattr(approvals, "_locked", unlocked)


def in_organization(acme: Acme, act: Callable[[], Any]) -> None:
    with organization_open(acme.organization.pk):
        act()


def declines(acme: Acme, approval: Approval) -> None:
    decline(actor=acme.access(acme.olga), approval=approval, now=datetime.now(UTC), note="Wrong year")


def force_declines(acme: Acme, approval: Approval) -> None:
    olga = acme.access(acme.olga)
    force_decline(actor=olga, approval=approval, now=datetime.now(UTC), reason="The storm is over")


def edits(acme: Acme, approval: Approval) -> None:
    post = Post.objects.get(pk=approval.publication.post_id)
    mina, draft = acme.access(acme.mina), Draft(text="Doors open at ten.")
    update_post(actor=mina, post=post, profiles=[acme.news], draft=draft, version=1, now=datetime.now(UTC))


def approve_while(acme: Acme, change: Act, monkeypatch: pytest.MonkeyPatch) -> tuple[Race, list[Exception]]:
    """Let Paul approve the first of two steps, and stop him when he has been found to have the turn.

    Counted are the steps that were opened: each writes to the people it asks.
    """
    make_workflow(acme, step("Words", acme.paul, acme.olga), step("Last look", acme.marc))
    approval = ask(acme)
    paul, refused = acme.access(acme.paul), []

    def act() -> None:
        with organization_open(acme.organization.pk):
            digest = approval.content_digest
            approve(actor=paul, approval=approval, digest=digest, now=datetime.now(UTC))

    def meanwhile() -> None:
        try:
            in_organization(acme, lambda: change(acme, approval))
        except CannotAnswer as refusal:
            refused.append(refusal)

    def count() -> int:
        with organization_open(acme.organization.pk):
            return ApprovalStep.objects.filter(opened_at__isnull=False).count()

    stopped_in = (approvals, "_require_as_shown")
    found = race(monkeypatch, act=act, stopped_in=stopped_in, change=meanwhile, count=count)
    return found, refused


def test_decline_beside_an_approval_finds_the_step_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = make_acme()
    found, refused = approve_while(acme, declines, monkeypatch)

    assert not found.refusals and (found.when_change_returned, found.got_through_after) == (2, 0)
    assert len(refused) == 1, "she is told that the open step asks other people"
    with organization_open(acme.organization.pk):
        assert [one.is_approved for one in ApprovalAnswer.objects.all()] == [True]


@pytest.mark.parametrize(
    ("change", "ends_as"),
    [
        (edits, (Approval.Answer.VOID, State.DRAFT)),
        (force_declines, (Approval.Answer.DECLINED, State.DECLINED)),
    ],
    ids=["edit", "forced no"],
)
def test_what_ends_the_request_beside_an_approval_waits_for_it_and_ends_it_whole(
    change: Act, ends_as: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = make_acme()
    found, refused = approve_while(acme, change, monkeypatch)

    assert not found.refusals and not refused
    assert (found.when_change_returned, found.got_through_after) == (2, 0)
    with organization_open(acme.organization.pk):
        assert (Approval.objects.get().answer, Publication.objects.get().state) == ends_as


@pytest.mark.parametrize("change", [declines, edits, force_declines], ids=["decline", "edit", "forced no"])
def test_without_the_lock_people_are_asked_about_a_request_that_is_over(
    change: Act, monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    no_lock()

    found, _refused = approve_while(make_acme(), change, monkeypatch)

    assert found.got_through_after == 1


def two_approve_at_once(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Let both whose yes is needed give it at once; counted is whether the post is scheduled then."""
    make_workflow(acme, step("Both", acme.paul, acme.marc, rule=StepRule.ALL))
    approval = ask(acme)
    accesses = {person.pk: acme.access(person) for person in (acme.paul, acme.marc)}

    def says_yes(person_id: int) -> Callable[[], None]:
        def act() -> None:
            now, digest = datetime.now(UTC), approval.content_digest
            in_organization(
                acme, lambda: approve(actor=accesses[person_id], approval=approval, digest=digest, now=now)
            )

        return act

    def count() -> int:
        with organization_open(acme.organization.pk):
            return Publication.objects.filter(state=State.SCHEDULED).count()

    return race(
        monkeypatch,
        act=says_yes(acme.paul.pk),
        stopped_in=(approvals, "is_done"),
        change=says_yes(acme.marc.pk),
        count=count,
    )


def test_two_last_yeses_at_once_finish_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    found = two_approve_at_once(make_acme(), monkeypatch)

    assert not found.refusals and found.in_the_end == 1


def test_without_the_lock_two_last_yeses_leave_the_step_open_for_good(
    monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    """Each sees his own yes alone, and waits for the other's."""
    no_lock()

    assert two_approve_at_once(make_acme(), monkeypatch).in_the_end == 0


def yes_and_no_at_once(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> tuple[Race, list[Exception]]:
    """Let Paul say yes and Marc no to a request without steps; counted are the answers."""
    approval = ask(acme)
    paul, marc, refused = acme.access(acme.paul), acme.access(acme.marc), []

    def act() -> None:
        with organization_open(acme.organization.pk):
            approve(actor=paul, approval=approval, digest=approval.content_digest, now=datetime.now(UTC))

    def change() -> None:
        try:
            in_organization(
                acme, lambda: decline(actor=marc, approval=approval, now=datetime.now(UTC), note="No")
            )
        except CannotAnswer as refusal:
            refused.append(refusal)

    def count() -> int:
        with organization_open(acme.organization.pk):
            return ApprovalAnswer.objects.count()

    found = race(
        monkeypatch, act=act, stopped_in=(approvals, "_require_as_shown"), change=change, count=count
    )
    return found, refused


def test_yes_and_no_at_once_is_what_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = make_acme()
    found, refused = yes_and_no_at_once(acme, monkeypatch)

    assert not found.refusals and len(refused) == 1 and found.in_the_end == 1
    with organization_open(acme.organization.pk):
        assert (Approval.objects.get().answer, Publication.objects.get().state) == (
            Approval.Answer.APPROVED,
            State.SCHEDULED,
        )


def test_without_the_lock_who_answered_first_is_refused_by_the_second_net(
    monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    """The state moves in one conditional UPDATE, so even then the post is not both declined and scheduled."""
    no_lock()
    acme = make_acme()

    found, refused = yes_and_no_at_once(acme, monkeypatch)

    assert not refused and len(found.refusals) == 1, "Paul, who was first, is refused instead of Marc"
    with organization_open(acme.organization.pk):
        assert Publication.objects.get().state == State.DECLINED


# -- a campaign's values against a seal over them ----------------------------------------------------------------------


def change_campaign_while_scheduling(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Race:
    """Stop somebody who schedules when his seal is written; counted are the seals that do not fit what goes out."""
    campaign = make_campaign(acme, utm_campaign="winter")
    post = write(acme, acme.paul, acme.news, text="Look: https://acme.test/sale")
    with organization_open(acme.organization.pk):
        Post.objects.filter(pk=post.pk).update(campaign=campaign)
        due = {post.publications.get().pk: datetime.now(UTC) + timedelta(days=1)}
    paul, olga = acme.access(acme.paul), acme.access(acme.olga)

    def act() -> None:
        fresh = Post.objects.get(pk=post.pk)
        schedule_post(actor=paul, post=fresh, due=due, now=datetime.now(UTC))

    def change() -> None:
        fields = {"utm_campaign": "spring"}
        update_named(actor=olga, kind=CAMPAIGNS, row=campaign, fields=fields, now=datetime.now(UTC))

    def count() -> int:
        with organization_open(acme.organization.pk):
            sealed = Publication.objects.filter(state=State.SCHEDULED).select_related("post__campaign")
            return sum(one.sealed_digest != one.post.content_digest("mastodon") for one in sealed)

    return race(
        monkeypatch,
        act=lambda: in_organization(acme, act),
        stopped_in=(scheduling, "move"),
        change=lambda: in_organization(acme, change),
        count=count,
    )


def test_seal_written_beside_a_change_of_its_campaign_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    found = change_campaign_while_scheduling(make_acme(), monkeypatch)

    assert not found.refusals and found.in_the_end == 0


def test_without_the_access_lock_a_seal_is_written_over_values_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("hold_access", "change_access"):
        monkeypatch.setattr(services, name, lambda _organization_id: None)

    assert change_campaign_while_scheduling(make_acme(), monkeypatch).in_the_end == 1
