"""Who holds one role, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet

from accounts.models import User
from orgs.models import Membership, Team
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.models import GroupGrant, UserGrant
from permissions.roles import RoleFacts, builtin_roles
from permissions.scopes import tables_of

PLACES_SHOWN: Final = 3


@dataclass(frozen=True)
class Place:
    """One place where a person holds the role, as far as the one who looks sees it."""

    obj: Model
    grant: UserGrant
    is_live: bool


@dataclass(frozen=True)
class HolderRow:
    """A person who holds the role, the first places where, and how many more there are."""

    person: User
    membership: Membership | None
    places: Sequence[Place]
    more: int


@dataclass(frozen=True)
class TeamHolderRow:
    """A team whose people hold the role on ``obj``."""

    grant: GroupGrant
    team: Team | None
    obj: Model | None
    people: int


def grants_of(role: RoleFacts, now: datetime) -> QuerySet[Any]:
    """Return the grants of the role to persons that are not over."""
    grants: QuerySet[Any] = tables_of(role.scope).user_grants.objects.not_over(now)
    return grants.filter(permission=role.permission_id)


def people_with(role: RoleFacts, now: datetime) -> QuerySet[User]:
    """Return the people to whom the role is given, by name."""
    return User.objects.filter(pk__in=grants_of(role, now).values("user")).order_by("name", "pk")


def holder_rows(page: Iterable[User], role: RoleFacts, viewer: Access, now: datetime) -> list[HolderRow]:
    """Return the lines of one page, in three queries whatever its length."""
    people = list(page)
    memberships = {found.user_id: found for found in Membership.objects.filter(user__in=people)}
    held: defaultdict[int, list[Any]] = defaultdict(list)
    grants = grants_of(role, now).filter(user__in=people).select_related("granted_by")
    for grant in grants.order_by("content_object", "pk"):
        held[grant.user_id].append(grant)
    objects = {grant.content_object_id for found in held.values() for grant in found}
    seen = _seen(tables_of(role.scope).model._default_manager.in_bulk(objects).values(), viewer)
    rows = []
    for person in people:
        places = [
            Place(seen[grant.content_object_id], grant, grant.starts_at is None or grant.starts_at <= now)
            for grant in held[person.pk]
            if grant.content_object_id in seen
        ][:PLACES_SHOWN]
        rows.append(HolderRow(person, memberships.get(person.pk), places, len(held[person.pk]) - len(places)))
    return rows


def team_grants_of(role: RoleFacts, now: datetime) -> QuerySet[Any]:
    """Return the grants of a profile role to teams that are not over; none for other scopes."""
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    found: QuerySet[Any] = links.objects.not_over(now).filter(partnership=None)
    return (
        found.filter(permission=role.permission_id)
        .select_related("content_object", "group")
        .order_by("group__team__name", "content_object", "pk")
    )


def team_holder_rows(page: Iterable[GroupGrant], viewer: Access) -> list[TeamHolderRow]:
    """Return the lines of one page, in two queries more whatever its length."""
    grants = list(page)
    groups = {grant.group_id for grant in grants}
    teams = {team.members_group_id: team for team in Team.objects.filter(members_group__in=groups)}
    people = people_in(groups)
    seen = _seen((grant.content_object for grant in grants), viewer)  # type: ignore[attr-defined]
    return [
        TeamHolderRow(
            grant=grant,
            team=teams.get(grant.group_id),
            obj=seen.get(grant.content_object_id),  # type: ignore[attr-defined]
            people=people.get(grant.group_id, 0),
        )
        for grant in grants
    ]


def people_in(groups: Collection[int]) -> Mapping[int, int]:
    """Return how many people each userset holds."""
    counted = Group.objects.filter(pk__in=groups).annotate(people=Count("user")).values_list("pk", "people")
    return dict(counted)


def brought_by(role: RoleFacts, packs: Collection[str]) -> list[RoleFacts]:
    """Return the roles of the packs in use that bring this one by themselves, wider ones first."""
    found = [
        other
        for other in builtin_roles().values()
        if other.pack in packs and role.permission_id in {one.permission_id for one in other.implies.values()}
    ]
    scopes = list(Scope)
    return sorted(
        found, key=lambda one: (scopes.index(one.scope), one.pack, one.builtin.rank if one.builtin else 0)
    )


def _seen(objects: Iterable[Model], viewer: Access) -> dict[Any, Model]:
    """Return those objects that exist for the one who looks, by id."""
    return {obj.pk: obj for obj in set(objects) if viewer.sees(obj)}
