"""What differs between two states of an organization, in words: one line per thing, ``+``, ``-`` or ``~``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from social_accounts.access_file.state import Held, OrganizationState, PersonState, RoleState, iso


def changes(before: OrganizationState | None, after: OrganizationState) -> list[str]:
    """Return what a reader must know, in the order of the file; nothing where nothing differs."""
    old = dict(_facts(before)) if before is not None else {}
    new = dict(_facts(after))
    lines = []
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in old:
            lines.append(f"+ {name}{_told(new[name])}")
        elif name not in new:
            lines.append(f"- {name}{_told(old[name])}")
        elif old[name] != new[name]:
            lines.append(f"~ {name}: {old[name] or 'nothing'} -> {new[name] or 'nothing'}")
    return lines


def _told(value: str) -> str:
    return f": {value}" if value else ""


def _facts(state: OrganizationState) -> Iterator[tuple[str, str]]:
    """Yield everything that is so, as (what, how)."""
    yield f"organization {state.slug}", state.name
    yield "packs", ", ".join(state.packs)
    yield "second factor", state.two_factor
    for workspace in state.workspaces.values():
        yield f"workspace {workspace.slug}", workspace.name
    for role in state.roles.values():
        yield from _role(role)
    for profile in state.profiles.values():
        yield (
            f"profile {profile.slug}",
            f"“{profile.name}” on {profile.network}, workspace {profile.workspace}",
        )
    for person in state.people.values():
        yield from _person(person)
    for team in state.teams.values():
        yield f"team {team.slug}", team.name
        for email, held in team.members.items():
            yield f"{email} in team {team.slug}", _held(held)
        for slug, held in team.profiles.items():
            yield f"team {team.slug} on {slug}", _held(held)
    for grant in state.grants.values():
        name = f"{grant.person} on {grant.profile}: {grant.held.role}"
        yield name, _window(grant.held) or "always"
    for partner in state.partners.values():
        name = f"partner {partner.organization}"
        yield name, "" if partner.is_active else "invited"
        for slug, held in partner.grants.items():
            yield f"{name} on {slug}", _held(held)
        for (email, slug), held in partner.assignments.items():
            yield f"{email} of {name} on {slug}", _held(held)
    for stray in state.strays:
        yield f"stray {stray}", ""


def _role(role: RoleState) -> Iterator[tuple[str, str]]:
    yield f"{role.scope} role {role.slug}", role.name
    for action in sorted(role.actions):
        yield f"{action} in {role.scope} role {role.slug}", ""


def _person(person: PersonState) -> Iterator[tuple[str, str]]:
    status = ", suspended" if person.is_suspended else ""
    window = _between(person.starts, person.expires)
    yield (
        f"person {person.email}",
        f"{_held(person.held) if person.held else 'no role'}{status}{f', member {window}' if window else ''}",
    )
    reached = "every one" if person.workspaces is None else ", ".join(person.workspaces) or "none"
    first = f", first {person.default_workspace}" if person.default_workspace else ""
    yield f"workspaces of {person.email}", f"{reached}{first}"


def _held(held: Held) -> str:
    window = _window(held)
    return f"{held.role} ({window})" if window else held.role


def _window(held: Held) -> str:
    reason = f"reason: {held.reason}" if held.reason else ""
    return ", ".join(filter(None, [_between(held.starts, held.expires), reason]))


def _between(starts: datetime | None, expires: datetime | None) -> str:
    edges = [f"from {iso(starts)}" if starts else "", f"until {iso(expires)}" if expires else ""]
    return " ".join(filter(None, edges))
