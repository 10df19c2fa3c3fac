from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from governance.models import Assertion, AssertionBreak
from governance.services.assertions import BrokenNow, TooManyBreaks, state_assertion
from governance.services.looking_again import look_again_at_due, organizations_due
from orgs.models import Membership, OrganizationUserGrant
from orgs.services.members import remove_member, set_organization_role
from orgs.services.partner_people import assign_profiles
from orgs.services.teams import add_to_team, put_profile_in_team
from permissions.catalogue import Scope
from permissions.checker import load_access
from permissions.errors import BreaksAssertion
from permissions.roles import builtin_role
from permissions.services import end_grant, grant_role
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, Agency, assign, make_partnership, role
from tests.mails import mail_due

SignIn = Callable[[User], Client]
LIST = "/o/acme/guardrails/"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MANAGE_ACCESS = "profile.manage_profile_access"
PUBLISH = "profile.publish_posts"


def organization_role(slug: str) -> int:
    return builtin_role(f"standard:{slug}", Scope.ORGANIZATION).permission_id


def state(acme: Acme, *, knows: bool = False, now: datetime = NOW, **fields: Any) -> Assertion:
    fields.setdefault("name", "Guarded")
    with organization_open(acme.organization.pk):
        return state_assertion(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            rule=Assertion(**fields),
            now=now,
            knows_breaks=knows,
        )


def only_mina_publishes_on_quiet(acme: Acme) -> Assertion:
    return state(
        acme,
        kind="only",
        name="Speaking",
        action=PUBLISH,
        where="profiles",
        profile_ids=[acme.quiet.pk],
        people_ids=[acme.mina.pk],
        role_ids=[organization_role("owner"), organization_role("manager")],
    )


def grant(acme: Acme, person: Any, profile: Any, key: str, *, now: datetime = NOW, **more: Any) -> None:
    with organization_open(acme.organization.pk):
        grant_role(
            actor=acme.access(acme.marc), receiver=person, role=role(key), obj=profile, now=now, **more
        )


def breaks(rule: Assertion) -> list[str]:
    with organization_open(rule.organization_id):
        return sorted(AssertionBreak.objects.filter(assertion=rule).values_list("key", flat=True))


# -- the kinds ---------------------------------------------------------------------------------------------------------


def test_only_these_refuses_whoever_is_not_named_and_lets_who_is(acme: Acme) -> None:
    only_mina_publishes_on_quiet(acme)
    said = r"“Speaking”: Only Owner, Manager, Mina Moderator may “Publish posts” on @acme-quiet\S+ Emil Employee may"
    with pytest.raises(BreaksAssertion, match=said):
        grant(acme, acme.emil, acme.quiet, "standard:editor")
    with organization_open(acme.organization.pk):
        assert not ProfileUserGrant.objects.filter(user=acme.emil).exists(), "nothing is half done"
    grant(acme, acme.mina, acme.quiet, "standard:editor")
    grant(acme, acme.emil, acme.quiet, "standard:moderator")
    grant(acme, acme.emil, acme.sky, "standard:editor")


def test_only_these_is_asked_of_teams_and_organization_roles_as_well(acme: Acme) -> None:
    only_mina_publishes_on_quiet(acme)
    with organization_open(acme.organization.pk):
        with pytest.raises(BreaksAssertion, match="Paul Editor"):
            put_profile_in_team(
                actor=acme.access(acme.marc),
                team=acme.brand,
                profile=acme.quiet,
                role=role("standard:editor"),
                now=NOW,
            )
        emil = Membership.objects.get(user=acme.emil)
        with pytest.raises(BreaksAssertion, match="Emil Employee"):
            set_organization_role(
                actor=acme.access(acme.olga),
                organization=acme.organization,
                membership=emil,
                role=builtin_role("standard:co_owner", Scope.ORGANIZATION),
                now=NOW,
            )
        set_organization_role(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            membership=emil,
            role=builtin_role("standard:manager", Scope.ORGANIZATION),
            now=NOW,
        )


def test_window_that_opens_later_is_refused_when_it_is_given(acme: Acme) -> None:
    only_mina_publishes_on_quiet(acme)
    with pytest.raises(BreaksAssertion, match="Emil"):
        grant(acme, acme.emil, acme.quiet, "standard:editor", starts_at=NOW + timedelta(days=30))


