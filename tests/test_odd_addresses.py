"""Addresses no link of ours leads to: numbers no table holds, bytes no text holds, pages there are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import Acme

HUGE = "9" * 30
LONG = "9" * 5000  # more digits than Python turns into a number
ODD = [HUGE, LONG, "0", "-1", "²", "٣", "%", "'", "[", "x" * 5000]
PAGES = {
    "organization_home": (),
    "member_list": ("q", "role", "status", "team", "page"),
    "team_list": ("page",),
    "invitation_list": (),
    "workspace_list": (),
    "profile_list": ("q", "network", "status", "workspace", "page", "team"),
    "audit_log": ("q", "person", "action", "outcome", "begin", "end", "page"),
    "my_access": ("on", "show", "q"),
    "my_access_why": ("on", "action"),
    "calendar": ("state", "profile", "week", "month"),
    "post_list": ("state", "profile", "page", "show"),
    "post_new": ("when", "profile", "text", "media"),
    "approval_list": ("show", "page"),
    "connect_choose": ("server",),
}


@pytest.mark.parametrize("route", PAGES)
def test_page_answers_whatever_its_address_says(
    route: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    olga = signed_in(acme.olga)
    for name in PAGES[route]:
        for odd in ODD:
            answer = olga.get(reverse(route, args=["acme"]), {name: odd})
            assert answer.status_code in (200, 404, 422), f"{name}={odd[:20]!r}"


@pytest.mark.parametrize("route", ["member_list", "profile_list", "my_access", "post_list"])
def test_null_character_in_an_address_is_a_bad_request(
    route: str, acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(acme.olga).get(reverse(route, args=["acme"]), {"q": "a\x00b"}).status_code == 400


def test_null_character_in_a_form_is_a_bad_request(acme: Acme, signed_in: Callable[[User], Client]) -> None:
    typed = {"text": "Hello", "profile": acme.news.pk, "act": "save", "text_mastodon": "a\x00b"}
    assert signed_in(acme.paul).post(reverse("post_new", args=["acme"]), typed).status_code == 400
