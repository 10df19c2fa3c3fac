from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from permissions.catalogue import UnknownAction
from permissions.checker import load_access
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, access_of, add_member, give, give_team, make_person, make_profile, role

PUBLISH = "profile.publish_posts"
VIEW = "profile.view_posts"


def test_direct_role_grants_its_actions_on_its_profile_alone(acme: Acme) -> None:
    access = acme.access(acme.paul)
    assert access.can(PUBLISH, acme.news)
    assert not access.can(PUBLISH, acme.quiet)


def test_manager_administers_every_profile_by_himself(acme: Acme) -> None:
    access = acme.access(acme.marc)
    assert access.can(PUBLISH, acme.quiet)
    give(acme.quiet, acme.marc, "standard:none")
    assert acme.access(acme.marc).can(PUBLISH, acme.quiet), "A2: it cannot be taken away"


def test_team_role_of_the_link_reaches_members_only(acme: Acme) -> None:
    assert acme.access(acme.paul).can(PUBLISH, acme.sky)
    assert not acme.access(acme.mina).can(PUBLISH, acme.sky)


def test_team_admin_edits_the_teams_profiles_even_where_the_link_gives_nothing(acme: Acme) -> None:
    give_team(acme.quiet, acme.brand, "standard:none")
    assert acme.access(acme.ana).can(PUBLISH, acme.quiet)
    assert not acme.access(acme.paul).can(VIEW, acme.quiet)


def test_direct_none_closes_what_a_team_gives(acme: Acme) -> None:
    give(acme.sky, acme.paul, "standard:none")
    access = acme.access(acme.paul)
    assert not access.can(VIEW, acme.sky)
    assert any("None" in step.title for step in access.decide(VIEW, acme.sky).steps)


def test_direct_role_decides_before_the_teams(acme: Acme) -> None:
    give(acme.sky, acme.paul, "standard:guest")
    assert not acme.access(acme.paul).can(PUBLISH, acme.sky)
    assert acme.access(acme.paul).can(VIEW, acme.sky)


def test_window_is_half_open(acme: Acme) -> None:
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    end = begin + timedelta(days=1)
    give(acme.quiet, acme.emil, "standard:editor", starts_at=begin, expires_at=end)
    answers = [
        access_of(acme.emil, acme.organization, at).can(PUBLISH, acme.quiet)
        for at in (begin - timedelta(seconds=1), begin, end - timedelta(seconds=1), end)
    ]
    assert answers == [False, True, True, False]


def test_role_that_needs_approval_gives_nothing_where_there_is_none(acme: Acme) -> None:
    tube = make_profile(acme.organization, "acme-tube", "youtube")
    give(tube, acme.mina, "standard:moderator")
    give(tube, acme.gus, "standard:guest")
    assert not acme.access(acme.mina).can(VIEW, tube)
    assert acme.access(acme.gus).can(VIEW, tube)


def test_workspace_out_of_reach_closes_every_role(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        from orgs.models import Workspace

        us = Workspace.objects.create(slug="us", name="United States")
    person = make_person("Uma Us")
    add_member(acme.organization, person, "standard:manager", workspaces=[us])
    there = make_profile(acme.organization, "acme-us", workspace=us)
    access = acme.access(person)
    assert access.can(PUBLISH, there)
    assert not access.can(PUBLISH, acme.news)


def test_suspended_member_and_stranger_may_nothing(acme: Acme) -> None:
    for person in (acme.sven, acme.mallory):
        access = acme.access(person)
        assert not access.can("organization.view_members", acme.organization)
        assert not access.can(VIEW, acme.news)
        assert access.decide(VIEW, acme.news).steps


def test_unknown_action_is_an_error(acme: Acme) -> None:
    with pytest.raises(UnknownAction):
        acme.access(acme.olga).can("profile.publish_post", acme.news)


def test_list_agrees_with_check_for_everybody(acme: Acme) -> None:
    tube = make_profile(acme.organization, "acme-tube", "youtube")
    give(tube, acme.mina, "standard:moderator")
    give_team(acme.quiet, acme.brand, "standard:none")
    for person in acme.everybody.values():
        access = acme.access(person)
        with organization_open(acme.organization.pk):
            for action in (VIEW, PUBLISH, "profile.send_for_approval", "profile.manage_profile"):
                listed = set(access.filter(SocialProfile.objects.all(), action))
                checked = {p for p in SocialProfile.objects.all() if access.can(action, p)}
                assert listed == checked, (person, action)


def test_has_perm_goes_through_the_same_rules(acme: Acme) -> None:
    assert acme.paul.has_perm("social_accounts.publish_posts", acme.news)
    assert not acme.mina.has_perm("social_accounts.publish_posts", acme.news)
    assert acme.marc.has_perm("orgs.invite_members", acme.organization)
    assert not acme.paul.has_perm("social_accounts.publish_posts")


def test_deleting_the_guardian_row_ends_the_right(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    assert not acme.access(acme.paul).can(PUBLISH, acme.news)


def test_access_is_read_in_one_query_and_looked_after_in_one(acme: Acme, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _time in range(2):
        with organization_open(acme.organization.pk), django_assert_num_queries(1):
            access = load_access(user=acme.paul, organization_id=acme.organization.pk, at=datetime.now(UTC))
            assert access.can(PUBLISH, acme.news)


def test_explanation_names_role_giver_and_window(acme: Acme) -> None:
    give(
        acme.quiet,
        acme.emil,
        "standard:editor",
        granted_by=acme.olga,
        reason="holiday cover",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    with organization_open(acme.organization.pk):
        text = acme.access(acme.emil).decide(PUBLISH, acme.quiet).text
    for fact in ("Editor", "Olga Owner", "holiday cover", "2030"):
        assert fact in text
    assert role("standard:editor").label == "Editor"
