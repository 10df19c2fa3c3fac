"""One shape for every refusal, in the reader's language; cursors; limits; what no address is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditEvent
from tenancy.context import organization_open
from tests.api.conftest import ROOT, Caller, make_key, problem_in
from tests.cast import Acme, add_member, make_person

pytestmark = pytest.mark.django_db


def test_problems_speak_the_language_that_is_asked_for(acme: Acme, emil: Caller) -> None:
    english = problem_in(emil.get("/audit-events"), 403)
    french = emil.get("/audit-events", Accept_Language="fr-CH, fr;q=0.9, en;q=0.8")
    told = problem_in(french, 403)
    assert french["Content-Language"] == "fr"
    assert told["decision"]["action"] == english["decision"]["action"]
    assert told["decision"]["summary"] != english["decision"]["summary"]
    assert "peut pas" in told["detail"] or "ne peut" in told["detail"]


def test_without_asking_the_persons_own_language_is_spoken(acme: Acme) -> None:
    acme.emil.language = "fr"
    acme.emil.save()
    _key, secret = make_key(acme.organization, acme.emil)
    for caller in (Caller(acme.emil), Caller(secret=secret)):
        response = caller.get("/audit-events")
        assert response["Content-Language"] == "fr"
        assert "may not" not in problem_in(response, 403)["detail"]
        assert (
            problem_in(caller.get("/audit-events", Accept_Language="en"), 403)["detail"].count("may not") == 1
        )


def test_each_thing_that_does_not_fit_is_named(acme: Acme, olga: Caller) -> None:
    body = {"members": [1, "x"], "profiles": "none", "role": "standard:emperor", "expires_at": "soon"}
    problem = problem_in(olga.post("/grants", body), 422)
    assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {
        "members",
        "profiles",
        "role",
        "expires_at",
    }


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"name": "a\\u0000b"}', "application/json", 422),
        (b'{"name": "\\ud800"}', "application/json", 422),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_is_no_good_is_refused(
    acme: Acme, olga: Caller, content: bytes, content_type: str, status: int
) -> None:
    response = olga.client.post(f"{ROOT}/acme/teams", data=content, content_type=content_type)
    problem_in(response, status)


def test_a_method_an_address_does_not_know_is_refused(acme: Acme, olga: Caller) -> None:
    assert problem_in(olga.put("/teams"), 405)["type"].endswith("#no-such-method")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/", "/api/v1/organizations/acme/members/x"])
def test_what_is_no_address_is_a_problem_and_no_page(acme: Acme, olga: Caller, path: str) -> None:
    problem_in(olga.get(path), 404)
    problem_in(Client().get(path), 404)


def test_too_many_requests_are_told_when_to_come_again(acme: Acme, olga: Caller) -> None:
    with override_settings(API_RATE="3/min"):
        for _time in range(3):
            assert olga.get("/members").status_code == 200
        response = olga.get("/members")
        assert problem_in(response, 429)["type"].endswith("#too-many-requests")
        assert 0 < int(response["Retry-After"]) <= 61
        assert Caller(acme.marc).get("/members").status_code == 200


def pages(caller: Caller, path: str, limit: int) -> list[list[Any]]:
    found, cursor = [], ""
    while True:
        answer = caller.get(
            f"{path}{'&' if '?' in path else '?'}limit={limit}&cursor={cursor}".removesuffix("&cursor=")
        )
        assert answer.status_code == 200, answer.content
        found.append(answer.json()["items"])
        cursor = answer.json()["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 200])
def test_pages_are_complete_whatever_their_size(acme: Acme, olga: Caller, limit: int) -> None:
    listed = pages(olga, "/members", limit)
    ids = [row["id"] for page in listed for row in page]
    assert len(ids) == len(set(ids)) == 8 and ids == sorted(ids)
    assert all(len(page) == limit for page in listed[:-1])


def test_a_page_stays_right_when_rows_come_and_go(acme: Acme, olga: Caller) -> None:
    first = olga.get("/members?limit=3").json()
    gone = first["items"][0]["id"]
    for name in ("Zoe New", "Abe New"):
        add_member(acme.organization, make_person(name), "standard:member")
    with organization_open(acme.organization.pk):
        assert olga.put(f"/members/{first['items'][2]['id']}/suspension").status_code == 204
    second = olga.get(f"/members?limit=200&cursor={first['next']}").json()["items"]
    assert gone not in [row["id"] for row in second]
    assert len(second) == 8 - 3 + 2


def test_the_newest_events_come_first_page_by_page(acme: Acme, olga: Caller) -> None:
    for number in range(5):
        olga.post("/teams", {"name": f"Team {number}"})
    listed = [row["sequence"] for page in pages(olga, "/audit-events", 2) for row in page]
    assert listed == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["x", "WzEsIDJd", "W10:abc:def", "%00" * 3, "x" * 600])
def test_a_cursor_nobody_was_given_is_refused(acme: Acme, olga: Caller, cursor: str) -> None:
    problem_in(olga.get(f"/members?cursor={cursor}"), 400)


def test_a_cursor_of_another_list_is_refused(acme: Acme, olga: Caller) -> None:
    cursor = olga.get("/members?limit=1").json()["next"]
    problem = problem_in(olga.get(f"/profiles?cursor={cursor}"), 400)
    assert problem["type"].endswith("#bad-cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "status=gone", "role=9", "team=x"])
def test_a_parameter_that_does_not_fit_is_refused(acme: Acme, olga: Caller, query: str) -> None:
    problem = problem_in(olga.get(f"/members?{query}"), 400)
    assert problem["errors"][0]["pointer"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["/members", "/profiles", "/teams", "/grants", "/audit-events", "/api-keys"])
def test_a_page_costs_no_more_when_the_list_is_longer(
    acme: Acme, olga: Caller, path: str, signed_in: Callable[[User], Client]
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert olga.get(f"{path}?limit=100").status_code == 200
        return len(queries)

    cost()
    before = cost()
    for number in range(12):
        person = make_person(f"P{number} New")
        add_member(acme.organization, person, "standard:member")
        olga.post("/teams", {"name": f"Team {number}"})
        make_key(acme.organization, acme.olga, {"organization.view_members"})
    assert cost() <= before < 22


def test_a_refusal_is_in_the_audit_log_and_a_mistake_is_not(acme: Acme, emil: Caller, olga: Caller) -> None:
    problem_in(emil.post("/teams", {"name": "No"}), 403)
    problem_in(olga.post("/teams", {"name": ""}), 422)
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get()
    assert (event.action, event.outcome) == ("organization.manage_teams", "refused")
    assert event.actor_label == "Emil Employee"


def test_the_document_is_public_and_cached(client: Client, db: None) -> None:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200 and "public" in response["Cache-Control"]
    document = response.json()
    assert document["openapi"].startswith("3.") and len(document["paths"]) > 30
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            codes = set(told["responses"])
            assert {"400", "401", "429"} <= codes, (path, method)
            problem = told["responses"]["401"]["content"]
            assert list(problem) == ["application/problem+json"], (path, method)
            assert told["summary"] and told["tags"], (path, method)
    assert client.get("/api/v1/openapi.json").json() == document
