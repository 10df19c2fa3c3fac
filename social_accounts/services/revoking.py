"""Making a network forget a grant, without hurting another profile that rests on the same one."""

from __future__ import annotations

from social_accounts import connections, vault
from social_accounts.models import Credential
from social_accounts.networks.base import Account, AppRegistration, Credentials, NetworkError
from social_accounts.networks.registry import UnknownNetwork
from social_accounts.sealing import Unreadable
from tenancy.context import unscoped


def revoke(*, account: Account, registration: AppRegistration, credentials: Credentials) -> bool:
    """Revoke at the network; return whether it took it (or had nothing to take). Outside a transaction.

    Mastodon gives everybody who connects one account the same token: revoking it would cut off the other
    organization's profile, so a token that another profile holds is only forgotten here. Likewise a consent that
    opened several pages, while one of them is still connected.
    """
    if is_held_elsewhere(account, credentials):
        return True
    try:
        connections.adapter(account.network).revoke(
            http=connections.http(), clock=connections.clock, app=registration, credentials=credentials
        )
    except (NetworkError, UnknownNetwork):
        return False
    return True


def is_held_elsewhere(account: Account, credentials: Credentials) -> bool:
    """Say whether a profile, of whichever organization, holds this very token, or another of the same consent."""
    with unscoped():  # one account may be a profile of several organizations, and its token the same
        at_home = Credential.objects.filter(profile__network=account.network, profile__server=account.server)
        if credentials.grant:
            return at_home.filter(grant=credentials.grant).exists()
        rows = at_home.filter(profile__remote_id=account.remote_id)
        return any(_token_of(row) == credentials.access_token for row in rows)


def _token_of(row: Credential) -> str:
    try:
        return vault.opened(row).access_token
    except Unreadable:
        return ""
