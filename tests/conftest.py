from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.models import User
from permissions.cache import forget_snapshots
from permissions.roles import forget_builtin_roles
from tests.cast import Acme, Agency, make_acme, make_agency
from tests.peers.bluesky_server import bluesky_server as bluesky_server
from tests.peers.oauth_server import oauth_server as oauth_server


def pytest_configure() -> None:
    # Hashing a password well takes a quarter of a second, and the cast has nine.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
