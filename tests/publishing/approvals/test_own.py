"""Nobody approves his own: not what he wrote, changed at any time, or asked for, by no door and under no name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import Approval, ApprovalLink, Label, PostLabel, State, StepRule
from publishing.reviewers import Standstill, may_answer, standstill_of
from publishing.selectors.approvals import approvals_waiting_for
from publishing.services.approvals import CannotAnswer, approve_from_outside
from publishing.services.scheduling import schedule_post
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, Agency, access_of, assign, give, make_partnership, put_in_team
from tests.publishing.approvals.making import ask, fresh, make_workflow, open_step, say_yes, step
from tests.publishing.organizing.shelves import edit, make_label, put_labels
from tests.publishing.pages import send, url, words, write

SignIn = Callable[[User], Client]


def ask_for_written_by_both(acme: Acme, first: User, second: User) -> Approval:
    """Let one write a post, the other rewrite it, and the first change it last and ask."""
    give(acme.news, acme.emil, "standard:editor")
    post = write(acme, first, acme.news, text="A first thought")
    edit(acme, second, post, text="Words of somebody else")
    edit(acme, first, post, text="Words of somebody else!")
    with organization_open(acme.organization.pk):
        due = {post.publications.get().pk: timezone.now() + timedelta(days=1)}
        schedule_post(actor=acme.access(first), post=post, due=due, now=timezone.now(), asks_approval=True)
        return Approval.objects.select_related("publication__post", "publication__profile").get(answer="")


def test_who_wrote_a_part_of_it_does_not_approve_it_though_another_changed_it_last(
    acme: Acme, signed_in: SignIn
) -> None:
    approval = ask_for_written_by_both(acme, acme.mina, acme.marc)
    marc = signed_in(acme.marc)
    page = marc.get(url("approval_detail", approval.pk))
    assert "You asked for it, wrote it or changed it" in words(page)
    answer = marc.post(
        url("approval_detail", approval.pk), {"answer": "approve", "digest": approval.content_digest}
    )
    assert answer.status_code == 422 and "Nobody approves his own words" in words(answer)
    with organization_open(acme.organization.pk):
        assert not approvals_waiting_for(acme.access(acme.marc)).exists()
        assert approvals_waiting_for(acme.access(acme.paul)).exists()
    assert say_yes(acme, acme.paul, approval).state == State.SCHEDULED


def test_nobody_approves_his_own_over_the_api_nor_by_force(acme: Acme, signed_in: SignIn) -> None:
    approval = ask_for_written_by_both(acme, acme.mina, acme.marc)
    marc = signed_in(acme.marc)
    body = json.dumps({"is_approved": True, "digest": approval.content_digest})
    address = f"/api/v1/organizations/acme/approvals/{approval.pk}/answer"
    refused = marc.put(address, body, content_type="application/json")
    assert refused.status_code == 422 and "Nobody approves his own" in refused.json()["detail"]
    forced = {"answer": "approve", "digest": approval.content_digest, "reason": "Mine"}
    answer = marc.post(url("forced_answer", approval.pk), forced)
    assert answer.status_code == 422 and "Nobody approves his own" in words(answer)
    assert fresh(acme, approval.publication).state == State.WAITING


def test_label_makes_nobody_a_writer(acme: Acme, signed_in: SignIn) -> None:
    """Whoever sorts posts has no hand in what goes out."""
    post = write(acme, acme.mina, acme.news)
    put_labels(signed_in(acme.marc), acme, post, make_label(acme))
    with organization_open(acme.organization.pk):
        assert PostLabel.objects.exists() and Label.objects.exists()
        due = {post.publications.get().pk: timezone.now() + timedelta(days=1)}
        schedule_post(actor=acme.access(acme.mina), post=post, due=due, now=timezone.now())
        approval = Approval.objects.select_related("publication__post", "publication__profile").get()
    assert say_yes(acme, acme.marc, approval).state == State.SCHEDULED


def test_people_of_a_partner_do_not_approve_their_own_either(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    assign(partnership, acme.news, agency.asa, "standard:editor")
    own = send(acme, agency.abe, acme.news, asks_approval=True)
    with organization_open(acme.organization.pk):
        approval = Approval.objects.select_related("publication__post", "publication__profile").get(
            publication=own
        )
        assert not may_answer(access_of(agency.abe, acme.organization), approval)
        assert may_answer(access_of(agency.asa, acme.organization), approval), (
            "his colleague is another person"
        )


def test_own_address_outside_does_not_approve(inside: Acme) -> None:
    """Whoever makes workflows could name himself as somebody outside."""
    himself = ("A friend", inside.mina.email.upper())
    make_workflow(inside, step("Both", inside.paul, outsiders=[himself]))
    approval = ask(inside)
    link = ApprovalLink.objects.select_related("step__approval", "outsider").get()
    with pytest.raises(CannotAnswer, match="own words"):
        approve_from_outside(link=link, digest=approval.content_digest, now=timezone.now())


def test_all_of_them_does_not_wait_for_the_author_himself(inside: Acme) -> None:
    make_workflow(inside, step("Board", inside.paul, inside.marc, inside.olga, rule=StepRule.ALL))
    approval = ask(inside, inside.paul, asks_approval=True)
    assert say_yes(inside, inside.marc, approval).state == State.WAITING
    assert say_yes(inside, inside.olga, approval).state == State.SCHEDULED


def test_all_of_them_still_waits_for_who_lost_the_right(acme: Acme, signed_in: SignIn) -> None:
    """Nobody is left out because he is gone: the page says that the step can never be finished."""
    make_workflow(acme, step("Board", acme.paul, acme.marc, rule=StepRule.ALL))
    approval = ask(acme)
    olga = signed_in(acme.olga)
    assert "Nobody can finish the open step" not in words(olga.get(url("approval_detail", approval.pk)))
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    assert say_yes(acme, acme.marc, approval).state == State.WAITING
    page = words(olga.get(url("approval_detail", approval.pk)))
    assert "Nobody can finish the open step" in page and "Paul Editor" in page


def test_step_that_asks_the_author_alone_says_that_nobody_can_finish_it(inside: Acme) -> None:
    make_workflow(inside, step("Chief", inside.olga))
    approval = ask(inside, inside.olga, asks_approval=True)
    found = _standstill(inside, approval)
    assert found.is_for_good and [one.person for one in found.reviewers] == [inside.olga]


def test_team_whose_members_change_meanwhile_is_asked_as_it_is_now(inside: Acme) -> None:
    make_workflow(inside, step("Team", teams=[inside.brand]))
    approval = ask(inside)
    assert may_answer(inside.access(inside.paul), approval)
    assert not may_answer(inside.access(inside.marc), approval)
    inside.brand.user_grants.filter(user=inside.paul).delete()
    put_in_team(inside.brand, inside.marc)
    assert not may_answer(inside.access(inside.paul), approval)
    assert may_answer(inside.access(inside.marc), approval)
    with pytest.raises(CannotAnswer, match="other people"):
        say_yes(inside, inside.paul, approval)
    assert say_yes(inside, inside.marc, approval).state == State.SCHEDULED


def _standstill(acme: Acme, approval: Approval) -> Standstill:
    found = open_step(acme, approval)
    assert found is not None
    found.approval = approval
    return standstill_of(found, timezone.now())
