"""load(dump(x)) changes nothing, over worlds of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from orgs.models import Organization, Workspace
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.packs import PACKS, roles_of
from social_accounts.access_file.reading import read
from social_accounts.access_file.state import (
    GrantState,
    Held,
    OrganizationState,
    PersonState,
    ProfileState,
    RoleState,
    TeamState,
    WorkspaceState,
)
from social_accounts.access_file.writing import written
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, add_member, give, give_team, make_person, make_profile
from tests.social_accounts.access_file.conftest import FULL, run

Load = Callable[..., str]
WORLDS = range(24)
NAMES = (
    "Acme",
    "@acme",
    "yes",
    "null",
    "a: b # c",
    "\"quoted\" \\ and 'single'",
    "Zoë & Ængland 日本 🦜",
    " blank around ",
    "line\nbreak\ttab\u2028and\x85more",
    "- dash",
    "{brace}",
    "1.5",
    "2026-11-21",
    "*star",
)


class World:
    """A state drawn at random, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.packs = tuple(self.random.sample(list(PACKS), self.random.randint(1, 3)))
        self.workspaces = [f"space-{number}" for number in range(self.random.randint(1, 3))]
        self.people = [f"person{number}+{seed}@world.test" for number in range(self.random.randint(2, 9))]
        self.profiles = [f"profile_{number}" for number in range(self.random.randint(0, 5))]
        scopes = self.random.choices(list(Scope), k=self.random.randint(0, 4))
        self.roles = {(scope, f"own-{number}"): scope for number, scope in enumerate(scopes)}

    def some(self, names: list[str]) -> list[str]:
        return sorted(self.random.sample(names, self.random.randint(0, len(names))))

    def name(self) -> str:
        return self.random.choice(NAMES)

    def window(self) -> dict[str, datetime | None]:
        starts = datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(
            hours=self.random.randint(-900, 900), microseconds=self.random.choice([0, 123_456])
        )
        expires = starts + timedelta(hours=self.random.randint(1, 900))
        return {
            "starts": self.random.choice([None, starts]),
            "expires": self.random.choice([None, expires]),
        }

    def held(self, scope: Scope, **fixed: Any) -> Held:
        """Return a role this organization may hand out, most often plainly."""
        keys = [role.key for pack in self.packs for role in roles_of(pack, scope) if role.is_assignable] + [
            slug for there, slug in self.roles if there is scope
        ]
        if scope is Scope.PROFILE:
            keys.append("standard:none")
        more: dict[str, Any] = {}
        if self.random.random() < 0.4:
            more = {**self.window(), "reason": self.random.choice(["", self.name()])}
        return Held(role=self.random.choice(keys), **(more | fixed))

    def has_roles_of_teams(self) -> bool:
        return any(roles_of(pack, Scope.TEAM) for pack in self.packs) or Scope.TEAM in self.roles.values()

    def person(self, email: str, is_owner: bool) -> PersonState:
        if is_owner:
            return PersonState(email=email, held=Held(role=PACKS[self.packs[0]].owner_role))
        return PersonState(
            email=email,
            held=self.held(Scope.ORGANIZATION),
            name=self.name(),
            is_suspended=self.random.random() < 0.2,
            workspaces=self.random.choice([None, tuple(self.some(self.workspaces))]),
            default_workspace=self.random.choice([None, self.workspaces[0]]),
            **(self.window() if self.random.random() < 0.3 else {}),  # type: ignore[arg-type]
        )

    def role(self, scope: Scope, slug: str) -> RoleState:
        actions = self.some([action.name for action in catalogue.of_scope(scope)])
        return RoleState(slug=slug, scope=scope, name=self.name(), actions=frozenset(actions))

    def team(self, slug: str) -> TeamState:
        members = self.some(self.people) if self.has_roles_of_teams() else []
        return TeamState(
            slug=slug,
            name=self.name(),
            members={email: self.held(Scope.TEAM) for email in members},
            profiles={profile: self.held(Scope.PROFILE) for profile in self.some(self.profiles)},
        )

    def grants(self) -> dict[tuple[str, str, str], GrantState]:
        found = {}
        for _number in range(self.random.randint(0, 12) if self.profiles else 0):
            person, profile = self.random.choice(self.people), self.random.choice(self.profiles)
            held = self.held(Scope.PROFILE)
            found[person, profile, held.role] = GrantState(person=person, profile=profile, held=held)
        return found

    def state(self, slug: str) -> OrganizationState:
        return OrganizationState(
            slug=slug,
            name=self.name(),
            packs=self.packs,
            two_factor=self.random.choice(Organization.TwoFactor.values),
            workspaces={each: WorkspaceState(slug=each, name=self.name()) for each in self.workspaces},
            people={email: self.person(email, email == self.people[0]) for email in self.people},
            roles={key: self.role(*key) for key in self.roles},
            profiles={
                each: ProfileState(
                    slug=each,
                    network=self.random.choice(["mastodon", "bluesky", "youtube", "x"]),
                    name=self.name(),
                    workspace=self.random.choice(self.workspaces),
                )
                for each in self.profiles
            },
            teams={each: self.team(each) for each in ("a-team", "b_team")[: self.random.randint(0, 2)]},
            grants=self.grants(),
        )


