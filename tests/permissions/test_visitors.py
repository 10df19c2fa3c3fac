"""Partners' people, the vendor's staff, and API keys: what they may do, what is said of it, and where it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, User
from audit.models import AuditEvent
from orgs.models import Membership, Organization, Partnership, SupportSession
from orgs.selectors import people_with_standing
from permissions.checker import Access, KeyLimits, load_access, people_who_may
from permissions.errors import NotAllowed, WouldEscalate
from permissions.giving import refuse_assigning, refuse_sharing
from permissions.services import NotAMember, begin_act, begin_change, grant_role
from social_accounts.models import ProfileGroupGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import (
    LONG_AGO,
    Acme,
    Agency,
    add_member,
    assign,
    give,
    make_agency,
    make_partnership,
    make_person,
    make_profile,
    role,
    share,
)

PUBLISH, VIEW = "profile.publish_posts", "profile.view_posts"
SignIn = Callable[[User], Client]


@pytest.fixture
def agency(db: None) -> Agency:
    return make_agency()


def told(access: Access, action: str, profile: SocialProfile) -> str:
    with organization_open(access.organization_id):
        return access.decide(action, profile).text


def visit(organization: Organization, kind: str = "support", **fields: object) -> User:
    """Let Sam of the vendor's staff open a session for ticket 4711, from an hour ago until in an hour."""
    sam = make_person("Sam Support", "sam@vendor.test", support_role=kind)
    now = datetime.now(UTC)
    window = {"starts_at": now - timedelta(hours=1), "expires_at": now + timedelta(hours=1)}
    with organization_open(organization.pk):
        SupportSession.objects.create(
            user=sam, **({"kind": kind, "ticket": "4711", "reason": "Posts are stuck"} | window | fields)
        )
    return sam


# -- partners (R8) -----------------------------------------------------------------------------------------------------


def test_what_is_shared_with_a_partner_is_nobodys_before_it_is_assigned(acme: Acme, agency: Agency) -> None:
    make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    for person in agency.everybody.values():
        access = acme.access(person)
        assert not access.can(VIEW, acme.news)
        assert "Shared with Agency, but not assigned to this person" in told(access, VIEW, acme.news)
        assert "Shared with Agency" not in told(access, VIEW, acme.sky)


