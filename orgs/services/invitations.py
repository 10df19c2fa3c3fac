"""Invitations: an offer of membership that starts nothing until it is accepted (P3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record_event, record_refusal
from notifications.links import absolute
from orgs.mail import send_on_commit
from orgs.models import (
    Invitation,
    Membership,
    Organization,
    OrganizationUserGrant,
    Workspace,
    WorkspaceAccess,
)
from orgs.notices import tell_joined
from orgs.selectors.partners import partners_people_among
from orgs.services.reach import refuse_gains_anywhere
from orgs.services.workspaces import refuse_workspaces_out_of_reach
from permissions.catalogue import Scope
from permissions.changes import end_change, note_state_before, touched
from permissions.checker import Access, load_access
from permissions.errors import NotAllowed, Refused, WouldEscalate
from permissions.giving import refuse_escalation, require_managing
from permissions.locks import change_access
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.services import begin_change
from tenancy.context import organization_open, unscoped

INVITATION_HOLDS: Final = timedelta(days=7)
TOKEN_BYTES: Final = 32


class InvitationError(Refused):
    """An invitation cannot be made or used. The message is for the person."""


class InvitationGone(InvitationError):
    """The link was used, withdrawn, has run out, or its sender may no longer give what it offers (410)."""


class PartnersPeople(InvitationError):
    """P8: an address belongs to somebody at a partner, who is given profiles through it and not as an own member."""


class WrongPerson(InvitationError):
    """The signed-in person does not own the address that was invited."""


@dataclass(frozen=True)
class Offer:
    """What an invitation offers: one for all addresses that are invited together."""

    role: RoleFacts
    reaches_all_workspaces: bool = True
    workspaces: Sequence[Workspace] = ()
    profile_role: RoleFacts | None = None
    profiles: Sequence[Model] = field(default=())


def digest_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite_members(
    *,
    actor: Access,
    organization: Organization,
    emails: Collection[str],
    offer: Offer,
    language: str,
    message: str,
    now: datetime,
    even_partners_people: bool = False,
) -> list[Invitation]:
    """Invite people by e-mail, all or none. Raises NotAllowed, WouldEscalate and InvitationError.

    Raises PartnersPeople for the people of a partner, unless ``even_partners_people`` says that this is meant.
    """
    actor = begin_change(actor, now)
    actor.require("organization.invite_members", organization)
    _refuse_offer(actor, organization, offer)
    if members := sorted(members_among(emails)):
        raise InvitationError(_("Already in the organization: %(people)s.") % {"people": ", ".join(members)})
    Invitation.objects.filter(
        email__in=emails, accepted_at=None, withdrawn_at=None, expires_at__lte=now
    ).update(withdrawn_at=now)
    if open_ones := list(Invitation.objects.open(now).filter(email__in=emails)):
        addresses = ", ".join(sorted(invitation.email for invitation in open_ones))
        raise InvitationError(
            _("Already invited: %(people)s. Send those invitations again from the list.")
            % {"people": addresses}
        )
    if not even_partners_people and (found := partners_people_among(emails)):
        raise PartnersPeople(_who_works_for_a_partner(found))
    return [
        _invite_one(actor, organization, email, offer, language=language, message=message, now=now)
        for email in emails
    ]


def _who_works_for_a_partner(companies: Mapping[str, str]) -> str:
    people = ", ".join(f"{email} ({company})" for email, company in sorted(companies.items()))
    return _(
        "Works for a partner of yours: %(people)s. Share profiles with the partner instead: it assigns them to its"
        " people. As own members they would stay when the partnership ends."
    ) % {"people": people}


def members_among(emails: Collection[str]) -> set[str]:
    """Return those addresses that belong, verified or as sign-in address, to members of the open organization."""
    members = Membership.objects.values("user")
    primary = User.objects.filter(email__in=emails, pk__in=members).values_list("email", flat=True)
    other = EmailAddress.objects.filter(email__in=emails, verified=True, user__in=members)
    return {*primary, *other.values_list("email", flat=True)}


def _refuse_offer(actor: Access, organization: Organization, offer: Offer) -> None:
    """R9 for an offer: asked when it is made, and again when it is accepted."""
    refuse_escalation(giver=actor, receiver=None, role=offer.role, obj=organization)
    refuse_workspaces_out_of_reach(
        actor, reaches_all=offer.reaches_all_workspaces, workspaces=offer.workspaces
    )
    for profile in offer.profiles if offer.profile_role else ():
        require_managing(actor, profile)
        refuse_escalation(giver=actor, receiver=None, role=offer.profile_role, obj=profile)  # type: ignore[arg-type]


def _invite_one(
    actor: Access,
    organization: Organization,
    email: str,
    offer: Offer,
    *,
    language: str,
    message: str,
    now: datetime,
) -> Invitation:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    known = User.objects.filter(email__iexact=email).first()
    role = offer.profile_role
    invitation = Invitation.objects.create(
        email=email,
        token_digest=digest_of_token(token),
        permission_id=offer.role.permission_id,
        reaches_all_workspaces=offer.reaches_all_workspaces,
        workspace_ids=[workspace.pk for workspace in offer.workspaces],
        profile_roles=[
            {"profile": profile.pk, "permission": role.permission_id} for profile in offer.profiles
        ]
        if role
        else [],
        language=known.language if known else language,
        message=message,
        invited_by=actor.user,
        invited_at=now,
        expires_at=now + INVITATION_HOLDS,
    )
    record_event(
        actor=actor.user,
        action="invitation.send",
        obj=invitation,
        at=now,
        after={
            "role": offer.role.key,
            "profiles": [f"{profile}: {role.key}" for profile in offer.profiles] if role else [],
        },
    )
    _send(invitation, organization, token)
    return invitation


@transaction.atomic
def resend_invitation(
    *, actor: Access, organization: Organization, invitation: Invitation, now: datetime
) -> None:
    """Send a new link; the old one stops working. Whoever sends it vouches for it from now on."""
    actor = begin_change(actor, now)
    actor.require("organization.invite_members", organization)
    invitation = _locked(invitation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationGone(_("This invitation was accepted or withdrawn already."))
    _refuse_offer(actor, organization, offer_of(invitation))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.token_digest = digest_of_token(token)
    invitation.invited_by, invitation.invited_at = actor.user, now
    invitation.expires_at = now + INVITATION_HOLDS
    invitation.save()
    record_event(actor=actor.user, action="invitation.resend", obj=invitation, at=now)
    _send(invitation, organization, token)


@transaction.atomic
def withdraw_invitation(
    *, actor: Access, organization: Organization, invitation: Invitation, now: datetime
) -> None:
    actor = begin_change(actor, now)
    actor.require("organization.invite_members", organization)
    invitation = _locked(invitation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationGone(_("This invitation was accepted or withdrawn already."))
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    record_event(actor=actor.user, action="invitation.withdraw", obj=invitation, at=now)


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation whose link holds this secret, in whatever state it is."""
    with unscoped():  # the link itself says which organization; nobody is signed in to it yet
        return (
            Invitation.objects.filter(token_digest=digest_of_token(token))
            .select_related("organization", "invited_by", "permission__role")
            .first()
        )


