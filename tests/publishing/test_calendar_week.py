"""The week by its address: filters, hours of changed clocks, and moves that ask first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Approval, Campaign, Label, Post, PostLabel, Publication, State
from publishing.selectors.calendar import CARDS_IN_DAY
from publishing.services.approvals import approve
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.approvals.making import ask, make_workflow, say_yes, step
from tests.publishing.pages import publications, send, url, words
from tests.publishing.test_calendar import DRAGGED, cards

SignIn = Callable[[User], Client]
THURSDAY = datetime(2027, 6, 10, 10, 15, tzinfo=UTC)
NOW = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
WEEK = ("calendar_week_of", 2027, 6, 10)


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def slots(response: Any) -> dict[str, list[str]]:
    return {
        f"{slot.start:%a %H}{'b' if slot.is_again else ''}": [
            one.card.publication.post.title for one in slot.cards
        ]
        for column in response.context["week"].columns
        for slot in column.slots
        if slot.cards
    }


def put(client: Client, publication: Publication, slot: str, **more: str) -> Any:
    data = {"slot": slot, "day": slot[:10], "week": slot[:10], "together": "1", **more}
    return client.post(url("publication_move", publication.pk), data, **DRAGGED)  # type: ignore[arg-type]


def test_week_shows_each_post_in_its_hour_at_its_minute(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, acme.sky, due_at=THURSDAY)
    page = paul.get(url(*WEEK))
    assert slots(page) == {"Thu 10": ["Hello, world"]}
    assert 'data-minute="15" data-lane="0" data-lanes="1"' in words(page)
    assert cards(paul.get(url("calendar_week_of", 2027, 6, 14))) == {}
    assert 'class="wk-now"' in words(paul.get(url("calendar_week"))) and "wk-now" not in words(page)
    assert paul.get(url("calendar_week_of", 2027, 2, 30)).status_code == 404
    assert paul.get(url("calendar_week_of", 1, 1, 1)).status_code == 404


def test_hour_that_comes_twice_has_two_places_and_a_post_is_put_into_either(acme: Acme, paul: Client) -> None:
    User.objects.filter(pk=acme.paul.pk).update(time_zone="Europe/Berlin")
    with organization_open(acme.organization.pk):
        SocialProfile.objects.update(time_zone="America/New_York")
    first = send(acme, acme.paul, acme.news, text="First", due_at=datetime(2027, 10, 31, 0, 30, tzinfo=UTC))
    send(acme, acme.paul, acme.news, text="Second", due_at=datetime(2027, 10, 31, 1, 30, tzinfo=UTC))
    page = paul.get(url("calendar_week_of", 2027, 10, 31))
    assert slots(page) == {"Sun 02": ["First"], "Sun 02b": ["Second"]}
    assert "25 hours" in words(page)
    answer = put(paul, first, "2027-10-31T02:00", again="1")
    assert slots(answer) == {"Sun 02b": ["First", "Second"]}
    assert publications(acme)[0].due_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_hour_that_a_day_lacks_is_no_place_and_is_refused(acme: Acme, paul: Client) -> None:
    User.objects.filter(pk=acme.paul.pk).update(time_zone="Europe/Berlin")
    due_at = datetime(2027, 3, 27, 9, 15, tzinfo=UTC)
    publication = send(acme, acme.paul, acme.news, due_at=due_at)
    page = words(paul.get(url("calendar_week_of", 2027, 3, 28)))
    assert 'data-slot="2027-03-28T02:00"' not in page and 'data-slot="2027-03-27T02:00"' in page
    assert "23 hours" in page
    refused = put(paul, publication, "2027-03-28T02:00")
    assert refused.status_code == 422
    assert "02:15 does not exist on that day in Europe/Berlin" in unquote(refused["X-Reason"])
    assert publications(acme)[0].due_at == due_at


def test_put_into_the_past_is_refused_in_a_sentence_and_nothing_is_lost(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=THURSDAY)
    refused = put(paul, publication, "2026-01-05T09:00")
    assert refused.status_code == 422 and refused["HX-Reswap"] == "none"
    assert unquote(refused["X-Reason"]) == "That time is past. Choose a later one, or publish now."
    (after,) = publications(acme)
    assert (after.due_at, after.state) == (THURSDAY, State.SCHEDULED)


def approved(acme: Acme) -> Publication:
    publication = send(acme, acme.mina, acme.news, due_at=THURSDAY)
    with organization_open(acme.organization.pk):
        approval = Approval.objects.get()
        approve(actor=acme.access(acme.marc), approval=approval, digest=approval.content_digest, now=NOW)
    return publication


def test_move_asks_before_it_voids_an_approval(acme: Acme, paul: Client) -> None:
    publication = approved(acme)
    asked = put(paul, publication, "2027-06-11T10:00")
    assert asked.status_code == 422 and asked["HX-Reswap"] == "none"
    assert unquote(asked["X-Ask"]).startswith(
        "Marc Manager approved it for this time. Moving it voids the approval"
    )
    assert "X-Reason" not in asked
    (before,) = publications(acme)
    assert (before.due_at, before.vouched_by) == (THURSDAY, acme.marc)
    assert put(paul, publication, "2027-06-11T10:00", is_confirmed="1").status_code == 200
    (after,) = publications(acme)
    assert after.due_at == THURSDAY + timedelta(days=1)
    assert after.vouched_by != acme.marc


def test_move_dialog_asks_as_well_and_keeps_what_was_typed(acme: Acme, paul: Client) -> None:
    publication = approved(acme)
    page = url("publication_move", publication.pk)
    typed = {
        "when": "2027-06-12T09:00",
        "together": "1",
        "profile": str(acme.news.pk),
        "next": url("calendar"),
    }
    asked = paul.post(page, typed)
    assert asked.status_code == 422
    shown = words(asked)
    assert "Moving it voids the approval" in shown and "Move it and void the approval" in shown
    for name, value in typed.items():
        assert f'name="{name}" value="{value}"' in shown
    assert publications(acme)[0].due_at == THURSDAY
    assert paul.post(page, {**typed, "is_confirmed": "1"})["Location"] == url("calendar")
    assert publications(acme)[0].due_at == datetime(2027, 6, 12, 9, tzinfo=UTC)


def test_moderators_move_of_his_approved_post_asks_for_approval_again(acme: Acme, signed_in: SignIn) -> None:
    publication = approved(acme)
    mina = signed_in(acme.mina)
    asked = put(mina, publication, "2027-06-11T10:00")
    assert "it waits to be approved again" in unquote(asked["X-Ask"])
    put(mina, publication, "2027-06-11T10:00", is_confirmed="1")
    assert publications(acme)[0].state == State.WAITING


def test_move_asks_before_it_voids_a_step_that_is_done(acme: Acme, paul: Client) -> None:
    make_workflow(acme, step("First", acme.marc), step("Then", acme.olga))
    approval = ask(acme, due_at=THURSDAY)
    say_yes(acme, acme.marc, approval)
    asked = put(paul, approval.publication, "2027-06-11T10:00")
    assert "Marc Manager approved it for this time." in unquote(asked["X-Ask"])
    assert put(paul, approval.publication, "2027-06-11T10:00", is_confirmed="1").status_code == 200
    (after,) = publications(acme)
    assert (after.due_at, after.state) == (THURSDAY + timedelta(days=1), State.WAITING)


def test_refusal_comes_before_the_question(acme: Acme, paul: Client) -> None:
    refused = put(paul, approved(acme), "2026-01-05T09:00")
    assert "That time is past" in unquote(refused["X-Reason"])
    assert "X-Ask" not in refused


def test_calendar_is_narrowed_by_everything_the_address_says(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, text="News", due_at=THURSDAY)
    send(acme, acme.paul, acme.sky, text="Sky", due_at=THURSDAY)
    send(acme, acme.mina, acme.news, text="By Mina", due_at=THURSDAY)
    with organization_open(acme.organization.pk):
        label = Label.objects.create(name="Winter")
        campaign = Campaign.objects.create(name="Launch", workspace=acme.main)
        PostLabel.objects.create(label=label, post=Post.objects.get(text="Sky"))
        Post.objects.filter(text="News").update(campaign=campaign)
    found: dict[tuple[str, str | int], list[str]] = {
        ("label", label.pk): ["Sky"],
        ("campaign", campaign.pk): ["News"],
        ("author", acme.mina.pk): ["By Mina"],
        ("network", "bluesky"): ["Sky"],
        ("network", "nonsense"): ["News", "Sky", "By Mina"],
        ("author", "x"): ["News", "Sky", "By Mina"],
    }
    for (name, value), titles in found.items():
        page = paul.get(url(*WEEK), {name: value})
        assert cards(page) == {date(2027, 6, 10): titles}, name
    of_both: dict[str, list[str] | int] = {"network": ["bluesky", "mastodon"], "author": acme.paul.pk}
    both = paul.get(url(*WEEK), of_both)
    assert cards(both) == {date(2027, 6, 10): ["News", "Sky"]}
    narrowed: dict[str, str | int] = {"label": label.pk, "network": "bluesky"}
    shown = words(paul.get(url(*WEEK), narrowed))
    month = url("calendar_month", 2027, 6)
    assert f'{month}?label={label.pk}&amp;network=bluesky"' in shown
    assert f'<option value="{label.pk}" selected>Winter</option>' in shown
    assert "Sky" in words(paul.get(url("post_list"), {"label": label.pk}))


def test_filters_name_only_what_is_on_posts_one_may_see(acme: Acme, signed_in: SignIn) -> None:
    send(acme, acme.paul, acme.sky, text="Sky", due_at=THURSDAY)
    with organization_open(acme.organization.pk):
        PostLabel.objects.create(label=Label.objects.create(name="Secret launch"), post=Post.objects.get())
    assert "Secret launch" in words(signed_in(acme.paul).get(url(*WEEK)))
    page = words(signed_in(acme.gus).get(url(*WEEK)))
    assert "Secret launch" not in page and "Paul Editor" not in page


def test_full_day_shows_some_and_leads_to_its_hours(acme: Acme, paul: Client) -> None:
    for number in range(CARDS_IN_DAY + 3):
        send(acme, acme.paul, acme.news, text=f"Post {number}", due_at=THURSDAY + timedelta(minutes=number))
    page = words(paul.get(url("calendar_month", 2027, 6), {"profile": acme.news.pk}))
    assert f"Post {CARDS_IN_DAY - 1}" in page and f"Post {CARDS_IN_DAY}<" not in page
    assert f'href="{url(*WEEK)}?profile={acme.news.pk}">3 more' in page
    hours = words(paul.get(url(*WEEK)))
    assert all(f"Post {number}<" in hours for number in range(CARDS_IN_DAY + 3))


WEEK_QUERIES = 27


def test_week_asks_the_database_no_more_for_more_posts(
    acme: Acme, paul: Client, django_assert_num_queries: Any
) -> None:
    send(acme, acme.paul, acme.news, due_at=THURSDAY)
    paul.get(url(*WEEK))
    with django_assert_num_queries(WEEK_QUERIES):
        paul.get(url(*WEEK))
    for hour in range(8):
        send(acme, acme.paul, acme.news, acme.sky, due_at=THURSDAY + timedelta(hours=hour))
    with django_assert_num_queries(WEEK_QUERIES):
        paul.get(url(*WEEK))
