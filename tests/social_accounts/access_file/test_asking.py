from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from permissions import catalogue
from permissions.catalogue import Scope
from social_accounts.access_file.asking import Asker, BadQuestion
from tenancy.context import open_organization_id, organization_open
from tests.cast import Acme, add_member
from tests.social_accounts.access_file.conftest import FULL, run

pytestmark = pytest.mark.django_db
PUBLISH = "profile.publish_posts"


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    def check(*questions: object) -> list[dict[str, Any]]:
        lines = [each if isinstance(each, str) else json.dumps(each) for each in questions]
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
        return [json.loads(line) for line in run("check").splitlines()]

    return check


def question(person: str, action: str, name: str, **more: str) -> dict[str, str]:
    return {"person": person, "action": action, "object": name, **more}


def test_check_answers_every_question_with_its_reason(acme: Acme, check: Callable[..., Any]) -> None:
    asked = question("paul@acme.test", PUBLISH, "profile:acme/acme-news")
    yes, no = check(asked, "", question("mallory@elsewhere.test", PUBLISH, "profile:acme/acme-news"))
    assert yes == asked | {"allowed": True, "why": yes["why"]}
    assert "Editor grants it" in yes["why"] and "Given directly" in yes["why"]
    assert no["allowed"] is False and "Not a member of this organization" in no["why"]


def test_check_asks_at_the_moment_named_and_windows_are_half_open(
    load: Callable[..., str], check: Callable[..., Any]
) -> None:
    load(FULL)
    moments = {
        "2026-10-31T23:59:59.999999Z": False,
        "2026-11-01T00:00:00Z": True,
        "2026-11-30T23:59:59.999999Z": True,
        "2026-12-01T00:00:00Z": False,
        "2026-12-01T00:30:00+01:00": True,
    }
    asked = [
        question("paul@brandco.test", "profile.ban_users", "profile:brandco/brand-x", at=at) for at in moments
    ]
    assert [answer["allowed"] for answer in check(*asked)] == list(moments.values())


def test_check_counts_the_roles_the_file_made(load: Callable[..., str], check: Callable[..., Any]) -> None:
    load(FULL)
    answers = check(
        question("lock@brandco.test", "organization.view_audit_log", "organization:brandco"),
        question("lock@brandco.test", "organization.invite_members", "organization:brandco"),
        question("ana@brandco.test", "profile.view_posts", "profile:brandco/brand-tube"),
        question("sven@brandco.test", "team.view_team", "team:brandco/brand"),
    )
    assert [answer["allowed"] for answer in answers] == [True, False, False, False]
    assert "The role None stands on this profile" in answers[2]["why"]
    assert "suspended" in answers[3]["why"]


BAD = {
    "an unknown action": (
        question("paul@acme.test", "profile.publish_post", "profile:acme/acme-news"),
        "Did you mean",
    ),
    "an unknown person": (question("eva@acme.test", PUBLISH, "profile:acme/acme-news"), "Nobody has"),
    "an unknown profile": (
        question("paul@acme.test", PUBLISH, "profile:acme/other"),
        "There is no profile “other”",
    ),
    "an unknown organization": (
        question("paul@acme.test", PUBLISH, "profile:acne/acme-news"),
        "no organization",
    ),
    "no object": (question("paul@acme.test", PUBLISH, "acme-news"), "names no object"),
    "half an object": (question("paul@acme.test", PUBLISH, "profile:acme"), "names no object"),
    "an object of another scope": (
        question("paul@acme.test", PUBLISH, "organization:acme"),
        "is asked of a profile",
    ),
    "a moment without a zone": (
        question("paul@acme.test", PUBLISH, "profile:acme/acme-news", at="2026-11-21T12:00:00"),
        "needs its zone",
    ),
    "a moment that is none": (
        question("paul@acme.test", PUBLISH, "profile:acme/acme-news", at="noon"),
        "not a time",
    ),
    "no person": ({"action": PUBLISH, "object": "profile:acme/acme-news"}, "needs “person”"),
    "more than a question": (question("p", PUBLISH, "o", when="now"), "has no “when”"),
    "no object of JSON": ("[1]", "A question is a JSON object"),
    "no JSON": ("{person", "This is not JSON"),
}


