"""How this app knows the scopes without importing them: each scope's app registers itself in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q

from permissions.catalogue import Scope
from permissions.models import Assignment, GroupGrant, UserGrant


@dataclass(frozen=True)
class ScopeTables:
    """The tables of one scope. ``with_approval`` selects the objects whose network knows approval (R6)."""

    scope: Scope
    model: type[Model]
    user_grants: type[UserGrant]
    group_grants: type[GroupGrant] | None = None
    with_approval: Q | None = None
    assignments: type[Assignment] | None = None


@dataclass(frozen=True)
class Standing:
    """What the members' table says of one person in one organization (R1, R2, R7)."""

    is_active: bool
    starts_at: datetime | None
    expires_at: datetime | None
    two_factor: str  # the organization's policy: none, managers or everyone
    workspace_ids: frozenset[int] | None  # None: every workspace


StandingLoader = Callable[[int, Collection[int]], Mapping[int, Standing]]

_tables: dict[Scope, ScopeTables] = {}
_standing_loader: StandingLoader | None = None


def register_scope(tables: ScopeTables) -> None:
    _tables[tables.scope] = tables


def register_standing(loader: StandingLoader) -> None:
    """``loader(organization_id, user_ids)`` returns the standing of each of them that is a member."""
    global _standing_loader
    _standing_loader = loader


def tables_of(scope: Scope) -> ScopeTables:
    return _tables[scope]


def scope_of(obj: Model) -> Scope:
    for tables in _tables.values():
        if isinstance(obj, tables.model):
            return tables.scope
    raise TypeError(f"{type(obj).__name__} is no scope: ask its organization, team or profile instead.")


def standings(organization_id: int, user_ids: Collection[int]) -> Mapping[int, Standing]:
    assert _standing_loader is not None, "the members' app has not registered itself"
    return _standing_loader(organization_id, user_ids)
