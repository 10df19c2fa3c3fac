"""`manage.py seed_scale`: what it writes, and above all where it does not."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from bench import plan
from bench.seeding import NotEmpty, moment, seed
from orgs.models import Organization
from permissions.checker import people_who_may
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, make_person

SCALE = 0.004


def everything() -> dict[str, int]:
    with unscoped():  # what lies in the whole installation
        models = (User, Organization, SocialProfile, ProfileUserGrant, ProfileGroupGrant)
        return {model.__name__: model.objects.count() for model in models}


def test_seed_scale_refuses_an_installation_with_organizations_and_changes_nothing(acme: Acme) -> None:
    before = everything()
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("seed_scale", scale=SCALE)
    assert everything() == before


def test_seed_scale_refuses_an_installation_in_which_somebody_has_just_signed_up(db: None) -> None:
    make_person("Emil Employee")
    with pytest.raises(NotEmpty):
        seed(scale=SCALE)
    assert everything() == {name: int(name == "User") for name in everything()}


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_seed_scale_refuses_a_scale_that_is_none(db: None, scale: float) -> None:
    with pytest.raises(CommandError, match="scale"):
        call_command("seed_scale", scale=scale)


def test_seed_scale_lets_exactly_as_many_publish_as_the_plan_says(db: None) -> None:
    seed(scale=SCALE)
    size = plan.Size.of(SCALE)
    organization = Organization.objects.get(slug=plan.SLUG)
    with organization_open(organization.pk):
        profile = SocialProfile.objects.get(slug=f"profile-{plan.MEASURED_PROFILE}")
        people = list(User.objects.filter(memberships__organization=organization))
        may = people_who_may(
            plan.MEASURED_ACTION, profile, among=people, organization_id=organization.pk, at=moment()
        )
    assert len(people) == size.people
    assert len(may) == size.may_publish < size.people


def test_seed_scale_writes_the_same_grants_every_time(db: None) -> None:
    size = plan.Size.of(SCALE)
    assert list(plan.direct_grants(size)) == list(plan.direct_grants(size))
    assert list(plan.team_links(size)) == list(plan.team_links(size))
    grants = seed(scale=SCALE)
    assert grants == everything()["ProfileUserGrant"] + everything()["ProfileGroupGrant"] + sum(
        _count(table) for table in ("orgs_organizationusergrant", "orgs_teamusergrant")
    )


def test_full_data_set_has_a_million_grants_and_half_of_them_give_the_own_role() -> None:
    size = plan.Size.of(1)
    direct = list(plan.direct_grants(size))
    ordinary = size.organizations * plan.SMALL_PEOPLE * (2 + plan.SMALL_DIRECT_PER_PERSON)
    ordinary += size.organizations * plan.SMALL_TEAMS * plan.SMALL_LINKS_PER_TEAM
    places, links = list(plan.team_places(size)), list(plan.team_links(size))
    assert 1_000_000 <= size.people + len(direct) + len(places) + len(links) + ordinary <= 1_050_000
    assert sum(grant.role == plan.OWN_ROLE for grant in direct) > len(direct) * 0.48
    assert len({(grant.person, grant.profile) for grant in direct}) == len(direct)
    assert len({(person, team) for person, team, _role in places}) == len(places)


def _count(table: str) -> int:
    with unscoped(), connection.cursor() as cursor:  # every organization's
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])