def refuse_if_gone(invitation: Invitation, now: datetime) -> None:
    """Raise InvitationGone unless the link still works."""
    if invitation.accepted_at is not None:
        raise InvitationGone(_("This invitation was used already."))
    if invitation.withdrawn_at is not None:
        raise InvitationGone(_("This invitation was withdrawn."))
    if invitation.expires_at <= now:
        raise InvitationGone(_("This invitation has run out."))


def accept_invitation(*, user: User, invitation: Invitation, now: datetime) -> Membership:
    """Make the person a member with what was offered. Raises WrongPerson and InvitationGone.

    What the inviter may give is asked again, of what he holds now (R9). Nothing is half done: all in one transaction.
    """
    with _refusal_recorded(user, invitation, now), organization_open(invitation.organization_id):
        return _accept(user, invitation, invitation.organization, now)


@contextmanager
def _refusal_recorded(user: User | None, invitation: Invitation, now: datetime) -> Iterator[None]:
    """Where the inviter may no longer give what he offered: undo, record it, and raise InvitationGone."""
    try:
        yield
    except (NotAllowed, WouldEscalate) as refusal:
        with organization_open(invitation.organization_id):
            record_refusal(
                actor=user, action="invitation.accept", obj=invitation, at=now, reason=str(refusal)
            )
        raise InvitationGone(
            _("%(person)s, who invited you, may no longer give what this invitation offers.")
            % {"person": invitation.invited_by}
        ) from refusal


