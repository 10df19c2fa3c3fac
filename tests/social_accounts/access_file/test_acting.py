"""A file loaded by an administrator: R9 holds, strangers are invited, and nothing of his own changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Invitation, Membership
from permissions.checker import load_access
from permissions.errors import NotAllowed
from social_accounts.access_file.acting import Loaded, load_as, state_in
from social_accounts.access_file.state import FileRefused
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, add_member, assign, make_agency, make_partnership, make_person
from tests.social_accounts.access_file.conftest import run

LoadAs = Callable[[str], Loaded]
pytestmark = pytest.mark.django_db
PAUL = "paul@acme.test: standard:team_member"
GRANT = "      - {person: emil@acme.test, profile: acme-news, role: standard:editor}\n"


@pytest.fixture
def cora(acme: Acme) -> User:
    """A co-owner: she may load the file, and is not the owner."""
    cora = make_person("Cora Owner")
    add_member(acme.organization, cora, "standard:co_owner")
    return cora


@pytest.fixture
def load(acme: Acme, cora: User, django_capture_on_commit_callbacks: Any) -> Callable[..., Loaded]:
    def loaded(text: str, person: User | None = None) -> Loaded:
        now = datetime.now(UTC)
        with organization_open(acme.organization.pk), django_capture_on_commit_callbacks(execute=True):
            actor = load_access(user=person or cora, organization_id=acme.organization.pk, at=now)
            state = state_in(text, acme.organization)
            return load_as(actor=actor, organization=acme.organization, state=state, now=now)

    return loaded


def refused(load: Callable[..., Loaded], text: str, reason: str, line: str = "") -> None:
    """Fail unless loading is refused for this reason, at the line that holds this text; and nothing is changed."""
    before = run("dump", "acme")
    with pytest.raises(FileRefused) as refusal:
        load(text)
    problem = next(problem for problem in refusal.value.problems if reason in problem.reason)
    if line:
        assert line in text.splitlines()[problem.line - 1]
    assert run("dump", "acme") == before


def test_loading_ones_own_dump_changes_nothing(load: LoadAs, acme: Acme) -> None:
    partnership = make_partnership(
        acme.organization, make_agency().organization, {acme.sky: "standard:editor"}
    )
    assert partnership.is_active
    assert load(run("dump", "acme")) == Loaded(())
    with organization_open(acme.organization.pk):
        assert not AuditEvent.objects.exists()


def test_a_role_is_given_in_the_administrators_name(load: LoadAs, acme: Acme, cora: User) -> None:
    loaded = load(run("dump", "acme") + GRANT)
    assert loaded.changes == ("+ emil@acme.test on acme-news: standard:editor: always",)
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.emil)
        event = AuditEvent.objects.get()
    assert grant.granted_by == cora and event.actor_id == cora.pk
    assert event.action == "organization.load_access_file"


def test_who_is_no_member_is_invited_and_what_he_shall_have_waits(load: LoadAs, acme: Acme) -> None:
    person = "      - {email: new@acme.test, role: standard:member}\n"
    text = run("dump", "acme").replace("    profiles:\n", person + "    profiles:\n", 1)
    text += GRANT.replace("emil@acme.test", "new@acme.test")
    loaded = load(text)
    assert loaded.invited == ("new@acme.test",) and loaded.changes == ("+ invitation new@acme.test",)
    assert [message.to for message in mail.outbox] == [["new@acme.test"]]
    with organization_open(acme.organization.pk):
        assert Invitation.objects.get().email == "new@acme.test"
        assert not Membership.objects.filter(user__email="new@acme.test").exists()
    again = load(text)
    assert again.waiting == ("new@acme.test",) and not again.changes and len(mail.outbox) == 1
    add_member(acme.organization, make_person("New Person", "new@acme.test"), "standard:member")
    assert load(text).changes == ("+ new@acme.test on acme-news: standard:editor: always",)


def test_nobody_changes_himself_by_a_file(load: LoadAs, acme: Acme) -> None:
    text = run("dump", "acme")
    own = "email: cora@acme.test, name: Cora Owner, role: standard:co_owner"
    assert own in text
    for changed in (
        text.replace(own, own.replace("co_owner", "member")),
        text.replace(own, f"{own}, expires: 2040-01-01T00:00:00Z"),
        text + GRANT.replace("emil", "cora"),
        text.replace(PAUL, f"{PAUL}\n          cora@acme.test: standard:team_member"),
        "".join(line for line in text.splitlines(True) if "cora@" not in line),
    ):  # fmt: skip
        assert changed != text
        refused(load, changed, "cannot change your own access")


def test_the_owner_is_out_of_reach(load: LoadAs, acme: Acme) -> None:
    text = run("dump", "acme")
    text = text.replace("Olga Owner, role: standard:owner", "Olga Owner, role: standard:member")
    text = text.replace("Marc Manager, role: standard:manager", "Marc Manager, role: standard:owner")
    refused(load, text, "owns the organization", "olga@")


def test_a_file_gives_nobody_what_its_sender_does_not_hold(load: LoadAs, acme: Acme, cora: User) -> None:
    """Cora is made a custom owner's helper who may load files and little else."""
    text = run("dump", "acme")
    role = (
        "    roles:\n      - {slug: loader, scope: organization, name: Loader, actions: [load_access_file,"
        " edit_member_permissions, suspend_member, invite_members, manage_roles, view_own_profiles]}\n"
    )
    text = text.replace("    profiles:\n", role + "    profiles:\n", 1)
    load(text, acme.olga)
    lena = make_person("Lena Loader")
    add_member(acme.organization, lena, "standard:member")
    given = run("dump", "acme").replace(
        "name: Lena Loader, role: standard:member", "name: Lena Loader, role: loader"
    )
    load(given, acme.olga)
    now = run("dump", "acme")

    def as_lena(text: str) -> Loaded:
        return load(text, lena)  # type: ignore[call-arg]

    assert as_lena(now) == Loaded(())
    refused(as_lena, now + GRANT, "do not hold everything in it", "emil@acme.test")
    bigger = now.replace("invite_members, ", "invite_members, export_access_file, ")
    assert bigger != now
    refused(as_lena, bigger, "cannot change your own access")
    emil = "email: emil@acme.test, name: Emil Employee, role: standard:member"
    refused(as_lena, now.replace(emil, emil.replace("member", "manager")), "do not hold everything", "emil@")
    new = "      - {email: x@acme.test, role: standard:co_owner}\n"
    refused(as_lena, now.replace("    roles:\n", new + "    roles:\n", 1), "do not hold everything", "x@acme")
    marc = "email: marc@acme.test, name: Marc Manager, role: standard:manager"
    assert marc in now
    refused(as_lena, now.replace(marc, f"{marc}, status: suspended"), "may do more here than you", "marc@")
    with pytest.raises(NotAllowed) as missing:
        as_lena(now.replace("name: Brand}", "name: B}").replace("name: Brand\n", "name: B\n"))
    assert missing.value.decision.action == "organization.manage_teams"


