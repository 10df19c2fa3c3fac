"""The list of profiles: everyone sees his, in few queries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, give, make_profile

SignIn = Callable[[User], Client]
URL = "/o/acme/profiles/"


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("olga", {"acme-news", "acme-sky", "acme-quiet"}),
        ("marc", {"acme-news", "acme-sky", "acme-quiet"}),
        ("paul", {"acme-news", "acme-sky"}),
        ("mina", {"acme-news"}),
        ("emil", set()),
    ],
)
def test_the_list_shows_exactly_what_each_person_sees(
    acme: Acme, signed_in: SignIn, who: str, seen: set[str]
) -> None:
    page = signed_in(acme.everybody[who]).get(URL)
    assert page.status_code == 200
    for slug in ("acme-news", "acme-sky", "acme-quiet"):
        assert (f"@{slug}@sandbox.test" in page.content.decode()) == (slug in seen)


def test_the_list_does_not_exist_for_a_person_of_another_organization(acme: Acme, signed_in: SignIn) -> None:
    assert signed_in(acme.mallory).get(URL).status_code == 404


def test_the_list_puts_profiles_in_need_first_with_the_reason_and_the_way_out(
    acme: Acme, signed_in: SignIn
) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.sky.pk).update(
            status=SocialProfile.Status.NEEDS_RECONNECT, status_detail="The token was revoked."
        )
    page = signed_in(acme.olga).get(URL).content.decode()
    assert page.index("acme-sky@") < page.index("acme-news@")
    assert "The token was revoked." in page
    assert f"/o/acme/profiles/{acme.sky.pk}/reconnect/" in page


def test_the_list_offers_no_button_that_would_end_in_a_refusal(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(status=SocialProfile.Status.NEEDS_RECONNECT)
    page = signed_in(acme.mina).get(URL).content.decode()
    assert "reconnect/" not in page and "/connect/" not in page
    assert "/o/acme/profiles/connect/" in signed_in(acme.marc).get(URL).content.decode()


def test_the_list_is_searched_and_filtered(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    found = client.get(URL, {"q": "@acme-sky"}).content.decode()
    assert "acme-sky@" in found and "acme-news@" not in found
    found = client.get(URL, {"network": "mastodon"}).content.decode()
    assert "acme-sky@" not in found and "acme-quiet@" in found
    found = client.get(URL, {"health": "disconnected"}).content.decode()
    assert "No profile matches" in found


def test_an_empty_list_says_what_to_do(acme: Acme, signed_in: SignIn) -> None:
    assert "somebody gives you a role" in signed_in(acme.emil).get(URL).content.decode()
    page = signed_in(acme.mallory).get("/o/elsewhere/profiles/").content.decode()
    assert "No profiles yet" in page and "/o/elsewhere/profiles/connect/" in page


def test_the_list_costs_the_same_queries_however_long(
    acme: Acme, signed_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(acme.paul)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(20):
        give(make_profile(acme.organization, f"more-{number}"), acme.paul, "standard:guest")
    with django_assert_max_num_queries(len(few)):
        client.get(URL)
    assert len(few) <= LIST_QUERIES_MAX


LIST_QUERIES_MAX = 21  # three of them are the list's own; the rest open session, organization and frame
