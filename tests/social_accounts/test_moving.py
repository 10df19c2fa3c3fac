"""Moving a profile opens it to whoever reaches the other workspace: R9 counts there as well (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.utils import timezone

from accounts.models import User
from orgs.models import Organization, Workspace
from permissions.errors import WouldEscalate
from social_accounts.models import SocialProfile
from social_accounts.services.profiles import move_profile
from tenancy.context import organization_open
from tests.cast import access_of, add_member, give, make_organization, make_person, make_profile


@dataclass
class Hoot:
    """An organization with Hootsuite's roles: its admin moves profiles and has no role on them by himself."""

    organization: Organization
    owner: User
    adam: User
    profile: SocialProfile
    other: Workspace


@pytest.fixture
def hoot(db: None) -> Iterator[Hoot]:
    owner = make_person("Otto Owner", "otto@hoot.test")
    organization = make_organization("hoot", "Hoot", owner, "hootsuite:paying_super_admin")
    organization.packs = ["hootsuite"]
    organization.save()
    adam = make_person("Adam Admin", "adam@hoot.test")
    add_member(organization, adam, "hootsuite:admin")
    with organization_open(organization.pk):
        other = Workspace.objects.create(slug="other", name="Other")
        profile = make_profile(organization, "hoot-news")
        yield Hoot(organization, owner, adam, profile, other)


def in_other_workspace(hoot: Hoot) -> User:
    zoe = make_person("Zoe Zealous", "zoe@hoot.test")
    add_member(hoot.organization, zoe, "hootsuite:default", workspaces=[hoot.other])
    return zoe


def test_profile_is_not_moved_to_where_somebody_would_get_more_than_the_mover_holds(hoot: Hoot) -> None:
    zoe = in_other_workspace(hoot)
    give(hoot.profile, zoe, "hootsuite:advanced")
    assert not access_of(zoe, hoot.organization).can("profile.publish_posts", hoot.profile)
    with pytest.raises(WouldEscalate, match="Zoe"):
        move_profile(
            actor=access_of(hoot.adam, hoot.organization),
            profile=hoot.profile,
            workspace=hoot.other,
            now=timezone.now(),
        )
    kept = SocialProfile.objects.get(pk=hoot.profile.pk)
    assert kept.workspace != hoot.other
    assert not access_of(zoe, hoot.organization).can("profile.publish_posts", kept)


def test_profile_is_moved_where_nobody_gains_anything(hoot: Hoot) -> None:
    in_other_workspace(hoot)
    move_profile(
        actor=access_of(hoot.adam, hoot.organization),
        profile=hoot.profile,
        workspace=hoot.other,
        now=timezone.now(),
    )
    assert SocialProfile.objects.get(pk=hoot.profile.pk).workspace == hoot.other


def test_profile_is_moved_by_one_who_holds_what_others_gain(hoot: Hoot) -> None:
    zoe = in_other_workspace(hoot)
    give(hoot.profile, zoe, "hootsuite:advanced")
    give(hoot.profile, hoot.adam, "hootsuite:advanced")
    move_profile(
        actor=access_of(hoot.adam, hoot.organization),
        profile=hoot.profile,
        workspace=hoot.other,
        now=timezone.now(),
    )
    moved = SocialProfile.objects.get(pk=hoot.profile.pk)
    assert access_of(zoe, hoot.organization).can("profile.publish_posts", moved)
