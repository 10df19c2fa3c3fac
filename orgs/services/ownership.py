"""Ownership moves only by the owner's own offer, which the new owner accepts (A7). Never no owner, never two."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from orgs.models import Membership, Organization, OrganizationUserGrant, OwnershipTransfer
from orgs.notices import tell_ownership_accepted, tell_ownership_declined, tell_ownership_offered
from permissions.changes import end_change, touched
from permissions.checker import Access
from permissions.errors import Refused, WouldEscalate
from permissions.roles import RoleFacts, roles_by_permission
from permissions.services import begin_change

OFFER_HOLDS: Final = timedelta(days=7)


class TransferClosed(Refused):
    """The offer was decided, withdrawn, or has run out. The message is for the person."""


@transaction.atomic
def offer_ownership(
    *,
    actor: Access,
    organization: Organization,
    membership: Membership,
    former_owner_role: RoleFacts,
    now: datetime,
) -> OwnershipTransfer:
    """Offer the organization to an active member; nothing changes before he accepts. Raises TransferClosed."""
    actor = begin_change(actor, now)
    actor.require("organization.transfer_ownership", organization)
    owner = OrganizationUserGrant.objects.get(content_object=organization, is_owner=True)
    if owner.user_id != actor.user.pk or membership.user_id == actor.user.pk:
        raise WouldEscalate(_("Only the owner can hand the organization over, and only to somebody else."))
    if membership.is_suspended:
        raise TransferClosed(
            _("%(person)s is suspended and cannot own the organization.") % {"person": membership}
        )
    if former_owner_role.is_owner or not former_owner_role.is_assignable:
        raise WouldEscalate(_("Choose a role that can be given."))
    close_expired_offers(now)
    if OwnershipTransfer.objects.filter(decided_at=None).exists():
        raise TransferClosed(_("An offer is open already. Withdraw it before you make another."))
    transfer = OwnershipTransfer.objects.create(
        from_user=actor.user,
        to_user=membership.user,
        former_owner_permission_id=former_owner_role.permission_id,
        offered_at=now,
        expires_at=now + OFFER_HOLDS,
    )
    _record(actor.user, "ownership.offer", organization, transfer, now)
    tell_ownership_offered(transfer, organization)
    return transfer


@transaction.atomic
def accept_ownership(
    *, actor: Access, organization: Organization, transfer: OwnershipTransfer, now: datetime
) -> None:
    """Make the person the offer was made to the owner. Raises TransferClosed."""
    actor = begin_change(actor, now)
    transfer = _open_transfer(transfer, now)
    if transfer.to_user_id != actor.user.pk:
        raise WouldEscalate(_("This offer was made to somebody else."))
    if actor.miss_before_scope() is not None:
        actor.require("organization.view_own_profiles", organization)
    owner_grant = OrganizationUserGrant.objects.get(content_object=organization, is_owner=True)
    if owner_grant.user_id != transfer.from_user_id:
        raise TransferClosed(
            _("%(person)s no longer owns this organization.") % {"person": transfer.from_user}
        )
    owner_permission = owner_grant.permission_id
    # The old owner first: the index allows one at a time, and the trigger looks only at commit.
    owner_grant.permission_id, owner_grant.is_owner = transfer.former_owner_permission_id, False
    owner_grant.granted_by, owner_grant.granted_at = actor.user, now
    owner_grant.save()
    grant = OrganizationUserGrant.objects.get(content_object=organization, user=actor.user.pk)
    grant.permission_id, grant.is_owner = owner_permission, True
    grant.starts_at = grant.expires_at = None
    grant.granted_by, grant.granted_at = transfer.from_user, now
    grant.save()
    Membership.objects.filter(user=actor.user.pk).update(starts_at=None, expires_at=None)
    _close(transfer, now, is_accepted=True)
    end_change(
        actor=actor.user,
        action="ownership.accept",
        obj=organization,
        at=now,
        what=touched(people=[transfer.from_user_id, transfer.to_user_id]),
        **_described(transfer),
    )
    tell_ownership_accepted(transfer, organization)


@transaction.atomic
def decline_ownership(
    *, actor: Access, organization: Organization, transfer: OwnershipTransfer, now: datetime
) -> None:
    transfer = _open_transfer(transfer, now)
    if transfer.to_user_id != actor.user.pk:
        raise WouldEscalate(_("This offer was made to somebody else."))
    _close(transfer, now, is_accepted=False)
    _record(actor.user, "ownership.decline", organization, transfer, now)
    tell_ownership_declined(transfer, organization)


@transaction.atomic
def withdraw_ownership(
    *, actor: Access, organization: Organization, transfer: OwnershipTransfer, now: datetime
) -> None:
    actor = begin_change(actor, now)
    actor.require("organization.transfer_ownership", organization)
    transfer = _open_transfer(transfer, now)
    _close(transfer, now, is_accepted=False)
    _record(actor.user, "ownership.withdraw", organization, transfer, now)


def close_expired_offers(now: datetime) -> None:
    """Close offers nobody answered in time, so that a new one can be made."""
    OwnershipTransfer.objects.filter(decided_at=None, expires_at__lte=now).update(
        decided_at=now, is_accepted=False
    )


def _open_transfer(transfer: OwnershipTransfer, now: datetime) -> OwnershipTransfer:
    found = OwnershipTransfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
    if found.decided_at is not None:
        raise TransferClosed(_("This offer was answered or withdrawn already."))
    if found.expires_at <= now:
        raise TransferClosed(_("This offer has run out. The owner can make a new one."))
    return found


def _close(transfer: OwnershipTransfer, now: datetime, *, is_accepted: bool) -> None:
    transfer.decided_at, transfer.is_accepted = now, is_accepted
    transfer.save(update_fields=["decided_at", "is_accepted"])


def _record(
    actor: User, action: str, organization: Organization, transfer: OwnershipTransfer, now: datetime
) -> None:
    record_event(actor=actor, action=action, obj=organization, at=now, **_described(transfer))


def _described(transfer: OwnershipTransfer) -> dict[str, Any]:
    permission = transfer.former_owner_permission_id
    return {
        "before": {"owner": str(transfer.from_user)},
        "after": {
            "owner": str(transfer.to_user),
            "person_id": transfer.to_user_id,
            "former_owner_role": roles_by_permission([permission])[permission].key,
        },
    }
