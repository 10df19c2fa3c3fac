"""The packs: the roles of five published systems, read from their tables row by row.

A built-in role holds what the matrix of its own pack says; where that matrix is silent, what Chorus's own
tables say. Our tables may not speak of an action that the pack's matrix decides: making the packs fails
then. Each role remembers the row that gave it each action.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from permissions import catalogue
from permissions.catalogue.action import Scope
from permissions.catalogue.builtin_roles import DEFINITIONS, RoleDefinition
from permissions.catalogue.tables import (
    MATRICES,
    Row,
    TableError,
    read_configurations,
    read_matrix,
    read_own,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class UnknownRole(LookupError):
    """No pack has a role of this name, or two of its scopes have and none was given."""


@dataclass(frozen=True, eq=False)
class BuiltinRole:
    """An immutable role of a pack.

    `cells` maps each action held to the ids of the rows that give it, separated by a space. `implies` maps
    a narrower scope to the slug of the role that this one brings there by itself. `rank` counts from 0 in
    display order, within the pack.
    """

    pack: str
    slug: str
    scope: Scope
    label: StrPromise
    explanation: StrPromise
    cells: Mapping[str, str]
    implies: Mapping[Scope, str]
    is_none: bool
    is_default: bool
    is_owner: bool
    is_staff: bool
    reaches_all_workspaces: bool
    rank: int

    @property
    def key(self) -> str:
        """Return the name written in files and addresses: `standard:editor`."""
        return f"{self.pack}:{self.slug}"

    @property
    def is_assignable(self) -> bool:
        """Whether an administrator may give it: ownership is handed over (A7), staff come by session (T5)."""
        return not (self.is_owner or self.is_staff)

    @cached_property
    def actions(self) -> frozenset[str]:
        """Return the full names of the actions held."""
        return frozenset(self.cells)

    def __str__(self) -> str:
        """Return the label in the reader's language."""
        return str(self.label)


@dataclass(frozen=True, eq=False)
class Pack:
    """The roles of one published system, as of a date.

    `owner_role`: key of the role that the one owner of an organization holds. `connector_role`: slug of the
    profile role that whoever connects a profile should be given on it; None where roles are implied.
    """

    slug: str
    label: StrPromise
    version: date
    source: StrPromise
    language: str
    roles: tuple[BuiltinRole, ...]
    owner_role: str
    connector_role: str | None

    def role(self, scope: Scope | str, slug: str) -> BuiltinRole:
        """Return one role; raises UnknownRole."""
        for candidate in self.roles_of(scope):
            if candidate.slug == slug:
                return candidate
        raise UnknownRole(f"The pack {self.slug} has no {scope} role “{slug}”.")

    def roles_of(self, scope: Scope | str) -> tuple[BuiltinRole, ...]:
        """Return the roles of one scope in display order."""
        return tuple(candidate for candidate in self.roles if candidate.scope == scope)

    def default_role(self, scope: Scope | str) -> BuiltinRole | None:
        """Return what a new member gets by himself (H4), or None.

        On profiles there is none: a person without a role on a profile has no access to it (A3), and a None
        granted directly would also close what a team gives (R5).
        """
        return next((candidate for candidate in self.roles_of(scope) if candidate.is_default), None)


_PACK_VERSION = date(2026, 11, 21)
_SOURCES: Mapping[str, Mapping[Scope, str]] = {
    "standard": {
        Scope.ORGANIZATION: "agorapulse_organization",
        Scope.TEAM: "hootsuite_team",
        Scope.PROFILE: "agorapulse_profile",
    },
    "agorapulse": {
        Scope.ORGANIZATION: "agorapulse_organization",
        Scope.PROFILE: "agorapulse_profile",
    },
    "hootsuite": {
        Scope.ORGANIZATION: "hootsuite_organization",
        Scope.TEAM: "hootsuite_team",
        Scope.PROFILE: "hootsuite_profile",
    },
    "pinterest": {Scope.PROFILE: "pinterest_editor"},
    "actito": {Scope.ORGANIZATION: "actito_actions", Scope.PROFILE: "actito_actions"},
}
"""The matrix that decides each scope of each pack."""

CONFIGURATIONS = "actito_configurations"
"""Actito's own words, which the table `actito_actions` interprets."""

_MATRIX_ROWS = {name: read_matrix(matrix) for name, matrix in MATRICES.items()}
_OWN_ROWS = {scope: read_own(scope) for scope in Scope}

ROWS: Mapping[str, Row] = MappingProxyType(
    {row.id: row for rows in (*_MATRIX_ROWS.values(), *_OWN_ROWS.values()) for row in rows}
)
"""Every row by its id: what a cell of a role points to."""


