"""Which roles there are here, and how many people hold each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.models import Organization
from permissions.catalogue import Scope
from permissions.models import AccessEpoch, Role
from permissions.packs import PACKS, Pack
from permissions.roles import RoleFacts, builtin_roles, roles_offered
from permissions.scopes import tables_of
from tenancy.context import open_organization_id

COUNTED_FOR: Final = timedelta(minutes=1)  # a window that ends changes no epoch
COUNTED_MAX: Final = 1000


@dataclass(frozen=True)
class RoleInUse:
    """A role that people here may hold: built in, with its ``pack``, or the organization's own, with its ``row``."""

    facts: RoleFacts
    row: Role | None
    pack: Pack | None
    holders: int

    @property
    def pk(self) -> int:
        return self.facts.id

    @property
    def label(self) -> str:
        return self.facts.label

    @property
    def is_own(self) -> bool:
        return self.pack is None

    @property
    def origin(self) -> str:
        """Return the heading under which the role stands: its pack, or that it is the organization's own."""
        return str(self.pack.label) if self.pack else _("Your own")

    @property
    def description(self) -> str:
        if self.facts.builtin is not None:
            return str(self.facts.builtin.explanation)
        return self.row.description if self.row else ""

    @property
    def is_staff(self) -> bool:
        return self.facts.builtin is not None and self.facts.builtin.is_staff


def roles_in_use(
    organization: Organization, scope: Scope, *, now: datetime, with_staff: bool = False
) -> list[RoleInUse]:
    """Return the roles of one scope: the owner's and those of the packs in their order, then the organization's own.

    Vendor staff's roles are held in a support session only (T5), so they are left out unless asked for.
    """
    counts = holder_counts(scope, now)
    found = [
        RoleInUse(facts, None, PACKS[facts.pack], counts.get(facts.permission_id, 0))
        for facts in _builtin_of(organization, scope)
        if with_staff or not (facts.builtin and facts.builtin.is_staff)
    ]
    rows = {row.pk: row for row in own_roles(organization, scope)}
    own = roles_offered(packs=(), organization_id=organization.pk, scope=scope) if rows else []
    found += [
        RoleInUse(facts, rows[facts.id], None, counts.get(facts.permission_id, 0))
        for facts in own
        if facts.id in rows
    ]
    return found


def own_roles(organization: Organization, scope: Scope | None = None) -> list[Role]:
    """Return the organization's own roles by name, of one scope or of all."""
    found = Role.objects.filter(organization=organization).order_by("name", "pk")
    return list(found.filter(scope=scope.value) if scope else found)


def version_of(role: Role | None) -> str:
    """Return what tells this state of an own role from a later one; a role that is gone has a state of its own."""
    if role is None:
        return "gone"
    return role.edited_at.isoformat() if role.edited_at else ""


def _builtin_of(organization: Organization, scope: Scope) -> list[RoleFacts]:
    packs = [slug for slug in organization.packs if slug in PACKS]
    order = {slug: position for position, slug in enumerate(packs)}
    owners = {
        PACKS[slug].owner_role for slug in packs[:1]
    }  # Actito publishes none, and the one owner holds ours
    found = [
        facts
        for facts in builtin_roles().values()
        if facts.scope is scope
        and (facts.pack in order or (scope is Scope.ORGANIZATION and facts.key in owners))
    ]
    return sorted(
        found, key=lambda role: (order.get(role.pack, -1), role.builtin.rank if role.builtin else 0)
    )


class _Counted(NamedTuple):
    epoch: int
    at: datetime
    counts: Mapping[int, int]


_counted: dict[tuple[str, int, Scope], _Counted] = {}


def holder_counts(scope: Scope, now: datetime) -> Mapping[int, int]:
    """Return how many people hold each role of a scope now or will: by permission, directly or through a team.

    What an organization role brings by itself is not counted: nobody was given it. Counting half a million grants
    takes a quarter of a second, so a count is kept while the organization's epoch stays, for a minute at most.
    """
    organization_id = open_organization_id()
    assert organization_id is not None, "grants are counted in one organization"
    key = (connection.settings_dict["NAME"], organization_id, scope)
    epoch = AccessEpoch.objects.values_list("epoch", flat=True).first()
    known = _counted.get(key)
    if known is not None and known.epoch == epoch and abs(now - known.at) < COUNTED_FOR:
        return known.counts
    counts = _count_holders(scope, now)
    if epoch is not None:
        if len(_counted) >= COUNTED_MAX:
            _counted.clear()
        _counted[key] = _Counted(epoch, now, counts)
    return counts


def _count_holders(scope: Scope, now: datetime) -> Mapping[int, int]:
    tables = tables_of(scope)
    people = tables.user_grants.objects.not_over(now).values_list("permission", "user").distinct()
    pairs, values = people.query.sql_with_params()
    if tables.group_grants is not None:
        links = tables.group_grants.objects.not_over(now).filter(partnership=None)
        usersets, more = links.values_list("permission", "group").distinct().query.sql_with_params()
        places = connection.ops.quote_name(User.groups.through._meta.db_table)
        pairs += (
            f" union select role, user_id from ({usersets}) link (role, userset)"  # noqa: S608
            f" join {places} place on place.group_id = link.userset"
        )
        values = (*values, *more)
    with (
        connection.cursor() as cursor
    ):  # counted there: in a large organization it is tens of thousands of pairs
        cursor.execute(f"select role, count(*) from ({pairs}) held (role, person) group by role", values)  # noqa: S608
        return dict(cursor.fetchall())
