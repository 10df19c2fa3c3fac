"""How people stand to an organization: as members, as a partner's people, or as the vendor's staff on a visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.models import Membership, Organization, Partnership, SupportSession
from permissions.catalogue import Scope
from permissions.explanation import local_moment
from permissions.scopes import Affiliation, Standing, SupportVisit, tables_of
from tenancy.context import organization_open, unscoped


def standings(organization_id: int, user_ids: Collection[int]) -> Mapping[int, Standing]:
    """Return how these people stand to the organization: members, or staff with a session, or a partner's people.

    One query where all of them are members.
    """
    found = _members(organization_id, user_ids)
    strangers = set(user_ids) - found.keys()
    if strangers:
        staff, partners = _staff(organization_id, strangers), _partners_people(organization_id, strangers)
        both = {
            user_id: replace(partners[user_id], visit=staff[user_id].visit)
            for user_id in staff.keys() & partners
        }
        found |= {**staff, **partners, **both}
    return found


def _staff(organization_id: int, user_ids: Collection[int]) -> dict[int, Standing]:
    """R10: whose session stands open, as long as the organization allows it and he is still staff of that kind."""
    sessions = SupportSession.objects.filter(
        organization=organization_id,
        organization__allows_support=True,
        user__in=user_ids,
        user__support_role=F("kind"),
        ended_at=None,
    ).select_related("organization")
    return {
        session.user_id: _visitor(
            session.organization.two_factor,
            visit=SupportVisit(
                session_id=session.pk,
                kind=session.kind,
                ticket=session.ticket,
                reason=session.reason,
                starts_at=session.starts_at,
                expires_at=session.expires_at,
            ),
        )
        for session in sessions
    }


def _partners_people(organization_id: int, user_ids: Collection[int]) -> dict[int, Standing]:
    """R8: the members of active partners, suspended ones as well: their affiliation says so."""
    partnerships = {
        row.partner_id: row
        for row in Partnership.objects.active()
        .filter(organization=organization_id)
        .select_related("partner", "organization")
    }
    if not partnerships or not user_ids:
        return {}
    with unscoped():  # the partners' people are members of other tenants; only who, whether and when is read
        rows = list(
            Membership.objects.filter(organization__in=partnerships, user__in=user_ids)
            .order_by("organization")
            .values_list("user_id", "organization_id", "status", "starts_at", "expires_at")
        )
    places: defaultdict[int, list[Affiliation]] = defaultdict(list)
    for user_id, partner_id, status, starts_at, expires_at in rows:
        partnership = partnerships[partner_id]
        places[user_id].append(
            Affiliation(
                partnership_id=partnership.pk,
                partner=partnership.partner.name,
                is_active=status == Membership.Status.ACTIVE,
                starts_at=starts_at,
                expires_at=expires_at,
            )
        )
    two_factor = next(iter(partnerships.values())).organization.two_factor
    return {
        user_id: _visitor(two_factor, affiliations=tuple(affiliations))
        for user_id, affiliations in places.items()
    }


def _visitor(
    two_factor: str, *, affiliations: tuple[Affiliation, ...] = (), visit: SupportVisit | None = None
) -> Standing:
    return Standing(
        is_active=True,
        starts_at=None,
        expires_at=None,
        two_factor=two_factor,
        workspace_ids=None,
        affiliations=affiliations,
        visit=visit,
    )


def _members(organization_id: int, user_ids: Collection[int]) -> dict[int, Standing]:
    """Return what the members' table says of these people: one query, one row per person and listed workspace."""
    rows = (
        Membership.objects.filter(user__in=user_ids, organization_id=organization_id)
        .annotate(workspace=F("workspace_accesses__workspace"), two_factor=F("organization__two_factor"))
        .values_list(
            "user_id",
            "status",
            "starts_at",
            "expires_at",
            "reaches_all_workspaces",
            "two_factor",
            "workspace",
        )
    )
    listed: defaultdict[int, set[int]] = defaultdict(set)
    found = {}
    for user_id, status, starts_at, expires_at, reaches_all, two_factor, workspace_id in rows:
        if workspace_id is not None:
            listed[user_id].add(workspace_id)
        found[user_id] = (status, starts_at, expires_at, reaches_all, two_factor)
    return {
        user_id: Standing(
            is_active=status == Membership.Status.ACTIVE,
            starts_at=starts_at,
            expires_at=expires_at,
            two_factor=two_factor,
            workspace_ids=None if reaches_all else frozenset(listed[user_id]),
        )
        for user_id, (status, starts_at, expires_at, reaches_all, two_factor) in found.items()
    }


