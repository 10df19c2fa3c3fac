"""The page of one profile: what is shown to whom, what is changed by whom."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Workspace
from social_accounts.models import Credential, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, make_person
from tests.social_accounts.conftest import FakeNetwork, store

SignIn = Callable[[User], Client]


def url(profile: SocialProfile, path: str = "") -> str:
    return f"/o/acme/profiles/{profile.pk}/{path}"


def reread(profile: SocialProfile) -> SocialProfile:
    with organization_open(profile.organization_id):
        return SocialProfile.objects.select_related("workspace").get(pk=profile.pk)


def audited(acme: Acme) -> list[str]:
    with organization_open(acme.organization.pk):
        return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_profile_a_person_does_not_see_does_not_exist_for_him(acme: Acme, signed_in: SignIn) -> None:
    assert signed_in(acme.paul).get(url(acme.news)).status_code == 200
    assert signed_in(acme.paul).get(url(acme.quiet)).status_code == 404
    assert signed_in(acme.emil).get(url(acme.news)).status_code == 404
    assert signed_in(acme.mallory).get(url(acme.news)).status_code == 404
    assert signed_in(acme.mallory).get(f"/o/elsewhere/profiles/{acme.news.pk}/").status_code == 404


def test_the_page_offers_only_what_the_person_may_do(acme: Acme, signed_in: SignIn) -> None:
    for_guest = signed_in(acme.gus).get(url(acme.news)).content.decode()
    for part in ("name/", "time-zone/", "workspace/", "disconnect/", "reconnect/", "access/"):
        assert url(acme.news, part) not in for_guest
    for_manager = signed_in(acme.marc).get(url(acme.news)).content.decode()
    for part in ("name/", "time-zone/", "disconnect/", "reconnect/", "access/"):
        assert url(acme.news, part) in for_manager


@pytest.mark.parametrize("path", ["name/", "time-zone/", "disconnect/"])
def test_changing_a_profile_without_the_right_is_refused_with_the_reason(
    acme: Acme, signed_in: SignIn, path: str
) -> None:
    before = reread(acme.news)
    typed = {"name": "Mine", "time_zone": "Europe/Lisbon", "workspace": acme.main.pk}
    refused = signed_in(acme.paul).post(url(acme.news, path), typed)
    assert refused.status_code == 403
    after = reread(acme.news)
    assert (after.name, after.time_zone, after.status) == (before.name, before.time_zone, before.status)


def test_a_profile_is_renamed(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.marc).post(url(acme.news, "name/"), {"name": "Newsroom"})
    assert answer.status_code == 303
    assert reread(acme.news).name == "Newsroom"
    assert "profile.rename" in audited(acme)


def test_a_name_too_long_comes_back_with_what_was_typed(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.marc).post(url(acme.news, "name/"), {"name": "N" * 121})
    assert answer.status_code == 422
    assert "N" * 121 in answer.content.decode()
    assert reread(acme.news).name == "Acme News"


def test_the_time_zone_is_chosen_among_real_ones(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    assert client.post(url(acme.news, "time-zone/"), {"time_zone": "Mars/Olympus"}).status_code == 422
    assert client.post(url(acme.news, "time-zone/"), {"time_zone": "America/Sao_Paulo"}).status_code == 303
    assert reread(acme.news).time_zone == "America/Sao_Paulo"


class TestMoving:
    @pytest.fixture
    def south(self, acme: Acme) -> Workspace:
        with organization_open(acme.organization.pk):
            return Workspace.objects.create(slug="south", name="South")

    def test_a_manager_moves_a_profile_and_who_cannot_reach_the_workspace_loses_it(
        self, acme: Acme, signed_in: SignIn, south: Workspace
    ) -> None:
        lea = make_person("Lea Local")
        add_member(acme.organization, lea, "standard:member", workspaces=[acme.main])
        give(acme.news, lea, "standard:editor")
        assert signed_in(lea).get(url(acme.news)).status_code == 200
        answer = signed_in(acme.marc).post(url(acme.news, "workspace/"), {"workspace": south.pk})
        assert answer.status_code == 303
        assert reread(acme.news).workspace == south
        assert signed_in(lea).get(url(acme.news)).status_code == 404

    def test_an_administrator_of_the_profile_alone_may_not_move_it(
        self, acme: Acme, signed_in: SignIn, south: Workspace
    ) -> None:
        give(acme.news, acme.emil, "standard:administrator")
        refused = signed_in(acme.emil).post(url(acme.news, "workspace/"), {"workspace": south.pk})
        assert refused.status_code == 403
        assert "organization.move_social_profile" in refused.content.decode()
        assert reread(acme.news).workspace == acme.main

    def test_a_workspace_of_another_organization_is_none(
        self, acme: Acme, signed_in: SignIn, south: Workspace
    ) -> None:
        with organization_open(acme.elsewhere.pk):
            foreign = Workspace.objects.get()
        answer = signed_in(acme.marc).post(url(acme.news, "workspace/"), {"workspace": foreign.pk})
        assert answer.status_code == 422
        assert reread(acme.news).workspace == acme.main


class TestDisconnecting:
    def test_it_is_asked_first_then_revoked_deleted_and_history_stays(
        self, acme: Acme, signed_in: SignIn, network: FakeNetwork
    ) -> None:
        network.on("POST", "/oauth/revoke", {})
        store(acme.news)
        client = signed_in(acme.marc)
        assert (
            "Disconnect @acme-news@sandbox.test?"
            in client.get(url(acme.news, "disconnect/")).content.decode()
        )
        answer = client.post(url(acme.news, "disconnect/"), follow=True)
        assert "is disconnected. Nothing more goes out on it." in answer.content.decode()
        assert network.paths() == ["POST /oauth/revoke"]
        assert reread(acme.news).status == SocialProfile.Status.DISCONNECTED
        with organization_open(acme.organization.pk):
            assert not Credential.objects.exists()
        assert "profile.disconnect" in audited(acme)

    def test_it_is_done_and_said_when_the_network_does_not_answer(
        self, acme: Acme, signed_in: SignIn, network: FakeNetwork
    ) -> None:
        def down(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("down", request=request)

        network.on("POST", "/oauth/revoke", down)
        store(acme.news)
        answer = signed_in(acme.marc).post(url(acme.news, "disconnect/"), follow=True)
        assert "the network did not answer" in answer.content.decode()
        assert reread(acme.news).status == SocialProfile.Status.DISCONNECTED
        with organization_open(acme.organization.pk):
            assert not Credential.objects.exists()
        assert audited(acme)[-2:] == ["profile.disconnect", "profile.revoke_unanswered"]

    def test_it_may_be_repeated(self, acme: Acme, signed_in: SignIn, network: FakeNetwork) -> None:
        network.on("POST", "/oauth/revoke", {})
        store(acme.news)
        client = signed_in(acme.marc)
        for _time in range(2):
            assert client.post(url(acme.news, "disconnect/")).status_code == 303
        assert network.paths() == ["POST /oauth/revoke"]
