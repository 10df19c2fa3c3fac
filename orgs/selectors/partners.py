"""Partners as their pages show them: to the brand, whose profiles are shared, and to the company that works on them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import AuditEvent
from notifications.models import Notification
from orgs.models import Membership, Organization, Partnership
from orgs.models.organizations import MembershipQuerySet
from orgs.selectors.people import people_holding
from permissions.catalogue import Scope
from permissions.checker import Access, load_accesses
from permissions.giving import ASSIGNING_ACTION
from permissions.roles import RoleFacts, builtin_roles, roles_by_permission, roles_offered
from permissions.scopes import tables_of
from tenancy.context import open_organization_id, organization_open, unscoped

OPEN = (Partnership.Status.INVITED, Partnership.Status.REQUESTED)
LIVE, LATER, OVER = "live", "later", "over"
PEOPLE_TO_ASK = 3
CLOSED = (Partnership.Status.DECLINED, Partnership.Status.WITHDRAWN, Partnership.Status.ENDED)


@dataclass(frozen=True)
class PartnerRow:
    """One company as the other lists it. ``is_ours``: the profiles are ours, its people work on them."""

    partnership: Partnership
    other: Organization
    is_ours: bool
    profile_count: int = 0
    people_count: int = 0
    has_run_out: bool = False


def waiting_for(organization: Organization, now: datetime) -> QuerySet[Partnership]:
    """Return what other companies have proposed to this one and it has not answered."""
    rows: QuerySet[Partnership] = Partnership.objects.waiting(now).filter(
        Q(status=Partnership.Status.INVITED, partner=organization)
        | Q(status=Partnership.Status.REQUESTED, organization=organization)
    )
    return rows


def proposed_by(organization: Organization) -> QuerySet[Partnership]:
    """Return what this company has proposed and not been answered, also what has run out meanwhile."""
    rows: QuerySet[Partnership] = Partnership.objects.filter(
        Q(status=Partnership.Status.INVITED, organization=organization)
        | Q(status=Partnership.Status.REQUESTED, partner=organization)
    )
    return rows


def partner_rows(
    partnerships: Iterable[Partnership], organization: Organization, now: datetime
) -> list[PartnerRow]:
    """Return the lines of a list, in a number of queries that does not grow with it."""
    found = list(partnerships)
    grants, assignments = _tables()
    ids = [partnership.pk for partnership in found if partnership.is_active]
    profiles: Counter[int] = Counter()
    people: dict[int, set[int]] = defaultdict(set)
    if ids:
        with (
            unscoped()
        ):  # the grants are the brands' rows; every partnership asked about is this company's as well
            profiles.update(
                grants.objects.not_over(now).filter(partnership__in=ids).values_list("partnership", flat=True)
            )
            pairs = assignments.objects.not_over(now).filter(grant__partnership__in=ids)
            for partnership, user in pairs.values_list("grant__partnership", "user"):
                people[partnership].add(user)
    return [
        PartnerRow(
            partnership=partnership,
            other=partnership.partner
            if partnership.organization_id == organization.pk
            else partnership.organization,
            is_ours=partnership.organization_id == organization.pk,
            profile_count=profiles[partnership.pk],
            people_count=len(people[partnership.pk]),
            has_run_out=partnership.answer_by <= now,
        )
        for partnership in found
    ]


@dataclass(frozen=True)
class AssignedPerson:
    """One of the partner's people on one profile. ``counts``: he has something by it now (R8)."""

    assignment: Any
    person: User
    role: RoleFacts
    granted: RoleFacts
    counts: bool
    is_less: bool  # what counts is less than the role he was assigned
    state: str  # live, later or over: the window of the assignment

    @property
    def told(self) -> str:
        """Say what counts: the intersection of what was granted and what was assigned (R8)."""
        roles = {"role": self.role.label, "granted": self.granted.label}
        if self.state == LATER:
            return _("%(role)s, not yet.") % roles
        if self.state == OVER:
            return _("%(role)s, until a while ago.") % roles
        if not self.counts:
            return _("%(role)s was assigned, but counts for nothing now.") % roles
        if self.is_less:
            return (
                _("%(role)s was assigned; it counts only as far as %(granted)s, which is what is shared.")
                % roles
            )
        return self.role.label


