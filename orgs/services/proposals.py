"""How two companies become partners: one proposes, the other accepts all of it or less (P4 to P6).

Either may propose: the brand invites to profiles it chooses, a partner asks for roles and knows no profile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit.models import AuditEvent
from audit.services import record_refusal
from orgs.models import Organization, Partnership
from orgs.services.between import begin_change_between, other_side, record_between, tell, tell_deciders
from orgs.services.partnerships import (
    PartnerError,
    PartnershipClosed,
    Share,
    begin_between,
    locked,
    own_side,
    refuse_share,
    why_closed,
    write_grant,
)
from permissions.catalogue import Scope
from permissions.changes import touched
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed, WouldEscalate
from permissions.roles import roles_by_permission
from permissions.scopes import tables_of
from permissions.services import begin_change, check_window
from tenancy.context import organization_open

ANSWER_HOLDS: Final = timedelta(days=14)
# Anti-guessing: a business id has 31^12 values, and ten wrong ones an hour are a slip of the hand, not a search.
WRONG_IDS_MAX: Final = 10
WRONG_IDS_WITHIN: Final = timedelta(hours=1)
# To one company, so that its owner's mailbox is not filled by withdrawing and proposing again.
PROPOSALS_MAX: Final = 3
PROPOSALS_WITHIN: Final = timedelta(days=1)
OPEN: Final = (Partnership.Status.INVITED, Partnership.Status.REQUESTED)
WRONG_ID: Final = "partner.wrong_id"


class WrongBusinessId(PartnerError):
    """No company has this business id; the same sentence whatever is wrong with it."""


class ProposalGone(PartnerError):
    """Whoever invited may no longer give what was offered."""


def invite_partner(
    *,
    actor: Access,
    organization: Organization,
    public_id: str,
    shares: Sequence[Share],
    message: str,
    now: datetime,
) -> Partnership:
    """Offer a company roles on profiles; nothing is shared before it accepts (P5).

    Raises NotAllowed, WouldEscalate, InvalidWindow and PartnerError.
    """
    with transaction.atomic():
        partner = _company(public_id)
        actor = _begin_proposal(actor, organization, partner, now)
        actor.require("organization.invite_partners", organization)
        _refuse_further_tries(actor, organization, now)
        for share in shares:
            refuse_share(actor, share, now)
        if partner is not None:
            return _propose(actor, organization, partner, organization, shares, message, now)
        record_refusal(actor=actor.user, action=WRONG_ID, obj=organization, at=now, reason=_no_company())
    raise WrongBusinessId(_no_company())


def ask_for_access(
    *,
    actor: Access,
    organization: Organization,
    public_id: str,
    wishes: Sequence[Share],
    message: str,
    now: datetime,
) -> Partnership:
    """Ask a company for roles on its profiles, which it chooses: who asks knows none of them (P5).

    Raises NotAllowed, InvalidWindow and PartnerError.
    """
    with transaction.atomic():
        brand = _company(public_id)
        actor = _begin_proposal(actor, organization, brand, now)
        actor.require("organization.request_partner_access", organization)
        _refuse_further_tries(actor, organization, now)
        for wish in wishes:
            check_window(now, wish.starts_at, wish.expires_at)
        if brand is not None:
            return _propose(actor, brand, organization, organization, wishes, message, now)
        record_refusal(actor=actor.user, action=WRONG_ID, obj=organization, at=now, reason=_no_company())
    raise WrongBusinessId(_no_company())


@transaction.atomic
def accept_partnership(
    *, actor: Access, partnership: Partnership, shares: Sequence[Share], now: datetime
) -> None:
    """Accept all of what was proposed, or less (P6); from now on each sees the other under Partners.

    Nobody at the partner has anything by it before it is assigned (P7). Raises NotAllowed, WouldEscalate, InvalidWindow
    and PartnerError.
    """
    actor = begin_between(actor, partnership, now)
    partnership = waiting_partnership(partnership, actor.organization_id, now)
    here = own_side(partnership, actor)
    actor.require("organization.answer_partner_requests", here)
    if not shares:
        raise PartnerError(_("Nothing is left of it. Decline it instead."))
    brand = partnership.organization
    with organization_open(brand.pk):
        offered = shares_of(partnership)
        for share in shares:
            if not any(share.is_within(offer) for offer in offered):
                raise PartnerError(_("You can accept less than what was proposed, not more."))
        giver = actor if here == brand else _proposer_now(partnership, now)
        _refuse_shares_of_giver(giver, shares, now, is_accepting=here == brand)
        for share in shares:
            write_grant(partnership, share, giver=giver, now=now)
    partnership.status = Partnership.Status.ACTIVE
    partnership.answered_by, partnership.answered_at = actor.user, now
    partnership.save(update_fields=["status", "answered_by", "answered_at"])
    record_between(
        actor=actor,
        action="partner.accept",
        partnership=partnership,
        at=now,
        what=touched(people=()),
        after={"profiles": [str(share) for share in shares]},
    )
    _tell_proposer("partner_accepted", partnership, other_side(partnership, here.pk))


@transaction.atomic
def decline_partnership(*, actor: Access, partnership: Partnership, now: datetime) -> None:
    """Say no to what was proposed; the asker is told. Raises NotAllowed and PartnershipClosed."""
    actor = begin_between(actor, partnership, now)
    partnership = waiting_partnership(partnership, actor.organization_id, now)
    here = own_side(partnership, actor)
    actor.require("organization.answer_partner_requests", here)
    partnership.status = Partnership.Status.DECLINED
    partnership.answered_by, partnership.answered_at = actor.user, now
    partnership.save(update_fields=["status", "answered_by", "answered_at"])
    record_between(
        actor=actor, action="partner.decline", partnership=partnership, at=now, what=touched(people=())
    )
    _tell_proposer("partner_declined", partnership, other_side(partnership, here.pk))


@transaction.atomic
def withdraw_proposal(*, actor: Access, partnership: Partnership, now: datetime) -> None:
    """Take back one's own proposal, also one that has run out. Raises NotAllowed and PartnershipClosed."""
    actor = begin_between(actor, partnership, now)
    partnership = locked(partnership)
    here = own_side(partnership, actor)
    is_invitation = partnership.status == Partnership.Status.INVITED
    actor.require(f"organization.{'invite_partners' if is_invitation else 'request_partner_access'}", here)
    if partnership.status not in OPEN or proposer_of(partnership) != here:
        raise PartnershipClosed(why_closed(partnership))
    _close(partnership, now)
    record_between(
        actor=actor, action="partner.withdraw", partnership=partnership, at=now, what=touched(people=())
    )


