"""Shared calendars as the team manages them: rights, links, and what the audit log keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import OrganizationUserGrant
from permissions.catalogue import Scope
from publishing.models import CalendarLink, SharedCalendar
from tenancy.context import organization_open
from tests.cast import Acme, add_member, make_own_role, make_person, role
from tests.publishing.pages import url, words
from tests.publishing.sharing.pages import linked, shared

SignIn = Callable[[User], Client]


@pytest.fixture
def marc(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.marc)


def events(acme: Acme) -> list[str]:
    with organization_open(acme.organization.pk):
        found = AuditEvent.objects.filter(action__startswith="shared_calendar.").order_by("pk")
        return list(found.values_list("action", flat=True))


def typed(acme: Acme, **more: Any) -> dict[str, Any]:
    return {"name": "For the client", "profiles": [acme.news.pk], "states": ["waiting", "scheduled"], **more}


def test_calendar_is_made_shared_by_link_and_ended(acme: Acme, marc: Client, client: Client) -> None:
    made = marc.post(url("shared_calendar_new"), typed(acme))
    with organization_open(acme.organization.pk):
        calendar = SharedCalendar.objects.get()
    assert made["Location"] == url("shared_calendar", calendar.pk)
    answer = marc.post(
        url("shared_calendar_link_new", calendar.pk),
        {"name": "Clara", "may": "approve", "email": "clara@client.test", "days": "7"},
    )
    assert answer.status_code == 201
    found = re.search(r'value="http://testserver(/outside/calendars/[^"]+)"', words(answer))
    assert found
    address = found[1]
    assert client.get(address).status_code == 200
    with organization_open(acme.organization.pk):
        link = CalendarLink.objects.get()
    assert link.token_digest not in address and address.split("/")[-2] not in words(
        marc.get(url("shared_calendar", calendar.pk))
    )
    page = words(marc.get(url("shared_calendar", calendar.pk)))
    assert "clara@client.test" in page and "May look, comment and approve" in page
    marc.post(url("shared_calendar_link_revocation", calendar.pk, link.pk))
    assert client.get(address).status_code == 410
    marc.post(url("shared_calendar_end", calendar.pk))
    assert marc.get(url("shared_calendar", calendar.pk)).status_code == 404
    assert "Nothing is shared" in words(marc.get(url("shared_calendar_list")))
    assert events(acme) == [f"shared_calendar.{act}" for act in ("create", "link", "revoke", "end")]


def test_employee_sees_what_is_shared_and_changes_nothing(acme: Acme, signed_in: SignIn) -> None:
    calendar = shared(acme)
    link, _token = linked(acme, calendar)
    emil = signed_in(acme.emil)
    assert "For the client" in words(emil.get(url("shared_calendar_list")))
    page = words(emil.get(url("shared_calendar", calendar.pk)))
    assert "New link" not in page and "Stop sharing" not in page and "revocation" not in page
    assert "acme-news" not in page and "1 you do not see" in page
    for address in (
        url("shared_calendar_new"),
        url("shared_calendar_edit", calendar.pk),
        url("shared_calendar_end", calendar.pk),
        url("shared_calendar_link_new", calendar.pk),
        url("shared_calendar_link_revocation", calendar.pk, link.pk),
    ):
        assert emil.post(address).status_code == 403, address
    assert signed_in(acme.mallory).get(url("shared_calendar", calendar.pk)).status_code == 404


def test_nobody_shares_a_profile_whose_posts_he_does_not_see(acme: Acme, signed_in: SignIn) -> None:
    sharer = make_person("Sara Sharer")
    own = make_own_role(
        acme.organization,
        "Sharer",
        ["organization.create_shared_calendars", "organization.view_shared_calendars"],
        Scope.ORGANIZATION,
    )
    add_member(acme.organization, sharer, "standard:member")
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=sharer).update(permission_id=own.permission_id)
    client = signed_in(sharer)
    page = words(client.get(url("shared_calendar_new")))
    assert "acme-news" not in page
    refused = client.post(url("shared_calendar_new"), typed(acme))
    assert refused.status_code == 422
    with organization_open(acme.organization.pk):
        assert not SharedCalendar.objects.exists()


def test_form_keeps_what_was_typed_and_says_what_is_wrong(acme: Acme, marc: Client) -> None:
    refused = marc.post(
        url("shared_calendar_new"), typed(acme, start_date="2027-06-10", end_date="2027-06-01")
    )
    assert refused.status_code == 422
    page = words(refused)
    assert "The last day lies before the first one." in page and 'value="2027-06-10"' in page
    assert marc.post(url("shared_calendar_new"), typed(acme, profiles=[])).status_code == 422
    assert marc.post(url("shared_calendar_new"), typed(acme, states=["held"])).status_code == 422
    calendar = shared(acme)
    refused = marc.post(
        url("shared_calendar_link_new", calendar.pk), {"name": "Clara", "may": "approve", "days": "7"}
    )
    assert refused.status_code == 422 and "Write the address" in words(refused)
    assert 'value="Clara"' in words(refused)


def test_change_is_audited_with_what_it_was(acme: Acme, marc: Client) -> None:
    calendar = shared(acme)
    page = marc.get(url("shared_calendar_edit", calendar.pk))
    assert 'value="For the client"' in words(page)
    marc.post(
        url("shared_calendar_edit", calendar.pk),
        typed(acme, name="For the board", profiles=[acme.sky.pk], end_date="2027-12-31"),
    )
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get(action="shared_calendar.update")
    assert event.before is not None and event.after is not None
    assert event.before["profiles"] == [str(acme.news)] and event.after["profiles"] == [str(acme.sky)]
    assert (event.before["name"], event.after["name"]) == ("For the client", "For the board")


def test_link_of_somebody_who_lost_his_right_is_shown_as_such(
    acme: Acme, marc: Client, signed_in: SignIn
) -> None:
    calendar = shared(acme)
    linked(acme, calendar)
    olga = signed_in(acme.olga)
    assert "Its maker may no longer share" not in words(olga.get(url("shared_calendar", calendar.pk)))
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(
            permission_id=role("standard:member", Scope.ORGANIZATION).permission_id
        )
    page = words(olga.get(url("shared_calendar", calendar.pk)))
    assert "Its maker may no longer share" in page and "Shut it and make a new one." in page


def test_calendar_of_another_organization_is_not_found(acme: Acme, signed_in: SignIn) -> None:
    calendar = shared(acme)
    link, _token = linked(acme, calendar)
    mallory = signed_in(acme.mallory)
    for route, args in (
        ("shared_calendar", [calendar.pk]),
        ("shared_calendar_edit", [calendar.pk]),
        ("shared_calendar_link_revocation", [calendar.pk, link.pk]),
    ):
        address = reverse(route, args=["elsewhere", *args])
        assert mallory.post(address).status_code in (404, 405), route
        if route == "shared_calendar":
            assert mallory.get(address).status_code == 404


LIST_QUERIES, DETAIL_QUERIES = 20, 26


def test_pages_ask_the_database_no_more_for_more_links(
    acme: Acme, marc: Client, django_assert_num_queries: Any
) -> None:
    calendar = shared(acme)
    linked(acme, calendar, email="first@client.test")
    pages = {
        url("shared_calendar_list"): LIST_QUERIES,
        url("shared_calendar", calendar.pk): DETAIL_QUERIES,
    }
    for address, count in pages.items():
        marc.get(address)
        with django_assert_num_queries(count):
            marc.get(address)
    for number in range(6):
        linked(acme, calendar, name=f"Person {number}", email=f"p{number}@client.test")
        shared(acme, name=f"Calendar {number}")
    for address, count in pages.items():
        with django_assert_num_queries(count):
            marc.get(address)
