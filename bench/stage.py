"""The people and profiles that every measurement uses, read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection

from accounts.models import User
from bench import plan
from bench.seeding import moment
from orgs.models import Organization, Team
from permissions.cache import forget_snapshots
from permissions.catalogue import Scope
from permissions.checker import (
    Access,
    decide_once,
    ids_of_people_who_may,
    load_access,
    load_accesses,
    may,
)
from permissions.explanation import Decision
from permissions.models import Role
from permissions.roles import roles_by_permission
from permissions.snapshot import GrantFacts
from social_accounts.models import SocialProfile
from tenancy.context import organization_open


@dataclass
class Stage:
    """One organization of the data set, open; ``seconds`` is what one comparison may take."""

    organization: Organization
    size: plan.Size
    at: datetime
    seconds: float

    @cached_property
    def person(self) -> User:
        """A member without an implied role, who has grants of his own and through teams."""
        return self.person_number(self.size.people - 1)

    @cached_property
    def owner(self) -> User:
        return self.person_number(0)

    @cached_property
    def manager(self) -> User:
        return self.person_number(1)

    @cached_property
    def everybody(self) -> list[User]:
        return list(User.objects.filter(memberships__organization=self.organization).order_by("pk"))

    @cached_property
    def profiles(self) -> list[SocialProfile]:
        return list(SocialProfile.objects.order_by("pk"))

    @cached_property
    def thousand(self) -> list[SocialProfile]:
        """A thousand profiles to check one after the other; in a small data set some come again."""
        return [self.profiles[number % len(self.profiles)] for number in range(1000)]

    @cached_property
    def measured(self) -> SocialProfile:
        return self.profiles[plan.MEASURED_PROFILE]

    @cached_property
    def team(self) -> Team:
        return Team.objects.order_by("pk")[0]

    @cached_property
    def own_role(self) -> Role:
        return Role.objects.get(organization=self.organization, slug=plan.OWN_ROLE)

    @cached_property
    def allowed(self) -> SocialProfile:
        """A profile on which the person may publish through a grant of his own."""
        access = self.access(self.person)
        own = access.snapshot.direct
        return next(p for p in self.profiles if p.pk in own and access.can(plan.MEASURED_ACTION, p))

    @cached_property
    def publishing_permissions(self) -> dict[int, str]:
        """Permission id and codename of every role that may publish: what stock guardian is asked for."""
        roles = Role.objects.filter(scope=Scope.PROFILE.value, actions__contains=[plan.MEASURED_ACTION])
        return dict(roles.values_list("permission_id", "permission__codename"))

    def person_number(self, number: int) -> User:
        return User.objects.get(email=f"person{number}@scale.test")

    def access(self, person: User) -> Access:
        return load_access(user=person, organization_id=self.organization.pk, at=self.at)

    def access_cold(self, person: User) -> Access:
        """Read a person's rights as if nothing of him had been read before."""
        forget_snapshots()
        return self.access(person)

    def ask_cold(self, person: User, action: str, profile: SocialProfile) -> bool:
        """Ask one question of a person of whom nothing has been read before."""
        forget_snapshots()
        return may(user=person, organization_id=self.organization.pk, action=action, obj=profile, at=self.at)

    def explain_cold(self, person: User, action: str, profile: SocialProfile) -> Decision:
        """Ask the same, with the derivation."""
        forget_snapshots()
        return decide_once(
            user=person, organization_id=self.organization.pk, action=action, obj=profile, at=self.at
        )

    def people_who_may(self, action: str, profile: SocialProfile) -> set[int]:
        """Return the ids of those of the organization who may, read from nothing."""
        return ids_of_people_who_may(action, profile, organization_id=self.organization.pk, at=self.at)

    def some_accesses(self) -> list[tuple[User, Access]]:
        """Return some of the people with their rights: every kind of them, not everybody."""
        some = self.everybody[:: max(1, len(self.everybody) // 300)]
        accesses = load_accesses(users=some, organization_id=self.organization.pk, at=self.at)
        return [(user, accesses[user.pk]) for user in some]

    def grants_of(self, person: User) -> Grants:
        return Grants.of(self.access(person), self.at)


@dataclass(frozen=True)
class Grants:
    """What reaches one person, as the peers are given it: his own grants, his teams, and his teams' grants.

    A team's grant on a profile where he has one of his own is left out, because his own decides (R5), and so is what
    is over: the peers need not know these rules, which makes their work less.
    """

    person: int
    own: tuple[tuple[str, int], ...]  # (role, profile)
    teams: tuple[int, ...]
    through_teams: tuple[tuple[int, str, int], ...]  # (team, role, profile)
    actions: dict[str, frozenset[str]]

    @classmethod
    def of(cls, access: Access, at: datetime) -> Grants:
        def live(grants: Any) -> list[GrantFacts]:
            return [grant for grant in grants if grant.is_live(at)]

        direct = {profile: live(grants) for profile, grants in access.snapshot.direct.items()}
        direct = {profile: grants for profile, grants in direct.items() if grants}
        links = {
            profile: live(grants)
            for profile, grants in access.snapshot.through_teams.items()
            if profile not in direct
        }
        roles = {
            grant.role.key: grant.role for found in (*direct.values(), *links.values()) for grant in found
        }
        own = [(grant.role.key, profile) for profile, grants in direct.items() for grant in grants]
        through = [(g.group_id or 0, g.role.key, profile) for profile, found in links.items() for g in found]
        # H6: whoever administers a team edits its profiles.
        for held in access.snapshot.team_grants.values():
            for grant in live(held):
                if implied := grant.role.implies.get(Scope.PROFILE):
                    roles[implied.key] = implied
                    theirs = {p for p, found in links.items() for g in found if g.group_id == grant.group_id}
                    own += [(implied.key, profile) for profile in sorted(theirs)]
        return cls(
            person=access.user.pk,
            own=tuple(own),
            teams=tuple(sorted({team for team, _role, _profile in through})),
            through_teams=tuple(through),
            actions={key: role.actions for key, role in roles.items()},
        )

    def __len__(self) -> int:
        return len(self.own) + len(self.through_teams) + len(self.teams)


@contextmanager
def opened(*, scale: float, seconds: float) -> Iterator[Stage]:
    """Open the large organization in one transaction, in which everything is measured, and change nothing for good."""
    organization = Organization.objects.get(slug=plan.SLUG)
    with organization_open(organization.pk):
        yield Stage(organization, plan.Size.of(scale), moment(), seconds)


def select_one() -> None:
    """Ask PostgreSQL the cheapest question there is, through Django: the unit of everything that asks it."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        cursor.fetchone()


def own_roles_are_read(stage: Stage) -> None:
    """Touch the role table once, so that nobody's first answer pays for it."""
    roles_by_permission([stage.own_role.permission_id])
