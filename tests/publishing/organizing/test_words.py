from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Workspace
from publishing.models import Campaign, CustomField, DraftCategory, HashtagList
from publishing.organizing.forms import HashtagListForm
from tenancy.context import organization_open
from tests.cast import Acme, add_member, make_person
from tests.publishing.organizing.shelves import (
    edit,
    fresh,
    make_campaign,
    make_category,
    make_field,
    make_hashtag_list,
    rows,
)
from tests.publishing.pages import send, url, words, write

SignIn = Callable[[User], Client]
CAMPAIGN = {
    "name": "Winter sale",
    "description": "Everything must go",
    "start_date": "2026-12-01",
    "end_date": "2027-01-06",
    "utm_source": "social",
    "utm_medium": "post",
    "utm_campaign": "winter-2026",
    "utm_content": "",
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("#BikeToWork #NoCar", ["BikeToWork", "NoCar"]),
        ("biketowork, BikeToWork; NoCar", ["biketowork", "NoCar"]),
        ("vélo\n東京\nÜberland_2026", ["vélo", "東京", "Überland_2026"]),
    ],
)
def test_hashtags_are_taken_as_people_paste_them(typed: str, kept: list[str]) -> None:
    form = HashtagListForm({"name": "Cycling", "hashtags": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hashtags"] == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("bike-to-work", "only letters, digits"),
        ("##twice", "only letters, digits"),
        ("2026", "digits alone"),
        ("x" * 101, "at most 100 characters"),
        (" ".join(f"tag{n}" for n in range(61)), "at most 60 hashtags"),
        ("# ,", "at least one"),
    ],
)
def test_what_makes_no_hashtag_is_refused_with_the_reason(typed: str, sentence: str) -> None:
    form = HashtagListForm({"name": "Cycling", "hashtags": typed})
    assert not form.is_valid()
    assert sentence in str(form.errors["hashtags"])


def test_a_hashtag_list_is_saved_and_offered_to_the_composer(acme: Acme, signed_in: SignIn) -> None:
    emil = signed_in(acme.emil)
    typed = {"name": "Cycling", "hashtags": "#BikeToWork #NoCar"}
    assert emil.post(url("hashtag_list_list"), typed).status_code == 303
    as_json = emil.get(url("hashtags_to_insert"), headers={"accept": "application/json"}).json()
    found = rows(acme, HashtagList)[0]
    assert as_json == {
        "lists": [
            {
                "id": found.pk,
                "name": "Cycling",
                "hashtags": ["BikeToWork", "NoCar"],
                "text": "#BikeToWork #NoCar",
            }
        ]
    }
    as_page = words(emil.get(url("hashtags_to_insert"), headers={"accept": "text/html"}))
    assert 'data-insert="#BikeToWork #NoCar"' in as_page
    assert signed_in(acme.mallory).get(url("hashtags_to_insert")).status_code == 404


def test_a_hashtag_list_is_changed_and_deleted(acme: Acme, signed_in: SignIn) -> None:
    found = make_hashtag_list(acme)
    emil = signed_in(acme.emil)
    emil.post(url("hashtag_list_edit", found.pk), {"name": "Cycling", "hashtags": "bike"})
    assert rows(acme, HashtagList)[0].hashtags == ["bike"]
    assert emil.post(url("hashtag_list_deletion", found.pk)).status_code == 303
    assert rows(acme, HashtagList) == []