def _matrix_rows(pack: str, scope: Scope) -> list[Row]:
    name = _SOURCES[pack].get(scope)
    return [row for row in _MATRIX_ROWS[name] if row.scope is scope] if name else []


def _cells(pack: str, definition: RoleDefinition) -> Mapping[str, str]:
    """Return what one role holds and from which rows; raises TableError when tables contradict."""
    column = definition.column or definition.slug
    given: dict[str, list[str]] = {}
    decided: dict[str, bool] = {}
    for row in _matrix_rows(pack, definition.scope):
        if column not in row.answers and not definition.is_none:  # a None borrowed from another matrix
            raise TableError(f"{row.id}: there is no column for the role {column} of {pack}.")
        held = row.answers.get(column, False)
        for action in row.actions:
            catalogue.get(action)
            if decided.setdefault(action, held) != held:
                raise TableError(f"{row.id}: another row of the matrix answers {action} differently.")
            if held:
                given.setdefault(action, []).append(row.id)
    key = f"{pack}:{definition.slug}"
    for row in _OWN_ROWS[definition.scope]:
        for action in row.actions if key in row.answers else ():
            catalogue.get(action)
            if action in decided:
                raise TableError(f"{row.id}: the matrix of {pack} decides {action} by itself.")
            given.setdefault(action, []).append(row.id)
    return MappingProxyType({action: " ".join(rows) for action, rows in given.items()})


def _refuse_unknown_roles() -> None:
    """Raise TableError where one of our own rows names a role that its scope does not have."""
    for scope, rows in _OWN_ROWS.items():
        known = {f"{pack}:{d.slug}" for pack, roles in DEFINITIONS.items() for d in roles if d.scope is scope}
        for row in rows:
            if strange := row.answers.keys() - known:
                raise TableError(f"{row.id}: no {scope} role is called {min(strange)}.")


def _roles(pack: str) -> tuple[BuiltinRole, ...]:
    return tuple(
        BuiltinRole(
            pack=pack,
            slug=definition.slug,
            scope=definition.scope,
            label=definition.label,
            explanation=definition.explanation,
            cells=_cells(pack, definition),
            implies=MappingProxyType(dict(definition.implies)),
            is_none=definition.is_none,
            is_default=definition.is_default,
            is_owner=definition.is_owner,
            is_staff=definition.is_staff,
            reaches_all_workspaces=definition.reaches_all_workspaces,
            rank=rank,
        )
        for rank, definition in enumerate(DEFINITIONS[pack])
    )


def _pack(
    slug: str, label: StrPromise, source: StrPromise, owner_role: str, connector_role: str | None
) -> Pack:
    return Pack(slug, label, _PACK_VERSION, source, "en", _roles(slug), owner_role, connector_role)


PACKS: Mapping[str, Pack] = MappingProxyType(
    {
        pack.slug: pack
        for pack in (
            _pack(
                "standard",
                _("Standard"),
                _("Agorapulse's organization and profile roles, Hootsuite's team roles and None"),
                "standard:owner",
                "administrator",
            ),
            _pack(
                "agorapulse",
                _("Agorapulse"),
                _("Agorapulse's published tables of organization and profile roles"),
                "agorapulse:owner",
                "administrator",
            ),
            _pack(
                "hootsuite",
                _("Hootsuite"),
                _("Hootsuite's published tables for Business and Enterprise plans"),
                "hootsuite:paying_super_admin",
                "advanced",
            ),
            _pack(
                "pinterest",
                _("Pinterest"),
                _("Pinterest Business Manager's published roles"),
                "pinterest:owner",
                "editor",
            ),
            # Actito publishes no owner, and R9 wants exactly one: he holds Chorus's own owner role.
            _pack("actito", _("Actito"), _("Actito's published configurations"), "standard:owner", None),
        )
    }
)


def role(name: str, scope: Scope | str | None = None) -> BuiltinRole:
    """Return the role of a name such as `standard:editor`; raises UnknownRole.

    The scope is needed only where two scopes of a pack use the same name (`hootsuite:default`).
    """
    pack_slug, _colon, slug = name.partition(":")
    if pack_slug not in PACKS:
        raise UnknownRole(f"There is no pack “{pack_slug}”.")
    pack = PACKS[pack_slug]
    found = [r for r in pack.roles if r.slug == slug and (scope is None or r.scope == scope)]
    if not found:
        raise UnknownRole(f"The pack {pack_slug} has no {f'{scope} ' if scope else ''}role “{slug}”.")
    if len(found) > 1:
        scopes = " and ".join(candidate.scope for candidate in found)
        raise UnknownRole(f"“{name}” names a role at more than one scope ({scopes}): say which is meant.")
    return found[0]


