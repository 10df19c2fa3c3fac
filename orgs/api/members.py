from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from api.fields import ReasonSerializer
from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from orgs.api.serializers import (
    MemberDetailSerializer,
    MemberQuery,
    MemberSerializer,
    NewRoleSerializer,
    ReachSerializer,
)
from orgs.models import Membership
from orgs.selectors.members import member_rows, memberships_found, three_levels
from orgs.services import members as services
from orgs.services.workspaces import set_workspaces
from permissions.checker import load_access
from permissions.services import NotAMember


class MemberList(GuardedAPIView):
    tag = "Members"
    action = "organization.view_members"

    @operation("List the members", query=MemberQuery, pages=MemberSerializer)
    def get(self) -> Page:
        asked = self.query
        found = memberships_found(
            text=asked["q"],
            permission=str(asked["role"].permission_id) if asked["role"] else "",
            status=asked["status"],
            team=str(asked["team"] or ""),
        )
        return self.page(found, shown=member_rows)


class MemberView(GuardedAPIView):
    """An endpoint about one member of this organization."""

    tag = "Members"
    mendable = (NotAMember,)

    def membership(self, pk: int) -> Membership:
        return get_object_or_404(Membership.objects.select_related("user", "invited_by"), pk=pk)

    def shown(self, pk: int) -> dict[str, Any]:
        """Return the member as ``MemberDetailSerializer`` writes him."""
        membership, now = self.membership(pk), timezone.now()
        access = load_access(user=membership.user, organization_id=self.organization.pk, at=now)
        levels = three_levels(member=access, viewer=self.access, now=now)
        (row,) = member_rows([membership])
        return {
            "membership": membership,
            "role": row.role,
            "teams": row.teams,
            "workspaces": [
                listed.workspace for listed in membership.workspace_accesses.select_related("workspace")
            ],
            "everywhere": levels.everywhere,
            "team_roles": levels.teams,
            "profile_roles": levels.profiles,
        }


class MemberDetail(MemberView):
    action = "organization.view_member_permissions"

    @operation("Read a member and his roles at the three levels", answers=MemberDetailSerializer)
    def get(self, pk: int) -> dict[str, Any]:
        return self.shown(pk)

    @operation("Remove a member", query=ReasonSerializer, action="organization.remove_member")
    def delete(self, pk: int) -> None:
        services.remove_member(
            actor=self.access,
            organization=self.organization,
            membership=self.membership(pk),
            now=timezone.now(),
            reason=self.query["reason"],
        )


class MemberRole(MemberView):
    action = "organization.edit_member_permissions"

    @operation(
        "Give a member another organization role", takes=NewRoleSerializer, answers=MemberDetailSerializer
    )
    def put(self, pk: int) -> dict[str, Any]:
        services.set_organization_role(
            actor=self.access,
            organization=self.organization,
            membership=self.membership(pk),
            role=self.given["role"],
            now=timezone.now(),
            reason=self.given["reason"],
        )
        return self.shown(pk)


class MemberWorkspaces(MemberView):
    action = "organization.edit_workspaces"

    @operation(
        "Choose which workspaces a member reaches", takes=ReachSerializer, answers=MemberDetailSerializer
    )
    def put(self, pk: int) -> dict[str, Any]:
        set_workspaces(
            actor=self.access,
            organization=self.organization,
            membership=self.membership(pk),
            reaches_all=self.given["reaches_all"],
            workspaces=self.given["workspaces"],
            now=timezone.now(),
        )
        return self.shown(pk)


class MemberSuspension(MemberView):
    """Suspending is making a suspension; reactivating is ending it."""

    action = "organization.suspend_member"

    @operation("Suspend a member", takes=ReasonSerializer)
    def put(self, pk: int) -> None:
        services.suspend_member(
            actor=self.access,
            organization=self.organization,
            membership=self.membership(pk),
            now=timezone.now(),
            reason=self.given["reason"],
        )

    @operation("Reactivate a member")
    def delete(self, pk: int) -> None:
        services.reactivate_member(
            actor=self.access,
            organization=self.organization,
            membership=self.membership(pk),
            now=timezone.now(),
        )
