from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, OrganizationUserGrant, TeamUserGrant
from permissions.catalogue import Scope
from permissions.errors import WouldEscalate
from permissions.models import Role
from permissions.services import end_grant
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person, role

SignIn = Callable[[User], Client]
Send = Callable[..., Any]
PUBLISH = "profile.publish_posts"


def pk_of(acme: Acme, person: User) -> int:
    with organization_open(acme.organization.pk):
        return Membership.objects.get(user=person).pk


def at(acme: Acme, route: str, person: User, *more: int) -> str:
    return reverse(route, args=["acme", pk_of(acme, person), *more])


def events(acme: Acme, action: str) -> list[AuditEvent]:
    with organization_open(acme.organization.pk):
        return list(AuditEvent.objects.filter(action=action))


def organization_role(key: str) -> int:
    return role(key, Scope.ORGANIZATION).permission_id


def test_grant_gives_one_role_on_several_profiles_at_once(acme: Acme, signed_in: SignIn, send: Send) -> None:
    data = {
        "role": role("standard:editor").permission_id,
        "profiles": [acme.news.pk, acme.quiet.pk],
        "reason": "Covers for Paul",
    }
    assert send(signed_in(acme.olga), at(acme, "grant_new", acme.emil), data).status_code == 303
    access = acme.access(acme.emil)
    assert access.can(PUBLISH, acme.news) and access.can(PUBLISH, acme.quiet)
    assert not access.can(PUBLISH, acme.sky)
    [first, _second] = events(acme, "access.grant")
    assert first.reason == "Covers for Paul" and first.after is not None
    page = signed_in(acme.olga).get(at(acme, "member_access", acme.emil)).content.decode()
    assert "@acme-quiet@sandbox.test" in page


def test_grant_with_a_window_counts_only_inside_it(acme: Acme, signed_in: SignIn, send: Send) -> None:
    begin, end = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) + timedelta(days=3)
    data = {
        "role": role("standard:editor").permission_id,
        "profiles": [acme.news.pk],
        "starts_at": f"{begin:%Y-%m-%dT%H:%M}",
        "expires_at": f"{end:%Y-%m-%dT%H:%M}",
    }
    url = at(acme, "grant_new", acme.emil)
    assert send(signed_in(acme.marc), url, data).status_code == 303
    assert not acme.access(acme.emil).can(PUBLISH, acme.news)
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.emil)
        assert grant.expires_at is not None and grant.starts_at is not None


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [(2, 1, "The end must come after the beginning."), (None, -1, "The end lies in the past.")],
)
def test_grant_refuses_a_window_that_makes_no_sense_and_keeps_what_was_typed(
    starts: int | None, ends: int, sentence: str, acme: Acme, signed_in: SignIn, send: Send
) -> None:
    def moment(days: int | None) -> str:
        return "" if days is None else f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}"

    data = {
        "role": role("standard:editor").permission_id,
        "profiles": [acme.news.pk],
        "starts_at": moment(starts),
        "expires_at": moment(ends),
        "reason": "kept text",
    }
    response = send(signed_in(acme.marc), at(acme, "grant_new", acme.emil), data)
    assert response.status_code == 422
    assert sentence in response.content.decode() and "kept text" in response.content.decode()
    assert not acme.access(acme.emil).can(PUBLISH, acme.news)


def test_grant_is_refused_to_those_who_manage_nothing_and_to_oneself(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    data = {"role": role("standard:editor").permission_id, "profiles": [acme.quiet.pk]}
    assert send(signed_in(acme.paul), at(acme, "grant_new", acme.emil), data).status_code == 403
    assert send(signed_in(acme.marc), at(acme, "grant_new", acme.marc), data).status_code == 403
    assert send(signed_in(acme.mallory), at(acme, "grant_new", acme.emil), data).status_code == 404
    assert not acme.access(acme.emil).can(PUBLISH, acme.quiet)
    assert [e.outcome for e in events(acme, "organization.edit_member_permissions")] == ["refused"]


def test_end_of_a_grant_takes_the_right_at_once(acme: Acme, signed_in: SignIn, send: Send) -> None:
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.paul, content_object=acme.news)
    url = at(acme, "grant_end", acme.paul, grant.pk)
    assert send(signed_in(acme.mina), url).status_code == 403
    assert acme.access(acme.paul).can(PUBLISH, acme.news)
    assert send(signed_in(acme.marc), url, {"reason": "Left the desk"}).status_code == 303
    assert not acme.access(acme.paul).can(PUBLISH, acme.news)
    assert events(acme, "access.end")[0].reason == "Left the desk"
    assert send(signed_in(acme.marc), url).status_code == 404


def test_end_of_a_grant_names_the_member_it_belongs_to(acme: Acme, signed_in: SignIn, send: Send) -> None:
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.paul)
    assert send(signed_in(acme.marc), at(acme, "grant_end", acme.mina, grant.pk)).status_code == 404


def test_organization_role_changes_at_once(acme: Acme, signed_in: SignIn, send: Send) -> None:
    url = at(acme, "member_role", acme.emil)
    data = {"role": organization_role("standard:advanced_member"), "reason": "Connects profiles"}
    assert send(signed_in(acme.paul), url, data).status_code == 403
    assert send(signed_in(acme.marc), url, data).status_code == 303
    assert acme.access(acme.emil).can("organization.add_social_profile", acme.organization)
    [event] = events(acme, "member.role")
    assert (event.before, event.after) == (
        {"role": "standard:member"},
        {"role": "standard:advanced_member"},
    )


