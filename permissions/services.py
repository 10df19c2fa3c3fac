"""Giving and taking roles. Every change: no escalation, the access lock, one row, one audit event, one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from permissions.catalogue import Scope
from permissions.changes import Touched, end_change, note_state_before, touched
from permissions.checker import Access, load_access
from permissions.errors import Refused, WouldEscalate
from permissions.giving import (
    refuse_escalation,
    refuse_gains,
    refuse_gains_through_team,
    refuse_own_gain,
    require_managing,
)
from permissions.locks import change_access, hold_access
from permissions.models import GroupGrant, UserGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import scope_of, tables_of


class InvalidWindow(Refused):
    """The window ends before it begins, or is over already. The message is for the person."""


class NotAMember(Refused):
    """Roles are given to members only (P2). The message is for the person."""


def begin_change(actor: Access, now: datetime) -> Access:
    """Wait for all who act, keep everybody else out, and return what the actor holds *now*: first line of a change.

    What he held when the request began may have been taken from him while he waited.
    """
    change_access(actor.organization_id)
    note_state_before(actor.organization_id, now)
    return access_now(actor, now)


def begin_act(actor: Access, now: datetime) -> Access:
    """Keep every right as it is until the transaction ends, and return what the actor holds *now*.

    First line of an act in the world: what he held when the request began may have been taken before the lock was his.
    """
    hold_access(actor.organization_id)
    return access_now(actor, now)


def access_now(actor: Access, now: datetime) -> Access:
    return load_access(
        user=actor.user,
        organization_id=actor.organization_id,
        at=now,
        has_second_factor=actor.has_second_factor,
        key=actor.key,
    )


@transaction.atomic
def grant_role(
    *,
    actor: Access,
    receiver: Any,
    role: RoleFacts,
    obj: Model,
    now: datetime,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
) -> UserGrant:
    """Give a person a role on a team or profile; giving the same role again changes its window and reason.

    At team scope the new role replaces the one he has there: who has none is not in the team. Raises NotAllowed,
    WouldEscalate, NotAMember and InvalidWindow. Organization roles go through ``orgs.services``.
    """
    actor = begin_change(actor, now)
    require_managing(actor, obj)
    refuse_escalation(giver=actor, receiver=receiver, role=role, obj=obj)
    check_window(now, starts_at, expires_at)
    if role.scope is not scope_of(obj):
        raise WouldEscalate(
            _("The role %(role)s is not a role of this kind of object.") % {"role": role.label}
        )
    if role.scope is Scope.ORGANIZATION:
        raise TypeError("Organization roles go through orgs.services: there is one of them, and one owner.")
    had = load_access(user=receiver, organization_id=actor.organization_id, at=now)
    if not had.is_member:  # a partner's person has what is shared with his company, and nothing beside it
        raise NotAMember(_("%(person)s is not a member of this organization.") % {"person": receiver})
    table: Any = tables_of(role.scope).user_grants
    rows = table.objects.filter(user=receiver, content_object=obj)
    if role.scope is Scope.PROFILE:
        rows = rows.filter(permission=role.permission_id)
    existing = rows.select_related("permission__role").first()
    if role.scope is Scope.TEAM and existing is None:  # taken out of the team while this waited for the lock
        raise NotAMember(_("%(person)s is no longer in the team.") % {"person": receiver})
    before = describe_grant(existing) if existing else None
    row: UserGrant = existing or table(user=receiver, content_object=obj)
    row.permission_id = role.permission_id
    row.starts_at, row.expires_at, row.reason = starts_at, expires_at, reason
    row.granted_by_id, row.granted_at = actor.user.pk, now
    row.save()
    has = load_access(user=receiver, organization_id=actor.organization_id, at=now)
    refuse_gains(giver=actor, before=had, after=has, objects=[obj])
    end_change(
        actor=actor.user,
        action="access.grant",
        obj=obj,
        at=now,
        what=_touched_by_grant(receiver.pk, obj),
        before=before,
        after=_describe(receiver, role, starts_at, expires_at),
        reason=reason,
    )
    return row


@transaction.atomic
def end_grant(*, actor: Access, grant: UserGrant, now: datetime, reason: str = "") -> None:
    """Take a role from a person. Takes effect for everything that happens after this transaction."""
    actor = begin_change(actor, now)
    obj: Model = grant.content_object  # type: ignore[attr-defined]
    require_managing(actor, obj)
    if grant.user_id == actor.user.pk:
        raise WouldEscalate(_("You cannot change your own access. Ask somebody else who manages it."))
    before = describe_grant(grant)
    had = load_access(user=grant.user, organization_id=actor.organization_id, at=now)
    grant.delete()
    has = load_access(user=grant.user, organization_id=actor.organization_id, at=now)
    refuse_gains(giver=actor, before=had, after=has, objects=[obj])
    end_change(
        actor=actor.user,
        action="access.end",
        obj=obj,
        at=now,
        what=_touched_by_grant(grant.user_id, obj),
        before=before,
        reason=reason,
    )


@transaction.atomic
def link_group(
    *,
    actor: Access,
    group: Group,
    group_label: str,
    role: RoleFacts,
    profile: Model,
    now: datetime,
    team: Model | None = None,
    reason: str = "",
) -> GroupGrant:
    """Give a team's people a role on a profile (one per team and profile); again changes the role.

    With ``team``, whoever manages the team's profiles may do it as well, on profiles where he has a role (CT02).
    """
    actor = begin_change(actor, now)
    _require_linking(actor, team, profile)
    if not role.is_none:
        refuse_escalation(giver=actor, receiver=None, role=role, obj=profile)
    refuse_gains_through_team(giver=actor, group=group, role=role, profile=profile)
    table: Any = tables_of(Scope.PROFILE).group_grants
    row = table.objects.filter(group=group, content_object=profile).first()
    before = {"team": group_label, "role": _role_key(row.permission_id)} if row else None
    linked: GroupGrant = row or table(group=group, content_object=profile)
    linked.permission_id = role.permission_id
    linked.granted_by_id, linked.granted_at, linked.reason = actor.user.pk, now, reason
    linked.save()
    refuse_own_gain(before=actor, after=access_now(actor, now), obj=profile)
    end_change(
        actor=actor.user,
        action="access.link_team",
        obj=profile,
        at=now,
        what=touched(profiles=[profile.pk]),
        before=before,
        after={"team": group_label, "role": role.key},
        reason=reason,
    )
    return linked


@transaction.atomic
def unlink_group(
    *,
    actor: Access,
    grant: GroupGrant,
    group_label: str,
    now: datetime,
    team: Model | None = None,
    reason: str = "",
) -> None:
    """Take a profile out of a team."""
    actor = begin_change(actor, now)
    profile: Model = grant.content_object  # type: ignore[attr-defined]
    _require_linking(actor, team, profile)
    before = {"team": group_label, "role": _role_key(grant.permission_id)}
    grant.delete()
    end_change(
        actor=actor.user,
        action="access.unlink_team",
        obj=profile,
        at=now,
        what=touched(profiles=[profile.pk]),
        before=before,
        reason=reason,
    )


def _touched_by_grant(user_id: int, obj: Model) -> Touched:
    is_profile = scope_of(obj) is Scope.PROFILE  # a role in a team reaches every profile of the team
    return touched(people=[user_id], profiles=[obj.pk] if is_profile else None)


def _require_linking(actor: Access, team: Model | None, profile: Model) -> None:
    if team is not None and actor.can("team.manage_team_profiles", team) and actor.sources(profile):
        return
    require_managing(actor, profile)


def describe_grant(grant: UserGrant) -> dict[str, Any]:
    """Return a grant as the audit log tells it."""
    return {
        "person": str(grant.user),
        "person_id": grant.user_id,
        "role": _role_key(grant.permission_id),
        "starts_at": grant.starts_at,
        "expires_at": grant.expires_at,
    }


def _describe(
    receiver: Any, role: RoleFacts, starts_at: datetime | None, expires_at: datetime | None
) -> dict[str, Any]:
    return {
        "person": str(receiver),
        "person_id": receiver.pk,
        "role": role.key,
        "starts_at": starts_at,
        "expires_at": expires_at,
    }


def _role_key(permission_id: int) -> str:
    return roles_by_permission([permission_id])[permission_id].key


def check_window(now: datetime, starts_at: datetime | None, expires_at: datetime | None) -> None:
    """Raise InvalidWindow unless the window [starts_at, expires_at) ends later than it begins, and later than now."""
    if expires_at is not None and expires_at <= now:
        raise InvalidWindow(_("The end lies in the past. Choose a later one, or leave it out."))
    if starts_at is not None and expires_at is not None and expires_at <= starts_at:
        raise InvalidWindow(_("The end must come after the beginning."))
