"""Two roles side by side, and which published role is nearest to one of an organization's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area
from permissions.roles import RoleFacts, builtin_roles


@dataclass(frozen=True)
class AreaCompared:
    """One heading of the matrix: what is in the first role only, in the second only, in both."""

    area: Area
    only_one: Sequence[Action]
    only_other: Sequence[Action]
    both: Sequence[Action]


@dataclass(frozen=True)
class Compared:
    one: RoleFacts
    other: RoleFacts
    areas: Sequence[AreaCompared]

    @property
    def only_one_count(self) -> int:
        return sum(len(area.only_one) for area in self.areas)

    @property
    def only_other_count(self) -> int:
        return sum(len(area.only_other) for area in self.areas)

    @property
    def both_count(self) -> int:
        return sum(len(area.both) for area in self.areas)

    @property
    def is_same(self) -> bool:
        """Say whether both hold the same actions; what a built-in role implies is no action of it."""
        return not (self.only_one_count or self.only_other_count)

    @property
    def differing(self) -> Sequence[AreaCompared]:
        return [area for area in self.areas if area.only_one or area.only_other]


@dataclass(frozen=True)
class Near:
    """A built-in role, and by how many actions it differs."""

    role: RoleFacts
    missing: int  # in the built-in role and not in the one compared
    more: int  # in the one compared and not in the built-in role

    @property
    def differences(self) -> int:
        return self.missing + self.more


def compare_roles(one: RoleFacts, other: RoleFacts) -> Compared:
    """Return the two roles area by area. Raises ValueError for roles of different scopes."""
    if one.scope is not other.scope:
        raise ValueError(f"{one.key} is a role of a {one.scope}, {other.key} of a {other.scope}.")
    areas = []
    for area in AREAS:
        actions = [action for action in catalogue.of_scope(one.scope) if action.area is area]
        compared = AreaCompared(
            area,
            only_one=[a for a in actions if a.name in one.actions and a.name not in other.actions],
            only_other=[a for a in actions if a.name not in one.actions and a.name in other.actions],
            both=[a for a in actions if a.name in one.actions and a.name in other.actions],
        )
        if compared.only_one or compared.only_other or compared.both:
            areas.append(compared)
    return Compared(one, other, areas)


def nearest_roles(role: RoleFacts, packs: Iterable[str] | None = None) -> list[Near]:
    """Return the published systems' roles of the same scope, the most similar first; ``packs`` None: of every pack."""
    wanted = None if packs is None else frozenset(packs)
    found = [
        Near(other, missing=len(other.actions - role.actions), more=len(role.actions - other.actions))
        for other in builtin_roles().values()
        if other.scope is role.scope
        and not other.is_none
        and other.permission_id != role.permission_id
        and (wanted is None or other.pack in wanted)
    ]
    return sorted(found, key=lambda near: (near.differences, near.role.key))
