"""Secrets: encrypted, refreshed once by whoever comes first, rotated, and shown to nobody."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from social_accounts import registrations, sealing, vault
from social_accounts.checks import token_keys_are_usable
from social_accounts.models import ConnectionAttempt, Credential, NetworkApp, SocialProfile
from social_accounts.networks.base import (
    AppRegistration,
    AuthorizationStart,
    Credentials,
    CredentialsExpired,
    NotSent,
)
from social_accounts.services.attempts import Destination, claim_attempt, keep_attempt
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, make_profile
from tests.social_accounts.conftest import REFRESH_TOKEN, TOKEN, FakeNetwork, soon, store

SignIn = Callable[[User], Client]
NEW_TOKEN = "new-access-token-that-must-never-show"
NEW_REFRESH_TOKEN = "new-refresh-token-that-must-never-show"
SERVER = "https://sandbox.test"


def renewed(_request: httpx.Request) -> httpx.Response:
    answer = {"access_token": NEW_TOKEN, "refresh_token": NEW_REFRESH_TOKEN, "expires_in": 7200}
    return httpx.Response(200, json=answer)


def fresh(profile: SocialProfile) -> Credentials:
    return vault.fresh_credentials(
        organization_id=profile.organization_id, profile_id=profile.pk, now=timezone.now()
    )


def reread(profile: SocialProfile) -> SocialProfile:
    with organization_open(profile.organization_id):
        return SocialProfile.objects.get(pk=profile.pk)


def credential(profile: SocialProfile) -> Credential:
    with organization_open(profile.organization_id):
        return Credential.objects.get(profile=profile)


def test_credentials_come_back_as_they_were_stored_and_rest_encrypted(acme: Acme) -> None:
    store(acme.news, expires_at=None, scopes=("profile", "write:statuses"), extra={"kind": "oauth"})
    found = fresh(acme.news)
    assert (found.access_token, found.refresh_token) == (TOKEN, REFRESH_TOKEN)
    assert (found.scopes, found.extra) == (("profile", "write:statuses"), {"kind": "oauth"})
    with connection.cursor() as cursor, unscoped():
        cursor.execute("select row_to_json(c)::text from social_accounts_credential c")
        assert TOKEN not in cursor.fetchone()[0]


def test_a_credential_moved_to_another_row_opens_nothing(acme: Acme) -> None:
    store(acme.news)
    stolen = credential(acme.news)
    with organization_open(acme.organization.pk):
        Credential.objects.create(profile=acme.quiet, secret=stolen.secret)
    with pytest.raises(CredentialsExpired):
        fresh(acme.quiet)


def test_without_a_key_nothing_is_kept_and_the_reason_is_clear(acme: Acme, settings: LazySettings) -> None:
    settings.TOKEN_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="CHORUS_TOKEN_KEYS"):
        store(acme.news)


@pytest.mark.parametrize(("keys", "wrong"), [([], ["E001"]), (["short"], ["E002"]), ([None], [])])
def test_the_deploy_check_says_when_keys_are_missing_or_broken(
    settings: LazySettings, keys: list[str | None], wrong: list[str]
) -> None:
    settings.TOKEN_KEYS = [key or Fernet.generate_key().decode() for key in keys]
    assert [found.id for found in token_keys_are_usable()] == [f"social_accounts.{name}" for name in wrong]


def test_a_refusal_of_what_was_replaced_meanwhile_marks_nothing(acme: Acme) -> None:
    store(acme.news)
    tried = Credentials(access_token="what was stored before")
    ids = {"organization_id": acme.organization.pk, "profile_id": acme.news.pk}
    vault.mark_needs_reconnect(**ids, detail="refused", now=timezone.now(), tried=tried)
    assert reread(acme.news).status == SocialProfile.Status.CONNECTED
    tried = Credentials(access_token=TOKEN)
    vault.mark_needs_reconnect(**ids, detail="refused", now=timezone.now(), tried=tried)
    assert reread(acme.news).status == SocialProfile.Status.NEEDS_RECONNECT


def test_credentials_with_time_left_are_not_refreshed(acme: Acme, network: FakeNetwork) -> None:
    store(acme.news, expires_at=soon(11))
    assert fresh(acme.news).access_token == TOKEN
    assert network.asked == []


def test_credentials_about_to_end_are_refreshed_and_the_new_pair_is_stored(
    acme: Acme, network: FakeNetwork
) -> None:
    network.on("POST", "/oauth/token", renewed)
    store(acme.news, expires_at=soon(9))
    assert fresh(acme.news).access_token == NEW_TOKEN
    assert fresh(acme.news).access_token == NEW_TOKEN
    assert network.paths() == ["POST /oauth/token"]
    assert parse_qs(network.asked[0].content.decode())["refresh_token"] == [REFRESH_TOKEN]
    row = credential(acme.news)
    assert vault.opened(row).refresh_token == NEW_REFRESH_TOKEN
    assert row.version == 2


def test_a_refresh_without_an_answer_uses_what_still_holds(acme: Acme, network: FakeNetwork) -> None:
    network.on("POST", "/oauth/token", {"error": "temporarily"}, status=503)
    store(acme.news, expires_at=soon(5))
    assert fresh(acme.news).access_token == TOKEN
    store(acme.news, expires_at=soon(-1))
    with pytest.raises(NotSent):
        fresh(acme.news)
    assert reread(acme.news).status == SocialProfile.Status.CONNECTED


def test_a_dead_grant_marks_the_profile_once_and_says_why_in_the_readers_language(
    acme: Acme, network: FakeNetwork, signed_in: SignIn
) -> None:
    network.on("POST", "/oauth/token", {"error": "invalid_grant"}, status=400)
    store(acme.news, expires_at=soon(5))
    for _time in range(2):
        with pytest.raises(CredentialsExpired):
            fresh(acme.news)
    assert network.paths() == ["POST /oauth/token"]
    assert reread(acme.news).status == SocialProfile.Status.NEEDS_RECONNECT
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="profile.needs_reconnect").count() == 1
    page = signed_in(acme.olga).get(f"/o/acme/profiles/{acme.news.pk}/").content.decode()
    assert "The network no longer renews this connection." in page


def test_a_server_that_forgot_our_application_asks_for_a_reconnect(acme: Acme, network: FakeNetwork) -> None:
    network.on("POST", "/oauth/token", {"error": "invalid_client"}, status=401)
    store(acme.news, expires_at=soon(5))
    with pytest.raises(CredentialsExpired, match="no longer knows this Chorus"):
        fresh(acme.news)
    assert reread(acme.news).status == SocialProfile.Status.NEEDS_RECONNECT


@pytest.mark.parametrize("status", ["disconnected", "unconnected", "needs_reconnect"])
def test_a_profile_without_a_connection_has_no_credentials_to_use(acme: Acme, status: str) -> None:
    store(acme.news)
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(status=status)
    with pytest.raises(CredentialsExpired):
        fresh(acme.news)
    assert reread(acme.news).status == status


def test_fresh_credentials_refuses_to_run_inside_a_transaction(transactional_acme: Acme) -> None:
    store(transactional_acme.news)
    with (
        organization_open(transactional_acme.organization.pk),
        pytest.raises(RuntimeError, match="durable"),
    ):
        fresh(transactional_acme.news)


def test_two_workers_at_once_refresh_once(transactional_acme: Acme, network: FakeNetwork) -> None:
    """The second waits for the lock, reads again and finds the new pair, already committed."""
    entered, may_answer = threading.Event(), threading.Event()
    seen_by_the_network: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen_by_the_network.append(parse_qs(request.content.decode())["refresh_token"][0])
        entered.set()
        assert may_answer.wait(10)
        return renewed(request)

    network.on("POST", "/oauth/token", answer)
    profile = transactional_acme.news
    store(profile, expires_at=soon(5))
    got: list[str] = []

    def work() -> None:
        try:
            got.append(fresh(profile).access_token)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    assert entered.wait(10)
    wait_until_waiting(len(workers) - 1)
    may_answer.set()
    for worker in workers:
        worker.join(20)
    assert got == [NEW_TOKEN] * len(workers)
    assert seen_by_the_network == [REFRESH_TOKEN]


def wait_until_waiting(count: int) -> None:
    """Return once so many sessions of this database wait for a lock."""
    deadline = timezone.now() + timedelta(seconds=10)
    while timezone.now() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0] >= count:
                return
    raise AssertionError("the other workers do not wait for the lock")


class TestRotation:
    @pytest.fixture
    def old_and_new(self, settings: LazySettings) -> tuple[str, str]:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        settings.TOKEN_KEYS = [old]
        return old, new

    def fill(self, acme: Acme) -> None:
        store(acme.news)
        store(make_profile(acme.elsewhere, "elsewhere-news"), access_token=NEW_TOKEN)
        registration = AppRegistration(server=SERVER, client_id="c", client_secret="app-secret")
        registrations._keep("mastodon", "http://localhost:8000/back", registration)
        with organization_open(acme.organization.pk):
            keep_attempt(
                user=acme.olga,
                session_key="s",
                destination=Destination(network="mastodon", workspace_id=acme.main.pk),
                registration=registration,
                start=AuthorizationStart(url="https://x.test", state="state", keep={"verifier": "v"}),
                was_restarted=False,
                now=timezone.now(),
            )

    def test_every_secret_of_every_organization_is_encrypted_with_the_first_key(
        self, acme: Acme, settings: LazySettings, old_and_new: tuple[str, str]
    ) -> None:
        old, new = old_and_new
        self.fill(acme)
        settings.TOKEN_KEYS = [new, old]
        said = io.StringIO()
        call_command("rotate_token_keys", batch_size=1, stdout=said)
        assert "4" in said.getvalue()
        settings.TOKEN_KEYS = [new]
        with unscoped():
            secrets = [
                *Credential.objects.values_list("secret", flat=True),
                *NetworkApp.objects.values_list("secret", flat=True),
                *ConnectionAttempt.objects.values_list("kept", flat=True),
            ]
        assert len(secrets) == 4
        assert all(sealing.has_first_key(secret) for secret in secrets)
        assert fresh(acme.news).access_token == TOKEN
        claimed = claim_attempt(
            user=acme.olga, session_key="s", network="mastodon", state="state", now=timezone.now()
        )
        assert claimed.registration.client_secret == "app-secret"

    def test_rotating_again_changes_nothing(
        self, acme: Acme, settings: LazySettings, old_and_new: tuple[str, str]
    ) -> None:
        old, new = old_and_new
        self.fill(acme)
        settings.TOKEN_KEYS = [new, old]
        call_command("rotate_token_keys", stdout=io.StringIO())
        before = credential(acme.news).secret
        said = io.StringIO()
        call_command("rotate_token_keys", stdout=said)
        assert credential(acme.news).secret == before
        assert "0 secrets re-encrypted" in said.getvalue()

    def test_a_secret_no_key_opens_is_counted_and_left_alone(
        self, acme: Acme, settings: LazySettings, old_and_new: tuple[str, str]
    ) -> None:
        _old, new = old_and_new
        self.fill(acme)
        settings.TOKEN_KEYS = [new]
        with pytest.raises(CommandError, match="4 secrets"):
            call_command("rotate_token_keys", stdout=io.StringIO())
        assert not sealing.has_first_key(credential(acme.news).secret)


@pytest.mark.parametrize("is_debugging", [False, True])
def test_no_page_log_or_record_shows_a_token(
    acme: Acme,
    signed_in: SignIn,
    network: FakeNetwork,
    caplog: pytest.LogCaptureFixture,
    settings: LazySettings,
    is_debugging: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.DEBUG = is_debugging
    client = signed_in(acme.olga)
    client.raise_request_exception = False
    base = f"/o/acme/profiles/{acme.news.pk}/"
    shown = []

    def call(method: str, path: str, status: int = 200) -> None:
        answer = getattr(client, method)(base + path, follow=True)
        assert answer.status_code == status
        shown.append(answer.content.decode())

    network.on("POST", "/oauth/token", renewed)
    network.on("GET", "/api/v1/accounts/verify_credentials", echo)
    store(acme.news, expires_at=soon(1))
    call("post", "check/")
    for path in ("", "access/", "reconnect/", "disconnect/"):
        call("get", path)
    network.on("POST", "/oauth/token", boom)
    store(acme.news, expires_at=soon(-1))
    call("post", "check/", status=500)
    network.on("POST", "/oauth/revoke", boom)
    call("post", "disconnect/", status=500)
    shown.append(client.get("/o/acme/profiles/").content.decode())

    with organization_open(acme.organization.pk):
        events = str(list(AuditEvent.objects.values()))
    assert any(request.headers.get("Authorization") == f"Bearer {NEW_TOKEN}" for request in network.asked)
    assert "a fault of ours" in caplog.text
    assert ("a fault of ours" in shown[-2]) is is_debugging
    for text in (*shown, caplog.text, events, repr(Credentials(access_token=TOKEN))):
        for secret in (TOKEN, REFRESH_TOKEN, NEW_TOKEN, NEW_REFRESH_TOKEN):
            assert secret not in text


def echo(request: httpx.Request) -> httpx.Response:
    """A server that repeats in its error what it was sent."""
    said = f"{request.headers.get('Authorization')} {request.content.decode()}"
    return httpx.Response(400, json={"error": said, "error_description": said})


def boom(request: httpx.Request) -> httpx.Response:
    raise RuntimeError("a fault of ours while a token is at hand")
