"""Every page of the app, for those who may open it and those who may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from orgs.models import Membership, TeamUserGrant
from orgs.services.invitations import Offer, invite_members
from permissions.catalogue import Scope
from tenancy.context import organization_open
from tests.cast import (
    Acme,
    add_member,
    give,
    give_team,
    make_person,
    make_profile,
    make_team,
    put_in_team,
    role,
)

SignIn = Callable[[User], Client]

FOR_MANAGERS = [
    "organization_settings",
    "organization_security",
    "workspace_list",
    "member_list",
    "invitation_new",
    "invitation_list",
    "team_new",
    "audit_log",
    "audit_verify",
]
FOR_EVERY_MEMBER = [
    "organization_home",
    "my_access",
    "organization_leave",
    "ownership",
    "team_list",
]
MEMBER_PAGES = [
    "member_access",
    "member_teams",
    "member_activity",
    "member_role",
    "member_workspaces",
    "grant_new",
    "member_remove",
]
TEAM_PAGES = ["team_detail", "team_edit", "team_member_add", "team_profile_add"]


def membership_of(acme: Acme, person: User) -> Membership:
    with organization_open(acme.organization.pk):
        return Membership.objects.get(user=person)


@pytest.mark.parametrize("route", FOR_MANAGERS)
def test_page_opens_for_managers_and_explains_itself_to_others(
    route: str, acme: Acme, signed_in: SignIn
) -> None:
    url = reverse(route, args=["acme"])
    assert signed_in(acme.marc).get(url).status_code == 200
    refused = signed_in(acme.mina).get(url)
    assert refused.status_code == 403
    assert b"Why" in refused.content
    assert signed_in(acme.mallory).get(url).status_code == 404
    assert signed_in(acme.sven).get(url).status_code == 403
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("route", FOR_EVERY_MEMBER)
def test_page_opens_for_every_member_but_not_for_strangers(route: str, acme: Acme, signed_in: SignIn) -> None:
    url = reverse(route, args=["acme"])
    for person in (acme.olga, acme.marc, acme.ana, acme.mina, acme.emil):
        assert signed_in(person).get(url).status_code == 200
    assert signed_in(acme.mallory).get(url).status_code == 404
    suspended = signed_in(acme.sven).get(url)
    assert suspended.status_code == 403
    assert "suspended" in suspended.content.decode()


@pytest.mark.parametrize("route", MEMBER_PAGES)
def test_member_page_opens_for_managers_alone(route: str, acme: Acme, signed_in: SignIn) -> None:
    url = reverse(route, args=["acme", membership_of(acme, acme.paul).pk])
    assert signed_in(acme.marc).get(url).status_code == 200
    assert signed_in(acme.ana).get(url).status_code == 403
    assert signed_in(acme.mallory).get(url).status_code == 404
    with organization_open(acme.elsewhere.pk):
        stranger = Membership.objects.get(user=acme.mallory)
    assert signed_in(acme.marc).get(reverse(route, args=["acme", stranger.pk])).status_code == 404


@pytest.mark.parametrize("route", TEAM_PAGES)
def test_team_page_opens_for_its_admins(route: str, acme: Acme, signed_in: SignIn) -> None:
    url = reverse(route, args=["acme", acme.brand.pk])
    assert signed_in(acme.marc).get(url).status_code == 200
    assert signed_in(acme.ana).get(url).status_code == 200
    expected = 200 if route == "team_detail" else 403
    assert signed_in(acme.paul).get(url).status_code == expected
    assert signed_in(acme.mina).get(url).status_code == 404, "she is in no team and does not see it"


def test_team_role_page_opens_for_its_admins(acme: Acme, signed_in: SignIn) -> None:
    url = reverse("team_member_role", args=["acme", acme.brand.pk, membership_of(acme, acme.paul).pk])
    assert signed_in(acme.ana).get(url).status_code == 200
    assert signed_in(acme.paul).get(url).status_code == 403


def test_member_list_finds_by_name_role_status_and_team(acme: Acme, signed_in: SignIn) -> None:
    client, url = signed_in(acme.marc), reverse("member_list", args=["acme"])
    with organization_open(acme.organization.pk):
        assert TeamUserGrant.objects.count() == 2

    def names(query: str) -> list[str]:
        response = client.get(f"{url}?{query}")
        return [str(row.membership) for row in response.context["rows"]]

    assert names("q=mina") == ["Mina Moderator"]
    assert names("q=paul@acme") == ["Paul Editor"]
    assert names("status=suspended") == ["Sven Suspended"]
    assert names(f"team={acme.brand.pk}") == ["Ana Admin", "Paul Editor"]
    assert names("role=999999") == []
    assert len(names("")) == 8


def test_member_list_asks_the_same_number_of_queries_whatever_its_length(
    acme: Acme, signed_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = signed_in(acme.marc), reverse("member_list", args=["acme"])
    client.get(url)
    with django_assert_num_queries(QUERIES_OF_MEMBER_LIST):
        client.get(url)
    for number in range(12):
        person = make_person(f"Nora {number}", f"nora{number}@acme.test")
        add_member(acme.organization, person, "standard:member")
    with django_assert_num_queries(QUERIES_OF_MEMBER_LIST):
        assert client.get(url).status_code == 200


QUERIES_OF_MEMBER_LIST = 25


def test_why_tells_the_derivation_over_all_profiles(acme: Acme, signed_in: SignIn) -> None:
    url = reverse("member_why", args=["acme", membership_of(acme, acme.paul).pk])
    page = signed_in(acme.marc).get(f"{url}?action=profile.publish_posts", headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "Paul Editor may do this on 2 of 3 profiles." in text
    assert "Editor grants it" in text
    assert "Through the team Brand" in text
    assert "No role on this profile" in text
    assert "<html" not in text
    whole = signed_in(acme.marc).get(f"{url}?action=organization.invite_members")
    assert "<html" in whole.content.decode()
    assert signed_in(acme.marc).get(f"{url}?action=profile.fly").status_code == 404


def test_effective_access_counts_what_is_allowed_in_part(acme: Acme, signed_in: SignIn) -> None:
    url = reverse("member_access", args=["acme", membership_of(acme, acme.paul).pk])
    response = signed_in(acme.marc).get(f"{url}?q=Publish+posts")
    [(_area, rows)] = response.context["effective"].groups
    row = next(row for row in rows if row.action.name == "profile.publish_posts")
    assert (row.state, row.count, row.total, row.sources) == ("partly", 2, 3, ("Editor",))
    on_one = signed_in(acme.marc).get(f"{url}?on={acme.news.pk}&show=allowed")
    assert all(row.total == 1 for _area, rows in on_one.context["effective"].groups for row in rows)


def test_my_access_names_whom_to_ask(acme: Acme, signed_in: SignIn) -> None:
    text = signed_in(acme.emil).get(reverse("my_access", args=["acme"])).content.decode()
    assert "Olga Owner" in text
    assert "Effective access" in text
    why = signed_in(acme.emil).get(reverse("my_access_why", args=["acme"]) + "?action=profile.publish_posts")
    assert "Emil Employee may do this on 0 of 3 profiles." in why.content.decode()


@pytest.mark.parametrize(
    "route", ["member_access", "member_teams", "team_list", "team_detail", "invitation_list"]
)
def test_page_asks_the_same_number_of_queries_whatever_the_size_of_the_organization(
    route: str, acme: Acme, signed_in: SignIn
) -> None:
    ids = {
        "member_access": [membership_of(acme, acme.paul).pk],
        "member_teams": [membership_of(acme, acme.paul).pk],
        "team_detail": [acme.brand.pk],
    }
    client, url = signed_in(acme.marc), reverse(route, args=["acme", *ids.get(route, [])])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    grow(acme, 1)
    queries()
    before = queries()
    grow(acme, 2)
    grow(acme, 3)
    assert queries() == before


def grow(acme: Acme, number: int) -> None:
    """Add a profile, a team and a person to everything the pages list."""
    profile = make_profile(acme.organization, f"more-{number}")
    give(profile, acme.paul, "standard:guest")
    give_team(profile, acme.brand, "standard:guest")
    person = make_person(f"Zoe {number}", f"zoe{number}@acme.test")
    add_member(acme.organization, person, "standard:member")
    put_in_team(acme.brand, person)
    put_in_team(make_team(acme.organization, f"team-{number}", f"Team {number}"), acme.paul)
    with organization_open(acme.organization.pk):
        invite_members(
            actor=acme.access(acme.marc),
            organization=acme.organization,
            emails=[f"guest{number}@new.test"],
            offer=Offer(role=role("standard:member", Scope.ORGANIZATION)),
            language="en",
            message="",
            now=datetime.now(UTC),
        )


def test_forms_offer_the_default_role_of_each_level_first(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    invitation = client.get(reverse("invitation_new", args=["acme"])).context["form"]
    member = role("standard:member", Scope.ORGANIZATION).permission_id
    assert invitation.fields["role"].initial == str(member), "H4"
    assert invitation.fields["profile_role"].initial is None, "A3: on profiles there is no default"
    team = client.get(reverse("team_member_add", args=["acme", acme.brand.pk])).context["form"]
    in_team = role("standard:team_member", Scope.TEAM).permission_id
    assert team.fields["role"].initial == str(in_team), "H4"
