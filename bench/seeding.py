"""Writes the data set of ``bench.plan``: one organization of 10,000 people, and 1,000 ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from accounts.models import User
from bench import plan
from bench.writing import insert, new_ids
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Team,
    TeamUserGrant,
    Workspace,
    new_public_id,
)
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import builtin_role
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import unscoped


class NotEmpty(RuntimeError):
    """Somebody lives in this installation. The message is for the person who ran the command."""


def refuse_unless_empty() -> None:
    """Raise NotEmpty if the installation has any person or organization: the data set is for throw-away ones."""
    if User.objects.exists() or Organization.objects.exists():
        raise NotEmpty(
            "This installation has people or organizations. The data set is written into an empty one only, "
            "and nothing was changed. For a throw-away one beside it, give another folder: CHORUS_STATE=/tmp/scale"
        )


@transaction.atomic
def seed(*, scale: float, password: str = "", say: Callable[[str], None] = lambda _text: None) -> int:
    """Write everything, or nothing, and return the number of grants. Raises NotEmpty.

    ``password`` lets every person sign in with it; without one nobody can.
    """
    size = plan.Size.of(scale)
    with unscoped():  # rows of a thousand organizations, written at once
        _one_at_a_time()
        people = _people(size.people, "person", password)
        grants = _large(size, people, say)
        grants += _ordinary(size, password, say)
    return grants


def _one_at_a_time() -> None:
    """Two of these at once: the second waits, and finds the rows of the first."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('chorus.seed_scale'))")
    refuse_unless_empty()


def _people(count: int, name: str, password: str) -> list[int]:
    ids = new_ids(User, count)
    emails = [f"{name}{number}@scale.test" for number in range(count)]
    insert(
        User,
        id=ids,
        email=emails,
        name=[f"{name.title()} {number}" for number in range(count)],
        password=make_password(password or None),
        date_joined=plan.BEGAN,
    )
    insert(
        EmailAddress, id=new_ids(EmailAddress, count), user_id=ids, email=emails, verified=True, primary=True
    )
    return ids


class _Roles:
    """Permission ids by the key of the role, at one scope."""

    def __init__(self, scope: Scope, own: dict[str, int] | None = None) -> None:
        self.scope, self.found = scope, dict(own or {})

    def __getitem__(self, key: str) -> int:
        if key not in self.found:
            self.found[key] = builtin_role(key, self.scope).permission_id
        return self.found[key]


def _own_role(organization_id: int) -> int:
    """Make the organization's own role, equal to the editor of the standard pack."""
    editor = builtin_role(plan.PUBLISHING_ROLE, Scope.PROFILE)
    permission = Permission.objects.create(
        content_type=ContentType.objects.get_for_model(SocialProfile),
        codename=f"role:{organization_id}:{plan.OWN_ROLE}",
        name=plan.OWN_ROLE,
    )
    Role.objects.create(
        organization_id=organization_id,
        permission=permission,
        scope=Scope.PROFILE.value,
        slug=plan.OWN_ROLE,
        name="Regional editor",
        actions=sorted(editor.actions),
    )
    return permission.pk


def _large(size: plan.Size, people: list[int], say: Callable[[str], None]) -> int:
    organization = Organization.objects.create(slug=plan.SLUG, name="Scale", created_at=plan.BEGAN)
    g = organization.pk
    workspace = Workspace.objects.create(organization_id=g, slug="main", name="Main")
    org_roles, team_roles = _Roles(Scope.ORGANIZATION), _Roles(Scope.TEAM)
    profile_roles = _Roles(Scope.PROFILE, {plan.OWN_ROLE: _own_role(g)})
    count = _members(g, people, [plan.organization_role(n, size) for n in range(size.people)], org_roles)
    teams, groups = _teams(g, plan.SLUG, size.teams)
    count += _places(g, people, teams, groups, list(plan.team_places(size)), team_roles)
    profiles = _profiles(g, workspace.pk, size.profiles)
    links = list(plan.team_links(size))
    count += insert(
        ProfileGroupGrant,
        organization_id=g,
        group_id=[groups[team] for team, _profile, _role in links],
        content_object_id=[profiles[profile] for _team, profile, _role in links],
        permission_id=[profile_roles[role] for _team, _profile, role in links],
        granted_by_id=people[0],
        granted_at=plan.BEGAN,
    )
    say(f"{count:,} grants of the organization, its teams and their profiles")
    direct = list(plan.direct_grants(size))
    count += insert(
        ProfileUserGrant,
        organization_id=g,
        user_id=[people[grant.person] for grant in direct],
        content_object_id=[profiles[grant.profile] for grant in direct],
        permission_id=[profile_roles[grant.role] for grant in direct],
        expires_at=[grant.expires_at for grant in direct],
        granted_by_id=people[0],
        granted_at=plan.BEGAN,
        reason="seeded",
    )
    say(f"{count:,} grants with those of the people themselves")
    return count