def shares_of(partnership: Partnership) -> list[Share]:
    """Return what was proposed, as it is today: profiles and roles that are gone since are left out.

    The brand must be open: the roles and the profiles are its own.
    """
    profiles = tables_of(Scope.PROFILE).model._default_manager
    rows: list[dict[str, Any]] = partnership.offer
    roles = roles_by_permission({row["permission"] for row in rows})
    found = profiles.in_bulk([row["profile"] for row in rows if row["profile"] is not None])
    return [
        Share(
            role=roles[row["permission"]],
            profile=found.get(row["profile"]),
            starts_at=_moment(row["starts_at"]),
            expires_at=_moment(row["expires_at"]),
        )
        for row in rows
        if row["permission"] in roles and (row["profile"] is None or row["profile"] in found)
    ]


def waiting_partnership(partnership: Partnership, organization_id: int, now: datetime) -> Partnership:
    """Return the proposal as it is now, for the company asked. Raises PartnershipClosed unless it may be answered."""
    found = locked(partnership)
    if found.status not in OPEN or proposer_of(found).pk == organization_id:
        raise PartnershipClosed(why_closed(found))
    if found.answer_by <= now:
        raise PartnershipClosed(_("This has run out. It can be proposed anew."))
    return found


def proposer_of(partnership: Partnership) -> Organization:
    """Return the company that proposed it, while it is open: the brand invited, or its partner asked."""
    is_invitation = partnership.status == Partnership.Status.INVITED
    return partnership.organization if is_invitation else partnership.partner


# -- steps -------------------------------------------------------------------------------------------------------------


def _company(public_id: str) -> Organization | None:
    letters = "".join(public_id.upper().replace("-", " ").split())
    spelled = "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    return Organization.objects.filter(public_id=spelled).first()


def _no_company() -> str:
    return _("No company has this business id. Ask it for the id shown on its own Partners page.")


def _begin_proposal(
    actor: Access, organization: Organization, other: Organization | None, now: datetime
) -> Access:
    if other is None or other == organization:
        return begin_change(actor, now)
    return begin_change_between(actor, brand_id=organization.pk, partner_id=other.pk, now=now)


