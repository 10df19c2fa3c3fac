"""One house in which every rule about teams, implied roles and approval has its case: found by plan, not by luck."""

from __future__ import annotations

import pytest

from permissions.checker import load_accesses
from tenancy.context import organization_open
from tests.permissions import reference as ref
from tests.permissions.stage import NOW, Stage
from tests.permissions.test_properties import agree
from tests.permissions.worlds import ACTIONS, NONE, PEOPLE, ROLES, Drawn, things_of

EDITOR, MODERATOR, GUEST = (ROLES[ref.PROFILE, f"standard:{key}"] for key in ("editor", "moderator", "guest"))
TEAM_ADMIN, TEAM_MEMBER = ROLES[ref.TEAM, "standard:team_admin"], ROLES[ref.TEAM, "standard:team_member"]
MEMBER = ROLES[ref.ORGANIZATION, "standard:member"]
# Roles of the organization that bring others with them: each is once the role of person 4.
BRINGING = [role for (scope, _key), role in ROLES.items() if scope == ref.ORGANIZATION and role.implies]
PAST, OPEN = (-48.0, -1.0), (ref.ALWAYS, ref.NEVER)


def crowded(bringing: ref.Role) -> Drawn:
    """Return a house of five people, three teams and four profiles (1 is on YouTube, 3 in the other workspace)."""
    world = Drawn({}, {}, {}, {}, [])
    world.own_roles, world.packs = [], {0: sorted({key.partition(":")[0] for _scope, key in ROLES})}
    world.factors, world.keys = dict.fromkeys(PEOPLE, True), dict.fromkeys(PEOPLE)
    world.two_factor[0] = "none"
    for person in PEOPLE:
        world.members[0, person] = ref.Member(workspaces={0} if person == 3 else {0, 1})
        role = bringing if person == 4 else MEMBER
        world.grants.append(ref.Grant(("person", person), role, (ref.ORGANIZATION, 0)))
    world.profiles = {
        0: ref.Profile(0, 0, has_approval=True),
        1: ref.Profile(0, 0, has_approval=False),
        2: ref.Profile(0, 0, has_approval=True),
        3: ref.Profile(0, 1, has_approval=True),
    }
    world.teams = {0: ref.Team(0, {0, 1, 2, 3}), 1: ref.Team(0, {1, 2}), 2: ref.Team(0, {0})}
    for subject, role, on, window in (
        # Team 0 brings a role that may publish, one bound to approval (also where there is none), None, and a look.
        ((ref.TEAM, 0), EDITOR, (ref.PROFILE, 0), OPEN),
        ((ref.TEAM, 0), MODERATOR, (ref.PROFILE, 1), OPEN),
        ((ref.TEAM, 0), NONE, (ref.PROFILE, 2), OPEN),
        ((ref.TEAM, 0), GUEST, (ref.PROFILE, 3), OPEN),
        ((ref.TEAM, 1), GUEST, (ref.PROFILE, 1), OPEN),
        ((ref.TEAM, 1), NONE, (ref.PROFILE, 3), OPEN),
        ((ref.TEAM, 2), EDITOR, (ref.PROFILE, 2), PAST),
        # The own role decides before the team's; two side by side; None beside one; one bound on YouTube.
        (("person", 0), GUEST, (ref.PROFILE, 0), OPEN),
        (("person", 1), GUEST, (ref.PROFILE, 3), OPEN),
        (("person", 1), MODERATOR, (ref.PROFILE, 3), OPEN),
        (("person", 2), MODERATOR, (ref.PROFILE, 2), OPEN),
        (("person", 2), NONE, (ref.PROFILE, 2), OPEN),
        (("person", 3), MODERATOR, (ref.PROFILE, 1), OPEN),
        (("person", 3), GUEST, (ref.PROFILE, 1), OPEN),
        # Admin of one team and nothing, or little, in another; an admin no more.
        (("person", 1), TEAM_ADMIN, (ref.TEAM, 0), OPEN),
        (("person", 2), TEAM_ADMIN, (ref.TEAM, 1), OPEN),
        (("person", 2), TEAM_MEMBER, (ref.TEAM, 0), OPEN),
        (("person", 0), TEAM_ADMIN, (ref.TEAM, 2), PAST),
    ):
        world.grants.append(ref.Grant(subject, role, on, *window))
    return world


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


@pytest.mark.parametrize("bringing", BRINGING, ids=lambda role: role.key)
def test_every_way_to_ask_agrees_in_a_crowded_house(stage: Stage, bringing: ref.Role) -> None:
    world = crowded(bringing)
    with stage.playing(world):
        for pick in range(2):
            agree(stage, world, pick)
        _every_derivation_agrees(stage, world)


def _every_derivation_agrees(stage: Stage, world: Drawn) -> None:
    """Ask every action of everything with its derivation, which is found another way than the answer alone."""
    organization = stage.organizations[0].pk
    with organization_open(organization):
        everybody = load_accesses(users=stage.people, organization_id=organization, at=NOW)
        for person in PEOPLE:
            access = everybody[stage.people[person].pk]
            access.has_second_factor = True
            for thing in things_of(world):
                obj, right = stage.object(thing), ref.actions(world, person, thing, 0, True)
                allowed = {name for name in ACTIONS[thing[0]] if access.decide(name, obj).allowed}
                assert allowed == right & set(ACTIONS[thing[0]]), (person, thing)
