"""For networks where an account can be looked up by the beginning of its handle, to mention it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import httpx

from .base import Account, Clock


@dataclass(frozen=True, kw_only=True)
class Mentionable:
    """An account as a text mentions it: ``handle`` is what stands behind the @."""

    handle: str
    name: str


@runtime_checkable
class FindAccounts(Protocol):
    def find_accounts(
        self, *, http: httpx.Client, clock: Clock, account: Account, beginning: str, limit: int
    ) -> Sequence[Mentionable]:
        """Return accounts that fit, best first, as ``account`` would mention them. Public: asks for no credentials."""
