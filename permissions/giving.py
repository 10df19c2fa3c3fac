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


ASSIGNING_ACTION = "organization.assign_partner_profiles"


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
        (after.at_moment(moment), before.at_moment(moment) if before is not None else None)
        for moment in edges(giver.at, before, after)
    ]
    for obj in objects:
        gained: set[str] = set()
        for then, earlier in moments:
            gained |= _counted(then, obj) - (_counted(earlier, obj) if earlier is not None else frozenset())
        if gained and (missing := sorted(beyond(gained, held_on(giver, obj)))):
            raise WouldEscalate(
                _("This would let %(person)s do more on %(object)s than you may yourself: %(action)s.")
                % {"person": after.user, "object": obj, "action": catalogue.get(missing[0]).label}
            )


def refuse_gains_by_move(*, giver: Access, people: Iterable[Access], before: Model, after: Model) -> None:
    """Raise WouldEscalate if moving an object opens to somebody, now or later, what the mover does not hold there (R7).

    ``before`` and ``after`` are the object where it lay and where it shall lie.
    """
    held = held_on(giver, after)
    for access in people:
        gained: set[str] = set()
        for moment in edges(giver.at, access):
            then = access.at_moment(moment)
            gained |= _counted(then, after) - _counted(then, before)
        if missing := sorted(beyond(gained, held)):
            raise WouldEscalate(
                _("This would let %(person)s do more on %(object)s than you may yourself: %(action)s.")
                % {"person": access.user, "object": after, "action": catalogue.get(missing[0]).label}
            )


def refuse_own_gain(*, before: Access, after: Access, obj: Model) -> None:
    """Raise WouldEscalate if the one who acts gained something himself on the object, now or later."""
    for moment in edges(before.at, before, after):
        if _counted(after.at_moment(moment), obj) - _counted(before.at_moment(moment), obj):
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
    if missing := sorted(beyond(wanted, held_on(giver, profile))):
        raise WouldEscalate(
            _("You cannot give the team this profile: you do not hold everything it would get (%(action)s).")
            % {"action": catalogue.get(missing[0]).label}
        )


def refuse_sharing(*, giver: Access, role: RoleFacts, profile: Model) -> None:
    """Raise NotAllowed or WouldEscalate if granting a partner the role on the profile would break R9 (P7).

    As with a team: who grants manages the profile's access, and holds all that he grants. None cannot be shared: it
    would give nothing, and closes nothing.
    """
    require_managing(giver, profile)
    if role.scope is not Scope.PROFILE or role.is_none:
        raise WouldEscalate(_("The role %(role)s cannot be shared with a partner.") % {"role": role.label})
    refuse_escalation(giver=giver, receiver=None, role=role, obj=profile)


def refuse_assigning(*, assigner: Access, partner: Model, role: RoleFacts, granted: RoleFacts) -> None:
    """Raise NotAllowed or WouldEscalate if assigning the role, of what a partner was granted, would break R9 (P7).

    ``assigner`` stands in the ``partner``'s organization and needs its right to assign; he need not hold anything on
    the profile himself, and may never go beyond the grant, which he cannot change. That is why he may assign to himself
    as well, as Pinterest's managers do: "nobody changes his own grant" is about what somebody else decided, and here
    that is the partner's grant. An agency of one person could not work otherwise.
    """
    assigner.require(ASSIGNING_ACTION, partner)
    if not role.is_assignable:
        raise WouldEscalate(_("The role %(role)s cannot be given by customers.") % {"role": role.label})
    if role.scope is not Scope.PROFILE or role.is_none or not role.actions <= granted.actions:
        raise WouldEscalate(
            _("You cannot assign the role %(role)s: what is shared with you is %(granted)s.")
            % {"role": role.label, "granted": granted.label}
        )


def edges(now: datetime, *accesses: Access | None) -> list[datetime]:
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
            *(
                grant
                for pairs in snapshot.through_partners.values()
                for pair in pairs
                for grant in pair.grants
            ),
        ]
        found |= {edge for grant in grants for edge in (grant.starts_at, grant.expires_at) if edge}
        if snapshot.standing is not None:
            windows = (snapshot.standing, snapshot.standing.visit, *snapshot.standing.affiliations)
            found |= {edge for one in windows if one for edge in (one.starts_at, one.expires_at) if edge}
    return sorted(edge for edge in found if edge >= now)


def _counted(access: Access, obj: Model) -> frozenset[str]:
    return frozenset() if access.miss_before_scope() is not None else held_on(access, obj)


def _missing(giver: Access, role: RoleFacts, obj: Model) -> Iterator[str]:
    yield from beyond(role.actions, held_on(giver, obj))
    for implied in _closure(role):
        if implied.scope is Scope.PROFILE and role.scope is Scope.TEAM:
            for profile in _profiles_of_team(obj):
                yield from beyond(implied.actions, held_on(giver, profile))
        else:
            yield from beyond(implied.actions, brought_everywhere(giver, implied.scope))
    if role.scope is Scope.TEAM:
        for link in _links_of_team(obj):
            profile = link.content_object
            link_role = link.permission.role
            yield from beyond(link_role.actions, held_on(giver, profile))


def held_on(giver: Access, obj: Model) -> frozenset[str]:
    return frozenset(action for source in giver.sources(obj) for action in source.role.actions)


def _closure(role: RoleFacts) -> Iterator[RoleFacts]:
    for implied in role.implies.values():
        yield implied
        yield from _closure(implied)


def brought_everywhere(giver: Access, scope: Scope) -> frozenset[str]:
    """Return what his organization role brings on every object of a narrower scope, directly or through a team role."""
    role, key = giver.organization_role, giver.key
    if role is None or (key is not None and key.profile_ids is not None and scope is Scope.PROFILE):
        return frozenset()
    brought = frozenset().union(*(implied.actions for implied in _closure(role) if implied.scope is scope))
    return brought if key is None else brought & key.actions


def _links_of_team(team: Any) -> Any:
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    rows = links.objects.filter(group=team.members_group_id)
    return rows.select_related("content_object", "permission__role")


def _profiles_of_team(team: Model) -> list[Model]:
    return [link.content_object for link in _links_of_team(team)]
