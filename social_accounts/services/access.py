"""Giving and ending roles on a profile, of several people at once (P9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from permissions.checker import Access
from permissions.models import UserGrant
from permissions.roles import RoleFacts
from permissions.services import end_grant, grant_role
from social_accounts.models import ProfileUserGrant, SocialProfile


@transaction.atomic
def give_access(
    *,
    actor: Access,
    profile: SocialProfile,
    people: Sequence[User],
    role: RoleFacts,
    now: datetime,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
) -> list[UserGrant]:
    """Give one role to several people: to all of them or to none. One audit event per person.

    Raises NotAllowed, WouldEscalate and InvalidWindow.
    """
    return [
        grant_role(
            actor=actor,
            receiver=person,
            role=role,
            obj=profile,
            now=now,
            starts_at=starts_at,
            expires_at=expires_at,
            reason=reason,
        )
        for person in people
    ]


@transaction.atomic
def end_access(*, actor: Access, grants: Sequence[ProfileUserGrant], now: datetime, reason: str = "") -> None:
    """End direct roles: all of them or none. One audit event per role. Raises NotAllowed and WouldEscalate."""
    for grant in grants:
        end_grant(actor=actor, grant=grant, now=now, reason=reason)
