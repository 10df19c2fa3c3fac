"""The catalogue of actions: complete, worded, and strict about names."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from permissions import catalogue
from permissions.catalogue import ACTIONS, ALSO_SERVED_BY, AREAS, Scope, UnknownAction
from permissions.catalogue.flags import AVAILABLE, SENSITIVE

DATA = Path(catalogue.__file__).parents[1] / "data"
SCOPE_OF_TABLE = {
    "agorapulse_organization": "organization",
    "agorapulse_profile": "profile",
    "hootsuite_organization": "organization",
    "hootsuite_profile": "profile",
    "hootsuite_team": "team",
    "pinterest_editor": "profile",
    "chorus_organization": "organization",
    "chorus_team": "team",
    "chorus_profile": "profile",
}


def actions_named_in_tables() -> set[str]:
    named = set()
    for path in [*DATA.glob("*.csv"), *DATA.glob("matrices/*.csv")]:
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                scope = row.get("scope") or SCOPE_OF_TABLE.get(path.stem)
                named |= {f"{scope}.{codename}" for codename in (row.get("action") or "").split()}
    return named


def test_catalogue_has_about_two_hundred_actions() -> None:
    assert 160 <= len(ACTIONS) <= 230


def test_catalogue_holds_exactly_the_actions_of_the_tables() -> None:
    assert set(ACTIONS) == actions_named_in_tables()


@pytest.mark.parametrize("name", ACTIONS)
def test_action_is_worded_for_a_newcomer(name: str) -> None:
    action = ACTIONS[name]
    label, explanation = str(action.label), str(action.explanation)
    assert action.name == name == f"{action.scope}.{action.codename}"
    assert action.area in AREAS
    assert label[0].isupper() and not label.endswith(".") and len(label) <= 45
    assert explanation[0].isupper() and explanation.endswith(".") and 20 <= len(explanation) <= 110
    assert explanation.count(". ") == 0, "one sentence"
    assert "_" not in label + explanation


@pytest.mark.parametrize("scope", Scope)
def test_labels_and_explanations_tell_the_actions_of_a_scope_apart(scope: Scope) -> None:
    actions = catalogue.of_scope(scope)
    assert len({str(action.label) for action in actions}) == len(actions)
    assert len({str(action.explanation) for action in actions}) == len(actions)


def test_of_scope_splits_the_catalogue_in_display_order() -> None:
    split = [action for scope in Scope for action in catalogue.of_scope(scope)]
    assert split == list(ACTIONS.values())
    for scope in Scope:
        positions = [AREAS.index(action.area) for action in catalogue.of_scope(scope)]
        assert positions == sorted(positions)
    assert catalogue.of_scope("team") == catalogue.of_scope(Scope.TEAM)


def test_every_area_has_actions() -> None:
    assert {action.area for action in ACTIONS.values()} == set(AREAS)


def test_get_returns_the_action() -> None:
    assert catalogue.get("profile.publish_posts").scope is Scope.PROFILE


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("profile.publish_post", "profile.publish_posts"),
        ("organization.invite_member", "organization.invite_members"),
        ("publish_posts", "profile.publish_posts"),
        ("zzz", None),
        ("", None),
    ],
)
def test_get_refuses_an_unknown_action_and_names_the_nearest(name: str, nearest: str | None) -> None:
    with pytest.raises(UnknownAction) as caught:
        catalogue.get(name)
    assert caught.value.nearest == nearest
    assert f"“{name}”" in str(caught.value)
    if nearest:
        assert f"“{nearest}”" in str(caught.value)


def test_marks_name_real_actions() -> None:
    assert set(ACTIONS) >= AVAILABLE
    assert set(ACTIONS) >= SENSITIVE
    assert {name for name, action in ACTIONS.items() if action.is_available} == AVAILABLE
    assert {name for name, action in ACTIONS.items() if action.is_sensitive} == SENSITIVE


@pytest.mark.parametrize(
    "name",
    ["organization.create_search", "profile.index_inbox_items", "organization.manage_subscription"],
)
def test_action_of_a_feature_not_built_is_not_available(name: str) -> None:
    assert not ACTIONS[name].is_available


def test_wider_actions_belong_to_the_organization() -> None:
    for narrow, wide in ALSO_SERVED_BY.items():
        assert ACTIONS[narrow].scope is not Scope.ORGANIZATION
        assert ACTIONS[wide].scope is Scope.ORGANIZATION