def _accept(user: User, invitation: Invitation, organization: Organization, now: datetime) -> Membership:
    change_access(organization.pk)
    note_state_before(organization.pk, now)
    invitation = _locked(invitation)
    refuse_if_gone(invitation, now)
    if not owns_address(user, invitation.email):
        raise WrongPerson(
            _("This invitation was sent to %(email)s, which is not a confirmed address of yours.")
            % {"email": invitation.email}
        )
    if Membership.objects.filter(user=user).exists():
        raise InvitationGone(_("You are a member of this organization already."))
    inviter = load_access(user=invitation.invited_by, organization_id=organization.pk, at=now)
    inviter.require("organization.invite_members", organization)
    offer = offer_of(invitation)
    _refuse_offer(inviter, organization, offer)
    membership = _join(user, invitation, organization, offer, now)
    has = load_access(user=user, organization_id=organization.pk, at=now)
    refuse_gains_anywhere(giver=inviter, before=None, after=has, organization=organization)
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    role = offer.profile_role
    end_change(
        actor=user,
        action="invitation.accept",
        obj=membership,
        at=now,
        what=touched(people=[user.pk]),
        after={
            "role": offer.role.key,
            "invited_by": str(invitation.invited_by),
            "profiles": [f"{profile}: {role.key}" for profile in offer.profiles] if role else [],
        },
    )
    tell_joined(invitation, membership, organization)
    return membership


def _join(
    user: User, invitation: Invitation, organization: Organization, offer: Offer, now: datetime
) -> Membership:
    membership = Membership.objects.create(
        user=user,
        reaches_all_workspaces=offer.reaches_all_workspaces,
        joined_at=now,
        invited_by=invitation.invited_by,
    )
    WorkspaceAccess.objects.bulk_create(
        WorkspaceAccess(membership=membership, workspace=workspace) for workspace in offer.workspaces
    )
    given: dict[str, Any] = {"user": user, "granted_by": invitation.invited_by, "granted_at": now}
    OrganizationUserGrant.objects.create(
        content_object=organization, permission_id=offer.role.permission_id, **given
    )
    table = tables_of(Scope.PROFILE).user_grants
    if offer.profile_role:
        for profile in offer.profiles:
            table.objects.create(
                content_object=profile, permission_id=offer.profile_role.permission_id, **given
            )
    return membership


def owns_address(user: User, email: str) -> bool:
    return bool(EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists())


def offer_of(invitation: Invitation) -> Offer:
    """Return what an invitation offers today: profiles and workspaces that are gone since are left out."""
    permissions = {invitation.permission_id, *(row["permission"] for row in invitation.profile_roles)}
    roles = roles_by_permission(permissions)
    profile_ids = [row["profile"] for row in invitation.profile_roles]
    profiles = list(tables_of(Scope.PROFILE).model._default_manager.filter(pk__in=profile_ids))
    return Offer(
        role=roles[invitation.permission_id],
        reaches_all_workspaces=invitation.reaches_all_workspaces,
        workspaces=list(Workspace.objects.filter(pk__in=invitation.workspace_ids)),
        profile_role=roles[invitation.profile_roles[0]["permission"]] if profiles else None,
        profiles=profiles,
    )


def sign_up_invited(
    *, invitation: Invitation, name: str, password: str, language: str, now: datetime
) -> tuple[User, Membership]:
    """Create the invited person, whose address the link has proven, and accept for him. All or nothing."""
    with _refusal_recorded(None, invitation, now), organization_open(invitation.organization_id):
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise WrongPerson(
                _("There is an account with the address %(email)s. Sign in with it to accept.")
                % {"email": invitation.email}
            )
        user = User.objects.create_user(
            email=invitation.email, password=password, name=name, language=language, date_joined=now
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user, _accept(user, invitation, invitation.organization, now)


def _locked(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization", "invited_by")
        .get(pk=invitation.pk)
    )


def _send(invitation: Invitation, organization: Organization, token: str) -> None:
    send_on_commit(
        name="invitation",
        to=invitation.email,
        language=invitation.language,
        context={
            "invitation": invitation,
            "organization": organization,
            "url": absolute(reverse("invitation_accept", args=[token])),
        },
    )
