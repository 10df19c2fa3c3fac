"""What the endpoints of today do, through the address, as the pages do it."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEvent
from orgs.models import Invitation, Membership, Team
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.api.conftest import Caller, problem_in
from tests.cast import Acme

pytestmark = pytest.mark.django_db


def member_id(acme: Acme, name: str) -> int:
    with organization_open(acme.organization.pk):
        return int(Membership.objects.get(user=getattr(acme, name)).pk)


def items(response: Any) -> list[Any]:
    assert response.status_code == 200, response.content.decode()
    found: list[Any] = response.json()["items"]
    return found


def test_members_are_listed_with_their_roles(acme: Acme, olga: Caller) -> None:
    listed = items(olga.get("/members"))
    assert {m["person"]["email"]: m["role"]["key"] for m in listed}["marc@acme.test"] == "standard:manager"
    assert len(listed) == 8
    suspended = items(olga.get("/members?status=suspended"))
    assert [m["person"]["name"] for m in suspended] == ["Sven Suspended"]
    assert len(items(olga.get("/members?role=standard:owner"))) == 1
    assert len(items(olga.get("/members?q=paul"))) == 1


def test_a_member_is_shown_with_the_three_levels(acme: Acme, olga: Caller) -> None:
    paul = olga.get(f"/members/{member_id(acme, 'paul')}").json()
    assert [held["object"]["slug"] for held in paul["team_roles"]] == ["brand"]
    assert {(h["object"]["slug"], h["role"]["key"], h["via"]) for h in paul["profile_roles"]} == {
        ("acme-news", "standard:editor", ""),
        ("acme-sky", "standard:editor", "Brand"),
    }
    assert (
        olga.get(f"/members/{member_id(acme, 'marc')}").json()["everywhere"]["key"]
        == "standard:administrator"
    )


def test_a_role_is_changed_and_an_escalation_is_refused(acme: Acme, olga: Caller) -> None:
    emil = member_id(acme, "emil")
    changed = olga.put(f"/members/{emil}/role", {"role": "standard:manager", "reason": "grew"})
    assert changed.json()["role"]["key"] == "standard:manager"
    marc = Caller(acme.marc)
    problem = problem_in(marc.put(f"/members/{emil}/role", {"role": "standard:owner"}), 403)
    assert "Ownership moves only" in problem["detail"]
    with organization_open(acme.organization.pk):
        events = list(AuditEvent.objects.order_by("sequence").values_list("action", "outcome", "reason"))
    assert events[0] == ("member.role", "done", "grew")
    assert events[1][:2] == ("access.refused", "refused")


def test_a_member_is_suspended_reactivated_and_removed(acme: Acme, olga: Caller) -> None:
    gus = member_id(acme, "gus")
    assert olga.put(f"/members/{gus}/suspension").status_code == 204
    assert olga.get(f"/members/{gus}").json()["status"] == "suspended"
    assert not acme.access(acme.gus).can("profile.view_posts", acme.news)
    assert olga.delete(f"/members/{gus}/suspension").status_code == 204
    assert acme.access(acme.gus).can("profile.view_posts", acme.news)
    assert olga.delete(f"/members/{gus}?reason=left").status_code == 204
    problem_in(olga.get(f"/members/{gus}"), 404)


def test_a_refusal_carries_the_whole_derivation(acme: Acme, emil: Caller) -> None:
    problem = problem_in(emil.get("/audit-events"), 403)
    assert problem["decision"]["action"] == "organization.view_audit_log"
    assert not problem["decision"]["allowed"] and problem["decision"]["steps"]
    assert problem["detail"] == problem["decision"]["summary"]


def test_somebody_of_elsewhere_finds_no_organization(acme: Acme) -> None:
    problem_in(Caller(acme.mallory).get("/members"), 404)
    problem_in(Caller(acme.olga, slug="elsewhere").get("/members"), 404)
    problem_in(Caller(acme.olga, slug="nowhere").get("/members"), 404)


def test_nobody_signed_in_is_told_to_sign_in(acme: Acme) -> None:
    for slug in ("acme", "nowhere"):
        response = Caller(slug=slug).get("/members")
        problem_in(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_people_are_invited_and_the_invitation_is_withdrawn(acme: Acme, olga: Caller) -> None:
    offer = {"role": "standard:member", "profile_role": "standard:editor", "profiles": [acme.news.pk]}
    sent = olga.post("/invitations", offer | {"emails": ["New@acme.test"]})
    assert sent.status_code == 201, sent.content
    (invitation,) = sent.json()["items"]
    assert invitation["email"] == "new@acme.test"
    assert [row["id"] for row in items(olga.get("/invitations"))] == [invitation["id"]]
    again = olga.post("/invitations", {"emails": ["new@acme.test"], "role": "standard:member"})
    assert "Already invited" in problem_in(again, 422)["detail"]
    assert olga.delete(f"/invitations/{invitation['id']}").status_code == 204
    assert items(olga.get("/invitations")) == []
    problem_in(olga.delete(f"/invitations/{invitation['id']}"), 422)
    with organization_open(acme.organization.pk):
        assert Invitation.objects.get().withdrawn_at is not None


def test_a_team_lives_from_creation_to_deletion(acme: Acme, olga: Caller) -> None:
    made = olga.post("/teams", {"name": "Launch"})
    assert made.status_code == 201
    team = made.json()["id"]
    assert olga.patch(f"/teams/{team}", {"description": "For spring"}).json()["name"] == "Launch"
    paul = member_id(acme, "paul")
    assert olga.put(f"/teams/{team}/people/{paul}", {"role": "standard:team_member"}).status_code == 200
    admin = olga.put(f"/teams/{team}/people/{paul}", {"role": "standard:team_admin"})
    assert admin.json()["brings"]["key"] == "standard:editor"
    linked = olga.put(f"/teams/{team}/profiles/{acme.quiet.pk}", {"role": "standard:moderator"})
    assert linked.json()["role"]["key"] == "standard:moderator"
    assert [p["person"]["name"] for p in items(olga.get(f"/teams/{team}/people"))] == ["Paul Editor"]
    assert [p["profile"]["slug"] for p in items(olga.get(f"/teams/{team}/profiles"))] == ["acme-quiet"]
    assert acme.access(acme.paul).can("profile.publish_posts", acme.quiet)
    assert olga.delete(f"/teams/{team}/profiles/{acme.quiet.pk}").status_code == 204
    assert olga.delete(f"/teams/{team}/people/{paul}").status_code == 204
    assert olga.delete(f"/teams/{team}").status_code == 204
    with organization_open(acme.organization.pk):
        assert not Team.objects.filter(pk=team).exists()


def test_a_member_sees_only_his_teams_and_cannot_change_them(acme: Acme, emil: Caller) -> None:
    assert items(emil.get("/teams")) == []
    problem_in(emil.get(f"/teams/{acme.brand.pk}"), 404)
    paul = Caller(acme.paul)
    assert [team["slug"] for team in items(paul.get("/teams"))] == ["brand"]
    problem_in(paul.patch(f"/teams/{acme.brand.pk}", {"name": "Mine"}), 403)
    problem_in(emil.post("/teams", {"name": "Mine"}), 403)


def test_workspaces_are_made_renamed_and_deleted(acme: Acme, olga: Caller) -> None:
    made = olga.post("/workspaces", {"name": "Europe"}).json()
    assert olga.put(f"/workspaces/{made['id']}", {"name": "EMEA"}).json()["name"] == "EMEA"
    assert {row["name"] for row in items(olga.get("/workspaces"))} == {"Main", "EMEA"}
    assert olga.delete(f"/workspaces/{made['id']}").status_code == 204
    problem = problem_in(olga.delete(f"/workspaces/{acme.main.pk}"), 422)
    assert "at least one workspace" in problem["detail"]


def test_profiles_are_listed_as_far_as_they_are_seen(acme: Acme, olga: Caller, emil: Caller) -> None:
    assert len(items(olga.get("/profiles"))) == 3
    assert items(emil.get("/profiles")) == []
    problem_in(emil.get(f"/profiles/{acme.news.pk}"), 404)
    assert [p["slug"] for p in items(Caller(acme.mina).get("/profiles"))] == ["acme-news"]
    renamed = olga.patch(f"/profiles/{acme.news.pk}", {"name": "News", "time_zone": "Europe/Paris"})
    assert (renamed.json()["name"], renamed.json()["time_zone"]) == ("News", "Europe/Paris")
    problem = problem_in(olga.patch(f"/profiles/{acme.news.pk}", {"time_zone": "Mars"}), 422)
    assert problem["errors"][0]["pointer"] == "/time_zone"
    people = items(olga.get(f"/profiles/{acme.news.pk}/people"))
    assert {row["person"]["name"] for row in people} >= {"Olga Owner", "Paul Editor", "Gus Guest"}
    assert [row["team"]["slug"] for row in items(olga.get(f"/profiles/{acme.sky.pk}/teams"))] == ["brand"]


def test_a_role_is_given_listed_and_ended(acme: Acme, olga: Caller) -> None:
    emil = member_id(acme, "emil")
    body = {
        "members": [emil],
        "profiles": [acme.news.pk, acme.quiet.pk],
        "role": "standard:editor",
        "expires_at": "2030-01-01T00:00:00Z",
        "reason": "cover",
    }
    given = olga.post("/grants", body)
    assert given.status_code == 201, given.content
    assert acme.access(acme.emil).can("profile.publish_posts", acme.quiet)
    listed = items(olga.get(f"/grants?person={acme.emil.pk}"))
    assert {row["profile"]["slug"] for row in listed} == {"acme-news", "acme-quiet"}
    assert listed[0]["reason"] == "cover" and listed[0]["granted_by"]["name"] == "Olga Owner"
    for row in listed:
        assert olga.delete(f"/grants/{row['id']}?reason=over").status_code == 204
    assert not acme.access(acme.emil).can("profile.publish_posts", acme.quiet)
    past = problem_in(olga.post("/grants", body | {"expires_at": "2020-01-01T00:00:00Z"}), 422)
    assert "past" in past["detail"]


def test_roles_are_given_to_all_or_to_nobody(acme: Acme, olga: Caller) -> None:
    """The second of the two is Olga herself, who cannot change her own access."""
    members = [member_id(acme, "emil"), member_id(acme, "olga")]
    body = {"members": members, "profiles": [acme.news.pk], "role": "standard:editor"}
    problem_in(olga.post("/grants", body), 403)
    with organization_open(acme.organization.pk):
        assert not ProfileUserGrant.objects.filter(user=acme.emil).exists()


def test_a_guest_may_not_give_roles_on_what_he_sees(acme: Acme) -> None:
    body = {"members": [member_id(acme, "emil")], "profiles": [acme.news.pk], "role": "standard:guest"}
    problem = problem_in(Caller(acme.gus).post("/grants", body), 403)
    assert problem["decision"]["action"] == "profile.manage_profile_access"


def test_roles_packs_and_actions_are_told(acme: Acme, olga: Caller) -> None:
    editor = olga.get("/roles/profile/standard:editor").json()
    assert "profile.publish_posts" in editor["actions"]
    assert {role["scope"] for role in items(olga.get("/roles?scope=team"))} == {"team"}
    assert [p["slug"] for p in items(olga.get("/packs")) if p["is_used"]] == ["standard"]
    assert len(items(olga.get("/actions"))) > 190
    problem_in(olga.get("/roles/profile/standard:emperor"), 404)


def test_the_audit_log_is_listed_filtered_and_verified(acme: Acme, olga: Caller) -> None:
    olga.post("/teams", {"name": "Launch"})
    olga.post("/teams", {"name": "Summer"})
    events = items(olga.get("/audit-events"))
    assert [event["object"] for event in events] == ["Summer", "Launch"]
    assert events[0]["action_label"] == "Team created"
    assert len(items(olga.get("/audit-events?q=Launch"))) == 1
    verified = olga.get("/audit-log/verification").json()
    assert verified == {"holds": True, "event_count": 2, "breaks": []}


def test_questions_are_answered_with_their_derivation(acme: Acme, olga: Caller) -> None:
    questions = [
        {"person": "paul@acme.test", "action": "profile.publish_posts", "object": "profile:acme/acme-news"},
        {"person": "emil@acme.test", "action": "profile.publish_posts", "object": "profile:acme/acme-news"},
        {"action": "organization.invite_members", "object": "organization:acme"},
        {"person": "mallory@elsewhere.test", "action": "team.view_team", "object": "team:acme/brand"},
        {"person": "paul@acme.test", "action": "team.view_team", "object": "team:elsewhere/x"},
        {"person": "paul@acme.test", "action": "team.fly", "object": "team:acme/brand"},
    ]
    answers = items(olga.post("/access/check", {"questions": questions}))
    assert [answer.get("allowed") for answer in answers] == [True, False, True, None, None, None]
    assert "Editor grants it" in answers[0]["why"]
    assert "Nobody" in answers[3]["error"] and "no organization" in answers[4]["error"]
    assert "no action" in answers[5]["error"]
    short = items(olga.post("/access/check", {"questions": questions, "explain": False}))
    assert [answer.get("allowed") for answer in short] == [answer.get("allowed") for answer in answers]
    assert "why" not in short[0]


def test_a_member_asks_about_himself_and_not_about_others(acme: Acme) -> None:
    paul = Caller(acme.paul)
    own = {"action": "profile.publish_posts", "object": "profile:acme/acme-news"}
    others = {**own, "person": "mina@acme.test"}
    unseen = {"action": "profile.publish_posts", "object": "profile:acme/acme-quiet"}
    mine, hers, hidden = items(paul.post("/access/check", {"questions": [own, others, unseen]}))
    assert mine["allowed"] is True
    assert "allowed" not in hers and "may not do this" in hers["error"]
    assert "cannot see" in hidden["error"]
    address = "/access/explanation?action=profile.publish_posts&object=profile:acme/acme-news"
    assert paul.get(address).json()["allowed"] is True
    problem_in(paul.get(f"{address}&person=mina@acme.test"), 403)
    problem_in(paul.get("/access/people?action=profile.view_posts&object=profile:acme/acme-news"), 403)
    problem_in(paul.get("/access/objects?action=profile.view_posts&person=mina@acme.test"), 403)
    found = paul.get("/access/objects?action=profile.view_posts").json()["items"]
    assert found == ["profile:acme/acme-news", "profile:acme/acme-sky"]


def test_people_and_objects_are_complete(acme: Acme, olga: Caller) -> None:
    may = olga.get("/access/people?action=profile.publish_posts&object=profile:acme/acme-news").json()
    assert may["items"] == ["marc@acme.test", "olga@acme.test", "paul@acme.test"]
    on = olga.get("/access/objects?action=profile.view_posts&person=mina@acme.test").json()
    assert on["items"] == ["profile:acme/acme-news"]
    problem_in(olga.get("/access/people?action=profile.fly&object=profile:acme/acme-news"), 400)
