"""What a conversation with the network about a profile's boards needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import httpx

from permissions.errors import Refused
from social_accounts import connections, vault
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Account, Clock, Credentials, CredentialsExpired, NetworkError
from social_accounts.networks.boards import Boards
from social_accounts.networks.registry import UnknownNetwork


class Asking(TypedDict):
    """What every function of ``networks.boards.Boards`` wants to be handed."""

    http: httpx.Client
    clock: Clock
    credentials: Credentials
    account: Account


@dataclass(frozen=True)
class Line:
    """An open line to the network of one profile."""

    boards: Boards
    asking: Asking


class NoBoards(Refused):
    """The profile's network has no boards, or is not offered here."""


def has_boards(profile: SocialProfile) -> bool:
    """Say whether the profile's network has boards that can be managed here."""
    try:
        return isinstance(connections.adapter(profile.network), Boards)
    except UnknownNetwork:
        return False


def line_to(profile: SocialProfile, now: datetime) -> Line:
    """Return the line. Outside a transaction. Raises NetworkError when the profile has to be connected again."""
    adapter = connections.adapter(profile.network)
    if not isinstance(adapter, Boards):
        raise NoBoards(profile.network)
    credentials = vault.fresh_credentials(
        organization_id=profile.organization_id, profile_id=profile.pk, now=now
    )
    asking = Asking(
        http=connections.http(),
        clock=connections.clock,
        credentials=credentials,
        account=connections.account_of(profile),
    )
    return Line(adapter, asking)


def note_dead_connection(
    profile: SocialProfile, error: NetworkError, line: Line | None, now: datetime
) -> None:
    """Say on the profile that a person has to connect it again, where that is what the network said."""
    if isinstance(error, CredentialsExpired) and line is not None:
        vault.mark_needs_reconnect(
            organization_id=profile.organization_id,
            profile_id=profile.pk,
            detail=error,
            now=now,
            tried=line.asking["credentials"],
        )
