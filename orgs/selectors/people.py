"""Who belongs where, and whom to ask."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from orgs.models import Membership, Organization, OrganizationUserGrant
from permissions.checker import people_who_may
from permissions.models import Role
from permissions.roles import builtin_roles


def organizations_of(user_id: int) -> list[Organization]:
    """Return the organizations a person is an active member of, for the switcher."""
    from django.utils import timezone

    from tenancy.context import unscoped

    with unscoped():  # a person's own memberships lie across tenants
        ids = list(
            Membership.objects.live(timezone.now())
            .filter(user=user_id)
            .values_list("organization", flat=True)
        )
    return list(Organization.objects.filter(pk__in=ids).order_by("name"))


def people_holding(action: str, organization: Organization) -> list[User]:
    """Return who may do an action of the organization now, the owner first: by role, so however many members it has."""
    now = timezone.now()
    able = [pk for pk, role in builtin_roles().items() if action in role.actions]
    own = Role.objects.filter(organization=organization, actions__contains=[action]).values("permission")
    grants = (
        OrganizationUserGrant.objects.live(now)
        .filter(Q(permission__in=able) | Q(permission__in=own), content_object=organization)
        .select_related("user")
        .order_by("-is_owner", "granted_at", "pk")
    )
    people = [grant.user for grant in grants]
    return people_who_may(action, organization, among=people, organization_id=organization.pk, at=now)


def people_to_ask(organization: Organization) -> list[str]:
    """Return the names of up to three people who manage access here, the owner first."""
    managing = [
        pk for pk, role in builtin_roles().items() if "organization.edit_member_permissions" in role.actions
    ]
    grants = (
        OrganizationUserGrant.objects.filter(content_object=organization, permission__in=managing)
        .select_related("user")
        .order_by("-is_owner", "granted_at")[:3]
    )
    return [str(grant.user) for grant in grants]
