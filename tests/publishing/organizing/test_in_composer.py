from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import Approval, CustomValue, Post, PostVersion, State
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person
from tests.publishing.organizing.shelves import (
    fresh,
    label_names,
    make_campaign,
    make_category,
    make_field,
    make_label,
    rows,
)
from tests.publishing.pages import LOCAL, in_days, press, publications, send, url, words, write

SignIn = Callable[[User], Client]
ON: dict[str, Any] = {"organizing": "1"}


def due_on_the_page(due_at: datetime) -> str:
    return due_at.astimezone(UTC).strftime(LOCAL)


def test_a_post_is_saved_with_its_labels_campaign_fields_and_drawer(acme: Acme, signed_in: SignIn) -> None:
    label, campaign, category = make_label(acme), make_campaign(acme), make_category(acme)
    text, number = make_field(acme), make_field(acme, "Budget", "number")
    day, asked = make_field(acme, "Release", "date"), make_field(acme, "Legal", "yes_no")
    paul = signed_in(acme.paul)
    page = words(paul.get(url("post_new")))
    assert "Labels, campaign and details" in page and "Winter sale" in page and "Cost center" in page
    press(
        paul,
        "save",
        acme.news,
        **ON,
        labels=[label.pk],
        campaign=campaign.pk,
        category=category.pk,
        status="idea",
        **{
            f"field_{text.pk}": " 4711 ",
            f"field_{number.pk}": "100.50",
            f"field_{day.pk}": "2026-12-24",
            f"field_{asked.pk}": "yes",
        },
    )
    post = rows(acme, Post)[0]
    assert (post.campaign_id, post.draft_category_id, post.draft_status) == (campaign.pk, category.pk, "idea")
    assert label_names(acme, post) == ["Winter"]
    kept = {one.field_id: one.value for one in rows(acme, CustomValue)}
    assert kept == {text.pk: "4711", number.pk: "100.5", day.pk: "2026-12-24", asked.pk: "yes"}
    content = rows(acme, PostVersion)[0].content
    assert [one["name"] for one in content["labels"]] == ["Winter"]
    assert content["campaign"]["name"] == "Winter sale"
    again = words(paul.get(url("post_edit", post.pk)))
    assert 'value="4711"' in again and 'value="2026-12-24"' in again


def test_a_form_without_the_part_leaves_everything_as_it_is(acme: Acme, signed_in: SignIn) -> None:
    label = make_label(acme)
    paul = signed_in(acme.paul)
    press(paul, "save", acme.news, **ON, labels=[label.pk])
    post = rows(acme, Post)[0]
    press(paul, "save", acme.news, post=post, text="Changed", version=1)
    assert fresh(acme, post).text == "Changed"
    assert label_names(acme, post) == ["Winter"]


def test_a_required_field_lets_a_draft_be_saved_but_not_sent(acme: Acme, signed_in: SignIn) -> None:
    field = make_field(acme, is_required=True)
    paul = signed_in(acme.paul)
    assert press(paul, "save", acme.news, **ON, **{f"field_{field.pk}": ""}).status_code == 302
    post = rows(acme, Post)[0]
    refused = press(paul, "schedule", acme.news, post=post, version=1, when=in_days(2), **ON)
    assert refused.status_code == 422 and "This field is required" in words(refused)
    without_part = press(paul, "schedule", acme.news, post=post, version=1, when=in_days(2))
    assert without_part.status_code == 422 and "Fill in first: Cost center." in words(without_part)
    assert publications(acme)[0].state == State.DRAFT
    filled = {f"field_{field.pk}": "4711"}
    sent = press(paul, "schedule", acme.news, post=post, version=1, when=in_days(2), **ON, **filled)
    assert sent.status_code == 302
    assert publications(acme)[0].state == State.SCHEDULED


def test_a_wrong_number_comes_back_as_it_was_typed(acme: Acme, signed_in: SignIn) -> None:
    field = make_field(acme, "Budget", "number")
    answer = press(signed_in(acme.paul), "save", acme.news, **ON, **{f"field_{field.pk}": "plenty"})
    assert answer.status_code == 422
    assert 'value="plenty"' in words(answer) and "Enter a number" in words(answer)
    assert rows(acme, Post) == []


