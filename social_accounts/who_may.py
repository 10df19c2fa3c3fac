"""Who may do what on one profile: its people, its teams, and its partners with whom they handed it on to (P9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from accounts.models import User
from orgs.models import Organization
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.checker import people_who_may
from permissions.roles import RoleFacts, roles_by_permission
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, SocialProfile
from social_accounts.selectors import people_on


@dataclass(frozen=True)
class Handed:
    """One of a partner's people, and the role the partner handed on to him. It counts as far as it was granted (R8)."""

    person: User
    role: RoleFacts
    assignment: ProfileAssignment


@dataclass(frozen=True)
class PartnerLine:
    """A company the profile is shared with."""

    partner: Organization
    partnership_id: int
    is_active: bool
    role: RoleFacts
    link: ProfileGroupGrant
    handed: Sequence[Handed]


def partner_lines(profile: SocialProfile, now: datetime) -> list[PartnerLine]:
    """Return the partners of a profile by name, in three queries."""
    links = list(
        ProfileGroupGrant.objects.not_over(now)
        .filter(content_object=profile, partnership__isnull=False)
        .select_related("partnership__partner", "granted_by")
        .order_by("partnership__partner__name")
    )
    assignments = list(
        ProfileAssignment.objects.not_over(now)
        .filter(grant__in=links)
        .select_related("user", "granted_by")
        .order_by("user__name", "pk")
    )
    roles = roles_by_permission({row.permission_id for row in (*links, *assignments)})
    handed: dict[int, list[Handed]] = {}
    for row in assignments:
        handed.setdefault(row.grant_id, []).append(Handed(row.user, roles[row.permission_id], row))
    return [
        PartnerLine(
            link.partnership.partner,
            link.partnership_id,
            link.partnership.is_active,
            roles[link.permission_id],
            link,
            handed.get(link.pk, ()),
        )
        for link in links
    ]


def people_of_partners(profile: SocialProfile, now: datetime) -> QuerySet[User]:
    """Return the partners' people the profile was handed on to."""
    rows = ProfileAssignment.objects.not_over(now).filter(grant__content_object=profile)
    people: QuerySet[User] = get_user_model().objects.filter(pk__in=rows.values("user"))
    return people


def people_who(profile: SocialProfile, action: str, now: datetime, *, matching: str = "") -> list[User]:
    """Return everybody who may do the action on the profile now, members and partners' people, by name."""
    candidates = {person.pk: person for person in people_on(profile, now, matching=matching)}
    wanted = matching.casefold()
    for person in people_of_partners(profile, now):
        if wanted in f"{person.name} {person.email}".casefold():
            candidates.setdefault(person.pk, person)
    found = people_who_may(
        action, profile, among=list(candidates.values()), organization_id=profile.organization_id, at=now
    )
    return sorted(found, key=lambda person: (person.name, person.pk))


def actions_to_ask_about() -> list[tuple[str, list[Action]]]:
    """Return the actions on profiles that are built, by area, for "who may ...?"."""
    by_area: dict[str, list[Action]] = {}
    for action in catalogue.of_scope(Scope.PROFILE):
        if action.is_available:
            by_area.setdefault(str(action.area.label), []).append(action)
    return list(by_area.items())
