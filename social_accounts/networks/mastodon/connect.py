"""Connecting an account of any Mastodon server: our application made known there, then OAuth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx

from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    Credentials,
    NetworkError,
    Rejected,
    RejectionReason,
    utc_now,
)
from ..oauth import code_of, consent_url, kept, new_state, new_verifier
from ..servers import typed_origin
from ..words import _
from . import client
from .errors import Call
from .features import NAME
from .oauth import fetch_token, refresh_token, revoke_token

PUBLISHING_SCOPES = ("read:statuses", "write:statuses", "write:media")
IDENTITY_SCOPE = "profile"
IDENTITY_SCOPE_BEFORE_4_3 = "read:accounts"


@dataclass(frozen=True, kw_only=True)
class MastodonConfig:
    """``client_name`` and ``website`` are what people see of us on a server's consent page.

    ``trusted_origins`` may be plain http and private: the sandbox and test servers.
    """

    client_name: str = "Chorus"
    website: str = ""
    trusted_origins: frozenset[str] = frozenset()


class MastodonConnect:
    def __init__(self, config: MastodonConfig) -> None:
        self._config = config

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        origin, account = typed_origin(server, trusted_origins=self._config.trusted_origins)
        call = Call(http=http, server=origin, now=clock())
        call = Call(http=http, server=_server_behind(call, account), now=clock())
        metadata = client.get_oauth_metadata(call)
        if metadata is not None:
            call = Call(http=http, server=metadata.server, now=clock())
        knows_profile = metadata is not None and IDENTITY_SCOPE in metadata.scopes
        scopes = " ".join(
            (IDENTITY_SCOPE if knows_profile else IDENTITY_SCOPE_BEFORE_4_3, *PUBLISHING_SCOPES)
        )
        application = self._create_app(call, redirect_uri, scopes, takes_list=metadata is not None)
        extra: dict[str, object] = {"scopes": scopes}
        if metadata is not None:
            extra["authorization_endpoint"] = metadata.authorization_endpoint
            extra["token_endpoint"] = metadata.token_endpoint
            extra["revocation_endpoint"] = metadata.revocation_endpoint
        return AppRegistration(
            server=call.server,
            client_id=application.client_id,
            client_secret=application.client_secret,
            extra=extra,
        )

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        state, verifier = new_state(), new_verifier()
        url = consent_url(
            str(app.extra.get("authorization_endpoint") or app.server + "/oauth/authorize"),
            client_id=app.client_id,
            redirect_uri=redirect_uri,
            scope=str(app.extra.get("scopes", "")),
            state=state,
            verifier=verifier,
        )
        return AuthorizationStart(url=url, state=state, keep={"verifier": verifier})

    def finish(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        app: AppRegistration,
        redirect_uri: str,
        keep: Mapping[str, object],
        callback: Mapping[str, str],
    ) -> tuple[Account, Credentials]:
        call = Call(http=http, server=app.server, now=clock())
        token = fetch_token(
            call, app, code=code_of(callback), redirect_uri=redirect_uri, verifier=kept(keep, "verifier")
        )
        credentials = _credentials(token, call)
        account = self.identify(http=http, clock=clock, server=app.server, credentials=credentials)
        return account, credentials

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Mastodon's tokens do not expire: they come back as they are. Some of its kin rotate theirs."""
        if not credentials.refresh_token:
            return credentials
        call = Call(http=http, server=app.server, now=clock())
        token = refresh_token(call, app, token=credentials.refresh_token)
        return _credentials(token, call, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        call = Call(http=http, server=app.server, now=clock())
        revoke_token(call, app, token=credentials.access_token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        call = Call(http=http, server=server, now=clock(), token=credentials.access_token)
        found = client.get_account(call)
        return Account(
            network=NAME,
            server=server,
            remote_id=found.id,
            handle=f"@{found.username}@{call.host}",
            display_name=found.display_name or found.username,
            url=found.url,
            avatar_url=found.avatar,
        )

    def _create_app(
        self, call: Call, redirect_uri: str, scopes: str, *, takes_list: bool
    ) -> client.Application:
        name, website = self._config.client_name, self._config.website
        not_one = _("%(host)s does not answer like a Mastodon server.", host=call.host)
        forms: list[Sequence[str] | str] = [[redirect_uri], redirect_uri] if takes_list else [redirect_uri]
        for form in forms:
            try:
                return client.create_app(
                    call, client_name=name, redirect_uris=form, scopes=scopes, website=website
                )
            except Rejected as refused:
                # Some servers describe themselves as 4.3 and later do, but know only the older form.
                if form is not forms[-1] and refused.reason is RejectionReason.OTHER:
                    continue
                raise Rejected(RejectionReason.NOT_FOUND, not_one) from refused
        raise AssertionError("a form either works or raises")


def _server_behind(call: Call, account: str) -> str:
    """Return the origin to talk to: where the domain says the account lives, else the domain itself."""
    if not account:
        return call.server
    try:
        return client.get_webfinger_server(call, account) or call.server
    except NetworkError:
        return call.server


def _credentials(token: client.Token, call: Call, *, before: Credentials | None = None) -> Credentials:
    lifetime = token.expires_in_seconds if token.refresh_token else None
    return Credentials(
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        expires_at=call.now + timedelta(seconds=lifetime) if lifetime else None,
        scopes=token.scopes or (before.scopes if before else ()),
    )