def _members(g: int | list[int], people: list[int], roles: list[str], keys: _Roles) -> int:
    insert(Membership, organization_id=g, user_id=people, joined_at=plan.BEGAN)
    return insert(
        OrganizationUserGrant,
        organization_id=g,
        content_object_id=g,
        user_id=people,
        permission_id=[keys[role] for role in roles],
        is_owner=[role == "standard:owner" for role in roles],
        granted_at=plan.BEGAN,
    )


def _teams(g: Any, label: str, count: int) -> tuple[list[int], list[int]]:
    groups, teams = new_ids(Group, count), new_ids(Team, count)
    insert(Group, id=groups, name=[f"team:{label}/team-{number}#members" for number in range(count)])
    insert(
        Team,
        id=teams,
        organization_id=g,
        slug=[f"team-{number}" for number in range(count)],
        name=[f"Team {number}" for number in range(count)],
        members_group_id=groups,
        created_at=plan.BEGAN,
    )
    return teams, groups


def _places(
    g: Any,
    people: list[int],
    teams: list[int],
    groups: list[int],
    places: list[tuple[int, int, str]],
    keys: _Roles,
) -> int:
    insert(
        User.groups.through,
        user_id=[people[person] for person, _team, _role in places],
        group_id=[groups[team] for _person, team, _role in places],
    )
    return insert(
        TeamUserGrant,
        organization_id=g,
        user_id=[people[person] for person, _team, _role in places],
        content_object_id=[teams[team] for _person, team, _role in places],
        permission_id=[keys[role] for _person, _team, role in places],
        granted_by_id=people[0],
        granted_at=plan.BEGAN,
    )


def _profiles(g: Any, workspace_id: int, count: int) -> list[int]:
    ids = new_ids(SocialProfile, count)
    insert(
        SocialProfile,
        id=ids,
        organization_id=g,
        workspace_id=workspace_id,
        slug=[f"profile-{number}" for number in range(count)],
        network=["mastodon" if number % 3 else "bluesky" for number in range(count)],
        handle=[f"@profile-{number}@scale.test" for number in range(count)],
        name=[f"Profile {number}" for number in range(count)],
        created_at=plan.BEGAN,
    )
    return ids


def _ordinary(size: plan.Size, password: str, say: Callable[[str], None]) -> int:
    """Write the ordinary organizations, many of each table at once; their people are drawn from one pool."""
    number = size.organizations
    pool = _people(max(plan.SMALL_PEOPLE, number * 5), "neighbor", password)
    ids = new_ids(Organization, number)
    insert(
        Organization,
        id=ids,
        slug=[f"neighbor-{n}" for n in range(number)],
        public_id=[new_public_id() for _ in range(number)],
        name=[f"Neighbor {n}" for n in range(number)],
        created_at=plan.BEGAN,
    )
    workspaces = new_ids(Workspace, number)
    insert(Workspace, id=workspaces, organization_id=ids, slug="main", name="Main")
    rows = _OrdinaryRows(ids, workspaces, pool)
    count = rows.write()
    say(f"{count:,} grants of {number:,} ordinary organizations")
    return count