def test_a_campaign_is_begun_changed_and_deleted_by_who_manages_campaigns(
    acme: Acme, signed_in: SignIn
) -> None:
    marc = signed_in(acme.marc)
    assert marc.post(url("campaign_new"), CAMPAIGN).status_code == 303
    campaign = rows(acme, Campaign)[0]
    assert (campaign.start_date, campaign.end_date) == (date(2026, 12, 1), date(2027, 1, 6))
    assert campaign.tracking == {"source": "social", "medium": "post", "campaign": "winter-2026"}
    assert campaign.workspace_id == acme.main.pk
    marc.post(url("campaign_edit", campaign.pk), CAMPAIGN | {"name": "Snow"})
    assert "Snow" in words(marc.get(url("campaign_list")))
    post = write(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        type(post).objects.filter(pk=post.pk).update(campaign=campaign)
    assert marc.post(url("campaign_deletion", campaign.pk)).status_code == 303
    assert fresh(acme, post).campaign_id is None
    with organization_open(acme.organization.pk):
        told = AuditEvent.objects.get(action="content_campaign.delete")
    assert told.before["uses"] == 1


def test_who_manages_no_campaigns_sees_them_and_begins_none(acme: Acme, signed_in: SignIn) -> None:
    campaign = make_campaign(acme)
    paul = signed_in(acme.paul)
    page = words(paul.get(url("campaign", campaign.pk)))
    assert "Winter sale" in page and url("campaign_edit", campaign.pk) not in page
    assert paul.post(url("campaign_new"), CAMPAIGN | {"name": "Mine"}).status_code == 403
    assert paul.post(url("campaign_edit", campaign.pk), CAMPAIGN).status_code == 403
    assert paul.post(url("campaign_deletion", campaign.pk)).status_code == 403
    assert len(rows(acme, Campaign)) == 1


def test_a_campaign_cannot_end_before_it_begins(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.marc).post(url("campaign_new"), CAMPAIGN | {"end_date": "2026-11-30"})
    assert answer.status_code == 422 and "lies before the first" in words(answer)
    assert 'value="winter-2026"' in words(answer)
    assert rows(acme, Campaign) == []


def test_a_campaign_of_a_workspace_out_of_reach_is_not_there(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        other = Workspace.objects.create(slug="other", name="Other")
    hidden = make_campaign(acme, "Hidden", workspace=other)
    nora = make_person("Nora New")
    add_member(acme.organization, nora, "standard:member", workspaces=[acme.main])
    client = signed_in(nora)
    assert "Hidden" not in words(client.get(url("campaign_list")))
    assert client.get(url("campaign", hidden.pk)).status_code == 404
    assert "Hidden" in words(signed_in(acme.paul).get(url("campaign_list")))


def test_the_page_of_a_campaign_shows_its_posts_by_state_to_who_may_see_them(
    acme: Acme, signed_in: SignIn
) -> None:
    campaign = make_campaign(acme)
    scheduled = send(acme, acme.paul, acme.news, text="Scheduled one")
    waiting = send(acme, acme.mina, acme.news, text="Waiting one")
    elsewhere = send(acme, acme.olga, acme.quiet, text="Secret one")
    with organization_open(acme.organization.pk):
        for publication in (scheduled, waiting, elsewhere):
            publication.post.campaign = campaign
            publication.post.save(update_fields=["campaign"])
    gus = signed_in(acme.gus)
    page = words(gus.get(url("campaign", campaign.pk)))
    assert "Scheduled one" in page and "Waiting one" in page and "Secret one" not in page
    only = words(gus.get(url("campaign", campaign.pk), {"state": "waiting"}))
    assert "Waiting one" in only and "Scheduled one" not in only


def test_own_fields_are_made_changed_and_deleted(acme: Acme, signed_in: SignIn) -> None:
    emil = signed_in(acme.emil)
    typed = {"name": "Product", "kind": "choice", "choices": "Bikes\n Trailers \nBikes", "is_required": "on"}
    assert emil.post(url("custom_field_list"), typed).status_code == 303
    field = rows(acme, CustomField)[0]
    assert (field.choices, field.is_required) == (["Bikes", "Trailers"], True)
    changed = {"name": "Product line", "choices": "Bikes\nTrailers\nHelmets"}
    assert emil.post(url("custom_field_edit", field.pk), changed).status_code == 303
    field = rows(acme, CustomField)[0]
    assert (field.name, field.kind, len(field.choices), field.is_required) == (
        "Product line",
        "choice",
        3,
        False,
    )
    assert emil.post(url("custom_field_deletion", field.pk)).status_code == 303
    assert rows(acme, CustomField) == []


def test_a_choice_needs_something_to_choose_from(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.emil).post(
        url("custom_field_list"), {"name": "Product", "kind": "choice", "choices": "Bikes"}
    )
    assert answer.status_code == 422 and "at least two" in words(answer)


def test_categories_are_made_by_everyone_and_deleted_by_managers(acme: Acme, signed_in: SignIn) -> None:
    emil = signed_in(acme.emil)
    assert emil.post(url("draft_category_list"), {"name": "Ideas"}).status_code == 303
    category = rows(acme, DraftCategory)[0]
    assert emil.post(url("draft_category_edit", category.pk), {"name": "Thoughts"}).status_code == 303
    page = words(emil.get(url("draft_category_edit", category.pk)))
    assert url("draft_category_deletion", category.pk) not in page
    assert emil.post(url("draft_category_deletion", category.pk)).status_code == 403  # AO21
    assert signed_in(acme.marc).post(url("draft_category_deletion", category.pk)).status_code == 303
    assert rows(acme, DraftCategory) == []


@pytest.mark.parametrize(
    "route", ["label_list", "hashtag_list_list", "custom_field_list", "draft_category_list", "campaign_list"]
)
def test_an_empty_page_says_what_it_will_hold(acme: Acme, signed_in: SignIn, route: str) -> None:
    assert "yet" in words(signed_in(acme.olga).get(url(route)))


def test_deleting_a_field_takes_what_posts_said_in_it(acme: Acme, signed_in: SignIn) -> None:
    from publishing.services.organizing import Organizing

    field = make_field(acme)
    make_category(acme)
    post = write(acme, acme.paul, acme.news)
    edit(acme, acme.paul, post, organizing=Organizing(values={field.pk: "4711"}))
    assert "1 post uses it" in words(signed_in(acme.olga).get(url("custom_field_edit", field.pk)))
    signed_in(acme.olga).post(url("custom_field_deletion", field.pk))
    with organization_open(acme.organization.pk):
        assert not post.custom_values.exists()
