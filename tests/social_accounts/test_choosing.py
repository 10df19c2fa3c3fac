"""One consent that opens several pages: what is ticked becomes profiles, nothing else does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from social_accounts import connections, vault
from social_accounts.models import ConnectionChoice, Credential, SocialProfile
from social_accounts.networks.base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Connectable,
    Credentials,
    CredentialsExpired,
    Features,
    LimitLevel,
    NetworkError,
    NotSent,
    RateLimited,
    Rejected,
    RejectionReason,
)
from tenancy.context import organization_open
from tests.cast import Acme

SignIn = Callable[[User], Client]
CONNECT = "/o/acme/profiles/connect/"
HOME = "https://pages.example"


def page(number: int) -> Connectable:
    account = Account(
        network="x",
        server=HOME,
        remote_id=f"page-{number}",
        handle=f"@page{number}",
        display_name=f"Page {number}",
        url=f"{HOME}/{number}",
    )
    credentials = Credentials(access_token=f"token of page {number}", grant="consent-1")
    return Connectable(account=account, credentials=credentials, kind="Page")


class PagesNetwork:
    """One consent opens ``pages``; a person himself is none of them."""

    features = Features(
        name="x",
        label="Pages",
        has_approval=True,
        needs_server=False,
        has_app_password=False,
        has_operator_app=True,
        text_limit=280,
        images_max=4,
        image_types=(),
        image_bytes_max=1,
        alt_text_max=None,
    )

    def __init__(self) -> None:
        self.pages = [page(number) for number in (1, 2, 3)]
        self.revoked: list[str] = []
        self.states: list[str] = []
        self.fault: NetworkError | None = None

    def register_app(self, *, server: str, **_more: Any) -> AppRegistration:
        return AppRegistration(server=HOME, client_id="id", client_secret="secret")

    def start(self, **_more: Any) -> AuthorizationStart:
        self.states.append(f"state-{len(self.states)}")
        return AuthorizationStart(url=f"{HOME}/consent", state=self.states[-1], keep={})

    def finish(self, **_more: Any) -> tuple[Account, Credentials]:
        return page(0).account, Credentials(access_token="token of the person", grant="consent-1")

    def accounts(self, **_more: Any) -> list[Connectable]:
        if self.fault is not None:
            raise self.fault
        return self.pages

    def revoke(self, *, credentials: Credentials, **_more: Any) -> None:
        self.revoked.append(credentials.access_token)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[PagesNetwork]:
    network = PagesNetwork()
    assert get_resolver().url_patterns  # the pages are loaded before what they import is replaced
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    monkeypatch.setattr(connections, "features", lambda _name: network.features)
    yield network


def came_back(client: Client, acme: Acme, network: PagesNetwork) -> Any:
    client.get(f"{CONNECT}x/leave/", {"workspace": acme.main.pk})
    return client.get("/connect/x/callback", {"state": network.states[-1], "code": "c"})


def come_back(client: Client, acme: Acme, network: PagesNetwork) -> str:
    """Leave for the network and come back; return where that leads."""
    back = came_back(client, acme, network)
    assert back.status_code == 303, back.content.decode()
    return str(back["Location"])


def profiles(acme: Acme) -> list[str]:
    with organization_open(acme.organization.pk):
        return sorted(SocialProfile.objects.filter(server=HOME).values_list("remote_id", flat=True))


def test_only_what_is_ticked_becomes_a_profile(acme: Acme, signed_in: SignIn, network: PagesNetwork) -> None:
    client = signed_in(acme.olga)
    where = come_back(client, acme, network)
    shown = client.get(where).content.decode()
    assert all(f"Page {number}" in shown for number in (1, 2, 3))
    assert profiles(acme) == []
    answer = client.post(where, {"account": ["page-1", "page-3", "page-9"]})
    assert answer.status_code == 303
    assert profiles(acme) == ["page-1", "page-3"]
    with organization_open(acme.organization.pk):
        row = Credential.objects.get(profile__remote_id="page-3")
        assert vault.opened(row).access_token == "token of page 3"
        assert not ConnectionChoice.objects.exists()
    assert client.get(where).status_code == 400  # used once


def test_a_single_page_is_connected_without_asking(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    del network.pages[1:]
    assert come_back(signed_in(acme.olga), acme, network).startswith("/o/acme/profiles/")
    assert profiles(acme) == ["page-1"]


def test_nothing_ticked_is_said_and_nothing_lost(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    client = signed_in(acme.olga)
    where = come_back(client, acme, network)
    answer = client.post(where, {"account": ["page-9"]})
    assert answer.status_code == 422
    assert "Tick at least one account." in answer.content.decode()
    assert client.post(where, {"account": "page-2"}).status_code == 303


def test_giving_back_connects_nothing_and_ends_the_consent(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    client = signed_in(acme.olga)
    where = come_back(client, acme, network)
    assert client.post(where, {"give_back": "1"}).status_code == 303
    assert profiles(acme) == []
    assert network.revoked == ["token of page 1"]


def test_another_person_another_browser_and_a_late_one_are_refused(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    where = come_back(signed_in(acme.olga), acme, network)
    assert signed_in(acme.marc).get(where).status_code == 403
    assert signed_in(acme.olga).get(where).status_code == 403
    client = signed_in(acme.olga)
    where = come_back(client, acme, network)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        late = client.get(where)
    assert late.status_code == 400
    assert "took too long" in late.content.decode()
    assert profiles(acme) == []


def test_a_role_lost_while_ticking_connects_nothing(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    client = signed_in(acme.paul)
    assert client.get(f"{CONNECT}x/leave/", {"workspace": acme.main.pk}).status_code == 403


def test_the_consent_ends_with_its_last_profile(acme: Acme, signed_in: SignIn, network: PagesNetwork) -> None:
    client = signed_in(acme.olga)
    client.post(come_back(client, acme, network), {"account": ["page-1", "page-2"]})
    with organization_open(acme.organization.pk):
        first, second = SocialProfile.objects.filter(server=HOME).order_by("remote_id")
    client.post(f"/o/acme/profiles/{first.pk}/disconnect/")
    assert network.revoked == []  # the second page rests on it
    client.post(f"/o/acme/profiles/{second.pk}/disconnect/")
    assert network.revoked == ["token of page 2"]


def test_reconnecting_takes_the_profile_s_own_page(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    client = signed_in(acme.olga)
    client.post(come_back(client, acme, network), {"account": "page-2"})
    with organization_open(acme.organization.pk):
        profile = SocialProfile.objects.get(server=HOME)
    client.get(f"/o/acme/profiles/{profile.pk}/reconnect/leave/")
    back = client.get("/connect/x/callback", {"state": network.states[-1], "code": "c"})
    assert back["Location"] == f"/o/acme/profiles/{profile.pk}/"
    del network.pages[1]
    client.get(f"/o/acme/profiles/{profile.pk}/reconnect/leave/")
    wrong = client.get("/connect/x/callback", {"state": network.states[-1], "code": "c"})
    assert wrong.status_code == 409


def test_what_waits_to_be_ticked_is_encrypted_and_forgotten(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    from social_accounts.services.attempts import forget_old_attempts

    come_back(signed_in(acme.olga), acme, network)
    with organization_open(acme.organization.pk):
        assert "token of page" not in ConnectionChoice.objects.get().kept
    forget_old_attempts(now=timezone.now() + timedelta(minutes=16))
    with organization_open(acme.organization.pk):
        assert not ConnectionChoice.objects.exists()


def test_a_page_that_lacks_something_says_so_and_cannot_be_ticked(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    network.pages[0] = replace(network.pages[0], problem="Publishing was left out.")
    network.pages[1] = replace(network.pages[1], notes=("No first comments there.",))
    client = signed_in(acme.olga)
    where = come_back(client, acme, network)
    shown = client.get(where).content.decode()
    assert "Publishing was left out." in shown
    assert "No first comments there." in shown
    assert re.search(r'value="page-1" disabled', shown)
    refused = client.post(where, {"account": ["page-1"]})
    assert refused.status_code == 422
    assert client.post(where, {"account": ["page-1", "page-2"]}).status_code == 303
    assert profiles(acme) == ["page-2"]


def test_a_consent_that_opens_nothing_usable_is_refused_and_given_back(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    network.pages = [replace(page(1), problem="Publishing was left out.")]
    answer = came_back(signed_in(acme.olga), acme, network)
    assert answer.status_code == 422
    assert "Publishing was left out." in answer.content.decode()
    assert "Start again" in answer.content.decode()
    assert profiles(acme) == []
    assert network.revoked == ["token of the person"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (NotSent("Pages cannot be reached."), "Pages cannot be reached."),
        (RateLimited(timezone.now(), LimitLevel.APPLICATION), "too many requests from here"),
        (CredentialsExpired("Pages wants you to sign in."), "Pages wants you to sign in."),
        (Rejected(RejectionReason.OTHER, "There is no page."), "There is no page."),
    ],
)
def test_an_outage_while_listing_is_told_and_the_consent_given_back(
    acme: Acme, signed_in: SignIn, network: PagesNetwork, fault: NetworkError, words: str
) -> None:
    network.fault = fault
    answer = came_back(signed_in(acme.olga), acme, network)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Start again" in answer.content.decode()
    assert profiles(acme) == []
    assert network.revoked == ["token of the person"]


def test_ticking_what_is_connected_already_renews_it_and_makes_no_second_profile(
    acme: Acme, signed_in: SignIn, network: PagesNetwork
) -> None:
    client = signed_in(acme.olga)
    client.post(come_back(client, acme, network), {"account": "page-1"})
    network.pages = [
        replace(one, credentials=replace(one.credentials, access_token=f"new {one.account.remote_id}"))
        for one in network.pages
    ]
    where = come_back(client, acme, network)
    assert "Connected already" in client.get(where).content.decode()
    assert client.post(where, {"account": ["page-1", "page-2"]}).status_code == 303
    assert profiles(acme) == ["page-1", "page-2"]
    with organization_open(acme.organization.pk):
        row = Credential.objects.get(profile__remote_id="page-1")
        assert vault.opened(row).access_token == "new page-1"
