"""The text of a file, one line for one thing, sorted, so that a difference between two files is easy to review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from orgs.models import Membership, Organization
from permissions import catalogue
from social_accounts.access_file.gathering import state_of
from social_accounts.access_file.state import (
    VERSION,
    Held,
    OrganizationState,
    PartnerState,
    PersonState,
    RoleState,
    TeamState,
    iso,
)
from tenancy.context import organization_open

Plain = str | datetime | Iterable[str] | Mapping[str, "Plain"]

# Without quotes only what every reader of YAML takes for a text: words, e-mail addresses, slugs, pack:role.
_PLAIN: Final = re.compile(r"[^\W\d_][\w.@/+-]*(?::[\w.@/+-]+)?(?: [\w.@/+-]+)*")
_NO_TEXT: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ORDER: Final = {name: place for place, name in enumerate(catalogue.ACTIONS)}


def dump(slugs: Iterable[str]) -> str:
    """Return the file of these organizations. Raises Organization.DoesNotExist."""
    states = []
    for slug in slugs:
        organization = Organization.objects.get(slug=slug)
        with organization_open(organization.pk):
            states.append(state_of(organization))
    return written(states)


def written(states: Iterable[OrganizationState]) -> str:
    """Return the file that says these states. What is as by default is mostly left out."""
    lines = [f"version: {VERSION}", "organizations:"]
    for state in states:
        first, *others = _organization(state)
        lines.append(f"  - {first}")
        lines += [f"    {line}" for line in others]
    return "\n".join(lines) + "\n"


def _organization(state: OrganizationState) -> Iterator[str]:
    yield f"slug: {_flow(state.slug)}"
    yield f"name: {_flow(state.name)}"
    yield f"packs: {_flow(state.packs)}"
    yield f"two_factor: {_flow(state.two_factor)}"
    yield from _listed("workspaces", ({"slug": w.slug, "name": w.name} for w in state.workspaces.values()))
    yield from _listed("people", (_person(person) for person in state.people.values()))
    yield from _listed("roles", (_role(role) for role in state.roles.values()))
    yield from _listed(
        "profiles",
        (
            {"slug": p.slug, "network": p.network, "name": p.name, "workspace": p.workspace}
            for p in state.profiles.values()
        ),
    )
    if state.teams:
        yield "teams:"
        for team in state.teams.values():
            yield from _team(team)
    yield from _listed(
        "grants",
        (
            {"person": grant.person, "profile": grant.profile, **_keys(grant.held)}
            for grant in state.grants.values()
        ),
    )
    if state.partners:
        yield "partners:"
        for partner in state.partners.values():
            yield from _partner(partner)


def _partner(partner: PartnerState) -> Iterator[str]:
    yield f"  - organization: {_flow(partner.organization)}"
    yield f"    status: {'active' if partner.is_active else 'invited'}"
    yield from _below("grants", ({"profile": slug, **_keys(held)} for slug, held in partner.grants.items()))
    yield from _below(
        "assignments",
        (
            {"person": email, "profile": slug, **_keys(held)}
            for (email, slug), held in partner.assignments.items()
        ),
    )


def _below(key: str, entries: Iterable[Mapping[str, Plain]]) -> Iterator[str]:
    yield from (f"    {line}" for line in _listed(key, entries))


def _listed(key: str, entries: Iterable[Mapping[str, Plain]]) -> Iterator[str]:
    lines = [f"  - {_flow(entry)}" for entry in entries]
    if lines:
        yield f"{key}:"
        yield from lines


def _person(person: PersonState) -> dict[str, Plain]:
    entry: dict[str, Plain] = {"email": person.email}
    if person.name:
        entry["name"] = person.name
    if person.held is not None:
        entry["role"] = _held(person.held)
    if person.is_suspended:
        entry["status"] = Membership.Status.SUSPENDED.value
    if person.starts:
        entry["starts"] = person.starts
    if person.expires:
        entry["expires"] = person.expires
    if person.workspaces is not None:
        entry["workspaces"] = person.workspaces
    if person.default_workspace:
        entry["default_workspace"] = person.default_workspace
    return entry


def _role(role: RoleState) -> dict[str, Plain]:
    actions = sorted(role.actions, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    short = [name.removeprefix(f"{role.scope}.") for name in actions]
    return {"slug": role.slug, "scope": role.scope.value, "name": role.name, "actions": short}


def _team(team: TeamState) -> Iterator[str]:
    yield f"  - slug: {_flow(team.slug)}"
    yield f"    name: {_flow(team.name)}"
    for key, held_by_name in (("members", team.members), ("profiles", team.profiles)):
        if held_by_name:
            yield f"    {key}:"
            for name, held in held_by_name.items():
                yield f"      {_scalar(name)}: {_flow(_held(held))}"


def _held(held: Held) -> Plain:
    return held.role if held.is_plain else _keys(held)


def _keys(held: Held) -> dict[str, Plain]:
    keys: dict[str, Plain] = {"role": held.role}
    if held.reason:
        keys["reason"] = held.reason
    if held.starts:
        keys["starts"] = held.starts
    if held.expires:
        keys["expires"] = held.expires
    return keys


def _flow(value: Plain) -> str:
    """Return a value on one line."""
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(_scalar(each) for each in value) + "]"


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _NO_TEXT:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
