from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Approval, PostLabel, Publication, PublishingPause, State
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.publishing.organizing.shelves import make_label
from tests.publishing.pages import publications, send, url, words, write

SignIn = Callable[[User], Client]
DRAGGED = {"HTTP_HX_REQUEST": "true"}
JUNE = datetime(2027, 6, 10, 22, 30, tzinfo=UTC)


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def cards(response: Any) -> dict[date, list[str]]:
    days = response.context["days"]
    return {day.date: [card.publication.post.title for card in day.cards] for day in days if day.cards}


def test_month_shows_posts_on_the_day_of_the_persons_own_clock(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, due_at=JUNE)
    june = url("calendar_month", 2027, 6)
    assert cards(paul.get(june)) == {date(2027, 6, 10): ["Hello, world"]}
    User.objects.filter(pk=acme.paul.pk).update(time_zone="Europe/Berlin")
    page = paul.get(june)
    assert cards(page) == {date(2027, 6, 11): ["Hello, world"]}
    assert "Times are shown on your clock: Europe/Berlin." in words(page)


def test_calendar_shows_only_profiles_whose_posts_one_may_view(acme: Acme, signed_in: SignIn) -> None:
    send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE)
    june = url("calendar_month", 2027, 6)

    def networks(person: User) -> list[str]:
        days = signed_in(person).get(june).context["days"]
        shown = [one for day in days for card in day.cards for one in card.publications]
        return [publication.profile.network for publication in shown]

    assert networks(acme.paul) == ["mastodon", "bluesky"]
    assert networks(acme.gus) == networks(acme.mina) == ["mastodon"]
    assert cards(signed_in(acme.emil).get(june)) == {}
    assert signed_in(acme.mallory).get(june).status_code == 404


def test_a_post_that_went_out_on_two_networks_is_one_card_with_its_labels(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE)
    winter, event = make_label(acme, "Winter"), make_label(acme, "Event", color=7)
    with organization_open(acme.organization.pk):
        for label in (winter, event):
            PostLabel.objects.create(post=publication.post, label=label)
        for seconds, one in enumerate(Publication.objects.all()):
            out = JUNE + timedelta(seconds=3 + seconds)
            Publication.objects.filter(pk=one.pk).update(state=State.PUBLISHED, published_at=out)
    page = paul.get(url("calendar_month", 2027, 6))
    ((card,),) = (day.cards for day in page.context["days"] if day.cards)
    assert [one.profile for one in card.publications] == [acme.news, acme.sky]
    assert [label.name for label in card.labels] == ["Event", "Winter"]
    assert 'cal-tag tint-7" title="Event">Event<' in page.content.decode()


def test_calendar_is_narrowed_by_profile_and_state(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, text="News", due_at=JUNE)
    send(acme, acme.paul, acme.sky, text="Sky", due_at=JUNE, asks_approval=True)
    june = url("calendar_month", 2027, 6)
    assert cards(paul.get(june, {"profile": acme.news.pk})) == {JUNE.date(): ["News"]}
    assert cards(paul.get(june, {"state": "waiting"})) == {JUNE.date(): ["Sky"]}
    nothing = paul.get(june, {"state": "published"})
    assert "Nothing in this month matches the filter." in words(nothing)
    assert cards(paul.get(june, {"state": "nonsense", "profile": "x"})) == {JUNE.date(): ["News", "Sky"]}


@pytest.mark.parametrize(("year", "month"), [(2027, 13), (2027, 0), (1, 1), (99999, 1)])
def test_month_that_is_none_is_not_found(paul: Client, year: int, month: int) -> None:
    assert paul.get(url("calendar_month", year, month)).status_code == 404


def test_calendar_asks_the_database_no_more_for_more_posts(
    acme: Acme, paul: Client, django_assert_num_queries: Any
) -> None:
    june = url("calendar_month", 2027, 6)
    send(acme, acme.paul, acme.news, due_at=JUNE)
    paul.get(june)
    with django_assert_num_queries(CALENDAR_QUERIES):
        paul.get(june)
    for day in range(1, 9):
        send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE.replace(day=day))
    with django_assert_num_queries(CALENDAR_QUERIES):
        paul.get(june)


CALENDAR_QUERIES = 27


def drag(client: Client, publication: Publication, day: str, origin: str = "2027-06-10") -> Any:
    data = {"day": day, "origin": origin, "month": "2027-06-01"}
    return client.post(url("publication_move", publication.pk), data, **DRAGGED)  # type: ignore[arg-type]


