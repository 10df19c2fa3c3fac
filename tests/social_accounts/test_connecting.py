"""Connecting through our own pages to the sandbox: both networks, their consent pages, and every way to go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Workspace
from permissions.services import grant_role
from sandbox.testing import SandboxServer
from social_accounts import vault
from social_accounts.models import (
    ConnectionAttempt,
    Credential,
    NetworkApp,
    ProfileUserGrant,
    SocialProfile,
)
from tenancy.context import organization_open
from tests.cast import Acme, add_member, make_person

SignIn = Callable[[User], Client]
PROFILES = "/o/acme/profiles/"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(autouse=True)
def sandbox_is_offered(sandbox: SandboxServer, settings: LazySettings) -> None:
    sandbox.reset()
    settings.SANDBOX_MASTODON_URL = sandbox.mastodon_origin
    settings.SANDBOX_BLUESKY_URL = sandbox.bluesky_origin
    settings.SANDBOX_NETWORKS_URL = f"{sandbox.mastodon_origin}/-"
    settings.TRUSTED_NETWORK_ORIGINS = [sandbox.mastodon_origin, sandbox.bluesky_origin]


@pytest.fixture
def workspace(acme: Acme) -> Workspace:
    return acme.main


def leave(client: Client, network: str, server: str, workspace: Workspace, **more: str) -> str:
    """Walk our pages up to the link; return the address of the network's consent page."""
    typed = {"server": server, "workspace": str(workspace.pk), **more}
    sent = client.post(f"{PROFILES}connect/{network}/", typed)
    assert sent.status_code == 303, sent.content.decode()
    consent = client.get(sent["Location"])
    assert consent.status_code == 200
    link = consent.content.decode().split('class="btn btn-primary" href="', 1)[1].split('"', 1)[0]
    left = client.get(link.replace("&amp;", "&"))
    assert left.status_code == 302, left.content.decode()
    return left["Location"]


def come_back(client: Client, address: str):  # type: ignore[no-untyped-def]
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}", headers={"host": parts.netloc})


def profile_in(acme: Acme, **lookup: str) -> SocialProfile:
    with organization_open(acme.organization.pk):
        return SocialProfile.objects.get(**lookup)


def count_of(acme: Acme, model: type, **lookup: object) -> int:
    with organization_open(acme.organization.pk):
        found: int = model.objects.filter(**lookup).count()  # type: ignore[attr-defined]
        return found


