from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiKey, User
from api.keys import issue_key, offered_actions
from orgs.models import Organization
from permissions.checker import load_access
from tenancy.context import organization_open
from tests.cast import Acme

ROOT = "/api/v1/organizations"


class Caller:
    """Somebody, or a program with a key, who asks the API."""

    def __init__(self, user: User | None = None, *, secret: str = "", slug: str = "acme") -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.base = f"{ROOT}/{slug}"
        if user is not None:
            self.client.force_login(user, backend="accounts.backends.SignInBackend")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        address = path if path.startswith("/api/") else self.base + path
        extra = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {}
        if body is not None:
            sent = {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(address, headers=extra, **sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("post", path, body if body is not None else {}, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("put", path, body if body is not None else {}, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("patch", path, body if body is not None else {}, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.ask("delete", path, **headers)


def problem_in(response: HttpResponse, status: int) -> dict[str, Any]:
    """Return the problem that was answered; fail unless it is one, of this status."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["status"] == status and problem["title"] and problem["detail"] and problem["type"]
    return problem


def make_key(
    organization: Organization,
    user: User,
    actions: set[str] | None = None,
    *,
    profiles: Any = None,
    expires_at: datetime | None = None,
    name: str = "Nightly sync",
) -> tuple[ApiKey, str]:
    """Issue a key for all that the person may give to one, or for these actions."""
    now = datetime.now(UTC)
    with organization_open(organization.pk):
        actor = load_access(user=user, organization_id=organization.pk, at=now)
        return issue_key(
            actor=actor,
            organization=organization,
            name=name,
            actions=actions or {action.name for action in offered_actions(actor)},
            profiles=profiles,
            expires_at=expires_at,
            now=now,
        )


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> Iterator[None]:
    """Requests are counted in the cache, which outlives the database of a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def olga(acme: Acme) -> Caller:
    return Caller(acme.olga)


@pytest.fixture
def emil(acme: Acme) -> Caller:
    return Caller(acme.emil)
