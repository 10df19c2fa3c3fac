"""A running partnership: what is shared with the partner, changing it, and its end (P7, R8).

The *brand* owns the profiles (``Partnership.organization``); its *partner* is the company whose people may be given
them. How two companies become partners is in ``proposals``, who at the partner works on what in ``partner_people``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from orgs.models import Organization, Partnership
from orgs.services.between import begin_change_between, other_side, record_between, tell_deciders
from permissions.catalogue import Scope
from permissions.changes import touched
from permissions.checker import Access
from permissions.errors import Refused
from permissions.giving import refuse_sharing
from permissions.models import GroupGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.services import check_window
from tenancy.context import organization_open


class PartnerError(Refused):
    """What was asked for cannot be done between these companies. The message is for the person."""


class PartnershipClosed(PartnerError):
    """It was answered, withdrawn or ended, or its time has run out."""


@dataclass(frozen=True)
class Share:
    """A role for a partner in a window: on one profile or, where it is asked for, on whichever the brand chooses."""

    role: RoleFacts
    profile: Model | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None

    def is_within(self, other: Share) -> bool:
        """Say whether this gives nothing that the other does not: no profile, action or moment."""
        begins_later = other.starts_at is None or (
            self.starts_at is not None and self.starts_at >= other.starts_at
        )
        ends_earlier = other.expires_at is None or (
            self.expires_at is not None and self.expires_at <= other.expires_at
        )
        is_there = other.profile is None or self.profile == other.profile
        return is_there and self.role.actions <= other.role.actions and begins_later and ends_earlier

    def __str__(self) -> str:
        """Return it as the audit log tells it: "@acme: standard:editor"."""
        return f"{self.profile}: {self.role.key}" if self.profile is not None else self.role.key


@transaction.atomic
def share_profiles(
    *, actor: Access, partnership: Partnership, shares: Sequence[Share], now: datetime, reason: str = ""
) -> None:
    """Share profiles with a partner, or change the role and window of those shared already: all or none.

    Narrowing narrows everybody at the partner at once; widening gives nobody more than was assigned to him (R8).
    Raises NotAllowed, WouldEscalate, InvalidWindow and PartnerError.
    """
    actor = begin_between(actor, partnership, now)
    partnership = active_partnership(partnership)
    actor.require("organization.manage_partners", partnership.organization)
    before = {grant.content_object: describe(grant) for grant in _with_profiles(partnership)}
    for share in shares:
        refuse_share(actor, share, now)
    people = people_given(partnership)
    for share in shares:
        write_grant(partnership, share, giver=actor, now=now, reason=reason)
    replaced = [before[share.profile] for share in shares if share.profile in before]
    record_between(
        actor=actor,
        action="partner.share",
        partnership=partnership,
        at=now,
        what=touched(people=people),
        before={"profiles": replaced} if replaced else None,
        after={"profiles": [str(share) for share in shares], **_window(shares)},
        reason=reason,
    )


@transaction.atomic
def end_share(
    *, actor: Access, partnership: Partnership, grant: GroupGrant, now: datetime, reason: str = ""
) -> None:
    """Stop sharing one profile: whoever at the partner was given it loses it at once. Raises NotAllowed and Refused."""
    actor = begin_between(actor, partnership, now)
    partnership = active_partnership(partnership)
    actor.require("organization.manage_partners", partnership.organization)
    found = _with_profiles(partnership).filter(pk=grant.pk).first()
    if found is None:
        raise PartnerError(_("This profile is no longer shared with the partner."))
    before, people = describe(found), people_given(partnership)
    found.delete()
    record_between(
        actor=actor,
        action="partner.end_share",
        partnership=partnership,
        at=now,
        what=touched(people=people),
        before={"profiles": [before]},
        reason=reason,
    )


@transaction.atomic
def end_partnership(*, actor: Access, partnership: Partnership, now: datetime, reason: str = "") -> None:
    """End it from either side, in one stroke: every grant and every assignment that hangs on it goes with it (P7).

    Raises NotAllowed and PartnershipClosed.
    """
    actor = begin_between(actor, partnership, now)
    partnership = active_partnership(partnership)
    here = own_side(partnership, actor)
    actor.require("organization.manage_partners", here)
    with organization_open(partnership.organization_id):
        people = people_given(partnership)
        before = {"profiles": [describe(grant) for grant in _with_profiles(partnership)]}
        grants_of(partnership).delete()
    partnership.status = Partnership.Status.ENDED
    partnership.ended_by, partnership.ended_at = actor.user, now
    partnership.save(update_fields=["status", "ended_by", "ended_at"])
    record_between(
        actor=actor,
        action="partner.end",
        partnership=partnership,
        at=now,
        what=touched(people=people),
        before=before,
        reason=reason,
    )
    tell_deciders("partner_ended", other_side(partnership, here.pk), partnership, "partner")


# -- what proposals and assignments use as well ------------------------------------------------------------------------


def begin_between(actor: Access, partnership: Partnership, now: datetime) -> Access:
    return begin_change_between(
        actor, brand_id=partnership.organization_id, partner_id=partnership.partner_id, now=now
    )


def own_side(partnership: Partnership, actor: Access) -> Organization:
    is_brand = partnership.organization_id == actor.organization_id
    return partnership.organization if is_brand else partnership.partner


def locked(partnership: Partnership) -> Partnership:
    """Return it as the database has it: what was read before the lock may have changed meanwhile."""
    rows = Partnership.objects.select_for_update(of=("self",))
    found: Partnership = rows.select_related("organization", "partner", "proposed_by").get(pk=partnership.pk)
    return found


def active_partnership(partnership: Partnership) -> Partnership:
    """Return the partnership as it is now, under the lock. Raises PartnershipClosed unless it runs."""
    found = locked(partnership)
    if not found.is_active:
        raise PartnershipClosed(why_closed(found))
    return found


def why_closed(partnership: Partnership) -> str:
    """Return what has become of it, as the answer to whoever wants to do something with it."""
    waits = _("This waits for the other company's answer.")
    return {
        Partnership.Status.INVITED: waits,
        Partnership.Status.REQUESTED: waits,
        Partnership.Status.ACTIVE: _("This was accepted already."),
        Partnership.Status.DECLINED: _("This was declined already."),
        Partnership.Status.WITHDRAWN: _("This was withdrawn meanwhile."),
        Partnership.Status.ENDED: _("This partnership has ended already."),
    }[Partnership.Status(partnership.status)]


def refuse_share(giver: Access, share: Share, now: datetime) -> None:
    """R9 for a partner's grant: what is shared is held, on a profile whose access one manages."""
    assert share.profile is not None, "a grant names its profile"
    check_window(now, share.starts_at, share.expires_at)
    refuse_sharing(giver=giver, role=share.role, profile=share.profile)


