"""Workspaces: partitions of an organization's data, and who reaches them (R7, T1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Membership, Organization, Workspace, WorkspaceAccess
from orgs.services.names import first_free
from orgs.services.reach import refuse_gains_anywhere, refuse_touching
from permissions.catalogue import Scope
from permissions.changes import end_change, touched
from permissions.checker import Access, load_access
from permissions.errors import Refused, WouldEscalate
from permissions.scopes import tables_of
from permissions.services import begin_act, begin_change


class WorkspaceNotEmpty(Refused):
    """A workspace is deleted only when nothing is left in it. The message is for the person."""


class LastWorkspace(Refused):
    """An organization keeps at least one workspace."""


@transaction.atomic
def create_workspace(*, actor: Access, organization: Organization, name: str, now: datetime) -> Workspace:
    actor = begin_change(actor, now)
    actor.require("organization.create_workspace", organization)
    taken = set(Workspace.objects.values_list("slug", flat=True))
    slug = first_free(slugify(name)[:34].strip("-") or "workspace", taken)
    workspace = Workspace.objects.create(name=name, slug=slug)
    record_event(
        actor=actor.user, action="workspace.create", obj=workspace, at=now, after={"name": name, "slug": slug}
    )
    return workspace


@transaction.atomic
def rename_workspace(
    *, actor: Access, organization: Organization, workspace: Workspace, name: str, now: datetime
) -> None:
    actor = begin_act(actor, now)
    actor.require("organization.edit_workspaces", organization)
    before = {"name": workspace.name}
    workspace.name = name
    workspace.save(update_fields=["name"])
    record_event(
        actor=actor.user,
        action="workspace.rename",
        obj=workspace,
        at=now,
        before=before,
        after={"name": name},
    )


@transaction.atomic
def delete_workspace(
    *, actor: Access, organization: Organization, workspace: Workspace, now: datetime
) -> None:
    """Delete an empty workspace. Raises WorkspaceNotEmpty and LastWorkspace."""
    actor = begin_change(actor, now)
    actor.require("organization.delete_workspace", organization)
    if Workspace.objects.count() == 1:
        raise LastWorkspace(_("An organization keeps at least one workspace."))
    profiles = tables_of(Scope.PROFILE).model._default_manager.filter(workspace=workspace.pk)
    if profiles.exists():
        raise WorkspaceNotEmpty(
            _("“%(workspace)s” still holds profiles. Move or remove them first.") % {"workspace": workspace}
        )
    record_event(
        actor=actor.user, action="workspace.delete", obj=workspace, at=now, before={"name": workspace.name}
    )
    try:
        workspace.delete()
    except (
        ProtectedError
    ) as held:  # by floors above: posts whose profiles lie elsewhere now, or that have none
        raise WorkspaceNotEmpty(
            _("“%(workspace)s” still holds posts, perhaps somebody's drafts. They must be deleted first.")
            % {"workspace": workspace}
        ) from held


@transaction.atomic
def set_workspaces(
    *,
    actor: Access,
    organization: Organization,
    membership: Membership,
    reaches_all: bool,
    workspaces: Collection[Workspace],
    now: datetime,
) -> None:
    """Choose which workspaces a member reaches. Raises NotAllowed and WouldEscalate (R9 over what it opens)."""
    actor = begin_change(actor, now)
    actor.require("organization.edit_workspaces", organization)
    had = load_access(user=membership.user, organization_id=organization.pk, at=now)
    refuse_touching(actor, had)
    refuse_workspaces_out_of_reach(actor, reaches_all=reaches_all, workspaces=workspaces)
    before = describe_reach(membership)
    membership.reaches_all_workspaces = reaches_all
    membership.save(update_fields=["reaches_all_workspaces"])
    membership.workspace_accesses.all().delete()
    WorkspaceAccess.objects.bulk_create(
        WorkspaceAccess(membership=membership, workspace=workspace)
        for workspace in (() if reaches_all else workspaces)
    )
    has = load_access(user=membership.user, organization_id=organization.pk, at=now)
    refuse_gains_anywhere(giver=actor, before=had, after=has, organization=organization)
    end_change(
        actor=actor.user,
        action="member.workspaces",
        obj=membership,
        at=now,
        what=touched(people=[membership.user_id]),
        before=before,
        after=describe_reach(membership),
    )


def refuse_workspaces_out_of_reach(
    actor: Access, *, reaches_all: bool, workspaces: Collection[Workspace]
) -> None:
    """Raise WouldEscalate if somebody would reach a workspace that the actor does not reach himself."""
    own = actor.workspace_ids
    if own is not None and (reaches_all or any(workspace.pk not in own for workspace in workspaces)):
        raise WouldEscalate(_("You can open only those workspaces to others that you reach yourself."))


def describe_reach(membership: Membership) -> dict[str, object]:
    if membership.reaches_all_workspaces:
        return {"workspaces": _("Every workspace")}
    rows = membership.workspace_accesses.select_related("workspace").order_by("workspace__name")
    return {"workspaces": [str(row.workspace) for row in rows]}
