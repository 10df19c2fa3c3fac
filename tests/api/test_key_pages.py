"""The pages on which people issue, see and revoke API keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiKey, User
from permissions import catalogue
from permissions.catalogue import Scope
from tenancy.context import organization_open
from tests.api.conftest import Caller, make_key
from tests.cast import Acme, add_member, make_person

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LIST = reverse("api_key_list", args=["acme"])
NEW = reverse("api_key_new", args=["acme"])


def typed(**fields: object) -> dict[str, object]:
    return {"name": "CI", "actions": ["organization.view_members"], "reach": "all"} | fields


def test_a_key_is_issued_and_its_secret_shown_once(acme: Acme, signed_in: SignIn) -> None:
    marc = signed_in(acme.marc)
    answer = marc.post(NEW, typed())
    assert answer.status_code == 201 and "no-store" in answer["Cache-Control"]
    found = re.search(r'value="(chorus_[^"]+)"', answer.content.decode())
    assert found is not None
    assert Caller(secret=found[1]).get("/members").status_code == 200
    page = marc.get(LIST).content.decode()
    assert found[1] not in page and found[1][:15] in page
    assert found[1] not in marc.get(NEW).content.decode()


def test_only_what_one_holds_is_offered(acme: Acme, signed_in: SignIn) -> None:
    page = signed_in(acme.paul).get(NEW).content.decode()
    offered = set(re.findall(r'name="actions" value="([^"]+)"', page))
    assert "profile.publish_posts" in offered
    access = acme.access(acme.paul)
    for name in offered:
        action = catalogue.get(name)
        if action.scope is Scope.ORGANIZATION:
            assert access.can(name, acme.organization)
        elif action.scope is Scope.PROFILE:
            assert any(access.can(name, profile) for profile in (acme.news, acme.sky, acme.quiet))
        else:
            assert access.can(name, acme.brand)
    assert not offered & {"organization.manage_teams", "organization.manage_api_keys"}
    assert "acme-quiet" not in page and "acme-sky" in page


def test_what_one_does_not_hold_is_refused_however_it_is_sent(acme: Acme, signed_in: SignIn) -> None:
    paul = signed_in(acme.paul)
    assert paul.post(NEW, typed(actions=["organization.manage_teams"])).status_code == 422
    assert paul.post(NEW, typed(reach="some", profiles=[acme.quiet.pk])).status_code == 422
    with organization_open(acme.organization.pk):
        assert not ApiKey.objects.exists()


def test_a_form_with_mistakes_keeps_what_was_typed(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.marc).post(NEW, typed(name="", reach="some"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="organization.view_members" checked' in page
    assert "Choose at least one profile" in page
    empty = signed_in(acme.marc).post(NEW, typed(actions=[])).content.decode()
    assert "Choose at least one action" in empty
    past = signed_in(acme.marc).post(NEW, typed(expires_at="2020-01-01T00:00"))
    assert past.status_code == 422 and "lies in the past" in past.content.decode()


def test_a_key_for_some_profiles_names_them(acme: Acme, signed_in: SignIn) -> None:
    marc = signed_in(acme.marc)
    answer = marc.post(NEW, typed(actions=["profile.view_posts"], reach="some", profiles=[acme.news.pk]))
    assert answer.status_code == 201
    with organization_open(acme.organization.pk):
        assert ApiKey.objects.get().profile_ids == [acme.news.pk]
    assert "@acme-news" in marc.get(LIST).content.decode()


def test_a_key_is_revoked_by_its_owner_and_by_who_manages_keys(acme: Acme, signed_in: SignIn) -> None:
    marcs, secret = make_key(acme.organization, acme.marc)
    minas, _secret = make_key(acme.organization, acme.mina)
    olga, paul = signed_in(acme.olga), signed_in(acme.paul)
    revoke = [reverse("api_key_revoke", args=["acme", key.pk]) for key in (marcs, minas)]
    assert [paul.post(address).status_code for address in revoke] == [404, 404]
    assert signed_in(acme.marc).post(revoke[0]).status_code == 303
    assert Caller(secret=secret).get("/members").status_code == 401
    assert "Mina Moderator" in olga.get(LIST).content.decode()
    assert olga.post(revoke[1]).status_code == 303
    assert "Nobody else has a key" in olga.get(LIST).content.decode()


def test_the_list_costs_no_more_with_more_keys(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    make_key(acme.organization, acme.olga)
    make_key(acme.organization, acme.marc)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert olga.get(LIST).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for number in range(8):
        person = make_person(f"P{number} New")
        add_member(acme.organization, person, "standard:manager")
        make_key(acme.organization, person)
        make_key(acme.organization, acme.olga)
    assert cost() == before < 30


def test_keys_of_who_leaves_do_not_come_back_with_him(acme: Acme, olga: Caller) -> None:
    _key, secret = make_key(acme.organization, acme.gus)
    gus = next(m["id"] for m in olga.get("/members").json()["items"] if m["person"]["name"] == "Gus Guest")
    assert olga.delete(f"/members/{gus}").status_code == 204
    add_member(acme.organization, acme.gus, "standard:manager")
    assert Caller(secret=secret).get("/members").status_code == 401


def test_the_page_about_the_api_is_for_everybody(client: Client, db: None) -> None:
    page = client.get("/api/").content.decode()
    assert 'id="not-allowed"' in page and "/access/check" in page
