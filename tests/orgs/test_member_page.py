"""A member's page: three levels, windows, where each role comes from; the same for few and for many objects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from orgs.models import Membership, OrganizationUserGrant
from permissions.catalogue import Scope
from tenancy.context import organization_open
from tests.cast import Acme, give, give_team, make_profile, make_team, put_in_team, role

SignIn = Callable[[User], Client]
QUERIES_OF_MEMBER_PAGE = 40


def page_url(acme: Acme, person: User, route: str = "member_access") -> str:
    with organization_open(acme.organization.pk):
        return reverse(route, args=["acme", Membership.objects.get(user=person).pk])


def test_every_role_says_who_gave_it_when_and_why(acme: Acme, signed_in: SignIn) -> None:
    give(acme.quiet, acme.paul, "standard:guest", granted_by=acme.marc, reason="Reads along")
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.paul).update(granted_by=acme.olga, reason="Joined us")
    page = signed_in(acme.marc).get(page_url(acme, acme.paul)).content.decode()
    assert "Given by Marc Manager, 12 Jan 2026" in page and "Reads along" in page
    assert "Given by Olga Owner, 12 Jan 2026" in page and "Joined us" in page
    assert "Through the team Brand" in page


def test_window_of_temporary_access_is_drawn_as_far_as_it_is_over(acme: Acme, signed_in: SignIn) -> None:
    now = datetime.now(UTC)
    give(
        acme.quiet,
        acme.emil,
        "standard:editor",
        starts_at=now - timedelta(days=3),
        expires_at=now + timedelta(days=1),
        reason="Covers for Paul",
    )
    give(acme.news, acme.emil, "standard:editor", expires_at=now - timedelta(days=1))
    response = signed_in(acme.marc).get(page_url(acme, acme.emil))
    [held] = response.context["levels"].temporary
    assert (held.obj, held.elapsed_percent) == (acme.quiet, 75)
    page = response.content.decode()
    assert '<progress class="bar bar-note mt-2" max="100" value="75"' in page and "Covers for Paul" in page


def test_access_is_read_by_profile_as_well(acme: Acme, signed_in: SignIn) -> None:
    response = signed_in(acme.marc).get(page_url(acme, acme.paul), {"by": "profile"})
    rows = {row.profile: [(one.label, one.origin) for one in row.roles] for row in response.context["rows"]}
    assert rows == {
        acme.news: [("Editor", "Given directly")],
        acme.sky: [("Editor", "Through the team Brand")],
    }
    own = signed_in(acme.emil).get(reverse("my_access", args=["acme"]), {"by": "profile"})
    assert own.context["rows"] == []
    assert "There is no profile on which any role counts." in own.content.decode()


def test_organization_role_can_be_changed_to_one_of_any_pack_in_use_after_it_was_shown(
    acme: Acme, signed_in: SignIn
) -> None:
    acme.organization.packs = ["standard", "hootsuite"]
    acme.organization.save()
    client = signed_in(acme.olga)
    url = page_url(acme, acme.marc, "member_role")
    default = role("hootsuite:default", Scope.ORGANIZATION).permission_id
    assert str(default) in dict(client.get(url).context["form"].fields["role"].choices)
    look = client.post(url, {"role": default, "step": "look"})
    assert look.context["told"].what_if.lost_count > 0
    assert acme.access(acme.marc).can("organization.view_members", acme.organization)
    assert client.post(url, {"role": default}).status_code == 303
    assert not acme.access(acme.marc).can("organization.view_members", acme.organization)


def test_end_of_a_role_is_shown_before_it_ends(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        membership = Membership.objects.get(user=acme.mina)
        grant = acme.news.user_grants.get(user=acme.mina)
    url = reverse("grant_end", args=["acme", membership.pk, grant.pk])
    client = signed_in(acme.marc)
    page = client.get(url)
    assert page.context["told"].what_if.lost_count > 0
    assert acme.access(acme.mina).can("profile.send_for_approval", acme.news)
    assert client.post(url).status_code == 303
    assert not acme.access(acme.mina).can("profile.send_for_approval", acme.news)


def test_page_costs_the_same_queries_however_much_there_is(acme: Acme, signed_in: SignIn) -> None:
    client, url = signed_in(acme.marc), page_url(acme, acme.paul)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(12):
        profile = make_profile(acme.organization, f"many-{number}")
        team = make_team(acme.organization, f"many-{number}", f"Many {number}")
        put_in_team(team, acme.paul)
        give_team(profile, team, "standard:editor")
        give(profile, acme.paul, "standard:guest", granted_by=acme.olga)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few) <= QUERIES_OF_MEMBER_PAGE


def test_long_list_of_profiles_is_cut_and_counted_and_one_is_found_by_its_name(
    acme: Acme, signed_in: SignIn
) -> None:
    for number in range(101):
        profile = make_profile(acme.organization, f"many-{number:03}")
        give_team(profile, acme.brand, "standard:editor")
    client, url = signed_in(acme.marc), page_url(acme, acme.paul)
    response = client.get(url)
    levels = response.context["levels"]
    assert (len(levels.shown_profiles), levels.more_profiles) == (30, 73)
    assert "And on 73 profiles more." in response.content.decode()
    assert response.context["profiles"] is None  # too many to choose from a list
    found = client.get(url, {"on": "many-042"})
    assert str(found.context["on_profile"]) == "@many-042@sandbox.test"
    assert {row.total for _area, rows in found.context["effective"].groups for row in rows} == {1}
