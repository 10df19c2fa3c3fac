"""Small worlds for the property tests: drawn as plain data, written to the database in a few inserts.

People, organizations, workspaces, usersets and the permissions of own roles are made once and used by every world.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from accounts.models import User
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Team,
    TeamUserGrant,
    Workspace,
    WorkspaceAccess,
)
from permissions.catalogue import Scope
from permissions.models import Role as RoleRow
from permissions.packs import PACKS
from permissions.roles import RoleFacts, builtin_role, roles_by_permission
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import unscoped
from tests.permissions import reference as ref

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODELS = {ref.ORGANIZATION: Organization, ref.TEAM: Team, ref.PROFILE: SocialProfile}
PEOPLE, ORGANIZATIONS, WORKSPACES, TEAMS, PROFILES = range(5), range(2), range(2), range(3), range(4)
POLICIES = ["none", "none", "managers", "everyone"]
CROWDED = [0, 0, 0, 1, 1, 2, 3, 4]  # several roles of one person on one profile must not be rare
NETWORKS = ["mastodon", "bluesky", "youtube", "mastodon"]
# Hours from now: past, begun this very moment, ending this very moment, future; mostly open for ever.
WINDOWS = [
    *[(ref.ALWAYS, ref.NEVER)] * 8,
    *[(-48, 48), (0, ref.NEVER), (ref.ALWAYS, 1), (-1, 1)],
    *[(-48, -1), (-48, 0), (1, 48), (48, ref.NEVER)],
]

ACTIONS = {
    ref.ORGANIZATION: [
        "organization.edit_member_permissions",
        "organization.manage_teams",
        "organization.manage_social_profiles",
        "organization.view_members",
        "organization.create_draft",
        "organization.delete_organization",
    ],
    ref.TEAM: ["team.view_team", "team.manage_team_members", "team.manage_team_permissions"],
    ref.PROFILE: [
        "profile.send_for_approval",
        "profile.send_replies_for_approval",
        "profile.publish_posts",
        "profile.publish_replies",
        "profile.view_posts",
        "profile.manage_own_posts",
        "profile.manage_posts",
        "profile.review_posts",
        "profile.manage_profile_access",
        "profile.view_profile",
        "profile.promote_posts",
    ],
}

# How many worlds each test sees: CHORUS_TEST_WORLDS is short, nightly, or unset: what `make test` has a minute for.
_PROFILE = os.environ.get("CHORUS_TEST_WORLDS", "")
WORLDS = {"short": 80, "": 130, "nightly": 2000}[_PROFILE]
PROPERTY = settings(
    max_examples=WORLDS,
    deadline=None,
    phases=[Phase.explicit, Phase.generate] if _PROFILE == "short" else list(Phase),
    database=None if _PROFILE == "short" else settings.default.database,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _builtin() -> dict[tuple[str, str], ref.Role]:
    made: dict[tuple[str, str], ref.Role] = {}
    for scope in (Scope.PROFILE, Scope.TEAM, Scope.ORGANIZATION):  # the narrowest first: they are implied
        for one in (role for pack in PACKS.values() for role in pack.roles_of(scope)):
            made[scope.value, one.key] = ref.Role(
                scope=scope.value,
                actions=one.actions,
                implies={s.value: made[s.value, f"{one.pack}:{slug}"] for s, slug in one.implies.items()},
                is_none=one.is_none,
                reaches_all_workspaces=one.reaches_all_workspaces,
                key=one.key,
                is_owner=one.is_owner,
            )
    return made


ROLES = _builtin()
NONE = ROLES[ref.PROFILE, "standard:none"]


def roles_of(
    scope: str, packs: list[str], world: Drawn | None = None, organization: int = 0
) -> list[ref.Role]:
    found = [r for (s, key), r in ROLES.items() if s == scope and key.partition(":")[0] in packs]
    if world is not None:
        found += [r for r in world.own_roles if r.scope == scope and r.own_of == organization]
    return found


class Drawn(ref.World):
    """A world, and what only the database wants to know of it."""

    own_roles: list[ref.Role]
    packs: dict[int, list[str]]
    factors: dict[int, bool | None]  # of each person's session


@st.composite
def worlds(draw: Any) -> Drawn:
    """Draw a world: mostly members of modest roles, so that every rule gets its turn."""
    number = st.integers(0, 59)
    window = st.sampled_from(WINDOWS)
    organizations = range(draw(st.integers(1, 2)))
    world = Drawn({}, {}, {}, {}, [])
    world.own_roles, world.packs = [], {}
    world.factors = {person: draw(st.sampled_from([True, False, None])) for person in PEOPLE}
    for organization in organizations:
        world.two_factor[organization] = draw(st.sampled_from(POLICIES))
        world.packs[organization] = draw(
            st.sampled_from(
                [
                    ["standard"],
                    ["hootsuite"],
                    ["standard", "hootsuite"],
                    ["agorapulse", "hootsuite"],
                    ["standard", "actito"],
                    ["actito", "pinterest", "hootsuite"],
                    list(PACKS),
                ]
            )
        )
        for scope in draw(st.lists(st.sampled_from(list(ACTIONS)), max_size=2)):
            actions = frozenset(draw(st.sets(st.sampled_from(ACTIONS[scope]), max_size=4)))
            key = f"own-{len(world.own_roles)}"
            world.own_roles.append(ref.Role(scope, actions, key=key, own_of=organization))
        _draw_members(draw, world, organization)
    for team in range(draw(st.integers(0, 3))):
        organization = draw(number) % len(organizations)
        people = draw(st.sets(st.sampled_from(PEOPLE), max_size=4))
        world.teams[team] = ref.Team(organization, people)
        roles = roles_of(ref.TEAM, [*world.packs[organization], "standard"], world, organization)
        for person in sorted(people):
            if pick := draw(number) % 6:  # one in six has a place in the team and no role there
                role = roles[pick % len(roles)]
                world.grants.append(ref.Grant(("person", person), role, (ref.TEAM, team), *draw(window)))
    for profile in range(draw(st.integers(1, 4))):
        network = draw(st.sampled_from(NETWORKS))
        organization, workspace = draw(number) % len(organizations), draw(number) % 2
        world.profiles[profile] = ref.Profile(organization, workspace, network != "youtube")
    for kind, subject, profile, pick in draw(
        st.lists(st.tuples(st.sampled_from([True, False, False]), number, number, number), max_size=12)
    ):
        change_grant(world, kind, subject, profile % len(world.profiles), pick, draw(window))
    if draw(number) % 2:  # two roles side by side, or one and None
        subject, profile = draw(number), draw(number) % len(world.profiles)
        for pick in draw(st.tuples(number, number)):
            change_grant(world, False, subject, profile, pick, WINDOWS[0])
    if (
        len(world.teams) > 1 and draw(number) % 2
    ):  # admin of one team, no role in another; one of them has a profile
        person, profile = draw(st.sampled_from(PEOPLE)), draw(number) % len(world.profiles)
        world.grants = [g for g in world.grants if g.subject != ("person", person) or g.on[0] != ref.TEAM]
        admin = ROLES[ref.TEAM, draw(st.sampled_from(["standard:team_admin", "hootsuite:team_admin"]))]
        for number_of_team in (0, 1):
            world.teams[number_of_team].people.add(person)
        linked = draw(st.sampled_from([0, 1]))
        times = draw(window) if linked == 0 else WINDOWS[0]
        world.grants.append(ref.Grant(("person", person), admin, (ref.TEAM, 0), *times))
        if world.profiles[profile].organization == world.teams[linked].organization:
            link = ((ref.TEAM, linked), (ref.PROFILE, profile))
            world.grants = [g for g in world.grants if (g.subject, g.on) != link]
            world.grants.append(ref.Grant(link[0], NONE, link[1]))
    return world


def _draw_members(draw: Any, world: Drawn, organization: int) -> None:
    number = st.integers(0, 59)
    roles = roles_of(ref.ORGANIZATION, world.packs[organization], world, organization)
    modest = [role for role in roles if not role.implies] or roles
    for person in PEOPLE:
        kind, pick = draw(number), draw(number)
        window = draw(st.sampled_from(WINDOWS)) if kind % 3 == 0 else (ref.ALWAYS, ref.NEVER)
        if kind < 6:  # no member, though grants may have been left behind
            continue
        listed = [None, None, {0}, {1}, set(), {0, 1}][pick % 6]
        world.members[organization, person] = ref.Member(6 <= kind < 12, *window, workspaces=listed)
        role = (roles if kind % 2 else modest)[pick % len(roles if kind % 2 else modest)]
        if role.is_owner and any(
            g.role.is_owner and g.on == (ref.ORGANIZATION, organization) for g in world.grants
        ):
            role = modest[0]
        if kind < 15:  # a member whose role is gone
            continue
        window = (
            draw(st.sampled_from(WINDOWS)) if kind % 5 == 0 and not role.is_owner else (ref.ALWAYS, ref.NEVER)
        )
        world.grants.append(ref.Grant(("person", person), role, (ref.ORGANIZATION, organization), *window))


def change_grant(
    world: Drawn, is_link: bool, subject: int, profile: int, pick: int, window: tuple[float, float]
) -> ref.Grant | None:
    """Add a grant on a profile, unless there is one in its place already; a team's only in its organization."""
    organization = world.profiles[profile].organization
    who = ("person", CROWDED[subject % len(CROWDED)])
    if is_link:
        near = [number for number, team in world.teams.items() if team.organization == organization]
        if not near:
            return None
        who = (ref.TEAM, near[subject % len(near)])
    roles = roles_of(ref.PROFILE, world.packs[organization], world, organization)
    role = NONE if pick % 7 == 0 else roles[pick % len(roles)]
    on = (ref.PROFILE, profile)
    if any(g.on == on and g.subject == who and (is_link or g.role is role) for g in world.grants):
        return None
    grant = ref.Grant(who, role, on, *window)
    world.grants.append(grant)
    return grant