def test_at_least_counts_members_and_refuses_the_one_too_few(acme: Acme) -> None:
    """On every profile the owner and one manager (Sven is suspended) manage access."""
    rule = {"kind": "at_least", "name": "Two", "action": MANAGE_ACCESS, "number": 2}
    state(acme, **rule)
    with organization_open(acme.organization.pk):
        marc = Membership.objects.get(user=acme.marc)
        remove: dict[str, Any] = {
            "actor": acme.access(acme.olga),
            "organization": acme.organization,
            "now": NOW,
        }
        with pytest.raises(BreaksAssertion, match=r"“Two”: At least 2 members may .* has only 1\."):
            remove_member(membership=marc, **remove)
        assert Membership.objects.filter(user=acme.marc).exists()
    with organization_open(acme.organization.pk):
        ana = Membership.objects.get(user=acme.ana)
        set_organization_role(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            membership=ana,
            role=builtin_role("standard:manager", Scope.ORGANIZATION),
            now=NOW,
        )
        remove_member(membership=marc, **remove)


def test_nobody_may_both_is_asked_on_the_same_profile(acme: Acme) -> None:
    state(
        acme,
        kind="not_both",
        name="Four eyes",
        action="profile.send_for_approval",
        other_action="profile.review_posts",
        where="profiles",
        profile_ids=[acme.news.pk],
        knows=True,
    )
    with pytest.raises(BreaksAssertion, match=r"“Four eyes”.*Emil Employee may do both on @acme-news"):
        grant(acme, acme.emil, acme.news, "standard:administrator")
    grant(acme, acme.emil, acme.quiet, "standard:administrator")
    grant(acme, acme.emil, acme.news, "standard:guest")


