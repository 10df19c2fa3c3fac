"""Every endpoint times every person: answered as the tables say, and declared at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from api.operations import operation_of
from permissions import catalogue
from permissions.guard import Guard
from tests.api.endpoints import ENDPOINTS, METHODS, PATTERNS, PREFIX, ApiWorld, Endpoint, view_of
from tests.cast import add_member
from tests.test_routes import MEANS, ORGANIZATION_ROLE, holds, sees

# Where the rule is about whose thing it is: {endpoint: (may, sees without being allowed)}.
# Where it is told only after the body was read whether there is anything.
BODIES = {"PUT /access-requests/<int:pk>/answer": {"role": "standard:editor"}}
MANAGE_NEWS = {"olga", "marc"}
BY_HAND: dict[str, tuple[set[str], set[str]]] = {
    "DELETE /grants/<int:pk>": (MANAGE_NEWS, set()),  # Gus's on the profile News
    "GET /api-keys/<int:pk>": ({"olga"}, set()),  # Olga's
    "DELETE /api-keys/<int:pk>": ({"olga"}, set()),
    "DELETE /access-requests/<int:pk>": ({"mina"}, set()),  # Mina's
    "PUT /access-requests/<int:pk>/answer": ({"olga", "marc"}, set()),  # they may give what she asks for
    "DELETE /access-requests/<int:pk>/answer": ({"olga", "marc"}, set()),
}


def test_there_are_endpoints_to_look_at() -> None:
    assert len(ENDPOINTS) > 45


@pytest.mark.parametrize(("route", "pattern"), PATTERNS, ids=[route for route, _pattern in PATTERNS])
def test_every_endpoint_declares_who_may_ask_it(route: str, pattern: Any) -> None:
    view = view_of(pattern)
    assert isinstance(view, type) and issubclass(view, Guard), f"{route} is not guarded"
    assert len(view.declarations()) == 1, f"{route} declares {view.declarations() or 'nothing'}"
    outside = view.declarations()[0] in {"signed_in_only", "public"}
    assert outside != route.startswith(PREFIX), f"{route} declares for the wrong place"
    named = {getattr(view, name, "") for name in ("action", "write_action", "listing")} | {*view.any_action}
    for method in METHODS if route.startswith(PREFIX) else ():
        told = operation_of(view, method)
        assert told is not None or not hasattr(view, method), f"{method} {route} is no operation"
        named |= {told.action} if told else set()
    for action in named - {""}:
        assert catalogue.get(action).is_available, (
            f"{route} guards with {action}, which is marked as not built"
        )


def expected(endpoint: Endpoint, person: str) -> str:
    """Return ``open``, ``refused`` (403) or ``unseen`` (404), by the tables."""
    if person == "mallory":
        return "unseen"
    if person == "sven":
        return "refused or unseen"
    if str(endpoint) in BY_HAND:
        may, see = BY_HAND[str(endpoint)]
        return "open" if person in may else "refused" if person in see else "unseen"
    view, told = endpoint.view, operation_of(endpoint.view, endpoint.method)
    actions: tuple[str, ...] = (told.action,) if told and told.action else view.any_action or (view.action,)
    if actions == ("",):
        return "open"
    if not sees(person, catalogue.get(actions[0]).scope):
        return "unseen"
    return "open" if any(holds(person, action) for action in actions) else "refused"


def ask(client: Client, endpoint: Endpoint, address: str) -> Any:
    """Ask with the least body there can be, in a savepoint that is undone, so that the world stays as it is."""
    with transaction.atomic():
        body = json.dumps(BODIES.get(str(endpoint), {}))
        has_body = endpoint.method not in ("get", "delete")
        sent = {"data": body, "content_type": "application/json"} if has_body else {}
        response = getattr(client, endpoint.method)(address, **sent)
        transaction.set_rollback(True)
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("person", [*ORGANIZATION_ROLE, "sven", "mallory"])
def test_every_endpoint_answers_each_person_as_the_tables_say(person: str, settings: Any) -> None:
    settings.API_RATE = "100000/min"
    world = ApiWorld()
    client = Client()
    client.force_login(getattr(world.acme, person), backend="accounts.backends.SignInBackend")
    wrong = []
    for endpoint in ENDPOINTS:
        address = world.address(endpoint)
        response = ask(client, endpoint, address)
        want = expected(endpoint, person)
        if (
            not any(MEANS[way](response.status_code) for way in want.split(" or "))
            or response.status_code >= 500
        ):
            told = response.content.decode()[:160]
            wrong.append(
                f"{person} {endpoint.method.upper()} {address}: {response.status_code}, not {want}: {told}"
            )
        if response.status_code >= 400:
            problem = json.loads(response.content)
            assert response["Content-Type"] == "application/problem+json"
            assert problem["status"] == response.status_code
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_nobody_signed_in_is_answered_nowhere() -> None:
    world = ApiWorld()
    for endpoint in ENDPOINTS:
        response = ask(Client(), endpoint, world.address(endpoint))
        assert response.status_code == 401, endpoint
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_ids_of_another_organization_are_not_found_by_the_api(settings: Any) -> None:
    """Olga may do everything in both; the ids are Acme's, the address is the other's."""
    settings.API_RATE = "100000/min"
    world = ApiWorld()
    add_member(world.acme.elsewhere, world.acme.olga, "standard:co_owner")
    client = Client()
    client.force_login(world.acme.olga, backend="accounts.backends.SignInBackend")
    for endpoint in ENDPOINTS:
        if "<int:" not in endpoint.route:
            continue
        address = world.address(endpoint).replace("/acme", "/elsewhere", 1)
        status = ask(client, endpoint, address).status_code
        assert status == 404 or (status == 422 and endpoint.method in ("put", "post", "patch")), (
            str(endpoint),
            status,
        )