def test_who_may_not_load_files_is_told_why(load: Any, acme: Acme) -> None:
    with pytest.raises(NotAllowed):
        load(run("dump", "acme"), acme.marc)


def test_a_file_of_another_organization_is_refused(load: LoadAs, acme: Acme) -> None:
    refused(load, run("dump", "elsewhere"), "loaded in its own organization")
    refused(load, run("dump", "acme", "elsewhere"), "loaded in its own organization")


def test_partners_are_narrowed_and_ended_and_not_made(load: LoadAs, acme: Acme) -> None:
    agency = make_agency()
    text = run("dump", "acme")
    new = "    partners:\n      - organization: agency\n"
    refused(load, text + new, "it has to agree", "agency")
    partnership = make_partnership(acme.organization, agency.organization, {acme.sky: "standard:editor"})
    assign(partnership, acme.sky, agency.abe, "standard:moderator")
    now = run("dump", "acme")
    asa = "          - {person: asa@agency.test, profile: acme-sky, role: standard:guest}\n"
    handed = now.replace("assignments:\n", f"assignments:\n{asa}")
    assert handed != now
    refused(load, handed, "is decided by agency", "asa@")
    shared = "{profile: acme-sky, role: standard:editor}"
    assert shared in now
    narrowed = load(now.replace(shared, shared.replace("editor", "guest")))
    assert narrowed.changes == ("~ partner agency on acme-sky: standard:editor -> standard:guest",)
    assert not acme.access(agency.abe).can("profile.send_for_approval", acme.sky)
    assert load(text).changes[0].startswith("- partner agency")