def test_dragging_keeps_the_time_of_day_on_the_profiles_clock(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="America/New_York")
    # 9 in the morning in New York, in winter
    publication = send(acme, acme.paul, acme.news, due_at=datetime(2027, 3, 10, 14, 0, tzinfo=UTC))
    answer = drag(paul, publication, "2027-03-20", "2027-03-10")
    assert answer.status_code == 200
    assert "The post is moved." in answer["HX-Trigger"]
    assert 'class="cal-grid cal-days"' in words(answer)
    # daylight saving time has begun there: one hour earlier in UTC
    assert publications(acme)[0].due_at == datetime(2027, 3, 20, 13, 0, tzinfo=UTC)


def test_post_of_one_time_is_one_card_and_moves_as_one(acme: Acme, paul: Client) -> None:
    first = send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE)
    june = url("calendar_month", 2027, 6)
    assert cards(paul.get(june)) == {JUNE.date(): ["Hello, world"]}
    data = {"day": "2027-06-12", "origin": "2027-06-10", "together": "1"}
    paul.post(url("publication_move", first.pk), data, **DRAGGED)  # type: ignore[arg-type]
    assert [one.due_at.day for one in publications(acme)] == [12, 12]
    paul.post(url("publication_move", first.pk), {"when": "2027-06-20T09:00"})
    assert [one.due_at.day for one in publications(acme)] == [20, 12]
    assert len(cards(paul.get(june))) == 2


def test_card_of_one_profile_moves_only_what_it_shows(acme: Acme, paul: Client) -> None:
    first = send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE)
    data = {"when": "2027-06-12T09:00", "together": "1", "profile": acme.news.pk}
    paul.post(url("publication_move", first.pk), data)
    assert [one.due_at.day for one in publications(acme)] == [12, 10]


def test_card_moves_whole_or_not_at_all(acme: Acme, signed_in: SignIn) -> None:
    first = send(acme, acme.paul, acme.news, acme.sky, due_at=JUNE)
    give(acme.sky, acme.mina, "standard:moderator")
    give(acme.news, acme.mina, "standard:editor")
    data = {"day": "2027-06-12", "origin": "2027-06-10", "together": "1"}
    refused = signed_in(acme.mina).post(url("publication_move", first.pk), data, **DRAGGED)  # type: ignore[arg-type]
    assert refused.status_code == 403
    assert [one.due_at for one in publications(acme)] == [JUNE, JUNE]


