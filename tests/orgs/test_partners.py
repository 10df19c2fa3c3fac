"""Becoming partners: by business id (P4), in two directions (P5), reduced before it is accepted (P6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse

from orgs.models import Organization, OrganizationUserGrant, Partnership
from orgs.services.partnerships import PartnerError, Share
from orgs.services.proposals import WRONG_IDS_MAX, accept_partnership, ask_for_access, invite_partner
from permissions.catalogue import Scope
from permissions.errors import WouldEscalate
from tenancy.context import organization_open
from tests.cast import (
    Acme,
    Agency,
    access_of,
    add_member,
    give,
    make_acme,
    make_agency,
    make_organization,
    make_partnership,
    make_person,
    role,
)
from tests.orgs.partners import (
    Send,
    SignIn,
    ask,
    assigned,
    events,
    grants,
    invite,
    may,
    shares,
    the_partnership,
    written,
)

WRONG = "No company has this business id."


def partnerships(organization: Organization) -> int:
    with organization_open(organization.pk):
        return int(Partnership.objects.count())


# -- P4: by its business id ------------------------------------------------------------------------------------------


def test_business_id_stands_on_the_partners_page_with_a_button_that_copies_it(
    acme: Acme, signed_in: SignIn
) -> None:
    body = signed_in(acme.marc).get(reverse("partner_list", args=["acme"])).content.decode()
    assert f'data-copy="{acme.organization.public_id}"' in body


@pytest.mark.parametrize("spelled", ["{id}", " {lower} ", "{bare}", "{spaced}"])
def test_invite_finds_the_company_however_its_id_is_spelled(
    spelled: str, acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    found = agency.organization.public_id
    bare = found.replace("-", "")
    typed = spelled.format(id=found, lower=found.lower(), bare=bare, spaced=found.replace("-", " "))
    response = invite(
        acme, agency, signed_in(acme.marc), send, shares(editor=acme.news) | {"public_id": typed}
    )
    assert response.status_code == 303
    assert the_partnership(acme.organization).partner == agency.organization


@pytest.mark.parametrize(
    "typed", ["AAAA-BBBB-CCCC", "agency", "Agency", "1", "7K2M-9QXD-TB4H-77", "' or 1=1"]
)
def test_wrong_business_id_answers_the_same_as_an_unknown_one(
    typed: str, acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    marc = signed_in(acme.marc)
    for response in (
        invite(acme, agency, marc, send, shares(editor=acme.news) | {"public_id": typed}),
        send(
            marc,
            reverse("partner_ask", args=["acme"]),
            {"public_id": typed, "roles": [role("standard:editor").permission_id]},
        ),
    ):
        assert response.status_code == 422
        assert WRONG in response.content.decode()
        assert typed.replace("'", "&#x27;") in response.content.decode(), "what was typed is kept"
    assert partnerships(acme.organization) == 0 and not mail.outbox


def test_own_business_id_is_no_partner(acme: Acme, agency: Agency, signed_in: SignIn, send: Send) -> None:
    own = shares(editor=acme.news) | {"public_id": acme.organization.public_id}
    response = invite(acme, agency, signed_in(acme.marc), send, own)
    assert response.status_code == 422 and "your own company" in response.content.decode()


def test_tries_are_limited_by_organization_whoever_makes_them_and_stand_in_its_log(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    marc, olga = signed_in(acme.marc), signed_in(acme.olga)
    wrong = shares(editor=acme.news) | {"public_id": "AAAA-BBBB-CCCC"}
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for _try in range(WRONG_IDS_MAX):
            assert WRONG in invite(acme, agency, marc, send, wrong).content.decode()
        assert len(events(acme.organization, "partner.wrong_id")) == WRONG_IDS_MAX
        refused = invite(acme, agency, olga, send)
        assert refused.status_code == 422 and "Too many wrong business ids" in refused.content.decode()
        assert ask(acme, signed_in(agency.ada), send).status_code == 303, "another company may still try"
        clock.shift(timedelta(hours=1, seconds=1))
        assert "Too many wrong" not in invite(acme, agency, olga, send).content.decode()


# -- P5: both must agree, in either direction ------------------------------------------------------------------------


def test_invitation_shares_nothing_before_it_is_accepted(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    assert invite(acme, agency, signed_in(acme.marc), send).status_code == 303
    assert grants(acme.organization) == {}
    partnership = the_partnership(acme.organization)
    ada = signed_in(agency.ada)
    assert ada.get("/o/acme/").status_code == 404
    page = ada.get(reverse("partner_answer", args=["agency", partnership.pk])).content.decode()
    assert "@acme-news@sandbox.test" in page and "@acme-sky" not in page
    response = send(ada, reverse("partner_answer", args=["agency", partnership.pk]), shares(editor=acme.news))
    assert response.status_code == 303, response.content.decode()
    assert grants(acme.organization) == {"acme-news": "editor"}
    assert assigned(acme.organization) == set()
    assert not may(agency.ada, "view_posts", acme.news), "P7: nobody has anything by it before it is assigned"


def test_asker_knows_no_profile_and_the_company_asked_chooses_them(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    response = ask(acme, signed_in(agency.ada), send, "editor", "guest", message="For the winter campaign")
    assert response.status_code == 303
    partnership = the_partnership(acme.organization)
    assert partnership.status == "requested"
    ours = signed_in(agency.ada).get(reverse("sharing_list", args=["agency"])).content.decode()
    assert "acme-news" not in ours and "Acme" in ours
    marc, address = signed_in(acme.marc), reverse("partner_answer", args=["acme", partnership.pk])
    page = marc.get(address).content.decode()
    assert "For the winter campaign" in page and "@acme-news@sandbox.test" in page
    assert send(marc, address, shares(editor=acme.sky, guest=acme.news)).status_code == 303
    assert grants(acme.organization) == {"acme-sky": "editor", "acme-news": "guest"}


def test_windows_offered_are_those_of_the_grants(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    begin = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    end = begin + timedelta(days=30)
    data = shares(editor=acme.news) | {"starts_at": written(begin), "expires_at": written(end)}
    invite(acme, agency, signed_in(acme.marc), send, data)
    partnership = the_partnership(acme.organization)
    send(
        signed_in(agency.ada),
        reverse("partner_answer", args=["agency", partnership.pk]),
        shares(editor=acme.news),
    )
    with organization_open(acme.organization.pk):
        grant = partnership.profilegroupgrants.get()  # type: ignore[attr-defined]
    assert (grant.starts_at, grant.expires_at) == (begin, end)


# -- P6: the company asked hears of it, reduces, and answers ---------------------------------------------------------


def test_owner_and_managers_of_the_company_asked_get_an_email_each(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    agency.alan.language = "fr"
    agency.alan.save()
    invite(acme, agency, signed_in(acme.marc), send, shares(editor=acme.news) | {"message": "Hello <you>"})
    assert sorted(m.to[0] for m in mail.outbox) == ["ada@agency.test", "alan@agency.test"]
    to_ada = next(m for m in mail.outbox if m.to == ["ada@agency.test"])
    assert to_ada.subject == "Acme invites Agency to work on its profiles"
    partnership = the_partnership(acme.organization)
    assert f"/o/agency/partners/asked/{partnership.pk}/" in to_ada.body and "Hello <you>" in to_ada.body
    assert "Marc" not in to_ada.body, "P4: of the other company its name is told, not its people"
    mail.outbox.clear()
    with organization_open(acme.organization.pk):
        Partnership.objects.all().delete()
    ask(acme, signed_in(agency.ada), send)
    assert sorted(m.to[0] for m in mail.outbox) == ["marc@acme.test", "olga@acme.test"]


def test_partner_takes_less_than_was_offered(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send, shares(administrator=acme.news, editor=acme.sky))
    partnership = the_partnership(acme.organization)
    address = reverse("partner_answer", args=["agency", partnership.pk])
    assert send(signed_in(agency.ada), address, shares(guest=acme.news)).status_code == 303
    assert grants(acme.organization) == {"acme-news": "guest"}


@pytest.mark.parametrize("more", ["administrator", "another profile"])
def test_partner_takes_no_more_than_was_offered(
    more: str, acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    partnership = the_partnership(acme.organization)
    with organization_open(agency.organization.pk), pytest.raises(PartnerError, match="not more"):
        accept_partnership(
            actor=access_of(agency.ada, agency.organization),
            partnership=partnership,
            shares=[
                Share(role("standard:administrator"), acme.news)
                if more == "administrator"
                else Share(role("standard:editor"), acme.sky)
            ],
            now=datetime.now(UTC),
        )
    address = reverse("partner_answer", args=["agency", partnership.pk])
    typed = shares(administrator=acme.news) if more == "administrator" else shares(editor=acme.sky)
    assert send(signed_in(agency.ada), address, typed).status_code == 422
    assert grants(acme.organization) == {}


def test_company_asked_gives_no_more_than_was_asked_for(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=10)
    ask(acme, signed_in(agency.ada), send, "moderator", expires_at=written(end))
    address = reverse("partner_answer", args=["acme", the_partnership(acme.organization).pk])
    marc = signed_in(acme.marc)
    assert send(marc, address, shares(editor=acme.news)).status_code == 422
    longer = shares(moderator=acme.news) | {"expires_at": written(end + timedelta(days=1))}
    assert "not more" in send(marc, address, longer).content.decode()
    assert grants(acme.organization) == {}
    exact = shares(moderator=acme.news) | {"expires_at": written(end)}
    assert send(marc, address, exact).status_code == 303
    assert grants(acme.organization) == {"acme-news": "moderator"}


def test_asker_hears_of_the_acceptance_and_each_sees_the_other_under_partners(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    mail.outbox.clear()
    address = reverse("partner_answer", args=["agency", the_partnership(acme.organization).pk])
    send(signed_in(agency.ada), address, shares(editor=acme.news))
    assert [m.to for m in mail.outbox] == [["marc@acme.test"]]
    assert mail.outbox[0].subject == "Agency and Acme are partners now" and "Ada" not in mail.outbox[0].body
    ours = signed_in(acme.olga).get(reverse("partner_list", args=["acme"])).content.decode()
    theirs = signed_in(agency.alan).get(reverse("sharing_list", args=["agency"])).content.decode()
    assert ">Agency</span>" in ours and ">Acme</span>" in theirs


def test_each_log_names_its_own_people_and_the_other_company(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    address = reverse("partner_answer", args=["agency", the_partnership(acme.organization).pk])
    send(signed_in(agency.ada), address, shares(editor=acme.news))
    told = {
        slug: [(one.actor_label, one.action) for one in events(organization)]
        for slug, organization in (("acme", acme.organization), ("agency", agency.organization))
    }
    assert told["acme"] == [("Marc Manager", "partner.invite"), ("Agency", "partner.accept")]
    assert told["agency"] == [("Acme", "partner.invite"), ("Ada Agency", "partner.accept")]


def test_declining_shares_nothing_and_tells_the_asker(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    mail.outbox.clear()
    partnership = the_partnership(acme.organization)
    send(signed_in(agency.ada), reverse("partner_decline", args=["agency", partnership.pk]))
    assert the_partnership(acme.organization).status == "declined"
    assert [m.to for m in mail.outbox] == [["marc@acme.test"]]
    address = reverse("partner_answer", args=["agency", partnership.pk])
    assert send(signed_in(agency.ada), address, shares(editor=acme.news)).status_code == 404
    assert grants(acme.organization) == {}


def test_withdrawn_proposal_can_no_longer_be_accepted(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    partnership = the_partnership(acme.organization)
    ada = signed_in(agency.ada)
    assert send(ada, reverse("partner_withdraw", args=["agency", partnership.pk])).status_code == 404
    send(signed_in(acme.olga), reverse("partner_withdraw", args=["acme", partnership.pk]))
    assert the_partnership(acme.organization).status == "withdrawn"
    with organization_open(agency.organization.pk), pytest.raises(PartnerError, match="withdrawn meanwhile"):
        accept_partnership(
            actor=access_of(agency.ada, agency.organization),
            partnership=partnership,
            shares=[Share(role("standard:editor"), acme.news)],
            now=datetime.now(UTC),
        )


def test_proposal_runs_out_after_two_weeks_and_makes_room_for_another(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    marc, ada = signed_in(acme.marc), signed_in(agency.ada)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        invite(acme, agency, marc, send)
        first = the_partnership(acme.organization)
        clock.shift(timedelta(days=14))
        assert ada.get(reverse("partner_answer", args=["agency", first.pk])).status_code == 404
        assert "Run out" in marc.get(reverse("partner_list", args=["acme"])).content.decode()
        assert invite(acme, agency, marc, send).status_code == 303
    with organization_open(acme.organization.pk):
        assert list(Partnership.objects.order_by("pk").values_list("status", flat=True)) == [
            "withdrawn",
            "invited",
        ]


# -- one at a time ---------------------------------------------------------------------------------------------------


def test_one_open_partnership_in_each_direction_and_a_sentence_for_each_other_case(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    marc, ada = signed_in(acme.marc), signed_in(agency.ada)
    assert invite(acme, agency, marc, send).status_code == 303
    assert "You have proposed this to Agency already" in invite(acme, agency, marc, send).content.decode()
    assert "Acme has proposed this to you already" in ask(acme, ada, send).content.decode()
    address = reverse("partner_answer", args=["agency", the_partnership(acme.organization).pk])
    send(ada, address, shares(editor=acme.news))
    assert "partners already" in invite(acme, agency, marc, send).content.decode()
    assert "partners already" in ask(acme, ada, send).content.decode()
    back = ask_the_other_way(acme, agency, marc, send)
    assert back == 303, "the other direction is another partnership"


def ask_the_other_way(acme: Acme, agency: Agency, marc: object, send: Send) -> int:
    typed = {
        "public_id": agency.organization.public_id,
        "roles": [role("standard:guest").permission_id],
    }
    return int(send(marc, reverse("partner_ask", args=["acme"]), typed).status_code)


def test_proposing_and_withdrawing_again_and_again_is_refused_for_the_day(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    marc = signed_in(acme.marc)
    for _round in range(3):
        assert invite(acme, agency, marc, send).status_code == 303
        with organization_open(acme.organization.pk):
            newest = Partnership.objects.order_by("-pk")[0]
        send(marc, reverse("partner_withdraw", args=["acme", newest.pk]))
    refused = invite(acme, agency, marc, send)
    assert refused.status_code == 422 and "often enough for today" in refused.content.decode()


def test_accepting_twice_says_that_it_was_accepted(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    partnership, now = the_partnership(acme.organization), datetime.now(UTC)
    for access, raises in ((agency.ada, False), (agency.alan, True)):
        with organization_open(agency.organization.pk):
            accepted = [Share(role("standard:editor"), acme.news)]
            actor = access_of(access, agency.organization)
            if raises:
                with pytest.raises(PartnerError, match="accepted already"):
                    accept_partnership(actor=actor, partnership=partnership, shares=accepted, now=now)
            else:
                accept_partnership(actor=actor, partnership=partnership, shares=accepted, now=now)
    assert len(events(acme.organization, "partner.accept")) == 1


@pytest.mark.django_db(transaction=True)
def test_inviting_and_asking_each_other_at_the_same_moment_leaves_one_proposal() -> None:
    """Both take both locks, the lower id first: neither waits for ever, and the second one is told of the first."""
    acme, agency = make_acme(), make_agency()
    now = datetime.now(UTC)

    def invited() -> str:
        try:
            with organization_open(acme.organization.pk):
                invite_partner(
                    actor=acme.access(acme.marc),
                    organization=acme.organization,
                    public_id=agency.organization.public_id,
                    shares=[Share(role("standard:editor"), acme.news)],
                    message="",
                    now=now,
                )
            return "done"
        except PartnerError as refusal:
            return str(refusal)
        finally:
            connection.close()

    def asked() -> str:
        try:
            with organization_open(agency.organization.pk):
                ask_for_access(
                    actor=agency.access(agency.ada),
                    organization=agency.organization,
                    public_id=acme.organization.public_id,
                    wishes=[Share(role("standard:editor"))],
                    message="",
                    now=now,
                )
            return "done"
        except PartnerError as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(future.result(30) for future in (pool.submit(invited), pool.submit(asked)))
    assert "done" in answers
    assert any("has proposed this to you already" in one for one in answers)
    assert partnerships(acme.organization) == 1


# -- who may (R9) ----------------------------------------------------------------------------------------------------


def test_offering_more_than_one_holds_is_refused(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    """A role that invites partners and manages everybody's access, and himself only editor of one profile."""
    give(acme.news, acme.emil, "standard:editor")
    with organization_open(acme.organization.pk):
        grant = OrganizationUserGrant.objects.get(user=acme.emil)
        grant.permission_id = role("hootsuite:admin", Scope.ORGANIZATION).permission_id
        grant.save()
    emil = signed_in(acme.emil)
    page = emil.get(reverse("partner_invite", args=["acme"])).content.decode()
    assert ">Editor</option>" in page and ">Administrator</option>" not in page
    assert invite(acme, agency, emil, send, shares(administrator=acme.news)).status_code == 422
    with organization_open(acme.organization.pk), pytest.raises(WouldEscalate):
        invite_partner(
            actor=acme.access(acme.emil),
            organization=acme.organization,
            public_id=agency.organization.public_id,
            shares=[Share(role("standard:administrator"), acme.news)],
            message="",
            now=datetime.now(UTC),
        )
    assert partnerships(acme.organization) == 0