def _refuse_further_tries(actor: Access, organization: Organization, now: datetime) -> None:
    """The audit log is the counter: every wrong id is in it anyway, for the administrators to see."""
    tries = AuditEvent.objects.filter(
        action=WRONG_ID, outcome=AuditEvent.Outcome.REFUSED, at__gt=now - WRONG_IDS_WITHIN
    )
    if tries.count() >= WRONG_IDS_MAX:
        raise PartnerError(_("Too many wrong business ids in the last hour. Wait, then check the id."))


def _propose(
    actor: Access,
    brand: Organization,
    partner: Organization,
    proposer: Organization,
    shares: Iterable[Share],
    message: str,
    now: datetime,
) -> Partnership:
    other = partner if proposer == brand else brand
    if brand == partner:
        raise PartnerError(_("This is the business id of your own company."))
    pair = Partnership.objects.filter(organization=brand, partner=partner)
    _close_run_out(pair, now)
    if standing := pair.filter(status__in=[*OPEN, Partnership.Status.ACTIVE]).first():
        raise PartnerError(_why_standing(standing, proposer, other))
    if pair.filter(proposed_at__gt=now - PROPOSALS_WITHIN).count() >= PROPOSALS_MAX:
        raise PartnerError(
            _("You have proposed this to %(company)s often enough for today.") % {"company": other}
        )
    is_invitation = proposer == brand
    partnership: Partnership = Partnership.objects.create(
        organization=brand,
        partner=partner,
        status=Partnership.Status.INVITED if is_invitation else Partnership.Status.REQUESTED,
        people_group=Group.objects.create(name=f"partner:{uuid.uuid4()}#people"),
        offer=[_row(share) for share in shares],
        message=message,
        proposed_by=actor.user,
        proposed_at=now,
        answer_by=now + ANSWER_HOLDS,
    )
    proposed = [str(share) for share in shares]
    record_between(
        actor=actor,
        action="partner.invite" if is_invitation else "partner.ask",
        partnership=partnership,
        at=now,
        what=touched(people=()),
        after={"profiles" if is_invitation else "roles": proposed},
        reason=message,
    )
    tell_deciders(
        "partner_invited" if is_invitation else "partner_asked", other, partnership, "partner_answer"
    )
    return partnership


def _close_run_out(pair: Any, now: datetime) -> None:
    for stale in pair.filter(status__in=OPEN, answer_by__lte=now):
        _close(stale, now)


def _close(partnership: Partnership, now: datetime) -> None:
    partnership.status, partnership.ended_at = Partnership.Status.WITHDRAWN, now
    partnership.save(update_fields=["status", "ended_at"])


def _why_standing(standing: Partnership, proposer: Organization, other: Organization) -> str:
    if standing.is_active:
        return _("You and %(company)s are partners already. See Partners.") % {"company": other}
    if proposer_of(standing) == proposer:
        return _("You have proposed this to %(company)s already. It has not answered yet.") % {
            "company": other
        }
    return _("%(company)s has proposed this to you already. Answer it under Partners.") % {"company": other}


def _proposer_now(partnership: Partnership, now: datetime) -> Access:
    """Return what whoever invited may do in his company today. Raises ProposalGone when he is gone."""
    if partnership.proposed_by is None:
        raise ProposalGone(_gone(partnership))
    access = load_access(user=partnership.proposed_by, organization_id=partnership.organization_id, at=now)
    if not access.can("organization.invite_partners", partnership.organization):
        raise ProposalGone(_gone(partnership))
    return access


def _refuse_shares_of_giver(
    giver: Access, shares: Iterable[Share], now: datetime, *, is_accepting: bool
) -> None:
    """R9, asked again at the moment of acceptance: of who accepts, or of what the one who invited holds today."""
    for share in shares:
        try:
            refuse_share(giver, share, now)
        except (NotAllowed, WouldEscalate) as refusal:
            if is_accepting:
                raise
            raise ProposalGone(
                _("Whoever invited you may no longer give what was offered. Ask for a new invitation.")
            ) from refusal


def _gone(partnership: Partnership) -> str:
    return _("Whoever invited you at %(company)s may no longer do so. Ask for a new invitation.") % {
        "company": partnership.organization
    }


def _tell_proposer(name: str, partnership: Partnership, proposer: Organization) -> None:
    if partnership.proposed_by is not None:
        tell(name, partnership.proposed_by, proposer, partnership, "partner")


def _row(share: Share) -> dict[str, Any]:
    return {
        "profile": share.profile.pk if share.profile is not None else None,
        "permission": share.role.permission_id,
        "starts_at": share.starts_at.isoformat() if share.starts_at else None,
        "expires_at": share.expires_at.isoformat() if share.expires_at else None,
    }


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None