def test_refused_drag_says_why_and_moves_nothing(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    past = drag(paul, publication, "2020-01-01")
    assert past.status_code == 422
    assert "That time is past" in unquote(past["X-Reason"])
    assert past["HX-Reswap"] == "none"
    stale = drag(paul, publication, "2027-06-12", origin="2027-06-01")
    assert "Somebody moved it meanwhile" in unquote(stale["X-Reason"])
    assert drag(paul, publication, "someday").status_code == 422
    denied = drag(signed_in(acme.mina), publication, "2027-06-12")
    assert denied.status_code == 403
    assert "may not do this" in unquote(denied["X-Reason"])
    assert drag(signed_in(acme.gus), publication, "2027-06-12").status_code == 403
    assert drag(signed_in(acme.emil), publication, "2027-06-12").status_code == 404
    assert drag(signed_in(acme.mallory), publication, "2027-06-12").status_code == 404
    assert publications(acme)[0].due_at == JUNE


def test_drag_onto_a_clock_change_is_refused_with_the_question(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Berlin")
    due_at = datetime(2027, 10, 30, 0, 30, tzinfo=UTC)
    publication = send(acme, acme.paul, acme.news, due_at=due_at)
    refused = drag(paul, publication, "2027-10-31", "2027-10-30")
    assert refused.status_code == 422
    assert "comes twice on that day" in unquote(refused["X-Reason"])
    assert publications(acme)[0].due_at == due_at


def test_move_page_asks_about_a_clock_change_and_keeps_the_time(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Berlin")
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    page = url("publication_move", publication.pk)
    assert 'value="2027-06-11T00:30"' in words(paul.get(page))
    asked = paul.post(page, {"when": "2027-10-31T02:30"})
    assert asked.status_code == 422
    assert "before the clock is put back" in words(asked)
    answer = {"when": "2027-10-31T02:30", "asked_about": "2027-10-31T02:30", "time_choice": "first"}
    assert paul.post(page, answer)["Location"] == url("publication_detail", publication.pk)
    assert publications(acme)[0].due_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_move_goes_back_to_our_own_pages_only(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    page = url("publication_move", publication.pk)
    ours = paul.post(page, {"when": "2027-07-01T09:00", "next": url("calendar")})
    assert ours["Location"] == url("calendar")
    theirs = paul.post(page, {"when": "2027-07-02T09:00", "next": "https://elsewhere.test/"})
    assert theirs["Location"] == url("publication_detail", publication.pk)


def test_move_without_a_time_is_refused_in_words(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.paul, acme.news, due_at=JUNE)
    refused = paul.post(url("publication_move", publication.pk), {"when": ""})
    assert refused.status_code == 422
    assert "Choose a day and a time." in words(refused)


def test_moving_what_waits_for_approval_is_no_approval(acme: Acme, paul: Client) -> None:
    publication = send(acme, acme.mina, acme.news, due_at=JUNE)
    assert drag(paul, publication, "2027-06-12").status_code == 200
    assert [one.state for one in publications(acme)] == [State.WAITING]
    with organization_open(acme.organization.pk):
        assert Approval.objects.get(answer="").requested_by == acme.mina


def test_list_is_narrowed_and_offers_to_clear_the_filter(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, text="Is scheduled")
    write(acme, acme.paul, acme.sky, text="Is a draft")
    page = words(paul.get(url("post_list")))
    assert "Is scheduled" in page and "Is a draft" in page
    drafts = words(paul.get(url("post_list"), {"state": "draft"}))
    assert "Is scheduled" not in drafts and "Is a draft" in drafts
    assert "Nothing matches the filter" in words(paul.get(url("post_list"), {"state": "held"}))


def test_list_shows_only_visible_posts(acme: Acme, signed_in: SignIn) -> None:
    send(acme, acme.paul, acme.sky, text="On the sky profile")
    send(acme, acme.paul, acme.news, text="In the news")
    page = words(signed_in(acme.gus).get(url("post_list")))
    assert "In the news" in page and "On the sky profile" not in page
    assert "No posts yet" in words(signed_in(acme.emil).get(url("post_list")))


LIST_QUERIES = 29


def test_list_asks_the_database_no_more_for_more_posts(
    acme: Acme, paul: Client, django_assert_num_queries: Any
) -> None:
    send(acme, acme.paul, acme.news)
    paul.get(url("post_list"))
    with django_assert_num_queries(LIST_QUERIES):
        paul.get(url("post_list"))
    for number in range(6):
        send(acme, acme.paul, acme.news, acme.sky, text=f"Post {number}")
    with django_assert_num_queries(LIST_QUERIES):
        paul.get(url("post_list"))


def test_manager_pauses_everything_with_a_reason_and_resumes(acme: Acme, signed_in: SignIn) -> None:
    marc, paul = signed_in(acme.marc), signed_in(acme.paul)
    assert "Pause publishing" in words(marc.get(url("calendar")))
    assert "Pause publishing" not in words(paul.get(url("calendar")))
    paused = marc.post(url("pause"), {"reason": "A bad day", "next": url("post_list")})
    assert paused["Location"] == url("post_list")
    for page in (url("calendar"), url("post_list"), url("post_new"), url("pause")):
        shown = words(marc.get(page))
        assert "Publishing is paused." in shown and "A bad day" in shown and "Resume publishing" in shown
    seen = words(paul.get(url("calendar")))
    assert "Paused by Marc Manager" in seen and "Resume publishing" not in seen
    marc.post(url("pause"), {"act": "resume"})
    assert "Publishing is paused." not in words(marc.get(url("post_new")))


def test_editor_may_neither_pause_nor_resume(acme: Acme, signed_in: SignIn) -> None:
    paul = signed_in(acme.paul)
    assert paul.get(url("pause")).status_code == 403
    assert paul.post(url("pause"), {"reason": "Mine"}).status_code == 403
    assert signed_in(acme.mallory).post(url("pause")).status_code == 404
    signed_in(acme.marc).post(url("pause"))
    assert paul.post(url("pause"), {"act": "resume"}).status_code == 403
    with organization_open(acme.organization.pk):
        assert PublishingPause.objects.exists()


def test_reason_for_a_pause_may_not_be_endless(acme: Acme, signed_in: SignIn) -> None:
    refused = signed_in(acme.marc).post(url("pause"), {"reason": "x" * 400})
    assert refused.status_code == 422
    assert "x" * 400 in words(refused)
