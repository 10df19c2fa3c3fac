"""A running partnership: assigned by the partner, never more than was granted, gone at once with its cause (P7, R8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from orgs.models import Membership, OrganizationUserGrant, Partnership
from orgs.services.partner_people import assign_profiles
from orgs.services.partnerships import PartnerError, Share, end_partnership, grants_of, share_profiles
from permissions.catalogue import Scope
from permissions.errors import NotAllowed, WouldEscalate
from permissions.services import NotAMember
from social_accounts.models import ProfileAssignment, ProfileGroupGrant
from tenancy.context import organization_open
from tests.cast import Acme, Agency, access_of, assign, make_partnership, make_profile, role
from tests.orgs.partners import Send, SignIn, assigned, events, grants, may, shares, written
from tests.publishing.pages import send as schedule


@pytest.fixture
def partnership(acme: Acme, agency: Agency) -> Partnership:
    """Acme shares news as editor and sky as guest; Abe works on news as editor."""
    shared = {acme.news: "standard:editor", acme.sky: "standard:guest"}
    made = make_partnership(acme.organization, agency.organization, shared)
    assign(made, acme.news, agency.abe, "standard:editor")
    return made


def grant_on(partnership: Partnership, profile: Any) -> ProfileGroupGrant:
    with organization_open(profile.organization_id):
        return ProfileGroupGrant.objects.get(partnership=partnership, content_object=profile)


def assign_through_page(
    client: Client, send: Send, partnership: Partnership, people: list[User], profiles: list[Any], role_slug: str,
    **fields: str,
) -> Any:  # fmt: skip
    typed = {
        "people": [person.pk for person in people],
        "profiles": [grant_on(partnership, profile).pk for profile in profiles],
        "role": role(f"standard:{role_slug}").permission_id,
        **fields,
    }
    return send(client, reverse("partner_assign", args=["agency", partnership.pk]), typed)


# -- P7: assigned, and never more than was granted -------------------------------------------------------------------


def test_shared_profile_reaches_nobody_before_it_is_assigned(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    assert not may(agency.asa, "view_posts", acme.news)
    response = assign_through_page(
        signed_in(agency.ada), send, partnership, [agency.asa], [acme.news], "moderator"
    )
    assert response.status_code == 303, response.content.decode()
    assert may(agency.asa, "view_posts", acme.news) and not may(agency.asa, "publish_posts", acme.news)
    assert not may(agency.asa, "view_posts", acme.sky) and not may(agency.asa, "view_posts", acme.quiet)


def test_several_people_get_several_profiles_at_once(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    people, profiles = [agency.asa, agency.alan], [acme.news, acme.sky]
    assert (
        assign_through_page(signed_in(agency.ada), send, partnership, people, profiles, "guest").status_code
        == 303
    )
    names = {person.name for person in people}
    expected = {(name, profile.slug, "guest") for name in names for profile in profiles}
    assert assigned(acme.organization) == expected | {("Abe Agency", "acme-news", "editor")}


def test_assigning_again_changes_role_and_window(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=2)
    ada = signed_in(agency.ada)
    with organization_open(acme.organization.pk):
        existing = ProfileAssignment.objects.get()
    page = ada.get(
        reverse("partner_assign", args=["agency", partnership.pk]), {"assignment": existing.pk}
    ).content.decode()
    assert f'value="{agency.abe.pk}" id="id_people_0" checked' in page
    assign_through_page(ada, send, partnership, [agency.abe], [acme.news], "guest", expires_at=written(end))
    with organization_open(acme.organization.pk):
        changed = ProfileAssignment.objects.get()
    assert (changed.pk, changed.expires_at) == (existing.pk, end)
    assert not may(agency.abe, "publish_posts", acme.news)
    assert not may(agency.abe, "view_posts", acme.news, at=end), "to the second"


def test_assigning_more_than_was_granted_is_refused_and_assigns_nothing(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    """Editor is what news is shared as, but sky only as guest: all of it or nothing."""
    response = assign_through_page(
        signed_in(agency.ada), send, partnership, [agency.asa], [acme.news, acme.sky], "editor"
    )
    assert response.status_code == 403 and "what is shared with you is Guest" in response.content.decode()
    assert assigned(acme.organization) == {("Abe Agency", "acme-news", "editor")}
    assert [one.outcome for one in events(agency.organization, "access.refused")] == ["refused"]


@pytest.mark.parametrize("who", ["outsider", "suspended", "brand's member"])
def test_assigning_an_outsider_is_refused(
    who: str, acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    person = {"outsider": acme.mallory, "suspended": agency.asa, "brand's member": acme.paul}[who]
    with organization_open(agency.organization.pk):
        Membership.objects.filter(user=agency.asa).update(status="suspended")
        with organization_open(acme.organization.pk):
            found = list(grants_of(partnership))
        with pytest.raises(NotAMember):
            assign_profiles(
                actor=access_of(agency.ada, agency.organization),
                partnership=partnership,
                people=[person],
                grants=found[:1],
                role=role("standard:guest"),
                now=datetime.now(UTC),
            )
    page = assign_through_page(signed_in(agency.ada), send, partnership, [person], [acme.news], "guest")
    assert page.status_code == 422
    assert assigned(acme.organization) == {("Abe Agency", "acme-news", "editor")}


def test_employee_of_the_partner_assigns_nobody(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    response = assign_through_page(
        signed_in(agency.abe), send, partnership, [agency.asa], [acme.news], "guest"
    )
    assert response.status_code == 403
    assert signed_in(agency.abe).get(reverse("partner_list", args=["agency"])).status_code == 403


def test_brand_cannot_assign_for_its_partner(acme: Acme, partnership: Partnership, signed_in: SignIn) -> None:
    assert (
        signed_in(acme.olga).get(reverse("partner_assign", args=["acme", partnership.pk])).status_code == 404
    )


@pytest.mark.parametrize("odd", ["9" * 30, "-1", "²", "x" * 3000, "[", ""])
def test_assign_page_answers_whatever_its_address_says(
    odd: str, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    address = reverse("partner_assign", args=["agency", partnership.pk])
    for name in ("q", "person", "profile", "assignment"):
        assert signed_in(agency.ada).get(address, {name: odd}).status_code == 200


def test_ending_an_assignment_takes_the_profile_from_the_person_at_once(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    with organization_open(acme.organization.pk):
        existing = ProfileAssignment.objects.get()
    ada, address = signed_in(agency.ada), ["agency", partnership.pk, existing.pk]
    assert may(agency.abe, "publish_posts", acme.news)
    assert send(ada, reverse("partner_assignment_end", args=address)).status_code == 303
    assert not may(agency.abe, "view_posts", acme.news)
    assert signed_in(agency.abe).get("/o/acme/").status_code == 404
    assert send(ada, reverse("partner_assignment_end", args=address)).status_code == 404


def test_assignment_stands_in_both_logs_and_names_the_person_it_is_about(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    assign_through_page(signed_in(agency.ada), send, partnership, [agency.asa], [acme.news], "guest")
    ours, theirs = (events(one, "partner.assign")[0] for one in (acme.organization, agency.organization))
    assert (ours.actor_label, theirs.actor_label) == ("Agency", "Ada Agency")
    assert ours.after["people"] == ["Asa Agency"]


# -- the brand narrows, ends, and both at once -----------------------------------------------------------------------


def test_narrowing_what_is_shared_narrows_the_person_at_once_and_is_shown_before(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    post = schedule(acme, agency.abe, acme.news)
    marc = signed_in(acme.marc)
    address = reverse(
        "partner_share_change", args=["acme", partnership.pk, grant_on(partnership, acme.news).pk]
    )
    typed = {"role": role("standard:guest").permission_id}
    looked = send(marc, address, typed | {"step": "look"})
    body = looked.content.decode()
    assert looked.status_code == 200 and "Abe Agency" in body
    assert "would be left behind" in body and post.post.title in body
    assert may(agency.abe, "publish_posts", acme.news), "looking changes nothing"
    assert send(marc, address, typed).status_code == 303
    assert may(agency.abe, "view_posts", acme.news) and not may(agency.abe, "publish_posts", acme.news)
    page = signed_in(agency.ada).get(reverse("partner", args=["agency", partnership.pk])).content.decode()
    assert "it counts only as far as Guest" in page


def test_window_of_the_share_closes_on_the_person_to_the_second(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=2)
    address = reverse(
        "partner_share_change", args=["acme", partnership.pk, grant_on(partnership, acme.news).pk]
    )
    typed = {"role": role("standard:editor").permission_id, "expires_at": written(end)}
    assert send(signed_in(acme.marc), address, typed).status_code == 303
    assert may(agency.abe, "publish_posts", acme.news, at=end - timedelta(seconds=1))
    assert not may(agency.abe, "publish_posts", acme.news, at=end)


def test_end_of_one_share_ends_what_hangs_on_it_and_no_more(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    assign(partnership, acme.sky, agency.abe, "standard:guest")
    marc, news = signed_in(acme.marc), grant_on(partnership, acme.news)
    address = reverse("partner_share_end", args=["acme", partnership.pk, news.pk])
    assert "Abe Agency" in marc.get(address).content.decode()
    assert send(marc, address, {"reason": "Campaign over"}).status_code == 303
    assert grants(acme.organization) == {"acme-sky": "guest"}
    assert assigned(acme.organization) == {("Abe Agency", "acme-sky", "guest")}
    assert not may(agency.abe, "view_posts", acme.news) and may(agency.abe, "view_posts", acme.sky)
    assert events(acme.organization, "partner.end_share")[0].reason == "Campaign over"
    assert events(agency.organization, "partner.end_share")[0].reason == "", "a reason is for one's own log"


@pytest.mark.parametrize("side", ["acme", "agency"])
def test_end_of_the_partnership_ends_everything_at_once_from_either_side(
    side: str, acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    person = signed_in(acme.marc if side == "acme" else agency.alan)
    address = reverse("partner_end", args=[side, partnership.pk])
    assert person.get(address).status_code == 200
    assert may(agency.abe, "publish_posts", acme.news), "looking changes nothing"
    assert send(person, address, {"reason": ""}).status_code == 303
    assert grants(acme.organization) == {} and assigned(acme.organization) == set()
    assert not may(agency.abe, "view_posts", acme.news)
    assert signed_in(agency.abe).get("/o/acme/").status_code == 404
    told = {"acme": ["ada@agency.test", "alan@agency.test"], "agency": ["marc@acme.test", "olga@acme.test"]}
    assert sorted(m.to[0] for m in mail.outbox) == told[side]
    for organization in (acme.organization, agency.organization):
        assert len(events(organization, "partner.end")) == 1
    again = send(person, address, {"reason": ""})
    assert again.status_code == 422 and "ended already" in again.content.decode()


def test_posts_a_partners_person_vouches_for_are_shown_before_the_end_and_held_after_it(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    publication = schedule(acme, agency.abe, acme.news)
    address = reverse("partner_end", args=["acme", partnership.pk])
    marc = signed_in(acme.marc)
    page = marc.get(address).content.decode()
    assert publication.post.title in page and "would be left behind" in page
    theirs = signed_in(agency.ada).get(reverse("partner_end", args=["agency", partnership.pk]))
    assert publication.post.title not in theirs.content.decode(), "the posts are the brand's"


def test_changing_what_is_shared_is_for_the_brand_alone(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    grant = grant_on(partnership, acme.news)
    ada = signed_in(agency.ada)
    for route, args in (
        ("partner_share", [partnership.pk]),
        ("partner_share_change", [partnership.pk, grant.pk]),
        ("partner_share_end", [partnership.pk, grant.pk]),
    ):
        assert ada.get(reverse(route, args=["agency", *args])).status_code == 404
    with organization_open(agency.organization.pk), pytest.raises(NotAllowed):
        share_profiles(
            actor=access_of(agency.ada, agency.organization),
            partnership=partnership,
            shares=[Share(role("standard:administrator"), acme.news)],
            now=datetime.now(UTC),
        )
    assert grants(acme.organization)["acme-news"] == "editor"


def test_sharing_more_gives_nobody_anything_before_it_is_assigned(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    marc, address = signed_in(acme.marc), reverse("partner_share", args=["acme", partnership.pk])
    page = marc.get(address).content.decode()
    assert f"role-{acme.quiet.pk}" in page and f"role-{acme.news.pk}" not in page
    assert send(marc, address, shares(editor=acme.quiet)).status_code == 303
    assert grants(acme.organization)["acme-quiet"] == "editor"
    assert not may(agency.abe, "view_posts", acme.quiet)


def test_sharing_more_than_one_holds_is_refused(acme: Acme, agency: Agency, partnership: Partnership) -> None:
    """An admin of Hootsuite's pack manages partners, and holds nothing on profiles that are in no team."""
    with organization_open(acme.organization.pk):
        grant = OrganizationUserGrant.objects.get(user=acme.emil)
        grant.permission_id = role("hootsuite:admin", Scope.ORGANIZATION).permission_id
        grant.save()
        with pytest.raises((NotAllowed, WouldEscalate)):
            share_profiles(
                actor=access_of(acme.emil, acme.organization),
                partnership=partnership,
                shares=[Share(role("standard:administrator"), acme.quiet)],
                now=datetime.now(UTC),
            )
    assert "acme-quiet" not in grants(acme.organization)


