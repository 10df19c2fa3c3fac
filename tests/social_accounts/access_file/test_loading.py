from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from audit.services import verify_chain
from orgs.models import (
    Invitation,
    Membership,
    Organization,
    OrganizationUserGrant,
    Team,
    TeamUserGrant,
    Workspace,
)
from permissions.locks import change_access
from permissions.models import Role
from publishing.models import Post, Publication
from social_accounts.access_file import applying
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, give, make_person
from tests.social_accounts.access_file.conftest import FULL, SMALL, run

Load = Callable[..., str]
pytestmark = pytest.mark.django_db


def test_load_creates_everything_the_file_names(load: Load) -> None:
    told = load(FULL)
    organization = Organization.objects.get(slug="brandco")
    assert (organization.name, organization.packs) == ("Brand & Co.", ["standard", "hootsuite"])
    assert organization.two_factor == "managers"
    paul = User.objects.get(email="paul@brandco.test")
    with organization_open(organization.pk):
        assert Membership.objects.count() == 6
        assert OrganizationUserGrant.objects.get(is_owner=True).user.email == "olga@brandco.test"
        assert Membership.objects.get(user__email="sven@brandco.test").is_suspended
        member = Membership.objects.get(user=paul)
        assert not member.reaches_all_workspaces and str(member.default_workspace) == "Europe"
        assert Team.objects.get(slug="brand").members_group in paul.groups.all()
        profile = SocialProfile.objects.get(slug="brand-x")
        assert (profile.status, profile.network, str(profile.workspace)) == ("unconnected", "x", "Europe")
        grant = ProfileUserGrant.objects.get(user=paul, reason="holiday cover")
        assert grant.expires_at == datetime(2026, 12, 1, tzinfo=UTC) and grant.granted_by is None
        role = Role.objects.get(slug="reply-only")
        assert role.actions == ["profile.publish_replies", "profile.send_for_approval", "profile.view_posts"]
        assert role.permission.content_type.model == "socialprofile"
    assert "+ person paul@brandco.test: standard:member" in told
    assert "+ account paul@brandco.test, without a password" in told


def test_people_who_are_new_get_no_usable_password_and_no_mail(load: Load, mailoutbox: list[object]) -> None:
    load(FULL)
    olga, paul = (User.objects.get(email=f"{name}@brandco.test") for name in ("olga", "paul"))
    assert not olga.has_usable_password() and not paul.has_usable_password()
    assert (olga.name, paul.name) == ("Olga Owner", "paul")
    assert mailoutbox == []


def test_people_who_have_an_account_keep_it(load: Load) -> None:
    paul = make_person("Paul Himself", "paul@brandco.test")
    told = load(FULL.replace("email: paul@brandco.test,", "email: Paul@BrandCo.test, name: Somebody Else,"))
    paul.refresh_from_db()
    assert paul.name == "Paul Himself" and paul.has_usable_password()
    assert "account paul@brandco.test" not in told


def test_loading_twice_changes_nothing_and_leaves_no_second_event(load: Load) -> None:
    load(FULL)
    with organization_open(Organization.objects.get(slug="brandco").pk):
        events = AuditEvent.objects.count()
        granted = list(ProfileUserGrant.objects.order_by("pk").values())
    assert load(FULL) == "brandco: nothing changes\n"
    with organization_open(Organization.objects.get(slug="brandco").pk):
        assert AuditEvent.objects.count() == events == 1
        assert list(ProfileUserGrant.objects.order_by("pk").values()) == granted


def test_load_takes_away_what_the_file_leaves_out(load: Load) -> None:
    load(FULL)
    told = load(SMALL.replace("slug: small\n", "slug: brandco\n").replace("@small", "@brandco"))
    for line in (
        "- person ana@brandco.test: standard:member",
        "- team brand: Brand",
        "- profile brand-x:",
        "- profile role reply-only: Replies only",
        "- workspace us: United States",
        "~ second factor: managers -> none",
        "~ packs: standard, hootsuite -> standard",
        "- ana@brandco.test on brand-tube: standard:none: always",
        "+ workspace main: Main",
    ):
        assert line in told
    with organization_open(Organization.objects.get(slug="brandco").pk):
        assert Membership.objects.count() == 2 and TeamUserGrant.objects.count() == 0
        assert list(Workspace.objects.values_list("slug", flat=True)) == ["main"]
    assert not Group.objects.exists() and not Permission.objects.filter(name__startswith="brandco").exists()
    assert User.objects.filter(email="ana@brandco.test").exists()  # the person stays; the membership is gone


def test_load_hands_ownership_over(load: Load, acme: Acme) -> None:
    text = run("dump", "acme").replace("standard:manager}", "standard:owner}")
    text = text.replace("name: Olga Owner, role: standard:owner", "name: Olga Owner, role: standard:member")
    told = load(text)
    assert "~ person marc@acme.test: standard:manager -> standard:owner" in told
    assert not acme.access(acme.olga).can("organization.transfer_ownership", acme.organization)
    assert acme.access(acme.marc).can("organization.transfer_ownership", acme.organization)


