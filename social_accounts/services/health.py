"""Is a connection alive? Asked about daily, and when somebody wants to know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from audit.services import record_event
from permissions.checker import Access
from social_accounts import connections, vault
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Account, Credentials, CredentialsExpired, NetworkError
from social_accounts.sentences import kept
from social_accounts.services.profiles import require_serving
from social_accounts.services.seen import seen_of
from tenancy.context import organization_open, unscoped

CHECK_EVERY: Final = timedelta(days=1)
TRY_AGAIN_AFTER: Final = timedelta(hours=1)
"""After a check that got no answer."""
Status = SocialProfile.Status


def next_check(network: str, credentials: Credentials, now: datetime) -> datetime:
    """Return when to look again: in a day, or when the token is to be renewed, but at most hourly."""
    tomorrow = now + CHECK_EVERY
    if credentials.expires_at is None:
        return tomorrow
    renews_at = credentials.expires_at - connections.features(network).renews_before
    return min(tomorrow, max(renews_at, now + TRY_AGAIN_AFTER))


def end_of(credentials: Credentials) -> datetime | None:
    """Return when a connection ends that only a person can renew; None where it renews itself, or has no end."""
    return None if credentials.refresh_token else credentials.expires_at


def claim_due_profiles(*, now: datetime) -> list[tuple[int, int]]:
    """Return (organization id, profile id) of the connected profiles to be checked now.

    Each is handed out once; a check that never happens is handed out again in an hour.
    """
    with unscoped():  # the schedule looks over all organizations; each check opens its own
        due = list(
            SocialProfile.objects.select_for_update(skip_locked=True)
            .filter(
                Q(check_at=None) | Q(check_at__lte=now),
                status=Status.CONNECTED,
                network__in=[features.name for features in connections.offered_networks()],
            )
            .order_by("pk")
            .values_list("organization_id", "pk")
        )
        SocialProfile.objects.filter(pk__in=[pk for _organization, pk in due]).update(
            check_at=now + TRY_AGAIN_AFTER
        )
    return due


def check_profile(*, organization_id: int, profile_id: int, now: datetime) -> str:
    """Ask the network whose credentials these are, and note what came of it; return the profile's status.

    Outside a transaction. Safe to repeat. A profile that needs reconnecting is connected again if the network
    accepts it again; one without a connection, or of a network that is not offered here, is left alone.
    """
    with organization_open(organization_id):
        profile = SocialProfile.objects.filter(pk=profile_id).first()
    if profile is None or profile.status not in (Status.CONNECTED, Status.NEEDS_RECONNECT):
        return profile.status if profile else Status.DISCONNECTED
    if profile.network not in {features.name for features in connections.offered_networks()}:
        return profile.status
    credentials = None
    try:
        credentials = vault.credentials_to_try(
            organization_id=organization_id,
            profile_id=profile_id,
            now=now,
            margin=connections.features(profile.network).renews_before,
        )
        account = connections.adapter(profile.network).identify(
            http=connections.http(), clock=connections.clock, server=profile.server, credentials=credentials
        )
    except CredentialsExpired as error:
        vault.mark_needs_reconnect(
            organization_id=organization_id, profile_id=profile_id, detail=error, now=now, tried=credentials
        )
        with organization_open(organization_id):
            SocialProfile.objects.filter(pk=profile_id, status=Status.NEEDS_RECONNECT).update(checked_at=now)
        return Status.NEEDS_RECONNECT
    except NetworkError as error:
        with organization_open(organization_id):
            SocialProfile.objects.filter(pk=profile_id, status=Status.CONNECTED).update(
                status_detail=kept(error), check_at=now + TRY_AGAIN_AFTER
            )
        return profile.status
    limits = connections.limits_at(profile.network, profile.server)
    _note_alive(organization_id, profile, account, credentials, limits or profile.limits, now)
    return Status.CONNECTED


def check_profile_now(*, actor: Access, profile_id: int, now: datetime) -> str:
    """Check because a person wants to know; return the profile's status. Outside a transaction."""
    with organization_open(actor.organization_id):
        require_serving(actor, "profile.view_profile", SocialProfile.objects.get(pk=profile_id))
    return check_profile(organization_id=actor.organization_id, profile_id=profile_id, now=now)


def _note_alive(
    organization_id: int,
    profile: SocialProfile,
    account: Account,
    credentials: Credentials,
    limits: dict[str, Any],
    now: datetime,
) -> None:
    with organization_open(organization_id):
        changed = SocialProfile.objects.filter(pk=profile.pk, status=profile.status).update(
            status=Status.CONNECTED,
            status_detail="",
            checked_at=now,
            check_at=next_check(profile.network, credentials, now),
            ends_at=end_of(credentials),
            limits=limits,
            **seen_of(account),
        )
        if changed and profile.status != Status.CONNECTED:
            record_event(
                actor=None,
                action="profile.connected_again",
                obj=profile,
                at=now,
                before={"status": profile.status},
                after={"status": Status.CONNECTED},
            )