def test_profiles_of_another_organization_are_never_shared(
    acme: Acme, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    foreign = make_profile(acme.elsewhere, "elsewhere-news")
    address = reverse("partner_share", args=["acme", partnership.pk])
    assert send(signed_in(acme.olga), address, shares(editor=foreign)).status_code == 422


def test_ending_while_assigning_leaves_nothing(acme: Acme, agency: Agency, partnership: Partnership) -> None:
    """What the assigner read was overtaken: under the lock the partnership is read anew."""
    with organization_open(acme.organization.pk):
        found = list(grants_of(partnership))
        end_partnership(
            actor=access_of(acme.marc, acme.organization), partnership=partnership, now=datetime.now(UTC)
        )
    with organization_open(agency.organization.pk), pytest.raises(PartnerError, match="has ended already"):
        assign_profiles(
            actor=access_of(agency.ada, agency.organization),
            partnership=partnership,
            people=[agency.asa],
            grants=found,
            role=role("standard:guest"),
            now=datetime.now(UTC),
        )
    assert assigned(acme.organization) == set()


# -- people come and go ----------------------------------------------------------------------------------------------


def test_leaving_the_partner_ends_what_was_assigned_for_good(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    with organization_open(agency.organization.pk):
        membership = Membership.objects.get(user=agency.abe)
    send(signed_in(agency.ada), reverse("member_remove", args=["agency", membership.pk]), {"reason": ""})
    assert not may(agency.abe, "view_posts", acme.news)
    assert assigned(acme.organization) == set(), "else it would come back with a later membership"
    event = events(acme.organization, "partner.unassign")[0]
    assert (event.actor_label, event.actor) == ("Agency", None)


def test_suspension_at_the_partner_counts_for_the_brand(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    with organization_open(agency.organization.pk):
        Membership.objects.filter(user=agency.abe).update(status="suspended")
    assert not may(agency.abe, "view_posts", acme.news)
    page = signed_in(acme.marc).get(reverse("partner", args=["acme", partnership.pk])).content.decode()
    assert "counts for nothing now" in page


# -- P8 --------------------------------------------------------------------------------------------------------------


def test_inviting_a_partners_person_as_a_member_warns_and_asks_before_anything_is_sent(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    marc, address = signed_in(acme.marc), reverse("invitation_new", args=["acme"])
    typed = {
        "emails": "abe@agency.test, new@acme.test",
        "role": role("standard:member", Scope.ORGANIZATION).permission_id,
        "language": "en",
    }
    warned = send(marc, address, typed)
    body = warned.content.decode()
    assert warned.status_code == 422 and "abe@agency.test (Agency)" in body
    assert "new@acme.test (" not in body and 'name="even_partners_people"' in body
    assert not mail.outbox
    assert send(marc, address, typed | {"even_partners_people": "on"}).status_code == 303
    assert sorted(m.to[0] for m in mail.outbox) == ["abe@agency.test", "new@acme.test"]


def test_people_of_a_former_partner_are_invited_without_a_warning(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    make_partnership(acme.organization, agency.organization, status="ended")
    typed = {
        "emails": "abe@agency.test",
        "role": role("standard:member", Scope.ORGANIZATION).permission_id,
        "language": "en",
    }
    assert send(signed_in(acme.marc), reverse("invitation_new", args=["acme"]), typed).status_code == 303


# -- P9, P10 ---------------------------------------------------------------------------------------------------------


def test_switcher_lists_own_companies_and_apart_those_whose_profiles_are_shared(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    abe = signed_in(agency.abe).get("/o/agency/", follow=True).content.decode()
    own, _heading, shared = abe.partition("Shared with you")
    assert 'href="/o/agency/"' in own and 'href="/o/acme/"' not in own
    assert 'href="/o/acme/"' in shared
    asa = signed_in(agency.asa).get("/o/agency/", follow=True).content.decode()
    assert "Shared with you" not in asa and 'href="/o/acme/"' not in asa


def test_person_of_a_partner_sees_what_is_assigned_to_him_and_nothing_else_of_the_brand(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    abe = signed_in(agency.abe)
    for route in (
        "organization_home",
        "calendar",
        "post_list",
        "approval_list",
        "profile_list",
        "post_new",
        "my_access",
    ):
        response = abe.get(reverse(route, args=["acme"]))
        body = response.content.decode()
        assert response.status_code == 200, route
        for hidden in (
            "acme-sky",
            "acme-quiet",
            "Olga Owner",
            "Paul Editor",
            "active member",
            'href="/o/acme/teams/"',
        ):
            assert hidden not in body, (route, hidden)
    profiles = abe.get(reverse("profile_list", args=["acme"])).content.decode()
    assert "@acme-news@sandbox.test" in profiles
    for route in ("member_list", "audit_log", "partner_list", "organization_settings"):
        assert abe.get(reverse(route, args=["acme"])).status_code == 403
    assert abe.get(reverse("profile", args=["acme", acme.sky.pk])).status_code == 404


def test_colleague_to_whom_nothing_is_assigned_finds_no_such_company(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    for person in (agency.ada, agency.asa):
        assert signed_in(person).get("/o/acme/").status_code == 404


def test_profiles_page_of_who_may_names_the_partners_people_with_their_company(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    page = signed_in(acme.marc).get(reverse("profile_access", args=["acme", acme.news.pk])).content.decode()
    assert "Abe Agency" in page and "Asa Agency" not in page


def test_partners_page_shows_the_brand_who_works_on_what_and_what_has_happened(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn, send: Send
) -> None:
    assign_through_page(signed_in(agency.ada), send, partnership, [agency.asa], [acme.sky], "guest")
    page = signed_in(acme.marc).get(reverse("partner", args=["acme", partnership.pk])).content.decode()
    for told in (
        "Abe Agency",
        "Asa Agency",
        "Shared as <strong>Editor</strong>",
        "Partner&#x27;s profiles assigned",
    ):
        assert told in page, told
    assert "Alan Agency" not in page, "of the partner only those are named who work on our profiles"


def test_home_leads_whoever_belongs_nowhere_but_to_what_is_shared(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    assert signed_in(agency.abe).get("/")["Location"] == "/o/agency/"


def test_share_that_ended_is_not_in_the_switcher(
    acme: Acme, agency: Agency, partnership: Partnership, signed_in: SignIn
) -> None:
    with organization_open(acme.organization.pk):
        ProfileGroupGrant.objects.filter(partnership=partnership).update(
            expires_at=datetime.now(UTC) + timedelta(hours=1)
        )
    abe = signed_in(agency.abe)
    assert "Shared with you" in abe.get("/o/agency/").content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert "Shared with you" not in abe.get("/o/agency/").content.decode()