def test_load_removes_the_owner_when_another_takes_over(load: Load) -> None:
    load(SMALL)
    told = load(
        SMALL.replace(
            "{email: olga@small.test, role: standard:owner}", "{email: new@small.test, role: standard:owner}"
        )
    )
    assert (
        "- person olga@small.test: standard:owner" in told
        and "+ person new@small.test: standard:owner" in told
    )


def test_only_rows_that_differ_are_written(load: Load) -> None:
    load(FULL)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with organization_open(Organization.objects.get(slug="brandco").pk):
        ProfileUserGrant.objects.update(granted_at=long_ago)
        load(FULL.replace("reason: holiday cover", "reason: sick leave"))
        assert ProfileUserGrant.objects.get(reason="sick leave").granted_at > long_ago
        assert ProfileUserGrant.objects.filter(granted_at=long_ago).count() == 2


def test_editing_a_custom_role_writes_no_grant(load: Load) -> None:
    load(FULL)
    told = load(FULL.replace("[view_posts, profile.publish_replies, send_for_approval]", "[view_posts]"))
    assert told.splitlines() == [
        "brandco:",
        "  - profile.publish_replies in profile role reply-only",
        "  - profile.send_for_approval in profile role reply-only",
    ]


def test_dry_run_tells_the_same_and_changes_nothing(load: Load) -> None:
    foreseen = load(FULL, "--dry-run")
    assert not Organization.objects.exists() and not User.objects.exists()
    assert foreseen == load(FULL) + "Dry run: nothing was changed.\n"
    changed = FULL.replace("brand-x: standard:editor", "brand-x: standard:guest")
    assert "~ team brand on brand-x: standard:editor -> standard:guest" in load(changed, "--dry-run")
    assert load(FULL) == "brandco: nothing changes\n"


def test_all_or_nothing_over_several_organizations(load: Load, acme: Acme) -> None:
    both = SMALL + run("dump", "acme").partition("organizations:\n")[2]
    with pytest.raises(CommandError, match="another network is another profile"):
        load(both.replace("acme-quiet, network: mastodon", "acme-quiet, network: bluesky"))
    assert not Organization.objects.filter(slug="small").exists()
    assert load(both).endswith("acme: nothing changes\n")
    assert Organization.objects.filter(slug="small").exists()


def test_load_writes_one_audit_event_per_changed_organization(load: Load) -> None:
    load(FULL)
    load(FULL.replace("status: suspended", "status: active"))
    with organization_open(Organization.objects.get(slug="brandco").pk):
        first, second = AuditEvent.objects.order_by("sequence")
        assert first.action == second.action == "organization.load_access_file"
        assert second.actor_label == "Chorus"
        assert second.after == {
            "changes": ["~ person sven@brandco.test: standard:manager, suspended -> standard:manager"]
        }
        assert list(verify_chain()) == []


def test_load_takes_the_access_lock_of_every_organization(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[int] = []

    def take(organization_id: int) -> None:
        locked.append(organization_id)
        change_access(organization_id)

    monkeypatch.setattr(applying, "change_access", take)
    load(SMALL)
    assert locked == [Organization.objects.get(slug="small").pk]


def test_what_the_file_gives_counts_at_once(load: Load, acme: Acme) -> None:
    assert not acme.access(acme.emil).can("profile.publish_posts", acme.news)
    text = (
        run("dump", "acme") + "      - {person: emil@acme.test, profile: acme-news, role: standard:editor}\n"
    )
    load(text)
    assert acme.access(acme.emil).can("profile.publish_posts", acme.news)
    emils, others = text.rpartition("emil@acme.test")[2], text.rpartition("emil@acme.test")[0]
    load(others + "emil@acme.test" + emils.replace("standard:editor", "standard:none"))
    assert not acme.access(acme.emil).can("profile.publish_posts", acme.news)


def test_rows_no_file_can_say_are_removed(load: Load, acme: Acme) -> None:
    give(acme.quiet, acme.mallory, "standard:editor")
    acme.gus.groups.add(acme.brand.members_group)
    acme.paul.groups.remove(acme.brand.members_group)
    told = load(run("dump", "acme"))
    assert told.splitlines() == [
        "acme:",
        "  - stray gus@acme.test in the userset of the team brand, without a role there",
        "  - stray paul@acme.test missing in the userset of the team brand",
        "  - stray standard:editor of mallory@elsewhere.test, who is no member, on acme-quiet",
    ]
    assert load(run("dump", "acme")) == "acme: nothing changes\n"
    assert acme.access(acme.paul).can("profile.publish_posts", acme.sky)


def _without_quiet(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if "acme-quiet" not in line)


def test_a_profile_that_is_connected_or_holds_posts_is_never_deleted(load: Load, acme: Acme) -> None:
    text = _without_quiet(run("dump", "acme"))
    with pytest.raises(CommandError, match=r"line 3: .*the profile acme-quiet of acme, but it is connected"):
        load(text)
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.quiet.pk).update(status="disconnected")
        post = Post.objects.create(workspace=acme.main, author=acme.paul, created_at=LONG_AGO)
        publication = Publication.objects.create(post=post, profile=acme.quiet, created_at=LONG_AGO)
    with pytest.raises(CommandError, match="posts or other work belong to it"):
        load(text)
    with organization_open(acme.organization.pk):
        assert SocialProfile.objects.filter(pk=acme.quiet.pk).exists()
        publication.delete()
    assert "- profile acme-quiet" in load(text)


