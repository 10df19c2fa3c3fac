from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.signals import request_finished, request_started
from django.test import Client

from accounts.models import User
from permissions.cache import forget_snapshots
from permissions.roles import forget_builtin_roles
from tests.cast import Acme, Agency, make_acme, make_agency
from tests.peers.bluesky_server import bluesky_server as bluesky_server
from tests.peers.oauth_server import oauth_server as oauth_server

REQUESTS_END_SECONDS: Final = 15


def pytest_configure() -> None:
    # Hashing a password well takes a quarter of a second, and the cast has nine.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _requests_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the live server answer what it was asked before its database is emptied: they would lock each other out.

    A page that turned away from an answer is closed by then, and its request still under way.
    """
    if "live_server" not in request.fixturenames:
        yield
        return
    told: list[int] = []  # in threads: appending is one step

    def begun(**_signal: Any) -> None:
        told.append(1)

    def ended(**_signal: Any) -> None:
        told.append(-1)

    request_started.connect(begun)
    request_finished.connect(ended)
    yield
    deadline, quiet = time.monotonic() + REQUESTS_END_SECONDS, 0
    while quiet < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
        quiet = quiet + 1 if sum(told) <= 0 else 0
    request_started.disconnect(begun)
    request_finished.disconnect(ended)


@pytest.fixture(autouse=True)
def _roles_of_own_servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Built-in roles and content types are remembered by their ids; a database of one's own has ids of its own."""
    has_own = "own_servers" in request.fixturenames
    if has_own:
        _forget_ids()
    yield
    if has_own:
        _forget_ids()


def _forget_ids() -> None:
    forget_builtin_roles()
    forget_snapshots()
    ContentType.objects.clear_cache()


@pytest.fixture
def acme(db: None) -> Acme:
    return make_acme()


@pytest.fixture
def agency(db: None) -> Agency:
    return make_agency()


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """Return a client in which the person is signed in, as after the sign-in page."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend="accounts.backends.SignInBackend")
        return client

    return sign_in
