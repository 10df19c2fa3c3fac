"""Looking at the product through somebody else's eyes: who may, from when to when. Nothing can be changed meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event
from orgs.models import Membership, Organization, ViewAs
from orgs.services.reach import refuse_gains_anywhere
from permissions.catalogue import Scope
from permissions.checker import Access, load_access
from permissions.errors import WouldEscalate
from permissions.packs import beyond
from permissions.roles import RoleFacts
from permissions.services import begin_act
from tenancy.context import organization_open, unscoped

LASTS: Final = timedelta(minutes=30)
NEEDED: Final = ("organization.view_member_permissions", "organization.edit_member_permissions")


@transaction.atomic
def start_view_as(
    *, actor: Access, organization: Organization, membership: Membership, now: datetime
) -> ViewAs:
    """Begin to look as a member; the caller binds it to his session. Raises NotAllowed and WouldEscalate."""
    actor = begin_act(actor, now)
    for action in NEEDED:
        actor.require(action, organization)
    other = load_access(user=membership.user, organization_id=organization.pk, at=now)
    if refusal := why_not(actor, other, organization):
        raise WouldEscalate(refusal)
    looking = ViewAs.objects.create(
        viewer=actor.user, membership=membership, started_at=now, expires_at=now + LASTS
    )
    record_event(
        actor=actor.user,
        action="view_as.start",
        obj=membership,
        at=now,
        after={"person": str(membership), "person_id": membership.user_id, "expires_at": looking.expires_at},
    )
    return looking


def end_view_as(*, looking: ViewAs, now: datetime) -> bool:
    """End a look, by click or because its time is over; of two ends the first is recorded. Says whether it was this."""
    ended_at = min(now, looking.expires_at)
    with transaction.atomic():
        if ViewAs.objects.filter(pk=looking.pk, ended_at=None).update(ended_at=ended_at) != 1:
            return False
        record_event(
            actor=looking.viewer,
            action="view_as.end",
            obj=looking.membership,
            at=now,
            before={
                "person": str(looking.membership),
                "person_id": looking.membership.user_id,
                "starts_at": looking.started_at,
                "expires_at": ended_at,
            },
        )
    return True


def end_overdue_views(*, now: datetime) -> int:
    """End every look whose time is over, in all organizations: a closed browser ends none. May be repeated."""
    with unscoped():  # the schedule looks over all organizations; each end is recorded in its own
        overdue = list(ViewAs.objects.overdue(now).select_related("viewer", "membership__user"))
    ended = 0
    for looking in overdue:
        with organization_open(looking.organization_id):
            ended += end_view_as(looking=looking, now=now)
    return ended


def why_not(viewer: Access, other: Access, organization: Organization) -> str:
    """Return why the one may not look as the other, or an empty string. Changes nothing, and is asked on every page."""
    if viewer.user.pk == other.user.pk:
        return _("You see with your own eyes already.")
    if not _is_member(viewer.user, organization) or not all(
        viewer.can(action, organization) for action in NEEDED
    ):
        return _("You may no longer see and change what members may do.")
    if other.miss_before_scope() is not None:
        return _("%(person)s can see nothing here at the moment.") % {"person": other.user}
    if _holds_no_more_anywhere(viewer, other):
        return ""
    try:
        refuse_gains_anywhere(giver=viewer, before=None, after=other, organization=organization)
    except WouldEscalate:
        return _("%(person)s may do more than you in some place, so you cannot look with these eyes.") % {
            "person": other.user
        }
    return ""


def _is_member(user: User, organization: Organization) -> bool:
    return Membership.objects.filter(user=user, organization=organization).exists()


def _holds_no_more_anywhere(viewer: Access, other: Access) -> bool:
    """Say yes where the viewer's organization role alone settles it, so that no object has to be looked at."""
    own, theirs = viewer.organization_role, other.organization_role
    if own is None or theirs is None or viewer.workspace_ids is not None:
        return False
    everywhere = {scope: _closure_at(own, scope) for scope in Scope}
    if beyond(theirs.actions, everywhere[Scope.ORGANIZATION]):
        return False
    read = other.snapshot
    for grants in (read.team_grants, read.direct, read.through_teams):
        roles = {grant.role.permission_id: grant.role for held in grants.values() for grant in held}
        for role in (*roles.values(), theirs):
            for scope in (Scope.TEAM, Scope.PROFILE):
                if beyond(_closure_at(role, scope), everywhere[scope]):
                    return False
    return True


def _closure_at(role: RoleFacts, scope: Scope) -> frozenset[str]:
    """Return what a role holds and brings at one scope."""
    actions = role.actions if role.scope is scope else frozenset()
    return actions.union(*(_closure_at(implied, scope) for implied in role.implies.values()))
