"""A YouTube channel in the product: connected as a person does, closed to roles that need approval (H10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from social_accounts import connections, vault
from social_accounts.models import NETWORKS_WITHOUT_APPROVAL, Credential, SocialProfile
from social_accounts.networks.youtube.oauth import NEEDED, SCOPES, UPLOAD
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.social_accounts.networks.fake_youtube import CHANNEL, FakeYouTube

SignIn = Callable[[User], Client]
CONNECT = "/o/acme/profiles/connect/"


@pytest.fixture
def youtube(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[FakeYouTube]:
    settings.NETWORK_APPS = [("youtube", "id-1", "secret-1")]
    youtube = FakeYouTube()
    with youtube.client() as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        yield youtube


def connect(client: Client, acme: Acme, code: str = "good") -> str:
    """Leave for Google and come back; return the page shown then."""
    leaving = client.get(f"{CONNECT}youtube/leave/", {"workspace": acme.main.pk})
    assert leaving.status_code in (302, 303), leaving.content.decode()
    state = dict(pair.split("=") for pair in leaving["Location"].partition("?")[2].split("&"))["state"]
    back = client.get("/connect/youtube/callback", {"state": state, "code": code}, follow=True)
    return back.content.decode()


def channel(acme: Acme) -> SocialProfile:
    with organization_open(acme.organization.pk):
        return SocialProfile.objects.get(network="youtube")


def test_every_network_that_is_offered_says_the_same_of_approvals_as_the_rights_do() -> None:
    for features in connections.offered_networks():
        assert features.has_approval == (features.name not in NETWORKS_WITHOUT_APPROVAL), features.name


def test_card_says_what_youtube_asks_of_the_operator(
    acme: Acme, signed_in: SignIn, youtube: FakeYouTube
) -> None:
    client = signed_in(acme.olga)
    card = client.get(CONNECT, {"workspace": acme.main.pk}).content.decode()
    assert "YouTube keeps every video from here private" in card
    before_consent = client.post(f"{CONNECT}youtube/", {"workspace": acme.main.pk}, follow=True)
    assert "Upload videos" in before_consent.content.decode()


def test_a_channel_is_connected_with_what_was_ticked(
    acme: Acme, signed_in: SignIn, youtube: FakeYouTube
) -> None:
    connect(signed_in(acme.olga), acme)
    profile = channel(acme)
    assert (profile.remote_id, profile.handle, profile.has_approval) == (CHANNEL, "@acme", False)
    with organization_open(acme.organization.pk):
        kept = vault.opened(Credential.objects.get(profile=profile))
    assert (kept.scopes, kept.extra) == (SCOPES, {"channel": CHANNEL})


def test_a_box_left_unticked_is_told(acme: Acme, signed_in: SignIn, youtube: FakeYouTube) -> None:
    youtube.granted = (UPLOAD,)
    assert "A box stayed unticked" in connect(signed_in(acme.olga), acme)
    with organization_open(acme.organization.pk):
        assert not SocialProfile.objects.filter(network="youtube").exists()
    youtube.granted = NEEDED
    connect(signed_in(acme.olga), acme)
    assert channel(acme).is_connected


def test_a_role_that_needs_approval_gives_no_access_to_a_channel(
    acme: Acme, signed_in: SignIn, youtube: FakeYouTube
) -> None:
    connect(signed_in(acme.olga), acme)
    profile = channel(acme)
    give(profile, acme.mina, "standard:moderator")  # the role she writes with on Acme News, for approval
    give(profile, acme.paul, "standard:editor")
    mina, paul = signed_in(acme.mina), signed_in(acme.paul)
    for address in (f"/o/acme/profiles/{acme.news.pk}/", f"/o/acme/profiles/{profile.pk}/"):
        assert paul.get(address).status_code == 200
    assert mina.get(f"/o/acme/profiles/{acme.news.pk}/").status_code == 200
    assert mina.get(f"/o/acme/profiles/{profile.pk}/").status_code == 404
    access = acme.access(acme.mina)
    with organization_open(acme.organization.pk):
        assert access.can("profile.send_for_approval", acme.news)
        assert not access.can("profile.send_for_approval", profile)
        assert not access.can("profile.view_posts", profile)
    for page in ("/o/acme/profiles/", "/o/acme/posts/new/"):
        assert "Acme Bikes" not in mina.get(page).content.decode()
        assert "Acme Bikes" in paul.get(page).content.decode()
