"""Looking accounts up on a Mastodon server. Source: docs.joinmastodon.org/methods/search (public since 4.0)."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ..answers import list_of, text_of
from ..base import Account, Clock
from ..http import Effect
from ..people import Mentionable
from .errors import Call, json_object, send


class FindsAccounts:
    def find_accounts(
        self, *, http: httpx.Client, clock: Clock, account: Account, beginning: str, limit: int
    ) -> Sequence[Mentionable]:
        call = Call(http=http, server=account.server, now=clock())
        params: dict[str, str | int] = {"q": beginning, "type": "accounts", "limit": limit}
        answer = send(call, "GET", "/api/v2/search", effect=Effect.READ, params=params)
        found = list_of(json_object(answer, call, Effect.READ), "accounts")
        accounts = [one for one in found if isinstance(one, dict)]
        return [
            Mentionable(handle=text_of(one, "acct"), name=text_of(one, "display_name"))
            for one in accounts
            if text_of(one, "acct")
        ]
