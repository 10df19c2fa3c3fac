from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from social_accounts import connections, vault
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials
from tenancy.context import organization_open
from tests.cast import Acme, make_acme

TOKEN = "access-token-that-must-never-show"
REFRESH_TOKEN = "refresh-token-that-must-never-show"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    fake = FakeNetwork()
    with httpx.Client(transport=httpx.MockTransport(fake)) as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        yield fake


class FakeNetwork:
    """Every server there is: answers by (method, path); 404 otherwise. Keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Callable[[httpx.Request], httpx.Response]] = {}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.get((request.method, request.url.path))
        return answer(request) if answer else httpx.Response(404, json={"error": "not found"})

    def on(self, method: str, path: str, answer: object, status: int = 200) -> None:
        if callable(answer):
            self.answers[method, path] = answer
        else:
            self.answers[method, path] = lambda _request: httpx.Response(status, json=answer)

    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.asked]


def store(profile: SocialProfile, **more: object) -> None:
    """Give a profile credentials, as a connect would."""
    fields: dict[str, object] = {"access_token": TOKEN, "refresh_token": REFRESH_TOKEN}
    with organization_open(profile.organization_id):
        vault.store_credentials(profile, Credentials(**(fields | more)))  # type: ignore[arg-type]


def soon(minutes: float) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


@pytest.fixture
def transactional_acme(transactional_db: None) -> Acme:
    """Acme in a database where transactions really end: for threads, and for what must not run inside one."""
    return make_acme()
