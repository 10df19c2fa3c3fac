"""What is asked before an organization's own role is made, edited or deleted. Refusals are sentences for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from permissions import catalogue
from permissions.catalogue import Scope, UnknownAction
from permissions.checker import Access
from permissions.errors import Refused, WouldEscalate
from permissions.giving import brought_everywhere, held_on, refuse_escalation, refuse_own_gain
from permissions.models import Role
from permissions.packs import beyond
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.services import access_now

NAME_MAX: Final = 80
DESCRIPTION_MAX: Final = 200
SLUG_MAX: Final = 60
_SEND, _PUBLISH = "profile.send_for_approval", "profile.publish_posts"


class RoleNotChangeable(Refused):
    """Built-in roles are what their source publishes, for everybody."""


class RoleNameTaken(Refused):
    """Another role of the scope has the name."""


class RoleUnusable(Refused):
    """No name, an action that is none of the scope, a replacement that cannot be one."""


class RoleInUse(Refused):
    """Somebody has it, and nothing was named that he gets instead."""


# -- what a role is made of -------------------------------------------------------------------------------------------


def own_role(organization: Model, role: Role) -> Role:
    """Return the role as it is now, locked. Raises RoleNotChangeable for any that is not the organization's own."""
    if role.organization_id is None:
        facts = roles_by_permission([role.permission_id])[role.permission_id]
        raise RoleNotChangeable(
            _("“%(role)s” is a built-in role, so it stays as it is. Copy it, and change the copy.")
            % {"role": facts.label}
        )
    found = Role.objects.select_for_update().filter(pk=role.pk, organization=organization.pk).first()
    if found is None:
        raise RoleNotChangeable(_("This role is not there any more."))
    return found


def actions_of_scope(
    actions: Collection[str], scope: Scope, kept: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the actions as a set. ``kept`` are in the role already, and may have left the catalogue since."""
    for name in sorted(set(actions) - kept):
        try:
            action = catalogue.get(name)
        except UnknownAction as unknown:
            raise RoleUnusable(str(unknown)) from unknown
        if action.scope is not scope:
            raise RoleUnusable(
                _("“%(action)s” is no action of this kind of role.") % {"action": action.label}
            )
    return frozenset(actions)


def free_name(organization: Model, scope: Scope, name: str, but: Role | None = None) -> str:
    """Return the name without needless space. Raises RoleUnusable and RoleNameTaken."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX:
        raise RoleUnusable(_("Give the role a name of at most %(count)d characters.") % {"count": NAME_MAX})
    others = Role.objects.filter(organization=organization.pk, scope=scope.value, name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise RoleNameTaken(_("There is a role called “%(name)s” already.") % {"name": name})
    return name


def free_slug(organization: Model, name: str) -> str:
    """Return what files and addresses call a role of this name: no other of the organization's is called so."""
    taken = set(Role.objects.filter(organization=organization.pk).values_list("slug", flat=True))
    wanted = slugify(name)[: SLUG_MAX - 6].strip("-") or "role"
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def fitting_description(description: str) -> str:
    description = " ".join(description.split())
    if len(description) > DESCRIPTION_MAX:
        raise RoleUnusable(
            _("Describe the role in at most %(count)d characters.") % {"count": DESCRIPTION_MAX}
        )
    return description


# -- R9 ---------------------------------------------------------------------------------------------------------------


def refuse_beyond_reach(actor: Access, scope: Scope, added: Collection[str]) -> None:
    """R9 for where the role could be used: nobody puts in what he himself holds nowhere."""
    if added and (missing := sorted(beyond(added, _held_somewhere(actor, scope)))):
        raise WouldEscalate(
            _("You cannot put “%(action)s” into a role: you do not hold it yourself.")
            % {"action": catalogue.get(missing[0]).label}
        )


def refuse_gain(actor: Access, obj: Model, had: frozenset[str], has: frozenset[str]) -> None:
    """R9 for where the role is used: nobody gains on the object, by an edit, what its maker does not hold there."""
    gained = has - had
    if not getattr(obj, "has_approval", True) and (_SEND in had - has or _PUBLISH in gained):
        gained = has  # R6: what was bound to approval gave nothing here, and would no longer be bound
    if missing := sorted(beyond(gained, held_on(actor, obj))):
        raise WouldEscalate(
            _(
                "Whoever has this role would get “%(action)s” on %(object)s, which you do not hold there yourself."
            )
            % {"action": catalogue.get(missing[0]).label, "object": obj}
        )


def refuse_deciding_above(actor: Access, organization: Model, role: Role) -> None:
    """Raise WouldEscalate if people with this organization role may do more than the one who decides about it."""
    if role.scope == Scope.ORGANIZATION and beyond(role.actions, held_on(actor, organization)):
        raise WouldEscalate(
            _(
                "People with the role “%(role)s” may do more here than you: somebody above you decides about it."
            )
            % {"role": role.name}
        )


def refuse_own_gains(actor: Access, objects: Iterable[Model], now: datetime) -> None:
    """Raise WouldEscalate if the one who edited a role that he holds gained something by it."""
    has = access_now(actor, now)
    for obj in objects:
        refuse_own_gain(before=actor, after=has, obj=obj)


def refuse_replacement(
    actor: Access, organization: Model, role: Role, replacement: RoleFacts, objects: Iterable[Model]
) -> None:
    """Raise RoleUnusable or WouldEscalate unless the actor may give the replacement wherever the role is."""
    packs: Collection[str] = organization.packs  # type: ignore[attr-defined]
    is_own = Role.objects.filter(organization=organization.pk, permission=replacement.permission_id).exists()
    if replacement.permission_id == role.permission_id or not (is_own or replacement.pack in packs):
        raise RoleUnusable(_("Choose another role that your organization uses."))
    if replacement.scope != role.scope:
        raise RoleUnusable(
            _("The role %(role)s is not a role of this kind of object.") % {"role": replacement.label}
        )
    for obj in (organization, *objects) if replacement.scope is Scope.ORGANIZATION else objects:
        if not replacement.is_none:
            refuse_escalation(giver=actor, receiver=None, role=replacement, obj=obj)


def _held_somewhere(actor: Access, scope: Scope) -> frozenset[str]:
    """Return what the person holds on any object of the scope, or would on a new one."""
    snapshot = actor.snapshot
    if scope is Scope.ORGANIZATION:
        ids: set[int] = {actor.organization_id}
    elif scope is Scope.TEAM:
        ids = set(snapshot.team_grants)
    else:
        ids = {*snapshot.direct, *snapshot.through_teams}
    objects = tables_of(scope).model._default_manager.filter(pk__in=ids)
    return brought_everywhere(actor, scope).union(*(held_on(actor, obj) for obj in objects))
