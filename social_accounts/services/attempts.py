"""The way to a network's consent page and back: bound to one person, one browser, one state; used once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import constant_time_compare, salted_hmac

from orgs.models import Organization
from social_accounts.models import ConnectionAttempt, ConnectionChoice
from social_accounts.networks.base import AppRegistration, AuthorizationStart
from social_accounts.sealing import sealed, unsealed
from social_accounts.services.errors import AttemptExpired, AttemptUsed, ForeignAttempt, UnknownAttempt
from tenancy.context import unscoped

LIFETIME: Final = timedelta(minutes=15)
KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Destination:
    """What a connect is for: a new profile in a workspace, or a profile to connect again."""

    network: str
    typed_server: str = ""
    login_hint: str = ""
    workspace_id: int | None = None
    profile_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """An attempt whose person came back; nobody can claim it again."""

    organization: Organization
    destination: Destination
    registration: AppRegistration
    keep: Mapping[str, object]
    was_restarted: bool


def keep_attempt(
    *,
    user: AbstractBaseUser,
    session_key: str,
    destination: Destination,
    registration: AppRegistration,
    start: AuthorizationStart,
    was_restarted: bool,
    now: datetime,
) -> ConnectionAttempt:
    """Remember that a person left for a network. The organization must be open."""
    attempt = ConnectionAttempt(
        user_id=user.pk,
        session_digest=session_digest(session_key),
        state_digest=_state_digest(start.state),
        network=destination.network,
        server=registration.server,
        workspace_id=destination.workspace_id,
        profile_id=destination.profile_id,
        started_at=now,
    )
    value = {
        "keep": dict(start.keep),
        "login_hint": destination.login_hint,
        "client_id": registration.client_id,
        "client_secret": registration.client_secret,
        "extra": dict(registration.extra),
        "was_restarted": was_restarted,
    }
    attempt.kept = sealed(value, purpose=_purpose(attempt))
    attempt.save(force_insert=True)
    return attempt


def claim_attempt(
    *, user: AbstractBaseUser, session_key: str, network: str, state: str, now: datetime
) -> Claimed:
    """Return the attempt this state belongs to and use it up. Raises ConnectRefused; then nothing is used up.

    A stranger's state is refused and stays good for the one who started: he loses nothing by the theft.
    """
    with unscoped():  # the way back from a network names no organization: only the attempt knows it
        attempt = (
            ConnectionAttempt.objects.select_related("organization")
            .filter(state_digest=_state_digest(state), network=network)
            .first()
        )
        if attempt is None:
            raise UnknownAttempt
        is_own = constant_time_compare(attempt.session_digest, session_digest(session_key))
        if attempt.user_id != user.pk or not is_own:
            raise ForeignAttempt
        if attempt.used_at is not None:
            raise AttemptUsed
        if attempt.started_at + LIFETIME <= now:
            raise AttemptExpired
        claimed = ConnectionAttempt.objects.filter(pk=attempt.pk, used_at=None).update(used_at=now, kept="")
        if not claimed:
            raise AttemptUsed
    return _claimed(attempt)


def forget_old_attempts(*, now: datetime) -> int:
    """Delete attempts that nobody can use any more; return how many. Repeating is harmless."""
    with unscoped():  # housekeeping over all organizations
        deleted, _by_model = ConnectionAttempt.objects.filter(started_at__lt=now - KEPT_FOR).delete()
        unused, _by_model = ConnectionChoice.objects.filter(found_at__lt=now - LIFETIME).delete()
    return deleted + unused


def _claimed(attempt: ConnectionAttempt) -> Claimed:
    value: dict[str, Any] = unsealed(attempt.kept, purpose=_purpose(attempt))
    registration = AppRegistration(
        server=attempt.server,
        client_id=value["client_id"],
        client_secret=value["client_secret"],
        extra=value["extra"],
    )
    destination = Destination(
        network=attempt.network,
        typed_server=attempt.server,
        login_hint=value["login_hint"],
        workspace_id=attempt.workspace_id,
        profile_id=attempt.profile_id,
    )
    return Claimed(
        organization=attempt.organization,
        destination=destination,
        registration=registration,
        keep=value["keep"],
        was_restarted=value["was_restarted"],
    )


def _purpose(attempt: ConnectionAttempt) -> str:
    return f"attempt {attempt.pk}"


def _state_digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def session_digest(session_key: str) -> str:
    return salted_hmac("social_accounts.connect", session_key, algorithm="sha256").hexdigest()