class _OrdinaryRows:
    """The columns of all ordinary organizations, made together because a statement for each would take minutes."""

    def __init__(self, ids: list[int], workspaces: list[int], pool: list[int]) -> None:
        self.ids, self.workspaces, self.pool = ids, workspaces, pool

    def write(self) -> int:
        count, g = len(self.ids), [i for i in self.ids for _person in range(plan.SMALL_PEOPLE)]
        people = [
            self.pool[(n * plan.SMALL_PEOPLE + p) % len(self.pool)]
            for n in range(count)
            for p in range(plan.SMALL_PEOPLE)
        ]
        roles = ["standard:owner", "standard:manager", *["standard:member"] * (plan.SMALL_PEOPLE - 2)] * count
        written = _members(g, people, roles, _Roles(Scope.ORGANIZATION))
        teams, groups = self._teams()
        places = [
            (index, index // plan.SMALL_PEOPLE * plan.SMALL_TEAMS + index % plan.SMALL_TEAMS)
            for index in range(len(people))
        ]
        insert(
            User.groups.through,
            user_id=[people[i] for i, _team in places],
            group_id=[groups[team] for _i, team in places],
        )
        written += insert(
            TeamUserGrant,
            organization_id=g,
            user_id=people,
            content_object_id=[teams[team] for _i, team in places],
            permission_id=_Roles(Scope.TEAM)["standard:team_member"],
            granted_at=plan.BEGAN,
        )
        return written + self._grants(people, groups, self._profiles())

    def _teams(self) -> tuple[list[int], list[int]]:
        count = len(self.ids) * plan.SMALL_TEAMS
        groups, teams = new_ids(Group, count), new_ids(Team, count)
        numbers = list(range(plan.SMALL_TEAMS)) * len(self.ids)
        insert(Group, id=groups, name=[f"team:neighbor/{number}#members" for number in range(count)])
        insert(
            Team,
            id=teams,
            organization_id=[i for i in self.ids for _team in range(plan.SMALL_TEAMS)],
            slug=[f"team-{number}" for number in numbers],
            name=[f"Team {number}" for number in numbers],
            members_group_id=groups,
            created_at=plan.BEGAN,
        )
        return teams, groups

    def _profiles(self) -> list[int]:
        profiles = new_ids(SocialProfile, len(self.ids) * plan.SMALL_PROFILES)
        numbers = list(range(plan.SMALL_PROFILES)) * len(self.ids)
        insert(
            SocialProfile,
            id=profiles,
            organization_id=[i for i in self.ids for _profile in range(plan.SMALL_PROFILES)],
            workspace_id=[w for w in self.workspaces for _profile in range(plan.SMALL_PROFILES)],
            slug=[f"profile-{number}" for number in numbers],
            network="mastodon",
            handle=[f"@profile-{number}@scale.test" for number in numbers],
            name=[f"Profile {number}" for number in numbers],
            created_at=plan.BEGAN,
        )
        return profiles

    def _grants(self, people: list[int], groups: list[int], profiles: list[int]) -> int:
        keys = _Roles(Scope.PROFILE)
        given = ("standard:editor", "standard:moderator", "standard:guest")
        links = [
            (
                n,
                n * plan.SMALL_TEAMS + team,
                n * plan.SMALL_PROFILES + (team * 3 + step) % plan.SMALL_PROFILES,
            )
            for n in range(len(self.ids))
            for team in range(plan.SMALL_TEAMS)
            for step in range(plan.SMALL_LINKS_PER_TEAM)
        ]
        written = insert(
            ProfileGroupGrant,
            organization_id=[self.ids[n] for n, _team, _profile in links],
            group_id=[groups[team] for _n, team, _profile in links],
            content_object_id=[profiles[profile] for _n, _team, profile in links],
            permission_id=[keys[given[team % 3]] for _n, team, _profile in links],
            granted_at=plan.BEGAN,
        )
        direct = [
            (index, index // plan.SMALL_PEOPLE, (index + 2 * step) % plan.SMALL_PROFILES)
            for index in range(len(people))
            for step in range(plan.SMALL_DIRECT_PER_PERSON)
        ]
        return written + insert(
            ProfileUserGrant,
            organization_id=[self.ids[n] for _index, n, _profile in direct],
            user_id=[people[index] for index, _n, _profile in direct],
            content_object_id=[profiles[n * plan.SMALL_PROFILES + profile] for _index, n, profile in direct],
            permission_id=[keys[given[(index + profile) % 3]] for index, _n, profile in direct],
            granted_at=plan.BEGAN,
        )


def moment() -> datetime:
    """Return the moment at which the data set is asked: between the grants that are over and those that go on."""
    return datetime(2026, 11, 21, 12, 0, tzinfo=plan.BEGAN.tzinfo)
