"""Whichever door a change comes through, a guardrail refuses it by its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from governance.models import Assertion
from governance.services.assertions import state_assertion
from orgs.models import Membership, OwnershipTransfer, SupportSession
from orgs.services.invitations import InvitationGone, Offer, accept_invitation, invite_members
from orgs.services.members import set_organization_role
from orgs.services.ownership import accept_ownership, offer_ownership
from permissions.catalogue import Scope
from permissions.custom_roles import edit_role
from permissions.errors import BreaksAssertion
from permissions.roles import builtin_role
from permissions.what_if import preview
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.api.conftest import Caller, problem_in
from tests.cast import Acme, make_own_role, make_person, role
from tests.social_accounts.access_file.conftest import run

SignIn = Callable[[User], Client]
PUBLISH = "profile.publish_posts"
MANAGE = "profile.manage_profile_access"
NAMED = "This would break the guardrail “Speaking”"


def organization_role(slug: str) -> Any:
    return builtin_role(f"standard:{slug}", Scope.ORGANIZATION)


@pytest.fixture
def guarded(acme: Acme) -> Acme:
    """On Quiet nobody but owner and managers publishes; two members manage the access of every profile."""
    rules = [
        Assertion(
            kind="only",
            name="Speaking",
            action=PUBLISH,
            where="profiles",
            profile_ids=[acme.quiet.pk],
            role_ids=[organization_role("owner").permission_id, organization_role("manager").permission_id],
            organization=acme.organization,
        ),
        Assertion(kind="at_least", name="Two", action=MANAGE, number=2, organization=acme.organization),
    ]
    with organization_open(acme.organization.pk):
        for rule in rules:
            state_assertion(
                actor=acme.access(acme.olga), organization=acme.organization, rule=rule, now=timezone.now()
            )
    return acme


def has_nothing_on_quiet(acme: Acme) -> bool:
    with organization_open(acme.organization.pk):
        return not ProfileUserGrant.objects.filter(content_object=acme.quiet).exists()


def test_api_refuses_with_the_name(guarded: Acme) -> None:
    body = {
        "members": [membership_of(guarded, guarded.emil).pk],
        "profiles": [guarded.quiet.pk],
        "role": "standard:editor",
    }
    problem = problem_in(Caller(guarded.marc).post("/grants", body), 403)
    assert NAMED in problem["detail"]
    assert has_nothing_on_quiet(guarded)


def test_access_file_refuses_with_the_name_and_changes_nothing(guarded: Acme, tmp_path: Any) -> None:
    grants = "      - {person: emil@acme.test, profile: acme-quiet, role: standard:editor}\n"
    file = tmp_path / "acme.yaml"
    file.write_text(run("dump", "acme") + grants)
    with pytest.raises(CommandError, match=NAMED):
        run("load", str(file))
    assert has_nothing_on_quiet(guarded)
    file.write_text(
        file.read_text().replace("acme-quiet, role: standard:editor", "acme-quiet, role: standard:guest")
    )
    run("load", str(file))
    assert not has_nothing_on_quiet(guarded)


def test_invitation_that_would_break_one_is_not_accepted_and_the_log_says_why(guarded: Acme) -> None:
    now = datetime.now(UTC)
    with organization_open(guarded.organization.pk):
        (invitation,) = invite_members(
            actor=guarded.access(guarded.marc),
            organization=guarded.organization,
            emails=["nina@acme.test"],
            offer=Offer(
                role=organization_role("member"),
                profile_role=role("standard:editor"),
                profiles=[guarded.quiet],
            ),
            language="en",
            message="",
            now=now,
        )
    nina = make_person("Nina Newcomer", "nina@acme.test")
    with pytest.raises(InvitationGone):
        accept_invitation(user=nina, invitation=invitation, now=now)
    with organization_open(guarded.organization.pk):
        assert not Membership.objects.filter(user=nina).exists()
        refused = AuditEvent.objects.get(action="invitation.accept")
        assert refused.outcome == "refused" and NAMED in refused.reason


def test_ownership_is_not_accepted_where_it_leaves_too_few(guarded: Acme) -> None:
    """Olga would become a member: then Marc alone would manage access."""
    now = datetime.now(UTC)
    with organization_open(guarded.organization.pk):
        hand_over: dict[str, Any] = {
            "actor": guarded.access(guarded.olga),
            "organization": guarded.organization,
            "membership": membership_of(guarded, guarded.marc),
            "now": now,
        }
        transfer = offer_ownership(former_owner_role=organization_role("member"), **hand_over)
        accept: dict[str, Any] = {"actor": guarded.access(guarded.marc), "organization": guarded.organization}
        with pytest.raises(BreaksAssertion, match="“Two”"):
            accept_ownership(transfer=transfer, now=now, **accept)
        OwnershipTransfer.objects.all().delete()
        transfer = offer_ownership(former_owner_role=organization_role("manager"), **hand_over)
        accept_ownership(transfer=transfer, now=now, **accept)


def test_preview_shows_the_refusal_before_anything_is_saved(guarded: Acme) -> None:
    now = datetime.now(UTC)
    with organization_open(guarded.organization.pk):

        def change() -> None:
            set_organization_role(
                actor=guarded.access(guarded.olga),
                organization=guarded.organization,
                membership=membership_of(guarded, guarded.marc),
                role=organization_role("member"),
                now=now,
            )

        told = preview(organization_id=guarded.organization.pk, change=change, at=now)
    assert told.is_refused and "“Two”" in told.refusal


def membership_of(acme: Acme, person: User) -> Membership:
    with organization_open(acme.organization.pk):
        found: Membership = Membership.objects.get(user=person)
        return found


def test_rules_about_second_factors_are_asked_again_when_one_is_taken_away(acme: Acme) -> None:
    keys = {
        person: Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
        for person in (acme.olga, acme.marc, acme.sven)
    }
    now = timezone.now()
    with organization_open(acme.organization.pk):
        rule = state_assertion(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            rule=Assertion(kind="second_factor", name="Strong", action=MANAGE),
            now=now,
        )
        assert rule.look_again_at is None
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.user = acme.marc
    for signal in (authenticator_removed, authenticator_added):
        signal.send(sender=Authenticator, request=request, user=acme.marc, authenticator=keys[acme.marc])
        with organization_open(acme.organization.pk):
            rule.refresh_from_db()
            assert rule.look_again_at is not None and rule.look_again_at - now < timedelta(minutes=1)
            Assertion.objects.update(look_again_at=None)


def test_support_staff_reads_the_log_and_does_not_take_it_out(acme: Acme, signed_in: SignIn) -> None:
    vera = make_person("Vera Vendor", "vera@vendor.test", support_role="support")
    now = timezone.now()
    with organization_open(acme.organization.pk):
        SupportSession.objects.create(
            user=vera,
            kind="support",
            ticket="T-1",
            reason="Stuck",
            starts_at=now,
            expires_at=now + timedelta(hours=1),
        )
    client = signed_in(vera)
    assert client.get("/o/acme/audit-log/").status_code == 200
    assert client.post("/o/acme/audit-log/export/", {"file": "json"}).status_code == 403


def test_editing_a_role_of_ones_own_goes_through_no_other_door(guarded: Acme) -> None:
    own = make_own_role(guarded.organization, "Author", ["profile.view_posts", "profile.manage_drafts"])
    with organization_open(guarded.organization.pk):
        ProfileUserGrant.objects.create(
            content_object=guarded.quiet,
            user=guarded.mina,
            permission_id=own.permission_id,
            granted_by=guarded.olga,
            granted_at=timezone.now(),
        )
        change = {
            "actor": guarded.access(guarded.olga),
            "organization": guarded.organization,
            "role": own,
            "now": timezone.now(),
        }
        edit_role(actions=["profile.view_posts"], **change)
        with pytest.raises(BreaksAssertion, match="Speaking"):
            edit_role(actions=["profile.view_posts", PUBLISH], **change)
        own.refresh_from_db()
        assert own.actions == ["profile.view_posts"]
