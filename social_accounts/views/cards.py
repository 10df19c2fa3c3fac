"""What a network's card says before anybody connects an account there: what it asks of whom, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from social_accounts import connections
from social_accounts.networks import versions
from social_accounts.networks.base import Features
from social_accounts.sentences import shown


@dataclass(frozen=True)
class Card:
    """One network on the page where one is chosen. ``warnings``: what would go wrong as this Chorus stands."""

    network: Features
    is_set_up: bool
    conditions: str
    warnings: tuple[str, ...]


def card_of(network: Features) -> Card:
    warnings = endings_of([network])
    if network.fetches and not connections.has_public_address():
        warnings.append(
            _(
                "%(network)s fetches files from Chorus itself, which has no public https address here: posts with"
                " them cannot go out."
            )
            % {"network": network.label}
        )
    return Card(network, connections.is_set_up(network), shown(network.conditions), tuple(warnings))


def endings_of(networks: Iterable[Features]) -> list[str]:
    """Return a sentence for each network whose interface ends soon in the version that Chorus speaks."""
    ending = {
        name: (version.name, version.ends)
        for name, version in versions.ending_soon(timezone.localdate())
        if version.ends is not None
    }
    return [
        _(
            "%(network)s ends version %(version)s of its interface, which this Chorus speaks, on %(date)s. Its"
            " operator must update Chorus before, or nothing goes out there."
        )
        % {
            "network": network.label,
            "version": ending[network.name][0],
            "date": formats.date_format(ending[network.name][1], "DATE_FORMAT"),
        }
        for network in networks
        if network.name in ending
    ]