@dataclass(frozen=True)
class SharedProfile:
    """One profile that is shared with a partner, and who there works on it."""

    grant: Any
    profile: Model
    role: RoleFacts
    state: str  # live, later or over
    people: Sequence[AssignedPerson]


def shared_profiles(partnership: Partnership, now: datetime) -> list[SharedProfile]:
    """Return what is shared with the partner, and what counts for each of its people. The brand must be open."""
    grants_table, assignments_table = _tables()
    grants = list(
        grants_table.objects.filter(partnership=partnership)
        .select_related("content_object")
        .order_by("content_object__name", "pk")
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    assignments = assignments_table.objects.filter(grant__in=grants).select_related("user")
    for assignment in assignments.order_by("user__name", "pk"):
        rows[assignment.grant_id].append(assignment)
    everybody = {one.user for found in rows.values() for one in found}
    accesses = load_accesses(users=everybody, organization_id=partnership.organization_id, at=now)
    roles = roles_by_permission(
        {one.permission_id for one in grants} | {a.permission_id for found in rows.values() for a in found}
    )
    return [
        SharedProfile(
            grant=grant,
            profile=grant.content_object,
            role=roles[grant.permission_id],
            state=_state(grant, now),
            people=[
                _person(one, grant, roles, accesses[one.user_id])
                for one in rows[grant.pk]
                if one.permission_id in roles
            ],
        )
        for grant in grants
    ]


def _person(assignment: Any, grant: Any, roles: Mapping[int, RoleFacts], access: Access) -> AssignedPerson:
    role, granted = roles[assignment.permission_id], roles[grant.permission_id]
    is_stopped = access.miss_before_scope() is not None
    return AssignedPerson(
        assignment=assignment,
        person=assignment.user,
        role=role,
        granted=granted,
        counts=not is_stopped and any(source.role.actions for source in access.sources(grant.content_object)),
        is_less=not role.actions <= granted.actions,
        state=_state(assignment, access.at),
    )


def assignable_roles(partnership: Partnership, granted: Iterable[RoleFacts]) -> list[RoleFacts]:
    """Return the roles of which the partner may give its people one: the brand's, none beyond what it shared.

    The brand must be open.
    """
    packs = partnership.organization.packs
    offered = roles_offered(packs=packs, organization_id=partnership.organization_id, scope=Scope.PROFILE)
    shared = list(granted)
    builtin = builtin_roles()
    own = {role.permission_id for role in shared}
    return [
        role
        for role in offered
        if not role.is_none
        and any(role.actions <= wider.actions for wider in shared)
        # of the brand's own roles its partner is told only those that were shared with it
        and (role.permission_id in builtin or role.permission_id in own)
    ]


def people_to_assign(text: str = "") -> QuerySet[User]:
    """Return the open organization's members by name."""
    people: QuerySet[User] = get_user_model().objects.filter(
        pk__in=Membership.objects.filter(status=Membership.Status.ACTIVE).values("user"), is_active=True
    )
    if text:
        people = people.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return people.order_by("name", "pk")


def history_of(partnership: Partnership) -> QuerySet[AuditEvent]:
    """Return what the open organization's log has about the partnership, newest first."""
    return AuditEvent.objects.filter(
        object_type=partnership._meta.label_lower, object_id=str(partnership.pk)
    ).order_by("-sequence")


def partners_people_among(emails: Collection[str]) -> dict[str, str]:
    """Return which of the addresses belong to a member of a partner, each with the partner's name (P8)."""
    here = open_organization_id()
    partners = {
        other.pk: other.name
        for row in Partnership.objects.active().select_related("organization", "partner")
        for other in (row.organization, row.partner)
        if other.pk != here
    }
    if not partners:
        return {}
    people = {email: pk for pk, email in User.objects.filter(email__in=emails).values_list("pk", "email")}
    others = EmailAddress.objects.filter(email__in=emails, verified=True).values_list("email", "user")
    people = {**dict(others), **people}
    with unscoped():  # the partners' members lie in their tenants; only whose address it is gets told
        rows = Membership.objects.filter(user__in=people.values(), organization__in=partners)
        company = dict(rows.values_list("user", "organization"))
    return {email: partners[company[pk]] for email, pk in people.items() if pk in company}


@dataclass(frozen=True)
class Places:
    """Where a person can go: to the organizations he belongs to, and to those whose profiles are shared with him.

    ``unread``: how much he was told in them and has not read.
    """

    own: Sequence[Organization]
    shared: Sequence[Organization]
    unread: int = 0

    @property
    def all(self) -> list[Organization]:
        return [*self.own, *self.shared]


def places_of(user_id: int) -> Places:
    """Return the organizations for the switcher (P10): his own, and those a partner of his has assigned him to."""
    now = timezone.now()
    with unscoped():  # a person's own memberships and assignments lie across tenants
        memberships = Membership.objects.filter(user=user_id)
        living = memberships.live(now).select_related("organization").order_by("organization__name")
        own = [membership.organization for membership in living]
        shared = _shared_with(user_id, memberships, now)
        unread = Notification.objects.unread_by(user_id).filter(organization__in=[*own, *shared]).count()
    return Places(own, shared, unread)


def _shared_with(user_id: int, memberships: MembershipQuerySet, now: datetime) -> list[Organization]:
    _grants, assignments = _tables()
    if not assignments.objects.filter(user=user_id).exists():
        return []  # nearly everybody, on every page
    assigned = (
        assignments.objects.live(now)
        .filter(
            Q(grant__starts_at=None) | Q(grant__starts_at__lte=now),
            Q(grant__expires_at=None) | Q(grant__expires_at__gt=now),
            user=user_id,
            grant__partnership__status=Partnership.Status.ACTIVE,
            grant__partnership__partner__in=memberships.live(now).values("organization"),
        )
        .exclude(organization__in=memberships.values("organization"))
    )
    return list(Organization.objects.filter(pk__in=assigned.values("organization")).order_by("name"))


def count_waiting(organization: Organization, now: datetime) -> int:
    return waiting_for(organization, now).count()


@dataclass(frozen=True)
class AssignedProfile:
    """One profile of the open organization that was assigned to a partner's person."""

    profile: Any
    partner: str
    granted: RoleFacts
    assigned: RoleFacts
    state: str  # live, later or over
    starts_at: datetime | None
    expires_at: datetime | None

    @property
    def is_less(self) -> bool:
        return not self.assigned.actions <= self.granted.actions


def assigned_profiles(access: Access) -> list[AssignedProfile]:
    """Return what is assigned to a partner's person here, for his own page; windows are those of both together."""
    places, pairs = access.affiliations(), access.snapshot.through_partners
    profiles = tables_of(Scope.PROFILE).model._default_manager.in_bulk(list(pairs))
    return [
        AssignedProfile(
            profile=profiles[pk],
            partner=places[pair.partnership_id].partner,
            granted=pair.granted.role,
            assigned=pair.assigned.role,
            state=LIVE if pair.is_live(access.at) else _state(pair.assigned, access.at),
            starts_at=max((one.starts_at for one in pair.grants if one.starts_at), default=None),
            expires_at=min((one.expires_at for one in pair.grants if one.expires_at), default=None),
        )
        for pk, found in pairs.items()
        for pair in found
        if pair.partnership_id in places and pk in profiles
    ]


def colleagues_to_ask(access: Access) -> list[str]:
    """Return the names of up to three people of his own company whom a partner's person may ask for more (P7)."""
    rows = Partnership.objects.filter(pk__in=access.affiliations()).select_related("partner")
    names: list[str] = []
    for partnership in rows:
        with organization_open(partnership.partner_id):
            able = people_holding(ASSIGNING_ACTION, partnership.partner)
        names += [str(person) for person in able if person.pk != access.user.pk]
    return names[:PEOPLE_TO_ASK]


def _tables() -> tuple[Any, Any]:
    tables = tables_of(Scope.PROFILE)
    assert tables.group_grants is not None and tables.assignments is not None
    return tables.group_grants, tables.assignments


def _state(grant: Any, now: datetime) -> str:
    if grant.expires_at is not None and grant.expires_at <= now:
        return OVER
    return LIVE if grant.starts_at is None or grant.starts_at <= now else LATER
