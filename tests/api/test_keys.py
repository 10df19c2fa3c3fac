"""R11: a key may do what its issuer may do now, within the actions and profiles it was issued for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator

from accounts.models import ApiKey
from api.keys import digest_of_secret
from audit.models import AuditEvent
from orgs.models import Membership, Organization, OrganizationUserGrant
from permissions.catalogue import Scope
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.api.conftest import Caller, make_key, problem_in
from tests.cast import Acme, give, role

pytestmark = pytest.mark.django_db


def by_key(acme: Acme, user: object, *actions: str, **limits: object) -> Caller:
    _key, secret = make_key(acme.organization, user, set(actions) or None, **limits)  # type: ignore[arg-type]
    return Caller(secret=secret)


def test_a_key_may_do_what_its_issuer_may(acme: Acme) -> None:
    program = by_key(acme, acme.olga)
    assert program.get("/members").status_code == 200
    assert program.post("/teams", {"name": "By a program"}).status_code == 201
    with organization_open(acme.organization.pk):
        key = ApiKey.objects.get()
        event = AuditEvent.objects.get(action="team.create")
    assert key.last_used_at is not None
    assert event.actor_id == acme.olga.pk
    assert event.actor_label == f"Olga Owner · Nightly sync ({key.prefix})"


def test_a_refusal_through_a_key_names_it_in_the_log(acme: Acme) -> None:
    program = by_key(acme, acme.olga, "organization.view_members")
    problem_in(program.post("/teams", {"name": "No"}), 403)
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get(outcome="refused")
    assert "Nightly sync (chorus_" in event.actor_label


def test_a_key_does_only_the_actions_it_was_issued_for(acme: Acme) -> None:
    program = by_key(acme, acme.olga, "organization.view_members")
    assert program.get("/members").status_code == 200
    problem = problem_in(program.get("/audit-events"), 403)
    assert problem["decision"]["action"] == "organization.view_audit_log"
    assert program.get("/teams").json()["items"] == []
    assert program.get("/profiles").json()["items"] == []


def test_a_key_reaches_only_the_profiles_it_was_issued_for(acme: Acme) -> None:
    program = by_key(acme, acme.olga, "profile.view_profile", profiles=[acme.news])
    assert [p["slug"] for p in program.get("/profiles").json()["items"]] == ["acme-news"]
    assert program.get(f"/profiles/{acme.news.pk}").status_code == 200
    problem_in(program.get(f"/profiles/{acme.sky.pk}"), 404)


def test_a_key_outlives_its_issuers_right_without_having_it(acme: Acme) -> None:
    program = by_key(acme, acme.mina, "profile.view_profile")
    assert program.get(f"/profiles/{acme.news.pk}").status_code == 200
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.mina).delete()
    problem_in(program.get(f"/profiles/{acme.news.pk}"), 404)
    give(acme.news, acme.mina, "standard:moderator")
    assert program.get(f"/profiles/{acme.news.pk}").status_code == 200


def test_a_right_its_issuer_got_later_is_not_in_the_key(acme: Acme) -> None:
    program = by_key(acme, acme.emil)
    with organization_open(acme.organization.pk):
        manager = role("standard:manager", Scope.ORGANIZATION).permission_id
        OrganizationUserGrant.objects.filter(user=acme.emil).update(permission=manager)
    assert Caller(acme.emil).get("/members").status_code == 200
    problem_in(program.post("/teams", {"name": "No"}), 403)


def test_a_suspended_issuers_key_does_nothing(acme: Acme) -> None:
    program = by_key(acme, acme.marc)
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.marc).update(status=Membership.Status.SUSPENDED)
    problem = problem_in(program.get("/members"), 403)
    assert "suspended" in json.dumps(problem["decision"])


def test_a_key_of_another_organization_is_unknown(acme: Acme) -> None:
    _key, secret = make_key(acme.elsewhere, acme.mallory)
    problem_in(Caller(secret=secret, slug="acme").get("/members"), 401)
    assert Caller(secret=secret, slug="elsewhere").get("/members").status_code == 200
    listed = Caller(secret=secret).get("/api/v1/organizations").json()["items"]
    assert [organization["slug"] for organization in listed] == ["elsewhere"]


def test_a_revoked_key_is_unknown(acme: Acme, olga: Caller) -> None:
    key, secret = make_key(acme.organization, acme.olga)
    program = Caller(secret=secret)
    assert program.get("/members").status_code == 200
    assert olga.delete(f"/api-keys/{key.pk}").status_code == 204
    problem_in(program.get("/members"), 401)
    assert olga.get(f"/api-keys/{key.pk}").json()["revoked_at"] is not None
    assert olga.delete(f"/api-keys/{key.pk}").status_code == 204
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="api_key.revoke").count() == 1


def test_an_expired_key_is_unknown_to_the_second(acme: Acme) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    _key, secret = make_key(acme.organization, acme.olga, expires_at=end)
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert Caller(secret=secret).get("/members").status_code == 200
    with time_machine.travel(end, tick=False):
        problem_in(Caller(secret=secret).get("/members"), 401)


def test_a_key_of_a_closed_account_is_unknown(acme: Acme) -> None:
    program = by_key(acme, acme.olga)
    acme.olga.is_active = False
    acme.olga.save()
    problem_in(program.get("/members"), 401)


@pytest.mark.parametrize("sent", ["Bearer", "Bearer x", "Bearer a b", "bearer chorus_", "Bearer \u00e9"])
def test_an_unknown_key_is_refused_as_a_problem(acme: Acme, sent: str) -> None:
    problem_in(Caller().get("/members", Authorization=sent), 401)


def test_a_key_counts_under_a_second_factor_policy_only_while_its_issuer_has_one(acme: Acme) -> None:
    program = by_key(acme, acme.olga)
    Organization.objects.filter(pk=acme.organization.pk).update(two_factor="everyone")
    problem = problem_in(program.get("/members"), 403)
    assert "second factor" in json.dumps(problem["decision"])
    Authenticator.objects.create(user=acme.olga, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert program.get("/members").status_code == 200


def test_a_session_without_a_second_factor_is_told_so_by_the_api(acme: Acme, olga: Caller) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(two_factor="everyone")
    problem = problem_in(olga.get("/members"), 403)
    assert "second factor" in json.dumps(problem["decision"])


def test_the_secret_is_shown_once_and_kept_nowhere(acme: Acme, olga: Caller) -> None:
    body = {"name": "CI", "actions": ["organization.view_members"]}
    issued = olga.post("/api-keys", body, Idempotency_Key="make-it")
    assert issued.status_code == 201, issued.content
    secret = issued.json()["secret"]
    again = olga.post("/api-keys", body, Idempotency_Key="make-it")
    assert again.json() == issued.json() | {"secret": None}
    assert "secret" not in olga.get(f"/api-keys/{issued.json()['id']}").json()
    with organization_open(acme.organization.pk):
        kept = json.dumps([*ApiKey.objects.values(), *AuditEvent.objects.values("after")], default=str)
        assert ApiKey.objects.get().digest == digest_of_secret(secret)
    assert secret not in kept and secret.startswith(issued.json()["prefix"])
    assert Caller(secret=secret).get("/members").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"actions": ["organization.manage_teams"]}, 403),  # a member does not hold it
        ({"actions": ["organization.manage_api_keys"]}, 403),  # no key issues keys
        ({"actions": ["organization.fly"]}, 422),
        ({"actions": []}, 422),
        ({"actions": ["profile.view_posts"], "profiles": []}, 422),
        ({"actions": ["profile.view_posts"], "expires_at": "2020-01-01T00:00:00Z"}, 422),
    ],
)
def test_a_key_is_not_issued_for_more_than_its_issuer_holds(acme: Acme, body: dict, status: int) -> None:  # type: ignore[type-arg]
    problem_in(Caller(acme.paul).post("/api-keys", {"name": "CI"} | body), status)
    with organization_open(acme.organization.pk):
        assert not ApiKey.objects.exists()


def test_a_key_is_not_issued_for_a_profile_without_a_role(acme: Acme) -> None:
    body = {"name": "CI", "actions": ["profile.view_posts"], "profiles": [acme.quiet.pk]}
    problem = problem_in(Caller(acme.paul).post("/api-keys", body), 422)
    assert problem["errors"][0]["pointer"].startswith("/profiles")


def test_a_key_issues_no_keys(acme: Acme) -> None:
    program = by_key(acme, acme.olga)
    body = {"name": "Child", "actions": ["organization.view_members"]}
    problem_in(program.post("/api-keys", body), 403)


def test_one_sees_ones_own_keys_and_an_owner_everybodys(acme: Acme, olga: Caller) -> None:
    pauls, _secret = make_key(acme.organization, acme.paul, name="Paul's")
    mine, _secret = make_key(acme.organization, acme.mina, name="Mina's")
    mina = Caller(acme.mina)
    assert [key["name"] for key in mina.get("/api-keys").json()["items"]] == ["Mina's"]
    problem_in(mina.get(f"/api-keys/{pauls.pk}"), 404)
    problem_in(mina.delete(f"/api-keys/{pauls.pk}"), 404)
    assert mina.delete(f"/api-keys/{mine.pk}").status_code == 204
    assert {key["name"] for key in olga.get("/api-keys").json()["items"]} == {"Paul's", "Mina's"}
    assert olga.delete(f"/api-keys/{pauls.pk}").status_code == 204


def test_a_session_is_not_asked_where_a_wrong_key_is_sent(acme: Acme) -> None:
    caller = Caller(acme.olga)
    problem_in(caller.get("/members", Authorization="Bearer chorus_wrong"), 401)


def test_a_key_needs_no_token_against_forged_requests_and_a_session_does(acme: Acme) -> None:
    _key, secret = make_key(acme.organization, acme.olga)
    caller = Caller(acme.olga)
    caller.client.handler.enforce_csrf_checks = True
    problem_in(caller.post("/teams", {"name": "Forged"}), 403)
    assert caller.get("/members").status_code == 200
    assert caller.post("/teams", {"name": "Ours"}, Authorization=f"Bearer {secret}").status_code == 201