def moment(hours: float) -> datetime | None:
    return None if hours in (ref.ALWAYS, ref.NEVER) else NOW + timedelta(hours=hours)


class Stage:
    """The database side: what is made once, and the rows of the world that is on it now."""

    def __init__(self) -> None:
        with unscoped():  # worlds of several organizations, written at once
            self.people = User.objects.bulk_create(
                User(email=f"person{n}@worlds.test", name=f"Person {n}", password="!") for n in PEOPLE
            )
            self.organizations = Organization.objects.bulk_create(
                Organization(slug=f"world-{n}", name=f"World {n}") for n in ORGANIZATIONS
            )
            self.workspaces = {
                (n, w): Workspace.objects.create(
                    organization=self.organizations[n], slug=f"w{w}", name=f"W{w}"
                )
                for n in ORGANIZATIONS
                for w in WORKSPACES
            }
            self.groups = Group.objects.bulk_create(Group(name=f"world-team-{n}#members") for n in TEAMS)
            self.permissions = {
                (scope, n): Permission.objects.create(
                    content_type=ContentType.objects.get_for_model(model),
                    codename=f"world-role-{n}",
                    name="own",
                )
                for scope, model in MODELS.items()
                for n in range(4)
            }
        self.builtin = {
            id(role): builtin_role(key, Scope(scope)).permission_id for (scope, key), role in ROLES.items()
        }

    @contextmanager
    def playing(self, world: Drawn) -> Iterator[None]:
        """Write the world, and take it away at the end."""
        with transaction.atomic():
            with unscoped():  # see above
                self._write(world)
            yield
            transaction.set_rollback(True)

    def _write(self, world: Drawn) -> None:
        self.rows: dict[int, Any] = {}
        self.own = {id(role): self.permissions[role.scope, n].pk for n, role in enumerate(world.own_roles)}
        for n, policy in world.two_factor.items():
            Organization.objects.filter(pk=self.organizations[n].pk).update(
                two_factor=policy, packs=world.packs[n]
            )
        RoleRow.objects.bulk_create(
            RoleRow(
                organization=self.organizations[role.own_of],
                permission=self.permissions[role.scope, n],
                scope=role.scope,
                slug=role.key,
                name=role.key,
                actions=sorted(role.actions),
            )
            for n, role in enumerate(world.own_roles)
        )
        members = {key: self.membership(*key, member) for key, member in world.members.items()}
        Membership.objects.bulk_create(members.values())
        self.members = members
        WorkspaceAccess.objects.bulk_create(
            WorkspaceAccess(
                organization_id=members[key].organization_id,
                membership=members[key],
                workspace=self.workspaces[key[0], w],
            )
            for key, member in world.members.items()
            for w in member.workspaces or ()
        )
        self.teams = {
            n: Team(
                organization=self.organizations[team.organization],
                slug=f"t{n}",
                name=f"T{n}",
                members_group=self.groups[n],
            )
            for n, team in world.teams.items()
        }
        Team.objects.bulk_create(self.teams.values())
        User.groups.through.objects.bulk_create(
            User.groups.through(user=self.people[p], group=self.groups[n])
            for n, team in world.teams.items()
            for p in team.people
        )
        self.profiles = {
            n: SocialProfile(
                organization=self.organizations[profile.organization],
                workspace=self.workspaces[profile.organization, profile.workspace],
                slug=f"p{n}",
                handle=f"@p{n}",
                network=("mastodon" if n % 2 else "bluesky") if profile.has_approval else "youtube",
            )
            for n, profile in world.profiles.items()
        }
        SocialProfile.objects.bulk_create(self.profiles.values())
        rows: dict[type[Model], list[Any]] = {}
        for grant in world.grants:
            row = self.rows[id(grant)] = self.row_of(world, grant)
            rows.setdefault(type(row), []).append(row)
        for table, new in rows.items():
            table._default_manager.bulk_create(new)

    def membership(self, organization: int, person: int, member: ref.Member) -> Membership:
        return Membership(
            organization=self.organizations[organization],
            user=self.people[person],
            status="suspended" if member.is_suspended else "active",
            starts_at=moment(member.starts),
            expires_at=moment(member.ends),
            reaches_all_workspaces=member.workspaces is None,
        )

    def row_of(self, world: Drawn, grant: ref.Grant) -> Any:
        scope = grant.on[0]
        fields: dict[str, Any] = {
            "organization": self.organizations[world.organization_of(grant.on)],
            "content_object": self.object(grant.on),
            "permission_id": self.permission_of(grant.role),
            "starts_at": moment(grant.starts),
            "expires_at": moment(grant.ends),
            "granted_at": NOW,
        }
        kind, who = grant.subject
        if kind == ref.TEAM:
            return ProfileGroupGrant(group=self.groups[who], **fields)
        if scope == ref.ORGANIZATION:
            return OrganizationUserGrant(user=self.people[who], is_owner=grant.role.is_owner, **fields)
        return (TeamUserGrant if scope == ref.TEAM else ProfileUserGrant)(user=self.people[who], **fields)

    def permission_of(self, role: ref.Role) -> int:
        return self.own[id(role)] if role.own_of is not None else self.builtin[id(role)]

    def facts_of(self, role: ref.Role) -> RoleFacts:
        pk = self.permission_of(role)
        return roles_by_permission([pk])[pk]

    def object(self, thing: ref.Thing) -> Any:
        scope, number = thing
        if scope == ref.ORGANIZATION:
            return self.organizations[number]
        return (self.teams if scope == ref.TEAM else self.profiles)[number]


def things_of(world: ref.World) -> list[ref.Thing]:
    return [
        *((ref.ORGANIZATION, n) for n in world.two_factor),
        *((ref.TEAM, n) for n in world.teams),
        *((ref.PROFILE, n) for n in world.profiles),
    ]
