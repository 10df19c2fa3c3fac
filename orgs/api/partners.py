"""Partners: proposing, answering, sharing less or more, ending, and handing on to one's own people (P4 to P8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from api.fields import ReasonSerializer
from api.operations import operation
from api.pagination import Page
from api.problems import FieldError, Problem
from api.views import GuardedAPIView
from orgs.api.partner_serializers import (
    AcceptSerializer,
    AssignSerializer,
    NewPartnerSerializer,
    PartnerSerializer,
    SharedProfileSerializer,
    ShareSerializer,
)
from orgs.models import Partnership
from orgs.selectors.partners import PartnerRow, partner_rows, shared_profiles
from orgs.services.partner_people import assign_profiles, end_assignments
from orgs.services.partnerships import Share, end_partnership, end_share, grants_of, share_profiles
from orgs.services.proposals import (
    accept_partnership,
    ask_for_access,
    decline_partnership,
    invite_partner,
    shares_of,
    withdraw_proposal,
)
from permissions.catalogue import Scope
from permissions.scopes import tables_of
from permissions.services import InvalidWindow, NotAMember
from tenancy.context import organization_open

VIEW = "organization.view_partners"
ASSIGN = "organization.assign_partner_profiles"


class PartnershipView(GuardedAPIView):
    tag = "Partners"
    any_action: ClassVar[tuple[str, ...]] = (VIEW, ASSIGN)
    mendable = (InvalidWindow, NotAMember)

    def partnerships(self) -> QuerySet[Partnership]:
        """Return what this company has with others, on either side."""
        here = self.organization
        rows: QuerySet[Partnership] = Partnership.objects.filter(Q(organization=here) | Q(partner=here))
        return rows.select_related("organization", "partner", "proposed_by")

    def partnership(self, pk: int) -> Partnership:
        row = self.partnerships().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def as_brand(self, pk: int) -> Partnership:
        """Return a partnership in which the profiles are ours."""
        row = self.partnership(pk)
        if row.organization_id != self.organization.pk:
            raise Http404
        return row

    def rows(self, partnerships: Sequence[Partnership]) -> list[PartnerRow]:
        return partner_rows(partnerships, self.organization, timezone.now())


class PartnerList(PartnershipView):
    @operation("List partners and proposals", pages=PartnerSerializer)
    def get(self) -> Page:
        return self.page(self.partnerships(), shown=self.rows)

    @operation(
        "Offer a company roles on profiles, or ask it for some",
        description="Nothing is shared before the other company has accepted.",
        takes=NewPartnerSerializer,
        answers=PartnerSerializer,
        status=201,
    )
    def post(self) -> PartnerRow:
        given: dict[str, Any] = {
            "actor": self.access,
            "organization": self.organization,
            "public_id": self.given["public_id"],
            "message": self.given["message"],
            "now": timezone.now(),
        }
        asked = self.given["shares"]
        shares = [Share(**share) for share in asked]
        if self.given["is_request"]:
            wishes = [Share(**(share | {"profile": None})) for share in asked]  # who asks knows none of them
            made = ask_for_access(wishes=wishes, **given)
        else:
            made = invite_partner(shares=shares, **given)
        return self.rows([self.partnership(made.pk)])[0]


class PartnerDetail(PartnershipView):
    @operation("Read a partner or proposal", answers=PartnerSerializer)
    def get(self, pk: int) -> PartnerRow:
        return self.rows([self.partnership(pk)])[0]

    @operation(
        "End a partnership, or take a proposal back",
        query=ReasonSerializer,
    )
    def delete(self, pk: int) -> None:
        row, now = self.partnership(pk), timezone.now()
        if row.is_active:
            end_partnership(actor=self.access, partnership=row, now=now, reason=self.query["reason"])
        else:
            withdraw_proposal(actor=self.access, partnership=row, now=now)


class PartnerAnswer(PartnershipView):
    """Accepting is making an answer; declining is deleting what was proposed."""

    action = "organization.answer_partner_requests"
    any_action = ()

    @operation(
        "Accept what was proposed, or less",
        description="Without `shares` all of it; a company that asks leaves the profiles to you.",
        takes=AcceptSerializer,
        answers=PartnerSerializer,
    )
    def put(self, pk: int) -> PartnerRow:
        row = self.partnership(pk)
        shares = [Share(**share) for share in self.given["shares"] or ()]
        if not shares:
            with organization_open(row.organization_id):
                shares = shares_of(row)
        if any(share.profile is None for share in shares):
            detail = _("Say which profiles are shared.")
            raise Problem(422, detail, errors=[FieldError("/shares", detail)])
        accept_partnership(actor=self.access, partnership=row, shares=shares, now=timezone.now())
        return self.rows([self.partnership(pk)])[0]

    @operation("Decline what was proposed")
    def delete(self, pk: int) -> None:
        decline_partnership(actor=self.access, partnership=self.partnership(pk), now=timezone.now())


class PartnerProfiles(PartnershipView):
    @operation("List what is shared, and who at the partner works on it", lists=SharedProfileSerializer)
    def get(self, pk: int) -> list[Any]:
        row = self.partnership(pk)
        with organization_open(row.organization_id):
            return shared_profiles(row, timezone.now())


class PartnerProfile(PartnershipView):
    """One of our profiles with a partner: shared, shared otherwise, or no longer."""

    action = "organization.manage_partners"
    any_action = ()

    @operation("Share a profile with a partner, or change the role it has there", takes=ShareSerializer)
    def put(self, pk: int, profile: int) -> None:
        found = tables_of(Scope.PROFILE).model._default_manager.filter(pk=profile).first()
        if found is None or not self.access.sees(found):
            raise Http404
        given = dict(self.given)
        reason = given.pop("reason")
        share_profiles(
            actor=self.access,
            partnership=self.as_brand(pk),
            shares=[Share(profile=found, **given)],
            now=timezone.now(),
            reason=reason,
        )

    @operation("Stop sharing a profile with a partner", query=ReasonSerializer)
    def delete(self, pk: int, profile: int) -> None:
        row = self.as_brand(pk)
        grant = grants_of(row).filter(content_object=profile).first()
        if grant is None:
            raise Http404
        end_share(
            actor=self.access,
            partnership=row,
            grant=grant,
            now=timezone.now(),
            reason=self.query["reason"],
        )


class AssigningView(PartnershipView):
    """What a partner hands on to its own people; asked in the partner's organization."""

    action = ASSIGN
    any_action = ()

    def as_partner(self, pk: int) -> Partnership:
        """Return a partnership in which we are the partner."""
        row = self.partnership(pk)
        if row.partner_id != self.organization.pk:
            raise Http404
        return row


class PartnerAssignments(AssigningView):
    @operation("Hand profiles that are shared with you to your people", takes=AssignSerializer)
    def post(self, pk: int) -> None:
        row, given = self.as_partner(pk), self.given
        with organization_open(row.organization_id):
            grants = list(grants_of(row).filter(content_object__in=given["profiles"]))
        if len(grants) != len(set(given["profiles"])):
            raise Http404
        assign_profiles(
            actor=self.access,
            partnership=row,
            people=given["members"],
            grants=grants,
            role=given["role"],
            starts_at=given["starts_at"],
            expires_at=given["expires_at"],
            reason=given["reason"],
            now=timezone.now(),
        )


class PartnerAssignment(AssigningView):
    @operation("Take a profile back from one of your people", query=ReasonSerializer)
    def delete(self, pk: int, assignment: int) -> None:
        row = self.as_partner(pk)
        table: Any = tables_of(Scope.PROFILE).assignments
        with organization_open(row.organization_id):
            found = list(table.objects.filter(pk=assignment, grant__partnership=row))
        if not found:
            raise Http404
        end_assignments(
            actor=self.access,
            partnership=row,
            assignments=found,
            now=timezone.now(),
            reason=self.query["reason"],
        )
