"""R9 over the whole organization, for changes that reach further than one object: roles, workspaces, reinstatement."""

from __future__ import annotations

from itertools import chain

from django.db.models import Model
from django.utils.translation import gettext as _

from orgs.models import Organization, Team
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.giving import refuse_gains
from permissions.packs import beyond
from permissions.scopes import tables_of


def refuse_gains_anywhere(
    *, giver: Access, before: Access | None, after: Access, organization: Organization
) -> None:
    """Raise WouldEscalate if somebody gains anything, anywhere in the organization, that the giver does not hold."""
    profiles = tables_of(Scope.PROFILE).model._default_manager.all()
    objects: chain[Model] = chain([organization], Team.objects.all(), profiles)
    refuse_gains(giver=giver, before=before, after=after, objects=objects)


def refuse_touching(actor: Access, other: Access) -> None:
    """Raise WouldEscalate unless the actor may decide about this member: not himself, the owner, or one above him."""
    if other.user.pk == actor.user.pk:
        raise WouldEscalate(_("You cannot change your own access. Ask somebody else who manages it."))
    if untouchable := why_untouchable(actor, other):
        raise WouldEscalate(untouchable)


def why_untouchable(actor: Access, other: Access) -> str:
    """Return why the actor may not decide about another member, or an empty string."""
    role = next((grant.role for grant in other.snapshot.organization_grants), None)
    if role is None:
        return ""
    if role.is_owner:
        return _("%(person)s owns the organization. Only the owner can hand it over.") % {
            "person": other.user
        }
    own = actor.organization_role
    if beyond(role.actions, own.actions if own else ()):
        return _("%(person)s may do more here than you: somebody with the role %(role)s or more decides.") % {
            "person": other.user,
            "role": role.label,
        }
    return ""
