"""Looking accounts up on Bluesky's app view. Source: lexicon app.bsky.actor.searchActorsTypeahead (public)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import httpx

from ..answers import list_of, text_of
from ..base import Account, Clock
from ..http import Effect
from ..people import Mentionable
from .client import Caller
from .config import Realm
from .errors import object_in

METHOD = "app.bsky.actor.searchActorsTypeahead"


class _KnowsRealms(Protocol):
    def _realm(self, server: str) -> Realm: ...


class FindsAccounts:
    def find_accounts(
        self: _KnowsRealms, *, http: httpx.Client, clock: Clock, account: Account, beginning: str, limit: int
    ) -> Sequence[Mentionable]:
        caller = Caller(http=http, clock=clock, server=self._realm(account.server).appview_url)
        params: dict[str, str | int] = {"q": beginning, "limit": limit}
        answer = caller.send("GET", METHOD, effect=Effect.READ, params=params)
        found = [one for one in list_of(object_in(answer, Effect.READ), "actors") if isinstance(one, dict)]
        return [
            Mentionable(handle=text_of(one, "handle"), name=text_of(one, "displayName"))
            for one in found
            if text_of(one, "handle")
        ]
