"""Asking for access, and answering. What is given is a grant like any other, made by the one who answers (R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from audit.services import record_event
from notifications.keeping import settle
from orgs.models import AccessRequest, Membership, Organization, TeamUserGrant
from orgs.notices import tell_access_answered, tell_asked
from orgs.selectors.requests import (
    ANSWERS,
    Waiting,
    described,
    may_answer,
    people_who_may_answer,
    profile_named,
    roles_that_would_do,
)
from orgs.services.members import set_organization_role
from orgs.services.teams import add_to_team, set_team_role
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.checker import Access
from permissions.errors import Refused
from permissions.roles import RoleFacts
from permissions.scopes import scope_of
from permissions.services import begin_act, begin_change, grant_role

OPEN_MAX: Final = 20
"""Open requests of one person: more are not asking any more."""
TOLD_MAX: Final = 10
"""People who get an e-mail about one request; the others see it in the product."""


class CannotAsk(Refused):
    """What is asked for cannot be had by asking. The message is for the person."""


class RequestDecided(Refused):
    """Somebody else was first, or the request is withdrawn. The message is for the person."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a role or one action, on an object or on a profile that is only described."""

    scope: Scope
    obj: Model | None = None
    description: str = ""
    role: RoleFacts | None = None
    action: Action | None = None

    @property
    def label(self) -> str:
        return self.role.label if self.role else str(self.action.label) if self.action else ""