@pytest.mark.parametrize(("bad", "reason"), BAD.values(), ids=BAD)
def test_check_answers_what_cannot_be_asked_with_an_error_and_fails(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bad: object, reason: str
) -> None:
    good = json.dumps(question("paul@acme.test", PUBLISH, "profile:acme/acme-news"))
    line = bad if isinstance(bad, str) else json.dumps(bad)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n{good}\n"))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of 2 questions could not be answered"):
        call_command("access", "check", stdout=out)
    refused, answered = (json.loads(each) for each in out.getvalue().splitlines())
    assert reason in refused["error"] and "allowed" not in refused
    assert answered["allowed"] is True


def test_objects_are_complete_over_all_organizations_and_sorted(acme: Acme) -> None:
    add_member(acme.elsewhere, acme.olga, "standard:manager")
    names = "profile:acme/acme-news\nprofile:acme/acme-quiet\nprofile:acme/acme-sky\n"
    assert run("objects", "olga@acme.test", PUBLISH) == names
    assert (
        run("objects", "olga@acme.test", "organization.invite_members")
        == "organization:acme\norganization:elsewhere\n"
    )
    assert run("objects", "ana@acme.test", "team.view_team") == "team:acme/brand\n"
    assert run("objects", "emil@acme.test", PUBLISH) == ""


def test_people_are_sorted_one_a_line(acme: Acme) -> None:
    assert run("people", PUBLISH, "profile:acme/acme-sky").split() == [
        "ana@acme.test",
        "marc@acme.test",
        "olga@acme.test",
        "paul@acme.test",
    ]


def test_explain_tells_the_derivation(acme: Acme) -> None:
    told = run("explain", "gus@acme.test", PUBLISH, "profile:acme/acme-news")
    assert told.startswith("Gus Guest may not do this on @acme-news@sandbox.test.")
    assert "- Guest does not include it: Given directly." in told


def test_explain_asks_at_another_moment(load: Callable[..., str]) -> None:
    load(FULL)
    arguments = (
        "explain",
        "paul@brandco.test",
        "profile.ban_users",
        "profile:brandco/brand-x",
    )
    assert " may do this" in run(*arguments, "--at", "2026-11-02T00:00:00Z")
    assert "Moderator has ended" in run(*arguments, "--at", "2027-01-02T00:00:00Z")


@pytest.mark.parametrize(
    "arguments",
    [
        ("objects", "paul@acme.test", "profile.fly"),
        ("people", PUBLISH, "profile:acme/other"),
        ("explain", "eva@acme.test", PUBLISH, "profile:acme/acme-news"),
        ("explain", "paul@acme.test", PUBLISH, "profile:acme/acme-news", "--at", "noon"),
        ("dump", "acme", "acne"),
    ],
)
def test_what_is_not_there_is_an_error_not_a_no(acme: Acme, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


@pytest.mark.parametrize("scope", list(Scope))
def test_check_objects_and_people_agree(load: Callable[..., str], acme: Acme, scope: Scope) -> None:
    load(FULL)
    asker = Asker(timezone.now())
    emails = [f"{name}@brandco.test" for name in ("olga", "paul", "ana", "sven", "temp", "lock")]
    emails += [person.email for person in acme.everybody.values()]
    names = {
        Scope.ORGANIZATION: ["organization:acme", "organization:brandco", "organization:elsewhere"],
        Scope.TEAM: ["team:acme/brand", "team:brandco/brand", "team:brandco/empty"],
        Scope.PROFILE: [f"profile:acme/acme-{name}" for name in ("news", "sky", "quiet")]
        + ["profile:brandco/brand-tube", "profile:brandco/brand-x"],
    }[scope]
    some = {"organization.view_audit_log", "organization.invite_members", "team.view_team", "team.edit_team"}
    some |= {PUBLISH, "profile.view_posts", "profile.send_for_approval", "profile.publish_replies"}
    for action in sorted(name for name in some if catalogue.get(name).scope is scope):
        checked = {
            (email, name) for email in emails for name in names if asker.decide(email, action, name).allowed
        }
        assert checked == {(email, name) for email in emails for name in asker.objects_of(email, action)}
        assert checked == {(email, name) for name in names for email in asker.people_for(action, name)}


def test_questions_about_an_organization_leave_none_open(acme: Acme) -> None:
    asker = Asker(timezone.now())
    with organization_open(acme.elsewhere.pk):
        asker.decide("paul@acme.test", PUBLISH, "profile:acme/acme-news")
        assert open_organization_id() == acme.elsewhere.pk
    with pytest.raises(BadQuestion):
        asker.decide("paul@acme.test", PUBLISH, "team:acme/brand")
