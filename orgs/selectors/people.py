"""Who belongs where, and whom to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import F

from orgs.models import Membership, Organization, OrganizationUserGrant
from permissions.scopes import Standing


def standings(organization_id: int, user_ids: Collection[int]) -> Mapping[int, Standing]:
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


def people_to_ask(organization: Organization) -> list[str]:
    """Return the names of up to three people who manage access here, the owner first."""
    from permissions.roles import builtin_roles

    managing = [
        pk for pk, role in builtin_roles().items() if "organization.edit_member_permissions" in role.actions
    ]
    grants = (
        OrganizationUserGrant.objects.filter(content_object=organization, permission__in=managing)
        .select_related("user")
        .order_by("-is_owner", "granted_at")[:3]
    )
    return [str(grant.user) for grant in grants]
