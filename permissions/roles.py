"""Roles in memory: what each ``auth.Permission`` id stands for. Built-in ones are immutable and cached for good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from permissions.catalogue import Scope
from permissions.models import Role
from permissions.packs import PACKS, BuiltinRole, needs_approval
from permissions.scopes import tables_of
from tenancy.context import unscoped


@dataclass(frozen=True)
class RoleFacts:
    """One role, ready to be asked. ``implies`` maps a narrower scope to the role it brings by itself."""

    id: int
    permission_id: int
    scope: Scope
    pack: str
    slug: str
    own_name: str
    actions: frozenset[str]
    builtin: BuiltinRole | None = None
    implies: Mapping[Scope, RoleFacts] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """``standard:editor``, or the slug of an organization's own role."""
        return f"{self.pack}:{self.slug}" if self.pack else self.slug

    @property
    def label(self) -> str:
        return str(self.builtin.label) if self.builtin else self.own_name

    @cached_property
    def is_none(self) -> bool:
        return self.builtin is not None and self.builtin.is_none

    @property
    def is_owner(self) -> bool:
        return self.builtin is not None and self.builtin.is_owner

    @property
    def is_assignable(self) -> bool:
        return self.builtin is None or self.builtin.is_assignable

    @property
    def reaches_all_workspaces(self) -> bool:
        return self.builtin is not None and self.builtin.reaches_all_workspaces

    @cached_property
    def is_bound_to_approval(self) -> bool:
        """R6: may send for approval but not publish, so it gives nothing where there is no approval."""
        return needs_approval(self.actions)


_builtin: dict[int, RoleFacts] = {}


def forget_builtin_roles() -> None:
    _builtin.clear()


def builtin_roles() -> Mapping[int, RoleFacts]:
    """Return the built-in roles by permission id."""
    if not _builtin:
        rows = {(row.pack, row.scope, row.slug): row for row in Role.objects.filter(organization=None)}
        made: dict[tuple[str, str, str], RoleFacts] = {}

        def make(row: Role) -> RoleFacts:
            key = (row.pack, row.scope, row.slug)
            if key not in made:
                builtin = PACKS[row.pack].role(Scope(row.scope), row.slug)
                implied = {
                    scope: make(rows[row.pack, scope.value, slug]) for scope, slug in builtin.implies.items()
                }
                made[key] = _facts(row, builtin, implied)
            return made[key]

        _builtin.update({row.permission_id: make(row) for row in rows.values()})
    return _builtin


def roles_by_permission(permission_ids: Iterable[int]) -> Mapping[int, RoleFacts]:
    """Return the roles of these permissions; queries only for an organization's own roles."""
    builtin = builtin_roles()
    wanted = set(permission_ids)
    own = wanted - builtin.keys()
    found = {pk: builtin[pk] for pk in wanted & builtin.keys()}
    if own:
        found.update({row.permission_id: _facts(row) for row in Role.objects.filter(permission__in=own)})
    return found


def builtin_role(key: str, scope: Scope) -> RoleFacts:
    """Return a built-in role by its ``pack:slug``. Raises LookupError when there is none."""
    pack, _, slug = key.partition(":")
    for facts in builtin_roles().values():
        if (facts.pack, facts.slug, facts.scope) == (pack, slug, scope):
            return facts
    raise LookupError(f"There is no {scope} role called {key!r}.")


def roles_offered(*, packs: Iterable[str], organization_id: int, scope: Scope) -> list[RoleFacts]:
    """Return the roles an organization may hand out at one scope: its packs' in their order, then its own."""
    order = {pack: position for position, pack in enumerate(packs)}
    offered = [
        facts
        for facts in builtin_roles().values()
        if facts.pack in order and facts.scope == scope and facts.is_assignable
    ]
    offered.sort(key=lambda facts: (order[facts.pack], facts.builtin.rank if facts.builtin else 0))
    own = Role.objects.filter(organization=organization_id, scope=scope.value).order_by("name")
    return [*offered, *(_facts(row) for row in own)]


def _facts(
    row: Role, builtin: BuiltinRole | None = None, implies: Mapping[Scope, RoleFacts] | None = None
) -> RoleFacts:
    return RoleFacts(
        id=row.pk,
        permission_id=row.permission_id,
        scope=Scope(row.scope),
        pack=row.pack,
        slug=row.slug,
        own_name=row.name,
        actions=frozenset(row.actions),
        builtin=builtin,
        implies=implies or {},
    )


@lru_cache(maxsize=1000)
def own_role(
    *, role_id: int, permission_id: int, scope: Scope, slug: str, name: str, actions: tuple[str, ...]
) -> RoleFacts:
    """Return an organization's own role as it was read; equal ones are one and the same object."""
    return RoleFacts(
        id=role_id,
        permission_id=permission_id,
        scope=scope,
        pack="",
        slug=slug,
        own_name=name,
        actions=frozenset(actions),
    )


def install_builtin_roles(**_: Any) -> None:
    """Make the role table equal to the packs. Runs after every migrate; repeating changes nothing.

    A signal handler on purpose: roles are data of the code, and must exist wherever the tables exist.
    """
    if Role._meta.db_table not in connection.introspection.table_names():  # migrated back to before this app
        return
    with unscoped():  # built-in roles belong to no organization
        existing = {(row.pack, row.scope, row.slug): row for row in Role.objects.filter(organization=None)}
        for builtin in (role for pack in PACKS.values() for role in pack.roles):
            row = existing.get((builtin.pack, builtin.scope.value, builtin.slug))
            actions = sorted(builtin.actions)
            if row is None:
                _install(builtin, actions)
            elif row.actions != actions:
                Role.objects.filter(pk=row.pk).update(actions=actions)
    forget_builtin_roles()


def _install(builtin: BuiltinRole, actions: list[str]) -> None:
    permission, _created = Permission.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(tables_of(builtin.scope).model),
        codename=f"role:{builtin.key}",
        defaults={"name": builtin.key},
    )
    Role.objects.create(
        permission=permission,
        scope=builtin.scope.value,
        pack=builtin.pack,
        slug=builtin.slug,
        actions=actions,
    )
