from __future__ import annotations

from collections.abc import Iterator

import pytest
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


@pytest.fixture
def paul(db: None) -> User:
    return make_person("Paul Editor", time_zone="Europe/Lisbon")
