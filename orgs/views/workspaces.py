"""Workspaces: the list, one of them, and who reaches it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.forms import WorkspaceForm
from orgs.models import Membership, Workspace
from orgs.services.workspaces import (
    LastWorkspace,
    WorkspaceNotEmpty,
    create_workspace,
    delete_workspace,
    rename_workspace,
)
from orgs.views.base import ActView, FormView
from orgs.views.organizations import settings_tabs
from permissions.catalogue import Scope
from permissions.scopes import tables_of


class WorkspaceList(FormView):
    action = "organization.list_workspaces"
    write_action = "organization.create_workspace"
    template_name = "orgs/workspace_list.html"

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return WorkspaceForm(data)

    def save(self, form: forms.Form) -> HttpResponse:
        workspace = create_workspace(
            actor=self.access,
            organization=self.organization,
            name=form.cleaned_data["name"],
            now=timezone.now(),
        )
        self.say(_("Workspace “%(workspace)s” created.") % {"workspace": workspace})
        return self.go("workspace_list")

    def context(self) -> dict[str, Any]:
        rows = Workspace.objects.annotate(profile_count=Count("profiles")).order_by("name")
        return settings_tabs(self, "workspace_list") | {
            "rows": rows,
            "can_create": self.may("create_workspace"),
            "can_edit": self.may("edit_workspaces"),
        }


class WorkspaceDetail(FormView):
    action = "organization.list_workspaces"
    write_action = "organization.edit_workspaces"
    template_name = "orgs/workspace_detail.html"

    @property
    def workspace(self) -> Workspace:
        return get_object_or_404(Workspace.objects.all(), pk=self.kwargs["pk"])

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return WorkspaceForm(data, initial={"name": self.workspace.name})

    def save(self, form: forms.Form) -> HttpResponse:
        rename_workspace(
            actor=self.access,
            organization=self.organization,
            workspace=self.workspace,
            name=form.cleaned_data["name"],
            now=timezone.now(),
        )
        self.say(_("Workspace renamed."))
        return self.go("workspace_detail", self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        workspace = self.workspace
        profiles: Any = tables_of(Scope.PROFILE).model._default_manager
        held = profiles.filter(workspace=workspace.pk).count()
        return {
            "workspace": workspace,
            "profile_count": held,
            "members": Membership.objects.filter(
                Q(reaches_all_workspaces=True) | Q(workspace_accesses__workspace=workspace)
            )
            .select_related("user")
            .order_by("user__name"),
            "can_edit": self.may("edit_workspaces"),
            "can_delete": self.may("delete_workspace"),
            "is_last": Workspace.objects.count() == 1,
            "can_open_members": self.may("view_member_permissions"),
        }


class WorkspaceDelete(ActView):
    action = "organization.delete_workspace"
    mendable = (WorkspaceNotEmpty, LastWorkspace)

    def act(self) -> HttpResponse:
        workspace = get_object_or_404(Workspace.objects.all(), pk=self.kwargs["pk"])
        name = workspace.name
        delete_workspace(
            actor=self.access, organization=self.organization, workspace=workspace, now=timezone.now()
        )
        self.say(_("Workspace “%(workspace)s” deleted.") % {"workspace": name})
        return self.go("workspace_list")

    def back(self) -> HttpResponse:
        return self.go("workspace_detail", self.kwargs["pk"])