def test_partner_rules_look_at_what_is_shared_and_handed_on(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    rule = {"kind": "no_partner_may", "name": "No partner", "action": PUBLISH}
    quiet = state(acme, where="profiles", profile_ids=[acme.quiet.pk], **rule)
    assert breaks(quiet) == []
    assign(partnership, acme.news, agency.ada, "standard:editor")
    with pytest.raises(BrokenNow) as broken:
        state(acme, **(rule | {"name": "Nowhere"}))
    assert [(one.user_id, one.profile_id) for one in broken.value.breaks] == [(agency.ada.pk, acme.news.pk)]
    ends = state(acme, kind="partner_grants_end", name="Ends", knows=True)
    assert len(breaks(ends)) == 1


def test_partner_who_hands_a_profile_on_is_refused_by_the_brands_guardrail(
    acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    state(acme, kind="no_partner_may", name="No partner", action=PUBLISH)
    with organization_open(acme.organization.pk):
        shared = ProfileGroupGrant.objects.get(partnership=partnership)
    with organization_open(agency.organization.pk):
        ada = load_access(user=agency.ada, organization_id=agency.organization.pk, at=timezone.now())
        hand_on: dict[str, Any] = {
            "actor": ada,
            "partnership": partnership,
            "people": [agency.ada],
            "grants": [shared],
            "now": timezone.now(),
        }
        with pytest.raises(BreaksAssertion, match="“No partner”"):
            assign_profiles(role=role("standard:editor"), **hand_on)
        assign_profiles(role=role("standard:guest"), **hand_on)


def test_grants_at_most_counts_days_and_knows_no_end_as_the_worst(acme: Acme) -> None:
    rule = state(acme, kind="grants_at_most", name="Short", number=30, knows=True)
    assert len(breaks(rule)) == 3, "Paul, Mina and Gus have roles without an end"
    with pytest.raises(BreaksAssertion, match=r"Emil Employee has a role on .* without an end"):
        grant(acme, acme.emil, acme.news, "standard:guest")
    with pytest.raises(BreaksAssertion, match="for 2 days too long"):
        grant(acme, acme.emil, acme.news, "standard:guest", expires_at=NOW + timedelta(days=31, hours=1))
    grant(acme, acme.emil, acme.news, "standard:guest", expires_at=NOW + timedelta(days=30))
    grant(acme, acme.paul, acme.news, "standard:editor", expires_at=NOW + timedelta(days=40))
    with pytest.raises(BreaksAssertion, match="Paul"):
        grant(acme, acme.paul, acme.news, "standard:editor")


def test_second_factor_is_asked_of_whoever_would_hold_the_action(acme: Acme) -> None:
    for person in (acme.olga, acme.marc, acme.sven):
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    state(acme, kind="second_factor", name="Strong", action=MANAGE_ACCESS)
    with pytest.raises(BreaksAssertion, match=r"“Strong”.*Emil Employee has no second factor"):
        grant(acme, acme.emil, acme.news, "standard:administrator")
    Authenticator.objects.create(user=acme.emil, type=Authenticator.Type.TOTP, data={"secret": "x"})
    grant(acme, acme.emil, acme.news, "standard:administrator")


def test_action_of_the_organization_has_one_place(acme: Acme) -> None:
    state(acme, kind="at_least", name="Inviters", action="organization.invite_members", number=2)
    with (
        organization_open(acme.organization.pk),
        pytest.raises(BreaksAssertion, match="the organization has only 1"),
    ):
        remove_member(
            actor=acme.access(acme.olga),
            organization=acme.organization,
            membership=Membership.objects.get(user=acme.marc),
            now=NOW,
        )


# -- known breaks ------------------------------------------------------------------------------------------------------


def test_rule_that_is_broken_now_is_saved_knowingly_and_never_gets_worse(acme: Acme) -> None:
    rule: dict[str, Any] = {"kind": "only", "action": PUBLISH, "role_ids": [organization_role("owner")]}
    with pytest.raises(BrokenNow) as broken:
        state(acme, **rule)
    saved = state(acme, knows=True, **rule)
    assert len(breaks(saved)) == len(broken.value.breaks) > 0
    grant(acme, acme.paul, acme.news, "standard:editor", reason="as before")
    with pytest.raises(BreaksAssertion):
        grant(acme, acme.paul, acme.quiet, "standard:editor")
    key = f"u{acme.paul.pk}:p{acme.news.pk}"
    assert key in breaks(saved)
    grant(acme, acme.paul, acme.news, "standard:none")
    assert key not in breaks(saved), "mended"
    with organization_open(acme.organization.pk):
        none = ProfileUserGrant.objects.get(user=acme.paul, permission=role("standard:none").permission_id)
        with pytest.raises(BreaksAssertion, match="Paul"):
            end_grant(actor=acme.access(acme.marc), grant=none, now=NOW)


def test_too_many_breaks_are_no_rule(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.services.assertions.BREAKS_KEPT", 2)
    with pytest.raises(TooManyBreaks, match="More than 2 places"):
        state(acme, kind="grants_at_most", number=1, knows=True)


def test_what_time_breaks_is_found_told_to_the_owner_and_refuses_nobody(
    acme: Acme, django_capture_on_commit_callbacks: Any
) -> None:
    """Marc's role ends in a day: from then on Olga is the only one, and nobody made a change."""
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(expires_at=NOW + timedelta(days=1))
    rule = state(acme, kind="at_least", name="Two", action=MANAGE_ACCESS, number=2)
    assert rule.look_again_at == NOW + timedelta(days=1)
    assert organizations_due(NOW + timedelta(hours=1)) == []
    later = NOW + timedelta(days=1, minutes=1)
    assert organizations_due(later) == [acme.organization.pk]
    with django_capture_on_commit_callbacks(execute=True), organization_open(acme.organization.pk):
        assert look_again_at_due(organization=acme.organization, now=later) == 1
        assert AuditEvent.objects.filter(action="assertion.broken").count() == 1
    assert len(breaks(rule)) == 3
    mail_due()
    message = mail.outbox[-1]
    assert message.to == [acme.olga.email]
    assert "no longer holds: Two" in message.subject and "has only 1." in message.body
    with organization_open(acme.organization.pk):
        assert look_again_at_due(organization=acme.organization, now=later) == 0, "told once"


def test_change_after_a_window_ended_is_not_blamed_for_it(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(expires_at=NOW + timedelta(days=1))
    rule = state(acme, kind="at_least", name="Two", action=MANAGE_ACCESS, number=2)
    later = NOW + timedelta(days=2)
    with organization_open(acme.organization.pk):
        grant_role(
            actor=acme.access(acme.olga),
            receiver=acme.emil,
            role=role("standard:guest"),
            obj=acme.news,
            now=later,
        )
    assert len(breaks(rule)) == 3, "noted when the change began"


# -- the screens -------------------------------------------------------------------------------------------------------


def typed(acme: Acme, **more: Any) -> dict[str, Any]:
    return {
        "name": "Speaking",
        "action": PUBLISH,
        "where": "profiles",
        "profiles": [acme.quiet.pk],
        "people": "mina@acme.test",
        "roles": [organization_role("owner"), organization_role("manager")],
        **more,
    }


def test_guardrail_is_tried_stated_changed_and_deleted_through_its_pages(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.olga)
    assert "Only these may do something" in client.get(f"{LIST}new/").content.decode()
    tried = client.post(f"{LIST}new/only/", typed(acme, act="try"))
    assert tried.status_code == 200 and "It holds today" in tried.content.decode()
    with organization_open(acme.organization.pk):
        assert not Assertion.objects.exists(), "trying changes nothing"
    saved = client.post(f"{LIST}new/only/", typed(acme))
    assert saved.status_code == 303
    page = client.get(saved["Location"]).content.decode()
    assert "Holds" in page and "Only Owner, Manager, Mina Moderator may" in page
    assert "Speaking" in client.get(LIST).content.decode()
    edit = f"{saved['Location']}edit/"
    assert "mina@acme.test" in client.get(edit).content.decode()
    assert client.post(edit, typed(acme, name="Speech")).status_code == 303
    assert client.post(f"{saved['Location']}check/").status_code == 303
    assert client.post(f"{saved['Location']}delete/", {"reason": "No need"}).status_code == 303
    with organization_open(acme.organization.pk):
        told = AuditEvent.objects.filter(action__startswith="assertion.").order_by("sequence")
        assert [event.action for event in told] == [
            "assertion.create",
            "assertion.update",
            "assertion.delete",
        ]
        assert told[1].before["name"] == "Speaking" and told[1].after["name"] == "Speech"
        assert told[2].reason == "No need"


def test_broken_guardrail_is_shown_with_what_breaks_it_before_it_is_saved(
    acme: Acme, signed_in: SignIn
) -> None:
    client = signed_in(acme.olga)
    data = typed(acme, profiles=[acme.news.pk])
    answer = client.post(f"{LIST}new/only/", data)
    text = answer.content.decode()
    assert (
        answer.status_code == 422 and "Paul Editor may do it on @acme-news" in text and "knows_breaks" in text
    )
    saved = client.post(f"{LIST}new/only/", {**data, "knows_breaks": "yes"})
    assert saved.status_code == 303
    page = client.get(saved["Location"]).content.decode()
    assert "Paul Editor may do it" in page and "Broken" in page
    assert "Broken in 1 place" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"action": ""}, "This field is required"),
        ({"action": "profile.nonsense"}, "Select a valid choice"),
        ({"profiles": []}, "This field is required"),
        ({"people": "nobody@acme.test"}, "Nobody here has the address nobody@acme.test"),
        ({"people": "mallory@elsewhere.test"}, "Nobody here has the address mallory@elsewhere.test"),
        ({"people": "", "roles": []}, "Choose who may"),
    ],
)
def test_nonsense_comes_back_with_what_was_typed(
    acme: Acme, signed_in: SignIn, more: dict[str, Any], said: str
) -> None:
    answer = signed_in(acme.olga).post(f"{LIST}new/only/", typed(acme, **more))
    assert answer.status_code == 422
    assert said in answer.content.decode() and "Speaking" in answer.content.decode()


