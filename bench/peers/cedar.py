"""Cedar through cedarpy: policies, schema-less entities and usersets parsed once, then asked through the handles."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cedarpy

from bench.peers import Ask
from bench.stage import Grants


def _uid(kind: str, name: object) -> dict[str, str]:
    return {"type": kind, "id": str(name)}


def build(everybody: Sequence[Grants]) -> Ask:
    """Give each profile one userset per role; a person is in those of his own grants, a team in those of its own."""
    held = {role: actions for grants in everybody for role, actions in grants.actions.items()}
    names = {role: f"role_{number}" for number, role in enumerate(sorted(held))}
    members: dict[tuple[str, int], dict[str, None]] = {}  # the names of the sets each is in, each once
    profiles: dict[int, set[str]] = {}
    entities = []
    for grants in everybody:
        person = members.setdefault(("User", grants.person), {})
        for role, profile in grants.own:
            person[f"Userset:{profile}#{names[role]}"] = None
            profiles.setdefault(profile, set()).add(role)
        person |= dict.fromkeys(f"Team:{team}" for team in grants.teams)
        for team, role, profile in grants.through_teams:
            members.setdefault(("Team", team), {})[f"Userset:{profile}#{names[role]}"] = None
            profiles.setdefault(profile, set()).add(role)
    for (kind, number), parents in members.items():
        entities.append(
            {"uid": _uid(kind, number), "attrs": {}, "parents": [_uid(*p.split(":", 1)) for p in parents]}
        )
    for profile, roles in profiles.items():
        attributes = {
            names[role]: {"__entity": _uid("Userset", f"{profile}#{names[role]}")} for role in roles
        }
        entities.append({"uid": _uid("Profile", profile), "attrs": attributes, "parents": []})
    actions: dict[str, list[str]] = {}
    for role, with_it in held.items():
        for action in with_it:
            actions.setdefault(action, []).append(names[role])
    for action, roles_with in actions.items():
        groups = [_uid("Action", name) for name in roles_with]
        entities.append({"uid": _uid("Action", action), "attrs": {}, "parents": groups})
    text = "\n".join(
        f'permit(principal, action in Action::"{name}", resource) '
        f"when {{ resource has {name} && principal in resource.{name} }};"
        for name in names.values()
    )
    policies = cedarpy.PolicySet.from_str(text)
    handle = cedarpy.Entities.from_json_str(json.dumps(entities))
    principal = f'User::"{everybody[0].person}"'

    def ask(action: str, profile: int) -> bool:
        request = {
            "principal": principal,
            "action": f'Action::"{action}"',
            "resource": f'Profile::"{profile}"',
            "context": {},
        }
        return bool(cedarpy.is_authorized(request, policies, handle).allowed)

    return ask
