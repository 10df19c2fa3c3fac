"""Connecting through our own pages to the real Bluesky server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from social_accounts.models import Credential, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.peers.bluesky_server import BlueskyAccount, BlueskyServer
from tests.social_accounts.test_connecting import PROFILES, come_back, count_of, leave, profile_in

pytestmark = pytest.mark.peers
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def chorus_knows_the_server(bluesky_server: BlueskyServer, settings: LazySettings) -> None:
    settings.BLUESKY_ENTRY_URL, settings.BLUESKY_PLC_URL = bluesky_server.pds, bluesky_server.plc
    settings.TRUSTED_NETWORK_ORIGINS = list(bluesky_server.origins)


@pytest.fixture
def alice(bluesky_server: BlueskyServer) -> BlueskyAccount:
    return bluesky_server.create_account("alice")


def come_back_through_the_address(client: Client, address: str):  # type: ignore[no-untyped-def]
    hop = come_back(Client(), address).content.decode()
    return come_back(client, hop.split('content="0; url=', 1)[1].split('"', 1)[0].replace("&amp;", "&"))


def test_an_account_is_connected_checked_connected_again_and_disconnected(
    acme: Acme, signed_in: SignIn, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    client = signed_in(acme.olga)
    url = leave(client, "bluesky", "", acme.main, handle=f"@{alice.handle}")
    back = come_back_through_the_address(client, bluesky_server.consent(url, alice))
    assert back.status_code == 303, back.content.decode()
    profile = profile_in(acme, remote_id=alice.did)
    assert (profile.handle, profile.server) == (f"@{alice.handle}", bluesky_server.pds)
    here = f"{PROFILES}{profile.pk}/"
    assert "The connection works." in client.post(f"{here}check/", follow=True).content.decode()

    other = bluesky_server.create_account("other")
    left = client.get(f"{here}reconnect/leave/")
    refused = come_back_through_the_address(client, bluesky_server.consent(left["Location"], other))
    assert refused.status_code in (409, 422)
    left = client.get(f"{here}reconnect/leave/")
    again = come_back_through_the_address(client, bluesky_server.consent(left["Location"], alice))
    assert again.status_code == 303, again.content.decode()
    # what was connected before was given back, and what is connected now lives on
    assert "The connection works." in client.post(f"{here}check/", follow=True).content.decode()

    done = client.post(f"{here}disconnect/", follow=True).content.decode()
    assert "Nothing more goes out on it." in done
    assert profile_in(acme, remote_id=alice.did).status == SocialProfile.Status.DISCONNECTED
    assert count_of(acme, Credential) == 0


def test_declining_connects_nothing(
    acme: Acme, signed_in: SignIn, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    client = signed_in(acme.olga)
    url = leave(client, "bluesky", "", acme.main)
    address = bluesky_server.consent(url, alice, accept=False)
    declined = come_back_through_the_address(client, address)
    assert declined.status_code == 422
    assert "declined on the network" in declined.content.decode()
    assert count_of(acme, Credential) == 0


def test_an_app_password_connects_and_the_main_password_is_refused(
    acme: Acme, signed_in: SignIn, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    client = signed_in(acme.olga)
    typed = {"way": "password", "identifier": alice.handle, "workspace": acme.main.pk}
    refused = client.post(f"{PROFILES}connect/bluesky/", typed | {"app_password": alice.password})
    assert refused.status_code == 422
    assert "main password" in refused.content.decode()
    with organization_open(acme.organization.pk):
        assert not SocialProfile.objects.filter(remote_id=alice.did).exists()
    sent = client.post(f"{PROFILES}connect/bluesky/", typed | {"app_password": alice.app_password})
    assert sent.status_code == 303
    assert profile_in(acme, remote_id=alice.did).status == SocialProfile.Status.CONNECTED
