"""What ends by itself is told to people in time: connections nobody but they can renew, versions of interfaces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials
from social_accounts.networks.versions import VERSIONS
from social_accounts.services.health import end_of, next_check
from tenancy.context import organization_open
from tests.cast import Acme, make_profile

SignIn = Callable[[User], Client]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PROFILES = "/o/acme/profiles/"
CHOOSE = f"{PROFILES}connect/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_only_what_cannot_renew_itself_has_an_end() -> None:
    in_sixty_days = NOW + timedelta(days=60)
    assert end_of(Credentials(access_token="a", expires_at=in_sixty_days)) == in_sixty_days
    assert end_of(Credentials(access_token="a", refresh_token="b", expires_at=in_sixty_days)) is None
    assert end_of(Credentials(access_token="a")) is None


def test_a_token_of_threads_is_renewed_a_week_ahead_and_others_shortly_before() -> None:
    in_eight_days = NOW + timedelta(days=8)
    held = Credentials(access_token="a", refresh_token="a", expires_at=in_eight_days)
    assert connections.features("threads").renews_before == timedelta(days=7)
    assert next_check("threads", held, NOW) == NOW + timedelta(days=1)
    assert next_check("threads", held, NOW + timedelta(hours=12)) == NOW + timedelta(days=1)
    assert next_check("x", held, NOW + timedelta(days=7, hours=20)) == in_eight_days - timedelta(minutes=20)


@pytest.mark.parametrize(("days", "is_told"), [(13, True), (15, False)])
def test_a_connection_that_ends_soon_is_told_where_profiles_are_looked_at(
    acme: Acme, signed_in: SignIn, days: int, is_told: bool
) -> None:
    profile = make_profile(
        acme.organization, "acme-jobs", "linkedin", ends_at=timezone.now() + timedelta(days=days)
    )
    olga, marc = signed_in(acme.olga), signed_in(acme.marc)
    listed, page = text_of(olga, PROFILES), text_of(olga, f"{PROFILES}{profile.pk}/")
    assert ("unless somebody renews it" in listed) == is_told
    assert ("only a person can renew it" in page) == is_told
    assert ("Renew it now" in page) == is_told
    assert text_of(marc, f"{PROFILES}{profile.pk}/").count("only a person can renew it") == is_told
    with organization_open(acme.organization.pk):
        SocialProfile.objects.update(status=SocialProfile.Status.NEEDS_RECONNECT)
    assert "unless somebody renews it" not in text_of(olga, PROFILES)  # it says worse already


def test_a_version_that_ends_is_told_to_those_who_connect_profiles(acme: Acme, signed_in: SignIn) -> None:
    ends = VERSIONS["linkedin"].ends
    assert ends is not None
    words = f"LinkedIn ends version {VERSIONS['linkedin'].name} of its interface"
    moment = datetime(ends.year, ends.month - 1, ends.day, 12, tzinfo=UTC)
    with time_machine.travel(moment - timedelta(days=31), tick=True):
        olga = signed_in(acme.olga)
        assert words not in text_of(olga, PROFILES)
    with time_machine.travel(moment, tick=True):
        olga, paul = signed_in(acme.olga), signed_in(acme.paul)
        assert words in text_of(olga, PROFILES)
        assert words in text_of(olga, CHOOSE)
        assert words not in text_of(paul, PROFILES)


def test_cards_say_what_a_network_could_not_fetch_from_here(
    acme: Acme, signed_in: SignIn, settings: Any
) -> None:
    olga = signed_in(acme.olga)
    settings.BASE_URL = "http://localhost:8000"
    said = text_of(olga, CHOOSE)
    for network in ("Instagram", "Threads"):
        assert f"{network} fetches files from Chorus itself" in said
    assert said.count("fetches files from Chorus itself") == 2
    settings.BASE_URL = "https://chorus.example.org"
    assert "fetches files from Chorus itself" not in text_of(olga, CHOOSE)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("LinkedIn", "Community Management"),
        ("Facebook", "Meta reviews the operator's application"),
        ("Instagram", "Professional accounts that are linked to a Facebook page"),
        ("Threads", "Meta reviews the operator's application"),
        ("X", "X charges the operator of this Chorus for each post"),
        ("Pinterest", "its application is on trial and Pins are refused"),
        ("YouTube", "YouTube keeps every video from here private"),
        ("TikTok", "Until TikTok has audited the operator's application"),
    ],
)
def test_a_network_that_wants_review_or_payment_says_so_on_its_card(
    acme: Acme, signed_in: SignIn, network: str, words: str
) -> None:
    said = text_of(signed_in(acme.olga), CHOOSE)
    card = said[said.index(f">{network}</h2>") :]
    assert words in card[: card.index("</li>")]


def test_the_page_before_consent_names_what_this_installation_asks_for(
    acme: Acme, signed_in: SignIn, settings: Any
) -> None:
    settings.NETWORK_APPS = [("facebook", "id-1", "secret-1")]
    olga = signed_in(acme.olga)
    consent = f"{CHOOSE}facebook/consent/?workspace={acme.main.pk}"
    usual = text_of(olga, consent)
    assert "pages_manage_posts" in usual
    assert "business_management" not in usual
    settings.NETWORK_SCOPES = [("facebook", ("pages_show_list", "pages_manage_posts", "business_management"))]
    named = text_of(olga, consent)
    assert "business_management" in named
    assert "read_insights" not in named
    away = olga.get(f"{CHOOSE}facebook/leave/?workspace={acme.main.pk}")
    assert "business_management" in away["Location"]
    assert "read_insights" not in away["Location"]
