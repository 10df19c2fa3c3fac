"""A workflow that binds those who may publish as well: every way to let a post out past it is shut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import Approval, HoldReason, Publication, QueueSlot, State
from publishing.services.approval_times import hold_missed
from publishing.services.delivery import CannotTakeOver, take_over_held
from publishing.services.followups import CannotFollowUp, edit_published
from publishing.services.scheduling import reschedule
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, give, make_profile, role
from tests.publishing.approvals.making import ask, fresh, make_workflow, say_yes, step
from tests.publishing.organizing.shelves import edit, make_campaign
from tests.publishing.pages import in_days, press, publications, send, url, words

SignIn = Callable[[User], Client]
DAY = timedelta(days=1)


@pytest.fixture
def strict(acme: Acme) -> Acme:
    """Let posts on Acme News be looked at by Marc, also those of people who may publish there."""
    make_workflow(acme, step("Last look", acme.marc), binds_publishers=True)
    return acme


@pytest.mark.parametrize("who", ["olga", "paul"])
def test_post_of_whoever_may_publish_is_sent_for_approval(who: str, strict: Acme, signed_in: SignIn) -> None:
    client = signed_in(getattr(strict, who))
    answer = press(client, "schedule", strict.news, when=in_days(2))
    assert answer.status_code == 302
    [publication] = publications(strict)
    assert publication.state == State.WAITING
    with organization_open(strict.organization.pk):
        approval = Approval.objects.get()
    assert say_yes(strict, strict.marc, approval).state == State.SCHEDULED


def test_publishing_now_is_refused_with_the_reason(strict: Acme, signed_in: SignIn) -> None:
    answer = press(signed_in(strict.olga), "now", strict.news)
    assert answer.status_code == 422 and "Approval binds you as well on" in words(answer)
    assert publications(strict) == []
    assert press(signed_in(strict.olga), "now", strict.quiet).status_code == 302, (
        "elsewhere nothing binds her"
    )


def test_composer_offers_only_sending_for_approval(strict: Acme, signed_in: SignIn) -> None:
    page = signed_in(strict.olga).get(url("post_new")).context["composer"]
    may = {choice.profile: choice.may_publish for choice in page.choices}
    assert may == {strict.news: False, strict.sky: True, strict.quiet: True}


def test_campaign_binds_on_every_profile(acme: Acme, signed_in: SignIn) -> None:
    campaign = make_campaign(acme)
    make_workflow(acme, step("Law", acme.marc), campaigns=[campaign], binds_publishers=True)
    olga = signed_in(acme.olga)
    chosen = {"organizing": "1", "campaign": campaign.pk}
    assert "Approval binds you as well" in words(press(olga, "now", acme.quiet, **chosen))
    press(olga, "schedule", acme.quiet, when=in_days(2), **chosen)
    assert [one.state for one in publications(acme)] == [State.WAITING]


def test_move_and_edit_of_an_approved_post_ask_again(strict: Acme) -> None:
    approval = ask(strict)
    publication = say_yes(strict, strict.marc, approval)
    now = timezone.now()
    with organization_open(strict.organization.pk):
        moved = reschedule(
            actor=strict.access(strict.olga), publication=publication, due_at=now + 3 * DAY, now=now
        )
    assert moved.state == State.WAITING
    with organization_open(strict.organization.pk):
        again = Approval.objects.get(answer="")
    say_yes(strict, strict.marc, again)
    edit(strict, strict.olga, publication.post, text="Other words")
    assert fresh(strict, publication).state == State.DRAFT


def test_queue_sends_for_approval_as_well(strict: Acme, signed_in: SignIn) -> None:
    with organization_open(strict.organization.pk):
        for weekday in range(7):
            QueueSlot.objects.create(profile=strict.news, weekday=weekday, minute=600)
    press(signed_in(strict.olga), "queue", strict.news)
    assert [one.state for one in publications(strict)] == [State.WAITING]


def test_missed_post_is_not_taken_over_past_the_steps(strict: Acme) -> None:
    approval = ask(strict)
    late = timezone.now() + 2 * DAY
    hold_missed(organization_id=strict.organization.pk, publication_id=approval.publication_id, now=late)
    with organization_open(strict.organization.pk), pytest.raises(CannotTakeOver, match="binds you"):
        take_over_held(
            actor=strict.access(strict.olga),
            publication=fresh(strict, approval.publication),
            digest=approval.content_digest,
            now=late,
            due_at=late + DAY,
        )
    assert fresh(strict, approval.publication).state == State.HELD


def test_post_that_was_approved_is_taken_over_when_its_voucher_lost_the_right(strict: Acme) -> None:
    approval = ask(strict)
    publication = say_yes(strict, strict.marc, approval)
    with organization_open(strict.organization.pk):
        Publication.objects.filter(pk=publication.pk).update(
            state=State.HELD, hold_reason=HoldReason.RIGHT_LOST
        )
        taken = take_over_held(
            actor=strict.access(strict.olga),
            publication=fresh(strict, publication),
            digest=approval.content_digest,
            now=timezone.now(),
        )
    assert (taken.state, taken.vouched_by) == (State.SCHEDULED, strict.olga)


def test_words_that_are_out_are_not_changed_past_the_steps(strict: Acme, signed_in: SignIn) -> None:
    publication = say_yes(strict, strict.marc, ask(strict))
    with organization_open(strict.organization.pk):
        Publication.objects.filter(pk=publication.pk).update(
            state=State.PUBLISHED, published_at=timezone.now(), remote_id="17"
        )
        with pytest.raises(CannotFollowUp, match="binds you"):
            edit_published(
                actor=strict.access(strict.olga), publication=publication, text="Others", now=timezone.now()
            )
    page = words(signed_in(strict.olga).get(url("publication_detail", publication.pk)))
    assert url("published_edit", publication.pk) not in page


def test_force_is_the_one_way_past_it_and_never_for_ones_own(strict: Acme, signed_in: SignIn) -> None:
    own = send(strict, strict.olga, strict.news)
    with organization_open(strict.organization.pk):
        approval = Approval.objects.get(publication=own)
    answer = {"answer": "approve", "digest": approval.content_digest, "reason": "The storm is today"}
    address = url("forced_answer", approval.pk)
    refused = signed_in(strict.olga).post(address, answer)
    assert refused.status_code == 422 and "Nobody approves his own" in words(refused)
    assert fresh(strict, own).state == State.WAITING
    assert signed_in(strict.marc).post(address, answer).status_code == 302
    assert fresh(strict, own).state == State.SCHEDULED


def test_pinterest_editor_needs_no_approval(acme: Acme) -> None:
    """P12: the role is fixed and needs none, whatever a workflow says; another role that publishes is bound."""
    pins = make_profile(acme.organization, "acme-pins", "pinterest")
    make_workflow(acme, step("Last look", acme.marc), profiles=[acme.news, pins], binds_publishers=True)
    give(acme.news, acme.emil, "pinterest:editor")
    assert send(acme, acme.emil, acme.news).state == State.SCHEDULED
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.emil).update(
            permission=role("standard:editor").permission_id
        )
    assert send(acme, acme.emil, acme.news).state == State.WAITING


def test_switch_is_set_and_told_on_the_pages(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    typed = {"name": "Strict", "step": ["s0"], "s0-rule": "any", "s0-people": [acme.marc.pk], "act": "save"}
    answer = olga.post(url("workflow_new"), typed | {"binds_publishers": "on"})
    page = words(olga.get(answer["Location"]))
    assert "Also binds those who may publish" in page
    assert "Binds those who may publish" in words(olga.get(url("workflow_list")))
    edit_page = olga.get(answer["Location"] + "edit/")
    assert edit_page.context["form"]["binds_publishers"].value() is True
    assert olga.post(answer["Location"] + "edit/", typed).status_code == 302
    assert "Also binds those who may publish" not in words(olga.get(answer["Location"]))
