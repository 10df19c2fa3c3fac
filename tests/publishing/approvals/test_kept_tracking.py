"""A campaign's tracking values change under nobody's seal: what is scheduled or waits goes out as it was approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.content import content_for
from publishing.delivery.checks import reason_to_hold
from publishing.models import Approval, Campaign, Post, Publication, State
from publishing.selectors.differences import difference
from publishing.services.scheduling import schedule_post
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.approvals.making import fresh, say_yes
from tests.publishing.organizing.shelves import make_campaign
from tests.publishing.pages import in_days, press, publications, url, words

SignIn = Callable[[User], Client]
LINK = "Look: https://acme.test/sale"


@pytest.fixture
def sale(acme: Acme) -> Campaign:
    return make_campaign(acme, utm_campaign="winter")


def sent(acme: Acme, publication: Publication) -> str:
    """Return the text as it would go out now."""
    with organization_open(acme.organization.pk):
        found = Publication.objects.select_related("post__campaign", "profile").get(pk=publication.pk)
        return content_for(found.post, found.profile).text


def hold(acme: Acme, publication: Publication) -> Any:
    with organization_open(acme.organization.pk):
        return reason_to_hold(fresh(acme, publication), timezone.now())


def in_campaign(acme: Acme, client: Client, act: str, campaign: Campaign, **more: Any) -> Publication:
    press(client, act, acme.news, text=LINK, organizing="1", campaign=campaign.pk, when=in_days(2), **more)
    return publications(acme)[-1]


def change(client: Client, campaign: Campaign, **more: str) -> Any:
    return client.post(url("campaign_edit", campaign.pk), {"name": campaign.name} | more)


@pytest.mark.parametrize("act", ["schedule", "ask"])
def test_scheduled_and_approved_posts_keep_the_values_they_were_approved_with(
    act: str, acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    olga = signed_in(acme.olga)
    publication = in_campaign(acme, signed_in(acme.paul if act == "schedule" else acme.mina), act, sale)
    assert change(olga, sale, utm_campaign="spring").status_code in (302, 303)
    if act == "ask":
        with organization_open(acme.organization.pk):
            approval = Approval.objects.select_related("publication").get()
        say_yes(acme, acme.marc, approval)
    assert fresh(acme, publication).state == State.SCHEDULED
    assert "utm_campaign=winter" in sent(acme, publication) and hold(acme, publication) is None


def test_form_says_beforehand_how_many_posts_keep_the_old_values(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    olga = signed_in(acme.olga)
    assert "keeps the values it was approved with" not in words(olga.get(url("campaign_edit", sale.pk)))
    in_campaign(acme, signed_in(acme.paul), "schedule", sale)
    in_campaign(acme, signed_in(acme.paul), "save", sale)
    page = words(olga.get(url("campaign_edit", sale.pk)))
    assert "1 post of this campaign is scheduled or waits for approval. It keeps the values" in page
    assert "1 that is scheduled or waits keeps the tracking values" in page, (
        "and so says the dialog that deletes"
    )


def test_drafts_and_posts_scheduled_anew_take_the_new_values(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    draft = in_campaign(acme, signed_in(acme.paul), "save", sale)
    queued = in_campaign(acme, signed_in(acme.paul), "schedule", sale)
    change(signed_in(acme.olga), sale, utm_campaign="spring")
    assert "utm_campaign=spring" in sent(acme, draft)
    now = timezone.now()
    with organization_open(acme.organization.pk):
        post, due = queued.post, {queued.pk: now + timedelta(days=3)}
        schedule_post(actor=acme.access(acme.paul), post=Post.objects.get(pk=post.pk), due=due, now=now)
    assert "utm_campaign=spring" in sent(acme, queued) and hold(acme, queued) is None


def test_edit_that_brings_a_post_back_to_its_drafts_takes_the_new_values(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    waiting = in_campaign(acme, signed_in(acme.mina), "ask", sale)
    change(signed_in(acme.olga), sale, utm_campaign="spring")
    chosen = {"organizing": "1", "campaign": sale.pk, "version": 1}
    press(signed_in(acme.mina), "save", acme.news, post=waiting.post, text=f"{LINK}/now", **chosen)
    assert fresh(acme, waiting).state == State.DRAFT and "utm_campaign=spring" in sent(acme, waiting)


def test_deleted_campaign_leaves_its_values_in_what_is_scheduled(
    acme: Acme, signed_in: SignIn, sale: Campaign
) -> None:
    publication = in_campaign(acme, signed_in(acme.paul), "schedule", sale)
    answer = signed_in(acme.olga).post(url("campaign_deletion", sale.pk))
    assert answer.status_code in (302, 303)
    with organization_open(acme.organization.pk):
        assert not Campaign.objects.exists()
    assert "utm_campaign=winter" in sent(acme, publication) and hold(acme, publication) is None


def test_values_that_come_do_not_reach_links_that_were_approved_without(
    acme: Acme, signed_in: SignIn
) -> None:
    plain = make_campaign(acme)
    publication = in_campaign(acme, signed_in(acme.paul), "schedule", plain)
    change(signed_in(acme.olga), plain, utm_campaign="spring")
    assert sent(acme, publication) == LINK and hold(acme, publication) is None


def test_reviewer_is_shown_that_the_tracking_changed() -> None:
    old = {"text": LINK, "tracking": {"source": "mastodon", "campaign": "winter"}}
    [change_] = difference(old, {"text": LINK, "tracking": {"source": "mastodon", "campaign": "spring"}})
    assert (change_.label, change_.after) == ("Tracking of links", "utm_source=mastodon, utm_campaign=spring")
    assert difference({"text": LINK}, old) == [], "a request from before says nothing of them"
