from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, Team, TeamUserGrant
from orgs.services.teams import add_to_team, put_profile_in_team, update_team
from permissions.catalogue import Scope
from permissions.errors import NotAllowed, WouldEscalate
from permissions.services import NotAMember
from social_accounts.models import ProfileGroupGrant
from tenancy.context import organization_open
from tests.cast import Acme, give, role

SignIn = Callable[[User], Client]
Send = Callable[..., Any]
PUBLISH = "profile.publish_posts"


def pk_of(acme: Acme, person: User) -> int:
    with organization_open(acme.organization.pk):
        return Membership.objects.get(user=person).pk


def team_role(key: str) -> int:
    return role(key, Scope.TEAM).permission_id


def on_brand(acme: Acme, route: str, *more: int) -> str:
    return reverse(route, args=["acme", acme.brand.pk, *more])


def test_team_is_made_changed_and_deleted_with_what_it_gave(
    acme: Acme, signed_in: SignIn, send: Send
) -> None:
    new = reverse("team_new", args=["acme"])
    assert send(signed_in(acme.ana), new, {"name": "Asia"}).status_code == 403
    assert send(signed_in(acme.marc), new, {"name": ""}).status_code == 422
    assert send(signed_in(acme.marc), new, {"name": "Brand", "description": "Again"}).status_code == 303
    with organization_open(acme.organization.pk):
        assert Team.objects.get(description="Again").slug == "brand-2"
    edit = on_brand(acme, "team_edit")
    assert send(signed_in(acme.paul), edit, {"name": "X"}).status_code == 403
    assert send(signed_in(acme.ana), edit, {"name": "Brand EU"}).status_code == 303
    assert acme.access(acme.paul).can(PUBLISH, acme.sky)
    group = acme.brand.members_group_id
    assert send(signed_in(acme.ana), on_brand(acme, "team_delete")).status_code == 403
    assert send(signed_in(acme.marc), on_brand(acme, "team_delete")).status_code == 303
    assert not acme.access(acme.paul).can(PUBLISH, acme.sky)
    assert not Group.objects.filter(pk=group).exists()
    with organization_open(acme.organization.pk):
        assert not ProfileGroupGrant.objects.exists()
        assert AuditEvent.objects.filter(action="team.delete").count() == 1


def test_team_admin_adds_and_takes_out_people(acme: Acme, signed_in: SignIn, send: Send) -> None:
    add = on_brand(acme, "team_member_add")
    data = {"member": pk_of(acme, acme.emil), "role": team_role("standard:team_member")}
    assert send(signed_in(acme.paul), add, data).status_code == 403
    assert send(signed_in(acme.ana), add, data).status_code == 303
    assert acme.access(acme.emil).can(PUBLISH, acme.sky)
    assert send(signed_in(acme.ana), add, data).status_code == 422, "he is in it already"
    out = on_brand(acme, "team_member_remove", pk_of(acme, acme.emil))
    assert send(signed_in(acme.paul), out).status_code == 403
    assert send(signed_in(acme.ana), out).status_code == 303
    assert not acme.access(acme.emil).can(PUBLISH, acme.sky)
    assert send(signed_in(acme.ana), out).status_code == 404


def test_team_admin_does_not_take_himself_out(acme: Acme, signed_in: SignIn, send: Send) -> None:
    url = on_brand(acme, "team_member_remove", pk_of(acme, acme.ana))
    assert send(signed_in(acme.ana), url).status_code == 403
    role_url = on_brand(acme, "team_member_role", pk_of(acme, acme.ana))
    data = {"role": team_role("standard:team_member")}
    assert send(signed_in(acme.ana), role_url, data).status_code == 403


def test_team_role_changes_and_brings_editor(acme: Acme, signed_in: SignIn, send: Send) -> None:
    with organization_open(acme.organization.pk):
        ProfileGroupGrant.objects.update(permission=role("standard:guest").permission_id)
    assert not acme.access(acme.paul).can(PUBLISH, acme.sky)
    url = on_brand(acme, "team_member_role", pk_of(acme, acme.paul))
    data = {"role": team_role("standard:team_admin")}
    assert send(signed_in(acme.paul), url, data).status_code == 403
    assert send(signed_in(acme.ana), url, data).status_code == 303
    assert acme.access(acme.paul).can(PUBLISH, acme.sky), "H6"


