from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Approval, PostMedia, PostVersion, State
from publishing.organizing.difference import Change, difference, words_between
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.organizing.shelves import edit, fresh, label_names, make_label, put_labels, rows
from tests.publishing.pages import press, publications, send, upload, url, words, write

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def said(acme: Acme, post: Any, first: int, second: int) -> Any:
    with organization_open(acme.organization.pk):
        return difference(post, first, second)


def test_words_between_two_texts_join_to_both_of_them() -> None:
    before, after = "Bring your bike\non Saturday!", "Bring your old bike\non Sunday!"
    pieces = words_between(before, after)
    assert "".join(one.text for one in pieces if one.change != Change.ADDED) == before
    assert "".join(one.text for one in pieces if one.change != Change.REMOVED) == after
    assert [one.text for one in pieces if one.change == Change.REMOVED] == ["Saturday"]


def test_one_word_in_a_long_text_is_told_apart_and_a_very_long_one_is_quick() -> None:
    text = "We ride to work, and we ride home again. " * 40
    pieces = words_between(text, text.replace("home", "back", 1))
    assert [one.text for one in pieces if one.change != Change.SAME] == ["home", "back"]
    begin = time.perf_counter()
    words_between("a b c d " * 2500, "d c b a " * 2500)  # as much as a post may hold
    assert time.perf_counter() - begin < 20


def test_each_save_that_changes_something_is_a_version_and_no_other(acme: Acme) -> None:
    post = write(acme, acme.paul, acme.news, text="Winter tires")
    edit(acme, acme.olga, post, text="Winter tires, now cheaper")
    edit(acme, acme.olga, post, text="Winter tires, now cheaper")
    versions = rows(acme, PostVersion)
    assert [(one.number, one.saved_by_id) for one in versions] == [(1, acme.paul.pk), (2, acme.olga.pk)]
    assert [one.content["text"] for one in versions] == ["Winter tires", "Winter tires, now cheaper"]


def test_a_post_from_before_versions_keeps_what_it_said_first(acme: Acme) -> None:
    post = write(acme, acme.paul, acme.news, text="As it was")
    with organization_open(acme.organization.pk):
        PostVersion.objects.all().delete()
    edit(acme, acme.olga, post, text="As it is")
    assert [one.content["text"] for one in rows(acme, PostVersion)] == ["As it was", "As it is"]
    assert rows(acme, PostVersion)[0].saved_by_id == acme.paul.pk


def test_difference_tells_of_texts_by_network_of_options_and_of_labels(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news, text="Ride with us")
    edit(
        acme,
        acme.paul,
        post,
        text="Ride with me",
        network_texts={"bluesky": "Ride"},
        network_options={"mastodon": {"visibility": "unlisted"}},
        link_card={"url": "https://acme.test/", "title": "Acme", "description": ""},
    )
    put_labels(signed_in(acme.paul), acme, post, make_label(acme))
    found = said(acme, post, 1, 3)
    assert [(one.network, one.label) for one in found.texts] == [("", "Text"), ("bluesky", "Bluesky")]
    assert [(one.change.value, one.text) for one in found.texts[0].pieces] == [
        ("same", "Ride with "),
        ("removed", "us"),
        ("added", "me"),
    ]
    facts = {one.label: (one.before, one.after) for one in found.facts}
    assert facts["Mastodon · Visibility"][1].startswith("Quiet public")
    assert facts["Link card"] == ("", "https://acme.test/")
    assert (found.labels_added, found.labels_removed) == (["Winter"], [])
    assert said(acme, post, 3, 1).labels_removed == ["Winter"]
    assert said(acme, post, 2, 2).is_empty


def test_an_option_left_as_the_network_has_it_is_no_difference(acme: Acme) -> None:
    post = write(acme, acme.paul, acme.news)
    edit(acme, acme.paul, post, text="Changed", network_options={"mastodon": {"visibility": "public"}})
    edit(acme, acme.paul, post, text="Changed", network_options={"mastodon": {"visibility": "private"}})
    assert said(acme, post, 1, 2).facts == []
    assert [one.label for one in said(acme, post, 2, 3).facts] == ["Mastodon · Visibility"]


