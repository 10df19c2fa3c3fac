"""Members: their organization role, their roles on profiles, suspension, removal, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from api.keys import revoke_keys_of
from orgs.models import Membership, Organization, OrganizationUserGrant, TeamUserGrant
from orgs.services.partner_people import end_assignments_of
from orgs.services.reach import refuse_gains_anywhere, refuse_touching
from permissions.catalogue import Scope
from permissions.changes import end_change, touched
from permissions.checker import Access, load_access
from permissions.errors import WouldEscalate
from permissions.giving import refuse_escalation
from permissions.models import UserGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.services import begin_change, end_grant, grant_role


@transaction.atomic
def set_organization_role(
    *,
    actor: Access,
    organization: Organization,
    membership: Membership,
    role: RoleFacts,
    now: datetime,
    reason: str = "",
) -> None:
    """Give a member another organization role; the same one again changes nothing.

    Raises NotAllowed and WouldEscalate.
    """
    actor = begin_change(actor, now)
    actor.require("organization.edit_member_permissions", organization)
    had = load_access(user=membership.user, organization_id=organization.pk, at=now)
    refuse_touching(actor, had)
    refuse_escalation(giver=actor, receiver=membership.user, role=role, obj=organization)
    grant = OrganizationUserGrant.objects.get(content_object=organization, user=membership.user)
    if grant.permission_id == role.permission_id:
        return
    before = roles_by_permission([grant.permission_id])[grant.permission_id].key
    grant.permission_id = role.permission_id
    grant.granted_by, grant.granted_at, grant.reason = actor.user, now, reason
    grant.save()
    has = load_access(user=membership.user, organization_id=organization.pk, at=now)
    refuse_gains_anywhere(giver=actor, before=had, after=has, organization=organization)
    end_change(
        actor=actor.user,
        action="member.role",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
        before={"role": before},
        after={"role": role.key},
        reason=reason,
    )


@transaction.atomic
def grant_profile_roles(
    *,
    actor: Access,
    membership: Membership,
    role: RoleFacts,
    profiles: Sequence[Model],
    now: datetime,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Give a member one role on several profiles at once: all of them or, when one is refused, none."""
    for profile in profiles:
        grant_role(
            actor=actor,
            receiver=membership.user,
            role=role,
            obj=profile,
            now=now,
            starts_at=starts_at,
            expires_at=expires_at,
            reason=reason,
        )


@transaction.atomic
def end_profile_role(*, actor: Access, grant: UserGrant, now: datetime, reason: str = "") -> None:
    """Take one role on one profile from a member."""
    end_grant(actor=actor, grant=grant, now=now, reason=reason)


@transaction.atomic
def suspend_member(
    *, actor: Access, organization: Organization, membership: Membership, now: datetime, reason: str = ""
) -> None:
    """Take all access away for a while; every grant stays, and none counts."""
    actor = begin_change(actor, now)
    actor.require("organization.suspend_member", organization)
    refuse_touching(actor, load_access(user=membership.user, organization_id=organization.pk, at=now))
    _set_status(membership, Membership.Status.SUSPENDED)
    end_change(
        actor=actor.user,
        action="member.suspend",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
        reason=reason,
    )


@transaction.atomic
def reactivate_member(
    *, actor: Access, organization: Organization, membership: Membership, now: datetime
) -> None:
    """Let a suspended member's grants count again: they were given by people who might. Nothing new is given."""
    actor = begin_change(actor, now)
    actor.require("organization.suspend_member", organization)
    refuse_touching(actor, load_access(user=membership.user, organization_id=organization.pk, at=now))
    _set_status(membership, Membership.Status.ACTIVE)
    end_change(
        actor=actor.user,
        action="member.reactivate",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
    )


@transaction.atomic
def remove_member(
    *, actor: Access, organization: Organization, membership: Membership, now: datetime, reason: str = ""
) -> None:
    """Take a person out, with every role and team place. What the person wrote stays."""
    actor = begin_change(actor, now)
    actor.require("organization.remove_member", organization)
    refuse_touching(actor, load_access(user=membership.user, organization_id=organization.pk, at=now))
    before = _take_everything(organization, membership)
    revoke_keys_of(user_id=membership.user_id, now=now)
    end_assignments_of(user=membership.user, organization=organization, now=now)
    _delete(membership)
    end_change(
        actor=actor.user,
        action="member.remove",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
        before=before,
        reason=reason,
    )


@transaction.atomic
def leave_organization(
    *, actor: Access, organization: Organization, membership: Membership, now: datetime
) -> None:
    """Leave by one's own decision; the owner hands over first. A suspended person may leave too."""
    actor = begin_change(actor, now)
    assert membership.user_id == actor.user.pk, "one leaves only for oneself"
    grant = actor.organization_grant
    if grant is not None and grant.role.is_owner:
        raise WouldEscalate(_("You own this organization. Hand it over first; then you can leave."))
    before = _take_everything(organization, membership)
    revoke_keys_of(user_id=membership.user_id, now=now)
    end_assignments_of(user=membership.user, organization=organization, now=now)
    _delete(membership)
    end_change(
        actor=actor.user,
        action="member.leave",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
        before=before,
    )


def _delete(membership: Membership) -> None:
    """Delete the row; the object keeps its id, by which the audit log names it."""
    Membership.objects.filter(pk=membership.pk).delete()


def _set_status(membership: Membership, status: str) -> None:
    membership.status = status
    membership.save(update_fields=["status"])


def _take_everything(organization: Organization, membership: Membership) -> dict[str, Any]:
    """Delete every grant and team place of a member and return what they were, for the audit log."""
    user = membership.user
    profile_grants = tables_of(Scope.PROFILE).user_grants.objects.filter(user=user)
    organization_grants = OrganizationUserGrant.objects.filter(content_object=organization, user=user)
    team_grants = TeamUserGrant.objects.filter(user=user).select_related("content_object")
    keys = roles_by_permission(
        {grant.permission_id for rows in (profile_grants, organization_grants, team_grants) for grant in rows}
    )
    before = {
        "person": str(user),
        "person_id": user.pk,
        "roles": [keys[grant.permission_id].key for grant in organization_grants],
        "teams": [f"{grant.content_object}: {keys[grant.permission_id].key}" for grant in team_grants],
        "profiles": [
            f"{grant.content_object}: {keys[grant.permission_id].key}"
            for grant in profile_grants.select_related("content_object")
        ],
    }
    groups = [grant.content_object.members_group_id for grant in team_grants]
    user.groups.remove(*groups)
    for rows in (profile_grants, team_grants, organization_grants):
        rows.delete()
    return before
