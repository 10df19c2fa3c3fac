"""The rules R1 to R8 and R10 to R12 once more, as plainly as they can be said: what the checker must agree with.

Written from the rules alone, over plain Python data: whole numbers for people, objects and moments. It shares
nothing with the code it judges, and is not meant to be fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ALWAYS, NEVER = float("-inf"), float("inf")
ORGANIZATION, TEAM, PROFILE, PARTNERSHIP = "organization", "team", "profile", "partnership"
Thing = tuple[str, int]  # ("profile", 2); people are ("person", 4)
Key = tuple[
    frozenset[str], frozenset[int] | None
]  # what it was issued for: actions, and profiles or every one


@dataclass(frozen=True, eq=False)
class Role:
    scope: str
    actions: frozenset[str]
    implies: Mapping[str, Role] = field(default_factory=dict)
    is_none: bool = False
    reaches_all_workspaces: bool = False
    key: str = ""
    is_owner: bool = False
    own_of: int | None = None

    def __repr__(self) -> str:
        return self.key if self.own_of is None else f"{self.key} {sorted(self.actions)}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(eq=False)
class Grant:
    subject: Thing
    role: Role
    on: Thing
    starts: float = ALWAYS
    ends: float = NEVER


@dataclass(eq=False)
class Member:
    is_suspended: bool = False
    starts: float = ALWAYS
    ends: float = NEVER
    workspaces: set[int] | None = None


@dataclass(eq=False)
class Profile:
    organization: int
    workspace: int
    has_approval: bool


@dataclass(eq=False)
class Team:
    organization: int
    people: set[int]


@dataclass(eq=False)
class Partnership:
    organization: int  # whose profiles are shared
    partner: int
    is_active: bool = True


@dataclass(eq=False)
class Assignment:
    person: int
    grant: Grant  # on a profile, to a partnership
    role: Role
    starts: float = ALWAYS
    ends: float = NEVER


@dataclass(eq=False)
class Session:
    role: Role
    starts: float
    ends: float
    is_ended: bool = False


@dataclass(eq=False)
class World:
    two_factor: dict[int, str]  # of each organization: none, managers or everyone
    members: dict[tuple[int, int], Member]
    teams: dict[int, Team]
    profiles: dict[int, Profile]
    grants: list[Grant]
    partnerships: dict[int, Partnership] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    sessions: dict[tuple[int, int], Session] = field(default_factory=dict)
    staff: dict[int, Role] = field(default_factory=dict)  # of the vendor, and as what
    closed_to_staff: set[int] = field(default_factory=set)

    def organization_of(self, thing: Thing) -> int:
        scope, number = thing
        if scope == ORGANIZATION:
            return number
        return (self.teams if scope == TEAM else self.profiles)[number].organization


def may(world: World, person: int, action: str, thing: Thing, at: float, *more: Any, **how: Any) -> bool:
    return action in actions(world, person, thing, at, *more, **how)  # R12


def actions(
    world: World, person: int, thing: Thing, at: float, factor: bool | None = None, key: Key | None = None
) -> frozenset[str]:
    """Return all the person may do; ``factor`` False: his session has no second factor, None: there is no session."""
    if key is not None:  # R11
        is_issued_here = thing[0] != PROFILE or key[1] is None or thing[1] in key[1]
        return actions(world, person, thing, at, factor) & key[0] if is_issued_here else frozenset()
    organization = world.organization_of(thing)
    if (organization, person) in world.members:
        stands = holds(world.members[organization, person], at)
    else:
        stands = visit(world, person, organization, at) is not None or any(
            partnership.organization == organization for partnership in affiliations(world, person, at)
        )
    if not stands:
        return frozenset()  # R1
    policy = world.two_factor[organization]
    manages = any(
        "organization.edit_member_permissions" in role.actions for role in own(world, person, thing, at)
    )
    if factor is False and (policy == "everyone" or (policy == "managers" and manages)):
        return frozenset()  # R2
    rule = {ORGANIZATION: own, TEAM: in_team, PROFILE: on_profile}[thing[0]]
    return frozenset().union(*(role.actions for role in rule(world, person, thing, at)))


def held(world: World, subject: Thing, thing: Thing, at: float) -> list[Role]:
    return [g.role for g in world.grants if (g.subject, g.on) == (subject, thing) and g.starts <= at < g.ends]


def holds(member: Member, at: float) -> bool:
    return not member.is_suspended and member.starts <= at < member.ends


def affiliations(world: World, person: int, at: float) -> list[Partnership]:
    places = [(p, world.members.get((p.partner, person))) for p in world.partnerships.values() if p.is_active]
    return [partnership for partnership, place in places if place is not None and holds(place, at)]


def visit(world: World, person: int, organization: int, at: float) -> Session | None:  # R10
    session = world.sessions.get((organization, person))
    if session is None or session.is_ended or not session.starts <= at < session.ends:
        return None
    return (
        session
        if world.staff.get(person) is session.role and organization not in world.closed_to_staff
        else None
    )


def own(world: World, person: int, thing: Thing, at: float) -> list[Role]:  # R3
    organization = world.organization_of(thing)
    if (organization, person) not in world.members:
        session = visit(world, person, organization, at)
        return [session.role] if session else []
    return held(world, ("person", person), (ORGANIZATION, world.organization_of(thing)), at)


def in_team(world: World, person: int, team: Thing, at: float) -> list[Role]:  # R4
    implied = [role.implies[TEAM] for role in own(world, person, team, at) if TEAM in role.implies]
    is_member = (world.organization_of(team), person) in world.members
    return implied + (held(world, ("person", person), team, at) if is_member else [])


def shared(world: World, person: int, thing: Thing, at: float) -> list[Role]:  # R8
    places = affiliations(world, person, at)
    return [
        Role(PROFILE, one.role.actions & one.grant.role.actions)
        for one in world.assignments
        if one.person == person and one.grant.on == thing
        if world.partnerships[one.grant.subject[1]] in places
        if one.starts <= at < one.ends and one.grant.starts <= at < one.grant.ends
    ]


def on_profile(world: World, person: int, thing: Thing, at: float) -> list[Role]:
    profile, roles = world.profiles[thing[1]], own(world, person, thing, at)
    counted = [role.implies[PROFILE] for role in roles if PROFILE in role.implies]  # R5.1
    direct = held(world, ("person", person), thing, at)
    is_member = (profile.organization, person) in world.members
    if not counted and not is_member:
        counted = shared(world, person, thing, at)
    elif not counted and direct:  # R5.2
        counted = [] if any(role.is_none for role in direct) else direct
    elif not counted:  # R5.3
        for number, team in world.teams.items():
            links = held(world, (TEAM, number), thing, at)
            counted += links if person in team.people else []
            brought = in_team(world, person, (TEAM, number), at) if links else []
            counted += [role.implies[PROFILE] for role in brought if PROFILE in role.implies]
    if not profile.has_approval:  # R6
        send, publish = "profile.send_for_approval", "profile.publish_posts"
        counted = [role for role in counted if send not in role.actions or publish in role.actions]
    reachable = world.members[profile.organization, person].workspaces if is_member else None  # R7
    everywhere = reachable is None or any(role.reaches_all_workspaces for role in roles)
    return counted if everywhere or profile.workspace in reachable else []
