"""R9 between two companies, in every world: nobody shares more than he holds, or assigns more than was granted.

Judged by the reference, for everybody, now and at every later moment at which a window opens or closes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from orgs.services.partner_people import assign_profiles
from orgs.services.partnerships import PartnerError, Share, share_profiles
from permissions.checker import load_access
from permissions.errors import NotAllowed, WouldEscalate
from permissions.packs import beyond
from permissions.services import InvalidWindow, NotAMember
from social_accounts.models import ProfileAssignment, ProfileGroupGrant
from tenancy.context import organization_open, unscoped
from tests.permissions import reference as ref
from tests.permissions.stage import NOW, Stage, moment
from tests.permissions.worlds import NONE, PEOPLE, PROPERTY, WINDOWS, Drawn, roles_of, things_of, worlds

REFUSALS = (NotAllowed, WouldEscalate, NotAMember, InvalidWindow, PartnerError)
SHARING, ASSIGNING = "organization.manage_partners", "organization.assign_partner_profiles"
Numbers = tuple[int, int, int, int]
Attempt = tuple[int, frozenset[str], Callable[[], Any], Callable[[], None]] | None


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


@PROPERTY
@given(
    world=worlds(),
    tries=st.lists(st.tuples(st.sampled_from("sa"), *[st.integers(0, 599)] * 4), min_size=3, max_size=5),
)
def test_what_is_shared_is_held_and_what_is_assigned_was_granted(
    stage: Stage, world: Drawn, tries: list[tuple[str, int, int, int, int]]
) -> None:
    with stage.playing(world):
        for kind, *numbers in tries:
            attempt = ATTEMPTS[kind](stage, world, tuple(numbers))
            if attempt is not None:
                _try(kind, world, attempt)


def _try(kind: str, world: Drawn, attempt: tuple[int, frozenset[str], Any, Any]) -> None:
    giver, limit, act, happen = attempt
    before, rows_before = copy.copy(world), rows()
    before.grants = [copy.copy(grant) for grant in world.grants]
    before.assignments = [copy.copy(one) for one in world.assignments]
    for one in before.assignments:
        one.grant = before.grants[world.grants.index(one.grant)]
    try:
        act()
    except REFUSALS as refusal:
        event(f"{kind}: {type(refusal).__name__}")
        assert rows() == rows_before, "a refused change changes nothing"
        return
    happen()
    event(f"{kind}: done")
    for at in _moments(before, world):
        for thing in things_of(world):
            for person in PEOPLE:
                gained = ref.actions(world, person, thing, at) - ref.actions(before, person, thing, at)
                assert not beyond(gained, limit), (giver, person, thing, at)


def _moments(before: Drawn, after: Drawn) -> list[float]:
    windows: list[Any] = [
        *(one for world in (before, after) for one in (*world.grants, *world.assignments)),
        *after.members.values(),
        *after.sessions.values(),
    ]
    edges = {edge for window in windows for edge in (window.starts, window.ends)}
    return sorted({0, *(edge for edge in edges if 0 < edge < ref.NEVER)})


def rows() -> list[Any]:
    with unscoped():  # both companies'
        return [sorted(table.objects.values_list()) for table in (ProfileGroupGrant, ProfileAssignment)]


def _pick(world: Drawn, organization: int, action: str, number: int) -> int:
    """Prefer somebody who may: all others are refused at the door."""
    thing = (ref.ORGANIZATION, organization)
    able = [p for p in PEOPLE if ref.may(world, p, action, thing, 0, world.factors[p])]
    return able[number % len(able)] if able and number % 9 else PEOPLE[number % len(PEOPLE)]


def _share(stage: Stage, world: Drawn, numbers: Numbers) -> Attempt:
    ways = [
        (n, (ref.PROFILE, number))
        for n, partnership in world.partnerships.items()
        for number, profile in world.profiles.items()
        if profile.organization == partnership.organization
    ]
    if not ways:
        return None
    n, thing = ways[numbers[0] % len(ways)]
    brand = world.partnerships[n].organization
    giver = _pick(world, brand, SHARING, numbers[1])
    held = ref.actions(world, giver, thing, 0, world.factors[giver])
    roles = [*roles_of(ref.PROFILE, world.packs[brand], world, brand), NONE]
    fitting = [role for role in roles if not beyond(role.actions, held)]
    choices = fitting if fitting and numbers[2] % 3 else roles
    role = choices[numbers[2] // 3 % len(choices)]
    starts, ends = WINDOWS[numbers[3] % len(WINDOWS)]

    def act() -> None:
        with organization_open(stage.organizations[brand].pk):
            actor = _access(stage, world, giver, brand)
            share = Share(stage.facts_of(role), stage.object(thing), moment(starts), moment(ends))
            share_profiles(actor=actor, partnership=stage.partnerships[n], shares=[share], now=NOW)

    def happen() -> None:
        place = ((ref.PARTNERSHIP, n), thing)
        old = next((grant for grant in world.grants if (grant.subject, grant.on) == place), None)
        if old is None:
            world.grants.append(ref.Grant(place[0], role, place[1], starts, ends))
        else:
            old.role, old.starts, old.ends = role, starts, ends

    return giver, held, act, happen


def _assign(stage: Stage, world: Drawn, numbers: Numbers) -> Attempt:
    grants = [grant for grant in world.grants if grant.subject[0] == ref.PARTNERSHIP]
    if not grants:
        return None
    grant = grants[numbers[0] % len(grants)]
    partnership = world.partnerships[grant.subject[1]]
    giver = _pick(world, partnership.partner, ASSIGNING, numbers[1])
    receiver = PEOPLE[numbers[1] // 5 % len(PEOPLE)]
    roles = roles_of(ref.PROFILE, world.packs[partnership.organization], world, partnership.organization)
    role = grant.role if numbers[2] % 3 == 0 else roles[numbers[2] % len(roles)]
    starts, ends = WINDOWS[numbers[3] % len(WINDOWS)]
    brand, partner = (stage.organizations[one].pk for one in (partnership.organization, partnership.partner))

    def act() -> None:
        with organization_open(brand):
            row = ProfileGroupGrant.objects.get(
                group=stage.partner_groups[grant.subject[1]], content_object=stage.object(grant.on)
            )
            facts = stage.facts_of(role)
        with organization_open(partner):
            assign_profiles(
                actor=_access(stage, world, giver, partnership.partner),
                partnership=stage.partnerships[grant.subject[1]],
                people=[stage.people[receiver]],
                grants=[row],
                role=facts,
                now=NOW,
                starts_at=moment(starts),
                expires_at=moment(ends),
            )

    def happen() -> None:
        old = [one for one in world.assignments if one.grant is grant and one.person == receiver]
        for one in old:
            world.assignments.remove(one)
        world.assignments.append(ref.Assignment(receiver, grant, role, starts, ends))

    return giver, grant.role.actions, act, happen


def _access(stage: Stage, world: Drawn, person: int, organization: int) -> Any:
    return load_access(
        user=stage.people[person],
        organization_id=stage.organizations[organization].pk,
        at=NOW,
        has_second_factor=world.factors[person],
    )


ATTEMPTS = {"s": _share, "a": _assign}
