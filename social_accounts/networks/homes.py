"""Networks where the operator registers our application by hand: where they live, and who we are there.

One network may have two homes: the real one, and the sandbox's. A profile is stored with its home's ``server``, so
both can stand side by side in one installation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .base import AppRegistration, Rejected, RejectionReason
from .words import _

SANDBOX = "sandbox"  # the application every sandbox network knows, and its secret


@dataclass(frozen=True, kw_only=True)
class Home:
    """``endpoints`` are the addresses of a network's parts, by the names its adapter gives them.

    ``scopes``: the permissions the operator's application was given there, where they are not all we would ask for.
    """

    server: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    endpoints: Mapping[str, str]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Homes:
    """Every home of one network that is set up, the real one first."""

    label: str
    homes: tuple[Home, ...] = ()

    def at(self, server: str) -> Home:
        """Return the home of this name, the first for an empty one. Raises Rejected(OTHER) when there is none."""
        for home in self.homes:
            if server in ("", home.server):
                return home
        raise Rejected(
            RejectionReason.OTHER,
            _(
                "The operator of this Chorus has not set up an application at %(network)s yet.",
                network=self.label,
            ),
        )

    def registration_at(self, server: str) -> AppRegistration:
        """Return the operator's own registration: such networks have no other."""
        home = self.at(server)
        return AppRegistration(server=home.server, client_id=home.client_id, client_secret=home.client_secret)
