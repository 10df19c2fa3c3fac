"""Who can possibly hold an action: found from the roles that bring it, so that few people's rights need be read.

A superset of those who may, from grants live or not. ``evaluating`` alone says who may.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q

from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import RoleFacts, builtin_roles, roles_by_permission
from permissions.scopes import tables_of


def by_organization_role(organization_id: int, action: str) -> list[int]:
    """Return whom an organization role brings the action, in the organization or on profiles."""
    bringing = _roles_bringing(organization_id, action)
    return sorted(_users(tables_of(Scope.ORGANIZATION).user_grants.objects.filter(permission__in=bringing)))


def candidates(organization_id: int, action: str, profiles: Collection[int]) -> set[int]:
    """Return everybody to whom the action may possibly be open on some of the profiles."""
    bringing = _roles_bringing(organization_id, action)
    team, profile = tables_of(Scope.TEAM), tables_of(Scope.PROFILE)
    assert profile.group_grants is not None and profile.assignments is not None
    on = Q(content_object__in=profiles)
    links = profile.group_grants.objects.filter(on, partnership=None)
    found = set(by_organization_role(organization_id, action))
    found |= _users(profile.user_grants.objects.filter(on, permission__in=bringing))
    linked = links.filter(permission__in=bringing).values("group")
    in_teams = Group.user_set.through.objects.filter(group__in=linked)  # type: ignore[attr-defined]
    found |= set(in_teams.values_list("user", flat=True))
    places = team.user_grants.objects.filter(content_object__members_group__in=links.values("group"))
    found |= _users(places.filter(permission__in=bringing))
    assignments: Any = profile.assignments.objects
    shared = profile.group_grants.objects.filter(on, partnership__isnull=False)
    return found | _users(assignments.filter(grant__in=shared, permission__in=bringing))


def _roles_bringing(organization_id: int, action: str) -> set[int]:
    """Return the permissions of every role here that holds the action or brings a role that does."""
    own = Role.objects.filter(organization=organization_id).values_list("permission_id", flat=True)
    roles = [*builtin_roles().values(), *roles_by_permission(own).values()]
    return {role.permission_id for role in roles if _brings(role, action)}


def _brings(role: RoleFacts, action: str) -> bool:
    return action in role.actions or any(_brings(implied, action) for implied in role.implies.values())


def _users(rows: Any) -> set[int]:
    return set(rows.values_list("user", flat=True).distinct())
