"""Two workers refresh one connection at once, at a server that kills a grant whose refresh token is used twice.

Nothing is faked but the moment: the real vault, the real Mastodon adapter, real requests; each request for a token is
counted on its way out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection, models
from django.db import connections as databases

from social_accounts import connections, registrations, vault
from social_accounts.models import Credential, SocialProfile
from social_accounts.networks.base import AppRegistration, Credentials, CredentialsExpired
from social_accounts.networks.http import guarded_client
from tenancy.context import organization_open
from tests.cast import make_organization, make_person, make_profile
from tests.peers.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer

pytestmark = [pytest.mark.peers, pytest.mark.django_db(transaction=True)]

WAIT_SECONDS = 15
WORKERS = 2


@dataclass
class Wire:
    """The way to the server: counts the requests for tokens, and may hold one back before it leaves."""

    before: Callable[[], object] = lambda: None
    refreshes: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> None:
        if request.url.path == "/token":
            self.refreshes.append(request.url.path)
            self.before()


@pytest.fixture
def wire(oauth_server: OAuthServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    settings.TRUSTED_NETWORK_ORIGINS = [oauth_server.issuer]
    wire = Wire()
    with guarded_client(trusted_origins=[oauth_server.issuer]) as client:
        client.event_hooks = {"request": [wire]}
        monkeypatch.setattr(connections, "http", lambda: client)
        yield wire


@pytest.fixture
def profile(oauth_server: OAuthServer, wire: Wire) -> SocialProfile:
    """A profile at that server, whose access token is about to end."""
    organization = make_organization("acme", "Acme", make_person("Olga Owner"))
    profile = make_profile(organization, "news", server=oauth_server.issuer)
    registration = AppRegistration(
        server=oauth_server.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        extra={"token_endpoint": f"{oauth_server.issuer}/token"},
    )
    registrations._keep("mastodon", connections.callback_url("mastodon"), registration)
    granted = oauth_server.grant()
    credentials = Credentials(
        access_token=str(granted["access_token"]),
        refresh_token=str(granted["refresh_token"]),
        expires_at=datetime.now(UTC) + timedelta(seconds=30),
    )
    with organization_open(organization.pk):
        vault.store_credentials(profile, credentials)
    return profile


def test_two_workers_at_once_refresh_once_and_the_grant_survives(
    oauth_server: OAuthServer, wire: Wire, profile: SocialProfile
) -> None:
    wire.before = lambda: wait_until_waiting(WORKERS - 1)

    got = at_once(profile)

    assert wire.refreshes == ["/token"]
    first, second = [found.access_token for found in got if isinstance(found, Credentials)]
    assert first == second
    assert is_accepted(oauth_server, first)
    end_soon(profile)  # the grant lives on: its next refresh works as well
    [renewed, again] = at_once(profile)
    assert isinstance(renewed, Credentials) and isinstance(again, Credentials)
    assert renewed.access_token == again.access_token != first
    assert is_accepted(oauth_server, renewed.access_token)
    assert len(wire.refreshes) == 2
    assert status_of(profile) == SocialProfile.Status.CONNECTED


def test_without_the_lock_the_grant_would_die(
    oauth_server: OAuthServer, wire: Wire, profile: SocialProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = threading.Barrier(WORKERS, timeout=WAIT_SECONDS)
    wire.before = both_have_read.wait
    monkeypatch.setattr(models.QuerySet, "select_for_update", lambda rows, **_options: rows)

    got = at_once(profile)

    assert len(wire.refreshes) == WORKERS
    assert [type(found) for found in got].count(CredentialsExpired) >= 1
    assert status_of(profile) == SocialProfile.Status.NEEDS_RECONNECT
    with organization_open(profile.organization_id):
        kept = vault.opened(Credential.objects.get(profile=profile))
    assert oauth_server.refresh(kept.refresh_token).status_code == 400


def at_once(profile: SocialProfile) -> list[Credentials | CredentialsExpired]:
    """Let two workers ask for usable credentials at the same moment, each on a connection of its own."""
    together = threading.Barrier(WORKERS, timeout=WAIT_SECONDS)

    def work(_number: int) -> Credentials | CredentialsExpired:
        together.wait()
        try:
            return vault.fresh_credentials(
                organization_id=profile.organization_id, profile_id=profile.pk, now=datetime.now(UTC)
            )
        except CredentialsExpired as error:
            return error
        finally:
            databases.close_all()

    with ThreadPoolExecutor(WORKERS) as workers:
        return list(workers.map(work, range(WORKERS)))


def wait_until_waiting(count: int) -> None:
    """Return once so many sessions of this database wait for a lock: the others have come as far as they can."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError("the other worker does not wait for the lock")


def end_soon(profile: SocialProfile) -> None:
    with organization_open(profile.organization_id):
        kept = vault.opened(Credential.objects.get(profile=profile))
        soon = datetime.now(UTC) + timedelta(seconds=30)
        vault.store_credentials(
            profile,
            Credentials(access_token=kept.access_token, refresh_token=kept.refresh_token, expires_at=soon),
        )


def is_accepted(server: OAuthServer, access_token: str) -> bool:
    """Ask the server itself, at its userinfo endpoint."""
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = httpx.get(f"{server.issuer}/me", headers=headers, trust_env=False)
    return answer.is_success and answer.json()["sub"] == "alice"


def status_of(profile: SocialProfile) -> str:
    with organization_open(profile.organization_id):
        return SocialProfile.objects.get(pk=profile.pk).status
