"""R9 in every world: what a giver changes never gives anybody more than the giver held, and a refusal changes nothing.

Judged by the reference, for everybody, everywhere, now and at every later moment at which a window opens or closes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from orgs.models import OrganizationUserGrant, TeamUserGrant
from permissions.catalogue import ACTIONS as CATALOGUE
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed, WouldEscalate
from permissions.packs import beyond
from permissions.services import InvalidWindow, NotAMember, end_grant, grant_role, link_group, unlink_group
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, role
from tests.permissions import reference as ref
from tests.permissions.stage import NOW, Stage, moment
from tests.permissions.worlds import (
    NONE,
    PEOPLE,
    PROPERTY,
    ROLES,
    WINDOWS,
    Drawn,
    roles_of,
    things_of,
    worlds,
)

REFUSALS = (NotAllowed, WouldEscalate, NotAMember, InvalidWindow)
MANAGING = {
    ref.ORGANIZATION: "organization.edit_member_permissions",
    ref.TEAM: "team.manage_team_permissions",
    ref.PROFILE: "profile.manage_profile_access",
}
OF_SCOPE = {scope: [a.name for a in CATALOGUE.values() if a.scope == scope] for scope in MANAGING}


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def rows() -> list[Any]:
    with unscoped():  # every organization's: a refused change changes nothing anywhere
        tables = (OrganizationUserGrant, TeamUserGrant, ProfileUserGrant, ProfileGroupGrant)
        return [sorted(table.objects.values_list()) for table in tables]


def pick_giver(world: Drawn, things: list[ref.Thing], where: int, pick: int) -> tuple[ref.Thing, int]:
    """Prefer somebody who manages access to the thing: most others are refused at the door."""
    able = [
        (thing, person)
        for thing in things
        for person in PEOPLE
        if ref.may(world, person, MANAGING[thing[0]], thing, 0, world.factors[person])
        or ref.may(
            world, person, MANAGING[ref.ORGANIZATION], organization(world, thing), 0, world.factors[person]
        )
    ]
    if able and pick % 8 != 7:
        return able[where % len(able)]
    return things[where % len(things)], PEOPLE[pick % len(PEOPLE)]


def organization(world: ref.World, thing: ref.Thing) -> ref.Thing:
    return (ref.ORGANIZATION, world.organization_of(thing))


def test_organization_roles_are_not_given_by_the_way_of_the_others(acme: Acme) -> None:
    before = rows()
    for receiver in (acme.olga, acme.paul):  # the owner's row would keep its mark under another role
        with organization_open(acme.organization.pk), pytest.raises((TypeError, WouldEscalate)):
            grant_role(
                actor=acme.access(acme.marc),
                receiver=receiver,
                role=role("standard:member", Scope.ORGANIZATION),
                obj=acme.organization,
                now=NOW,
            )
    assert rows() == before


def test_who_was_taken_out_of_a_team_meanwhile_gets_no_role_there(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        TeamUserGrant.objects.filter(user=acme.paul).delete()
        acme.paul.groups.remove(acme.brand.members_group)
        before = rows()
        with pytest.raises(NotAMember):
            grant_role(
                actor=acme.access(acme.olga),
                receiver=acme.paul,
                role=role("standard:team_admin", Scope.TEAM),
                obj=acme.brand,
                now=NOW,
            )
        assert rows() == before


def test_team_link_gives_nothing_to_another_packs_admins_that_its_maker_lacks(stage: Stage) -> None:
    """Who manages access by a role of his own may not make an admin of every team editor of the profile (H6)."""
    world = Drawn({0: "none"}, {(0, p): ref.Member() for p in (0, 1, 2)}, {0: ref.Team(0, {2})}, {}, [])
    world.profiles[0] = ref.Profile(0, 0, True)
    managing = ref.Role(
        ref.PROFILE, frozenset({"profile.manage_profile_access", "profile.view_posts"}), key="own-0", own_of=0
    )
    world.own_roles, world.packs = [managing], {0: ["standard", "hootsuite"]}
    world.factors = dict.fromkeys(PEOPLE)
    for person, key in enumerate(("standard:member", "hootsuite:admin", "standard:member")):
        role = ROLES[ref.ORGANIZATION, key]
        world.grants.append(ref.Grant(("person", person), role, (ref.ORGANIZATION, 0)))
    world.grants.append(ref.Grant(("person", 0), managing, (ref.PROFILE, 0)))
    with stage.playing(world), organization_open(stage.organizations[0].pk):
        actor = load_access(user=stage.people[0], organization_id=stage.organizations[0].pk, at=NOW)
        before = rows()
        act, _happen = _link(stage, world, actor, (ref.PROFILE, 0), (0, 7)) or (None, None)
        assert act is not None
        with pytest.raises(WouldEscalate):
            act()
        assert rows() == before


@PROPERTY
@given(
    world=worlds(),
    tries=st.lists(
        st.tuples(st.sampled_from("gggeellu"), *[st.integers(0, 599)] * 4), min_size=4, max_size=6
    ),
)
def test_nobody_gives_more_than_he_holds_in_any_world(
    stage: Stage, world: Drawn, tries: list[tuple[str, int, int, int, int]]
) -> None:
    with stage.playing(world):
        for kind, where, giver, receiver, what in tries:
            _try(stage, world, kind, (where, giver, receiver, what))


def _try(stage: Stage, world: Drawn, kind: str, numbers: tuple[int, int, int, int]) -> None:
    where, giver_pick, receiver, what = numbers
    things = [
        t for t in things_of(world) if t[0] != ref.ORGANIZATION and (kind == "g" or t[0] == ref.PROFILE)
    ]
    thing, giver = pick_giver(world, things, where, giver_pick)
    g = stage.organizations[world.organization_of(thing)].pk
    before, rows_before = copy.copy(world), rows()
    before.grants = [copy.copy(grant) for grant in world.grants]
    with organization_open(g):
        actor = load_access(
            user=stage.people[giver], organization_id=g, at=NOW, has_second_factor=world.factors[giver]
        )
        attempt = ATTEMPTS[kind](stage, world, actor, thing, (receiver, what))
        if attempt is None:
            return
        act, happen = attempt
        try:
            act()
        except REFUSALS as refusal:
            event(f"{kind}: {type(refusal).__name__}")
            assert rows() == rows_before, "a refused change changes nothing"
            return
        happen()
    event(f"{kind}: done")
    _nobody_gained_too_much(before, world, giver)
    _the_checker_says_the_same(stage, world, thing)


def _nobody_gained_too_much(before: Drawn, after: Drawn, giver: int) -> None:
    edges = {edge for grant in (*before.grants, *after.grants) for edge in (grant.starts, grant.ends)}
    edges |= {edge for member in after.members.values() for edge in (member.starts, member.ends)}
    for at in sorted({0, *(edge for edge in edges if 0 < edge < ref.NEVER)}):
        for thing in things_of(after):
            holds = None
            for person in PEOPLE:
                gained = ref.actions(after, person, thing, at) - ref.actions(before, person, thing, at)
                if gained:
                    assert person != giver, "nobody changes his own rights"
                    holds = (
                        ref.actions(before, giver, thing, 0, after.factors[giver]) if holds is None else holds
                    )
                    assert not beyond(gained, holds), (person, thing, at)


def _the_checker_says_the_same(stage: Stage, world: Drawn, thing: ref.Thing) -> None:
    g = stage.organizations[world.organization_of(thing)].pk
    with organization_open(g):
        for person in PEOPLE:
            access = load_access(user=stage.people[person], organization_id=g, at=NOW)
            found = {action for action in OF_SCOPE[thing[0]] if access.can(action, stage.object(thing))}
            assert found == ref.actions(world, person, thing, 0)


def _pick_role(world: Drawn, thing: ref.Thing, what: int, held: frozenset[str]) -> ref.Role:
    """Two times in three a role that the giver could give; None now and then."""
    g = world.organization_of(thing)
    roles = roles_of(thing[0], [*world.packs[g], "standard"], world, g)
    fitting = [role for role in roles if not beyond(role.actions, held)]
    roles = fitting if fitting and what % 3 else roles
    return NONE if thing[0] == ref.PROFILE and what % 7 == 0 else roles[what // 3 % len(roles)]


Attempt = tuple[Callable[[], Any], Callable[[], None]] | None


def _give(stage: Stage, world: Drawn, actor: Access, thing: ref.Thing, numbers: tuple[int, int]) -> Attempt:
    receiver, what = numbers[0] % len(PEOPLE), numbers[1]
    if thing[0] == ref.TEAM:
        holders = [x.subject[1] for x in world.grants if x.on == thing]
        if holders and what % 4:  # all others have no place in the team, or no role there to replace
            receiver = holders[receiver % len(holders)]
    chosen = _pick_role(world, thing, what, ref.actions(world, stage.people.index(actor.user), thing, 0))
    starts, ends = WINDOWS[what // 7 % len(WINDOWS)]

    def act() -> None:
        grant_role(
            actor=actor,
            receiver=stage.people[receiver],
            role=stage.facts_of(chosen),
            obj=stage.object(thing),
            now=NOW,
            starts_at=moment(starts),
            expires_at=moment(ends),
        )

    def happen() -> None:
        subject = ("person", receiver)
        assert thing[0] == ref.PROFILE or receiver in holders, "a role in a team is for those who are in it"
        for grant in [x for x in world.grants if (x.subject, x.on) == (subject, thing)]:
            if thing[0] == ref.TEAM or grant.role is chosen:
                world.grants.remove(grant)
        world.grants.append(ref.Grant(subject, chosen, thing, starts, ends))

    return act, happen


def _end(stage: Stage, world: Drawn, actor: Access, thing: ref.Thing, numbers: tuple[int, int]) -> Attempt:
    grants = [x for x in world.grants if x.on == thing and x.subject[0] == "person"]
    if not grants:
        return None
    grant = grants[numbers[1] % len(grants)]
    row = ProfileUserGrant.objects.get(
        content_object=stage.object(thing),
        user=stage.people[grant.subject[1]],
        permission=stage.permission_of(grant.role),
    )
    return (lambda: end_grant(actor=actor, grant=row, now=NOW)), (lambda: world.grants.remove(grant))


def _link(stage: Stage, world: Drawn, actor: Access, thing: ref.Thing, numbers: tuple[int, int]) -> Attempt:
    g = world.organization_of(thing)
    teams = [n for n, team in world.teams.items() if team.organization == g]
    if not teams:
        return None
    number = teams[numbers[0] % len(teams)]
    chosen = _pick_role(
        world, thing, numbers[1], ref.actions(world, stage.people.index(actor.user), thing, 0)
    )
    old = [x for x in world.grants if (x.subject, x.on) == ((ref.TEAM, number), thing)]

    def act() -> None:
        link_group(
            actor=actor,
            group=stage.groups[number],
            group_label="T",
            role=stage.facts_of(chosen),
            profile=stage.object(thing),
            now=NOW,
            team=stage.teams[number],
        )

    def happen() -> None:
        window = (old[0].starts, old[0].ends) if old else (ref.ALWAYS, ref.NEVER)
        for grant in old:
            world.grants.remove(grant)
        world.grants.append(ref.Grant((ref.TEAM, number), chosen, thing, *window))

    return act, happen


def _unlink(stage: Stage, world: Drawn, actor: Access, thing: ref.Thing, numbers: tuple[int, int]) -> Attempt:
    links = [x for x in world.grants if x.on == thing and x.subject[0] == ref.TEAM]
    if not links:
        return None
    link = links[numbers[1] % len(links)]
    number = link.subject[1]
    row = ProfileGroupGrant.objects.get(content_object=stage.object(thing), group=stage.groups[number])

    def act() -> None:
        unlink_group(actor=actor, grant=row, group_label="T", now=NOW, team=stage.teams[number])

    return act, (lambda: world.grants.remove(link))


ATTEMPTS = {"g": _give, "e": _end, "l": _link, "u": _unlink}
