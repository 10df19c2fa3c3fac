"""Which people may: one question about everybody, answered by PostgreSQL over sets instead of person by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from permissions import catalogue
from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_roles
from permissions.scopes import scope_of
from permissions.snapshot import runs_every_team

_PEOPLE: Final = (
    "select user_id, is_member from permissions_people(%s, %s, %s, %s, %s, %s,"
    " %s::integer[], %s, %s::integer[], %s::integer[], %s::integer[], %s::integer[], %s::integer[], %s::integer[])"
)


def people_with_right(
    action: str, obj: Model, *, organization_id: int, at: datetime
) -> tuple[set[int], set[int]]:
    """Return the ids of the members who may, in one query, and of those who are no members and must be looked at.

    The organization must be open. As everywhere without a session, a second factor is not asked for (R2).
    """
    what = catalogue.get(action)
    scope = scope_of(obj)
    if what.scope is not scope:
        raise TypeError(f"{action} is asked of a {what.scope}, not of a {scope}.")
    if getattr(obj, "organization_id", organization_id) != organization_id:
        return set(), set()
    if scope is Scope.ORGANIZATION and obj.pk != organization_id:
        return set(), set()
    has_approval = scope is not Scope.PROFILE or bool(getattr(obj, "has_approval", True))

    def gives(role: RoleFacts | None) -> bool:
        return role is not None and action in role.actions and (has_approval or not role.is_bound_to_approval)

    roles = _Roles(builtin_roles().values())
    parameters = [
        scope.value,
        organization_id,
        obj.pk,
        getattr(obj, "workspace_id", None),
        at,
        action,
        roles.where(lambda role: role.scope is scope and gives(role)),
        has_approval,
        roles.where(lambda role: role.is_none),
        roles.of_organization(lambda role: gives(role.implies.get(scope))),
        roles.of_organization(lambda role: scope in role.implies),
        roles.of_organization(
            lambda role: runs_every_team(role) and gives(role.implies[Scope.TEAM].implies.get(Scope.PROFILE))
        ),
        roles.where(lambda role: role.scope is Scope.TEAM and gives(role.implies.get(Scope.PROFILE))),
        roles.of_organization(lambda role: role.reaches_all_workspaces),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {pk for pk, is_member in rows if is_member}, {pk for pk, is_member in rows if not is_member}


class _Roles:
    def __init__(self, roles: Iterable[RoleFacts]) -> None:
        self.all = list(roles)

    def where(self, holds: Callable[[RoleFacts], bool]) -> list[int]:
        return [role.permission_id for role in self.all if holds(role)]

    def of_organization(self, holds: Callable[[RoleFacts], bool]) -> list[int]:
        return self.where(lambda role: role.scope is Scope.ORGANIZATION and holds(role))