@transaction.atomic
def request_access(
    *,
    actor: Access,
    organization: Organization,
    wanted: Wanted,
    reason: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> AccessRequest:
    """Ask for a role or an action; those who may give exactly that are told. Raises NotAllowed and CannotAsk.

    A profile the asker only describes is looked up without telling him whether it was found.
    """
    actor = begin_act(actor, now)
    if actor.miss_before_scope() is not None:
        actor.require("organization.view_own_profiles", organization)
    if not actor.is_member:
        raise CannotAsk(_("Only members ask here. Your own company hands on to you what was shared with it."))
    membership = Membership.objects.select_related("user").get(user=actor.user)
    _refuse_pointless(actor, organization, wanted, expires_at, now)
    if AccessRequest.objects.open().filter(membership=membership).count() >= OPEN_MAX:
        raise CannotAsk(_("You have many requests open. Wait for an answer, or withdraw some."))
    obj = wanted.obj or profile_named(wanted.description)
    request = AccessRequest(
        membership=membership,
        scope=wanted.scope.value,
        object_id=obj.pk if obj is not None else None,
        object_name=str(wanted.obj) if wanted.obj is not None else wanted.description,
        action=wanted.action.name if wanted.action else "",
        permission_id=wanted.role.permission_id if wanted.role else None,
        reason=reason,
        expires_at=expires_at,
        asked_at=now,
    )
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        raise CannotAsk(_("You have asked for this already. Nobody has answered yet.")) from error
    after = {
        "asked_for": _key(wanted.role, wanted.action),
        "on": request.object_name,
        "expires_at": expires_at,
    }
    record_event(actor=actor.user, action="request.ask", obj=request, at=now, after=after, reason=reason)
    [waiting] = described([request], organization)
    tell_asked(people_who_may_answer(waiting, organization, now)[:TOLD_MAX], waiting, organization)
    return request


def _refuse_pointless(
    actor: Access, organization: Organization, wanted: Wanted, expires_at: datetime | None, now: datetime
) -> None:
    if expires_at is not None and expires_at <= now:
        raise CannotAsk(_("The end lies in the past. Choose a later one, or leave it out."))
    if expires_at is not None and wanted.scope is not Scope.PROFILE:
        raise CannotAsk(_("Only roles on profiles can have an end."))
    if wanted.obj is None and not wanted.description.strip():
        raise CannotAsk(_("Say which profile you mean."))
    if wanted.obj is not None and not actor.sees(wanted.obj):
        raise CannotAsk(_("Say which profile you mean."))
    able = roles_that_would_do(organization, wanted.scope, wanted.action.name if wanted.action else "")
    if wanted.role is not None:
        able = [role for role in able if role.permission_id == wanted.role.permission_id]
    if not able:
        raise CannotAsk(_("No role that can be given here holds this."))
    role = actor.organization_role
    if role is not None and wanted.scope is Scope.PROFILE and Scope.PROFILE in role.implies:
        raise CannotAsk(
            _("Your role %(role)s decides what you may do on every profile. Ask for another one of those.")
            % {"role": role.label}
        )
    if role is not None and wanted.scope is Scope.ORGANIZATION and role.is_owner:
        raise CannotAsk(_("You own this organization. Hand it over first."))
    if wanted.obj is None:
        return
    if wanted.action is not None and actor.can(wanted.action.name, wanted.obj):
        raise CannotAsk(_("You may do this there already."))
    for source in actor.sources(wanted.obj) if wanted.role else ():
        if source.role == wanted.role and source.grant.expires_at is None:
            raise CannotAsk(_("You have this role there already."))


@transaction.atomic
def give_what_was_asked(
    *,
    actor: Access,
    organization: Organization,
    request: AccessRequest,
    role: RoleFacts,
    now: datetime,
    obj: Model | None = None,
    expires_at: datetime | None = None,
    note: str = "",
) -> AccessRequest:
    """Grant a role in answer to a request: the one asked for, or another. ``obj`` where it was only described.

    Raises RequestDecided, NotAllowed, WouldEscalate and InvalidWindow.
    """
    actor = begin_change(actor, now)
    waiting = _take(actor, organization, request)
    request, asker = waiting.request, waiting.asker
    about = waiting.obj or obj
    if about is None or scope_of(about) is not Scope(request.scope) or role.scope is not Scope(request.scope):
        raise CannotAsk(_("Say which profile is meant."))
    said = _("Asked for by %(person)s: %(reason)s") % {"person": asker, "reason": request.reason}
    said = said[:300]
    if role.scope is Scope.PROFILE:
        grant_role(
            actor=actor,
            receiver=asker,
            role=role,
            obj=about,
            now=now,
            starts_at=now if expires_at else None,
            expires_at=expires_at,
            reason=said,
        )
    elif expires_at is not None:
        raise CannotAsk(_("Only roles on profiles can have an end."))
    elif role.scope is Scope.ORGANIZATION:
        set_organization_role(
            actor=actor,
            organization=organization,
            membership=request.membership,
            role=role,
            reason=said,
            now=now,
        )
    else:
        _give_place(actor, about, request.membership, role, said, now)
    request.object_id = about.pk
    request.given_permission_id, request.given_until = role.permission_id, expires_at
    return _close(actor, organization, waiting, AccessRequest.Status.GRANTED, note, now, role, about)


def _give_place(
    actor: Access, team: Any, membership: Membership, role: RoleFacts, said: str, now: datetime
) -> None:
    if TeamUserGrant.objects.filter(content_object=team, user=membership.user_id).exists():
        set_team_role(actor=actor, team=team, membership=membership, role=role, now=now)
    else:
        add_to_team(actor=actor, team=team, membership=membership, role=role, now=now)
    TeamUserGrant.objects.filter(content_object=team, user=membership.user_id).update(reason=said)


@transaction.atomic
def decline_request(
    *, actor: Access, organization: Organization, request: AccessRequest, now: datetime, note: str = ""
) -> AccessRequest:
    """Say no, with a note for the asker. Raises RequestDecided and NotAllowed."""
    actor = begin_change(actor, now)
    waiting = _take(actor, organization, request)
    return _close(actor, organization, waiting, AccessRequest.Status.DECLINED, note, now)


@transaction.atomic
def withdraw_request(*, actor: Access, request: AccessRequest, now: datetime) -> None:
    """Take one's own request back. Raises RequestDecided."""
    actor = begin_act(actor, now)
    assert request.membership.user_id == actor.user.pk, "one withdraws what one asked oneself"
    changed = AccessRequest.objects.filter(pk=request.pk, status=AccessRequest.Status.OPEN).update(
        status=AccessRequest.Status.WITHDRAWN, decided_at=now
    )
    if changed != 1:
        raise RequestDecided(_("This request was answered meanwhile."))
    record_event(actor=actor.user, action="request.withdraw", obj=request, at=now)


def _take(actor: Access, organization: Organization, request: AccessRequest) -> Waiting:
    """Lock the request and return it with what it is about; of two who decide at once the second is told."""
    row = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("membership__user", "decided_by")
        .filter(pk=request.pk)
        .first()
    )
    if row is None:
        raise RequestDecided(_("This request is gone: the person, or what it was about, is no longer here."))
    if row.status == AccessRequest.Status.WITHDRAWN:
        raise RequestDecided(_("%(person)s has withdrawn this request.") % {"person": row.membership})
    if not row.is_open:
        raise RequestDecided(
            _("%(person)s has answered this request already.") % {"person": row.decided_by or _("Somebody")}
        )
    found = described([row], organization)
    if not found:
        raise RequestDecided(_("This request is gone: the person, or what it was about, is no longer here."))
    waiting = found[0]
    if not may_answer(actor, waiting):
        actor.require(ANSWERS, organization)
        raise CannotAsk(_("You cannot give this: it is more than you hold yourself there."))
    return waiting


def _close(
    actor: Access,
    organization: Organization,
    waiting: Waiting,
    status: str,
    note: str,
    now: datetime,
    role: RoleFacts | None = None,
    about: Model | None = None,
) -> AccessRequest:
    request = waiting.request
    request.status, request.decided_by, request.decided_at, request.note = status, actor.user, now, note
    request.save()
    granted = status == AccessRequest.Status.GRANTED
    record_event(
        actor=actor.user,
        action="request.grant" if granted else "request.decline",
        obj=request,
        at=now,
        before={"asked_for": _key(waiting.role, waiting.action), "expires_at": request.expires_at},
        after={
            "person": str(waiting.asker),
            "person_id": waiting.asker.pk,
            "role": role.key if role else None,
            "on": str(about) if about is not None else request.object_name,
            "expires_at": request.given_until,
        }
        if granted
        else None,
        reason=note,
    )
    settle(request)
    tell_access_answered(waiting, organization, role if granted else None)
    return request


def _key(role: RoleFacts | None, action: Action | None) -> str:
    return role.key if role else action.name if action else ""


def action_named(name: str) -> Action | None:
    """Return the action of this name if it can be asked for, or None."""
    action = catalogue.ACTIONS.get(name)
    return action if action is not None and action.is_available else None
