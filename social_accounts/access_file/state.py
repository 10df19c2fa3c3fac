"""Who has what in one organization, in the words of the file: what is read, written, applied and compared.

Everything is named as in the file: people by e-mail address, objects by slug, roles by ``pack:role`` or slug.
``line`` tells where in the file a thing stands (0: it comes from the database); it never counts in comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from permissions.catalogue import Scope

VERSION = 1


def a(scope: Scope) -> str:
    """Return the scope with its article."""
    return f"an {scope}" if scope is Scope.ORGANIZATION else f"a {scope}"


def iso(moment: datetime) -> str:
    """Return the moment as files write it: in UTC, 2026-11-21T12:00:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True)
class Held:
    """A role that somebody has somewhere, in its window [starts, expires)."""

    role: str
    starts: datetime | None = None
    expires: datetime | None = None
    reason: str = ""
    line: int = field(default=0, compare=False)

    @property
    def is_plain(self) -> bool:
        return self.starts is None and self.expires is None and not self.reason


@dataclass(frozen=True, kw_only=True)
class WorkspaceState:
    slug: str
    name: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class PersonState:
    """A member. ``workspaces`` None: every one. ``starts`` and ``expires`` are the window of the membership.

    The name is only what a new account gets: whoever has one names himself.
    """

    email: str
    held: Held | None
    name: str = field(default="", compare=False)
    is_suspended: bool = False
    starts: datetime | None = None
    expires: datetime | None = None
    workspaces: tuple[str, ...] | None = None
    default_workspace: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class RoleState:
    """A custom role; ``actions`` are full names."""

    slug: str
    scope: Scope
    name: str
    actions: frozenset[str]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class ProfileState:
    slug: str
    network: str
    name: str
    workspace: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class TeamState:
    """A team. ``members`` by e-mail address, ``profiles`` by slug: the role of the team's people on it."""

    slug: str
    name: str
    members: Mapping[str, Held]
    profiles: Mapping[str, Held]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class GrantState:
    person: str
    profile: str
    held: Held


@dataclass(frozen=True, kw_only=True)
class PartnerState:
    """A partner: what it may hand on, by profile, and what was handed to whom, by person and profile (R8).

    One that has ended is as one that is left out. ``is_active`` off: it was invited and has not answered.
    """

    organization: str
    is_active: bool
    grants: Mapping[str, Held]
    assignments: Mapping[tuple[str, str], Held]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class OrganizationState:
    """``strays``: rows that no file can say and loading removes, such as a grant of somebody who is no member."""

    slug: str
    name: str
    packs: tuple[str, ...]
    two_factor: str
    workspaces: Mapping[str, WorkspaceState]
    people: Mapping[str, PersonState]
    roles: Mapping[tuple[Scope, str], RoleState]
    profiles: Mapping[str, ProfileState]
    teams: Mapping[str, TeamState]
    grants: Mapping[tuple[str, str, str], GrantState]
    partners: Mapping[str, PartnerState] = field(default_factory=dict)
    strays: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, order=True)
class Problem:
    """Why a file is refused. ``line`` counts from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class FileRefused(ValueError):
    """The file cannot be loaded, and nothing of it was."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in sorted(problems)))
        self.problems = tuple(sorted(problems))
