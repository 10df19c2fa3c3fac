"""Connections are checked about daily, when somebody asks, and before their tokens end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.test import Client

from accounts.models import User
from social_accounts import connections, tasks
from social_accounts.models import ConnectionAttempt, SocialProfile
from social_accounts.services import attempts, health
from tenancy.context import organization_open, unscoped
from tests.cast import Acme
from tests.social_accounts.conftest import FakeNetwork, store

SignIn = Callable[[User], Client]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALIVE = {
    "id": "remote-acme-news",
    "username": "acme-news",
    "display_name": "News",
    "url": "https://sandbox.test/@n",
}
WHO_AM_I = "/api/v1/accounts/verify_credentials"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def only_news(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.exclude(pk=acme.news.pk).update(status=SocialProfile.Status.DISCONNECTED)


def check(acme: Acme, now: datetime = NOW) -> str:
    return health.check_profile(organization_id=acme.organization.pk, profile_id=acme.news.pk, now=now)


def news(acme: Acme) -> SocialProfile:
    with organization_open(acme.organization.pk):
        return SocialProfile.objects.get(pk=acme.news.pk)


def test_a_live_connection_is_checked_again_in_a_day(acme: Acme, network: FakeNetwork) -> None:
    network.on("GET", WHO_AM_I, ALIVE)
    store(acme.news)
    assert check(acme) == SocialProfile.Status.CONNECTED
    assert (news(acme).checked_at, news(acme).check_at) == (NOW, NOW + DAY)
    assert health.claim_due_profiles(now=NOW + timedelta(hours=23)) == []
    assert health.claim_due_profiles(now=NOW + DAY) == [(acme.organization.pk, acme.news.pk)]


def test_a_token_that_ends_is_renewed_ahead(acme: Acme, network: FakeNetwork) -> None:
    network.on("GET", WHO_AM_I, ALIVE)
    network.on("POST", "/oauth/token", {"access_token": "new", "refresh_token": "next", "expires_in": 7200})
    store(acme.news, expires_at=NOW + timedelta(hours=5))
    check(acme)
    renewal = NOW + timedelta(hours=5) - connections.features("mastodon").renews_before
    assert news(acme).check_at == renewal
    assert "POST /oauth/token" not in network.paths()
    check(acme, renewal + timedelta(minutes=1))
    with_token = [path for path in network.paths() if "instance" not in path]
    assert with_token == [f"GET {WHO_AM_I}", "POST /oauth/token", f"GET {WHO_AM_I}"]


def test_a_due_profile_is_handed_out_once_and_again_if_nothing_came_of_it(acme: Acme) -> None:
    assert len(health.claim_due_profiles(now=NOW)) == 1
    assert health.claim_due_profiles(now=NOW + timedelta(minutes=5)) == []
    assert len(health.claim_due_profiles(now=NOW + timedelta(hours=1))) == 1


def test_a_refused_token_shows_as_needing_a_reconnect(acme: Acme, network: FakeNetwork) -> None:
    network.on("GET", WHO_AM_I, {"error": "The access token was revoked"}, status=401)
    store(acme.news)
    assert check(acme) == SocialProfile.Status.NEEDS_RECONNECT
    assert news(acme).checked_at == NOW
    assert health.claim_due_profiles(now=NOW + 2 * DAY) == []


def test_a_server_that_is_down_changes_nothing_but_the_next_look(acme: Acme, network: FakeNetwork) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    network.on("GET", WHO_AM_I, down)
    store(acme.news)
    assert check(acme) == SocialProfile.Status.CONNECTED
    found = news(acme)
    assert (found.checked_at, found.check_at) == (None, NOW + health.TRY_AGAIN_AFTER)
    assert "cannot be reached" in found.status_detail


def test_a_profile_that_works_again_is_connected_again(acme: Acme, network: FakeNetwork) -> None:
    network.on("GET", WHO_AM_I, {"error": "no"}, status=401)
    store(acme.news)
    check(acme)
    network.on("GET", WHO_AM_I, ALIVE)
    assert check(acme, NOW + DAY) == SocialProfile.Status.CONNECTED
    assert news(acme).status_detail == ""


def test_a_profile_without_a_connection_is_left_alone(acme: Acme, network: FakeNetwork) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.update(status=SocialProfile.Status.DISCONNECTED)
    assert check(acme) == SocialProfile.Status.DISCONNECTED
    assert network.asked == []


def test_a_network_that_is_not_offered_is_not_asked(acme: Acme, network: FakeNetwork) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(network="telegram")
    assert health.claim_due_profiles(now=NOW) == []
    assert check(acme) == SocialProfile.Status.CONNECTED
    assert network.asked == []


def test_an_address_that_is_no_web_address_becomes_no_link(
    acme: Acme, network: FakeNetwork, signed_in: SignIn
) -> None:
    network.on("GET", WHO_AM_I, ALIVE | {"url": "javascript:alert(1)"})
    store(acme.news)
    check(acme)
    assert news(acme).url == ""
    assert "javascript:" not in signed_in(acme.olga).get(f"/o/acme/profiles/{acme.news.pk}/").content.decode()


def test_the_schedule_sends_one_task_per_profile(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.check_profile, "delay", lambda **given: sent.append(given))
    tasks.check_due_profiles()
    assert sent == [{"organization_id": acme.organization.pk, "profile_id": acme.news.pk}]


def test_the_task_drops_words_it_does_not_know(acme: Acme, network: FakeNetwork) -> None:
    network.on("GET", WHO_AM_I, ALIVE)
    store(acme.news)
    tasks.check_profile(organization_id=acme.organization.pk, profile_id=acme.news.pk, newer_word=1)
    assert news(acme).checked_at is not None


def test_check_now_says_what_came_of_it(acme: Acme, network: FakeNetwork, signed_in: SignIn) -> None:
    client, url = signed_in(acme.gus), f"/o/acme/profiles/{acme.news.pk}/check/"
    store(acme.news)
    network.on("GET", WHO_AM_I, ALIVE)
    assert "The connection works." in client.post(url, follow=True).content.decode()
    network.on("GET", WHO_AM_I, {"error": "busy"}, status=503)
    assert "gave no clear answer" in client.post(url, follow=True).content.decode()
    network.on("GET", WHO_AM_I, {"error": "no"}, status=401)
    assert "no longer accepts the connection" in client.post(url, follow=True).content.decode()
    assert signed_in(acme.emil).post(url).status_code == 404
    assert signed_in(acme.mallory).post(url).status_code == 404


def test_attempts_that_came_to_nothing_are_forgotten_after_a_day(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        for age, state in ((DAY * 2, "old"), (timedelta(minutes=1), "young")):
            ConnectionAttempt.objects.create(
                user=acme.olga, network="mastodon", state_digest=state, started_at=NOW - age
            )
    assert attempts.forget_old_attempts(now=NOW) == 1
    with unscoped():
        assert ConnectionAttempt.objects.get().state_digest == "young"


def test_what_the_server_allows_is_kept_and_an_unwilling_server_changes_nothing(
    acme: Acme, network: FakeNetwork
) -> None:
    network.on("GET", WHO_AM_I, ALIVE)
    network.on(
        "GET",
        "/api/v2/instance",
        {"configuration": {"statuses": {"max_characters": 5000, "max_media_attachments": 2}}},
    )
    store(acme.news)
    check(acme)
    limits = connections.limits_of(news(acme))
    assert limits is not None
    assert (limits.text_limit, limits.images_max) == (5000, 2)
    network.on("GET", "/api/v2/instance", {"error": "gone"}, status=503)
    check(acme, NOW + DAY)
    assert connections.limits_of(news(acme)) == limits
