"""A preview as one reader is told it: by person and by action, with what he may not see counted and not named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from permissions.catalogue import ACTIONS, Action, Scope
from permissions.checker import Access
from permissions.scopes import tables_of
from permissions.stranding import Stranded
from permissions.what_if import Delta, WhatIf

PEOPLE_SHOWN = 8
NAMES_SHOWN = 3
ACTIONS_SHOWN = 4
STRANDED_SHOWN = 6
# Who may see who has access to an object, besides those who see all members.
_VIEWS_MEMBERS = "organization.view_members"
_VIEWS_ACCESS = {Scope.TEAM: "team.view_team_permissions", Scope.PROFILE: "profile.view_profile_access"}
_VIEWS_POSTS = "profile.view_posts"


@dataclass(frozen=True)
class Line:
    """Some actions one person gains, or loses, on some objects for some time."""

    is_gain: bool
    actions: Sequence[Action]
    where: str
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def first(self) -> Sequence[Action]:
        return self.actions[:ACTIONS_SHOWN]

    @property
    def rest(self) -> Sequence[Action]:
        return self.actions[ACTIONS_SHOWN:]


@dataclass(frozen=True)
class PersonTold:
    person: User
    lines: Sequence[Line]
    gained_count: int
    lost_count: int


@dataclass(frozen=True)
class ActionTold:
    """One action, and how many people gain or lose it."""

    action: Action
    gaining: int
    losing: int


@dataclass(frozen=True)
class Told:
    """What the part ``components/what_if.html`` shows; the whole is in ``what_if``."""

    what_if: WhatIf
    people: Sequence[PersonTold] = ()
    more_people: int = 0
    stranded: Sequence[Stranded] = ()
    summary: Sequence[str] = field(default=())

    @cached_property
    def actions(self) -> Sequence[ActionTold]:
        """Return every action somebody gains or loses, in the catalogue's order."""
        people: dict[tuple[frozenset[str], frozenset[str]], set[int]] = defaultdict(set)
        for delta in self.what_if.deltas:  # many people, few different changes
            people[delta.gained, delta.lost].add(delta.person_id)
        sides: dict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        for changes, whose in people.items():
            for n, names in enumerate(changes):
                for name in names:
                    sides[name][n].update(whose)
        return [ActionTold(ACTIONS[name], *map(len, sides[name])) for name in ACTIONS if name in sides]

    @property
    def stranded_untold(self) -> int:
        return len(self.what_if.stranded) - len(self.stranded)

    @property
    def sensitive(self) -> Sequence[Action]:
        return [ACTIONS[name] for name in self.what_if.sensitive]


def tell(what_if: WhatIf, *, viewer: Access, people_shown: int = PEOPLE_SHOWN) -> Told:
    """Return the preview as this reader may see it. Reads names only of what is shown."""
    if what_if.is_refused:
        return Told(what_if)
    eyes = _Eyes(viewer, what_if)
    shown = eyes.people(people_shown)
    users = User.objects.in_bulk(shown)
    seen = [thing for thing in what_if.stranded if viewer.can(_VIEWS_POSTS, thing.profile)]
    return Told(
        what_if,
        people=[_person(users[pk], what_if.of_person(pk), eyes) for pk in shown if pk in users],
        more_people=len(what_if.people) - len(shown),
        stranded=seen[:STRANDED_SHOWN],
        summary=_summary(what_if),
    )


def _summary(what_if: WhatIf) -> list[str]:
    """Return one sentence for what is gained and one for what is lost, by how many people."""
    gaining = sum(any(delta.gained for delta in what_if.of_person(pk)) for pk in what_if.people)
    losing = sum(any(delta.lost for delta in what_if.of_person(pk)) for pk in what_if.people)
    told = []
    if gaining:
        sentence = ngettext(
            "%(people)d person gains %(rights)s.", "%(people)d people gain %(rights)s.", gaining
        )
        told.append(sentence % {"people": gaining, "rights": _rights(what_if.gained_count)})
    if losing:
        sentence = ngettext(
            "%(people)d person loses %(rights)s.", "%(people)d people lose %(rights)s.", losing
        )
        told.append(sentence % {"people": losing, "rights": _rights(what_if.lost_count)})
    return told


