"""The vault against a server that kills the whole grant when a refresh token is used twice (oidc-provider)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connections as database
from django.utils import timezone

from social_accounts import connections, registrations, vault
from social_accounts.models import Credential, SocialProfile
from social_accounts.networks.base import AppRegistration, Credentials
from tenancy.context import organization_open
from tests.cast import Acme
from tests.peers.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer

pytestmark = pytest.mark.peers
WORKERS = 4
ROUNDS = 3


@pytest.fixture
def profile(transactional_acme: Acme, oauth_server: OAuthServer, settings: LazySettings) -> SocialProfile:
    """A profile whose credentials come from that server and end at once."""
    settings.TRUSTED_NETWORK_ORIGINS = [oauth_server.issuer]
    registration = AppRegistration(
        server=oauth_server.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        extra={"token_endpoint": f"{oauth_server.issuer}/token"},
    )
    registrations._keep("mastodon", connections.callback_url("mastodon"), registration)
    granted = oauth_server.grant()
    with organization_open(transactional_acme.organization.pk):
        found = SocialProfile.objects.get(pk=transactional_acme.news.pk)
        found.server = oauth_server.issuer
        found.save()
        vault.store_credentials(
            found,
            Credentials(
                access_token=str(granted["access_token"]),
                refresh_token=str(granted["refresh_token"]),
                expires_at=timezone.now() + timedelta(minutes=1),
            ),
        )
    return found


def test_workers_that_refresh_at_once_keep_the_grant(
    profile: SocialProfile, oauth_server: OAuthServer
) -> None:
    for _round in range(ROUNDS):
        tokens: list[str] = []
        together = threading.Barrier(WORKERS)

        def work(tokens=tokens, together=together) -> None:  # type: ignore[no-untyped-def]
            try:
                together.wait(10)
                found = vault.fresh_credentials(
                    organization_id=profile.organization_id, profile_id=profile.pk, now=timezone.now()
                )
                tokens.append(found.access_token)
            finally:
                database.close_all()

        workers = [threading.Thread(target=work) for _worker in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert len(tokens) == WORKERS
        assert len(set(tokens)) == 1
        last = let_it_end(profile)
    assert profile.status == SocialProfile.Status.CONNECTED
    assert oauth_server.refresh(last.refresh_token).status_code == 200, "the grant is dead"


def let_it_end(profile: SocialProfile) -> Credentials:
    """Make what is stored end in a minute; return it."""
    with organization_open(profile.organization_id):
        profile.refresh_from_db()
        stored = vault.opened(Credential.objects.get(profile=profile))
        vault.store_credentials(profile, replace(stored, expires_at=timezone.now() + timedelta(minutes=1)))
    return stored
