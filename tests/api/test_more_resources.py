"""Roles of one's own, partners, requests, guardrails, and what a change would do: through the address."""

from __future__ import annotations

import pytest

from orgs.models import Partnership
from tenancy.context import organization_open
from tests.api.conftest import Caller, problem_in
from tests.api.test_resources import items, member_id
from tests.cast import Acme, make_agency

pytestmark = pytest.mark.django_db


def test_an_own_role_is_made_changed_compared_and_deleted(acme: Acme, olga: Caller) -> None:
    body = {"scope": "profile", "name": "Reader", "actions": ["profile.view_posts"]}
    made = olga.post("/roles", body)
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    changed = olga.patch(
        f"/roles/profile/{key}", {"actions": ["profile.view_posts", "profile.view_approvals"]}
    )
    assert changed.json()["actions"] == ["profile.view_approvals", "profile.view_posts"]
    compared = olga.get(f"/roles/comparison?scope=profile&one={key}&other=standard:guest").json()
    assert "profile.view_posts" in compared["both"] and compared["one"]["label"] == "Reader"
    given = {"members": [member_id(acme, "emil")], "profiles": [acme.news.pk], "role": key}
    assert olga.post("/grants", given).status_code == 201
    assert "Say which role" in problem_in(olga.delete(f"/roles/profile/{key}"), 422)["detail"]
    assert olga.delete(f"/roles/profile/{key}?replacement=standard:guest").status_code == 204
    assert acme.access(acme.emil).can("profile.view_posts", acme.news)
    problem_in(olga.get(f"/roles/profile/{key}"), 404)
    problem_in(Caller(acme.paul).post("/roles", body), 403)
    problem_in(olga.patch("/roles/profile/standard:guest", {"name": "Mine"}), 404)


def test_a_partner_is_invited_accepts_hands_on_and_is_ended(acme: Acme, olga: Caller) -> None:
    agency = make_agency()
    ada = Caller(agency.ada, slug="agency")
    offer = {"role": "standard:editor", "profile": acme.news.pk}
    body = {"public_id": agency.organization.public_id, "shares": [offer]}
    proposed = olga.post("/partners", body)
    assert proposed.status_code == 201, proposed.content
    pk = proposed.json()["id"]
    assert proposed.json()["status"] == "invited"
    assert items(ada.get("/partners"))[0]["company"]["slug"] == "acme"
    assert ada.put(f"/partners/{pk}/answer").json()["status"] == "active"
    with organization_open(agency.organization.pk):
        abe = agency.abe.memberships.get().pk
    handed = {"members": [abe], "profiles": [acme.news.pk], "role": "standard:moderator"}
    assert ada.post(f"/partners/{pk}/assignments", handed).status_code == 204
    (shared,) = items(olga.get(f"/partners/{pk}/profiles"))
    assert [person["person"]["name"] for person in shared["people"]] == ["Abe Agency"]
    assert acme.access(agency.abe).can("profile.view_posts", acme.news)
    narrowed = olga.put(f"/partners/{pk}/profiles/{acme.news.pk}", {"role": "standard:guest"})
    assert narrowed.status_code == 204
    assert not acme.access(agency.abe).can("profile.send_for_approval", acme.news)
    problem_in(olga.post(f"/partners/{pk}/assignments", handed | {"members": [member_id(acme, "emil")]}), 404)
    assert olga.delete(f"/partners/{pk}?reason=over").status_code == 204
    assert not acme.access(agency.abe).can("profile.view_posts", acme.news)
    with organization_open(acme.organization.pk):
        assert Partnership.objects.get().status == "ended"


def test_access_is_asked_for_given_and_declined(acme: Acme, olga: Caller, emil: Caller) -> None:
    """Emil sees no profile, so he only describes which one he means."""
    wish = {"on": "profile:other", "description": "acme-news", "role": "standard:guest", "reason": "to read"}
    asked = emil.post("/access-requests", wish)
    assert asked.status_code == 201, asked.content
    assert items(emil.get("/access-requests"))[0]["status"] == "open"
    (waiting,) = items(olga.get("/access-requests/waiting"))
    assert waiting["person"]["name"] == "Emil Employee"
    answer = {"role": "standard:guest", "profile": acme.news.pk}
    given = olga.put(f"/access-requests/{waiting['id']}/answer", answer)
    assert given.status_code == 200, given.content
    assert acme.access(acme.emil).can("profile.view_posts", acme.news)
    again = emil.post("/access-requests", wish | {"description": "acme-sky"}).json()["id"]
    problem_in(Caller(acme.paul).delete(f"/access-requests/{again}/answer"), 404)
    assert olga.delete(f"/access-requests/{again}/answer?note=no").status_code == 204
    problem_in(emil.delete(f"/access-requests/{again}"), 422)


def test_a_preview_tells_who_gains_what_and_changes_nothing(acme: Acme, olga: Caller) -> None:
    emil = member_id(acme, "emil")
    grant = {"members": [emil], "profiles": [acme.news.pk], "role": "standard:editor"}
    told = olga.post("/access/what-if", {"grant": grant})
    assert told.status_code == 200, told.content
    (change,) = told.json()["changes"]
    assert change["person"]["email"] == "emil@acme.test" and change["objects"] == [acme.news.pk]
    assert "profile.publish_posts" in change["gained"] and told.json()["lost_count"] == 0
    assert not acme.access(acme.emil).can("profile.view_posts", acme.news)
    gone = olga.post("/access/what-if", {"remove_member": member_id(acme, "paul")}).json()
    assert gone["lost_count"] > 10 and gone["gained_count"] == 0
    own = {"members": [member_id(acme, "olga")], "profiles": [acme.news.pk], "role": "standard:editor"}
    assert "own access" in olga.post("/access/what-if", {"grant": own}).json()["refusal"]
    problem_in(olga.post("/access/what-if", {}), 422)
    problem_in(Caller(acme.paul).post("/access/what-if", {"grant": grant}), 403)


def test_a_guardrail_refuses_through_the_api_what_would_break_it(acme: Acme, olga: Caller) -> None:
    rule = {"kind": "at_least", "name": "Somebody edits", "action": "profile.publish_posts", "number": 3,
            "where": "profiles", "profiles": [acme.news.pk]}  # fmt: skip
    made = olga.post("/guardrails", rule)
    assert made.status_code == 201, made.content
    assert made.json()["broken_in"] == 0 and made.json()["sentence"]
    grant = items(olga.get(f"/grants?person={acme.paul.pk}"))[0]["id"]
    assert "Somebody edits" in problem_in(olga.delete(f"/grants/{grant}"), 403)["detail"]
    assert acme.access(acme.paul).can("profile.publish_posts", acme.news)
    assert olga.delete(f"/guardrails/{made.json()['id']}").status_code == 204
    assert olga.delete(f"/grants/{grant}").status_code == 204
    problem = problem_in(olga.post("/guardrails", rule | {"action": ""}), 422)
    assert problem["errors"][0]["pointer"] == "/action"


def test_the_audit_log_is_exported_and_the_export_is_in_it(acme: Acme, olga: Caller) -> None:
    olga.post("/teams", {"name": "Launch"})
    response = olga.post("/audit-log/exports")
    assert response.status_code == 200 and response["Content-Type"].startswith("application/json")
    assert "Launch" in response.content.decode()
    assert items(olga.get("/audit-events"))[0]["action"] == "organization.export_audit_log"
    problem_in(Caller(acme.paul).post("/audit-log/exports"), 403)
