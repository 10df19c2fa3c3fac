"""Check, list, people, has_perm and derivation agree with each other and with the reference, in every world.

CHORUS_TEST_WORLDS says in how many each test looks: nightly (2,000), short (70, none made simpler or remembered), or
unset for `make test` (70).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgs.models import OrganizationUserGrant, SupportSession, Team, TeamUserGrant
from orgs.selectors import people_with_standing
from permissions.catalogue import ACTIONS as CATALOGUE
from permissions.catalogue import UnknownAction
from permissions.checker import Access, load_access, load_accesses, people_who_may
from permissions.explanation import MISS_TITLES, Decision, Miss
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import organization_open, unscoped
from tests.permissions import reference as ref
from tests.permissions.changing import CHANGES
from tests.permissions.stage import MODELS, NOW, Stage
from tests.permissions.worlds import (
    ACTIONS,
    PEOPLE,
    PROPERTY,
    Drawn,
    roles_of,
    things_of,
    worlds,
)

pytestmark = pytest.mark.long

LABELS = {ref.ORGANIZATION: "orgs", ref.TEAM: "orgs", ref.PROFILE: "social_accounts"}


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def expected(
    world: Drawn, organization: int, person: int, action: str, thing: ref.Thing, **more: Any
) -> bool:
    """Return the reference's answer, asked inside one organization: no right reaches into another."""
    return world.organization_of(thing) == organization and ref.may(world, person, action, thing, 0, **more)


def agree(stage: Stage, world: Drawn, pick: int) -> None:
    """Assert that every way to ask gives the reference's answer. ``pick`` varies what is only sampled."""
    for organization in world.two_factor:
        with organization_open(stage.organizations[organization].pk):
            _check_and_list_agree(stage, world, organization, pick)
            _people_agree(stage, world, organization, pick)
    _has_perm_agrees(stage, world, pick)


def _check_and_list_agree(stage: Stage, world: Drawn, organization: int, pick: int) -> None:
    g = stage.organizations[organization].pk
    everybody = load_accesses(users=stage.people, organization_id=g, at=NOW)
    things = things_of(world)
    for person in PEOPLE:
        factor = world.factors[person]
        access = everybody[stage.people[person].pk]
        if person == pick % len(PEOPLE):  # read for himself alone; the others from what was read for all
            access = load_access(user=access.user, organization_id=g, at=NOW, has_second_factor=factor)
        access.has_second_factor = factor
        _key_agrees(stage, world, organization, person, access)
        for n, thing in enumerate(things):
            obj = stage.object(thing)
            right = set()
            if world.organization_of(thing) == organization:  # no right reaches into another one
                right = ref.actions(world, person, thing, 0, factor) & set(ACTIONS[thing[0]])
            found = {action for action in ACTIONS[thing[0]] if access.can(action, obj)}
            assert found == right, (person, thing)
            action = ACTIONS[thing[0]][(pick + n + person) % len(ACTIONS[thing[0]])]
            if (n + person + pick) % 4 == 0:
                decision = access.decide(action, obj)
                assert decision.steps and decision.allowed == access.can(action, obj)
                assert any(step.ok for step in decision.steps) == decision.allowed
                _names_what_it_rests_on(world, organization, person, decision)
        for scope, model, some in (
            (ref.PROFILE, SocialProfile, ("profile.send_for_approval", "profile.publish_posts")),
            (ref.TEAM, Team, ()),
        ):
            for action in {*some, ACTIONS[scope][(pick + person) % len(ACTIONS[scope])]}:
                listed = set(access.filter(model._default_manager.all(), action))
                assert listed == {
                    stage.object(thing)
                    for thing in things
                    if thing[0] == scope
                    and expected(world, organization, person, action, thing, factor=factor)
                }, (person, action)
        action = ACTIONS[ref.PROFILE][(pick + person) % len(ACTIONS[ref.PROFILE])]
        rows = access.filter(ProfileUserGrant.objects.all(), action, path="content_object")
        assert sorted(rows.values_list("content_object_id", flat=True)) == sorted(
            stage.object(grant.on).pk
            for grant in world.grants
            if grant.on[0] == ref.PROFILE
            and grant.subject[0] == "person"
            and expected(world, organization, person, action, grant.on, factor=factor)
        )


