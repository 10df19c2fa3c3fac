"""A form written by hand may name any board: who does not see it may not plan on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Post
from social_accounts.boards.models import Board
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, make_profile
from tests.publishing.pages import press, words
from tests.social_accounts.boards.conftest import give_actions

SignIn = Callable[[User], Client]


@pytest.fixture
def pins(acme: Acme) -> SocialProfile:
    profile = make_profile(acme.organization, "acme-pins", "pinterest", server="https://www.pinterest.com")
    writes = ("manage_drafts", "publish_posts", "view_posts", "manage_posts", "manage_public_boards")
    give_actions(profile, acme.emil, *writes)
    give_actions(profile, acme.paul, *writes, "manage_secret_boards")
    with organization_open(acme.organization.pk):
        for remote_id, privacy in (("100", Board.Privacy.PUBLIC), ("101", Board.Privacy.SECRET)):
            Board.objects.create(profile=profile, remote_id=remote_id, name=remote_id, privacy=privacy)
    return profile


def chosen(acme: Acme, pins: SocialProfile) -> list[str]:
    with organization_open(acme.organization.pk):
        return [
            post.network_options["pinterest"].get(f"board:{pins.pk}", "")
            for post in Post.objects.order_by("pk")
        ]


@pytest.mark.parametrize("board", ["101", "101/7", "999"])
def test_a_board_one_does_not_see_is_refused_in_a_form_written_by_hand(
    acme: Acme, signed_in: SignIn, pins: SocialProfile, board: str
) -> None:
    emil = signed_in(acme.emil)
    field = {f"option_pinterest_board:{pins.pk}": board}
    refused = press(emil, "save", pins, **field)
    assert refused.status_code == 422
    assert "Board: choose one of those you see" in words(refused)
    assert chosen(acme, pins) == []
    assert press(emil, "save", pins, **{f"option_pinterest_board:{pins.pk}": "100"}).status_code == 302
    assert chosen(acme, pins) == ["100"]


def test_what_somebody_with_the_right_chose_stays_when_another_edits(
    acme: Acme, signed_in: SignIn, pins: SocialProfile
) -> None:
    field = {f"option_pinterest_board:{pins.pk}": "101"}
    assert press(signed_in(acme.paul), "save", pins, **field).status_code == 302
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
    emil = signed_in(acme.emil)
    kept = press(emil, "save", pins, post=post, text="New words", version=post.version, **field)
    assert kept.status_code == 302, words(kept)
    assert chosen(acme, pins) == ["101"]
    other = {f"option_pinterest_board:{pins.pk}": "101/3"}
    assert press(emil, "save", pins, post=post, version=post.version + 1, **other).status_code == 422
    assert chosen(acme, pins) == ["101"]
