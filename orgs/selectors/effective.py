"""What one person may do, action by action: everywhere, in part, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from orgs.models import Organization, Team
from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area, Scope
from permissions.checker import Access
from permissions.explanation import Decision, Source, explain_over
from permissions.scopes import tables_of
from ui.addresses import id_in

ALLOWED, PARTLY, DENIED = "allowed", "partly", "denied"


@dataclass(frozen=True)
class EffectiveRow:
    """One action and how far it is allowed: on ``count`` of ``total`` objects of its scope."""

    action: Action
    state: str
    count: int
    total: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class EffectiveAccess:
    """The list as filtered, and the numbers of the whole for the filter chips."""

    groups: list[tuple[Area, list[EffectiveRow]]]
    counts: Counter[str]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Ground:
    """The objects actions are asked of, and those among them that may be named to who looks."""

    organization: Organization
    teams: Sequence[Team]
    profiles: Sequence[Any]
    seen_profiles: Sequence[Any]
    viewer: Access

    def of(self, scope: Scope) -> Sequence[Model]:
        if scope is Scope.ORGANIZATION:
            return [self.organization]
        return self.teams if scope is Scope.TEAM else self.profiles


def ground_of(organization: Organization, viewer: Access, profile_id: str = "") -> Ground:
    """Return all teams and profiles of the organization, or the one profile asked for, if the viewer sees it.

    A partner's person is told of those shared with him alone: how many others there are is not his to know.
    """
    found = tables_of(Scope.PROFILE).model._default_manager.order_by("pk")
    if profile_id:
        found = found.filter(pk=id_in(profile_id))
    profiles = list(found)
    seen = [profile for profile in profiles if viewer.sees(profile)]
    if viewer.is_partner:
        return Ground(organization, [], seen, seen, viewer)
    teams = list(Team.objects.order_by("name"))
    return Ground(organization, teams, seen if profile_id else profiles, seen, viewer)


def effective_access(
    access: Access, ground: Ground, *, show: str = "", text: str = "", only_profiles: bool = False
) -> EffectiveAccess:
    """Return the person's access by area; ``show`` is one of the states, ``text`` searches action names."""
    scopes = [Scope.PROFILE] if only_profiles else list(Scope)
    rows = [row for scope in scopes for row in _rows(access, scope, ground.of(scope))]
    if text:
        wanted = text.casefold()
        rows = [row for row in rows if wanted in f"{row.action.label} {row.action.name}".casefold()]
    counts = Counter(row.state for row in rows)
    if show in (ALLOWED, PARTLY, DENIED):
        rows = [row for row in rows if row.state == show]
    groups = [(area, [row for row in rows if row.action.area is area]) for area in AREAS]
    return EffectiveAccess([(area, found) for area, found in groups if found], counts)


def _rows(access: Access, scope: Scope, objects: Sequence[Model]) -> Iterable[EffectiveRow]:
    counts: Counter[str] = Counter()
    sources: dict[str, dict[str, None]] = {}
    stopped = access.miss_before_scope() is not None
    # Most objects of a large organization are reached by the same few roles: each combination is looked at once.
    alike: dict[tuple[tuple[int, frozenset[str]], ...], list[Sequence[Source]]] = {}
    for obj in () if stopped else objects:
        found = access.sources(obj)
        key = tuple((source.role.permission_id, source.role.actions) for source in found)
        alike.setdefault(key, []).append(found)
    for many in alike.values():
        held: set[str] = set()
        for source in many[0]:
            held |= source.role.actions
            for name in source.role.actions:
                sources.setdefault(name, {})[source.role.label] = None
        for name in held:
            counts[name] += len(many)
    for action in catalogue.of_scope(scope):
        count, total = counts[action.name], len(objects)
        state = DENIED if count == 0 else ALLOWED if count == total else PARTLY
        yield EffectiveRow(action, state, count, total, tuple(sources.get(action.name, ())))


def why(access: Access, action: str, ground: Ground) -> tuple[Decision, str]:
    """Return the derivation over all objects the action is asked of, and its verdict: yes, part or no.

    Raises UnknownAction.
    """
    what = catalogue.get(action)
    if what.scope is Scope.ORGANIZATION:
        decision = access.decide(action, ground.organization)
        return decision, "yes" if decision.allowed else "no"
    objects = ground.of(what.scope)
    decision = explain_over(access, what, objects, named=ground.viewer.sees)
    reached = sum(access.can(action, obj) for obj in objects)
    verdict = "no" if not reached else "yes" if reached == len(objects) else "part"
    return decision, verdict
