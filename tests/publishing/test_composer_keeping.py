"""Nothing typed is lost, no form makes two posts, and two people at one post hear of each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import OpenComposer, Post, Publication, State
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import in_days, press, publications, typed, url, words, write

SignIn = Callable[[User], Client]
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def keep(client: Client, *, key: str = KEY, post: Post | None = None, version: int = 1, **fields: Any) -> Any:
    """Tell the server what stands in the form, as the page's script does after a pause."""
    about = {"post": post.pk, "version": version} if post else {"form_key": key}
    return client.post(url("post_typed"), {"writing": key, "is_typed": "1", **about, **fields})


def leave(acme: Acme, minutes: int = 5) -> None:
    """Let time pass since anybody was last there."""
    with organization_open(acme.organization.pk):
        gone = timezone.now() - timedelta(minutes=minutes)
        OpenComposer.objects.update(seen_at=gone, typed_at=gone)


def rows(acme: Acme) -> list[OpenComposer]:
    with organization_open(acme.organization.pk):
        return list(OpenComposer.objects.order_by("pk"))


def posts(acme: Acme) -> list[Post]:
    with organization_open(acme.organization.pk):
        return list(Post.objects.order_by("pk"))


def test_what_is_typed_is_kept_and_is_no_post(acme: Acme, paul: Client) -> None:
    said = keep(paul, text="Half a sen")
    assert said.status_code == 200 and "not saved yet" in said.json()["saved"]
    keep(paul, text="Half a sentence")
    (row,) = rows(acme)
    assert row.fields["text"] == ["Half a sentence"]
    assert not posts(acme)


def test_what_was_left_is_offered_again_and_can_be_gone_on_with(acme: Acme, paul: Client) -> None:
    keep(paul, **typed(acme.news, text="Half a sentence", text_mastodon="Own words", when="2030-01-02T09:00"))
    assert "Go on with it" not in words(paul.get(url("post_new")))  # its page may still be open
    leave(acme)
    page = words(paul.get(url("post_new")))
    assert "You began a post and did not save it" in page and "Half a sentence" in page
    again = words(paul.get(url("post_new") + f"?restore={KEY}"))
    assert "Half a sentence</textarea>" in again and "Own words</textarea>" in again
    assert 'value="2030-01-02T09:00"' in again
    assert f'value="{acme.news.pk}"' in again and "checked" in again
    assert f'name="form_key" value="{KEY}"' in again
    assert "errorlist" not in again


def test_saving_ends_what_was_kept(acme: Acme, paul: Client) -> None:
    keep(paul, text="Half a sentence")
    press(paul, "save", acme.news, form_key=KEY, writing=KEY)
    assert not rows(acme)


