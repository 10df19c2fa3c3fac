"""What a person saw is not kept by the browser for the next one at the same desk."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import Acme


def test_page_of_a_signed_in_person_is_stored_nowhere(
    acme: Acme, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(acme.olga)
    for address in (
        reverse("account_settings"),
        reverse("member_list", args=["acme"]),
        "/o/acme/no-such-page/",
    ):
        kept = client.get(address).headers["Cache-Control"]
        assert "no-store" in kept and "private" in kept, address


def test_page_behind_a_secret_link_is_stored_nowhere(db: None) -> None:
    answer = Client().get(reverse("invitation_accept", args=["a-secret-that-nobody-has"]))
    assert "no-store" in answer.headers["Cache-Control"]
