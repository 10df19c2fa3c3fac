"""What a preview says is what the rules say: before against after, in every world, for every kind of change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permissions.what_if import Triple, preview
from tenancy.context import organization_open, unscoped
from tests.permissions import reference as ref
from tests.permissions.test_properties import CHANGES
from tests.permissions.worlds import NOW, PEOPLE, PROPERTY, Drawn, Stage, things_of, worlds

Rights = dict[tuple[int, ref.Thing, float], frozenset[str]]


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def edges_of(world: Drawn) -> set[float]:
    windows = [*world.grants, *world.members.values()]
    return {edge for one in windows for edge in (one.starts, one.ends) if 0 < edge < ref.NEVER}


def rights_of(world: Drawn, organization: int, moments: set[float]) -> Rights:
    """Return by the reference who holds what at each moment."""
    things = [thing for thing in things_of(world) if world.organization_of(thing) == organization]
    return {
        (person, thing, at): held
        for person in PEOPLE
        for thing in things
        for at in moments
        if (held := ref.actions(world, person, thing, at))
    }


@PROPERTY
@given(
    world=worlds(),
    changes=st.lists(
        st.tuples(st.integers(0, len(CHANGES) - 1), st.integers(0, 599)), min_size=1, max_size=8
    ),
)
def test_preview_tells_exactly_what_the_rules_say_changes(
    stage: Stage, world: Drawn, changes: list[tuple[int, int]]
) -> None:
    with stage.playing(world):
        organization = changes[0][1] % len(world.two_factor)
        objects = {thing: stage.object(thing).pk for thing in things_of(world)}
        always = [
            float(hour) for hour in (-48, -1, 0, 1, 48)
        ]  # no change makes an edge that is not one of these
        moments = {0.0, *(hour for hour in always if hour > 0)}
        before = rights_of(world, organization, moments)

        def change() -> None:
            with unscoped():  # whichever organization's row it is
                for kind, what in changes:
                    CHANGES[kind](stage, world, what)

        with organization_open(stage.organizations[organization].pk):
            found = preview(organization_id=stage.organizations[organization].pk, change=change, at=NOW)
        after = rights_of(world, organization, moments)

        def triples(one: Rights, other: Rights) -> set[Triple]:
            return {
                Triple(stage.people[person].pk, action, objects[thing])
                for (person, thing, at), actions in one.items()
                for action in actions - other.get((person, thing, at), frozenset())
            }

        for told, right in (
            (list(found.gained()), triples(after, before)),
            (list(found.lost()), triples(before, after)),
        ):
            assert len(told) == len(set(told))
            assert set(told) == right
        assert (found.gained_count, found.lost_count) == (
            len(triples(after, before)),
            len(triples(before, after)),
        )
        for delta in found.deltas:
            assert (delta.starts_at or NOW) >= NOW
            begins = ((delta.starts_at or NOW) - NOW) / timedelta(hours=1)
            person = next(n for n, user in enumerate(stage.people) if user.pk == delta.person_id)
            for pk in delta.object_ids:
                thing = next(t for t, other in objects.items() if other == pk and t[0] == delta.scope)
                key = (person, thing, begins)
                assert after.get(key, frozenset()) - before.get(key, frozenset()) == delta.gained
                assert before.get(key, frozenset()) - after.get(key, frozenset()) == delta.lost
