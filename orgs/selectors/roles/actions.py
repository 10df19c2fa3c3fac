"""One role's actions by area, each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orgs.selectors.roles.in_use import RoleInUse
from orgs.selectors.roles.sources import CellSource, sources_of
from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area

HELD, LACKING, SENSITIVE = "held", "lacking", "sensitive"


@dataclass(frozen=True)
class ActionRow:
    """One action of the role's scope. ``sources`` only where a built-in role holds it."""

    action: Action
    is_held: bool
    sources: Sequence[CellSource] = ()


@dataclass(frozen=True)
class RoleActions:
    """The list as filtered, and the numbers of the whole for the filter chips."""

    areas: Sequence[tuple[Area, Sequence[ActionRow]]]
    held: int
    total: int
    sensitive: int

    @property
    def lacking(self) -> int:
        return self.total - self.held


def role_actions(role: RoleInUse, *, show: str = "", text: str = "") -> RoleActions:
    """Return the role's actions; ``show``: held, lacking or sensitive (and held), ``text`` searches names."""
    every = catalogue.of_scope(role.facts.scope)
    held = role.facts.actions
    wanted = text.casefold()
    rows = [
        ActionRow(action, action.name in held, sources_of(role.facts, action.name))
        for action in every
        if _matches(action, action.name in held, show)
        and wanted in f"{action.label} {action.name}".casefold()
    ]
    areas = [(area, [row for row in rows if row.action.area is area]) for area in AREAS]
    return RoleActions(
        areas=[(area, found) for area, found in areas if found],
        held=sum(action.name in held for action in every),
        total=len(every),
        sensitive=sum(action.name in held and action.is_sensitive for action in every),
    )


def _matches(action: Action, is_held: bool, show: str) -> bool:
    if show == HELD:
        return is_held
    if show == LACKING:
        return not is_held
    return show != SENSITIVE or (is_held and action.is_sensitive)