def test_difference_shows_pictures_that_came_went_and_are_described_differently(
    acme: Acme, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    first, second = upload(paul), upload(paul)
    post = write(acme, acme.paul, acme.news)
    edit(acme, acme.paul, post, media=[(first, "A bridge")])
    edit(acme, acme.paul, post, media=[(first, "A bridge at dawn"), (second, "")])
    edit(acme, acme.paul, post, media=[(second, "")])
    described, gone = said(acme, post, 2, 3), said(acme, post, 3, 4)
    assert [(one.change.value, one.media_id) for one in described.pictures] == [
        ("changed", first),
        ("added", second),
    ]
    assert (described.pictures[0].before, described.pictures[0].after) == ("A bridge", "A bridge at dawn")
    assert [(one.change.value, one.media_id) for one in gone.pictures] == [("removed", first)]


def test_a_picture_taken_out_stays_for_its_version_and_goes_with_the_post(
    acme: Acme, signed_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    paul = signed_in(acme.paul)
    kept = upload(paul)
    post = write(acme, acme.paul, acme.news)
    edit(acme, acme.paul, post, media=[(kept, "A bridge")])
    edit(acme, acme.paul, post)
    history = paul.get(url("post_history", post.pk))
    assert url("media_file", kept) in words(history)
    picture = paul.get(url("media_file", kept))
    assert picture.status_code == 200
    picture.getvalue()
    with django_capture_on_commit_callbacks(execute=True):
        assert paul.post(url("post_deletion", post.pk)).status_code == 302
    assert rows(acme, PostMedia) == []


def test_restoring_brings_text_pictures_and_labels_back_as_a_new_version(
    acme: Acme, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    picture = upload(paul)
    post = write(acme, acme.paul, acme.news, text="First")
    edit(acme, acme.paul, post, text="First", media=[(picture, "A bridge")])
    put_labels(paul, acme, post, make_label(acme))
    edit(acme, acme.paul, post, text="Second")
    put_labels(paul, acme, post)
    answer = paul.post(url("post_restoration", post.pk), {"number": 3, "version": fresh(acme, post).version})
    assert answer.status_code == 303
    assert fresh(acme, post).text == "First"
    assert label_names(acme, post) == ["Winter"]
    with organization_open(acme.organization.pk):
        assert [(one.pk, one.alt_text) for one in post.media.all()] == [(picture, "A bridge")]
    latest = rows(acme, PostVersion)[-1]
    assert (latest.number, latest.restored_from) == (6, 3)
    assert "brought version 3 back" in words(paul.get(url("post_history", post.pk)))


def test_restoring_voids_the_approval_as_any_edit_does(acme: Acme, signed_in: SignIn) -> None:
    asked = send(acme, acme.mina, acme.news, text="First")
    edit(acme, acme.mina, asked.post, text="Second")
    with organization_open(acme.organization.pk):
        Approval.objects.all().delete()
    mina = signed_in(acme.mina)
    press(mina, "ask", acme.news, post=fresh(acme, asked.post), text="Second", version=2,
          when="2031-05-05T10:00", when_before="2031-05-05T10:00")  # fmt: skip
    assert publications(acme)[0].state == State.WAITING
    version = fresh(acme, asked.post).version
    assert (
        mina.post(url("post_restoration", asked.post_id), {"number": 1, "version": version}).status_code
        == 303
    )
    assert publications(acme)[0].state == State.DRAFT
    assert [one.answer for one in rows(acme, Approval)] == [Approval.Answer.VOID]


def test_restoring_is_refused_to_who_may_not_edit_and_over_somebody_elses_save(
    acme: Acme, signed_in: SignIn
) -> None:
    post = write(acme, acme.paul, acme.news, text="First")
    edit(acme, acme.paul, post, text="Second")
    typed = {"number": 1, "version": 2}
    assert signed_in(acme.mina).post(url("post_restoration", post.pk), typed).status_code == 403
    assert signed_in(acme.emil).post(url("post_restoration", post.pk), typed).status_code == 404
    signed_in(acme.paul).post(url("post_restoration", post.pk), {"number": 1, "version": 1})
    signed_in(acme.paul).post(url("post_restoration", post.pk), {"number": 9, "version": 2})
    assert fresh(acme, post).text == "Second"


def test_what_is_out_keeps_its_history_and_cannot_be_restored(acme: Acme, signed_in: SignIn) -> None:
    scheduled = send(acme, acme.paul, acme.news, text="First")
    edit(acme, acme.paul, scheduled.post, text="Second")
    with organization_open(acme.organization.pk):
        scheduled.post.publications.update(state=State.PUBLISHING)
    paul = signed_in(acme.paul)
    assert "Restore" not in words(paul.get(url("post_history", scheduled.post_id)))
    paul.post(url("post_restoration", scheduled.post_id), {"number": 1, "version": 2})
    assert fresh(acme, scheduled.post).text == "Second"


def test_the_history_compares_the_two_versions_asked_for(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news, text="Alpha")
    for text in ("Beta", "Gamma"):
        edit(acme, acme.paul, post, text=text)
    gus = signed_in(acme.gus)
    last_two = words(gus.get(url("post_history", post.pk)))
    assert "From version 2 to 3" in last_two and ">Beta</del>" in last_two
    asked = words(gus.get(url("post_history", post.pk), {"from": 1, "to": 3}))
    assert "From version 1 to 3" in asked and ">Alpha</del>" in asked and ">Gamma</ins>" in asked
    odd = words(gus.get(url("post_history", post.pk), {"from": "x", "to": "99"}))
    assert "From version 2 to 3" in odd
