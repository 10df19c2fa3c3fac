from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils import timezone

from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from orgs.api.serializers import NewWorkspaceSerializer, WorkspaceSerializer
from orgs.models import Workspace
from orgs.services.workspaces import (
    LastWorkspace,
    WorkspaceNotEmpty,
    create_workspace,
    delete_workspace,
    rename_workspace,
)


class WorkspaceList(GuardedAPIView):
    tag = "Workspaces"
    action = "organization.list_workspaces"

    @operation("List the workspaces", pages=WorkspaceSerializer)
    def get(self) -> Page:
        return self.page(Workspace.objects.all())

    @operation(
        "Create a workspace",
        takes=NewWorkspaceSerializer,
        answers=WorkspaceSerializer,
        status=201,
        action="organization.create_workspace",
    )
    def post(self) -> Workspace:
        return create_workspace(
            actor=self.access,
            organization=self.organization,
            name=self.given["name"],
            now=timezone.now(),
        )


class WorkspaceDetail(GuardedAPIView):
    tag = "Workspaces"
    action = "organization.list_workspaces"
    mendable = (WorkspaceNotEmpty, LastWorkspace)

    def workspace(self, pk: int) -> Workspace:
        return get_object_or_404(Workspace.objects.all(), pk=pk)

    @operation("Read a workspace", answers=WorkspaceSerializer)
    def get(self, pk: int) -> Workspace:
        return self.workspace(pk)

    @operation(
        "Rename a workspace",
        takes=NewWorkspaceSerializer,
        answers=WorkspaceSerializer,
        action="organization.edit_workspaces",
    )
    def put(self, pk: int) -> Workspace:
        workspace = self.workspace(pk)
        rename_workspace(
            actor=self.access,
            organization=self.organization,
            workspace=workspace,
            name=self.given["name"],
            now=timezone.now(),
        )
        return workspace

    @operation("Delete an empty workspace", action="organization.delete_workspace")
    def delete(self, pk: int) -> None:
        delete_workspace(
            actor=self.access,
            organization=self.organization,
            workspace=self.workspace(pk),
            now=timezone.now(),
        )