def test_what_was_left_can_be_thrown_away_by_its_writer_only(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    keep(paul, text="Half a sentence")
    leave(acme)
    away = {"writing": KEY}
    assert signed_in(acme.marc).post(url("unsaved_deletion"), away).status_code == 404
    assert rows(acme)
    assert paul.post(url("unsaved_deletion"), away)["Location"] == url("post_new")
    assert not rows(acme)


def test_nobody_sees_what_somebody_else_is_typing(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    keep(paul, text="A secret half")
    leave(acme)
    marc = signed_in(acme.marc)
    assert "A secret half" not in words(marc.get(url("post_new")))
    assert "A secret half" not in words(marc.get(url("post_new") + f"?restore={KEY}"))
    keep(marc, text="Marc's own")
    assert [row.fields["text"] for row in rows(acme)] == [["A secret half"], ["Marc's own"]]


def test_page_that_only_tells_it_is_open_keeps_what_was_typed_before(acme: Acme, paul: Client) -> None:
    keep(paul, text="Half a sentence")
    assert keep(paul, text="", is_typed="").status_code == 200
    (row,) = rows(acme)
    assert row.fields["text"] == ["Half a sentence"]


def test_changes_of_a_post_are_kept_beside_it_and_void_no_approval(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    press(signed_in(acme.mina), "ask", acme.news, when=in_days(1))
    (waiting,) = publications(acme)
    keep(paul, post=waiting.post, text="Paul would rather say")
    (still,) = publications(acme)
    assert (still.state, still.post.text) == (State.WAITING, "Hello, world")
    leave(acme)
    address = url("post_edit", waiting.post.pk)
    assert "You changed this post and did not save it" in words(paul.get(address))
    again = words(paul.get(f"{address}?restore={KEY}"))
    assert "Paul would rather say</textarea>" in again and 'name="version" value="1"' in again


def test_what_was_left_of_an_older_version_meets_the_newer_one(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    post = write(acme, acme.paul, acme.news)
    keep(paul, post=post, **typed(acme.news, text="Mine"))
    leave(acme)
    press(signed_in(acme.marc), "save", acme.news, post=post, version=1, text="Theirs")
    page = words(paul.get(url("post_edit", post.pk) + f"?restore={KEY}"))
    assert 'name="version" value="1"' in page
    assert press(paul, "save", acme.news, post=post, version=1, text="Mine").status_code == 409


@pytest.mark.parametrize("key", ["", "short"])
def test_form_without_a_key_is_told_so(acme: Acme, paul: Client, key: str) -> None:
    assert keep(paul, key=key, text="Lost").status_code == 422
    assert not rows(acme)


def test_post_one_may_not_change_is_not_typed_at(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    for person in (acme.gus, acme.mina, acme.emil):
        assert keep(signed_in(person), post=post, text="No").status_code == 404
    assert not rows(acme)


# --- one form, one post ----------------------------------------------------------------------------------------------


def test_form_sent_again_with_more_in_it_changes_the_post_it_made(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, form_key=KEY, text="Half a sentence")  # its answer is lost on the way
    press(paul, "save", acme.news, form_key=KEY, text="A whole sentence")
    (post,) = posts(acme)
    assert (post.text, post.version) == ("A whole sentence", 2)


def test_draft_whose_answer_was_lost_is_scheduled_by_the_next_press(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, form_key=KEY)
    press(paul, "schedule", acme.news, form_key=KEY, when=in_days(1))
    assert [one.state for one in publications(acme)] == [State.SCHEDULED]
    assert len(posts(acme)) == 1


def test_post_that_is_out_is_not_changed_by_its_form_sent_again(acme: Acme, paul: Client) -> None:
    press(paul, "now", acme.news, form_key=KEY)
    with organization_open(acme.organization.pk):
        Publication.objects.update(state=State.PUBLISHED, published_at=timezone.now())
    refused = press(paul, "now", acme.news, form_key=KEY, text="Changed")
    assert refused.status_code == 422 and "Part of this post is out" in words(refused)
    assert [one.text for one in posts(acme)] == ["Hello, world"]


# --- two people ------------------------------------------------------------------------------------------------------


def test_two_people_at_one_post_are_told_of_each_other(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    post, marc = write(acme, acme.paul, acme.news), signed_in(acme.marc)
    assert keep(paul, post=post).json()["company"] == ""
    assert keep(marc, post=post, key=KEY[::-1]).json()["company"] == "Paul Editor has this post open too."
    assert "Marc Manager has this post open too" in keep(paul, post=post).json()["company"]
    leave(acme)
    assert keep(paul, post=post).json()["company"] == ""


def test_newer_version_is_told_while_one_types(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    press(signed_in(acme.marc), "save", acme.news, post=post, version=1, text="Theirs")
    said = keep(paul, post=post, version=1, text="Mine").json()["company"]
    assert "Marc Manager saved another version of this post" in said


def test_ones_own_second_window_is_no_company(acme: Acme, paul: Client) -> None:
    post = write(acme, acme.paul, acme.news)
    keep(paul, post=post, key=KEY[::-1])
    assert keep(paul, post=post).json()["company"] == ""


# --- and what the networks would say ---------------------------------------------------------------------------------


def test_networks_say_while_one_types_what_they_would_refuse(acme: Acme, paul: Client) -> None:
    said = keep(paul, **typed(acme.news, acme.sky, text="x" * 400)).json()["networks"]
    assert "100 characters too long (400 of 300)" in said["bluesky"]["problems"]
    assert not said["mastodon"]["problems"].strip()
    assert (said["bluesky"]["used"], said["bluesky"]["limit"]) == (400, 300)


def test_empty_page_is_not_scolded(acme: Acme, paul: Client) -> None:
    said = keep(paul, **typed(acme.news, text="")).json()["networks"]
    assert not said["mastodon"]["problems"].strip()
