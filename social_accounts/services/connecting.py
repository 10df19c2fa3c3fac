"""Connecting a profile: leave for the network, come back, keep what it gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Organization, Workspace
from permissions.catalogue import Scope
from permissions.changes import end_change, touched
from permissions.checker import Access
from permissions.packs import PACKS
from permissions.roles import builtin_role
from permissions.services import begin_change
from social_accounts import connections, registrations, vault
from social_accounts.models import ProfileUserGrant, SocialProfile
from social_accounts.networks.base import (
    Account,
    AppRegistration,
    Connectable,
    Credentials,
    ManyAccounts,
    NetworkError,
    Rejected,
    RejectionReason,
    SignInWithPassword,
)
from social_accounts.services.attempts import Claimed, Destination, keep_attempt
from social_accounts.services.errors import AlreadyAProfile, ConnectRefused, WrongAccount
from social_accounts.services.health import end_of, next_check
from social_accounts.services.revoking import revoke
from social_accounts.services.seen import note_seen
from tenancy.context import organization_open

ADD = "organization.add_social_profile"
RECONNECT = "profile.reconnect_profile"


@dataclass(frozen=True)
class Several:
    """The consent opened several accounts: the person ticks which (``services.choosing``)."""

    found: Sequence[Connectable]
    registration: AppRegistration
    destination: Destination


class StartAgain(Exception):
    """The server had forgotten us; a new registration and a new way were made. ``url``: where to send the person."""

    def __init__(self, url: str) -> None:
        super().__init__("the server had forgotten our application")
        self.url = url


def start_connection(
    *, actor: Access, destination: Destination, session_key: str, now: datetime, was_restarted: bool = False
) -> str:
    """Return the address of the network's consent page, and remember who left for it.

    Talks to the network: outside a transaction. Raises NotAllowed and the adapters' errors.
    """
    with organization_open(actor.organization_id):
        _require(actor, destination)
    adapter = connections.adapter(destination.network)
    registration = registrations.registration_at(destination.network, destination.typed_server)
    if not was_restarted:
        registration = registrations.renewed_if_forgotten(destination.network, registration)
    start = adapter.start(
        http=connections.http(),
        app=registration,
        redirect_uri=connections.callback_url(destination.network),
        login_hint=destination.login_hint,
        clock=connections.clock,
    )
    with organization_open(actor.organization_id):
        keep_attempt(
            user=actor.user,
            session_key=session_key,
            destination=destination,
            registration=registration,
            start=start,
            was_restarted=was_restarted,
            now=now,
        )
    return start.url


def finish_connection(
    *, actor: Access, claimed: Claimed, callback: Mapping[str, str], session_key: str, now: datetime
) -> SocialProfile | Several:
    """Turn the way back into a connected profile, or into what is to be ticked. Outside a transaction.

    Raises NotAllowed, ConnectRefused, the adapters' errors (Rejected when the person declined), and StartAgain when
    the server had forgotten our application: once, then it is an error.
    """
    destination = claimed.destination
    with organization_open(actor.organization_id):
        _require(actor, destination)
    try:
        account, credentials = connections.adapter(destination.network).finish(
            http=connections.http(),
            clock=connections.clock,
            app=claimed.registration,
            redirect_uri=connections.callback_url(destination.network),
            keep=claimed.keep,
            callback=callback,
        )
    except Rejected as error:
        if error.reason is not RejectionReason.NOT_FOUND or not claimed.registration.client_secret:
            raise
        registrations.forget_registration(destination.network, claimed.registration)
        if claimed.was_restarted:
            raise
        url = start_connection(
            actor=actor, destination=destination, session_key=session_key, now=now, was_restarted=True
        )
        raise StartAgain(url) from error
    found = _opened_by(claimed, account, credentials)
    if len(found) > 1:
        return Several(found, claimed.registration, destination)
    return keep_or_give_back(
        actor=actor,
        destination=destination,
        account=found[0].account,
        credentials=found[0].credentials,
        registration=claimed.registration,
        now=now,
    )


def _opened_by(claimed: Claimed, account: Account, credentials: Credentials) -> Sequence[Connectable]:
    """Return what the consent opened; to reconnect a profile, only that profile's account if it is among it.

    Raises Rejected when none of it can be connected as it stands.
    """
    itself = Connectable(account=account, credentials=credentials)
    adapter = connections.adapter(claimed.destination.network)
    if not isinstance(adapter, ManyAccounts):
        return [itself]
    try:
        found = adapter.accounts(
            http=connections.http(),
            clock=connections.clock,
            app=claimed.registration,
            credentials=credentials,
        )
    except NetworkError:
        revoke(account=account, registration=claimed.registration, credentials=credentials)
        raise
    if claimed.destination.profile_id is not None:
        with organization_open(claimed.organization.pk):
            wanted = SocialProfile.objects.filter(pk=claimed.destination.profile_id).first()
        found = [one for one in found if wanted and one.account.remote_id == wanted.remote_id]
    if found and all(one.problem for one in found):
        revoke(account=account, registration=claimed.registration, credentials=credentials)
        raise Rejected(RejectionReason.OTHER, found[0].problem)
    return found or [itself]


def connect_with_password(
    *, actor: Access, destination: Destination, identifier: str, password: str, now: datetime
) -> SocialProfile:
    """Connect by a password made for this application. Outside a transaction; the password is not kept.

    Raises NotAllowed, ConnectRefused and the adapters' errors (Rejected when the pair is wrong).
    """
    with organization_open(actor.organization_id):
        _require(actor, destination)
    adapter = connections.adapter(destination.network)
    if not isinstance(adapter, SignInWithPassword):
        raise Rejected(RejectionReason.OTHER, _("This network has no app passwords."))
    account, credentials = adapter.sign_in(
        http=connections.http(),
        clock=connections.clock,
        server=destination.typed_server,
        identifier=identifier,
        password=password,
    )
    return keep_or_give_back(
        actor=actor,
        destination=destination,
        account=account,
        credentials=credentials,
        registration=AppRegistration(server=account.server, client_id=""),
        now=now,
    )


def keep_or_give_back(
    *,
    actor: Access,
    destination: Destination,
    account: Account,
    credentials: Credentials,
    registration: AppRegistration,
    now: datetime,
) -> SocialProfile:
    """Keep the connection; where that is refused, make the network forget it, so that nothing is half done."""
    limits = connections.limits_at(account.network, account.server)
    try:
        profile, replaced = _keep(
            actor=actor,
            destination=destination,
            account=account,
            credentials=credentials,
            limits=limits,
            now=now,
        )
    except Exception:
        revoke(account=account, registration=registration, credentials=credentials)
        raise
    if replaced is not None and replaced.access_token != credentials.access_token:
        former = registrations.registration_of(profile, replaced)
        revoke(account=account, registration=former, credentials=replaced)
    return profile


def _keep(
    *,
    actor: Access,
    destination: Destination,
    account: Account,
    credentials: Credentials,
    limits: dict[str, Any],
    now: datetime,
) -> tuple[SocialProfile, Credentials | None]:
    """Write profile, credentials, the connector's role and the audit event in one transaction.

    Returns the profile and the credentials it had before.
    """
    with organization_open(actor.organization_id):
        actor = begin_change(actor, now)  # the person was away: what counts is what he may do now
        _require(actor, destination)
        profile = _profile_for(actor, destination, account)
        is_new = profile.pk is None
        before = None if is_new else _described(profile)
        profile.server, profile.remote_id = account.server, account.remote_id
        note_seen(profile, account)
        profile.limits = limits
        profile.status, profile.status_detail = SocialProfile.Status.CONNECTED, ""
        profile.connected_by_id, profile.connected_at, profile.checked_at = actor.user.pk, now, now
        profile.check_at = next_check(account.network, credentials, now)
        profile.ends_at = end_of(credentials)
        profile.save()
        replaced = vault.store_credentials(profile, credentials)
        if is_new:
            _give_connectors_role(actor, profile, now)
        end_change(
            actor=actor.user,
            action="profile.connect" if is_new else "profile.reconnect",
            obj=profile,
            at=now,
            what=touched(profiles=[profile.pk]),
            before=before,
            after=_described(profile) | {"scopes": list(credentials.scopes)},
        )
    return profile, replaced


def _profile_for(actor: Access, destination: Destination, account: Account) -> SocialProfile:
    """Return the profile to write: the one to reconnect, the one this account already is, or a new one."""
    of_account = (
        SocialProfile.objects.select_for_update()
        .filter(network=account.network, server=account.server, remote_id=account.remote_id)
        .first()
    )
    if destination.profile_id is not None:
        wanted = SocialProfile.objects.select_for_update().get(pk=destination.profile_id)
        if wanted.remote_id and (wanted.server, wanted.remote_id) != (account.server, account.remote_id):
            raise WrongAccount(wanted=wanted.handle, got=account.handle)
        if of_account is not None and of_account.pk != wanted.pk:
            raise AlreadyAProfile(handle=account.handle)
        return wanted
    if of_account is not None:
        if not actor.serves(RECONNECT, of_account):
            actor.require(RECONNECT, of_account)
        return of_account
    assert destination.workspace_id is not None, "checked with the rights"
    return SocialProfile(
        workspace_id=destination.workspace_id,
        slug=_free_slug(account.handle),
        network=account.network,
        name=(account.display_name or account.handle)[:120],
        time_zone=Organization.objects.get(pk=actor.organization_id).time_zone,
    )


def _require(actor: Access, destination: Destination) -> None:
    """Raise NotAllowed unless the person may connect to this destination. The organization must be open."""
    if destination.profile_id is not None:
        profile = SocialProfile.objects.filter(pk=destination.profile_id).first()
        if profile is None:
            raise ConnectRefused(_("This profile is gone."))
        if not actor.serves(RECONNECT, profile):
            actor.require(RECONNECT, profile)
        return
    actor.require(ADD, Organization.objects.get(pk=actor.organization_id))
    within = actor.workspace_ids
    found = Workspace.objects.filter(pk=destination.workspace_id or 0)
    if not (found if within is None else found.filter(pk__in=within)).exists():
        raise ConnectRefused(_("Choose a workspace you can reach."))


def _give_connectors_role(actor: Access, profile: SocialProfile, now: datetime) -> None:
    """Give whoever connects the role his pack names for it, unless his organization role brings one by itself."""
    role = actor.organization_role
    if role is None or Scope.PROFILE in role.implies:
        return
    pack = role.pack or next(iter(Organization.objects.get(pk=actor.organization_id).packs), "standard")
    slug = PACKS[pack].connector_role
    if slug is None:
        return
    given = builtin_role(f"{pack}:{slug}", Scope.PROFILE)
    reason = _("Connected the profile")
    ProfileUserGrant.objects.create(
        content_object=profile,
        user_id=actor.user.pk,
        permission_id=given.permission_id,
        granted_by_id=actor.user.pk,
        granted_at=now,
        reason=reason,
    )
    record_event(
        actor=actor.user,
        action="access.grant",
        obj=profile,
        at=now,
        after={"person": str(actor.user), "role": given.key},
        reason=reason,
    )


def _described(profile: SocialProfile) -> dict[str, object]:
    return {
        "network": profile.network,
        "server": profile.server,
        "handle": profile.handle,
        "status": profile.status,
        "workspace": str(profile.workspace),
    }


def _free_slug(handle: str) -> str:
    base = slugify(handle.lstrip("@").replace("@", "-").replace(".", "-"))[:70] or "profile"
    taken = set(SocialProfile.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
