"""Small worlds for the property tests, drawn as plain data. ``stage`` writes them to the database."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from permissions.catalogue import Scope
from permissions.packs import PACKS
from tests.permissions import reference as ref

PEOPLE, ORGANIZATIONS, WORKSPACES, TEAMS, PROFILES = range(5), range(3), range(2), range(3), range(4)
# (whose profiles, whose people): two partners of one, who may be partners of each other or of a third.
PARTNERS = [(0, 1), (0, 2), (2, 1), (1, 0)]
POLICIES = ["none", "none", "managers", "everyone"]
CROWDED = [0, 0, 0, 1, 1, 2, 3, 4]  # several roles of one person on one profile must not be rare
NETWORKS = ["mastodon", "bluesky", "youtube", "mastodon"]
# Hours from now: past, begun this very moment, ending this very moment, future; mostly open for ever.
WINDOWS = [
    *[(ref.ALWAYS, ref.NEVER)] * 8,
    *[(-48, 48), (0, ref.NEVER), (ref.ALWAYS, 1), (-1, 1)],
    *[(-48, -1), (-48, 0), (1, 48), (48, ref.NEVER)],
]
# Of support sessions, which always begin and end.
VISITS = [*[(-48, 48)] * 3, (-1, 1), (0, 48), (-48, 0), (1, 48), (-48, -1)]

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

# How many worlds each test sees: CHORUS_TEST_WORLDS is short, nightly, or unset: what `make test` has time for.
_PROFILE = os.environ.get("CHORUS_TEST_WORLDS", "")
WORLDS = 2000 if _PROFILE == "nightly" else 70
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
STAFF = [ROLES[ref.ORGANIZATION, "actito:support"], ROLES[ref.ORGANIZATION, "actito:team"]]


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
    keys: dict[int, ref.Key | None]  # what each person's API key was issued for


@st.composite
def worlds(draw: Any) -> Drawn:
    """Draw a world: mostly members of modest roles, so that every rule gets its turn."""
    number = st.integers(0, 59)
    window = st.sampled_from(WINDOWS)
    has_partners = draw(st.sampled_from([True, True, False]))
    organizations = range(3 if has_partners else draw(st.integers(1, 3)))
    world = Drawn({}, {}, {}, {}, [])
    pairs = [pair for pair in PARTNERS if max(pair) < len(organizations)]
    for n, pair in enumerate(pairs):
        if n < 2 or draw(number) % 2:
            world.partnerships[n] = ref.Partnership(*pair, is_active=draw(number) % 5 > 0)
    # Those who come as partners' people or as staff: a member's own access would decide for them.
    outsiders = draw(st.sets(st.sampled_from(PEOPLE), min_size=2 if has_partners else 0, max_size=4))
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
        _draw_members(draw, world, organization, outsiders if organization == 0 else set())
        _draw_visits(draw, world, organization)
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
    shares = st.tuples(number, st.sampled_from([*sorted(outsiders), *PEOPLE]), number)
    for pick, person, assigned in draw(st.lists(shares, min_size=4 if has_partners else 0, max_size=9)):
        change_share(world, pick, person, assigned, draw(window), draw(window))
    if has_partners and draw(number) % 3:
        _draw_two_partners(draw, world, sorted(outsiders))
    world.keys = {person: draw(keys()) for person in PEOPLE}
    return world


def _draw_two_partners(draw: Any, world: Drawn, outsiders: list[int]) -> None:
    """Let one person belong to both partners of organization 0, and both, or one, assign him the same profile."""
    number = st.integers(0, 59)
    person = draw(st.sampled_from(outsiders))
    for partner in (1, 2):
        world.members.setdefault((partner, person), ref.Member())
    mine = sorted(n for n, profile in world.profiles.items() if profile.organization == 0)
    if not mine:
        return
    profile = draw(st.sampled_from(mine))
    roles = roles_of(ref.PROFILE, world.packs[0], world, 0)
    for n in draw(st.sampled_from([[0, 1], [0, 1], [0], [1]])):
        place = ((ref.PARTNERSHIP, n), (ref.PROFILE, profile))
        gone = [grant for grant in world.grants if (grant.subject, grant.on) == place]
        world.grants = [grant for grant in world.grants if grant not in gone]
        world.assignments = [one for one in world.assignments if one.grant not in gone]
        window = WINDOWS[draw(number) % len(WINDOWS)] if draw(number) % 3 == 0 else WINDOWS[0]
        grant = ref.Grant(place[0], roles[draw(number) % len(roles)], place[1], *window)
        role = roles[draw(number) % len(roles)]
        world.grants.append(grant)
        world.assignments.append(ref.Assignment(person, grant, role, *draw(st.sampled_from(WINDOWS))))


@st.composite
def keys(draw: Any) -> ref.Key | None:
    if draw(st.booleans()):
        return None
    some = [action for actions in ACTIONS.values() for action in actions]
    actions = frozenset(draw(st.sets(st.sampled_from(some), min_size=1, max_size=9)))
    profiles = draw(st.none() | st.sets(st.sampled_from(PROFILES), max_size=3))
    return actions, None if profiles is None else frozenset(profiles)


def _draw_visits(draw: Any, world: Drawn, organization: int) -> None:
    number = st.integers(0, 59)
    if draw(number) % 3 == 0:
        return
    if draw(number) % 6 == 0:
        world.closed_to_staff.add(organization)
    for person in draw(st.sets(st.sampled_from(PEOPLE), max_size=2)):
        role = world.staff.setdefault(person, draw(st.sampled_from(STAFF)))
        role = STAFF[0] if draw(number) % 8 == 0 else role  # now and then a session of what he is no longer
        session = ref.Session(role, *draw(st.sampled_from(VISITS)), is_ended=draw(number) % 8 == 0)
        world.sessions[organization, person] = session


def _draw_members(draw: Any, world: Drawn, organization: int, outsiders: Collection[int]) -> None:
    number = st.integers(0, 59)
    roles = roles_of(ref.ORGANIZATION, world.packs[organization], world, organization)
    modest = [role for role in roles if not role.implies] or roles
    for person in PEOPLE:
        kind, pick = draw(number), draw(number)
        window = draw(st.sampled_from(WINDOWS)) if kind % 3 == 0 else (ref.ALWAYS, ref.NEVER)
        if kind < 6 or person in outsiders:  # no member, though grants may have been left behind
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


def change_share(
    world: Drawn,
    pick: int,
    person: int,
    assigned: int,
    window: tuple[float, float],
    other: tuple[float, float],
) -> ref.Assignment | None:
    """Assign a partner's grant to one of the people, unless he has it; the grant is made where there is none yet."""
    ways = [
        (n, number)
        for n, partnership in world.partnerships.items()
        for number, profile in world.profiles.items()
        if profile.organization == partnership.organization
    ]
    if not ways:
        return None
    n, number = ways[pick % len(ways)]
    organization = world.profiles[number].organization
    roles = [*roles_of(ref.PROFILE, world.packs[organization], world, organization), NONE]
    place = ((ref.PARTNERSHIP, n), (ref.PROFILE, number))
    grant = next((g for g in world.grants if (g.subject, g.on) == place), None)
    if grant is None:
        grant = ref.Grant(place[0], roles[pick // 3 % len(roles)], place[1], *window)
        world.grants.append(grant)
    if any(one.grant is grant and one.person == person for one in world.assignments):
        return None
    role = grant.role if assigned % 3 == 0 else roles[assigned % len(roles)]
    made = ref.Assignment(person, grant, role, *other)
    world.assignments.append(made)
    return made


def things_of(world: ref.World) -> list[ref.Thing]:
    return [
        *((ref.ORGANIZATION, n) for n in world.two_factor),
        *((ref.TEAM, n) for n in world.teams),
        *((ref.PROFILE, n) for n in world.profiles),
    ]
