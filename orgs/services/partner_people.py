"""Who at a partner works on which of the profiles shared with it, and as what (P7).

The partner's owner and managers decide; what counts is the intersection with what the brand granted (R8).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from orgs.models import Membership, Organization, Partnership
from orgs.services.between import record_between
from orgs.services.partnerships import (
    PartnerError,
    active_partnership,
    assigned_rows,
    begin_between,
    grants_of,
)
from permissions.changes import touched
from permissions.checker import Access
from permissions.giving import ASSIGNING_ACTION, refuse_assigning
from permissions.models import Assignment, GroupGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.services import NotAMember, check_window
from tenancy.context import organization_open, unscoped


@transaction.atomic
def assign_profiles(
    *,
    actor: Access,
    partnership: Partnership,
    people: Sequence[User],
    grants: Collection[GroupGrant],
    role: RoleFacts,
    now: datetime,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Give some of the partner's people one role on some of the profiles shared with it: all of it or nothing.

    Assigning again changes role and window. Raises NotAllowed, WouldEscalate, NotAMember, InvalidWindow, PartnerError.
    """
    actor = begin_between(actor, partnership, now)
    partnership = active_partnership(partnership)
    actor.require(ASSIGNING_ACTION, partnership.partner)
    check_window(now, starts_at, expires_at)
    _refuse_outsiders(people, now)
    with organization_open(partnership.organization_id):
        rows = grants_of(partnership).filter(pk__in=[grant.pk for grant in grants])
        found = list(rows.select_related("content_object").order_by("pk"))
        if len(found) != len(grants):
            raise PartnerError(_("One of these profiles is no longer shared with you. Choose again."))
        granted = roles_by_permission({grant.permission_id for grant in found})
    for grant in found:
        refuse_assigning(
            assigner=actor, partner=partnership.partner, role=role, granted=granted[grant.permission_id]
        )
    with organization_open(partnership.organization_id):
        before = [_describe(one) for one in assigned_rows().filter(grant__in=found, user__in=people)]
        for grant in found:
            for person in people:
                assigned_rows().update_or_create(
                    grant=grant,
                    user=person,
                    defaults={
                        "permission_id": role.permission_id,
                        "starts_at": starts_at,
                        "expires_at": expires_at,
                        "granted_by": actor.user,
                        "granted_at": now,
                        "reason": reason,
                    },
                )
    record_between(
        actor=actor,
        action="partner.assign",
        partnership=partnership,
        at=now,
        what=touched(people=[person.pk for person in people]),
        before={"assigned": before} if before else None,
        after={
            "people": [str(person) for person in people],
            "profiles": [f"{grant.content_object}: {role.key}" for grant in found],
            "starts_at": starts_at,
            "expires_at": expires_at,
        },
        reason=reason,
    )


@transaction.atomic
def end_assignments(
    *,
    actor: Access,
    partnership: Partnership,
    assignments: Collection[Assignment],
    now: datetime,
    reason: str = "",
) -> None:
    """Take assigned profiles from the partner's people; counts from the next request of each. One's own may be ended.

    Raises NotAllowed and PartnerError.
    """
    actor = begin_between(actor, partnership, now)
    partnership = active_partnership(partnership)
    actor.require(ASSIGNING_ACTION, partnership.partner)
    with organization_open(partnership.organization_id):
        rows = assigned_rows().filter(
            grant__partnership=partnership, pk__in=[assignment.pk for assignment in assignments]
        )
        found = list(rows)
        if not found:
            raise PartnerError(_("This assignment has ended already."))
        before, people = [_describe(assignment) for assignment in found], {one.user_id for one in found}
        rows.delete()
    record_between(
        actor=actor,
        action="partner.unassign",
        partnership=partnership,
        at=now,
        what=touched(people=people),
        before={"assigned": before},
        reason=reason,
    )


def end_assignments_of(*, user: User, organization: Organization, now: datetime) -> None:
    """Delete what somebody who leaves a company had been assigned of its partners' profiles.

    Part of his removal: without the membership nothing of it counts any more, so no lock of the brands is needed; but
    it must not come back with a later membership.
    """
    with unscoped():  # the brands' rows: whose they are is told by the partnership with the company he leaves
        mine = assigned_rows().filter(user=user, grant__partnership__partner=organization)
        brands: dict[int, list[Any]] = {}
        for assignment in mine:
            brands.setdefault(assignment.organization_id, []).append(assignment)
    for brand_id in sorted(brands):
        with organization_open(brand_id):
            record_event(
                actor=None,
                actor_label=str(organization),
                action="partner.unassign",
                obj=Partnership.objects.get(pk=brands[brand_id][0].grant.partnership_id),
                at=now,
                before={"assigned": [_describe(assignment) for assignment in brands[brand_id]]},
            )
            assigned_rows().filter(pk__in=[assignment.pk for assignment in brands[brand_id]]).delete()


def _refuse_outsiders(people: Collection[User], now: datetime) -> None:
    """Only the partner's own people; its organization is open."""
    own = set(Membership.objects.live(now).filter(user__in=people).values_list("user", flat=True))
    for person in people:
        if person.pk not in own:
            raise NotAMember(_("%(person)s is not an active member of your company.") % {"person": person})


def _describe(assignment: Any) -> str:
    key = roles_by_permission([assignment.permission_id])[assignment.permission_id].key
    return f"{assignment.user}, {assignment.grant.content_object}: {key}"