def _key_agrees(stage: Stage, world: Drawn, organization: int, person: int, access: Access) -> None:
    """R11: what a key may do is what its issuer may, within what it was issued for; said of one profile and of all."""
    issued = world.keys[person]
    if issued is None:
        return
    factor, held = world.factors[person], set()
    through = Access(
        user=access.user,
        organization_id=access.organization_id,
        snapshot=access.snapshot,
        at=access.at,
        has_second_factor=factor,
        key=stage.key_of(issued),
    )
    things = [thing for thing in things_of(world) if world.organization_of(thing) == organization]
    for thing in things:
        right = ref.actions(world, person, thing, 0, factor, issued) & set(ACTIONS[thing[0]])
        obj = stage.object(thing)
        assert {action for action in ACTIONS[thing[0]] if through.can(action, obj)} == right, (person, thing)
        assert right <= {a for source in through.sources(obj) for a in source.role.actions}
        assert {a for source in through.sources(obj) for a in source.role.actions} <= issued[0]
        held |= {(action, thing) for action in right}
    action = sorted(issued[0])[0]
    scope = action.partition(".")[0]
    if scope != ref.ORGANIZATION:
        model = MODELS[scope]
        listed = set(through.filter(model._default_manager.all(), action))
        assert listed == {stage.object(thing) for name, thing in held if name == action}
    thing = things[person % len(things)]
    for action in (ACTIONS[thing[0]][person % 3], *sorted(issued[0] & set(ACTIONS[thing[0]]))[:1]):
        decision = through.decide(action, stage.object(thing))
        assert decision.allowed == ((action, thing) in held)
        assert any(step.ok for step in decision.steps) == decision.allowed
        assert "Robot" in decision.summary


def _names_what_it_rests_on(world: Drawn, organization: int, person: int, decision: Decision) -> None:
    """What is allowed to a visitor names the partner or the ticket; a stranger is told that he is one."""
    if (organization, person) in world.members:
        return
    session = world.sessions.get((organization, person))
    has_session = (
        session is not None
        and not session.is_ended
        and world.staff.get(person) is session.role
        and organization not in world.closed_to_staff
    )
    partners = {
        partnership.partner
        for partnership in world.partnerships.values()
        if partnership.organization == organization
        and partnership.is_active
        and (partnership.partner, person) in world.members
    }
    if not has_session and not partners:
        assert decision.steps[0].title == MISS_TITLES[Miss.NOT_A_MEMBER]
    elif ref.visit(world, person, organization, 0):
        assert not decision.allowed or f"T-{organization}{person}" in decision.text
    elif decision.allowed:
        assert any(f"partner World {partner} " in decision.text for partner in partners)
        assert "Assigned there as" in decision.text and "Person 0" in decision.text


def _people_agree(stage: Stage, world: Drawn, organization: int, pick: int) -> None:
    g = stage.organizations[organization].pk
    things = [thing for thing in things_of(world) if world.organization_of(thing) == organization]
    for n in range(min(len(things), 2)):
        thing = things[(pick + n) % len(things)]
        action = ACTIONS[thing[0]][(pick + n) % len(ACTIONS[thing[0]])]
        found = people_who_may(action, stage.object(thing), among=stage.people, organization_id=g, at=NOW)
        right = [stage.people[p] for p in PEOPLE if expected(world, organization, p, action, thing)]
        assert found == right
        everybody = people_with_standing(g)
        asked = people_who_may(action, stage.object(thing), among=everybody, organization_id=g, at=NOW)
        assert {user.pk for user in asked} == {user.pk for user in right}


def _has_perm_agrees(stage: Stage, world: Drawn, pick: int) -> None:
    things = things_of(world)
    with patch("django.utils.timezone.now", return_value=NOW):
        for n in range(3):
            person, thing = PEOPLE[(pick + n) % len(PEOPLE)], things[(pick + n) % len(things)]
            action = ACTIONS[thing[0]][(pick + n) % len(ACTIONS[thing[0]])]
            spelled = f"{LABELS[thing[0]]}.{action.partition('.')[2]}"
            user, obj = stage.people[person], stage.object(thing)
            right = ref.may(world, person, action, thing, 0)
            assert user.has_perm(spelled, obj) == right, (person, action, thing)
        assert (spelled in user.get_all_permissions(obj)) == right


@PROPERTY
@given(world=worlds(), pick=st.integers(0, 1000))
def test_every_way_to_ask_agrees_with_the_rules_in_every_world(stage: Stage, world: Drawn, pick: int) -> None:
    with stage.playing(world):
        agree(stage, world, pick)


