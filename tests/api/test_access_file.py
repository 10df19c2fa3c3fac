"""The access file over the API: R9 holds, lines are named, a dry run changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEvent
from orgs.models import Invitation
from tenancy.context import organization_open
from tests.api.conftest import Caller, make_key, problem_in
from tests.cast import Acme
from tests.social_accounts.access_file.conftest import run

pytestmark = pytest.mark.django_db
GRANT = "      - {person: emil@acme.test, profile: acme-news, role: standard:editor}\n"


def put(caller: Caller, text: str | bytes, query: str = "", **headers: str) -> Any:
    extra = caller.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.client.put(
        f"{caller.base}/access/file{query}", data=text, content_type="application/yaml", headers=extra
    )


def test_the_file_is_what_the_command_prints_and_loading_it_changes_nothing(acme: Acme, olga: Caller) -> None:
    response = olga.get("/access/file")
    assert response["Content-Type"] == "application/yaml; charset=utf-8"
    text = response.content.decode()
    assert text == run("dump", "acme")
    loaded = put(olga, text)
    assert loaded.status_code == 200, loaded.content
    assert loaded.json() == {"dry_run": False, "changes": [], "invited": [], "waiting": []}
    with organization_open(acme.organization.pk):
        assert [event.action for event in AuditEvent.objects.all()] == ["organization.export_access_file"]


def test_a_dry_run_tells_what_would_change_and_changes_nothing(acme: Acme, olga: Caller) -> None:
    text = run("dump", "acme") + GRANT
    told = put(olga, text, "?dry_run=true").json()
    assert told["changes"] == ["+ emil@acme.test on acme-news: standard:editor: always"]
    assert told["gained_count"] > 5 and told["lost_count"] == 0
    assert not acme.access(acme.emil).can("profile.view_posts", acme.news)
    assert put(olga, text).json()["changes"] == told["changes"]
    assert acme.access(acme.emil).can("profile.view_posts", acme.news)


def test_a_dry_run_sends_nobody_anything(
    acme: Acme, olga: Caller, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    text = run("dump", "acme").replace(
        "    profiles:\n", "      - {email: new@acme.test, role: standard:member}\n    profiles:\n", 1
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert put(olga, text, "?dry_run=true").json()["invited"] == ["new@acme.test"]
    assert mailoutbox == []
    with organization_open(acme.organization.pk):
        assert not Invitation.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert put(olga, text).json()["invited"] == ["new@acme.test"]
    assert len(mailoutbox) == 1


def test_a_bad_file_names_its_lines(acme: Acme, olga: Caller) -> None:
    text = run("dump", "acme") + GRANT.replace("standard:editor", "standard:emperor")
    for query in ("", "?dry_run=true"):
        problem = problem_in(put(olga, text, query), 422)
        assert problem["lines"] == [
            {"line": len(text.splitlines()), "detail": "there is no role “standard:emperor”."}
        ]
    problem_in(put(olga, "just: nonsense"), 422)
    problem_in(put(olga, b"\xff\xfe"), 400)
    problem_in(put(olga, run("dump", "elsewhere")), 422)


def test_nobody_without_the_right_takes_it_out_or_loads_it(acme: Acme) -> None:
    marc = Caller(acme.marc)
    problem = problem_in(marc.get("/access/file"), 403)
    assert problem["decision"]["action"] == "organization.export_access_file"
    problem = problem_in(put(marc, run("dump", "acme")), 403)
    assert problem["decision"]["action"] == "organization.load_access_file"


def test_a_key_loads_only_what_it_was_issued_for(acme: Acme) -> None:
    """It may load files; it may not give what it could not do itself (R9 and R11)."""
    _key, secret = make_key(acme.organization, acme.olga, {"organization.load_access_file"})
    program = Caller(secret=secret)
    text = run("dump", "acme")
    assert put(program, text).status_code == 200
    problem = problem_in(put(program, text + GRANT), 403)
    assert problem["decision"]["action"] == "organization.edit_member_permissions"


def test_loading_twice_under_one_key_is_done_once(acme: Acme, olga: Caller) -> None:
    text = run("dump", "acme") + GRANT
    first = put(olga, text, Idempotency_Key="k")
    assert put(olga, text, Idempotency_Key="k").json() == first.json() and first.json()["changes"]
    problem_in(put(olga, text + "\n", Idempotency_Key="k"), 422)
