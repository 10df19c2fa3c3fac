"""Rows become posts: by the person's rights of now, in the file's order, once each whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from notifications.models import Notification
from notifications.words import shown
from publishing import tasks
from publishing.models import (
    Campaign,
    CustomField,
    ImportAddress,
    ImportRow,
    Label,
    Post,
    PostImport,
    PostMedia,
    QueueSlot,
    State,
)
from publishing.services import import_fetching, import_work
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, make_acme, make_own_role
from tests.publishing.approvals.making import make_workflow, step
from tests.publishing.imports.files import (
    LONG_AHEAD,
    checked,
    latest,
    rows_of,
    said,
    started,
    table,
    upload,
    work,
)
from tests.publishing.pages import picture, publications, url, words

SignIn = Callable[[User], Client]
RowState = ImportRow.State
Stage = PostImport.Stage
SIX = datetime(2031, 6, 12, 18, 0, tzinfo=UTC)


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def texts(acme: Acme) -> list[str]:
    return [one.post.text for one in publications(acme)]


def test_rows_become_scheduled_posts_of_the_person(acme: Acme, paul: Client) -> None:
    rows = checked(
        acme, paul, {"Text": "One"}, {"Text": "Two", "Profile": "Acme News; Acme Sky", "Time": "19h30"}
    )
    assert [row.state for row in rows] == [RowState.GOOD, RowState.GOOD], [said(row) for row in rows]
    assert started(acme, paul).stage == Stage.DONE
    found = publications(acme)
    assert [(one.post.text, one.profile, one.state) for one in found] == [
        ("One", acme.news, State.SCHEDULED),
        ("Two", acme.news, State.SCHEDULED),
        ("Two", acme.sky, State.SCHEDULED),
    ]
    assert {one.vouched_by for one in found} == {one.post.author for one in found} == {acme.paul}
    assert [one.due_at for one in found] == [SIX, *[SIX + timedelta(minutes=90)] * 2]
    with organization_open(acme.organization.pk):
        actions = list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[0] == "post_import.start" and actions.count("post.create") == 2


def test_whoever_uploaded_the_file_is_told_once_that_all_of_it_is_worked_through(
    acme: Acme, paul: Client
) -> None:
    checked(acme, paul, {"Text": "One"}, {"Text": "Two", "Date": "2020-01-01"})
    started(acme, paul, "good")
    work(acme)  # a message that comes twice
    with organization_open(acme.organization.pk):
        (told,) = Notification.objects.filter(kind="import_finished")
    assert (told.person, told.link) == (acme.paul, url("post_import", latest(acme).pk))
    assert shown(told.words["told"]) == "Rows that became posts: 1. Rows that did not: 1."
    assert "Imported: " in words(paul.get(reverse("notification_list")))


def test_row_of_who_is_bound_by_a_workflow_asks_for_approval_and_says_so_before(
    acme: Acme, paul: Client
) -> None:
    make_workflow(acme, step("Last look", acme.marc), profiles=[acme.news], binds_publishers=True)
    bound, free = checked(acme, paul, {"Text": "Bound"}, {"Text": "Free", "Profile": "Acme Sky"})
    assert (bound.asks_approval, free.asks_approval) == (True, False)
    started(acme, paul)
    found = [(one.post.text, one.state) for one in publications(acme)]
    assert found == [("Bound", State.WAITING), ("Free", State.SCHEDULED)]


def test_everything_a_row_says_is_in_its_post(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(import_fetching, "fetch_picture", lambda address: picture(address[-5:]))
    with organization_open(acme.organization.pk):
        label = Label.objects.create(name="Winter")
        campaign = Campaign.objects.create(name="Snow", workspace=acme.main)
        field = CustomField.objects.create(name="Budget", kind=CustomField.Kind.NUMBER)
    shared = "https://example.com/a.png"
    row = {
        "Pictures": f"{shared} https://example.com/b.png",
        "Alt text": "A bridge | A road",
        "Link": "https://example.com/more",
        "First comment": "First",
        "Labels": "Winter",
        "Campaign": "Snow",
        "Budget": "12,50",
        "Internal note": "For us",
        "Mastodon: Visibility": "unlisted",
    }
    checked(acme, paul, row, {"Pictures": shared, "Alt text": ""})
    started(acme, paul)
    with organization_open(acme.organization.pk):
        post, other = Post.objects.order_by("pk")
        assert post.text == "Post 1\n\nhttps://example.com/more"
        assert [(one.filename, one.alt_text) for one in post.media.order_by("position")] == [
            ("a.png", "A bridge"),
            ("b.png", "A road"),
        ]
        assert post.network_options["mastodon"] == {"visibility": "unlisted", "first_comment": "First"}
        assert (post.campaign, post.internal_note, list(post.labels.all())) == (campaign, "For us", [label])
        assert post.custom_values.get(field=field).value == "12.5"
        copied = other.media.get()
        assert copied.file.name == post.media.get(filename="a.png").file.name
        assert copied.file.storage.exists(copied.file.name)
        assert PostMedia.objects.filter(post=None).count() == 0  # what was fetched is forgotten


def test_link_of_a_text_alone_becomes_its_card(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = import_fetching.fetch_preview.__globals__["LinkPreview"]
    monkeypatch.setattr(import_fetching, "fetch_preview", lambda link: page(link, "Winter & ice", "Seven"))
    checked(acme, paul, {"Link": "https://example.com/winter"})
    started(acme, paul)
    with organization_open(acme.organization.pk):
        card = Post.objects.get().link_card
    assert card == {"url": "https://example.com/winter", "title": "Winter & ice", "description": "Seven"}


def test_actions_of_rows_decide_what_becomes_of_them(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        for weekday in range(7):
            QueueSlot.objects.create(profile=acme.news, weekday=weekday, minute=600)
    rows = checked(
        acme,
        paul,
        {"Action": "approval"},
        {"Action": "file", "Date": "", "Time": ""},
        {"Action": "fila", "Date": "", "Time": ""},
        {"Action": "brouillon"},
        {"Action": "", "Date": "", "Time": ""},
        mode="draft",
    )
    assert [row.state for row in rows] == [RowState.GOOD] * 5
    started(acme, paul)
    asked, first, second, dated, undated = publications(acme)
    assert [one.state for one in (asked, first, second)] == [State.WAITING, State.SCHEDULED, State.SCHEDULED]
    assert second.due_at - first.due_at == timedelta(days=1)  # in the order of the file
    assert [(one.state, one.due_at) for one in (dated, undated)] == [(State.DRAFT, SIX), (State.DRAFT, None)]


def test_rows_of_who_may_not_publish_wait_for_approval(acme: Acme, signed_in: SignIn) -> None:
    asks = make_own_role(
        acme.organization,
        "Asks",
        ["profile.view_profile", "profile.send_for_approval", "profile.bulk_import_csv"],
    )
    with organization_open(acme.organization.pk):
        acme.news.user_grants.create(
            user=acme.emil, permission_id=asks.permission_id, granted_at=timezone.now()
        )
    emil = signed_in(acme.emil)
    [row] = checked(acme, emil, {})
    page = words(emil.get(url("post_import", row.post_import_id)))
    assert "Waiting for approval" in page
    started(acme, emil)
    [found] = publications(acme)
    assert (found.state, found.vouched_by) == (State.WAITING, None)


def test_all_rows_are_imported_only_when_none_has_a_problem(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {"Text": "Good"}, {"Profile": "Nobody"})
    assert started(acme, paul, "all").stage == Stage.READY
    assert publications(acme) == []
    assert started(acme, paul, "good").stage == Stage.DONE
    assert texts(acme) == ["Good"]
    started(acme, paul, "good")  # again changes nothing
    assert texts(acme) == ["Good"]


def test_nobody_else_begins_somebodys_import(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    [row] = checked(acme, paul, {})
    answer = signed_in(acme.olga).post(url("post_import_start", row.post_import_id), {"which": "all"})
    assert answer.status_code == 404 and latest(acme).stage == Stage.READY


def test_right_that_ended_meanwhile_stops_every_row(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {}, {})
    paul.post(url("post_import_start", latest(acme).pk), {"which": "all"})
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    work(acme)
    assert publications(acme) == []
    rows = rows_of(acme)
    assert {row.state for row in rows} == {RowState.FAILED}
    assert {row.reason for row in rows} == {"You have no profile called “Acme News”."}


def test_time_that_passed_meanwhile_stops_its_row_alone(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = timezone.now() + timedelta(hours=1)
    checked(acme, paul, {"Date": f"{soon:%Y-%m-%d}", "Time": f"{soon:%H:%M}"}, {"Text": "Later"})
    later = soon + timedelta(hours=2)
    monkeypatch.setattr(import_work.connections, "clock", lambda: later)
    started(acme, paul)
    assert texts(acme) == ["Later"]
    page = words(paul.get(url("post_import", latest(acme).pk)))
    assert "1 post is imported. 1 row could not be." in page and "That time is past." in page


def test_row_we_did_not_foresee_stops_alone_and_says_so(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(acme, paul, {"Text": "Odd"}, {"Text": "Even"})
    compose = import_work.compose

    def breaks(**given: Any) -> Post:
        if given["draft"].text == "Odd":
            raise RuntimeError("nobody expected this")
        return compose(**given)

    monkeypatch.setattr(import_work, "compose", breaks)
    started(acme, paul)
    assert texts(acme) == ["Even"]
    assert rows_of(acme)[0].reason == "Something went wrong on our side. Upload this row again."


def test_worker_that_dies_between_post_and_row_leaves_neither(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(acme, paul, {"Text": "One"}, {"Text": "Two"})
    paul.post(url("post_import_start", latest(acme).pk), {"which": "all"})

    class Killed(BaseException):
        pass

    def dies(post: Post) -> dict[str, Any]:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(import_work, "standing_of", dies)
        for _time in range(2):
            with pytest.raises(Killed):
                work(acme)
    assert publications(acme) == []
    assert [row.state for row in rows_of(acme)] == [RowState.GOOD, RowState.GOOD]
    assert work(acme).stage == Stage.DONE
    assert texts(acme) == ["One", "Two"]


def test_work_goes_on_where_it_stood_and_says_how_far_it_is(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {}, {}, {})
    found = latest(acme)
    paul.post(url("post_import_start", found.pk), {"which": "all"})
    ids = {"organization_id": acme.organization.pk, "import_id": found.pk}
    assert import_work.work_on(**ids, seconds=0)  # one step
    page = words(paul.get(url("post_import", found.pk)))
    assert "1 of 3 rows imported." in page and 'value="1"' in page
    assert texts(acme) == ["Post 1"]
    work(acme)
    assert texts(acme) == ["Post 1", "Post 2", "Post 3"]


def test_import_whose_message_was_lost_is_taken_up(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.work_on_import, "delay", lambda **ids: sent.append(ids))
    upload(paul, table({}))
    tasks.take_up_stalled_imports()
    assert sent == []  # it may well be under way
    with organization_open(acme.organization.pk):
        PostImport.objects.update(worked_at=timezone.now() - import_work.STALLED_AFTER * 2)
    tasks.take_up_stalled_imports()
    assert sent == [{"organization_id": acme.organization.pk, "import_id": latest(acme).pk}]
    tasks.work_on_import(**sent[0])
    assert work(acme).stage == Stage.READY
    tasks.take_up_stalled_imports()
    assert len(sent) <= 2  # nothing waits for work any more


def test_workers_are_told_once_everything_is_stored(
    acme: Acme,
    paul: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(tasks.work_on_import, "delay", lambda **ids: sent.append(ids["import_id"]))
    with django_capture_on_commit_callbacks(execute=True):
        upload(paul, table({}))
        assert sent == []
    assert sent == [latest(acme).pk]


def test_picture_that_was_forgotten_meanwhile_is_fetched_again(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    asked: list[str] = []

    def fetch(address: str) -> Any:
        asked.append(address)
        return picture("a.png")

    monkeypatch.setattr(import_fetching, "fetch_picture", fetch)
    checked(acme, paul, {"Pictures": "https://example.com/a.png"})
    with organization_open(acme.organization.pk):
        PostMedia.objects.all().delete()
        assert ImportAddress.objects.get().media is None
    started(acme, paul)
    assert len(asked) == 2
    with organization_open(acme.organization.pk):
        assert Post.objects.get().media.count() == 1


def test_profile_that_is_gone_meanwhile_stops_its_row(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {"Profile": "Acme Sky"}, {"Text": "Stays"})
    paul.post(url("post_import_start", latest(acme).pk), {"which": "all"})
    with organization_open(acme.organization.pk):
        SocialProfile.objects.get(pk=acme.sky.pk).delete()
    work(acme)
    assert texts(acme) == ["Stays"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_row_once_and_in_order(signed_in: SignIn) -> None:
    acme = make_acme()
    paul = signed_in(acme.paul)
    rows = [{"Text": f"Post {number}"} for number in range(8)]
    checked(acme, paul, *rows)
    paul.post(url("post_import_start", latest(acme).pk), {"which": "all"})
    ids = {"organization_id": acme.organization.pk, "import_id": latest(acme).pk}
    broken: list[BaseException] = []

    def works() -> None:
        try:
            while import_work.work_on(**ids, seconds=1):
                pass
        except BaseException as problem:
            broken.append(problem)
        finally:
            connection.close()

    workers = [Thread(target=works) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert broken == []
    assert texts(acme) == [row["Text"] for row in rows]
    assert {row.state for row in rows_of(acme)} == {RowState.MADE}


def test_long_ahead_is_ahead() -> None:
    assert timezone.now() < SIX == datetime.fromisoformat(f"{LONG_AHEAD}T18:00+00:00")
