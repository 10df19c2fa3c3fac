"""Where the secrets of profiles rest: encrypted, refreshed by one at a time, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_datetime

from audit.services import record_event
from social_accounts import connections, registrations
from social_accounts.models import Credential, SocialProfile
from social_accounts.networks.base import (
    Credentials,
    CredentialsExpired,
    NetworkError,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.words import mark
from social_accounts.notices import tell_needs_reconnect
from social_accounts.sealing import Unreadable, sealed, unsealed
from social_accounts.sentences import kept
from tenancy.context import organization_open

REFRESH_BEFORE: Final = timedelta(minutes=10)


def store_credentials(profile: SocialProfile, credentials: Credentials) -> Credentials | None:
    """Keep a profile's credentials and return those they replace. Inside the caller's transaction."""
    row = Credential.objects.select_for_update().filter(profile=profile).first()
    replaced = _opened_or_none(row) if row else None
    _write(row or Credential(profile=profile, version=0), credentials, connections.clock())
    return replaced


def fresh_credentials(*, organization_id: int, profile_id: int, now: datetime) -> Credentials:
    """Return credentials that hold for at least ten minutes more, refreshing them if need be.

    Opens the organization itself and must be called outside a transaction. Two callers at once refresh once: the
    second waits for the lock, reads again and finds the new pair, which was committed before anybody used it.
    Raises CredentialsExpired when a person must reconnect (the profile says so then), else what the network says.
    """
    return _credentials(
        organization_id=organization_id,
        profile_id=profile_id,
        now=now,
        statuses=_USABLE,
        margin=REFRESH_BEFORE,
    )


def credentials_to_try(
    *, organization_id: int, profile_id: int, now: datetime, margin: timedelta = REFRESH_BEFORE
) -> Credentials:
    """Return fresh credentials as above, also of a profile that needs reconnecting: to see whether it still does.

    ``margin``: refresh when less than this remains.
    """
    return _credentials(
        organization_id=organization_id, profile_id=profile_id, now=now, statuses=_TRYABLE, margin=margin
    )


def credentials_in_hand(profile: SocialProfile, now: datetime) -> Credentials | None:
    """Return credentials that hold for a while without a refresh; None: ask ``fresh_credentials``, which says why.

    Inside the caller's transaction: saves one of its own to whoever has the organization open anyway.
    """
    row = Credential.objects.filter(profile=profile).first() if profile.status in _USABLE else None
    found = _opened_or_none(row) if row else None
    ends_soon = found and found.expires_at and found.expires_at - now < REFRESH_BEFORE
    return None if ends_soon else found


def mark_needs_reconnect(
    *,
    organization_id: int,
    profile_id: int,
    detail: str | Exception,
    now: datetime,
    tried: Credentials | None = None,
) -> None:
    """Note that the network accepts a profile's credentials no more, and why. Repeating changes nothing.

    Opens the organization itself. ``detail`` is the adapter's error or sentence: it is shown in the reader's language.
    ``tried``: what the network refused; where a person has connected again meanwhile, nothing is noted.
    """
    with organization_open(organization_id):
        if tried is not None:
            SocialProfile.objects.select_for_update().filter(pk=profile_id).first()
            row = Credential.objects.filter(profile=profile_id).first()
            held = _opened_or_none(row) if row else None
            if held is not None and held.access_token != tried.access_token:
                return
        changed = SocialProfile.objects.filter(pk=profile_id, status=SocialProfile.Status.CONNECTED).update(
            status=SocialProfile.Status.NEEDS_RECONNECT, status_detail=kept(detail), checked_at=now
        )
        if changed:
            profile = SocialProfile.objects.select_related("organization").get(pk=profile_id)
            tell_needs_reconnect(profile, now)
            record_event(
                actor=None,
                action="profile.needs_reconnect",
                obj=profile,
                at=now,
                before={"status": SocialProfile.Status.CONNECTED},
                after={"status": SocialProfile.Status.NEEDS_RECONNECT},
                reason=str(detail)[:300],
            )


def take_out(profile: SocialProfile) -> Credentials | None:
    """Delete a profile's credentials and return them for the revocation; None when none can be read.

    Inside the caller's transaction, so that whatever the network answers, nothing is kept.
    """
    row = Credential.objects.select_for_update().filter(profile=profile).first()
    if row is None:
        return None
    credentials = _opened_or_none(row)
    row.delete()
    return credentials


def opened(row: Credential) -> Credentials:
    """Return the credentials of a row. Raises Unreadable."""
    return as_credentials(unsealed(row.secret, purpose=_purpose(row.profile_id)))


def as_json(credentials: Credentials) -> dict[str, Any]:
    """Return credentials as values that JSON knows, for sealing."""
    return {
        "access_token": credentials.access_token,
        "refresh_token": credentials.refresh_token,
        "expires_at": credentials.expires_at.isoformat() if credentials.expires_at else None,
        "scopes": list(credentials.scopes),
        "grant": credentials.grant,
        "extra": dict(credentials.extra),
    }


def as_credentials(value: Mapping[str, Any]) -> Credentials:
    """Return what ``as_json`` made."""
    return Credentials(
        access_token=value["access_token"],
        refresh_token=value["refresh_token"],
        expires_at=parse_datetime(value["expires_at"]) if value["expires_at"] else None,
        scopes=tuple(value["scopes"]),
        grant=value.get("grant", ""),
        extra=value["extra"],
    )


def _opened_or_none(row: Credential) -> Credentials | None:
    try:
        return opened(row)
    except Unreadable:
        return None


_USABLE: Final = (SocialProfile.Status.CONNECTED,)
_TRYABLE: Final = (SocialProfile.Status.CONNECTED, SocialProfile.Status.NEEDS_RECONNECT)


def _credentials(
    *, organization_id: int, profile_id: int, now: datetime, statuses: tuple[str, ...], margin: timedelta
) -> Credentials:
    with transaction.atomic(durable=True), organization_open(organization_id):
        row = Credential.objects.filter(profile=profile_id).first()
        found = _held(profile_id, row, statuses, now)
        if isinstance(found, Credentials) and _holds(found, now, margin):
            return found
    if isinstance(found, Credentials):
        assert row is not None
        found = _refreshed(
            organization_id=organization_id,
            profile_id=profile_id,
            now=now,
            statuses=statuses,
            margin=margin,
            version_seen=row.version,
        )
    if isinstance(found, CredentialsExpired):
        mark_needs_reconnect(organization_id=organization_id, profile_id=profile_id, detail=found, now=now)
        raise found
    return found


def _refreshed(
    *,
    organization_id: int,
    profile_id: int,
    now: datetime,
    statuses: tuple[str, ...],
    margin: timedelta,
    version_seen: int,
) -> Credentials | CredentialsExpired:
    """Refresh under the row's lock. The one place that holds a transaction while a network answers.

    Whoever waited for the lock takes what the other one stored, however short that lives.
    """
    with transaction.atomic(durable=True), organization_open(organization_id):
        profile = SocialProfile.objects.get(pk=profile_id)
        row = Credential.objects.select_for_update().filter(profile=profile_id).first()
        before = _held(profile_id, row, statuses, now)
        if isinstance(before, CredentialsExpired):
            return before
        assert row is not None
        if _holds(before, now, margin) or (row.version != version_seen and _has_time_left(before, now)):
            return before
        try:
            after = connections.adapter(profile.network).refresh(
                http=connections.http(),
                clock=connections.clock,
                app=registrations.registration_of(profile, before),
                credentials=before,
            )
        except CredentialsExpired as error:
            return error
        except Rejected as error:
            if error.reason is not RejectionReason.NOT_FOUND:
                raise
            return CredentialsExpired(
                *error.args
            )  # the server forgot our application, and its tokens with it
        except NetworkError:
            if _has_time_left(before, now):
                return before
            raise
        _write(row, after, now)
    return after


def _held(
    profile_id: int, row: Credential | None, statuses: tuple[str, ...], now: datetime
) -> Credentials | CredentialsExpired:
    """Return the credentials of a row, or why a person must connect again."""
    status = SocialProfile.objects.values_list("status", flat=True).get(pk=profile_id)
    if row is None or status not in statuses:
        return CredentialsExpired(mark("This profile is not connected; a person must connect it again."))
    try:
        found = opened(row)
    except Unreadable:
        return CredentialsExpired(
            mark("The key to this profile's connection is gone; a person must connect it again.")
        )
    if not found.refresh_token and not _has_time_left(found, now):
        return CredentialsExpired(mark("The connection has ended; a person must connect it again."))
    return found


def _has_time_left(credentials: Credentials, now: datetime) -> bool:
    return credentials.expires_at is None or credentials.expires_at > now


def _holds(credentials: Credentials, now: datetime, margin: timedelta) -> bool:
    """Say whether there is nothing to refresh: time enough, or no end, or nothing to refresh with."""
    if credentials.expires_at is None or not credentials.refresh_token:
        return True
    return credentials.expires_at - now >= margin


def _write(row: Credential, credentials: Credentials, now: datetime) -> Credential:
    row.secret = sealed(as_json(credentials), purpose=_purpose(row.profile_id))
    row.expires_at = credentials.expires_at
    row.scopes = [scope[:200] for scope in credentials.scopes]
    row.grant = credentials.grant
    row.version += 1
    row.stored_at = now
    row.save()
    return row


def _purpose(profile_id: int) -> str:
    return f"profile {profile_id}"