def test_second_guardrail_of_a_name_is_refused(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.olga)
    assert client.post(f"{LIST}new/only/", typed(acme)).status_code == 303
    again = client.post(f"{LIST}new/only/", typed(acme))
    assert again.status_code == 422 and "is called “Speaking”" in again.content.decode()


def test_manager_may_not_touch_the_rules_that_watch_him(acme: Acme, signed_in: SignIn) -> None:
    rule = only_mina_publishes_on_quiet(acme)
    marc = signed_in(acme.marc)
    assert marc.get(LIST).status_code == 403
    assert marc.post(f"{LIST}new/only/", typed(acme)).status_code == 403
    assert marc.post(f"{LIST}{rule.pk}/delete/").status_code == 403
    assert marc.get("/o/acme/guardrails/new/nonsense/").status_code == 403
    assert signed_in(acme.olga).get("/o/acme/guardrails/new/nonsense/").status_code == 404


def test_refusal_at_the_page_names_the_guardrail_and_is_kept(acme: Acme, signed_in: SignIn) -> None:
    only_mina_publishes_on_quiet(acme)
    with organization_open(acme.organization.pk):
        emil = Membership.objects.get(user=acme.emil)
    editor = role("standard:editor").permission_id
    answer = signed_in(acme.marc).post(
        f"/o/acme/members/{emil.pk}/grants/new/", {"role": editor, "profiles": [acme.quiet.pk]}
    )
    assert answer.status_code in (403, 422)
    assert re.search("This would break the guardrail “Speaking”", answer.content.decode())
    with organization_open(acme.organization.pk):
        kept = AuditEvent.objects.filter(outcome=AuditEvent.Outcome.REFUSED)
        assert "“Speaking”" in kept.get().reason
        assert not ProfileUserGrant.objects.filter(user=acme.emil).exists()


def test_team_place_brings_what_the_team_has_and_is_refused_for_it(acme: Acme) -> None:
    state(
        acme,
        kind="only",
        name="Sky",
        action=PUBLISH,
        where="workspaces",
        workspace_ids=[acme.main.pk],
        people_ids=[acme.paul.pk, acme.ana.pk],
        role_ids=[organization_role("owner"), organization_role("manager")],
    )
    with (
        organization_open(acme.organization.pk),
        pytest.raises(BreaksAssertion, match=r"Emil Employee.*@acme-sky"),
    ):
        add_to_team(
            actor=acme.access(acme.marc),
            team=acme.brand,
            membership=Membership.objects.get(user=acme.emil),
            role=builtin_role("standard:team_member", Scope.TEAM),
            now=NOW,
        )
