"""Who holds one role, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet

from orgs.models import Membership, Team
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.models import GroupGrant, UserGrant
from permissions.roles import RoleFacts, builtin_roles
from permissions.scopes import tables_of


@dataclass(frozen=True)
class HolderRow:
    """A person who holds the role on ``obj``; ``obj`` is None where the one who looks does not see it."""

    grant: UserGrant
    membership: Membership | None
    obj: Model | None
    is_live: bool


@dataclass(frozen=True)
class TeamHolderRow:
    """A team whose people hold the role on ``obj``."""

    grant: GroupGrant
    team: Team | None
    obj: Model | None
    people: int


def grants_of(role: RoleFacts, now: datetime) -> QuerySet[Any]:
    """Return the grants of the role to persons that are not over, by name and object."""
    grants: QuerySet[Any] = tables_of(role.scope).user_grants.objects.not_over(now)
    return (
        grants.filter(permission=role.permission_id)
        .select_related("user", "content_object", "granted_by")
        .order_by("user__name", "user", "content_object", "pk")
    )


def holder_rows(page: Iterable[UserGrant], viewer: Access, now: datetime) -> list[HolderRow]:
    """Return the lines of one page, in one query more whatever its length."""
    grants = list(page)
    memberships = {
        membership.user_id: membership
        for membership in Membership.objects.filter(user__in={grant.user_id for grant in grants})
    }
    seen = _seen((grant.content_object for grant in grants), viewer)  # type: ignore[attr-defined]
    return [
        HolderRow(
            grant=grant,
            membership=memberships.get(grant.user_id),
            obj=seen.get(grant.content_object_id),  # type: ignore[attr-defined]
            is_live=grant.starts_at is None or grant.starts_at <= now,
        )
        for grant in grants
    ]


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
