"""The data set as numbers: how many of everything, who is who, and which profile is measured.

Everything follows from the scale and one seed, so two machines hold the same grants.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

SEED: Final = 20261121
BEGAN: Final = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
OVER: Final = datetime(2026, 6, 1, tzinfo=UTC)  # the end of grants that are over
FAR: Final = datetime(2046, 1, 1, tzinfo=UTC)  # the end of grants that end one day

SLUG: Final = "scale"
MEASURED_PROFILE: Final = 0
MEASURED_ACTION: Final = "profile.publish_posts"
# A person without an implied role, with grants of his own and grants through teams.
MEASURED_PERSON: Final = -1

DIRECT_PER_PERSON: Final = 60
TEAMS_PER_PERSON: Final = 2
PROFILES_PER_TEAM: Final = 40
MANAGERS_PER_1000: Final = 2
OWN_ROLE: Final = "regional-editor"  # the organization's own role, which half of all grants give

# An ordinary organization.
SMALL_PEOPLE, SMALL_PROFILES, SMALL_TEAMS = 30, 20, 5
SMALL_LINKS_PER_TEAM, SMALL_DIRECT_PER_PERSON = 8, 9

# How often each role is given directly, in parts of a hundred. None closes the profile.
DIRECT_ROLES: Final = {
    OWN_ROLE: 50,
    "standard:moderator": 24,
    "standard:guest": 18,
    "standard:administrator": 6,
    "standard:none": 2,
}
TEAM_ROLES: Final = {OWN_ROLE: 50, "standard:moderator": 30, "standard:guest": 20}
PUBLISHING_ROLE: Final = "standard:editor"


@dataclass(frozen=True)
class Size:
    """How many of everything at one scale; 1 is the scale that the targets are stated for."""

    people: int
    profiles: int
    teams: int
    organizations: int
    may_publish: int  # of the people, on the measured profile

    @classmethod
    def of(cls, scale: float) -> Size:
        if not 0 < scale <= 1:
            raise ValueError("The scale lies above 0 and is at most 1.")
        return cls(
            people=max(40, round(10_000 * scale)),
            profiles=max(20, round(2_000 * scale)),
            teams=max(4, round(500 * scale)),
            organizations=max(2, round(1_000 * scale)),
            may_publish=max(12, round(971 * scale)),
        )

    @property
    def managers(self) -> int:
        return max(1, self.people * MANAGERS_PER_1000 // 1000)


@dataclass(frozen=True)
class DirectGrant:
    person: int
    profile: int
    role: str
    expires_at: datetime | None


def _drawn(source: random.Random, shares: dict[str, int]) -> str:
    return source.choices(list(shares), weights=list(shares.values()))[0]


def organization_role(person: int, size: Size) -> str:
    if person == 0:
        return "standard:owner"
    return "standard:manager" if person <= size.managers else "standard:member"


def team_places(size: Size) -> Iterator[tuple[int, int, str]]:
    """Yield (person, team, role): everybody is in a few teams, and the first of each team administers it."""
    admins_of: dict[int, int] = {}
    for person in range(size.people):
        for place in range(min(TEAMS_PER_PERSON, size.teams)):
            team = (person + place * (size.teams // 2 + 1)) % size.teams
            is_admin = person > size.managers and admins_of.setdefault(team, person) == person
            yield person, team, "standard:team_admin" if is_admin else "standard:team_member"


def team_links(size: Size) -> Iterator[tuple[int, int, str]]:
    """Yield (team, profile, role); no team has the measured profile, so that who may publish there is exact."""
    source = random.Random(SEED + 1)  # noqa: S311 - a data set, not a secret
    others = range(1, size.profiles)
    for team in range(size.teams):
        for profile in source.sample(others, min(PROFILES_PER_TEAM, len(others) // 2)):
            yield team, profile, _drawn(source, TEAM_ROLES)


def direct_grants(size: Size) -> Iterator[DirectGrant]:
    """Yield what people were given themselves; on the measured profile exactly ``may_publish`` people may."""
    source = random.Random(SEED + 2)  # noqa: S311 - a data set, not a secret
    others = range(1, size.profiles)
    publishers = size.may_publish - 1 - size.managers  # the owner and the managers may by themselves
    for person in range(size.people):
        number = person - size.managers - 1
        if 0 <= number < publishers:
            yield DirectGrant(person, MEASURED_PROFILE, PUBLISHING_ROLE, None)
        elif 0 <= number - publishers < publishers // 4:  # some who may look and may not publish
            yield DirectGrant(person, MEASURED_PROFILE, "standard:guest", None)
        for profile in source.sample(others, min(DIRECT_PER_PERSON, len(others) // 2)):
            ends = source.random()
            expires_at = OVER if ends < 0.01 else FAR if ends < 0.06 else None
            yield DirectGrant(person, profile, _drawn(source, DIRECT_ROLES), expires_at)