def roles_of(pack: str, scope: Scope | str) -> tuple[BuiltinRole, ...]:
    """Return the roles of one scope of a pack in display order; raises UnknownRole for an unknown pack."""
    if pack not in PACKS:
        raise UnknownRole(f"There is no pack “{pack}”.")
    return PACKS[pack].roles_of(scope)


def needs_approval(actions: Iterable[str]) -> bool:
    """Say whether whoever holds just these actions can post only through someone's approval (R6, H10)."""
    held = frozenset(actions)
    return "profile.send_for_approval" in held and "profile.publish_posts" not in held


_COVERED_BY: Mapping[str, str] = MappingProxyType(
    {
        "profile.send_for_approval": "profile.publish_posts",
        "profile.send_replies_for_approval": "profile.publish_replies",
        "profile.manage_own_posts": "profile.manage_posts",
    }
)
"""The lesser form of an action, and the one that makes it needless."""


def beyond(wanted: Iterable[str], held: Iterable[str]) -> frozenset[str]:
    """Return the wanted actions that go beyond those held (R9).

    Whoever publishes directly may let others publish by approval, though his own role has no use for it:
    Hootsuite's Advanced and Editor do not hold what Limited holds (HN09).
    """
    own = frozenset(held)
    return frozenset(action for action in wanted if action not in own and _COVERED_BY.get(action) not in own)


@dataclass(frozen=True)
class Drift:
    """One cell in which a pack and a matrix file differ; None stands for a cell that is not there."""

    pack: str
    row: str
    action: str
    role: str
    in_matrix: bool | str | None
    in_pack: bool | str | None

    def __str__(self) -> str:
        """Return one line for a report."""
        return (
            f"{self.row} {self.action} {self.pack}:{self.role}: {self.in_pack} here, {self.in_matrix} there"
        )


def drift(matrix_path: Path, *, pack: str | None = None) -> list[Drift]:
    """Return the cells in which a matrix file and the packs made from it differ.

    The file's name says which matrix it is; `pack` narrows the comparison where two packs use one matrix.
    Raises TableError for a file name that is no matrix, and for a pack that is not made from it.
    """
    name = matrix_path.stem
    users = packs_made_from(matrix_path)
    if pack is not None and pack not in users:
        raise TableError(f"The pack {pack} is not made from “{matrix_path.name}”.")
    if name == CONFIGURATIONS:
        return _drift_of_configurations(matrix_path)
    rows = read_matrix(MATRICES[name], matrix_path)
    compared = users if pack is None else [pack]
    return [difference for slug in compared for difference in _drift_of_pack(slug, name, rows)]


def packs_made_from(matrix_path: Path) -> list[str]:
    """Return the packs that read this matrix; raises TableError for a file name that is no matrix."""
    name = matrix_path.stem
    if name == CONFIGURATIONS:
        return ["actito"]
    if name not in MATRICES:
        raise TableError(f"“{matrix_path.name}” is none of the matrices that packs are made from.")
    return [slug for slug, sources in _SOURCES.items() if name in sources.values()]


def _drift_of_pack(pack: str, name: str, rows: Iterable[Row]) -> Iterator[Drift]:
    roles = {
        (definition.scope, definition.column or definition.slug): PACKS[pack].role(
            definition.scope, definition.slug
        )
        for definition in DEFINITIONS[pack]
    }
    ours = {}
    for row, action, column in _questions(_MATRIX_ROWS[name]):
        held_by = roles[row.scope, column]
        ours[row.id, action, column] = action in held_by.actions if action else held_by.is_none
    theirs = {(row.id, action, column): row.answers[column] for row, action, column in _questions(rows)}
    for row_id, action, column in sorted(ours.keys() | theirs.keys()):
        cell = (row_id, action, column)
        if ours.get(cell) != theirs.get(cell):
            yield Drift(pack, row_id, action, column, theirs.get(cell), ours.get(cell))


def _questions(rows: Iterable[Row]) -> Iterator[tuple[Row, str, str]]:
    """Yield (row, action, column) for each cell; a row without an action asks whether the role is None."""
    for row in rows:
        for action in row.actions or ("",):
            for column in row.answers:
                yield row, action, column


def _drift_of_configurations(path: Path) -> list[Drift]:
    """Compare Actito's configurations word for word: their texts are what `actito_actions` interprets."""
    ours, theirs = read_configurations(), read_configurations(path)
    found = []
    for slug in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(slug, {}), theirs.get(slug, {})
        row_id = here.get("row") or there.get("row", "")
        for column in here | there:
            if here.get(column) != there.get(column):
                found.append(Drift("actito", row_id, column, slug, there.get(column), here.get(column)))
    return found
