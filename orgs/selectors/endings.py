"""What ends soon by itself: grants, memberships, profiles of teams and partners, assignments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.words import Words, kept, said, shown
from orgs.models import Membership, OrganizationUserGrant, Partnership, Team, TeamUserGrant
from permissions.catalogue import Scope
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of

SOON: Final = timedelta(days=7)


@dataclass(frozen=True)
class Ending:
    """One thing that ends at a moment. ``role`` None: the membership itself. ``via``: the team or partner."""

    kind: str
    row: int
    ends_at: datetime
    given_at: datetime
    giver: User | None
    people: tuple[User, ...]
    role: RoleFacts | None = None
    obj: Model | None = None
    via: str = ""

    @property
    def what(self) -> str:
        """Return what ends, in the reader's language."""
        return shown(kept(self.words))

    @property
    def words(self) -> Words:
        if self.role is None:
            return _("The membership")
        role = self.role.builtin.label if self.role.builtin else self.role.own_name
        if isinstance(self.obj, (Team, type(None))) or self.via == "":
            return said(_("%(role)s on %(object)s"), role=role, object=self.obj)
        return said(_("%(role)s on %(object)s, through %(via)s"), role=role, object=self.obj, via=self.via)


def tables_with_ends() -> list[type[Model]]:
    """Return every table whose rows may end by themselves."""
    profile = tables_of(Scope.PROFILE)
    found: list[type[Model] | None] = [
        Membership,
        OrganizationUserGrant,
        TeamUserGrant,
        profile.user_grants,
        profile.group_grants,
        profile.assignments,
    ]
    return [table for table in found if table is not None]


def ends_soon(now: datetime, *, user: User | None = None) -> list[Ending]:
    """Return what ends within seven days in the open organization, of one person or of everybody; soonest first."""
    found = [
        *_memberships(now, user),
        *_own(now, user),
        *_through_groups(now, user),
        *_assignments(now, user),
    ]
    return sorted(found, key=lambda ending: (ending.ends_at, ending.kind, ending.row))


def _ending(rows: Any, now: datetime) -> Any:
    return rows.filter(expires_at__gt=now, expires_at__lte=now + SOON)


def _memberships(now: datetime, user: User | None) -> Iterator[Ending]:
    rows = _ending(Membership.objects.select_related("user", "invited_by"), now)
    for row in rows.filter(user=user) if user else rows:
        yield Ending(
            kind=row._meta.label_lower,
            row=row.pk,
            ends_at=row.expires_at,
            given_at=row.joined_at,
            giver=row.invited_by,
            people=(row.user,),
        )


def _own(now: datetime, user: User | None) -> Iterator[Ending]:
    for scope in Scope:
        rows = tables_of(scope).user_grants.objects.select_related("user", "granted_by", "content_object")
        rows = _ending(rows.filter(user=user) if user else rows, now)
        yield from _granted(rows, lambda row: (row.user,))


def _through_groups(now: datetime, user: User | None) -> Iterator[Ending]:
    """Yield profiles that leave a team or a partner: for the people in the team, or those it was handed on to."""
    tables = tables_of(Scope.PROFILE)
    assert tables.group_grants is not None
    assignments: Any = tables.assignments
    rows = _ending(tables.group_grants.objects.select_related("granted_by", "content_object"), now)
    if user is not None:
        handed_on = assignments.objects.filter(user=user).values("grant")
        rows = rows.filter(group__user=user) | rows.filter(pk__in=handed_on)
    rows = list(rows.distinct())
    if not rows:
        return
    groups = {row.group_id for row in rows}
    names: dict[int, str] = dict(
        Team.objects.filter(members_group__in=groups).values_list("members_group", "name")
    )
    partners = Partnership.objects.filter(people_group__in=groups)
    names |= dict(partners.values_list("people_group", "partner__name"))
    people: dict[int, list[User]] = {row.pk: [] for row in rows}
    if user is not None:
        people = {row.pk: [user] for row in rows}
    else:
        in_group: dict[int, list[User]] = {}
        members = User.objects.filter(groups__in=groups).values_list("pk", "groups")
        users = User.objects.in_bulk([pk for pk, _group in members])
        for pk, group in members:
            in_group.setdefault(group, []).append(users[pk])
        for row in rows:
            people[row.pk] += in_group.get(row.group_id, [])
        for assignment in assignments.objects.filter(grant__in=rows).select_related("user"):
            people[assignment.grant_id].append(assignment.user)
    for ending in _granted(rows, lambda row: tuple(people[row.pk])):
        group = next(row.group_id for row in rows if row.pk == ending.row)
        yield replace(ending, via=names.get(group, ""))


def _assignments(now: datetime, user: User | None) -> Iterator[Ending]:
    table: Any = tables_of(Scope.PROFILE).assignments
    rows = table.objects.select_related("user", "granted_by", "grant__content_object")
    rows = _ending(rows.filter(user=user) if user else rows, now)
    yield from _granted(rows, lambda row: (row.user,), lambda row: row.grant.content_object)


def _granted(rows: Any, people: Any, obj: Any = lambda row: row.content_object) -> Iterator[Ending]:
    rows = list(rows)
    roles = roles_by_permission({row.permission_id for row in rows})
    for row in rows:
        yield Ending(
            kind=row._meta.label_lower,
            row=row.pk,
            ends_at=row.expires_at,
            given_at=row.granted_at,
            giver=row.granted_by,
            people=people(row),
            role=roles[row.permission_id],
            obj=obj(row),
        )
