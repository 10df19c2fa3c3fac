"""R9: nobody gives, assigns or invites to more than he holds himself, and nobody changes his own rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.packs import beyond
from permissions.roles import RoleFacts
from permissions.scopes import scope_of, tables_of

MANAGING_ACTIONS = {
    Scope.ORGANIZATION: "organization.edit_member_permissions",
    Scope.TEAM: "team.manage_team_permissions",
    Scope.PROFILE: "profile.manage_profile_access",
}


def may_manage_access(giver: Access, obj: Model) -> bool:
    """Say whether the person may give and take roles on this object at all (H11)."""
    return giver.serves(MANAGING_ACTIONS[scope_of(obj)], obj)


def require_managing(giver: Access, obj: Model) -> None:
    """Raise NotAllowed, explained, unless the person may give and take roles on this object."""
    if not may_manage_access(giver, obj):
        giver.require(MANAGING_ACTIONS[scope_of(obj)], obj)


def refuse_escalation(*, giver: Access, receiver: User | None, role: RoleFacts, obj: Model) -> None:
    """Raise WouldEscalate if giving the role on the object would break R9. ``receiver`` None: a team, an invitation."""
    if receiver is not None and receiver.pk == giver.user.pk:
        raise WouldEscalate(_("You cannot change your own access. Ask somebody else who manages it."))
    if role.is_owner:
        raise WouldEscalate(_("Ownership moves only when the owner hands it over and the new owner accepts."))
    if not role.is_assignable:
        raise WouldEscalate(_("The role %(role)s cannot be given by customers.") % {"role": role.label})
    missing = sorted(set(_missing(giver, role, obj)))
    if missing:
        labels = ", ".join(str(catalogue.get(name).label) for name in missing[:3])
        more = len(missing) - 3
        if more > 0:
            labels = _("%(labels)s and %(count)s more") % {"labels": labels, "count": more}
        raise WouldEscalate(
            _("You cannot give the role %(role)s: you do not hold everything in it yourself (%(labels)s).")
            % {"role": role.label, "labels": labels}
        )


def can_give(*, giver: Access, receiver: User | None, role: RoleFacts, obj: Model) -> bool:
    try:
        refuse_escalation(giver=giver, receiver=receiver, role=role, obj=obj)
    except WouldEscalate:
        return False
    return True


def _missing(giver: Access, role: RoleFacts, obj: Model) -> Iterator[str]:
    yield from beyond(role.actions, _held(giver, obj))
    own = giver.organization_role
    for implied in _closure(role):
        if implied.scope is Scope.PROFILE and role.scope is Scope.TEAM:
            for profile in _profiles_of_team(obj):
                yield from beyond(implied.actions, _held(giver, profile))
        else:
            yield from beyond(implied.actions, _brought_everywhere(own, implied.scope))
    if role.scope is Scope.TEAM:
        for link in _links_of_team(obj):
            profile = link.content_object
            link_role = link.permission.role
            yield from beyond(link_role.actions, _held(giver, profile))


def _held(giver: Access, obj: Model) -> frozenset[str]:
    return frozenset(action for source in giver.sources(obj) for action in source.role.actions)


def _closure(role: RoleFacts) -> Iterator[RoleFacts]:
    for implied in role.implies.values():
        yield implied
        yield from _closure(implied)


def _brought_everywhere(role: RoleFacts | None, scope: Scope) -> frozenset[str]:
    """Return what an organization role brings on every object of a narrower scope, directly or through a team role."""
    if role is None:
        return frozenset()
    return frozenset().union(*(implied.actions for implied in _closure(role) if implied.scope is scope))


def _links_of_team(team: Any) -> Any:
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    rows = links.objects.filter(group=team.members_group_id)
    return rows.select_related("content_object", "permission__role")


def _profiles_of_team(team: Model) -> list[Model]:
    return [link.content_object for link in _links_of_team(team)]