@pytest.mark.parametrize("seed", WORLDS)
def test_reading_what_was_written_gives_the_same_state(seed: int) -> None:
    state = World(seed).state("world")
    assert read(written([state])) == [state]


@pytest.mark.parametrize("seed", WORLDS)
def test_any_reader_of_yaml_understands_what_is_written(seed: int) -> None:
    state = World(seed).state("world")
    [organization] = yaml.safe_load(written([state]))["organizations"]
    assert organization["name"] == state.name
    assert [each["email"] for each in organization["people"]] == list(state.people)
    assert [each.get("reason", "") for each in organization.get("grants", [])] == [
        grant.held.reason for grant in state.grants.values()
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", WORLDS)
def test_loading_a_dump_changes_nothing(load: Load, seed: int) -> None:
    """The second world is loaded over the first, so that everything is also changed and taken away."""
    for number in (seed, seed + 1_000):
        text = written([World(number).state("world")])
        told = load(text)
        assert told.startswith("world:\n")
        assert load(text) == "world: nothing changes\n"
        dumped = run("dump", "world")
        assert load(dumped) == "world: nothing changes\n"
        assert run("dump", "world") == dumped


@pytest.mark.django_db
def test_a_dump_builds_the_same_organization_where_there_is_none(load: Load) -> None:
    load(FULL)
    dumped = run("dump", "brandco")
    load(dumped.replace("slug: brandco\n", "slug: copy\n"))
    assert run("dump", "copy") == dumped.replace("slug: brandco\n", "slug: copy\n")


@pytest.mark.django_db
def test_a_dump_of_what_screens_made_changes_nothing(load: Load, acme: Acme) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    with organization_open(acme.organization.pk):
        europe = Workspace.objects.create(slug="eu", name="Europe")
    add_member(acme.organization, make_person("Lea"), "standard:member", workspaces=[europe])
    add_member(acme.organization, make_person("Max"), "standard:member", workspaces=[], expires_at=soon)
    tube = make_profile(acme.organization, "acme-tube", "youtube", workspace=europe)
    give(tube, acme.paul, "standard:none", starts_at=soon)
    give(tube, acme.paul, "standard:editor", expires_at=soon, reason="Holidays: 2 weeks # maybe")
    give_team(tube, acme.brand, "standard:guest", expires_at=soon)
    dumped = run("dump", "acme", "elsewhere")
    assert load(dumped) == "acme: nothing changes\nelsewhere: nothing changes\n"
    with organization_open(acme.organization.pk):
        assert ProfileUserGrant.objects.filter(user=acme.paul).count() == 3
        assert SocialProfile.objects.get(slug="acme-news").status == "connected"


@pytest.mark.django_db
def test_a_dump_reads_well(acme: Acme) -> None:
    give(acme.quiet, acme.paul, "standard:none", expires_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert run("dump", "acme") == ACME


ACME = """\
version: 1
organizations:
  - slug: acme
    name: Acme
    packs: [standard]
    two_factor: none
    workspaces:
      - {slug: main, name: Main}
    people:
      - {email: ana@acme.test, name: Ana Admin, role: standard:member}
      - {email: emil@acme.test, name: Emil Employee, role: standard:member}
      - {email: gus@acme.test, name: Gus Guest, role: standard:member}
      - {email: marc@acme.test, name: Marc Manager, role: standard:manager}
      - {email: mina@acme.test, name: Mina Moderator, role: standard:member}
      - {email: olga@acme.test, name: Olga Owner, role: standard:owner}
      - {email: paul@acme.test, name: Paul Editor, role: standard:member}
      - {email: sven@acme.test, name: Sven Suspended, role: standard:manager, status: suspended}
    profiles:
      - {slug: acme-news, network: mastodon, name: Acme News, workspace: main}
      - {slug: acme-quiet, network: mastodon, name: Acme Quiet, workspace: main}
      - {slug: acme-sky, network: bluesky, name: Acme Sky, workspace: main}
    teams:
      - slug: brand
        name: Brand
        members:
          ana@acme.test: standard:team_admin
          paul@acme.test: standard:team_member
        profiles:
          acme-sky: standard:editor
    grants:
      - {person: gus@acme.test, profile: acme-news, role: standard:guest}
      - {person: mina@acme.test, profile: acme-news, role: standard:moderator}
      - {person: paul@acme.test, profile: acme-news, role: standard:editor}
      - {person: paul@acme.test, profile: acme-quiet, role: standard:none, expires: 2026-12-01T00:00:00Z}
"""