def test_a_workspace_with_posts_is_never_deleted(load: Load, acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        old = Workspace.objects.create(slug="old", name="Old")
        Post.objects.create(workspace=old, author=acme.paul, created_at=LONG_AGO)
    text = run("dump", "acme").replace("      - {slug: old, name: Old}\n", "")
    with pytest.raises(CommandError, match="the workspace old of acme, but there are still posts"):
        load(text)


def test_a_custom_role_that_an_invitation_offers_is_never_deleted(load: Load) -> None:
    text = FULL.replace("role: counsel,", "role: standard:member,")
    load(text)
    organization = Organization.objects.get(slug="brandco")
    with organization_open(organization.pk):
        Invitation.objects.create(
            email="new@brandco.test",
            token_digest="t" * 64,
            permission=Role.objects.get(slug="counsel").permission,
            invited_by=User.objects.get(email="olga@brandco.test"),
            invited_at=LONG_AGO,
            expires_at=LONG_AGO + timedelta(days=7),
        )
    line = "      - {slug: counsel, scope: organization, name: Counsel, actions: [view_audit_log]}\n"
    with pytest.raises(CommandError, match="the role counsel of brandco, but there are still invitations"):
        load(text.replace(line, ""))
    assert load(text) == "brandco: nothing changes\n"


def test_a_custom_role_may_move_to_another_scope(load: Load) -> None:
    load(FULL)
    text = FULL.replace("scope: team, name: Guide", "scope: profile, name: Guide")
    text = text.replace("[view_team]", "[view_posts]")
    told = load(text.replace("sven@brandco.test: guide", "sven@brandco.test: standard:team_member"))
    assert "- team role guide: Guide" in told and "+ profile role guide: Guide" in told


def test_pages_open_on_what_a_file_made(load: Load, signed_in: Callable[[User], Client]) -> None:
    """Its profiles are not connected, and may be on networks that this installation does not offer yet."""
    load(FULL.replace("two_factor: managers", "two_factor: none"))
    client = signed_in(User.objects.get(email="olga@brandco.test"))
    with organization_open(Organization.objects.get(slug="brandco").pk):
        profile = SocialProfile.objects.get(slug="brand-x").pk
        team = Team.objects.get(slug="brand").pk
        member = Membership.objects.get(user__email="temp@brandco.test").pk
    plain = (
        "organization_home",
        "member_list",
        "team_list",
        "profile_list",
        "calendar",
        "post_new",
        "audit_log",
    )
    addresses = [reverse(name, args=["brandco"]) for name in plain]
    addresses += [reverse(name, args=["brandco", profile]) for name in ("profile", "profile_access")]
    addresses += [
        reverse("team_detail", args=["brandco", team]),
        reverse("member_access", args=["brandco", member]),
    ]
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_loading_asks_the_database_no_more_for_a_bigger_organization(load: Load) -> None:
    load(SMALL)
    asked = []
    for size in (1, 40):
        people = "".join(
            f"      - {{email: p{number}@small.test, role: standard:member}}\n" for number in range(size)
        )
        text = SMALL.replace("    profiles:\n", people + "    profiles:\n")
        load(text)
        with CaptureQueriesContext(connection) as queries:
            load(text)
        asked.append(len(queries))
    assert asked[0] == asked[1] < 30


def test_somebody_is_named_by_the_address_he_signs_in_with(load: Load) -> None:
    paul = make_person("Paul Editor", "paul@elsewhere.test")
    paul.emailaddress_set.create(email="paul@small.test", verified=True, primary=False)
    with pytest.raises(CommandError, match=r"line 7: paul@small\.test is another address of paul@elsew"):
        load(SMALL)
    assert not Organization.objects.exists()


def test_expired_and_future_windows_are_kept_as_they_are(load: Load, acme: Acme) -> None:
    over = datetime.now(UTC) - timedelta(days=30)
    give(acme.quiet, acme.mina, "standard:editor", expires_at=over)
    assert load(run("dump", "acme")) == "acme: nothing changes\n"