def test_invitation_is_worth_nothing_once_its_sender_may_no_longer_give_it(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    invite(acme, agency, signed_in(acme.marc), send)
    partnership = the_partnership(acme.organization)
    with organization_open(acme.organization.pk):
        grant = OrganizationUserGrant.objects.get(user=acme.marc)
        grant.permission_id = role("standard:member", Scope.ORGANIZATION).permission_id
        grant.save()
    address = reverse("partner_answer", args=["agency", partnership.pk])
    response = send(signed_in(agency.ada), address, shares(editor=acme.news))
    assert response.status_code == 422 and "may no longer do so" in response.content.decode()
    assert grants(acme.organization) == {} and the_partnership(acme.organization).status == "invited"


@pytest.mark.parametrize("route", ["partner_list", "sharing_list", "partner_invite", "partner_ask"])
def test_pages_of_partners_are_for_owners_and_managers(route: str, acme: Acme, signed_in: SignIn) -> None:
    for person, status in ((acme.olga, 200), (acme.marc, 200), (acme.emil, 403), (acme.mallory, 404)):
        assert signed_in(person).get(reverse(route, args=["acme"])).status_code == status


def test_partnership_of_two_others_is_seen_by_neither_third_company(
    acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    mallory = signed_in(acme.mallory)
    for route in ("partner", "partner_end", "partner_share", "partner_assign"):
        assert mallory.get(reverse(route, args=["elsewhere", partnership.pk])).status_code == 404
    assert ">Agency<" not in mallory.get(reverse("partner_list", args=["elsewhere"])).content.decode()


def test_waiting_proposals_are_counted_in_the_navigation_of_who_answers_them(
    acme: Acme, agency: Agency, signed_in: SignIn, send: Send
) -> None:
    ask(acme, signed_in(agency.ada), send)
    home = reverse("profile_list", args=["acme"])
    for person, is_told in ((acme.marc, True), (acme.emil, False)):
        body = signed_in(person).get(home).content.decode()
        assert ("Partners<span" in body) is is_told


def test_list_of_partners_asks_no_more_questions_the_longer_it_is(
    acme: Acme, agency: Agency, signed_in: SignIn, django_assert_max_num_queries: object
) -> None:
    make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    marc, address = signed_in(acme.marc), reverse("partner_list", args=["acme"])
    marc.get(address)
    with django_assert_max_num_queries(100) as few:  # type: ignore[operator]
        marc.get(address)
    for slug in ("one", "two", "three"):
        other = make_organization(slug, slug.title(), make_person(slug, f"x@{slug}.test"))
        make_partnership(acme.organization, other, {acme.sky: "standard:guest"})
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]
        marc.get(address)


def test_second_member_of_both_companies_changes_nothing(acme: Acme, agency: Agency) -> None:
    """R8 serves people who are no members: a member's own access decides for a member."""
    add_member(acme.organization, agency.abe, "standard:member")
    make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})
    assert not may(agency.abe, "view_posts", acme.news)
