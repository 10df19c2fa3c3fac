"""Who can possibly hold an action: found from the roles that bring it, so that few people's rights need be read.

A superset of those who may, from grants live or not. The checker alone says who may.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q

from accounts.models import User
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.models import Role
from permissions.roles import RoleFacts, builtin_roles, roles_by_permission
from permissions.scopes import tables_of


def roles_bringing(organization_id: int, action: str) -> set[int]:
    """Return the permissions of every role here that holds the action or brings a role that does."""
    own = Role.objects.filter(organization=organization_id).values_list("permission_id", flat=True)
    roles = [*builtin_roles().values(), *roles_by_permission(own).values()]
    return {role.permission_id for role in roles if _brings(role, action)}


def _brings(role: RoleFacts, action: str) -> bool:
    return action in role.actions or any(_brings(implied, action) for implied in role.implies.values())


def candidates(
    organization_id: int,
    action: str,
    *,
    people: Collection[int] | None = None,
    profiles: Collection[int] | None = None,
) -> list[User]:
    """Return everybody who may possibly do the action, those by their organization role first.

    ``people`` and ``profiles`` narrow it to some of the people, or to whom some of the profiles may be open.
    """
    bringing = roles_bringing(organization_id, action)
    organization, team, profile = (tables_of(scope) for scope in Scope)
    assert profile.group_grants is not None and profile.assignments is not None
    first = _users(organization.user_grants.objects.filter(permission__in=bringing))
    others: set[int] = set()
    if catalogue.get(action).scope is Scope.PROFILE:
        on = Q() if profiles is None else Q(content_object__in=profiles)
        links = profile.group_grants.objects.filter(on)
        own_teams = links.filter(partnership=None)
        others |= _users(profile.user_grants.objects.filter(on, permission__in=bringing))
        linked = own_teams.filter(permission__in=bringing).values("group")
        others |= set(Group.user_set.through.objects.filter(group__in=linked).values_list("user", flat=True))  # type: ignore[attr-defined]
        others |= _users(
            team.user_grants.objects.filter(
                permission__in=bringing, content_object__members_group__in=own_teams.values("group")
            )
        )
        assignments: Any = profile.assignments.objects
        others |= _users(assignments.filter(grant__in=links, permission__in=bringing))
    ordered = [*sorted(first), *sorted(others - first)]
    if people is not None:
        ordered = [user_id for user_id in ordered if user_id in people]
    found = User.objects.in_bulk(ordered)
    return [found[user_id] for user_id in ordered if user_id in found]


def _users(rows: Any) -> set[int]:
    return set(rows.values_list("user", flat=True).distinct())
