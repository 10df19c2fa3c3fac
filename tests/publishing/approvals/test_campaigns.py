"""Campaigns with a workflow of their own: its steps come first, and none of the profile's is lost by choosing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orgs.models import Membership, Workspace
from publishing.models import Approval, Campaign, Post, Publication, State, Workflow
from publishing.services import scheduling
from publishing.services.scheduling import schedule_post
from publishing.services.vocabulary import CAMPAIGNS, delete_named
from publishing.services.workflows import delete_workflow
from tenancy.context import organization_open
from tests.cast import Acme, make_profile
from tests.publishing.approvals.making import fresh, make_workflow, say_yes, step
from tests.publishing.organizing.shelves import make_campaign
from tests.publishing.pages import in_days, press, publications, send, url, words, write

SignIn = Callable[[User], Client]


@pytest.fixture
def sale(acme: Acme) -> Campaign:
    """Return a campaign whose posts Marc looks at; posts on Acme News are looked at by Paul."""
    campaign = make_campaign(acme)
    make_workflow(acme, step("Profile", acme.paul), name="News")
    make_workflow(acme, step("Campaign", acme.marc), name="Sale", campaigns=[campaign])
    return campaign


def put_into(acme: Acme, client: Client, post: Post, campaign: Campaign | None, **more: Any) -> Any:
    """Choose the campaign in the composer and save."""
    with organization_open(acme.organization.pk):
        post.refresh_from_db()
    chosen = {"organizing": "1", "campaign": campaign.pk if campaign else ""}
    typed = {"text": post.text, "version": post.version} | chosen | more
    return client.post(
        url("post_edit", post.pk),
        {"profile": [acme.news.pk], "language": "", "act": "save"} | typed,
        follow=True,
    )


def open_request(acme: Acme, publication: Publication) -> Approval:
    with organization_open(acme.organization.pk):
        return Approval.objects.select_related("publication", "workflow", "campaign_workflow").get(
            publication=publication, answer=""
        )


def steps_of(acme: Acme, approval: Approval) -> list[str]:
    with organization_open(acme.organization.pk):
        return list(approval.steps.order_by("position").values_list("name", flat=True))


def test_steps_of_the_campaign_come_ahead_of_those_of_the_profile(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    mina = signed_in(acme.mina)
    press(mina, "ask", acme.news, organizing="1", campaign=sale.pk, when=in_days(2))
    [publication] = publications(acme)
    approval = open_request(acme, publication)
    assert steps_of(acme, approval) == ["Campaign", "Profile"]
    assert say_yes(acme, acme.marc, approval).state == State.WAITING
    page = words(signed_in(acme.paul).get(url("approval_detail", approval.pk)))
    assert "Sale" in page and "News" in page
    assert say_yes(acme, acme.paul, approval).state == State.SCHEDULED


def test_one_workflow_for_both_is_taken_once(acme: Acme, signed_in: SignIn) -> None:
    campaign = make_campaign(acme)
    make_workflow(acme, step("Once", acme.marc), profiles=[acme.news], campaigns=[campaign])
    press(signed_in(acme.mina), "ask", acme.news, organizing="1", campaign=campaign.pk, when=in_days(2))
    [publication] = publications(acme)
    assert steps_of(acme, open_request(acme, publication)) == ["Once"]


def test_post_put_into_a_campaign_while_it_waits_begins_with_the_steps_it_takes_now(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    publication = send(acme, acme.mina, acme.news)
    first = open_request(acme, publication)
    page = words(put_into(acme, signed_in(acme.mina), publication.post, sale))
    assert "sent for approval again" in page
    second = open_request(acme, publication)
    assert steps_of(acme, second) == ["Campaign", "Profile"] and second.requested_by_id == acme.mina.pk
    with organization_open(acme.organization.pk):
        first.refresh_from_db()
    assert first.answer == Approval.Answer.VOID
    page = words(put_into(acme, signed_in(acme.mina), publication.post, None))
    assert "sent for approval again" in page, (
        "out of the campaign its steps are gone, and that is said as well"
    )
    assert steps_of(acme, open_request(acme, publication)) == ["Profile"]
    assert fresh(acme, publication).state == State.WAITING


def test_campaign_without_steps_of_its_own_leaves_the_request_as_it_is(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    publication = send(acme, acme.mina, acme.news)
    before = open_request(acme, publication)
    page = words(put_into(acme, signed_in(acme.mina), publication.post, make_campaign(acme, "Plain")))
    assert "sent for approval again" not in page
    assert open_request(acme, publication) == before


def test_scheduled_post_put_into_a_campaign_is_asked_for_where_nobody_answered_its_steps(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    approved = send(acme, acme.mina, acme.news)
    say_yes(acme, acme.paul, open_request(acme, approved))
    put_into(acme, signed_in(acme.mina), approved.post, sale)
    assert fresh(acme, approved).state == State.WAITING
    own = send(acme, acme.olga, acme.news)
    put_into(acme, signed_in(acme.olga), own.post, sale)
    assert fresh(acme, own).state == State.SCHEDULED, "who may publish past the steps keeps his schedule"


def test_request_keeps_its_steps_when_the_campaign_loses_them(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    press(signed_in(acme.mina), "ask", acme.news, organizing="1", campaign=sale.pk, when=in_days(2))
    [publication] = publications(acme)
    approval = open_request(acme, publication)
    olga = signed_in(acme.olga)
    with organization_open(acme.organization.pk):
        workflow = Workflow.objects.get(name="Sale")
    assert "1 request on its way keeps" in words(olga.get(url("workflow_edit", workflow.pk)))
    assert "1 request on its way keeps" in words(olga.get(url("workflow_detail", workflow.pk)))
    with organization_open(acme.organization.pk):
        delete_workflow(actor=acme.access(acme.olga), workflow=workflow, now=timezone.now())
        sale.refresh_from_db()
        assert sale.workflow is None
        delete_named(actor=acme.access(acme.olga), kind=CAMPAIGNS, row=sale, now=timezone.now())
    say_yes(acme, acme.marc, approval)
    assert say_yes(acme, acme.paul, approval).state == State.SCHEDULED


def test_campaigns_are_chosen_on_the_page_of_the_workflow_and_told_on_their_own(
    acme: Acme, signed_in: SignIn
) -> None:
    campaign, olga = make_campaign(acme), signed_in(acme.olga)
    typed = {
        "name": "Sale",
        "campaigns": [campaign.pk],
        "step": ["s0"],
        "s0-rule": "any",
        "s0-people": [acme.marc.pk],
        "act": "save",
    }
    assert olga.post(url("workflow_new"), typed).status_code == 302
    with organization_open(acme.organization.pk):
        workflow = Workflow.objects.get()
    assert "Winter sale" in words(olga.get(url("workflow_detail", workflow.pk)))
    assert "Winter sale" in words(olga.get(url("workflow_list")))
    assert ">Sale</a>" in words(olga.get(url("campaign", campaign.pk)))
    second = olga.post(url("workflow_new"), typed | {"name": "Another"})
    assert second.status_code == 422 and "takes the workflow “Sale” already" in words(second)
    assert olga.post(url("workflow_edit", workflow.pk), typed | {"campaigns": []}).status_code == 302
    with organization_open(acme.organization.pk):
        campaign.refresh_from_db()
    assert campaign.workflow is None


def test_campaign_out_of_reach_is_neither_shown_nor_lost_by_saving(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        secret = Workspace.objects.create(slug="secret", name="Secret")
    hidden, known = make_campaign(acme, "Hidden", workspace=secret), make_campaign(acme)
    workflow = make_workflow(acme, step("Words", acme.paul), campaigns=[hidden, known])
    with organization_open(acme.organization.pk):
        membership = Membership.objects.get(user=acme.marc)
        Membership.objects.filter(pk=membership.pk).update(reaches_all_workspaces=False)
        membership.workspace_accesses.create(workspace=acme.main)
    marc = signed_in(acme.marc)
    form = marc.get(url("workflow_edit", workflow.pk)).context["form"]
    assert list(form.fields["campaigns"].queryset) == [known]
    typed = {"name": "Sale", "step": ["s0"], "s0-rule": "any", "s0-people": [acme.paul.pk], "act": "save"}
    assert marc.post(url("workflow_edit", workflow.pk), typed).status_code == 302
    with organization_open(acme.organization.pk):
        assert list(workflow.campaigns.all()) == [hidden]


def test_network_that_knows_no_approval_takes_no_steps_of_a_campaign(
    acme: Acme, sale: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H10: who may publish there publishes; a campaign brings no approval to a network without one."""
    monkeypatch.setattr(scheduling, "problems_of", lambda publication: [])  # the video is not the matter here
    tube = make_profile(acme.organization, "acme-tube", "youtube")
    strict = make_campaign(acme, "Strict")
    make_workflow(acme, step("All", acme.marc), name="All", campaigns=[strict], binds_publishers=True)
    post = write(acme, acme.olga, tube)
    with organization_open(acme.organization.pk):
        Post.objects.filter(pk=post.pk).update(campaign=strict)
        due = {post.publications.get().pk: timezone.now()}
        olga = acme.access(acme.olga)
        [publication] = schedule_post(actor=olga, post=post, due=due, now=timezone.now())
    assert publication.state == State.SCHEDULED