def test_partners_person_has_what_both_roles_hold_and_nothing_beside_it(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(
        acme.organization, agency.organization, {acme.news: "standard:moderator", acme.sky: "standard:editor"}
    )
    assign(partnership, acme.news, agency.abe, "standard:editor")
    assign(partnership, acme.sky, agency.abe, "standard:editor")
    give(acme.quiet, agency.abe, "standard:editor")  # left over from a membership
    access = acme.access(agency.abe)
    assert access.can("profile.send_for_approval", acme.news) and not access.can(PUBLISH, acme.news)
    assert access.can(PUBLISH, acme.sky) and not access.can(VIEW, acme.quiet)
    assert not access.can("organization.view_own_profiles", acme.organization)
    with organization_open(acme.organization.pk):
        assert set(access.filter(SocialProfile.objects.all(), VIEW)) == {acme.news, acme.sky}
        everybody = people_with_standing(acme.organization.pk)
        asked = people_who_may(
            PUBLISH, acme.sky, among=everybody, organization_id=acme.organization.pk, at=datetime.now(UTC)
        )
    assert agency.abe in asked and agency.asa not in asked and acme.paul in asked


def test_narrowing_the_grant_narrows_the_person_at_once(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    assert acme.access(agency.abe).can(PUBLISH, acme.news)
    with organization_open(acme.organization.pk):
        grants = ProfileGroupGrant.objects.filter(partnership=partnership)
        grants.update(permission=role("standard:guest").permission_id)
    assert not acme.access(agency.abe).can(PUBLISH, acme.news)
    assert acme.access(agency.abe).can(VIEW, acme.news)


def test_intersection_that_needs_approval_gives_nothing_where_there_is_none(
    acme: Acme, agency: Agency
) -> None:
    tube = make_profile(acme.organization, "acme-tube", "youtube")
    partnership = make_partnership(acme.organization, agency.organization, {tube: "standard:moderator"})
    assign(partnership, tube, agency.abe, "standard:administrator")
    assert not acme.access(agency.abe).can(VIEW, tube)
    assert "needs approval, which this network does not have" in told(acme.access(agency.abe), VIEW, tube)


def test_explanation_names_the_partner_both_roles_who_gave_them_and_until_when(
    acme: Acme, agency: Agency
) -> None:
    partnership = make_partnership(acme.organization, agency.organization)
    share(
        partnership,
        acme.news,
        "standard:administrator",
        granted_by=acme.olga,
        expires_at=datetime(2031, 1, 1, tzinfo=UTC),
    )
    assign(
        partnership,
        acme.news,
        agency.abe,
        "standard:editor",
        granted_by=agency.ada,
        reason="Spring campaign",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    text = told(acme.access(agency.abe), PUBLISH, acme.news)
    for fact in ("Editor", "Administrator", "partner Agency", "Olga Owner", "Ada Agency", "Spring campaign"):
        assert fact in text, fact
    assert "2030" in text and "2031" in text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Partnership.Status.ENDED, "The partnership with Agency has ended"),
        (Partnership.Status.INVITED, "The partnership with Agency has not begun"),
        (Partnership.Status.DECLINED, "There is no partnership with Agency"),
    ],
)
def test_partnership_that_is_not_active_is_told_as_what_is_missing(
    status: str, sentence: str, acme: Acme, agency: Agency
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    with organization_open(acme.organization.pk):
        Partnership.objects.update(status=status)
    access = acme.access(agency.abe)
    assert access.snapshot.standing is None and not access.can(VIEW, acme.news)
    assert sentence in told(access, VIEW, acme.news)
    assert sentence not in told(acme.access(acme.mallory), VIEW, acme.news)


def test_suspension_in_the_agency_ends_what_was_assigned_and_is_told(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    with organization_open(agency.organization.pk):
        Membership.objects.filter(user=agency.abe).update(status=Membership.Status.SUSPENDED)
    access = acme.access(agency.abe)
    assert not access.can(VIEW, acme.news)
    assert "Partner: Agency." in told(access, VIEW, acme.news)


def test_windows_of_grant_and_assignment_are_both_looked_at_and_told(acme: Acme, agency: Agency) -> None:
    now = datetime.now(UTC)
    partnership = make_partnership(acme.organization, agency.organization)
    share(partnership, acme.news, "standard:editor", expires_at=now - timedelta(hours=1))
    share(partnership, acme.sky, "standard:editor")
    assign(partnership, acme.news, agency.abe, "standard:editor")
    assign(partnership, acme.sky, agency.abe, "standard:editor", starts_at=now + timedelta(hours=1))
    access = acme.access(agency.abe)
    assert not access.can(VIEW, acme.news) and not access.can(VIEW, acme.sky)
    assert "What is shared through Agency has ended" in told(access, VIEW, acme.news)
    assert "What is shared through Agency has not begun" in told(access, VIEW, acme.sky)
    assert access.at_moment(now + timedelta(hours=2)).can(VIEW, acme.sky)


def test_membership_decides_for_a_member_even_a_suspended_one(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    for person in (acme.gus, acme.sven):
        add_member(agency.organization, person, "standard:member")
        assign(partnership, acme.news, person, "standard:editor")
        assert not acme.access(person).can(PUBLISH, acme.news)


def test_second_factor_asked_of_everyone_is_asked_of_partners_people(acme: Acme, agency: Agency) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    for policy, right in (("everyone", False), ("managers", True)):
        Organization.objects.filter(pk=acme.organization.pk).update(two_factor=policy)
        with organization_open(acme.organization.pk):
            access = load_access(
                user=agency.abe,
                organization_id=acme.organization.pk,
                at=datetime.now(UTC),
                has_second_factor=False,
            )
            assert access.can(VIEW, acme.news) == right, policy


def test_direct_role_is_not_given_to_a_partners_person(acme: Acme, agency: Agency) -> None:
    make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    with organization_open(acme.organization.pk), pytest.raises(NotAMember):
        grant_role(
            actor=acme.access(acme.olga),
            receiver=agency.abe,
            role=role("standard:guest"),
            obj=acme.news,
            now=datetime.now(UTC),
        )


def test_nobody_shares_more_than_he_holds_or_assigns_more_than_was_granted(
    acme: Acme, agency: Agency
) -> None:
    give(acme.quiet, acme.paul, "standard:editor")
    editor, guest, administrator = (role(f"standard:{one}") for one in ("editor", "guest", "administrator"))
    with organization_open(acme.organization.pk):
        refuse_sharing(giver=acme.access(acme.marc), role=editor, profile=acme.quiet)
        with pytest.raises(NotAllowed):
            refuse_sharing(giver=acme.access(acme.paul), role=guest, profile=acme.quiet)
        with pytest.raises(WouldEscalate):
            refuse_sharing(giver=acme.access(acme.marc), role=role("standard:none"), profile=acme.quiet)
    ada, abe = agency.access(agency.ada), agency.access(agency.abe)
    with organization_open(agency.organization.pk):
        refuse_assigning(assigner=ada, partner=agency.organization, role=guest, granted=editor)
        with pytest.raises(WouldEscalate):
            refuse_assigning(assigner=ada, partner=agency.organization, role=administrator, granted=editor)
        with pytest.raises(NotAllowed):
            refuse_assigning(assigner=abe, partner=agency.organization, role=guest, granted=editor)


def test_partners_person_finds_pages_that_show_what_is_shared_and_no_more(
    acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, agency.abe, "standard:editor")
    client = signed_in(agency.abe)
    shown = ("organization_home", "calendar", "profile_list", "team_list", "my_access", "post_new")
    statuses = {route: client.get(reverse(route, args=["acme"])).status_code for route in shown}
    assert set(statuses.values()) == {200}, statuses
    hidden = {"organization_leave": 404, "ownership": 404, "access_ask": 404, "member_list": 403}
    for route, status in hidden.items():
        assert client.get(reverse(route, args=["acme"])).status_code == status, route
    listed = client.get(reverse("profile_list", args=["acme"])).content.decode()
    assert "acme-news" in listed and "acme-sky" not in listed
    assert "Brand" not in client.get(reverse("team_list", args=["acme"])).content.decode()
    assert signed_in(acme.mallory).get(reverse("organization_home", args=["acme"])).status_code == 404


# -- staff (R10) -------------------------------------------------------------------------------------------------------


def test_support_does_all_but_export_and_the_team_all_but_manage_people(acme: Acme) -> None:
    sam = visit(acme.organization)
    access = acme.access(sam)
    assert access.can("organization.edit_member_permissions", acme.organization)
    assert access.can(PUBLISH, acme.quiet)
    assert not access.can("organization.export_roi_reports", acme.organization)
    User.objects.filter(pk=sam.pk).update(support_role="team")
    with organization_open(acme.organization.pk):
        SupportSession.objects.update(kind="team")
    access = acme.access(sam)
    assert access.can("organization.export_roi_reports", acme.organization)
    assert not access.can("organization.edit_member_permissions", acme.organization)


def test_staff_may_nothing_without_an_open_session_the_organization_allows(acme: Acme) -> None:
    sam = visit(acme.organization)
    assert acme.access(sam).can(VIEW, acme.news)
    later = acme.access(sam).at_moment(datetime.now(UTC) + timedelta(hours=2))
    assert not later.can(VIEW, acme.news)
    assert "The support session is not open now" in told(later, VIEW, acme.news)
    assert "4711" in told(later, VIEW, acme.news)
    Organization.objects.filter(pk=acme.organization.pk).update(allows_support=False)
    assert not acme.access(sam).can(VIEW, acme.news)
    assert "does not allow the support staff" in told(acme.access(sam), VIEW, acme.news)
    Organization.objects.filter(pk=acme.organization.pk).update(allows_support=True)
    User.objects.filter(pk=sam.pk).update(support_role="team")  # a session of what he is no longer
    assert not acme.access(sam).can(VIEW, acme.news)
    User.objects.filter(pk=sam.pk).update(support_role="support")
    with organization_open(acme.organization.pk):
        SupportSession.objects.update(ended_at=datetime.now(UTC))
    assert not acme.access(sam).can(VIEW, acme.news)
    assert "No support session is open" in told(acme.access(sam), VIEW, acme.news)


def test_explanation_of_staff_names_ticket_reason_and_end(acme: Acme) -> None:
    sam = visit(acme.organization, expires_at=datetime(2031, 5, 1, tzinfo=UTC))
    text = told(acme.access(sam), VIEW, acme.news)
    assert "ticket 4711" in text and "Posts are stuck" in text and "2031" in text


def test_what_staff_do_names_the_ticket_in_the_audit_log(acme: Acme, signed_in: SignIn) -> None:
    sam = visit(acme.organization)
    client = signed_in(sam)
    answer = client.post(reverse("team_new", args=["acme"]), {"name": "Found by Sam", "description": ""})
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.order_by("-sequence").first()
    assert event is not None, answer.status_code
    assert event.actor_id == sam.pk
    assert "Sam Support" in event.actor_label and "4711" in event.actor_label


def test_member_of_the_staff_who_is_a_member_is_one(acme: Acme) -> None:
    sam = visit(acme.organization)
    add_member(acme.organization, sam, "standard:member")
    assert not acme.access(sam).can(VIEW, acme.news)


def test_session_that_is_over_takes_nothing_from_a_partners_person(acme: Acme, agency: Agency) -> None:
    now = datetime.now(UTC)
    sam = visit(acme.organization, expires_at=now - timedelta(minutes=1))
    add_member(agency.organization, sam, "standard:member")
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assign(partnership, acme.news, sam, "standard:guest")
    access = acme.access(sam)
    assert access.can(VIEW, acme.news) and not access.can(VIEW, acme.sky)
    assert access.is_partner and not access.at_moment(now - timedelta(minutes=5)).is_partner
    assert access.at_moment(now - timedelta(minutes=5)).can(PUBLISH, acme.sky)


# -- API keys (R11) ----------------------------------------------------------------------------------------------------


def through_key(acme: Acme, person: User, actions: set[str], profiles: list[SocialProfile] | None) -> Access:
    with organization_open(acme.organization.pk):
        key = ApiKey.objects.create(
            user=person,
            name="Robot",
            prefix="chorus_1",
            digest="0" * 64,
            actions=sorted(actions),
            profile_ids=None if profiles is None else [profile.pk for profile in profiles],
            created_at=LONG_AGO,
        )
        return load_access(
            user=person,
            organization_id=acme.organization.pk,
            at=datetime.now(UTC),
            has_second_factor=True,
            key=KeyLimits.of(key),
        )


def test_key_does_what_its_issuer_may_within_what_it_was_issued_for(acme: Acme) -> None:
    access = through_key(acme, acme.marc, {VIEW, "organization.view_members"}, [acme.news])
    assert access.can(VIEW, acme.news) and access.can("organization.view_members", acme.organization)
    assert not access.can(PUBLISH, acme.news) and not access.can(VIEW, acme.sky)
    assert not access.can("organization.invite_members", acme.organization)
    assert access.sees(acme.news) and not access.sees(acme.sky)
    with organization_open(acme.organization.pk):
        assert list(access.filter(SocialProfile.objects.all(), VIEW)) == [acme.news]
        assert not access.filter(SocialProfile.objects.all(), PUBLISH).exists()
        assert list(access.within_reach(SocialProfile.objects.all())) == [acme.news]


def test_key_of_somebody_who_lost_the_right_does_nothing(acme: Acme) -> None:
    access = through_key(acme, acme.gus, {VIEW, PUBLISH}, None)
    assert access.can(VIEW, acme.news) and not access.can(PUBLISH, acme.news)
    give(acme.news, acme.gus, "standard:none")
    with organization_open(acme.organization.pk):
        now = begin_act(access, datetime.now(UTC))
        assert not now.can(VIEW, acme.news)


def test_key_serves_no_screen_by_an_action_it_was_not_issued_for(acme: Acme) -> None:
    """H11: a screen also opens by an action of the organization; the key must hold that one, and cover the profile."""
    hot = make_person("Sue Super")
    add_member(acme.organization, hot, "hootsuite:super_admin")
    own, wide = "profile.manage_profile_access", "organization.edit_member_permissions"
    assert acme.access(hot).serves(own, acme.quiet) and not acme.access(hot).can(own, acme.quiet)
    assert through_key(acme, hot, {wide}, None).serves(own, acme.quiet)
    with organization_open(acme.organization.pk):
        ApiKey.objects.all().delete()
    assert not through_key(acme, hot, {own}, None).serves(own, acme.quiet)
    with organization_open(acme.organization.pk):
        ApiKey.objects.all().delete()
    assert not through_key(acme, hot, {wide}, [acme.news]).serves(own, acme.quiet)


def test_key_keeps_its_limits_when_the_rights_are_read_again_under_the_lock(acme: Acme) -> None:
    access = through_key(acme, acme.marc, {VIEW}, [acme.news])
    for begin in (begin_act, begin_change):
        with organization_open(acme.organization.pk):
            again = begin(access, datetime.now(UTC))
            assert again.key == access.key and again.has_second_factor is True
            assert not again.can(VIEW, acme.sky) and not again.can(PUBLISH, acme.news)


def test_key_gives_nobody_more_than_it_may_itself(acme: Acme) -> None:
    managing = {"profile.manage_profile_access", VIEW}
    access = through_key(acme, acme.marc, managing, None)
    with organization_open(acme.organization.pk), pytest.raises(WouldEscalate):
        grant_role(
            actor=access,
            receiver=acme.emil,
            role=role("standard:editor"),
            obj=acme.quiet,
            now=datetime.now(UTC),
        )


def test_explanation_of_a_key_names_it_and_says_whose_fault_a_no_is(acme: Acme) -> None:
    access = through_key(acme, acme.gus, {VIEW, PUBLISH}, [acme.news])
    assert "The key Robot of Gus Guest may do this" in told(access, VIEW, acme.news)
    assert "The key Robot does no more than its issuer may" in told(access, PUBLISH, acme.news)
    assert "was not issued for this action" in told(access, "profile.view_profile", acme.news)
    give(acme.sky, acme.gus, "standard:guest")
    with organization_open(acme.organization.pk):
        ApiKey.objects.all().delete()
    access = through_key(acme, acme.gus, {VIEW}, [acme.news])
    assert "was not issued for this profile" in told(access, VIEW, acme.sky)