def _rights(count: int) -> str:
    return ngettext("%(count)d right", "%(count)d rights", count) % {"count": count}


def _person(person: User, deltas: Sequence[Delta], eyes: _Eyes) -> PersonTold:
    lines = [line for is_gain in (True, False) for line in _lines(deltas, is_gain, eyes)]
    gained = {(action, pk) for delta in deltas for action in delta.gained for pk in delta.object_ids}
    lost = {(action, pk) for delta in deltas for action in delta.lost for pk in delta.object_ids}
    return PersonTold(person, lines, len(gained), len(lost))


def _lines(deltas: Iterable[Delta], is_gain: bool, eyes: _Eyes) -> Iterator[Line]:
    """Yield one line for each set of actions and window, with all objects it is about."""
    objects: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for delta in deltas:
        if names := delta.gained if is_gain else delta.lost:
            objects[delta.scope, names, delta.starts_at, delta.ends_at].extend(delta.object_ids)
    for (scope, names, starts_at, ends_at), ids in objects.items():
        actions = [action for name, action in ACTIONS.items() if name in names]
        yield Line(is_gain, actions, eyes.where(scope, ids), starts_at, ends_at)


class _Eyes:
    """What one reader sees of people and objects."""

    def __init__(self, viewer: Access, what_if: WhatIf) -> None:
        self.viewer = viewer
        self.what_if = what_if
        self._seen: dict[tuple[Scope, int], bool] = {}

    @cached_property
    def _objects(self) -> Mapping[Scope, Mapping[int, Model]]:
        """What is gone before (a new team's id) or after the change has no name to tell."""
        teams = tables_of(Scope.TEAM).model._default_manager.in_bulk(list(self.what_if.teams))
        profiles = tables_of(Scope.PROFILE).model._default_manager.in_bulk(list(self.what_if.profiles))
        return {Scope.TEAM: teams, Scope.PROFILE: profiles}

    @cached_property
    def _views_members(self) -> bool:
        organization = tables_of(Scope.ORGANIZATION).model._default_manager.get(
            pk=self.what_if.organization_id
        )
        return self.viewer.can(_VIEWS_MEMBERS, organization)

    def people(self, count: int) -> list[int]:
        """Return the first people who may be named."""
        found: list[int] = []
        for person in self.what_if.people:
            if len(found) == count:
                break
            if self._views_members or person == self.viewer.user.pk or self._views_access_of(person):
                found.append(person)
        return found

    def where(self, scope: Scope, ids: Sequence[int]) -> str:
        """Return the names of the first objects seen, and how many more there are."""
        if scope is Scope.ORGANIZATION:
            return _("In the organization")
        names: list[str] = []
        for pk in sorted(ids):
            if len(names) == NAMES_SHOWN:
                break
            if self._sees(scope, pk):
                names.append(str(self._objects[scope][pk]))
        more = len(ids) - len(names)
        if not names:
            return _counted(scope, more)
        shown = ", ".join(names)
        return _("%(names)s and %(count)d more") % {"names": shown, "count": more} if more else shown

    def _sees(self, scope: Scope, pk: int) -> bool:
        if (scope, pk) not in self._seen:
            obj = self._objects[scope].get(pk)
            self._seen[scope, pk] = obj is not None and self.viewer.sees(obj)
        return self._seen[scope, pk]

    def _views_access_of(self, person: int) -> bool:
        return any(
            self.viewer.serves(_VIEWS_ACCESS[delta.scope], self._objects[delta.scope][pk])
            for delta in self.what_if.of_person(person)
            if delta.scope in _VIEWS_ACCESS
            for pk in delta.object_ids
            if pk in self._objects[delta.scope]
        )


def _counted(scope: Scope, count: int) -> str:
    if scope is Scope.TEAM:
        return ngettext("%(count)d team", "%(count)d teams", count) % {"count": count}
    return ngettext("%(count)d profile", "%(count)d profiles", count) % {"count": count}
