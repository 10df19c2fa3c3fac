"""A comparison of two roles as rows of a table, in the catalogue's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from permissions import catalogue
from permissions.catalogue import Action, Area
from permissions.comparing import AreaCompared, Compared, Near, nearest_roles
from permissions.packs import PACKS
from permissions.roles import RoleFacts


@dataclass(frozen=True)
class ComparedRow:
    action: Action
    in_one: bool
    in_other: bool

    @property
    def differs(self) -> bool:
        return self.in_one is not self.in_other


@dataclass(frozen=True)
class NearRow:
    """A published role near to another, with the name of its pack."""

    near: Near
    pack: str


def areas_side_by_side(compared: Compared, *, everything: bool) -> list[tuple[Area, Sequence[ComparedRow]]]:
    """Return the differences by area, or everything that at least one of the two allows."""
    areas = compared.areas if everything else compared.differing
    return [(area.area, _rows(area, everything)) for area in areas]


def _rows(area: AreaCompared, everything: bool) -> list[ComparedRow]:
    one, other = {*area.only_one}, {*area.only_other}
    both = {*area.both} if everything else set()
    return [
        ComparedRow(action, action not in other, action not in one)
        for action in catalogue.ACTIONS.values()
        if action in one or action in other or action in both
    ]


def near_roles(role: RoleFacts) -> list[NearRow]:
    """Return the roles of the other published systems, the most similar first."""
    packs = [slug for slug in PACKS if slug != role.pack]
    return [NearRow(near, str(PACKS[near.role.pack].label)) for near in nearest_roles(role, packs)]