def people_with_standing(organization_id: int) -> list[User]:
    """Return everybody who may have a right here: members, staff on a visit, and whom a partner's profile is assigned.

    ``people_who_may(..., among=people_with_standing(...))`` is everybody who may. The organization must be open.
    """
    assignments = tables_of(Scope.PROFILE).assignments
    assert assignments is not None
    members = Membership.objects.filter(organization=organization_id)
    sessions = SupportSession.objects.filter(organization=organization_id, ended_at=None)
    assigned = assignments.objects.filter(organization=organization_id)
    somehow = Q(pk__in=members.values("user")) | Q(pk__in=sessions.values("user"))
    return list(User.objects.filter(somehow | Q(pk__in=assigned.values("user"))).order_by("name", "pk"))


def partners_of(organization_id: int) -> list[int]:
    """Return the ids of the organizations that are active partners of this one."""
    active = Partnership.objects.active().filter(organization=organization_id)
    return list(active.values_list("partner_id", flat=True))


def nearly_standing(organization_id: int, user_id: int) -> list[tuple[str, str]]:
    """Return, for somebody without a standing, what would give him one if it held: a title and a sentence for each."""
    with organization_open(organization_id):
        return _nearly_standing(Organization.objects.get(pk=organization_id), user_id)


def _nearly_standing(organization: Organization, user_id: int) -> list[tuple[str, str]]:
    found = []
    session = (
        SupportSession.objects.filter(organization=organization, user=user_id).order_by("-starts_at").first()
    )
    if session is not None:
        about = {"ticket": session.ticket, "moment": local_moment(session.ended_at or session.expires_at)}
        detail = _("It was opened for the ticket %(ticket)s and ended %(moment)s.") % about
        if not organization.allows_support:
            detail = _("The organization does not allow the support staff to sign in.")
        found.append((_("No support session is open"), detail))
    partnerships = Partnership.objects.filter(organization=organization).select_related("partner")
    partnerships = partnerships.exclude(status=Partnership.Status.ACTIVE)
    with unscoped():  # whether he belongs to one of the companies lies in their tenants
        memberships = Membership.objects.filter(user=user_id, organization__in=partnerships.values("partner"))
        companies = set(memberships.values_list("organization_id", flat=True))
    for partnership in partnerships.order_by("-proposed_at"):
        if partnership.partner_id in companies:
            companies.discard(partnership.partner_id)  # the newest one with each of them
            found.append(_about(partnership))
    return found


def _about(partnership: Partnership) -> tuple[str, str]:
    partner = {"partner": partnership.partner}
    if partnership.status == Partnership.Status.ENDED:
        title = _("The partnership with %(partner)s has ended") % partner
        if partnership.ended_at is None:
            return title, _("What was shared ended with it.")
        ended = {"moment": local_moment(partnership.ended_at)}
        return title, _("It ended %(moment)s, and all that was shared with it.") % ended
    if partnership.status in (Partnership.Status.INVITED, Partnership.Status.REQUESTED):
        return (
            _("The partnership with %(partner)s has not begun") % partner,
            _("It begins when the other side accepts it."),
        )
    return (
        _("There is no partnership with %(partner)s") % partner,
        _("It was offered or asked for, and not accepted."),
    )
