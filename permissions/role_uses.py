"""Where a role is named: on grants, which this app knows, and wherever a floor above keeps one for later.

Whoever keeps a role (an offer, a request) registers its table in ``AppConfig.ready``; so no role is deleted from under
somebody, and every holder gets what replaces it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from permissions.catalogue import Scope
from permissions.errors import Refused
from permissions.scopes import tables_of


class RoleUse(Protocol):
    """One table that names roles by their permission, in the open organization."""

    @property
    def label(self) -> Any:
        """Return what the use is called, in the reader's language."""

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        """Return how many rows still mean something: what is over and done is not counted."""

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        """Let every row name the other role; None: nothing is counted, and what is over may go or be renamed."""


_uses: dict[str, RoleUse] = {}


def register_role_use(name: str, use: RoleUse) -> None:
    _uses[name] = use


@dataclass(frozen=True)
class Used:
    """How often a role is used in one way."""

    label: str
    count: int


class HeldTwice(Refused):
    """Somebody holds both roles at different times: the two windows cannot become one."""


def uses_of(scope: Scope, permission_ids: Collection[int], now: datetime) -> list[Used]:
    """Return where these roles of one scope are used now or will be; an empty list: nowhere."""
    found = (Used(str(use.label), use.count(permission_ids, now)) for use in _of(scope))
    return [used for used in found if used.count]


def replace_everywhere(scope: Scope, permission_id: int, other_id: int | None, now: datetime) -> None:
    """Put the other role wherever this one is named. Raises HeldTwice."""
    for use in _of(scope):
        use.replace(permission_id, other_id, now)


def objects_with(scope: Scope, permission_ids: Iterable[int], now: datetime) -> list[Model]:
    """Return the objects on which one of the roles is granted now or later, to whomever."""
    found: dict[int, Model] = {}
    for use in _grants_of(scope):
        rows = use.rows.filter(permission__in=permission_ids).filter(use.not_over(now))
        ids = set(rows.values_list(use.path, flat=True))
        found |= tables_of(scope).model._default_manager.in_bulk(ids - found.keys())
    return [found[pk] for pk in sorted(found)]


@dataclass(frozen=True)
class _Grants:
    """A table of grants. ``path`` leads to the object, ``same`` names what may hold a role only once."""

    label: Any
    table: Any
    path: str
    same: tuple[str, ...] = ()

    @property
    def rows(self) -> Any:
        return self.table.objects.all()

    def not_over(self, now: datetime) -> Q:
        return Q(expires_at=None) | Q(expires_at__gt=now)

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        return int(self.rows.filter(self.not_over(now), permission__in=permission_ids).count())

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        mine = self.rows.filter(permission=permission_id)
        if other_id is None:
            mine.exclude(self.not_over(now)).delete()
            return
        if self.same:
            self._merge(mine, other_id, now)
        mine.update(permission_id=other_id)

    def _merge(self, mine: Any, other_id: int, now: datetime) -> None:
        """Where the holder has the other role as well, keep one row: the one whose window covers both."""
        theirs = {
            tuple(getattr(row, name) for name in self.same): row
            for row in self.rows.filter(permission=other_id)
        }
        for row in mine:
            other = theirs.get(tuple(getattr(row, name) for name in self.same))
            if other is None:
                continue
            if _covers(other, row) or (row.expires_at is not None and row.expires_at <= now):
                row.delete()
            elif _covers(row, other) or (other.expires_at is not None and other.expires_at <= now):
                other.delete()
            else:
                raise HeldTwice(
                    _("%(person)s holds both roles on %(object)s, at different times. End one of them first.")
                    % {"person": row.user, "object": row.content_object}
                )


def _covers(wide: Any, narrow: Any) -> bool:
    begins = wide.starts_at is None or (narrow.starts_at is not None and wide.starts_at <= narrow.starts_at)
    ends = wide.expires_at is None or (narrow.expires_at is not None and narrow.expires_at <= wide.expires_at)
    return begins and ends


def _grants_of(scope: Scope) -> list[_Grants]:
    tables = tables_of(scope)
    is_profile = scope is Scope.PROFILE  # elsewhere a person holds one role per object anyway
    same = ("user_id", "content_object_id") if is_profile else ()
    found = [_Grants(_("Roles given to people"), tables.user_grants, "content_object", same)]
    if tables.group_grants is not None:
        found.append(_Grants(_("Profiles of teams and partners"), tables.group_grants, "content_object"))
    if tables.assignments is not None:
        label = _("Profiles assigned to people of partners")
        found.append(_Grants(label, tables.assignments, "grant__content_object"))
    return found


def _of(scope: Scope) -> list[RoleUse]:
    grants: list[RoleUse] = list(_grants_of(scope))
    return [*grants, *_uses.values()]
