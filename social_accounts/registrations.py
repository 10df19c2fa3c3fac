"""Our application as each server knows it: registered on the fly, kept with its secret encrypted, made anew if lost.

A registration belongs to the whole installation. Networks where nothing is registered (no secret comes back) are asked
each time: that also checks the server.
"""

from __future__ import annotations

from django.db import transaction

from social_accounts import connections
from social_accounts.models import NetworkApp, SocialProfile
from social_accounts.networks.base import (
    AppRegistration,
    Credentials,
    NetworkError,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.servers import typed_origin
from social_accounts.sealing import Unreadable, sealed, unsealed


def registration_at(network: str, typed_server: str) -> AppRegistration:
    """Return our registration at the server a person typed, registering if need be. Talks to the network.

    Raises Rejected when there is no such server of this network, NotSent when it does not answer.
    """
    adapter = connections.adapter(network)
    redirect_uri = connections.callback_url(network)
    if adapter.features.has_operator_app:
        return _of_the_operator(network, typed_server)
    if found := _kept_at(network, typed_server, redirect_uri):
        return found
    made = adapter.register_app(
        http=connections.http(), server=typed_server, redirect_uri=redirect_uri, clock=connections.clock
    )
    return _keep(network, redirect_uri, made) if made.client_secret else made


def renewed_if_forgotten(network: str, registration: AppRegistration) -> AppRegistration:
    """Return the registration, or a new one where its server knows it no more. Talks to the network.

    A server that forgot us shows the person an error of its own and never sends him back, so it is asked before he
    leaves: with a code that nobody gave, which a server that knows us refuses as such.
    """
    if not registration.client_secret or connections.features(network).has_operator_app:
        return registration
    try:
        connections.adapter(network).finish(
            http=connections.http(),
            clock=connections.clock,
            app=registration,
            redirect_uri=connections.callback_url(network),
            keep={"verifier": "a-question-that-opens-nothing-a-question-that-opens-nothing"},
            callback={"code": "a-question-that-opens-nothing"},
        )
    except Rejected as answer:
        if answer.reason is RejectionReason.NOT_FOUND:
            forget_registration(network, registration)
            return registration_at(network, registration.server)
    except NetworkError:
        pass  # it cannot be asked just now; the person will see
    return registration


def registration_of(profile: SocialProfile, credentials: Credentials) -> AppRegistration:
    """Return the registration a profile's credentials were given to. Asks no network."""
    if connections.features(profile.network).has_operator_app:
        return _of_the_operator(profile.network, profile.server)
    rows = NetworkApp.objects.filter(network=profile.network, server=profile.server).order_by("-created_at")
    redirect_uri = connections.callback_url(profile.network)
    row = next((row for row in rows if row.redirect_uri == redirect_uri), None) or next(iter(rows), None)
    if row is not None:
        return _opened(row)
    return AppRegistration(
        server=profile.server, client_id=str(credentials.extra.get("client_id", "")), client_secret=""
    )


def forget_registration(network: str, registration: AppRegistration) -> None:
    """Drop a registration that its server no longer knows. Repeating is harmless."""
    NetworkApp.objects.filter(
        network=network, server=registration.server, client_id=registration.client_id
    ).delete()


def _of_the_operator(network: str, server: str) -> AppRegistration:
    """Return what the settings say today: an operator may change his application's secret at any time."""
    return connections.adapter(network).register_app(
        http=connections.http(), server=server, redirect_uri=connections.callback_url(network)
    )


def _kept_at(network: str, typed_server: str, redirect_uri: str) -> AppRegistration | None:
    if not typed_server.strip():
        return None
    trusted = connections.trusted_origins()
    origin, _account = typed_origin(typed_server, trusted_origins=trusted)
    row = NetworkApp.objects.filter(network=network, server=origin, redirect_uri=redirect_uri).first()
    if row is None:
        return None
    try:
        return _opened(row)
    except Unreadable:  # its key is gone: a new registration costs nothing
        row.delete()
        return None


def _keep(network: str, redirect_uri: str, made: AppRegistration) -> AppRegistration:
    """Store a registration; where another was stored meanwhile, that one counts: tokens may rest on it already."""
    secret = sealed(
        {"client_secret": made.client_secret, "extra": dict(made.extra)},
        purpose=_purpose(network, made.server, made.client_id),
    )
    with transaction.atomic():
        row, _created = NetworkApp.objects.get_or_create(
            network=network,
            server=made.server,
            redirect_uri=redirect_uri,
            defaults={"client_id": made.client_id, "secret": secret},
        )
    return _opened(row)


def _opened(row: NetworkApp) -> AppRegistration:
    value = unsealed(row.secret, purpose=_purpose(row.network, row.server, row.client_id))
    return AppRegistration(
        server=row.server,
        client_id=row.client_id,
        client_secret=value["client_secret"],
        extra=value["extra"],
    )


def _purpose(network: str, server: str, client_id: str) -> str:
    return f"app {client_id} at {server} ({network})"
