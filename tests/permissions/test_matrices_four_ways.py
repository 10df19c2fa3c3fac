"""Every cell of every matrix, given to a real person by a real grant, answered the same four ways.

Generated from the matrix files themselves; one world per pack. Check, people, has_perm and the REST API are asked at
every scope; a list only of teams and profiles, for of organizations there is but one. The API is asked by the owner,
for everybody in the row and all its actions in one request.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from orgs.models import Organization, Team
from permissions import packs
from permissions.catalogue import Scope
from permissions.checker import load_accesses, people_who_may
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import add_member, give, make_organization, make_person, make_profile, make_team, put_in_team

DATA = Path(packs.__file__).parent / "data"
WORDS = {"row", "scope", "area", "application", "action", "meaning", "note", "source", "why"}
FILES = {
    ("agorapulse", "organization"): "matrices/agorapulse_organization.csv",
    ("agorapulse", "profile"): "matrices/agorapulse_profile.csv",
    ("standard", "organization"): "matrices/agorapulse_organization.csv",
    ("standard", "profile"): "matrices/agorapulse_profile.csv",
    ("standard", "team"): "matrices/hootsuite_team.csv",
    ("hootsuite", "organization"): "matrices/hootsuite_organization.csv",
    ("hootsuite", "team"): "matrices/hootsuite_team.csv",
    ("hootsuite", "profile"): "matrices/hootsuite_profile.csv",
    ("pinterest", "profile"): "matrices/pinterest_editor.csv",
    ("actito", "organization"): "actito_actions.csv",
    ("actito", "profile"): "actito_actions.csv",
}
# Every member needs an organization role; this one brings nothing on teams and profiles.
MODEST = {"standard": "member", "agorapulse": "member", "hootsuite": "default", "pinterest": "employee"}


@dataclass(frozen=True)
class Row:
    pack: str
    scope: str
    id: str
    actions: tuple[str, ...]
    answers: dict[str, bool]


def _rows() -> Iterator[Row]:
    for (pack, scope), name in FILES.items():
        for record in csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()):
            if record.get("scope", scope) != scope:
                continue
            roles = [word for word in record if word not in WORDS]
            answers = {role: {"yes": True, "no": False}[record[role]] for role in roles} or {"editor": True}
            if pack == "standard" and scope == "team":
                answers["team_member"] = answers.pop("default")
            actions = tuple(f"{scope}.{codename}" for codename in record["action"].split())
            yield Row(pack, scope, record["row"], actions, answers)


ROWS = list(_rows())


class PackWorld:
    """An organization of one pack in which each role of each scope is held by one person and nobody else."""

    def __init__(self, pack: str) -> None:
        self.holders: dict[tuple[str, str], User] = {}
        self.pack = pack
        self.client = Client()
        definition = packs.PACKS[pack]
        owner = make_person("Owner", f"owner@{pack}.test")
        self.organization: Organization = make_organization(pack, pack.title(), owner, definition.owner_role)
        self.client.force_login(owner, backend="accounts.backends.SignInBackend")
        self.team: Team = make_team(self.organization, "team", "Team")
        self.profile: SocialProfile = make_profile(self.organization, "profile")
        for role in definition.roles_of(Scope.ORGANIZATION):
            person = owner
            if not role.is_owner:
                person = make_person(role.slug, f"{role.slug}@{pack}.test")
                add_member(self.organization, person, role.key)
            self.holders["organization", role.slug] = person
            if Scope.PROFILE in role.implies and pack == "actito":  # each brings the profile role of its name
                self.holders["profile", role.slug] = person
        for scope in (Scope.TEAM, Scope.PROFILE):
            for role in definition.roles_of(scope):
                if (scope.value, role.slug) in self.holders:
                    continue
                person = make_person(role.slug, f"{scope}.{role.slug}@{pack}.test")
                add_member(self.organization, person, f"{pack}:{MODEST[pack]}")
                if scope is Scope.TEAM:
                    put_in_team(self.team, person, role.key)
                else:
                    give(self.profile, person, role.key)
                self.holders[scope.value, role.slug] = person

    def told_by_the_api(
        self, scope: str, actions: Sequence[str], people: Mapping[str, User]
    ) -> dict[str, set[str]]:
        """Return who may do each action, by the REST API, in one request."""
        obj = self.object(scope)
        name = f"{scope}:{self.pack}" + ("" if scope == "organization" else f"/{obj.slug}")
        asked = [(action, slug, person) for action in actions for slug, person in people.items()]
        questions = [
            {"person": person.email, "action": action, "object": name} for action, _, person in asked
        ]
        response = self.client.post(
            f"/api/v1/organizations/{self.pack}/access/check",
            json.dumps({"questions": questions, "explain": False}),
            content_type="application/json",
        )
        assert response.status_code == 200, response.content.decode()
        may: dict[str, set[str]] = {action: set() for action in actions}
        for (action, slug, _person), answer in zip(asked, response.json()["items"], strict=True):
            if answer["allowed"]:
                may[action].add(slug)
        return may

    def object(self, scope: str) -> Any:
        return {"organization": self.organization, "team": self.team, "profile": self.profile}[scope]


_standing: dict[str, PackWorld] = {}


@pytest.fixture(scope="module")
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep the worlds for the whole module, in a transaction that is rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        _standing.clear()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world_of(_database: None) -> Any:
    def of(pack: str) -> PackWorld:
        if pack not in _standing:
            _standing[pack] = PackWorld(pack)
        return _standing[pack]

    for pack in packs.PACKS:
        of(pack)
    return of


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.pack}-{row.scope}-{row.id}")
def test_cell_is_answered_the_same_four_ways(row: Row, world_of: Any) -> None:
    world: PackWorld = world_of(row.pack)
    obj = world.object(row.scope)
    label = "social_accounts" if row.scope == "profile" else "orgs"
    people = {slug: world.holders[row.scope, slug] for slug in row.answers}
    g, now = world.organization.pk, datetime.now(UTC)
    by_api = world.told_by_the_api(row.scope, row.actions, people) if row.actions else {}
    for action in row.actions:
        expected = {slug for slug, answer in row.answers.items() if answer}
        with organization_open(g):
            accesses = load_accesses(users=people.values(), organization_id=g, at=now)
            assert {slug for slug, p in people.items() if accesses[p.pk].can(action, obj)} == expected
            may = people_who_may(action, obj, among=people.values(), organization_id=g, at=now)
            assert {slug for slug, p in people.items() if p in may} == expected
            if row.scope != "organization":
                listed = {
                    slug: set(accesses[p.pk].filter(type(obj)._default_manager.all(), action))
                    for slug, p in people.items()
                }
                assert listed == {slug: ({obj} if slug in expected else set()) for slug in people}
        spelled = f"{label}.{action.partition('.')[2]}"
        assert {slug for slug, p in people.items() if p.has_perm(spelled, obj)} == expected
        assert by_api[action] == expected
    if not row.actions:  # Hootsuite's row about its None: no access at all
        with organization_open(g):
            accesses = load_accesses(users=people.values(), organization_id=g, at=now)
        closed = {slug for slug, p in people.items() if not accesses[p.pk].sources(obj)}
        assert closed == {slug for slug, answer in row.answers.items() if answer}


def test_every_matrix_file_and_every_role_of_it_is_asked() -> None:
    read = {Path(name).name for name in FILES.values()} | {
        "actito_configurations.csv"
    }  # the words behind the rows
    assert read == {path.name for path in (DATA / "matrices").glob("*.csv")} | {"actito_actions.csv"}
    cells = sum(len(row.answers) * len(row.actions) for row in ROWS)
    assert cells > 1500, cells