def test_a_moderators_label_in_the_composer_sends_his_scheduled_post_for_approval_again(
    acme: Acme, signed_in: SignIn
) -> None:
    label = make_label(acme)
    waiting = send(acme, acme.mina, acme.news)
    with organization_open(acme.organization.pk):  # Olga has approved it
        Approval.objects.update(answer=Approval.Answer.APPROVED)
        waiting.post.publications.update(state=State.SCHEDULED, vouched_by=acme.olga)
    when = due_on_the_page(waiting.due_at)
    mina = signed_in(acme.mina)
    same = {"version": 1, "when": when, "when_before": when, "language": "", **ON}
    press(mina, "save", acme.news, post=waiting.post, **same)
    assert publications(acme)[0].state == State.SCHEDULED
    press(mina, "save", acme.news, post=waiting.post, **(same | {"version": 2}), labels=[label.pk])
    assert publications(acme)[0].state == State.WAITING
    assert [one.requested_by_id for one in rows(acme, Approval, answer="")] == [acme.mina.pk]


def test_labels_are_offered_only_to_who_may_put_them_on(acme: Acme, signed_in: SignIn) -> None:
    make_label(acme)
    nora = make_person("Nora New")
    add_member(acme.organization, nora, "standard:member")
    give(acme.news, nora, "standard:editor")
    scheduled = send(acme, acme.paul, acme.news)
    assert "Winter" in words(signed_in(nora).get(url("post_edit", scheduled.post_id)))
    make_field(acme)
    assert "Winter" not in words(signed_in(acme.gus).get(url("publication_detail", scheduled.pk)))


def test_a_new_post_from_a_campaigns_page_has_it_chosen(acme: Acme, signed_in: SignIn) -> None:
    campaign = make_campaign(acme)
    page = words(signed_in(acme.paul).get(url("post_new"), {"campaign": campaign.pk}))
    assert f'<option value="{campaign.pk}" selected>' in page
    odd = signed_in(acme.paul).get(url("post_new"), {"campaign": "x"})
    assert odd.status_code == 200


def test_the_publications_page_shows_labels_and_leads_to_the_versions(acme: Acme, signed_in: SignIn) -> None:
    label = make_label(acme)
    paul = signed_in(acme.paul)
    press(paul, "schedule", acme.news, when=in_days(2), **ON, labels=[label.pk])
    publication = publications(acme)[0]
    page = words(paul.get(url("publication_detail", publication.pk)))
    assert "Winter" in page and url("post_history", publication.post_id) in page
    assert url("post_labels", publication.post_id) in page
    seen = words(signed_in(acme.gus).get(url("publication_detail", publication.pk)))
    assert "Winter" in seen and url("post_labels", publication.post_id) not in seen


def test_a_draft_status_is_set_by_who_may_toggle_it(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    now = timezone.now() + timedelta(seconds=1)
    assert now > fresh(acme, post).updated_at
    paul = signed_in(acme.paul)
    press(paul, "save", acme.news, post=post, version=1, **ON, status="ready")
    assert fresh(acme, post).draft_status == "ready"
    odd = press(paul, "save", acme.news, post=post, version=2, **ON, status="done")
    assert odd.status_code == 422


def test_the_list_shows_labels_and_fields_and_is_narrowed_by_a_field(acme: Acme, signed_in: SignIn) -> None:
    label, field = make_label(acme), make_field(acme, "Region", "choice", choices=["North", "South"])
    paul = signed_in(acme.paul)
    press(
        paul, "save", acme.news, **ON, labels=[label.pk], **{f"field_{field.pk}": "North"}, text="Found one"
    )
    press(paul, "save", acme.news, text="Other one")
    everything = words(paul.get(url("post_list")))
    assert "Winter" in everything and "Region: North" in everything and "Other one" in everything
    narrowed = words(paul.get(url("post_list"), {f"field_{field.pk}": "North"}))
    assert "Found one" in narrowed and "Other one" not in narrowed
    none = words(paul.get(url("post_list"), {f"field_{field.pk}": "South", "field_x": "1"}))
    assert "Found one" not in none and "Nothing matches" in none
