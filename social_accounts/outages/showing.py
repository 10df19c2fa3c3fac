"""What pages say of servers that do not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import QuerySet

from social_accounts import connections
from social_accounts.models import ServerOutage, SocialProfile
from social_accounts.networks.registry import UnknownNetwork


@dataclass(frozen=True)
class Outage:
    """A server that is left alone. ``host`` is empty where the network has but one."""

    network: str
    label: str
    host: str
    since: datetime
    try_at: datetime

    def __str__(self) -> str:
        return f"{self.label} ({self.host})" if self.host else self.label


def outages_of(profiles: QuerySet[SocialProfile]) -> list[Outage]:
    """Return the servers of these profiles that do not answer. One query where all do."""
    standing = {(row.network, row.server): row for row in ServerOutage.objects.open()}
    if not standing:
        return []
    places = set(
        profiles.filter(network__in={network for network, _server in standing})
        .order_by()
        .values_list("network", "server")
    )
    return [shown(standing[place]) for place in sorted(places & standing.keys())]


def outage_of(profile: SocialProfile) -> Outage | None:
    """Return the outage of the profile's server; None while it answers."""
    row = ServerOutage.objects.open().filter(network=profile.network, server=profile.server).first()
    return shown(row) if row else None


def shown(row: ServerOutage) -> Outage:
    """Return an open outage in the words of its network."""
    assert row.since is not None and row.try_at is not None, "an open outage has both"
    label, host = row.network, urlsplit(row.server).netloc or row.server
    try:
        features = connections.features(row.network)
        label, host = features.label, host if features.needs_server else ""
    except UnknownNetwork:
        pass  # offered no more
    return Outage(row.network, label, host, row.since, row.try_at)
