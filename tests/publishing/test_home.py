from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import Post, Publication, State
from publishing.services.posts import Draft, create_post
from publishing.services.scheduling import schedule_post
from tenancy.context import organization_open
from tests.cast import Acme

HOME = "/o/acme/"


def send(acme: Acme, author: User, text: str) -> Publication:
    now = timezone.now()
    with organization_open(acme.organization.pk):
        actor = acme.access(author)
        post: Post = create_post(
            actor=actor, workspace=acme.main, profiles=[acme.news], draft=Draft(text=text), now=now
        )
        due = {post.publications.get().pk: now + timedelta(hours=3)}
        return schedule_post(actor=actor, post=post, due=due, now=now)[0]


def test_home_shows_each_what_waits_for_him(acme: Acme, signed_in: Callable[[User], Client]) -> None:
    send(acme, acme.mina, "Please look at this")
    assert b"Please look at this" in signed_in(acme.marc).get(HOME).content
    assert b"Please look at this" not in signed_in(acme.mina).get(HOME).content, (
        "nobody answers his own request"
    )
    assert b"Please look at this" not in signed_in(acme.emil).get(HOME).content


@pytest.mark.parametrize("state", [State.HELD, State.UNCONFIRMED, State.REJECTED])
def test_home_shows_trouble_to_author_and_publishers(
    acme: Acme, signed_in: Callable[[User], Client], state: State
) -> None:
    publication = send(acme, acme.paul, "In trouble")
    with organization_open(acme.organization.pk):
        Publication.objects.filter(pk=publication.pk).update(state=state)
    for person, sees in ((acme.paul, True), (acme.marc, True), (acme.gus, False), (acme.emil, False)):
        content = signed_in(person).get(HOME).content
        assert (b"Needs you" in content) is sees, person


def test_home_shows_what_goes_out_next_on_profiles_one_may_view(
    acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    send(acme, acme.paul, "Out soon")
    assert b"Out soon" in signed_in(acme.gus).get(HOME).content
    assert b"Out soon" not in signed_in(acme.emil).get(HOME).content


def test_home_asks_a_steady_number_of_queries(
    acme: Acme, signed_in: Callable[[User], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(6):
        send(acme, acme.paul, f"Number {number}")
    client = signed_in(acme.marc)
    client.get(HOME)
    with django_assert_max_num_queries(40):  # type: ignore[attr-defined]
        client.get(HOME)
