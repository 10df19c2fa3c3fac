from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth
from django.core.cache import cache

from accounts.models import User
from tests.cast import make_person
from tests.ui.conftest import browser, page  # noqa: F401


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Rate limits live in the real cache, by address: each test starts with none used up."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def one_moment_for_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of an authenticator app change every thirty seconds: no test may run over that edge."""
    now = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def paul(db: None) -> User:
    return make_person("Paul Editor", time_zone="Europe/Lisbon")