def test_manager_puts_a_profile_in_and_takes_it_out(acme: Acme, signed_in: SignIn, send: Send) -> None:
    add = on_brand(acme, "team_profile_add")
    data = {"profile": acme.quiet.pk, "role": role("standard:moderator").permission_id}
    assert send(signed_in(acme.marc), add, data).status_code == 303
    assert acme.access(acme.paul).can("profile.send_for_approval", acme.quiet)
    with organization_open(acme.organization.pk):
        link = ProfileGroupGrant.objects.get(content_object=acme.quiet)
    out = on_brand(acme, "team_profile_remove", link.pk)
    assert send(signed_in(acme.paul), out).status_code == 403
    assert send(signed_in(acme.marc), out).status_code == 303
    assert not acme.access(acme.paul).can("profile.send_for_approval", acme.quiet)


def test_team_admin_gives_the_team_no_more_than_he_holds(acme: Acme, signed_in: SignIn, send: Send) -> None:
    add = on_brand(acme, "team_profile_add")
    editor = role("standard:editor").permission_id
    assert send(signed_in(acme.ana), add, {"profile": acme.quiet.pk, "role": editor}).status_code == 422
    give(acme.quiet, acme.ana, "standard:guest")
    guest = {"profile": acme.quiet.pk, "role": role("standard:guest").permission_id}
    refused = send(signed_in(acme.ana), add, guest)
    assert refused.status_code == 403, "as admin of the team she would become editor herself (H6)"
    assert not acme.access(acme.ana).can(PUBLISH, acme.quiet)
    give(acme.quiet, acme.ana, "standard:editor")
    assert send(signed_in(acme.ana), add, guest).status_code == 303
    assert acme.access(acme.paul).can("profile.view_posts", acme.quiet)


def test_team_list_shows_managers_all_and_others_their_own(acme: Acme, signed_in: SignIn) -> None:
    url = reverse("team_list", args=["acme"])
    assert "Brand" in signed_in(acme.marc).get(url).content.decode()
    assert "Brand" in signed_in(acme.paul).get(url).content.decode()
    alone = signed_in(acme.mina).get(url).content.decode()
    assert "Brand" not in alone and "You are in no team" in alone


def test_nobody_prolongs_his_own_role_through_his_team(acme: Acme) -> None:
    now = datetime.now(UTC)
    give(acme.news, acme.ana, "standard:editor", expires_at=now + timedelta(days=2))
    editor = role("standard:editor")
    with organization_open(acme.organization.pk):
        with pytest.raises(WouldEscalate, match="your own access"):
            put_profile_in_team(
                actor=acme.access(acme.ana), team=acme.brand, profile=acme.news, role=editor, now=now
            )
        assert not ProfileGroupGrant.objects.filter(content_object=acme.news).exists()
        put_profile_in_team(
            actor=acme.access(acme.marc), team=acme.brand, profile=acme.news, role=editor, now=now
        )
        assert ProfileGroupGrant.objects.filter(content_object=acme.news).exists()


def test_who_left_while_the_form_was_open_gets_no_place_in_the_team(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        emil = Membership.objects.get(user=acme.emil)
        Membership.objects.filter(pk=emil.pk).delete()
        with pytest.raises(NotAMember):
            add_to_team(
                actor=acme.access(acme.marc),
                team=acme.brand,
                membership=emil,
                role=role("standard:team_member", Scope.TEAM),
                now=datetime.now(UTC),
            )
    assert not acme.emil.groups.exists()


def test_team_is_not_changed_by_one_who_lost_the_right_meanwhile(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        stale = acme.access(acme.ana)
        TeamUserGrant.objects.filter(user=acme.ana).delete()
        with pytest.raises(NotAllowed):
            update_team(actor=stale, team=acme.brand, name="Mine", description="", now=datetime.now(UTC))
