"""Partners of one organization: with whom its profiles are shared, and to whom there they are handed (R8)."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group

from accounts.models import User
from orgs.models import Membership, Organization, Partnership
from orgs.services.proposals import ANSWER_HOLDS
from permissions.catalogue import Scope
from social_accounts.access_file.rows import sync
from social_accounts.access_file.state import FileRefused, Held, PartnerState, Problem
from social_accounts.models import ProfileAssignment, ProfileGroupGrant
from tenancy.context import organization_open

if TYPE_CHECKING:
    from social_accounts.access_file.organization import OrganizationChange

OPEN = (Partnership.Status.ACTIVE, Partnership.Status.INVITED, Partnership.Status.REQUESTED)


class PartnersChange:
    """Makes the partnerships of the open, locked organization those of the file. Raises FileRefused."""

    def __init__(self, change: OrganizationChange) -> None:
        self.change = change
        self.now: datetime = change.now
        self.organization: Organization = change.organization
        self.rows = {
            row.partner.slug: row
            for row in Partnership.objects.filter(
                organization=self.organization, status__in=OPEN
            ).select_related("partner")
        }

    def make(self) -> None:
        wanted = self.change.wanted.partners
        for slug, row in self.rows.items():
            # What the other asked for is his to withdraw: no file can say it, so leaving it out says nothing.
            if slug not in wanted and row.status != Partnership.Status.REQUESTED:
                self.end(row)
        running = {slug: self.running(partner) for slug, partner in wanted.items() if partner.is_active}
        for partner in wanted.values():
            if not partner.is_active:
                self.invite(partner)
        self.make_grants(running)
        self.make_assignments(running)

    def end(self, row: Partnership) -> None:
        ProfileGroupGrant.objects.filter(partnership=row).delete()
        was_active = row.is_active
        row.status = Partnership.Status.ENDED if was_active else Partnership.Status.WITHDRAWN
        row.ended_at = self.now
        row.save(update_fields=["status", "ended_at"])

    def running(self, partner: PartnerState) -> Partnership:
        row = self.rows.get(partner.organization) or self.new(partner, Partnership.Status.ACTIVE)
        if not row.is_active:
            row.status, row.answered_at, row.offer = Partnership.Status.ACTIVE, self.now, []
            row.save(update_fields=["status", "answered_at", "offer"])
        return row

    def invite(self, partner: PartnerState) -> None:
        row = self.rows.get(partner.organization)
        if row is not None and row.is_active:
            raise FileRefused(
                Problem(partner.line, f"{partner.organization} has accepted already: it can only be ended.")
            )
        row = row or self.new(partner, Partnership.Status.INVITED)
        offer = [self.offered(slug, held) for slug, held in partner.grants.items()]
        if row.offer != offer or row.status != Partnership.Status.INVITED:
            row.offer, row.status = offer, Partnership.Status.INVITED
            row.save(update_fields=["offer", "status"])

    def offered(self, profile: str, held: Held) -> dict[str, Any]:
        return {
            "profile": self.change.profiles[profile].pk,
            "permission": self.change.role(held, Scope.PROFILE)[0],
            "starts_at": held.starts.isoformat() if held.starts else None,
            "expires_at": held.expires.isoformat() if held.expires else None,
        }

    def new(self, partner: PartnerState, status: str) -> Partnership:
        company = Organization.objects.filter(slug=partner.organization).first()
        if company is None:
            raise FileRefused(Problem(partner.line, f"there is no organization “{partner.organization}”."))
        row: Partnership = Partnership.objects.create(
            organization=self.organization,
            partner=company,
            status=status,
            people_group=Group.objects.create(name=f"partner:{uuid.uuid4()}#people"),
            proposed_at=self.now,
            answer_by=self.now + ANSWER_HOLDS,
            answered_at=self.now if status == Partnership.Status.ACTIVE else None,
        )
        return row

    def make_grants(self, running: dict[str, Partnership]) -> None:
        existing = {
            (row.partnership_id, row.content_object_id): row
            for row in ProfileGroupGrant.objects.filter(partnership__isnull=False)
        }
        wanted: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        for slug, row in running.items():
            for profile, held in self.change.wanted.partners[slug].grants.items():
                pk = self.change.profiles[profile].pk
                columns = {"partnership_id": row.pk, "group_id": row.people_group_id}
                columns |= {
                    "content_object_id": pk,
                    "permission_id": self.change.role(held, Scope.PROFILE)[0],
                }
                wanted[row.pk, pk] = (held, columns)
        sync(ProfileGroupGrant, existing, wanted, self.now, self.change.giver)

    def make_assignments(self, running: dict[str, Partnership]) -> None:
        grants = {
            (row.partnership_id, row.content_object_id): row.pk
            for row in ProfileGroupGrant.objects.filter(partnership__isnull=False)
        }
        existing = {(row.grant_id, row.user_id): row for row in ProfileAssignment.objects.all()}
        wanted: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        for slug, row in running.items():
            assignments = self.change.wanted.partners[slug].assignments
            people = self.people_of(row, {email: held.line for (email, _), held in assignments.items()})
            for (email, profile), held in assignments.items():
                grant, user = grants[row.pk, self.change.profiles[profile].pk], people[email].pk
                columns = {"grant_id": grant, "user_id": user}
                columns["permission_id"] = self.change.role(held, Scope.PROFILE)[0]
                wanted[grant, user] = (held, columns)
        sync(ProfileAssignment, existing, wanted, self.now, self.change.giver)

    def people_of(self, partnership: Partnership, lines: dict[str, int]) -> dict[str, User]:
        """Return the partner's people by e-mail address; whom the file makes one of them counts already."""
        found: dict[str, User] = {}
        if partnership.partner.slug in self.change.named:  # reading has looked at who is in it
            found = {email: user for email, user in self.change.users.items() if email in lines}
        else:
            with organization_open(partnership.partner_id):
                members = Membership.objects.filter(user__email__in=list(lines)).select_related("user")
                found = {member.user.email: member.user for member in members}
        if strangers := [email for email in lines if email not in found]:
            problems = [
                Problem(lines[email], f"“{email}” is not among the people of {partnership.partner.slug}.")
                for email in strangers
            ]
            raise FileRefused(*problems)
        return found
