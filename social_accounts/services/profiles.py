"""Changing a profile: its name, its time zone, its workspace; and ending its connection."""

from __future__ import annotations

from copy import copy
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Membership, Organization, Workspace
from permissions.changes import end_change, touched
from permissions.checker import Access, load_accesses
from permissions.errors import Refused
from permissions.giving import refuse_gains_by_move
from permissions.services import begin_act, begin_change
from social_accounts import connections, registrations, vault
from social_accounts.models import SocialProfile
from social_accounts.services.revoking import revoke
from tenancy.context import organization_open


class OutOfReach(Refused):
    """The workspace is none this person can reach. The message is for the person."""


@transaction.atomic
def rename_profile(*, actor: Access, profile: SocialProfile, name: str, now: datetime) -> None:
    """Give the profile another name inside the organization; its handle is the network's."""
    actor = begin_act(actor, now)
    require_serving(actor, "profile.manage_profile", profile)
    before, profile.name = profile.name, name
    profile.save(update_fields=["name"])
    record_event(
        actor=actor.user,
        action="profile.rename",
        obj=profile,
        at=now,
        before={"name": before},
        after={"name": name},
    )


@transaction.atomic
def set_time_zone(*, actor: Access, profile: SocialProfile, time_zone: str, now: datetime) -> None:
    """Choose the zone in which posts are scheduled. Posts scheduled already keep their moment."""
    actor = begin_act(actor, now)
    require_serving(actor, "profile.edit_publishing_time_zone", profile)
    before, profile.time_zone = profile.time_zone, time_zone
    profile.save(update_fields=["time_zone"])
    record_event(
        actor=actor.user,
        action="profile.time_zone",
        obj=profile,
        at=now,
        before={"time_zone": before},
        after={"time_zone": time_zone},
    )


@transaction.atomic
def move_profile(*, actor: Access, profile: SocialProfile, workspace: Workspace, now: datetime) -> None:
    """Move the profile to another workspace: whoever cannot reach that one loses it (R7).

    Raises NotAllowed, OutOfReach, and WouldEscalate where the move gives somebody more than the mover holds (R9).
    """
    actor = begin_change(actor, now)
    profile.refresh_from_db(fields=["workspace"])
    actor.require("organization.move_social_profile", Organization.objects.get(pk=actor.organization_id))
    within = actor.workspace_ids
    if within is not None and not {workspace.pk, profile.workspace_id} <= within:
        raise OutOfReach(_("You can move profiles only between workspaces you can reach."))
    before, profile.workspace = profile.workspace, workspace
    _refuse_gains(actor, profile, before)
    profile.save(update_fields=["workspace"])
    end_change(
        actor=actor.user,
        action="profile.move",
        obj=profile,
        at=now,
        what=touched(profiles=[profile.pk]),
        before={"workspace": before.name},
        after={"workspace": workspace.name},
    )


def _refuse_gains(actor: Access, moved: SocialProfile, before: Workspace) -> None:
    """R9: whoever reaches only the new workspace gets his roles on the profile by the move."""
    people = [membership.user for membership in Membership.objects.select_related("user")]
    accesses = load_accesses(users=people, organization_id=actor.organization_id, at=actor.at)
    lay = copy(moved)
    lay.workspace = before
    refuse_gains_by_move(giver=actor, people=accesses.values(), before=lay, after=moved)


def disconnect_profile(*, actor: Access, profile_id: int, now: datetime) -> bool:
    """End the connection and return whether the network confirmed it. Outside a transaction.

    The credentials are deleted first and for good, whatever the network answers; profile and history stay.
    """
    with organization_open(actor.organization_id):
        actor = begin_change(actor, now)  # nobody publishes on it while it goes
        profile = SocialProfile.objects.select_for_update().get(pk=profile_id)
        require_serving(actor, "profile.disconnect_profile", profile)
        account = connections.account_of(profile)
        before = profile.status
        credentials = vault.take_out(profile)
        profile.status, profile.status_detail = SocialProfile.Status.DISCONNECTED, ""
        profile.save(update_fields=["status", "status_detail"])
        record_event(
            actor=actor.user,
            action="profile.disconnect",
            obj=profile,
            at=now,
            before={"status": before},
            after={"status": profile.status},
        )
    if credentials is None:
        return True
    registration = registrations.registration_of(profile, credentials)
    is_revoked = revoke(account=account, registration=registration, credentials=credentials)
    if not is_revoked:
        with organization_open(actor.organization_id):
            record_event(
                actor=actor.user,
                action="profile.revoke_unanswered",
                obj=profile,
                at=now,
                reason="The network did not confirm that it forgot the connection.",
            )
    return is_revoked


def require_serving(actor: Access, action: str, profile: SocialProfile) -> None:
    """Raise NotAllowed, explained, unless the action or the organization's that also serves it is held (H11)."""
    if not actor.serves(action, profile):
        actor.require(action, profile)
