"""The rules R1 to R7 and R12 once more, as plainly as they can be said: what the checker must agree with.

Written from the rules alone, over plain Python data: whole numbers for people, objects and moments. It shares
nothing with the code it judges, and is not meant to be fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ALWAYS, NEVER = float("-inf"), float("inf")
ORGANIZATION, TEAM, PROFILE = "organization", "team", "profile"
Thing = tuple[str, int]  # ("profile", 2); people are ("person", 4)


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
class World:
    two_factor: dict[int, str]  # of each organization: none, managers or everyone
    members: dict[tuple[int, int], Member]
    teams: dict[int, Team]
    profiles: dict[int, Profile]
    grants: list[Grant]

    def organization_of(self, thing: Thing) -> int:
        scope, number = thing
        if scope == ORGANIZATION:
            return number
        return (self.teams if scope == TEAM else self.profiles)[number].organization


def may(world: World, person: int, action: str, thing: Thing, at: float, factor: bool | None = None) -> bool:
    return action in actions(world, person, thing, at, factor)  # R12


def actions(world: World, person: int, thing: Thing, at: float, factor: bool | None = None) -> frozenset[str]:
    """Return all the person may do; ``factor`` False: his session has no second factor, None: there is no session."""
    organization = world.organization_of(thing)
    member = world.members.get((organization, person))
    if member is None or member.is_suspended or not member.starts <= at < member.ends:
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


def own(world: World, person: int, thing: Thing, at: float) -> list[Role]:  # R3
    return held(world, ("person", person), (ORGANIZATION, world.organization_of(thing)), at)


def in_team(world: World, person: int, team: Thing, at: float) -> list[Role]:  # R4
    implied = [role.implies[TEAM] for role in own(world, person, team, at) if TEAM in role.implies]
    return implied + held(world, ("person", person), team, at)


def on_profile(world: World, person: int, thing: Thing, at: float) -> list[Role]:
    profile, roles = world.profiles[thing[1]], own(world, person, thing, at)
    counted = [role.implies[PROFILE] for role in roles if PROFILE in role.implies]  # R5.1
    direct = held(world, ("person", person), thing, at)
    if not counted and direct:  # R5.2
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
    reachable = world.members[profile.organization, person].workspaces  # R7
    everywhere = reachable is None or any(role.reaches_all_workspaces for role in roles)
    return counted if everywhere or profile.workspace in reachable else []