def test_owner_and_those_above_cannot_be_touched(acme: Acme, signed_in: SignIn, send: Send) -> None:
    carla = make_person("Carla Coowner")
    add_member(acme.organization, carla, "standard:co_owner")
    for target, actor in [(acme.olga, acme.marc), (acme.olga, carla), (carla, acme.marc)]:
        client = signed_in(actor)
        data = {"role": organization_role("standard:member")}
        assert send(client, at(acme, "member_role", target), data).status_code == 403
        for route in ("member_suspend", "member_remove"):
            assert send(client, at(acme, route, target)).status_code == 403
        page = client.get(at(acme, "member_access", target)).content.decode()
        assert reverse("member_suspend", args=["acme", pk_of(acme, target)]) not in page
        assert reverse("member_role", args=["acme", pk_of(acme, target)]) not in page
    with organization_open(acme.organization.pk):
        assert OrganizationUserGrant.objects.get(is_owner=True).user == acme.olga
        assert Membership.objects.get(user=acme.olga).status == Membership.Status.ACTIVE


def test_nobody_changes_himself(acme: Acme, signed_in: SignIn, send: Send) -> None:
    client = signed_in(acme.marc)
    data = {"role": organization_role("standard:member")}
    assert send(client, at(acme, "member_role", acme.marc), data).status_code == 403
    for route in ("member_suspend", "member_remove"):
        assert send(client, at(acme, route, acme.marc)).status_code == 403
    assert send(client, at(acme, "member_workspaces", acme.marc), {"reach": "all"}).status_code == 403


def test_suspended_member_is_told_why_until_he_is_reactivated(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    home = reverse("organization_home", args=["acme"])
    assert send(signed_in(acme.paul), at(acme, "member_suspend", acme.mina)).status_code == 403
    assert send(signed_in(acme.marc), at(acme, "member_suspend", acme.mina)).status_code == 303
    refused = signed_in(acme.mina).get(home)
    assert refused.status_code == 403
    assert "The membership is suspended" in refused.content.decode()
    assert not acme.access(acme.mina).can("profile.view_posts", acme.news)
    assert send(signed_in(acme.marc), at(acme, "member_reactivate", acme.mina)).status_code == 303
    assert signed_in(acme.mina).get(home).status_code == 200
    assert acme.access(acme.mina).can("profile.view_posts", acme.news)


def test_removal_says_what_goes_and_takes_all_of_it(acme: Acme, signed_in: SignIn, send: Send) -> None:
    url = at(acme, "member_remove", acme.paul)
    page = signed_in(acme.marc).get(url).content.decode()
    assert "The place in the team Brand" in page
    assert "The role Editor on @acme-news@sandbox.test" in page
    assert send(signed_in(acme.ana), url).status_code == 403
    assert send(signed_in(acme.marc), url).status_code == 303
    assert signed_in(acme.paul).get(reverse("organization_home", args=["acme"])).status_code == 404
    with organization_open(acme.organization.pk):
        assert not ProfileUserGrant.objects.filter(user=acme.paul).exists()
        assert not TeamUserGrant.objects.filter(user=acme.paul).exists()
        assert not OrganizationUserGrant.objects.filter(user=acme.paul).exists()
    assert not acme.paul.groups.exists()
    [event] = events(acme, "member.remove")
    assert event.before is not None and "Brand: standard:team_member" in event.before["teams"]


def test_member_leaves_by_himself_but_the_owner_does_not(acme: Acme, signed_in: SignIn, send: Send) -> None:
    url = reverse("organization_leave", args=["acme"])
    assert send(signed_in(acme.emil), url).status_code == 303
    assert signed_in(acme.emil).get(reverse("organization_home", args=["acme"])).status_code == 404
    send(signed_in(acme.olga), url)
    assert acme.access(acme.olga).organization_role is not None
    [refused] = [event for event in events(acme, "member.leave") if event.actor_id == acme.olga.pk]
    assert refused.outcome == AuditEvent.Outcome.REFUSED


def test_activity_lists_what_a_person_did_and_what_was_done_to_him(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    data = {"role": role("standard:editor").permission_id, "profiles": [acme.quiet.pk]}
    send(signed_in(acme.marc), at(acme, "grant_new", acme.emil), data)
    send(signed_in(acme.marc), at(acme, "member_suspend", acme.gus))
    about_emil = signed_in(acme.olga).get(at(acme, "member_activity", acme.emil)).content.decode()
    assert "Role given" in about_emil and "Member suspended" not in about_emil
    by_marc = signed_in(acme.olga).get(at(acme, "member_activity", acme.marc)).content.decode()
    assert "Role given" in by_marc and "Member suspended" in by_marc


def test_ending_a_none_is_refused_to_whoever_holds_less_than_it_would_open(
    acme: Acme, signed_in: SignIn
) -> None:

    none = give(acme.sky, acme.paul, "standard:none")
    pk = none.pk
    with organization_open(acme.organization.pk):
        permission = Permission.objects.create(
            codename="role:doorkeeper",
            name="doorkeeper",
            content_type=ContentType.objects.get_for_model(SocialProfile),
        )
        Role.objects.create(
            organization=acme.organization,
            permission=permission,
            scope="profile",
            slug="doorkeeper",
            actions=["profile.manage_profile_access", "profile.view_profile"],
        )
        ProfileUserGrant.objects.create(
            content_object=acme.sky, user=acme.gus, permission=permission, granted_at=datetime.now(UTC)
        )
        with pytest.raises(WouldEscalate):
            end_grant(actor=acme.access(acme.gus), grant=none, now=datetime.now(UTC))
        assert ProfileUserGrant.objects.filter(pk=pk).exists()
    assert not acme.access(acme.paul).can(PUBLISH, acme.sky)