class TestMastodon:
    def test_an_account_is_connected_through_the_pages(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        assert url.startswith(sandbox.mastodon_origin + "/oauth/authorize?")
        query = parse_qs(urlsplit(url).query)
        assert query["code_challenge_method"] == ["S256"]

        back = come_back(client, sandbox.consent(url, account="anna"))

        profile = profile_in(acme, remote_id__gt="", handle__startswith="@anna@")
        assert (back.status_code, back["Location"]) == (303, f"{PROFILES}{profile.pk}/")
        assert profile.status == SocialProfile.Status.CONNECTED
        assert profile.server == sandbox.mastodon_origin
        assert profile.workspace_id == workspace.pk
        assert profile.connected_by == acme.olga
        assert "is connected" in client.get(back["Location"]).content.decode()
        assert count_of(acme, Credential, profile=profile) == 1
        with organization_open(acme.organization.pk):
            event = AuditEvent.objects.get(action="profile.connect")
        assert event.actor_id == acme.olga.pk

    def test_the_page_before_consent_explains_every_scope(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        query = {"server": sandbox.mastodon_origin, "workspace": workspace.pk}
        page = client.get(f"{PROFILES}connect/mastodon/consent/", query).content.decode()
        for words in (
            "write:statuses",
            "write:media",
            "Used to publish",
            "never asks for the account",
            "leave/?",
        ):
            assert words in page

    def test_the_application_is_registered_once_per_server_and_its_secret_is_encrypted(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        for account in ("anna", "bert"):
            url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
            come_back(client, sandbox.consent(url, account=account))
        app = NetworkApp.objects.get(server=sandbox.mastodon_origin)
        assert app.client_id and app.secret.startswith("gAAAA")
        with organization_open(acme.organization.pk):
            assert SocialProfile.objects.filter(network="mastodon", server=app.server).count() == 2

    def test_a_declined_consent_connects_nothing_and_says_so(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        back = come_back(client, sandbox.consent(url, account="anna", allow=False))
        assert back.status_code == 422
        assert "declined on the network" in back.content.decode()
        assert f"{PROFILES}connect/mastodon/" in back.content.decode()
        assert count_of(acme, Credential) == 0

    def test_a_state_is_used_once(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        address = sandbox.consent(
            leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"
        )
        assert come_back(client, address).status_code == 303
        again = come_back(client, address)
        assert again.status_code == 400
        assert "completed or given up already" in again.content.decode()
        assert count_of(acme, Credential) == 1

    def test_a_state_of_another_person_is_refused_and_stays_good_for_its_owner(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        address = sandbox.consent(
            leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"
        )
        for thief in (acme.marc, acme.mallory):
            stolen = come_back(signed_in(thief), address)
            assert stolen.status_code == 403
            assert "by somebody else or in another browser" in stolen.content.decode()
        assert count_of(acme, Credential) == 0
        assert come_back(client, address).status_code == 303

    def test_a_state_of_another_session_of_the_same_person_is_refused(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        url = leave(signed_in(acme.olga), "mastodon", sandbox.mastodon_origin, workspace)
        address = sandbox.consent(url, account="anna")
        assert come_back(signed_in(acme.olga), address).status_code == 403
        assert count_of(acme, Credential) == 0

    def test_a_state_nobody_started_is_refused(self, acme: Acme, signed_in: SignIn) -> None:
        page = signed_in(acme.olga).get("/connect/mastodon/callback", {"state": "made-up", "code": "x"})
        assert page.status_code == 400
        assert "did not start this connection" in page.content.decode()
        assert signed_in(acme.olga).get("/connect/mastodon/callback").status_code == 400
        assert signed_in(acme.olga).get("/connect/nowhere/callback").status_code == 404

    def test_a_way_back_after_a_quarter_of_an_hour_is_too_late(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        address = sandbox.consent(
            leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"
        )
        with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
            late = come_back(client, address)
        assert late.status_code == 400
        assert "took too long" in late.content.decode()

    def test_rights_that_ended_meanwhile_count_and_the_token_is_given_back(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.marc)
        address = sandbox.consent(
            leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"
        )
        with organization_open(acme.organization.pk):
            acme.marc.memberships.update(status="suspended")
        back = come_back(client, address)
        assert back.status_code == 403
        assert count_of(acme, Credential) == 0

    def test_a_server_that_forgot_us_is_registered_with_anew_once(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        address = sandbox.consent(
            leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"
        )
        before = NetworkApp.objects.get().client_id
        sandbox.reset(keep_accounts=False)
        again = come_back(client, address)
        assert again.status_code == 302
        assert again["Location"].startswith(sandbox.mastodon_origin)
        assert NetworkApp.objects.get().client_id != before
        assert come_back(client, sandbox.consent(again["Location"], account="anna")).status_code == 303

    def test_a_server_that_forgot_us_is_noticed_before_the_person_leaves(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        before = NetworkApp.objects.get().client_id
        sandbox.reset()
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        assert NetworkApp.objects.get().client_id != before
        assert come_back(client, sandbox.consent(url, account="anna")).status_code == 303

    def test_the_same_account_again_updates_its_profile(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        for _time in range(2):
            url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
            assert come_back(client, sandbox.consent(url, account="anna")).status_code == 303
        assert count_of(acme, SocialProfile, server=sandbox.mastodon_origin) == 1
        assert count_of(acme, AuditEvent, action="profile.reconnect") == 1

    def test_the_same_account_may_be_a_profile_of_another_organization_and_survives_its_leaving(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        come_back(
            client,
            sandbox.consent(leave(client, "mastodon", sandbox.mastodon_origin, workspace), account="anna"),
        )
        theirs = signed_in(acme.mallory)
        with organization_open(acme.elsewhere.pk):
            other = Workspace.objects.get()
        sent = theirs.get(
            "/o/elsewhere/profiles/connect/mastodon/leave/",
            {"server": sandbox.mastodon_origin, "workspace": other.pk},
        )
        come_back(theirs, sandbox.consent(sent["Location"], account="anna"))
        with organization_open(acme.elsewhere.pk):
            twin = SocialProfile.objects.get()
        theirs.post(f"/o/elsewhere/profiles/{twin.pk}/disconnect/")

        mine = profile_in(acme, server=sandbox.mastodon_origin)
        checked = client.post(f"{PROFILES}{mine.pk}/check/", follow=True)
        assert "The connection works" in checked.content.decode()


class TestBluesky:
    def test_an_account_is_connected_by_oauth_through_the_loopback_address(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        url = leave(client, "bluesky", sandbox.bluesky_origin, workspace)
        address = sandbox.consent(url, account="anna")
        assert urlsplit(address).hostname == "127.0.0.1"
        hop = come_back(Client(), address).content.decode()
        onward = hop.split('content="0; url=', 1)[1].split('"', 1)[0].replace("&amp;", "&")
        assert onward.startswith("http://localhost:8000/connect/bluesky/callback?")
        assert come_back(client, onward).status_code == 303
        profile = profile_in(acme, network="bluesky", server=sandbox.bluesky_origin)
        assert profile.remote_id.startswith("did:plc:")
        assert profile.status == SocialProfile.Status.CONNECTED

    def test_an_account_is_connected_by_app_password(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        account = sandbox.create_account("bluesky", "carla")
        sent = signed_in(acme.olga).post(
            f"{PROFILES}connect/bluesky/",
            {
                "way": "password",
                "identifier": account["handle"],
                "app_password": account["app_password"],
                "password_server": sandbox.bluesky_origin,
                "workspace": workspace.pk,
            },
        )
        assert sent.status_code == 303
        profile = profile_in(acme, network="bluesky", server=sandbox.bluesky_origin)
        with organization_open(acme.organization.pk):
            credential = Credential.objects.get(profile=profile)
        assert account["app_password"] not in json.dumps(vault.opened(credential).extra)

    def test_a_wrong_app_password_is_said_on_the_form_and_never_drawn_again(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        account = sandbox.create_account("bluesky", "carla")
        typed = {
            "way": "password",
            "identifier": account["handle"],
            "app_password": "aaaa-bbbb-cccc-dddd",
            "password_server": sandbox.bluesky_origin,
            "workspace": workspace.pk,
        }
        answer = signed_in(acme.olga).post(f"{PROFILES}connect/bluesky/", typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "does not know this handle with this app password" in page
        assert account["handle"] in page and "aaaa-bbbb" not in page

    def test_a_handle_nobody_has_is_said_on_the_form(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        query = {"server": sandbox.bluesky_origin, "handle": "nobody.test", "workspace": workspace.pk}
        answer = signed_in(acme.olga).get(f"{PROFILES}connect/bluesky/leave/", query)
        assert answer.status_code == 422
        assert "nobody.test" in answer.content.decode()
        assert count_of(acme, ConnectionAttempt) == 0


class TestWhoMayConnect:
    def test_the_sandbox_stands_beside_the_real_networks_where_it_runs(
        self, acme: Acme, signed_in: SignIn, settings: LazySettings
    ) -> None:
        page = signed_in(acme.olga).get(f"{PROFILES}connect/").content.decode()
        assert "Mastodon sandbox" in page and "Bluesky sandbox" in page
        settings.SANDBOX_MASTODON_URL = settings.SANDBOX_BLUESKY_URL = settings.SANDBOX_NETWORKS_URL = ""
        page = signed_in(acme.olga).get(f"{PROFILES}connect/").content.decode()
        assert "sandbox" not in page and "Connect Mastodon" in page

    def test_who_may_not_connect_is_refused_with_the_reason(self, acme: Acme, signed_in: SignIn) -> None:
        client = signed_in(acme.paul)
        for path in ("", "mastodon/", "mastodon/consent/", "mastodon/leave/"):
            refused = client.get(f"{PROFILES}connect/{path}")
            assert refused.status_code == 403, path
            assert "organization.add_social_profile" in refused.content.decode()

    def test_whoever_connects_gets_the_packs_role_where_his_own_brings_none(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        nora = make_person("Nora New")
        add_member(acme.organization, nora, "standard:advanced_member")
        client = signed_in(nora)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        assert come_back(client, sandbox.consent(url, account="anna")).status_code == 303
        profile = profile_in(acme, server=sandbox.mastodon_origin)
        assert client.get(f"{PROFILES}{profile.pk}/").status_code == 200
        with organization_open(acme.organization.pk):
            grant = ProfileUserGrant.objects.get(content_object=profile)
            assert grant.user == nora
            assert AuditEvent.objects.get(action="access.grant").object_id == str(profile.pk)

    def test_a_manager_gets_no_row_because_his_role_reaches_the_profile_already(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.marc)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        come_back(client, sandbox.consent(url, account="anna"))
        profile = profile_in(acme, server=sandbox.mastodon_origin)
        assert count_of(acme, ProfileUserGrant, content_object=profile) == 0

    def test_connecting_again_gives_nobody_a_role_on_a_profile_he_has_none_on(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        come_back(client, sandbox.consent(url, account="anna"))
        nora = make_person("Nora New")
        add_member(acme.organization, nora, "standard:advanced_member")
        hers = signed_in(nora)
        url = leave(hers, "mastodon", sandbox.mastodon_origin, workspace)
        refused = come_back(hers, sandbox.consent(url, account="anna"))
        assert refused.status_code == 403
        assert count_of(acme, ProfileUserGrant, user=nora) == 0
        mine = profile_in(acme, server=sandbox.mastodon_origin)
        assert (
            "The connection works" in client.post(f"{PROFILES}{mine.pk}/check/", follow=True).content.decode()
        )

    def test_a_workspace_out_of_reach_is_refused(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer
    ) -> None:
        with organization_open(acme.elsewhere.pk):
            foreign = Workspace.objects.get()
        typed = {"server": sandbox.mastodon_origin, "workspace": foreign.pk}
        answer = signed_in(acme.olga).post(f"{PROFILES}connect/mastodon/", typed)
        assert answer.status_code == 422
        assert "Choose a workspace you can reach" in answer.content.decode()


class TestReconnect:
    @pytest.fixture
    def profile(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> SocialProfile:
        client = signed_in(acme.olga)
        url = leave(client, "mastodon", sandbox.mastodon_origin, workspace)
        come_back(client, sandbox.consent(url, account="anna"))
        found = profile_in(acme, server=sandbox.mastodon_origin)
        vault.mark_needs_reconnect(
            organization_id=acme.organization.pk, profile_id=found.pk, detail="gone", now=timezone.now()
        )
        return found

    def reconnect(self, client: Client, sandbox: SandboxServer, profile: SocialProfile, account: str):  # type: ignore[no-untyped-def]
        page = client.get(f"{PROFILES}{profile.pk}/reconnect/")
        assert "Used to publish" in page.content.decode()
        left = client.get(f"{PROFILES}{profile.pk}/reconnect/leave/")
        return come_back(client, sandbox.consent(left["Location"], account=account))

    def test_the_same_account_is_connected_again(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, profile: SocialProfile
    ) -> None:
        assert self.reconnect(signed_in(acme.olga), sandbox, profile, "anna").status_code == 303
        profile = profile_in(acme, pk=profile.pk)  # type: ignore[arg-type]
        assert (profile.status, profile.status_detail) == (SocialProfile.Status.CONNECTED, "")

    def test_another_account_is_refused_and_changes_nothing(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, profile: SocialProfile
    ) -> None:
        refused = self.reconnect(signed_in(acme.olga), sandbox, profile, "bert")
        assert refused.status_code == 409
        assert "you signed in as @bert@" in refused.content.decode()
        assert profile_in(acme, pk=profile.pk).status == SocialProfile.Status.NEEDS_RECONNECT  # type: ignore[arg-type]
        assert count_of(acme, SocialProfile, server=sandbox.mastodon_origin) == 1

    def test_an_administrator_of_the_profile_may_reconnect_it_and_an_editor_may_not(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, profile: SocialProfile
    ) -> None:
        from permissions.catalogue import Scope
        from permissions.roles import builtin_role

        for person, key in ((acme.gus, "standard:administrator"), (acme.paul, "standard:editor")):
            with organization_open(acme.organization.pk):
                grant_role(
                    actor=acme.access(acme.olga),
                    receiver=person,
                    role=builtin_role(key, Scope.PROFILE),
                    obj=profile,
                    now=timezone.now(),
                )
        assert self.reconnect(signed_in(acme.gus), sandbox, profile, "anna").status_code == 303
        for path in ("reconnect/", "reconnect/leave/", "disconnect/"):
            assert signed_in(acme.paul).get(f"{PROFILES}{profile.pk}/{path}").status_code == 403


class TestNetworksOfAnOperatorsApplication:
    """Networks where nobody but the operator can register Chorus: X and those like it."""

    @pytest.mark.parametrize("network", ["x", "threads"])
    def test_the_sandbox_s_account_is_connected_through_the_pages(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace, network: str
    ) -> None:
        client = signed_in(acme.olga)
        url = leave(client, network, sandbox.origin_of(network), workspace)
        back = come_back(client, sandbox.consent(url, account="anna"))
        assert back.status_code == 303, back.content.decode()
        profile = profile_in(acme, network=network, handle="@anna")
        assert profile.server == sandbox.origin_of(network)
        assert count_of(acme, Credential, profile=profile) == 1
        assert not NetworkApp.objects.filter(network=network).exists()  # the settings say it, each time

    def test_a_pair_that_ran_out_is_renewed_and_kept(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        come_back(
            client, sandbox.consent(leave(client, "x", sandbox.origin_of("x"), workspace), account="anna")
        )
        profile = profile_in(acme, network="x", handle="@anna")
        ids = {"organization_id": acme.organization.pk, "profile_id": profile.pk}
        given = vault.fresh_credentials(now=timezone.now(), **ids).refresh_token
        with time_machine.travel(timezone.now() + timedelta(hours=3), tick=True):
            renewed = vault.fresh_credentials(now=timezone.now(), **ids).refresh_token
            assert vault.fresh_credentials(now=timezone.now(), **ids).refresh_token == renewed != given

    @pytest.mark.parametrize("network", ["facebook", "instagram"])
    def test_pages_of_the_sandbox_are_ticked_and_connected(
        self, acme: Acme, signed_in: SignIn, sandbox: SandboxServer, workspace: Workspace, network: str
    ) -> None:
        client = signed_in(acme.olga)
        for handle in ("acme.bikes", "acme.wheels"):
            sandbox.create_account(network, handle)
        url = leave(client, network, sandbox.origin_of(network), workspace)
        back = come_back(client, sandbox.consent(url, account="anna"))
        assert "/profiles/connect/accounts/" in back["Location"]
        shown = client.get(back["Location"]).content.decode()
        assert "@acme.bikes" in shown and "@acme.wheels" in shown
        wheels = sandbox.create_account(network, "acme.wheels")["id"]
        assert client.post(back["Location"], {"account": wheels}).status_code == 303
        with organization_open(acme.organization.pk):
            assert SocialProfile.objects.get(network=network).remote_id == wheels

    def test_the_real_network_waits_for_the_operator_and_says_so(
        self, acme: Acme, signed_in: SignIn, workspace: Workspace
    ) -> None:
        client = signed_in(acme.olga)
        page = client.get(f"{PROFILES}connect/").content.decode()
        assert "the operator of this Chorus registers it at X first" in page
        assert "X charges the operator" in page
        assert "Try with X" in page
        assert f'href="{PROFILES}connect/x/"' not in page

    def test_without_an_application_nobody_is_sent_away(
        self, acme: Acme, signed_in: SignIn, workspace: Workspace, settings: LazySettings
    ) -> None:
        settings.SANDBOX_NETWORKS_URL = ""
        answer = signed_in(acme.olga).post(f"{PROFILES}connect/x/", {"workspace": str(workspace.pk)})
        assert answer.status_code == 422
        assert "has not set up an application at X yet" in answer.content.decode()
