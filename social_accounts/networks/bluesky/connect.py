"""Connecting a Bluesky account: by OAuth, or by an app password."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import httpx

from ..answers import Json, number_of, text_of
from ..base import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    Credentials,
    CredentialsExpired,
    NetworkError,
    Rejected,
    RejectionReason,
    utc_now,
)
from ..http import origin_of
from ..oauth import challenge_of, code_of, kept, new_state, new_verifier
from ..servers import typed_origin
from ..words import _
from . import client, dpop
from .config import BlueskyConfig, Realm
from .features import NAME
from .identity import Directory, Identity
from .oauth import OAuthClient, TokenSet, discover

APP_PASSWORD = "app_password"  # noqa: S105 - the name of a kind of sign-in
OAUTH = "oauth"
ACCESS_FALLBACK = timedelta(minutes=30)
MAIN_PASSWORD_SCOPE = "com.atproto.access"  # noqa: S105 - the name of a scope


class BlueskyConnect:
    def __init__(self, config: BlueskyConfig) -> None:
        self._config = config
        self._trusted = frozenset(origin_of(origin) for origin in config.trusted_origins)

    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Nothing is registered on this network; this checks the server and says who we are to it."""
        origin = self._config.default_server
        if server.strip():
            origin, _account = typed_origin(server, trusted_origins=self._trusted)
            discover(http, origin)
        return AppRegistration(server=origin, client_id=self._config.client_id_for(redirect_uri))

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        """With a handle the person is sent to his own server; without, to the server of ``app``."""
        hint = login_hint.strip().lstrip("@")
        identity = self._directory(http, app.server).identity(hint) if hint else None
        server = discover(http, identity.server if identity else app.server)
        state, verifier, key = new_state(), new_verifier(), dpop.new_key()
        oauth = self._oauth(http, clock, app.client_id, server.issuer, key)
        form = {
            "response_type": "code",
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "state": state,
            "redirect_uri": redirect_uri,
            "scope": self._config.scope,
        }
        request_uri = oauth.push(server, form | ({"login_hint": hint} if hint else {}))
        query = urlencode({"client_id": app.client_id, "request_uri": request_uri})
        return AuthorizationStart(
            url=f"{server.authorization_endpoint}?{query}",
            state=state,
            keep={
                "verifier": verifier,
                "dpop_jwk": key,
                "did": identity.did if identity else "",
                "issuer": server.issuer,
                "token_endpoint": server.token_endpoint,
                "revocation_endpoint": server.revocation_endpoint,
            },
        )

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
        issuer = kept(keep, "issuer")
        if callback.get("iss") != issuer:
            raise Rejected(RejectionReason.OTHER, _("The answer came from another server than was asked."))
        code = code_of(callback)
        key = _key_in(keep)
        oauth = self._oauth(http, clock, app.client_id, issuer, key)
        tokens = oauth.exchange_code(
            kept(keep, "token_endpoint"),
            code=code,
            redirect_uri=redirect_uri,
            verifier=kept(keep, "verifier"),
        )
        identity = self._identity_of_subject(http, app.server, tokens, keep)
        extra = {
            "kind": OAUTH,
            "did": identity.did,
            "pds": identity.server,
            "issuer": issuer,
            "client_id": app.client_id,
            "token_endpoint": kept(keep, "token_endpoint"),
            "revocation_endpoint": keep.get("revocation_endpoint", ""),
            "dpop_jwk": dict(key),
        }
        account = self._account(http, clock, identity)
        return account, _oauth_credentials(tokens, clock(), extra)

    def sign_in(
        self, *, http: httpx.Client, clock: Clock, server: str, identifier: str, password: str
    ) -> tuple[Account, Credentials]:
        """Sign in with an app password. Refuses the account's main password: it may do everything."""
        name = identifier.strip().lstrip("@")
        origin = self._sign_in_server(http, server, name)
        caller = client.Caller(http=http, clock=clock, server=origin)
        try:
            session = client.create_session(caller, identifier=name, password=password.strip())
        except CredentialsExpired as error:
            raise Rejected(
                RejectionReason.OTHER, _("Bluesky does not know this handle with this app password.")
            ) from error
        if text_of(_claims(session.access_jwt), "scope") == MAIN_PASSWORD_SCOPE:
            self._forget(http, clock, origin, session.refresh_jwt)
            raise Rejected(
                RejectionReason.OTHER,
                _("This is the account's main password. Make an app password in Bluesky's settings instead."),
            )
        identity = self._directory(http, origin).identity_of_did(session.did)
        extra = {"kind": APP_PASSWORD, "did": identity.did, "pds": identity.server}
        return self._account(http, clock, identity), _password_credentials(session, clock(), extra)

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        extra = dict(credentials.extra)
        if extra.get("kind") == APP_PASSWORD:
            caller = client.Caller(
                http=http, clock=clock, server=text_of(extra, "pds"), token=credentials.refresh_token
            )
            return _password_credentials(client.refresh_session(caller), clock(), extra)
        tokens = self._oauth_of(http, clock, app, credentials).refresh(
            text_of(extra, "token_endpoint"), credentials.refresh_token
        )
        if tokens.subject != extra.get("did"):
            raise CredentialsExpired(_("The connection now belongs to another account; connect again."))
        return _oauth_credentials(tokens, clock(), extra, before=credentials)

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        extra = credentials.extra
        if extra.get("kind") == APP_PASSWORD:
            self._forget(http, clock, text_of(extra, "pds"), credentials.refresh_token)
            return
        endpoint = text_of(extra, "revocation_endpoint")
        if endpoint:
            token = credentials.refresh_token or credentials.access_token
            self._oauth_of(http, clock, app, credentials).revoke(endpoint, token)

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        caller = caller_of(http, clock, credentials)
        did = client.get_session_did(caller)
        if did != credentials.extra.get("did"):
            raise CredentialsExpired(_("The connection now belongs to another account; connect again."))
        return self._account(http, clock, self._directory(http, caller.server).identity_of_did(did))

    def _account(self, http: httpx.Client, clock: Clock, identity: Identity) -> Account:
        caller = client.Caller(http=http, clock=clock, server=identity.server)
        try:
            profile = client.get_profile(caller, identity.did)
        except NetworkError:
            # Many accounts have no profile record; the connection is none the worse for it.
            profile = client.Profile(display_name="", avatar_cid="")
        handle = identity.handle or identity.did
        avatar = ""
        if profile.avatar_cid:
            query = urlencode({"did": identity.did, "cid": profile.avatar_cid})
            avatar = f"{identity.server}/xrpc/com.atproto.sync.getBlob?{query}"
        return Account(
            network=NAME,
            server=identity.server,
            remote_id=identity.did,
            handle=f"@{handle}" if identity.handle else handle,
            display_name=profile.display_name or handle,
            url=f"{self._realm(identity.server).web_url}/profile/{identity.did}",
            avatar_url=avatar,
        )

    def _identity_of_subject(
        self, http: httpx.Client, server: str, tokens: TokenSet, keep: Mapping[str, object]
    ) -> Identity:
        """Return who was authorized, after checking that this server may speak for that account.

        Any server could name any account; only the one that the account itself points to is believed.
        """
        expected = keep.get("did")
        identity = self._directory(http, server).identity_of_did(tokens.subject)
        if (expected and tokens.subject != expected) or discover(http, identity.server).issuer != keep.get(
            "issuer"
        ):
            raise Rejected(
                RejectionReason.OTHER, _("The server answered for an account that is not the one asked for.")
            )
        return identity

    def _sign_in_server(self, http: httpx.Client, server: str, name: str) -> str:
        if server.strip():
            origin, _account = typed_origin(server, trusted_origins=self._trusted)
            return origin
        if "@" in name:
            return self._config.default_server
        return self._directory(http, self._config.default_server).identity(name).server

    def _forget(self, http: httpx.Client, clock: Clock, server: str, refresh_jwt: str) -> None:
        caller = client.Caller(http=http, clock=clock, server=server, token=refresh_jwt)
        try:
            client.delete_session(caller)
        except (CredentialsExpired, Rejected):
            return  # it knows this session no more: that is what was wanted

    def _realm(self, server: str) -> Realm:
        return self._config.realm_of(server)

    def _directory(self, http: httpx.Client, server: str) -> Directory:
        return Directory(
            http=http, realm=self._realm(server), is_trusted=lambda origin: origin_of(origin) in self._trusted
        )

    def _oauth(
        self, http: httpx.Client, clock: Clock, client_id: str, issuer: str, key: Mapping[str, str]
    ) -> OAuthClient:
        return OAuthClient(
            http=http, clock=clock, config=self._config, client_id=client_id, issuer=issuer, key=key
        )

    def _oauth_of(
        self, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> OAuthClient:
        client_id = text_of(credentials.extra, "client_id") or app.client_id
        issuer = text_of(credentials.extra, "issuer")
        return self._oauth(http, clock, client_id, issuer, _key_in(credentials.extra))


def caller_of(http: httpx.Client, clock: Clock, credentials: Credentials) -> client.Caller:
    """Return the account itself, as one who sends requests to its own server."""
    extra = credentials.extra
    return client.Caller(
        http=http,
        clock=clock,
        server=text_of(extra, "pds"),
        token=credentials.access_token,
        dpop_key=None if extra.get("kind") == APP_PASSWORD else _key_in(extra),
    )


def _key_in(kept_values: Mapping[str, object]) -> dict[str, str]:
    key = kept_values.get("dpop_jwk")
    if not isinstance(key, dict):
        raise CredentialsExpired(_("The key of this connection is missing; connect again."))
    return key


def _claims(token: str) -> Json | None:
    """Return what a JWT says of itself, unverified: good for reading an expiry, never for trust."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    return cast(Json, found) if isinstance(found, dict) else None


def _password_credentials(session: client.Session, now: datetime, extra: Mapping[str, object]) -> Credentials:
    expires = number_of(_claims(session.access_jwt), "exp")
    return Credentials(
        access_token=session.access_jwt,
        refresh_token=session.refresh_jwt,
        expires_at=datetime.fromtimestamp(expires, tz=UTC) if expires else now + ACCESS_FALLBACK,
        extra=extra,
    )


def _oauth_credentials(
    tokens: TokenSet, now: datetime, extra: Mapping[str, object], *, before: Credentials | None = None
) -> Credentials:
    lifetime = timedelta(seconds=tokens.expires_in_seconds) if tokens.expires_in_seconds else ACCESS_FALLBACK
    return Credentials(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or (before.refresh_token if before else ""),
        expires_at=now + lifetime,
        scopes=tokens.scopes,
        extra=extra,
    )
