"""pycasbin: the grants as policies of role-based access with resources, teams as roles, all in memory."""

from __future__ import annotations

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


def build(grants: Grants) -> Ask:
    model = casbin.Model()
    model.load_model_from_text(MODEL)
    engine = casbin.Enforcer(model)
    person = f"person:{grants.person}"
    engine.add_policies([[person, str(profile), role] for role, profile in dict.fromkeys(grants.own)])
    engine.add_policies([[f"team:{t}", str(profile), role] for t, role, profile in grants.through_teams])
    engine.add_grouping_policies([[person, f"team:{team}"] for team in grants.teams])
    pairs = [[action, role] for role, held in grants.actions.items() for action in sorted(held)]
    engine.add_named_grouping_policies("g2", pairs)

    def ask(action: str, profile: int) -> bool:
        return bool(engine.enforce(person, str(profile), action))

    return ask
