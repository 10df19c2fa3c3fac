"""oso, the library: the grants as facts of a Polar file, loaded once."""

from __future__ import annotations

from oso import Oso

from bench.peers import Ask
from bench.stage import Grants

RULES = """
allow(person, action, profile) if own(person, role, profile) and holds(role, action);
allow(person, action, profile) if member(person, team) and linked(team, role, profile) and holds(role, action);
"""


def build(grants: Grants) -> Ask:
    facts = [f'own({grants.person}, "{role}", {profile});' for role, profile in grants.own]
    facts += [f"member({grants.person}, {team});" for team in grants.teams]
    facts += [f'linked({team}, "{role}", {profile});' for team, role, profile in grants.through_teams]
    facts += [
        f'holds("{role}", "{action}");' for role, held in grants.actions.items() for action in sorted(held)
    ]
    engine = Oso()
    engine.load_str("\n".join([*_at_least_one(facts), RULES]))

    def ask(action: str, profile: int) -> bool:
        return bool(engine.is_allowed(grants.person, action, profile))

    return ask


def _at_least_one(facts: list[str]) -> list[str]:
    """Polar refuses a rule that calls another of which there is none."""
    return [*facts, 'own(0, "", 0);', "member(0, 0);", 'linked(0, "", 0);', 'holds("", "");']
