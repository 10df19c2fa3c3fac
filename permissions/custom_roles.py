"""An organization's own roles: making, editing, deleting (H8). One row is written, however many people hold the role.

A role of one's own holds single actions of one scope and implies nothing. What is new in the catalogue never enters it
by itself (T4): ``new_actions`` tells what came since somebody last looked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.changes import end_change
from permissions.checker import Access
from permissions.custom_role_rules import (
    RoleInUse,
    actions_of_scope,
    fitting_description,
    free_name,
    free_slug,
    own_role,
    refuse_beyond_reach,
    refuse_deciding_above,
    refuse_gain,
    refuse_own_gains,
    refuse_replacement,
)
from permissions.models import Role
from permissions.role_uses import Used, objects_with, replace_everywhere, uses_of
from permissions.roles import RoleFacts
from permissions.scopes import tables_of
from permissions.services import begin_change

MANAGING: Final = "organization.manage_roles"


@transaction.atomic
def create_role(
    *,
    actor: Access,
    organization: Model,
    scope: Scope,
    name: str,
    actions: Collection[str],
    now: datetime,
    description: str = "",
    copied_from: RoleFacts | None = None,
    reason: str = "",
) -> Role:
    """Make a role of the organization's own; ``copied_from`` is only remembered, ``actions`` decide.

    Raises NotAllowed, WouldEscalate, RoleNameTaken and RoleUnusable.
    """
    actor = begin_change(actor, now)
    actor.require(MANAGING, organization)
    wanted = actions_of_scope(actions, scope)
    refuse_beyond_reach(actor, scope, wanted)
    role = make_role(
        organization=organization,
        scope=scope,
        slug=free_slug(organization, name),
        name=free_name(organization, scope, name),
        actions=wanted,
        now=now,
        description=fitting_description(description),
        copied_from=copied_from.key if copied_from else "",
    )
    end_change(
        actor=actor.user, action="role.create", obj=role, at=now, after=describe_role(role), reason=reason
    )
    return role


@transaction.atomic
def edit_role(
    *,
    actor: Access,
    organization: Model,
    role: Role,
    now: datetime,
    name: str | None = None,
    description: str | None = None,
    actions: Collection[str] | None = None,
    reason: str = "",
) -> Role:
    """Change an own role's words and actions; None leaves as it is. Seen by everybody's next request.

    Raises NotAllowed, WouldEscalate, RoleNotChangeable, RoleNameTaken and RoleUnusable.
    """
    actor = begin_change(actor, now)
    actor.require(MANAGING, organization)
    role = own_role(organization, role)
    scope, before = Scope(role.scope), {"name": role.name, "description": role.description}
    had = frozenset(role.actions)
    wanted = had if actions is None else actions_of_scope(actions, scope, kept=had)
    refuse_deciding_above(actor, organization, role)
    used_on = objects_with(scope, [role.permission_id], now) if wanted != had else []
    refuse_beyond_reach(actor, scope, wanted - had)
    for obj in used_on:
        refuse_gain(actor, obj, had, wanted)
    if name is not None:
        role.name = free_name(organization, scope, name, but=role)
    if description is not None:
        role.description = fitting_description(description)
    if actions is not None:  # whoever chose actions saw what is new (T4)
        role.actions, role.known_actions = sorted(wanted), known_actions(scope)
    role.edited_at = now
    role.save(update_fields=["name", "description", "actions", "known_actions", "edited_at"])
    refuse_own_gains(actor, used_on, now)
    words = {"name": role.name, "description": role.description}
    moved = {"added": sorted(wanted - had), "removed": sorted(had - wanted)}
    end_change(
        actor=actor.user,
        action="role.edit",
        obj=role,
        at=now,
        before={key: before[key] for key in words if before[key] != words[key]},
        after={key: words[key] for key in words if before[key] != words[key]}
        | {key: names for key, names in moved.items() if names},
        reason=reason,
    )
    return role


@transaction.atomic
def delete_role(
    *,
    actor: Access,
    organization: Model,
    role: Role,
    now: datetime,
    replacement: RoleFacts | None = None,
    reason: str = "",
) -> None:
    """Delete an own role; whoever holds it, was offered it or shall have it gets ``replacement`` instead.

    Raises NotAllowed, WouldEscalate, RoleNotChangeable, RoleUnusable, RoleInUse and HeldTwice.
    """
    actor = begin_change(actor, now)
    actor.require(MANAGING, organization)
    role = own_role(organization, role)
    scope = Scope(role.scope)
    refuse_deciding_above(actor, organization, role)
    uses = uses_of(scope, [role.permission_id], now)
    if replacement is None and uses:
        raise RoleInUse(
            _("“%(role)s” is in use (%(uses)s). Say which role people get instead.")
            % {"role": role.name, "uses": ", ".join(f"{used.label}: {used.count}" for used in uses)}
        )
    used_on = objects_with(scope, [role.permission_id], now)
    if replacement is not None:
        refuse_replacement(actor, organization, role, replacement, used_on)
    before = {**describe_role(role), "uses": [f"{used.label}: {used.count}" for used in uses]}
    replace_everywhere(scope, role.permission_id, replacement.permission_id if replacement else None, now)
    permission, pk = role.permission, role.pk
    role.delete()
    permission.delete()
    role.pk = pk  # the audit log names it by its id
    refuse_own_gains(actor, used_on, now)
    end_change(
        actor=actor.user,
        action="role.delete",
        obj=role,
        at=now,
        before=before,
        after={"instead": replacement.key} if replacement else None,
        reason=reason,
    )


def make_role(
    *,
    organization: Model,
    scope: Scope,
    slug: str,
    name: str,
    actions: Collection[str],
    now: datetime,
    description: str = "",
    copied_from: str = "",
) -> Role:
    """Write the row and its permission, and ask nothing: for services, and for the operator's file."""
    permission = Permission.objects.create(
        content_type=ContentType.objects.get_for_model(tables_of(scope).model),
        codename=f"role:{organization.pk}/{uuid.uuid4()}",
        name=f"{organization.pk}: {slug}",
    )
    return Role.objects.create(
        organization_id=organization.pk,
        permission=permission,
        scope=scope.value,
        slug=slug,
        name=name,
        description=description,
        actions=sorted(actions),
        known_actions=known_actions(scope),
        copied_from=copied_from,
        edited_at=now,
    )


def known_actions(scope: Scope) -> list[str]:
    return [action.name for action in catalogue.of_scope(scope)]


def new_actions(role: Role) -> list[Action]:
    """Return what came to the catalogue since the role was last edited, and is not in it (T4)."""
    known = frozenset(role.known_actions) | frozenset(role.actions)
    return [action for action in catalogue.of_scope(role.scope) if action.name not in known]


def uses_of_role(role: Role, now: datetime) -> list[Used]:
    """Return where the role is used now or will be, so that a page can ask what shall replace it."""
    return uses_of(Scope(role.scope), [role.permission_id], now)


def describe_role(role: Role) -> dict[str, Any]:
    """Return an own role as the audit log tells it."""
    described = {"name": role.name, "scope": role.scope, "actions": list(role.actions)}
    described |= {"description": role.description} if role.description else {}
    return described | ({"copied_from": role.copied_from} if role.copied_from else {})
