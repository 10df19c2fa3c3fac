"""What is wrong with a row, told at its column in a sentence; and what only deserves a second look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import (
    Campaign,
    CustomField,
    ImportAddress,
    ImportMode,
    ImportRow,
    Label,
    QueueSlot,
)
from publishing.services import import_fetching
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NotSent
from tenancy.context import organization_open
from tests.cast import Acme, give, make_own_role, make_profile
from tests.publishing.imports.files import LONG_AHEAD, checked, rows_of, said, table, upload, work
from tests.publishing.pages import picture, send, url, words

SignIn = Callable[[User], Client]
State = ImportRow.State


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


@pytest.fixture(autouse=True)
def pictures(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> list[str]:
    """A web of pictures: what ends in .png is one, everything else is gone. Returns what was asked for."""
    settings.MEDIA_ROOT = tmp_path
    asked: list[str] = []

    def fetch(address: str) -> Any:
        asked.append(address)
        if not address.endswith(".png"):
            raise NotSent("example.com answers that there is no such picture (404).")
        return picture(address.rpartition("/")[2])

    monkeypatch.setattr(import_fetching, "fetch_picture", fetch)
    return asked


def of_long_ago(days: int = 1) -> str:
    return (timezone.now() - timedelta(days=days)).strftime("%Y-%m-%d")


# The row, the column that is wrong, and part of what is said about it.
WRONG: list[tuple[Mapping[str, str], str, str]] = [
    ({"Profile": "Elsewhere"}, "profiles", "You have no profile called “Elsewhere”."),
    ({"Profile": ""}, "profiles", "Name at least one profile."),
    ({"Date": of_long_ago()}, "date", "That time is past."),
    ({"Date": ""}, "date", "There is a time, but no day."),
    ({"Date": "", "Time": ""}, "date", "Write a day and a time"),
    ({"Date": "soon"}, "date", "“soon” is no day."),
    ({"Time": "late"}, "time", "“late” is no time of day."),
    ({"Text": "x" * 501}, "text", "501"),
    ({"Text": ""}, "text", "Write a text, or name a picture."),
    ({"Text": "x" * 20_001}, "text", "longer than any network takes"),
    ({"Action": "later"}, "mode", "Write “schedule”"),
    ({"Action": "queue"}, "mode", "its queue has no times yet"),
    ({"Labels": "Winter; Sommer"}, "labels", "There is no label “Sommer”."),
    ({"Campaign": "Spring"}, "campaign", "There is no campaign “Spring”."),
    ({"Pictures": "bridge.png"}, "media", "“bridge.png” is no address."),
    ({"Pictures": "https://example.com/gone"}, "media", "no such picture (404)"),
    ({"Pictures": "https://example.com/a.png", "Alt text": "One | Two"}, "alt_text", "more texts than"),
    ({"Pictures": " ".join(f"https://example.com/{n}.png" for n in range(5))}, "media", "at most 4"),
    ({"Link": "example"}, "link", "“example” is no address."),
    ({"Internal note": "x" * 501}, "note", "at most 500"),
    ({"Mastodon: Visibility": "Moon"}, "option:mastodon:visibility", "there is no choice “Moon”"),
]


def test_problem_is_told_at_its_column(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        Label.objects.create(name="Winter")
    found = checked(acme, paul, *(row for row, _column, _sentence in WRONG))
    assert {row.state for row in found} == {State.BAD}
    for row, (typed, column, sentence) in zip(found, WRONG, strict=True):
        told = [(key, sentence in words) for key, words in row.problems]
        assert told == [(column, True)], (typed, row.problems)


def test_good_row_has_nothing_to_say_and_knows_what_it_becomes(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        Label.objects.create(name="Winter")
        Campaign.objects.create(name="Snow", workspace=acme.main)
        QueueSlot.objects.create(profile=acme.news, weekday=0, minute=60)
    rows = checked(
        acme,
        paul,
        {
            "Profile": "@acme-news@sandbox.test",
            "Labels": "winter",
            "Campaign": "SNOW",
            "Pictures": "https://example.com/a.png",
            "Alt text": "A bridge",
            "Link": "https://example.com/",
            "First comment": "First",
            "Mastodon: Visibility": "followers only",
        },
        {"Profile": "Acme News (Mastodon)", "Action": "queue", "Date": "", "Time": ""},
        {"Profile": "acme-news", "Action": "draft", "Date": "", "Time": ""},
    )
    assert [(row.state, row.problems, row.warnings) for row in rows] == [(State.GOOD, [], [])] * 3
    assert [row.mode for row in rows] == [ImportMode.SCHEDULE, ImportMode.QUEUE, ImportMode.DRAFT]
    assert {tuple(row.profile_ids) for row in rows} == {(acme.news.pk,)}


def test_hour_that_comes_twice_is_asked_about_and_one_that_does_not_exist_is_refused(
    acme: Acme, paul: Client
) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(time_zone="Europe/Lisbon")
    twice, first, second, never = checked(
        acme,
        paul,
        {"Date": "2031-10-26", "Time": "01:30"},
        {"Date": "2031-10-26", "Time": "01:30 UTC+1"},
        {"Date": "2031-10-26", "Time": "01:30 UTC+0"},
        {"Date": "2031-03-30", "Time": "01:30"},
    )
    assert "comes twice" in said(twice) and "Write it as 01:30 UTC+1 or 01:30 UTC+0." in said(twice)
    assert second.due_at - first.due_at == timedelta(hours=1)  # type: ignore[operator]
    assert never.problems == [["time", said(never)]] and "does not exist" in said(never)


def test_days_are_read_in_the_order_that_was_chosen(acme: Acme, paul: Client) -> None:
    [row] = checked(acme, paul, {"Date": "03/04/2031"}, date_order="month")
    assert row.due_at is not None and (row.due_at.month, row.due_at.day) == (3, 4)
    [row] = checked(acme, paul, {"Date": "03/04/2031"}, date_order="day")
    assert row.due_at is not None and (row.due_at.month, row.due_at.day) == (4, 3)


def test_each_profile_asks_for_the_right_to_import_and_to_send(acme: Acme, signed_in: SignIn) -> None:
    drafts = make_own_role(
        acme.organization,
        "Drafts",
        ["profile.view_profile", "profile.manage_drafts", "profile.bulk_import_csv"],
    )
    asks = make_own_role(
        acme.organization,
        "Asks",
        ["profile.view_profile", "profile.send_for_approval", "profile.bulk_import_csv"],
    )
    with organization_open(acme.organization.pk):
        for profile, made in ((acme.sky, drafts), (acme.quiet, asks)):
            profile.user_grants.create(
                user=acme.mina, permission_id=made.permission_id, granted_at=timezone.now()
            )
    found = checked(
        acme,
        signed_in(acme.mina),
        {"Profile": "Acme News"},
        {"Profile": "Acme Sky"},
        {"Profile": "Acme Sky", "Action": "draft"},
        {"Profile": "Acme Quiet"},
    )
    assert [row.state for row in found] == [State.BAD, State.BAD, State.GOOD, State.GOOD]
    assert said(found[0]) == "You may not import posts for @acme-news@sandbox.test."
    assert "You may neither publish on @acme-sky@sandbox.test nor send" in said(found[1])
    assert [row.asks_approval for row in found[2:]] == [False, True]


def test_profile_that_lost_its_connection_takes_nothing(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(status="needs_reconnect")
    [row] = checked(acme, paul, {})
    assert "is not connected to its network" in said(row)


def test_name_that_two_profiles_share_is_asked_about(acme: Acme, paul: Client) -> None:
    twin = make_profile(acme.organization, "acme-news-2", "bluesky", name="Acme News")
    give(twin, acme.paul, "standard:editor")
    first, second = checked(acme, paul, {}, {"Profile": "acme news (bluesky)"})
    assert said(first) == (
        "“Acme News” is the name of several profiles. Write which: Acme News (Mastodon); Acme News (Bluesky)."
    )
    assert second.profile_ids == [twin.pk]


def test_required_field_is_asked_for_unless_the_row_is_a_draft(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        CustomField.objects.create(name="Budget", kind=CustomField.Kind.NUMBER, is_required=True)
        CustomField.objects.create(name="Paid", kind=CustomField.Kind.YES_NO)
    empty, number, draft, good = checked(
        acme,
        paul,
        {"Budget": ""},
        {"Budget": "much"},
        {"Budget": "", "Action": "draft"},
        {"Budget": "12,50", "Paid": "Oui"},
    )
    assert said(empty) == "Fill in first: Budget."
    assert said(number) == "Enter a number."
    assert [draft.state, good.state] == [State.GOOD, State.GOOD]


def test_draft_that_is_too_long_is_only_a_hint(acme: Acme, paul: Client) -> None:
    [row] = checked(acme, paul, {"Text": "x" * 501, "Action": "draft"})
    assert row.state == State.GOOD and row.warnings[0][0] == "text"


def test_rows_that_say_the_same_are_told(acme: Acme, paul: Client) -> None:
    rows = checked(acme, paul, {"Text": "Same"}, {"Text": "Same", "Time": "19:00"}, {"Text": "Same"})
    assert [(row.state, row.same_as) for row in rows] == [
        (State.GOOD, None),
        (State.GOOD, None),
        (State.BAD, rows[0].number),
    ]


def test_what_is_scheduled_already_is_a_hint(acme: Acme, paul: Client) -> None:
    send(acme, acme.paul, acme.news, text="Known")
    [row] = checked(acme, paul, {"Text": "Known"})
    assert row.state == State.GOOD
    assert "the same text waits to go out already" in row.warnings[0][1]


def test_time_of_a_queued_row_and_options_of_other_networks_are_hints(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        QueueSlot.objects.create(profile=acme.news, weekday=0, minute=60)
    [row] = checked(acme, paul, {"Action": "queue", "Title": "A title"})
    assert {column for column, _sentence in row.warnings} == {"date", "title"}


def test_cells_beside_the_last_column_are_told(acme: Acme, paul: Client) -> None:
    upload(paul, f"Profile,Date,Time,Text\r\nAcme News,{LONG_AHEAD},18:00,One,two,\r\n")
    work(acme)
    [row] = rows_of(acme)
    assert "more cells than there are columns" in said(row)


def test_picture_is_fetched_once_however_many_rows_name_it(
    acme: Acme, paul: Client, pictures: list[str]
) -> None:
    one = "https://example.com/a.png"
    checked(acme, paul, {"Pictures": one}, {"Pictures": f"{one} https://example.com/b.png"})
    assert sorted(pictures) == ["https://example.com/a.png", "https://example.com/b.png"]
    with organization_open(acme.organization.pk):
        assert ImportAddress.objects.filter(media__isnull=False).count() == 2


def test_choices_of_a_network_are_asked_for_once_and_found_by_their_names(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = make_profile(acme.organization, "acme-films", "youtube")
    give(films, acme.paul, "standard:editor")
    asked: list[tuple[int, str]] = []

    def fetch(*, profile: SocialProfile, option: str, **_given: Any) -> list[tuple[str, str]]:
        asked.append((profile.pk, option))
        return [("PL1", "Winter rides"), ("PL2", "How to")]

    monkeypatch.setattr(import_fetching, "fetch_choices", fetch)
    row = {"Profile": "Acme Films", "Action": "draft", "Title": "A film"}
    good, wrong = checked(
        acme, paul, row | {"YouTube: Playlist": "winter RIDES"}, row | {"YouTube: Playlist": "Summer"}
    )
    assert asked == [(films.pk, "playlist")]
    assert good.problems == []
    assert "there is no choice “Summer”. There are: Winter rides; How to." in said(wrong)
    cache.clear()


def test_demanded_option_is_told_at_its_column(acme: Acme, paul: Client) -> None:
    films = make_profile(acme.organization, "acme-films", "youtube")
    give(films, acme.paul, "standard:editor")
    [row] = checked(acme, paul, {"Profile": "Acme Films", "Title": "", "YouTube: Made for kids": ""})
    columns = {column for column, _sentence in row.problems}
    assert {"title", "option:youtube:made_for_kids"} <= columns


def test_address_inside_a_private_network_is_not_visited(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the fetcher itself
    rows = checked(
        acme,
        paul,
        {"Pictures": "https://127.0.0.1/a.png"},
        {"Pictures": "https://169.254.169.254/latest"},
        {"Pictures": "http://example.com/a.png"},
    )
    assert [row.problems[0][1] for row in rows] == [
        "127.0.0.1 is an address inside a private network; Chorus does not go there.",
        "169.254.169.254 is an address inside a private network; Chorus does not go there.",
        "example.com does not offer a secure (https) address.",
    ]


# --- the page -----------------------------------------------------------------------------------


def test_preview_tells_problems_at_their_rows_and_offers_the_good_ones(acme: Acme, paul: Client) -> None:
    rows = checked(acme, paul, {"Text": "Good"}, {"Text": "Bad", "Profile": "<b>Nobody</b>"})
    page = words(paul.get(url("post_import", rows[0].post_import_id), {"show": "all"}))
    assert "1 row has a problem. 1 row is good." in page
    assert "You have no profile called “&lt;b&gt;Nobody&lt;/b&gt;”." in page
    assert 'id="row-3"' in page and 'aria-describedby="said-3"' in page
    assert "Import only the good row" in page and 'value="all"' not in page
    only_wrong = words(paul.get(url("post_import", rows[0].post_import_id)))
    assert 'id="row-3"' in only_wrong and 'id="row-2"' not in only_wrong


def test_preview_of_one_person_is_nobody_elses(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    [row] = checked(acme, paul, {})
    assert signed_in(acme.olga).get(url("post_import", row.post_import_id)).status_code == 404


def test_page_asks_for_itself_while_the_file_is_checked(acme: Acme, paul: Client) -> None:
    answer = upload(paul, table({}, {}))
    page = words(paul.get(answer["Location"]))
    assert "0 of 2 rows checked." in page and 'hx-trigger="every 1s"' in page
    part = paul.get(answer["Location"], HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part and "0 of 2 rows checked." in part
    work(acme)
    part = paul.get(answer["Location"], HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in part and "All 2 rows are good." in part


def test_row_is_corrected_where_it_stands(acme: Acme, paul: Client) -> None:
    rows = checked(acme, paul, {"Text": "One"}, {"Text": "Two", "Profile": "Nobody", "Date": "soon"})
    address = url("post_import_row", rows[1].post_import_id, rows[1].number)
    page = words(paul.get(address))
    assert "You have no profile called “Nobody”." in page and "“soon” is no day." in page
    typed = {"cell_0": "Acme News", "cell_1": LONG_AHEAD, "cell_2": "18:00", "cell_3": "Two\r\nlines"}
    assert paul.post(address, typed).status_code == 303
    work(acme)
    rows = rows_of(acme)
    assert [row.state for row in rows] == [State.GOOD, State.GOOD]
    assert rows[1].cells[3] == "Two\nlines"
    assert paul.post(address, typed | {"cell_3": "x" * 100_001}).status_code == 422


def test_corrected_row_may_name_a_new_picture(acme: Acme, paul: Client, pictures: list[str]) -> None:
    [row] = checked(acme, paul, {"Pictures": "https://example.com/gone"})
    typed = {f"cell_{number}": cell for number, cell in enumerate(row.cells)}
    typed[f"cell_{row.cells.index('https://example.com/gone')}"] = "https://example.com/b.png"
    paul.post(url("post_import_row", row.post_import_id, row.number), typed)
    work(acme)
    assert rows_of(acme)[0].state == State.GOOD
    assert pictures[-1] == "https://example.com/b.png"
