"""The vendor's staff: appointed by the operator, in a customer's organization only in a session (R10, T5, T6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.models import Membership, Organization, OrganizationUserGrant, SupportSession
from orgs.notices import tell_support_started
from permissions.changes import end_change, note_state_before, touched
from permissions.checker import Access
from permissions.errors import Refused
from permissions.locks import change_access
from permissions.services import begin_change
from tenancy.context import organization_open, unscoped

SESSION_HOURS_MAX: Final = 8


class SupportError(Refused):
    """A support session cannot be opened or ended so. The message is for the person."""


class NotStaff(SupportError):
    """Whoever asks is not of the vendor's staff."""


# -- sessions ----------------------------------------------------------------------------------------------------------


def open_session(
    *, user: User, organization: Organization, ticket: str, reason: str, hours: int, now: datetime
) -> SupportSession:
    """Let a member of staff in, for a while and for a reason; the owner is told. Raises SupportError."""
    if not 1 <= hours <= SESSION_HOURS_MAX:
        raise SupportError(_("A session lasts one to %(hours)d hours.") % {"hours": SESSION_HOURS_MAX})
    if not ticket.strip() or not reason.strip():
        raise SupportError(_("A session needs a ticket and a reason."))
    with organization_open(organization.pk):
        change_access(organization.pk)
        note_state_before(organization.pk, now)
        user.refresh_from_db(fields=["support_role"])
        organization.refresh_from_db(fields=["allows_support"])
        _refuse_to_open(user, organization, now)
        session = SupportSession.objects.create(
            user=user,
            kind=user.support_role,
            ticket=ticket.strip(),
            reason=reason.strip(),
            starts_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        end_change(
            actor=user,
            action="support.open",
            obj=session,
            at=now,
            what=touched(people=[user.pk]),
            after={"ticket": session.ticket, "kind": session.kind, "expires_at": session.expires_at},
            reason=session.reason,
        )
        _tell_owner(session, organization)
    return session


def end_own_session(*, user: User, session: SupportSession, now: datetime) -> None:
    """End one's own session before its time. Raises SupportError when it has ended already."""
    assert session.user_id == user.pk, "one ends one's own session"
    with organization_open(session.organization_id):
        change_access(session.organization_id)
        note_state_before(session.organization_id, now)
        _end(_open_sessions(now).filter(pk=session.pk), actor=user, now=now)


@transaction.atomic
def end_session(*, actor: Access, session: SupportSession, now: datetime) -> None:
    """Send a member of staff away. Raises NotAllowed, and SupportError when the session has ended already."""
    actor = begin_change(actor, now)
    actor.require("organization.manage_support_access", session.organization)
    _end(_open_sessions(now).filter(pk=session.pk), actor=actor.user, now=now)


@transaction.atomic
def set_support_access(
    *, actor: Access, organization: Organization, allows_support: bool, now: datetime
) -> None:
    """Allow staff to sign in here or not; refusing ends at once whatever session runs (T6). Raises NotAllowed."""
    actor = begin_change(actor, now)
    actor.require("organization.manage_support_access", organization)
    organization.refresh_from_db(fields=["allows_support"])
    before = {"allows_support": organization.allows_support}
    organization.allows_support = allows_support
    organization.save(update_fields=["allows_support"])
    running = list(_open_sessions(now)) if not allows_support else []
    end_change(
        actor=actor.user,
        action="support.access",
        obj=organization,
        at=now,
        what=touched(people=[session.user_id for session in running]),
        before=before,
        after={"allows_support": allows_support},
    )
    if running:
        _end(_open_sessions(now), actor=actor.user, now=now)


def find_customer(text: str) -> Organization | None:
    """Return the organization that staff names by its address or its business id."""
    written = text.strip()
    found = Organization.objects.filter(Q(slug=written.lower()) | Q(public_id=written.upper()))
    return found.order_by("pk").first()


# -- staff: the operator's commands ----------------------------------------------------------------------------------


def appoint_staff(*, user: User, role: str) -> None:
    """Make a person one of the vendor's staff, or change what kind. No customer can (T5)."""
    if role not in (User.SupportRole.SUPPORT, User.SupportRole.TEAM):
        raise SupportError(f"There is no kind of staff called {role!r}.")
    user.support_role = role
    user.save(update_fields=["support_role"])


def dismiss_staff(*, user: User, now: datetime) -> int:
    """Take it back and end every session that runs; return how many did. Raises NotStaff."""
    if not user.support_role:
        raise NotStaff(f"{user} is not of the staff.")
    user.support_role = User.SupportRole.NONE
    user.save(update_fields=["support_role"])
    with unscoped():  # his sessions lie across tenants
        running = list(SupportSession.objects.live(now).filter(user=user))
    for session in sorted(running, key=lambda one: one.organization_id):
        with organization_open(session.organization_id):
            change_access(session.organization_id)
            note_state_before(session.organization_id, now)
            _end(_open_sessions(now).filter(pk=session.pk), actor=None, now=now)
    return len(running)


# -- steps -------------------------------------------------------------------------------------------------------------


def _refuse_to_open(user: User, organization: Organization, now: datetime) -> None:
    if not user.support_role:
        raise NotStaff(_("Only the vendor's staff can open a support session."))
    if not organization.allows_support:
        raise SupportError(
            _("%(organization)s does not allow support to sign in. Ask its owner to switch it on.")
            % {"organization": organization}
        )
    if Membership.objects.filter(user=user).exists():
        raise SupportError(
            _("You are a member of %(organization)s: sign in as such.") % {"organization": organization}
        )
    mine = SupportSession.objects.filter(user=user, ended_at=None)
    if mine.filter(expires_at__gt=now).exists():
        raise SupportError(
            _("Your session in %(organization)s is still running. End it before you open another.")
            % {"organization": organization}
        )
    for stale in mine:  # its time ran out unnoticed: say so in the row, which allows one open session
        stale.ended_at = stale.expires_at
        stale.save(update_fields=["ended_at"])


def _open_sessions(now: datetime) -> Any:
    return SupportSession.objects.live(now).select_related("user")


def _end(sessions: Iterable[SupportSession], *, actor: User | None, now: datetime) -> None:
    running = list(sessions)
    if not running:
        raise SupportError(_("This session has ended already."))
    for session in running:
        session.ended_at = now
        session.save(update_fields=["ended_at"])
    for session in running:
        end_change(
            actor=actor,
            action="support.end",
            obj=session,
            at=now,
            what=touched(people=[session.user_id]),
            after={"person": str(session.user), "ticket": session.ticket},
        )


def _tell_owner(session: SupportSession, organization: Organization) -> None:
    owner = OrganizationUserGrant.objects.select_related("user").get(is_owner=True).user
    tell_support_started(owner, session, organization)
