"""Two roles side by side, and the published role nearest to one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from permissions import catalogue
from permissions.catalogue import Scope
from permissions.comparing import compare_roles, nearest_roles
from permissions.packs import PACKS
from tests.cast import role

pytestmark = pytest.mark.django_db


def test_compared_roles_hold_every_action_of_either_once() -> None:
    editor, moderator = role("standard:editor"), role("standard:moderator")
    compared = compare_roles(editor, moderator)
    found = {
        side: {action.name for area in compared.areas for action in getattr(area, side)}
        for side in ("only_one", "only_other", "both")
    }
    assert found["only_one"] == editor.actions - moderator.actions
    assert found["only_other"] == moderator.actions - editor.actions
    assert found["both"] == editor.actions & moderator.actions
    assert compared.only_one_count == len(found["only_one"]) > 0
    assert compared.both_count == len(found["both"])
    assert all(action.area is area.area for area in compared.areas for action in area.both)
    order = list(catalogue.AREAS)
    assert [area.area for area in compared.areas] == sorted((a.area for a in compared.areas), key=order.index)


def test_role_compared_with_itself_differs_in_nothing() -> None:
    compared = compare_roles(role("standard:editor"), role("standard:editor"))
    assert compared.is_same and not compared.differing
    assert not compare_roles(role("standard:editor"), role("standard:guest")).is_same


def test_roles_of_two_scopes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="standard:member"):
        compare_roles(role("standard:editor"), role("standard:member", Scope.ORGANIZATION))


def test_nearest_role_of_a_published_system_is_the_one_with_fewest_differences() -> None:
    editor = role("hootsuite:editor")
    other = next(a.name for a in catalogue.of_scope(Scope.PROFILE) if a.name not in editor.actions)
    own = replace(
        editor,
        id=0,
        permission_id=0,
        pack="",
        slug="ours",
        builtin=None,
        actions=(editor.actions - {"profile.publish_posts"}) | {other},
    )
    nearest = nearest_roles(own)[0]
    assert (nearest.role.key, nearest.missing, nearest.more, nearest.differences) == (
        "hootsuite:editor",
        1,
        1,
        2,
    )
    counts = [near.differences for near in nearest_roles(own)]
    assert counts == sorted(counts)


def test_nearest_roles_can_be_asked_of_some_packs_and_leave_out_none_and_the_role_itself() -> None:
    editor = role("standard:editor")
    near = nearest_roles(editor, packs=["hootsuite"])
    assert {one.role.key for one in near} == {
        one.key for one in PACKS["hootsuite"].roles_of(Scope.PROFILE) if not one.is_none
    }
    assert editor.key not in {one.role.key for one in nearest_roles(editor)}
