"""One press of a button makes one post, however often the browser sends it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from publishing.models import Post
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import in_days, press, publications, url

KEY = re.compile(r'name="form_key" value="([0-9a-f]{32})"')


@pytest.fixture
def paul(acme: Acme, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(acme.paul)


def form_key(page: bytes) -> str:
    found = KEY.search(page.decode())
    assert found is not None
    return found[1]


def posts(acme: Acme) -> int:
    with organization_open(acme.organization.pk):
        return Post.objects.count()


@pytest.mark.parametrize("act", ["now", "schedule", "ask", "save"])
def test_same_form_sent_twice_makes_one_post(act: str, acme: Acme, paul: Client) -> None:
    key = form_key(paul.get(url("post_new")).content)
    sent = {"form_key": key, "when": in_days(2)}
    first = press(paul, act, acme.news, **sent)
    second = press(paul, act, acme.news, **sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert posts(acme) == len(publications(acme)) == 1


def test_every_new_form_has_a_key_of_its_own(paul: Client) -> None:
    assert form_key(paul.get(url("post_new")).content) != form_key(paul.get(url("post_new")).content)


def test_equal_text_from_two_forms_makes_two_posts(acme: Acme, paul: Client) -> None:
    for _form in range(2):
        press(paul, "save", acme.news, form_key=form_key(paul.get(url("post_new")).content))
    assert posts(acme) == 2


def test_refused_form_keeps_its_key_and_can_be_sent_again(acme: Acme, paul: Client) -> None:
    key = form_key(paul.get(url("post_new")).content)
    refused = press(paul, "schedule", acme.news, form_key=key)
    assert refused.status_code == 422 and form_key(refused.content) == key
    assert press(paul, "schedule", acme.news, form_key=key, when=in_days(1)).status_code == 302
    assert posts(acme) == 1


def test_colleague_with_the_same_key_is_not_led_to_a_post_that_is_not_his(
    acme: Acme, paul: Client, signed_in: Callable[[User], Client]
) -> None:
    sent = {"form_key": form_key(paul.get(url("post_new")).content)}
    press(paul, "save", acme.news, **sent)
    press(signed_in(acme.mina), "save", acme.news, **sent)
    assert posts(acme) == 2


def test_saved_post_is_not_asked_for_a_key(acme: Acme, paul: Client) -> None:
    saved = press(paul, "save", acme.news)
    assert KEY.search(paul.get(saved["Location"]).content.decode()) is None


def test_database_refuses_a_second_post_of_one_form(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, form_key=form_key(paul.get(url("post_new")).content))
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.create(workspace=post.workspace, author=post.author, submission=post.submission)
