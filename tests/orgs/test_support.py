"""The vendor's staff: in a session with ticket, reason and end, listed for the administrators (R10, T5, T6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from orgs.models import Membership, SupportSession
from orgs.services.support import NotStaff, SupportError, open_session
from permissions.catalogue import Scope
from permissions.errors import WouldEscalate
from permissions.giving import refuse_escalation
from tenancy.context import organization_open
from tests.cast import Acme, access_of, add_member, make_person, role
from tests.orgs.partners import Send, SignIn, events

DESK = "/support/"


@pytest.fixture
def vera(db: None) -> User:
    return make_person("Vera Vendor", "vera@vendor.test", support_role="support")


def opened(
    client: Client, send: Send, customer: str = "acme", ticket: str = "T-42", hours: int = 2, **fields: str
) -> Any:
    typed = {"customer": customer, "ticket": ticket, "reason": "A post is stuck", "hours": hours, **fields}
    return send(client, DESK, typed)


def sessions(acme: Acme) -> list[SupportSession]:
    with organization_open(acme.organization.pk):
        return list(SupportSession.objects.order_by("pk"))


def switch(client: Client, send: Send, to: str) -> Any:
    return send(client, reverse("support_access", args=["acme"]), {"allows_support": to})


# -- T5: who is staff, and what that allows --------------------------------------------------------------------------


def test_staff_command_lists_appoints_and_dismisses(vera: User, acme: Acme) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("staff", *words, stdout=out)
        return out.getvalue()

    assert "vera@vendor.test" in run("list") and "support" in run("list")
    run("appoint", "VERA@vendor.test", "team")
    vera.refresh_from_db()
    assert vera.support_role == "team"
    assert "no longer" in run("dismiss", "vera@vendor.test")
    vera.refresh_from_db()
    assert vera.support_role == "" and "Nobody" in run("list")
    with pytest.raises(CommandError, match="not of the staff"):
        run("dismiss", "vera@vendor.test")
    with pytest.raises(CommandError, match="Nobody has an account"):
        run("appoint", "nobody@vendor.test", "support")
    with pytest.raises(CommandError):
        run("appoint", "vera@vendor.test", "owner")


@pytest.mark.parametrize("kind", ["support", "team"])
def test_customers_administrators_cannot_give_the_roles_of_staff(kind: str, acme: Acme) -> None:
    facts = role(f"actito:{kind}", Scope.ORGANIZATION)
    assert not facts.is_assignable
    with organization_open(acme.organization.pk), pytest.raises(WouldEscalate):
        refuse_escalation(
            giver=access_of(acme.olga, acme.organization),
            receiver=acme.emil,
            role=facts,
            obj=acme.organization,
        )


def test_staff_are_no_members_and_take_no_seat(acme: Acme, vera: User, signed_in: SignIn, send: Send) -> None:
    with organization_open(acme.organization.pk):
        before = Membership.objects.count()
    assert opened(signed_in(vera), send).status_code == 303
    with organization_open(acme.organization.pk):
        assert Membership.objects.count() == before
    page = signed_in(acme.olga).get(reverse("member_list", args=["acme"])).content.decode()
    assert "Vera Vendor" not in page


@pytest.mark.parametrize(
    ("kind", "may", "may_not"),
    [
        ("support", "organization.invite_members", "organization.export_audit_log"),
        ("team", "organization.export_search", "organization.invite_members"),
    ],
)
def test_support_may_all_but_exports_and_team_all_but_managing_people(
    kind: str, may: str, may_not: str, acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    vera.support_role = kind
    vera.save()
    opened(signed_in(vera), send)
    access = access_of(vera, acme.organization)
    with organization_open(acme.organization.pk):
        assert access.can(may, acme.organization) and not access.can(may_not, acme.organization)


def test_desk_is_for_staff_alone(acme: Acme, vera: User, signed_in: SignIn) -> None:
    assert signed_in(vera).get(DESK).status_code == 200
    assert signed_in(acme.olga).get(DESK).status_code == 404
    assert Client().get(DESK).status_code == 302
    with pytest.raises(NotStaff):
        open_session(
            user=acme.mallory,
            organization=acme.organization,
            ticket="T",
            reason="R",
            hours=1,
            now=datetime.now(UTC),
        )


# -- R10: only in a session ------------------------------------------------------------------------------------------


def test_staff_see_nothing_outside_a_session(acme: Acme, vera: User, signed_in: SignIn, send: Send) -> None:
    client = signed_in(vera)
    assert client.get("/o/acme/").status_code == 404
    assert opened(client, send).status_code == 303
    assert client.get("/o/acme/").status_code == 200
    assert client.get("/o/elsewhere/").status_code == 404, "a session is for one organization"


@pytest.mark.parametrize("named", ["acme", "ACME", "the business id"])
def test_session_is_opened_by_address_or_business_id(
    named: str, acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    customer = acme.organization.public_id if named == "the business id" else named
    assert opened(signed_in(vera), send, customer).status_code == 303
    assert len(sessions(acme)) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"customer": "nowhere"}, "No organization has this address"),
        ({"ticket": ""}, "This field is required"),
        ({"ticket": "  "}, "This field is required"),
        ({"reason": ""}, "This field is required"),
        ({"hours": "9"}, "Select a valid choice"),
    ],
)
def test_session_without_customer_ticket_reason_or_end_is_not_opened(
    typed: dict[str, str], sentence: str, acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    data = {"customer": "acme", "ticket": "T-42", "reason": "A post is stuck", "hours": "2"} | typed
    response = send(signed_in(vera), DESK, data)
    assert response.status_code == 422 and sentence in response.content.decode()
    assert sessions(acme) == []


def test_session_ends_to_the_second_and_another_can_follow(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False) as clock:
        client = signed_in(vera)
        opened(client, send, hours=1)
        clock.move_to(now + timedelta(hours=1) - timedelta(seconds=1))
        assert client.get("/o/acme/").status_code == 200
        clock.move_to(now + timedelta(hours=1))
        assert client.get("/o/acme/").status_code in (403, 404)
        assert opened(client, send, ticket="T-43").status_code == 303
    first, second = sessions(acme)
    assert first.ended_at == first.expires_at and second.ticket == "T-43"


def test_one_session_at_a_time_in_one_organization(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    client = signed_in(vera)
    opened(client, send)
    again = opened(client, send, ticket="T-43")
    assert again.status_code == 422 and "still running" in again.content.decode()
    assert opened(client, send, "elsewhere").status_code == 303


def test_member_who_is_staff_signs_in_as_a_member(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    add_member(acme.organization, vera, "standard:member")
    response = opened(signed_in(vera), send)
    assert response.status_code == 422 and "sign in as such" in response.content.decode()


def test_bar_on_every_page_says_so_and_ends_the_session(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    client = signed_in(vera)
    opened(client, send)
    session = sessions(acme)[0]
    end = reverse("support_session_end", args=[session.pk])
    for route in ("organization_home", "profile_list", "calendar", "my_access"):
        page = client.get(reverse(route, args=["acme"])).content.decode()
        assert "Support session in Acme, ticket T-42" in page and end in page, route
    assert "Support session in" not in signed_in(acme.olga).get("/o/acme/").content.decode()
    assert send(client, end).status_code == 303
    assert client.get("/o/acme/").status_code == 404
    assert sessions(acme)[0].ended_at is not None
    assert "ended already" in client.post(end, follow=True).content.decode()


def test_session_of_somebody_else_is_not_ones_own(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    opened(signed_in(vera), send)
    other = make_person("Vic Vendor", "vic@vendor.test", support_role="team")
    end = reverse("support_session_end", args=[sessions(acme)[0].pk])
    assert signed_in(other).post(end).status_code == 404
    assert sessions(acme)[0].ended_at is None
    assert "T-42" not in signed_in(other).get(DESK).content.decode()


def test_dismissal_ends_what_runs(acme: Acme, vera: User, signed_in: SignIn, send: Send) -> None:
    client = signed_in(vera)
    opened(client, send)
    call_command("staff", "dismiss", "vera@vendor.test", stdout=StringIO())
    assert client.get("/o/acme/").status_code == 404 and sessions(acme)[0].ended_at is not None
    assert events(acme.organization, "support.end")[0].actor is None


# -- T6: the administrators see and decide ---------------------------------------------------------------------------


def test_owner_hears_of_every_session_as_it_starts(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    opened(signed_in(vera), send)
    assert [m.to for m in mail.outbox] == [["olga@acme.test"]]
    message = mail.outbox[0]
    assert message.subject == "Support: Vera Vendor has signed in to Acme"
    assert "T-42" in message.body and "A post is stuck" in message.body
    assert "/o/acme/settings/support/" in message.body


def test_every_session_is_listed_with_who_when_ticket_reason_and_what_was_done(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    client = signed_in(vera)
    opened(client, send)
    send(client, reverse("team_new", args=["acme"]), {"name": "Helpers", "description": ""})
    page = signed_in(acme.marc).get(reverse("support_access", args=["acme"])).content.decode()
    for told in ("Vera Vendor", "T-42", "A post is stuck", "Support staff", "Running", "1 act"):
        assert told in page, told
    log = signed_in(acme.marc).get(reverse("audit_log", args=["acme"]), {"person": vera.pk})
    assert "Helpers" in log.content.decode()
    act = events(acme.organization, "team.create")[0]
    assert act.actor_id == vera.pk and "T-42" in act.actor_label


def test_switching_support_off_ends_what_runs_at_once_and_keeps_staff_out(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    client, olga = signed_in(vera), signed_in(acme.olga)
    opened(client, send)
    assert switch(olga, send, "no").status_code == 303
    assert client.get("/o/acme/").status_code == 404
    assert sessions(acme)[0].ended_at is not None
    refused = opened(client, send, ticket="T-43")
    assert refused.status_code == 422
    assert "Acme does not allow support to sign in" in refused.content.decode()
    switch(olga, send, "yes")
    assert client.get("/o/acme/").status_code == 404, "an ended session does not come back"
    assert opened(client, send, ticket="T-43").status_code == 303
    assert [one.action for one in events(acme.organization, "support.access", "support.end", "support.open")] == [
        "support.open", "support.access", "support.end", "support.access", "support.open",
    ]  # fmt: skip


def test_administrator_ends_one_session(acme: Acme, vera: User, signed_in: SignIn, send: Send) -> None:
    client = signed_in(vera)
    opened(client, send)
    stop = reverse("support_session_stop", args=["acme", sessions(acme)[0].pk])
    assert send(signed_in(acme.marc), stop).status_code == 403, "a manager sees, and does not decide"
    assert client.get("/o/acme/").status_code == 200
    send(signed_in(acme.olga), stop)
    assert client.get("/o/acme/").status_code == 404
    again = signed_in(acme.olga).post(stop, follow=True)
    assert "ended already" in again.content.decode()


def test_support_access_is_seen_by_managers_and_switched_by_the_owner(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    page = reverse("support_access", args=["acme"])
    assert signed_in(acme.marc).get(page).status_code == 200
    assert switch(signed_in(acme.marc), send, "no").status_code == 403
    assert signed_in(acme.emil).get(page).status_code == 403
    assert "Support has never signed in here" in signed_in(acme.olga).get(page).content.decode()


def test_staff_cannot_let_themselves_in_for_longer(
    acme: Acme, vera: User, signed_in: SignIn, send: Send
) -> None:
    """R9: the session's end is not theirs to move, nor is the switch."""
    client = signed_in(vera)
    opened(client, send, hours=1)
    assert switch(client, send, "yes").status_code == 403
    with pytest.raises(SupportError):
        open_session(
            user=vera,
            organization=acme.organization,
            ticket="T",
            reason="R",
            hours=9,
            now=datetime.now(UTC),
        )
