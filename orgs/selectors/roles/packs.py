"""The packs: those in use with the people who hold their roles, and those that could be added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from orgs.models import Organization
from orgs.selectors.roles.holders import people_with
from orgs.selectors.roles.in_use import RoleInUse, holder_counts
from orgs.selectors.roles.sources import Provenance, provenance
from permissions.catalogue import Scope
from permissions.packs import PACKS, Pack
from permissions.roles import builtin_roles

NAMES_SHOWN: Final = 8


@dataclass(frozen=True)
class PackCard:
    """A pack with its roles by level. ``holders`` counts how often somebody holds one of them here."""

    pack: Pack
    is_used: bool
    provenance: Provenance
    levels: Sequence[tuple[Scope, Sequence[RoleInUse]]]

    @property
    def holders(self) -> int:
        return sum(role.holders for _scope, roles in self.levels for role in roles)


def pack_cards(organization: Organization, now: datetime) -> list[PackCard]:
    """Return the packs in use in their order, then the others."""
    counts = {scope: holder_counts(scope, now) for scope in Scope}
    used = [slug for slug in organization.packs if slug in PACKS]
    return [
        _card(PACKS[slug], slug in used, counts)
        for slug in (*used, *(slug for slug in PACKS if slug not in used))
    ]


def _card(pack: Pack, is_used: bool, counts: Any) -> PackCard:
    roles = [
        RoleInUse(facts, None, pack, counts[facts.scope].get(facts.permission_id, 0))
        for facts in sorted(
            (one for one in builtin_roles().values() if one.pack == pack.slug),
            key=lambda one: one.builtin.rank if one.builtin else 0,
        )
    ]
    levels = [(scope, [role for role in roles if role.facts.scope is scope]) for scope in Scope]
    source = provenance(roles[0].facts)
    assert source is not None, "a pack's roles are built in"
    return PackCard(pack, is_used, source, [(scope, found) for scope, found in levels if found])


@dataclass(frozen=True)
class PackHolders:
    """The first people who hold one role of a pack, and how many more there are."""

    role: RoleInUse
    names: Sequence[str]
    more: int


def holders_of_pack(pack: Pack, now: datetime) -> list[PackHolders]:
    """Return who still holds roles of the pack directly, role by role; those of teams are on the page of the role."""
    found = []
    for scope in Scope:
        for facts in (
            one for one in builtin_roles().values() if one.pack == pack.slug and one.scope is scope
        ):
            people = people_with(facts, now)
            if count := people.count():
                names = [str(person) for person in people[:NAMES_SHOWN]]
                found.append(PackHolders(RoleInUse(facts, None, pack, count), names, count - len(names)))
    return found
