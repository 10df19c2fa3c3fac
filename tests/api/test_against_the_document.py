"""Whatever is sent to the running application, it answers as its document says: no server error, nothing undocumented.

Schemathesis draws requests from the document, valid ones and broken ones. Half of them name things that exist. The
application runs in process; each request happens in a savepoint that is undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.documents import openapi_document
from orgs.models import Membership
from tenancy.context import organization_open
from tests.api.endpoints import ENDPOINTS, ApiWorld, path_in_document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = 4  # of each operation, for each person, valid and broken
TOKEN = "t" * 32
PEOPLE = ["olga", "paul"]
OPERATIONS = [(path, method) for path, methods in openapi_document()["paths"].items() for method in methods]


class Running:
    """The application with a world in it, and what draws requests to it."""

    def __init__(self) -> None:
        self.world = ApiWorld()
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", _application())
        self.values = {
            path_in_document(endpoint.route): {
                "id" if name == "pk" else name: value
                for name, value in self.world.values(endpoint.route).items()
            }
            for endpoint in ENDPOINTS
        }
        with organization_open(self.world.acme.organization.pk):
            emil = Membership.objects.get(user=self.world.acme.emil).pk
        # What a body may name so that it means something here.
        self.known: dict[str, list[Any]] = {
            "role": ["standard:editor", "standard:manager", "standard:member", "standard:team_admin"],
            "profile_role": ["standard:guest", None],
            "members": [[emil], [self.world.member.pk, emil]],
            "profiles": [[self.world.acme.news.pk], [self.world.acme.sky.pk], None],
            "workspaces": [[self.world.workspace.pk], []],
            "workspace": [self.world.workspace.pk],
            "emails": [["somebody@acme.test"], ["paul@acme.test"]],
            "actions": [["profile.view_posts"], ["organization.view_members", "team.view_team"]],
            "time_zone": ["Europe/Paris"],
            "expires_at": ["2030-01-01T00:00:00Z", None],
            "starts_at": ["2029-01-01T00:00:00Z", None],
        }

        self.cookies = {person: self.sign_in(person) for person in PEOPLE}
        self.answered: Counter[int] = Counter()

    def sign_in(self, person: str) -> dict[str, str]:
        client = Client()
        client.force_login(getattr(self.world.acme, person), backend="accounts.backends.SignInBackend")
        return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}

    def ask(self, case: Any, person: str) -> None:
        """Send the request as this person, hold the answer against the document, and undo what it did."""
        case.headers.pop(
            "Authorization", None
        )  # keys drawn at random are 401: tests/api/test_keys.py asks them
        case.cookies.clear()
        with transaction.atomic():
            response = case.call_and_validate(
                headers={"X-CSRFToken": TOKEN}, cookies=self.cookies[person], checks=CHECKS
            )
            transaction.set_rollback(True)
        self.answered[response.status_code] += 1


@pytest.fixture(scope="module")
def running(django_db_setup: None, django_db_blocker: Any) -> Iterator[Running]:
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(API_RATE="1000000/min"),
    ):
        cache.clear()
        # A server closes its connection between two requests; the world lives in this one.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        yield Running()
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{m} {p}" for p, m in OPERATIONS])
def test_operation_answers_as_the_document_says(
    running: Running, path: str, method: str, person: str
) -> None:
    operation = running.schema[path][method]
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    strategies = [valid]
    if operation.body or operation.query:
        strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    @settings(
        max_examples=EXAMPLES * len(strategies),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: Any) -> None:
        case = data.draw(st.sampled_from(strategies).flatmap(lambda strategy: strategy))
        if data.draw(st.integers(0, 9)):
            case.path_parameters = dict(running.values.get(path, {}))
        if isinstance(case.body, dict) and data.draw(st.booleans()):
            for name in case.body.keys() & running.known.keys():
                case.body[name] = data.draw(st.sampled_from(running.known[name]))
        running.ask(case, person)

    ask()


def test_the_requests_reached_what_they_were_drawn_for(running: Running) -> None:
    """Were nobody signed in, every answer above would be a documented 401."""
    answered = running.answered
    assert answered[401] == 0 and answered[429] == 0
    share = {status: answered[status] / answered.total() for status in (200, 201, 204, 400, 403, 404, 422)}
    assert share[200] > 0.08 and share[201] + share[204] > 0.03, answered
    assert min(share[status] for status in (400, 403, 404, 422)) > 0.02, answered


def _application() -> Any:
    """Return the application as a server runs it, which also says from where a request comes."""
    application = get_wsgi_application()

    def served(environ: dict[str, Any], start_response: Any) -> Any:
        return application({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)

    return served