def grants_of(partnership: Partnership) -> Any:
    """Return the brand's grants to this partner. The brand must be open."""
    table = tables_of(Scope.PROFILE).group_grants
    assert table is not None
    return table.objects.filter(partnership=partnership)


def people_given(partnership: Partnership) -> set[int]:
    """Return the ids of the partner's people to whom anything is assigned. The brand must be open."""
    rows = assigned_rows().filter(grant__partnership=partnership)
    return set(rows.values_list("user", flat=True))


def assigned_rows() -> Any:
    """Return what is assigned to partners' people of the open brand's profiles."""
    table: Any = tables_of(Scope.PROFILE).assignments
    return table.objects.select_related("user", "grant__content_object")


def write_grant(
    partnership: Partnership, share: Share, *, giver: Access, now: datetime, reason: str = ""
) -> GroupGrant:
    """Write one grant, in place of the one there is on the profile: one per partner and profile."""
    table: Any = tables_of(Scope.PROFILE).group_grants
    existing = grants_of(partnership).filter(content_object=share.profile).first()
    grant: GroupGrant = existing or table(
        partnership=partnership, group_id=partnership.people_group_id, content_object=share.profile
    )
    grant.permission_id = share.role.permission_id
    grant.starts_at, grant.expires_at, grant.reason = share.starts_at, share.expires_at, reason
    grant.granted_by_id, grant.granted_at = giver.user.pk, now
    grant.save()
    return grant


def describe(grant: Any) -> str:
    return f"{grant.content_object}: {roles_by_permission([grant.permission_id])[grant.permission_id].key}"


def _with_profiles(partnership: Partnership) -> Any:
    return grants_of(partnership).select_related("content_object")


def _window(shares: Sequence[Share]) -> dict[str, datetime | None]:
    """Return the window for the audit log, where all have the same."""
    windows = {(share.starts_at, share.expires_at) for share in shares}
    if len(windows) != 1:
        return {}
    starts_at, expires_at = windows.pop()
    return {"starts_at": starts_at, "expires_at": expires_at}
