"""R9: nobody gives, assigns or invites to more than he holds himself, and nobody changes his own rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.packs import beyond
from permissions.roles import RoleFacts, roles_by_permission
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


def refuse_gains(*, giver: Access, before: Access | None, after: Access, objects: Iterable[Model]) -> None:
    """Raise WouldEscalate if somebody gains on one of the objects, now or later, what the giver does not hold there.

    Needed besides ``refuse_escalation`` wherever taking something away can open something else: the end of a None,
    another organization role, another workspace. ``before`` None: he had nothing.
    """
    moments = [
        (_at(after, moment), _at(before, moment) if before is not None else None)
        for moment in _edges(giver.at, before, after)
    ]
    for obj in objects:
        gained: set[str] = set()
        for then, earlier in moments:
            gained |= _counted(then, obj) - (_counted(earlier, obj) if earlier is not None else frozenset())
        if gained and (missing := sorted(beyond(gained, _held(giver, obj)))):
            raise WouldEscalate(
                _("This would let %(person)s do more on %(object)s than you may yourself: %(action)s.")
                % {"person": after.user, "object": obj, "action": catalogue.get(missing[0]).label}
            )


def refuse_gains_by_move(*, giver: Access, people: Iterable[Access], before: Model, after: Model) -> None:
    """Raise WouldEscalate if moving an object opens to somebody, now or later, what the mover does not hold there (R7).

    ``before`` and ``after`` are the object where it lay and where it shall lie.
    """
    held = _held(giver, after)
    for access in people:
        gained: set[str] = set()
        for moment in _edges(giver.at, access):
            then = _at(access, moment)
            gained |= _counted(then, after) - _counted(then, before)
        if missing := sorted(beyond(gained, held)):
            raise WouldEscalate(
                _("This would let %(person)s do more on %(object)s than you may yourself: %(action)s.")
                % {"person": access.user, "object": after, "action": catalogue.get(missing[0]).label}
            )


def refuse_own_gain(*, before: Access, after: Access, obj: Model) -> None:
    """Raise WouldEscalate if the one who acts gained something himself on the object, now or later."""
    for moment in _edges(before.at, before, after):
        if _counted(_at(after, moment), obj) - _counted(_at(before, moment), obj):
            raise WouldEscalate(_("You cannot change your own access. Ask somebody else who manages it."))


def refuse_gains_through_team(*, giver: Access, group: Group, role: RoleFacts, profile: Model) -> None:
    """Raise WouldEscalate if putting the profile in a team would give somebody there more than the giver holds.

    Whoever is admin of the team becomes editor of its profiles (H6), whatever role the team itself has there.
    """
    wanted = set(role.actions)
    admins = tables_of(Scope.TEAM).user_grants.objects.filter(content_object__members_group=group)
    held_there = list(roles_by_permission(grant.permission_id for grant in admins).values())
    # Whoever is admin of every team by his organization role, from whichever pack, is admin of this one too (H5).
    everybody = tables_of(Scope.ORGANIZATION).user_grants.objects.filter(content_object=giver.organization_id)
    given = set(everybody.values_list("permission", flat=True).distinct())
    held_there += [
        role.implies[Scope.TEAM]
        for role in roles_by_permission(given).values()
        if Scope.TEAM in role.implies and Scope.PROFILE not in role.implies
    ]
    for team_role in held_there:
        if brought := team_role.implies.get(Scope.PROFILE):
            wanted |= brought.actions
    if missing := sorted(beyond(wanted, _held(giver, profile))):
        raise WouldEscalate(
            _("You cannot give the team this profile: you do not hold everything it would get (%(action)s).")
            % {"action": catalogue.get(missing[0]).label}
        )


def _edges(now: datetime, *accesses: Access | None) -> list[datetime]:
    """Return the moments from now on at which anything may change for these people."""
    found = {now}
    for access in accesses:
        if access is None:
            continue
        snapshot = access.snapshot
        grants = [
            *snapshot.organization_grants,
            *(grant for held in snapshot.team_grants.values() for grant in held),
            *(grant for held in snapshot.direct.values() for grant in held),
            *(grant for held in snapshot.through_teams.values() for grant in held),
        ]
        found |= {edge for grant in grants for edge in (grant.starts_at, grant.expires_at) if edge}
        if snapshot.standing is not None:
            found |= {edge for edge in (snapshot.standing.starts_at, snapshot.standing.expires_at) if edge}
    return sorted(edge for edge in found if edge >= now)


def _at(access: Access, moment: datetime) -> Access:
    return Access(
        user=access.user, organization_id=access.organization_id, snapshot=access.snapshot, at=moment
    )


def _counted(access: Access, obj: Model) -> frozenset[str]:
    return frozenset() if access.miss_before_scope() is not None else _held(access, obj)


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
