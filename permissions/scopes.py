"""How this app knows the scopes without importing them: each scope's app registers itself in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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


def is_within(at: datetime, starts_at: datetime | None, expires_at: datetime | None) -> bool:
    """Say whether the window [starts_at, expires_at) holds the moment."""
    return (starts_at is None or starts_at <= at) and (expires_at is None or at < expires_at)


@dataclass(frozen=True)
class Affiliation:
    """A person's membership in an active partner: while it holds, what was assigned to him counts (R8)."""

    partnership_id: int
    partner: str  # its name
    is_active: bool
    starts_at: datetime | None
    expires_at: datetime | None

    def is_live(self, at: datetime) -> bool:
        return self.is_active and is_within(at, self.starts_at, self.expires_at)


@dataclass(frozen=True)
class SupportVisit:
    """A support session of one of the vendor's staff, which the organization allows (R10)."""

    session_id: int
    kind: str  # the slug of the role it brings: support or team
    ticket: str
    reason: str
    starts_at: datetime
    expires_at: datetime

    def is_live(self, at: datetime) -> bool:
        return is_within(at, self.starts_at, self.expires_at)


@dataclass(frozen=True)
class Standing:
    """How one person stands to one organization (R1, R2, R7): as a member, a partner's person, or staff.

    A membership decides for a member, a suspended or expired one as well; else a support session, while it lasts; else
    the memberships in partners. ``is_active`` and the window are the membership's.
    """

    is_active: bool
    starts_at: datetime | None
    expires_at: datetime | None
    two_factor: str  # the organization's policy: none, managers or everyone
    workspace_ids: frozenset[int] | None  # None: every workspace
    affiliations: tuple[Affiliation, ...] = ()
    visit: SupportVisit | None = None

    @property
    def is_member(self) -> bool:
        return self.visit is None and not self.affiliations


StandingLoader = Callable[[int, Collection[int]], Mapping[int, Standing]]
PartnersLoader = Callable[[int], Collection[int]]
NearMissLoader = Callable[[int, int], Sequence[tuple[str, str]]]

_tables: dict[Scope, ScopeTables] = {}
_standing_loader: StandingLoader | None = None
_partners_loader: PartnersLoader | None = None
_near_miss_loader: NearMissLoader | None = None


def register_scope(tables: ScopeTables) -> None:
    _tables[tables.scope] = tables


def register_standing(loader: StandingLoader) -> None:
    """``loader(organization_id, user_ids)`` returns the standing of each of them that has one."""
    global _standing_loader
    _standing_loader = loader


def register_partners(loader: PartnersLoader) -> None:
    """``loader(organization_id)`` returns the organizations that are its active partners."""
    global _partners_loader
    _partners_loader = loader


def register_near_misses(loader: NearMissLoader) -> None:
    """``loader(organization_id, user_id)`` returns what nearly gave a standing: a title and a sentence for each."""
    global _near_miss_loader
    _near_miss_loader = loader


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


def partners_of(organization_id: int) -> Collection[int]:
    assert _partners_loader is not None, "the organizations' app has not registered itself"
    return _partners_loader(organization_id)


def near_misses(organization_id: int, user_id: int) -> Sequence[tuple[str, str]]:
    """Return why a person who has no standing nearly had one: an ended partnership, a closed support session."""
    assert _near_miss_loader is not None, "the organizations' app has not registered itself"
    return _near_miss_loader(organization_id, user_id)
