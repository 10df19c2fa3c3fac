"""A change between two companies: both locked in one order, one event in each log, nobody named to the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from audit.services import record_event
from orgs.models import Organization, Partnership
from orgs.notices import tell_of_partner
from orgs.selectors.people import people_holding
from permissions.changes import EVERYTHING, Touched, end_change, note_state_before
from permissions.checker import Access
from permissions.locks import change_access
from permissions.services import begin_change
from tenancy.context import organization_open


def begin_change_between(actor: Access, *, brand_id: int, partner_id: int, now: datetime) -> Access:
    """``begin_change`` where a partner's people act on a brand's profiles: first line of every change of a partnership.

    Always the lower id first: two companies that invite each other at once would else wait for each other for ever.
    """
    lock_both(brand_id, partner_id)
    if actor.organization_id != brand_id:
        with organization_open(brand_id):
            note_state_before(brand_id, now)
    return begin_change(actor, now)


def lock_both(one_id: int, other_id: int) -> None:
    """Keep everybody out of both companies' access until the transaction, or its savepoint, ends."""
    for organization_id in sorted((one_id, other_id)):
        change_access(organization_id)


def record_between(
    *,
    actor: Access,
    action: str,
    partnership: Partnership,
    at: datetime,
    what: Touched = EVERYTHING,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """``end_change`` for the brand, whose profiles are concerned, and the same event in its partner's log.

    Each log names its own people; the other company's act is told as that company's.
    """
    for organization in (partnership.organization, partnership.partner):
        is_own = organization.pk == actor.organization_id
        event: dict[str, Any] = {
            "actor": actor.user if is_own else None,
            "actor_label": "" if is_own else str(other_side(partnership, organization.pk)),
            "action": action,
            "obj": partnership,
            "at": at,
            "before": before,
            "after": after,
            "reason": reason if is_own else "",
        }
        with organization_open(organization.pk):
            if organization.pk == partnership.organization_id:
                end_change(what=what, **event)
            else:
                record_event(**event)


def other_side(partnership: Partnership, organization_id: int) -> Organization:
    """Return the company that is not the one named."""
    is_brand = partnership.organization_id == organization_id
    return partnership.partner if is_brand else partnership.organization


def tell_deciders(name: str, organization: Organization, partnership: Partnership, route: str) -> None:
    """Tell everybody at the company who answers for its partners: its owner and managers (P6)."""
    with organization_open(organization.pk):
        people = people_holding("organization.answer_partner_requests", organization)
    other = other_side(partnership, organization.pk)
    tell_of_partner(name, people, organization, other, partnership, route)


def tell(name: str, person: User, organization: Organization, partnership: Partnership, route: str) -> None:
    """Tell one of the company's people about the other company; ``route`` is the page it leads to."""
    tell_of_partner(
        name, [person], organization, other_side(partnership, organization.pk), partnership, route
    )
