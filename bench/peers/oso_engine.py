"""oso, the library: the grants as facts of a Polar file, loaded once."""

from __future__ import annotations

from collections.abc import Sequence

from oso import Oso

from bench.peers import Ask
from bench.stage import Grants

RULES = """
allow(person, action, profile) if own(person, role, profile) and holds(role, action);
allow(person, action, profile) if member(person, team) and linked(team, role, profile) and holds(role, action);
"""


def build(everybody: Sequence[Grants]) -> Ask:
    facts: dict[str, None] = {}  # in order, each once
    for grants in everybody:
        facts |= dict.fromkeys(_facts(grants))
    first = everybody[0].person
    engine = Oso()
    engine.load_str("\n".join([*_at_least_one(list(facts)), RULES]))

    def ask(action: str, profile: int) -> bool:
        return bool(engine.is_allowed(first, action, profile))

    return ask


def _facts(grants: Grants) -> list[str]:
    return [
        *(f'own({grants.person}, "{role}", {profile});' for role, profile in grants.own),
        *(f"member({grants.person}, {team});" for team in grants.teams),
        *(f'linked({team}, "{role}", {profile});' for team, role, profile in grants.through_teams),
        *(
            f'holds("{role}", "{action}");'
            for role, held in grants.actions.items()
            for action in sorted(held)
        ),
    ]


def _at_least_one(facts: list[str]) -> list[str]:
    """Polar refuses a rule that calls another of which there is none."""
    return [*facts, 'own(0, "", 0);', "member(0, 0);", 'linked(0, "", 0);', 'holds("", "");']