@PROPERTY
@given(
    world=worlds(),
    changes=st.lists(st.tuples(st.integers(0, 599), st.integers(0, 599)), min_size=1, max_size=4),
    pick=st.integers(0, 1000),
)
def test_every_way_to_ask_agrees_after_every_change(
    stage: Stage, world: Drawn, changes: list[tuple[int, int]], pick: int
) -> None:
    with stage.playing(world):
        for kind, what in changes:
            with unscoped():  # whichever organization's row it is
                CHANGES[kind % len(CHANGES)](stage, world, what)
            brands = [partnership.organization for partnership in world.partnerships.values()]
            _check_one(
                stage, world, (*world.two_factor, *brands)[what % (len(world.two_factor) + len(brands))], pick
            )


def _check_one(stage: Stage, world: Drawn, organization: int, pick: int) -> None:
    with organization_open(stage.organizations[organization].pk):
        _check_and_list_agree(stage, world, organization, pick)
        _people_agree(stage, world, organization, pick)


@PROPERTY
@given(world=worlds())
def test_without_the_grants_every_answer_is_no(stage: Stage, world: Drawn) -> None:
    """The row is the right: nothing is remembered elsewhere. A support session is the one other cause, and ends too."""
    with stage.playing(world):
        with unscoped():  # every organization's
            for table in (OrganizationUserGrant, TeamUserGrant, ProfileUserGrant, ProfileGroupGrant):
                table.objects.all().delete()
            assert not ProfileAssignment.objects.exists(), "they go with the partner's grant"
        world.grants, world.assignments = [], []
        _nobody_may_but_staff(stage, world)
        with unscoped():  # every organization's
            SupportSession.objects.all().delete()
        world.sessions = {}
        _nobody_may_but_staff(stage, world)


def _nobody_may_but_staff(stage: Stage, world: Drawn) -> None:
    for organization in world.two_factor:
        g = stage.organizations[organization].pk
        with organization_open(g):
            accesses = load_accesses(users=stage.people, organization_id=g, at=NOW)
            for person in PEOPLE:
                access = accesses[stage.people[person].pk]
                is_on_visit = (organization, person) not in world.members and ref.visit(
                    world, person, organization, 0
                )
                for thing in things_of(world):
                    held = any(source.role.actions for source in access.sources(stage.object(thing)))
                    assert not held or is_on_visit, (person, thing)
                if not is_on_visit:
                    for action in ("profile.view_posts", "profile.publish_posts"):
                        assert not access.filter(SocialProfile.objects.all(), action).exists()


def test_answers_change_at_the_edges_of_a_window_to_the_second(stage: Stage) -> None:
    """One grant open for an hour, asked just before, at, and just before and at its end."""
    for scope, subject in ((ref.PROFILE, "person"), (ref.PROFILE, "team"), (ref.TEAM, "person")):
        role = roles_of(scope, ["standard"])[0]
        world = Drawn(
            {0: "none"}, {(0, 0): ref.Member()}, {0: ref.Team(0, {0})}, {0: ref.Profile(0, 0, True)}, []
        )
        world.own_roles, world.packs = [], {0: ["standard"]}
        world.grants = [ref.Grant((subject, 0), role, (scope, 0), 0, 1)]
        action = ACTIONS[scope][1] if scope == ref.TEAM else "profile.publish_posts"
        with stage.playing(world), organization_open(stage.organizations[0].pk):
            for shift, right in ((-1, False), (0, True), (3599, True), (3600, False)):
                at = NOW + timedelta(seconds=shift)
                access = load_access(user=stage.people[0], organization_id=stage.organizations[0].pk, at=at)
                assert access.can(action, stage.object((scope, 0))) == right, (scope, subject, shift)


def test_unknown_action_is_an_error_whichever_way_it_is_asked(stage: Stage) -> None:
    world = Drawn({0: "none"}, {(0, 0): ref.Member()}, {}, {0: ref.Profile(0, 0, True)}, [])
    world.own_roles, world.packs = [], {0: ["standard"]}
    with stage.playing(world), organization_open(stage.organizations[0].pk):
        g, profile = stage.organizations[0].pk, stage.profiles[0]
        access = load_access(user=stage.people[0], organization_id=g, at=NOW)
        for ask in (
            lambda: access.can("profile.fly", profile),
            lambda: access.decide("profile.fly", profile),
            lambda: access.reach("profile.fly"),
            lambda: access.filter(SocialProfile.objects.all(), "profile.fly"),
            lambda: people_who_may("profile.fly", profile, among=stage.people, organization_id=g, at=NOW),
            lambda: stage.people[0].has_perm("social_accounts.fly", profile),
        ):
            with pytest.raises(UnknownAction):
                ask()
    assert all(action in CATALOGUE for actions in ACTIONS.values() for action in actions)
