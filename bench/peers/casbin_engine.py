"""pycasbin: the grants as policies of role-based access with resources, teams as roles, all in memory."""

from __future__ import annotations

from collections.abc import Sequence

import casbin

from bench.peers import Ask
from bench.stage import Grants

MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, role
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && g(r.sub, p.sub) && g2(r.act, p.role)
"""


def build(everybody: Sequence[Grants]) -> Ask:
    model = casbin.Model()
    model.load_model_from_text(MODEL)
    engine = casbin.Enforcer(model)
    policies: dict[tuple[str, str, str], None] = {}  # in order, each once: a second time is refused
    places: dict[tuple[str, str], None] = {}
    held: dict[tuple[str, str], None] = {}
    for grants in everybody:
        person = f"person:{grants.person}"
        policies |= dict.fromkeys((person, str(profile), role) for role, profile in grants.own)
        policies |= dict.fromkeys(
            (f"team:{t}", str(profile), role) for t, role, profile in grants.through_teams
        )
        places |= dict.fromkeys((person, f"team:{team}") for team in grants.teams)
        held |= dict.fromkeys((a, role) for role, actions in grants.actions.items() for a in sorted(actions))
    engine.add_policies([list(policy) for policy in policies])
    engine.add_grouping_policies([list(place) for place in places])
    engine.add_named_grouping_policies("g2", [list(pair) for pair in held])
    first = f"person:{everybody[0].person}"

    def ask(action: str, profile: int) -> bool:
        return bool(engine.enforce(first, str(profile), action))

    return ask
