"""Bluesky's OAuth:

pushed authorization requests, PKCE, DPoP, and proof of who we are. Source: atproto.com/specs/oauth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from ..answers import Json, as_object, number_of, text_of, texts_of
from ..base import Clock, CredentialsExpired, NotSent, Rejected, RejectionReason, Trouble
from ..http import Effect, exchange
from ..words import _
from . import dpop
from .config import BlueskyConfig
from .errors import raise_for, raise_unreadable

HTTP_CREATED = 201


@dataclass(frozen=True, kw_only=True)
class AuthorizationServer:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    par_endpoint: str
    revocation_endpoint: str


@dataclass(frozen=True, kw_only=True)
class TokenSet:
    access_token: str
    refresh_token: str
    subject: str
    scopes: tuple[str, ...]
    expires_in_seconds: int


class OAuthClient:
    """We, talking to one authorization server with one account's key."""

    def __init__(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        config: BlueskyConfig,
        client_id: str,
        issuer: str,
        key: Mapping[str, str],
    ) -> None:
        self._http = http
        self._clock = clock
        self._config = config
        self._client_id = client_id
        self._issuer = issuer
        self._key = key
        self._nonce = ""

    def push(self, server: AuthorizationServer, form: Mapping[str, str]) -> str:
        """Push an authorization request; return its ``request_uri``."""
        answer = self._post(server.par_endpoint, form)
        if not answer.is_success:
            self._refuse(answer)
        request_uri = text_of(as_object(answer), "request_uri")
        if not request_uri:
            raise_unreadable(answer, Effect.PREPARE)
        return request_uri

    def exchange_code(self, server_endpoint: str, *, code: str, redirect_uri: str, verifier: str) -> TokenSet:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._post(server_endpoint, form)
        if text_of(as_object(answer), "error") == "invalid_grant":
            raise Rejected(
                RejectionReason.OTHER,
                _("The approval came too late or was used before. Please connect again."),
            )
        return self._tokens(answer)

    def refresh(self, token_endpoint: str, refresh_token: str) -> TokenSet:
        """Return the new pair; the old refresh token is dead afterwards."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        answer = self._post(token_endpoint, form)
        if text_of(as_object(answer), "error") in ("invalid_grant", "invalid_client"):
            raise CredentialsExpired(_("Bluesky no longer renews this connection."))
        return self._tokens(answer)

    def revoke(self, endpoint: str, token: str) -> None:
        """Make the server forget the grant; a token it does not know is a success (RFC 7009)."""
        answer = self._post(endpoint, {"token": token})
        if answer.status_code in (400, 401, 404):
            return
        if not answer.is_success:
            self._refuse(answer)

    def _post(self, url: str, form: Mapping[str, str]) -> httpx.Response:
        answer = self._once(url, form)
        if dpop.asks_for_nonce(answer):
            answer = self._once(url, form)
        return answer

    def _once(self, url: str, form: Mapping[str, str]) -> httpx.Response:
        now = self._clock()
        fields = {**form, "client_id": self._client_id}
        if self._config.signing_jwk is not None:
            fields |= dpop.client_assertion(
                self._config.signing_jwk, client_id=self._client_id, issuer=self._issuer, now=now
            )
        proof = dpop.proof(self._key, method="POST", url=url, now=now, nonce=self._nonce)
        answer = exchange(
            self._http, "POST", url, effect=Effect.PREPARE, headers={"DPoP": proof}, data=fields
        )
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)
        return answer

    def _tokens(self, answer: httpx.Response) -> TokenSet:
        if not answer.is_success:
            self._refuse(answer)
        found = as_object(answer)
        tokens = TokenSet(
            access_token=text_of(found, "access_token"),
            refresh_token=text_of(found, "refresh_token"),
            subject=text_of(found, "sub"),
            scopes=tuple(text_of(found, "scope").split()),
            expires_in_seconds=number_of(found, "expires_in") or 0,
        )
        is_bound = text_of(found, "token_type").lower() == "dpop"
        if not tokens.access_token or not tokens.subject or not is_bound or "atproto" not in tokens.scopes:
            raise_unreadable(answer, Effect.PREPARE)
        return tokens

    def _refuse(self, answer: httpx.Response) -> None:
        """Raise what a refusal of the authorization server means; none of its words are for the author."""
        if answer.status_code == 429 or answer.status_code >= 500:
            raise_for(answer, effect=Effect.PREPARE, now=self._clock())
        code = text_of(as_object(answer), "error")
        raise Rejected(
            RejectionReason.OTHER,
            _("Bluesky refused the connection (%(code)s).", code=code or answer.status_code),
        )


def discover(http: httpx.Client, server: str) -> AuthorizationServer:
    """Return the authorization server behind a PDS, or behind an entryway that is one itself.

    Raises Rejected(NOT_FOUND) when ``server`` does not answer like a server of this network.
    """
    resource = _document(http, server + "/.well-known/oauth-protected-resource")
    issuers = texts_of(resource, "authorization_servers")
    issuer = issuers[0].rstrip("/") if len(issuers) == 1 else server
    found = _document(http, issuer + "/.well-known/oauth-authorization-server")
    described = AuthorizationServer(
        issuer=text_of(found, "issuer"),
        authorization_endpoint=text_of(found, "authorization_endpoint"),
        token_endpoint=text_of(found, "token_endpoint"),
        par_endpoint=text_of(found, "pushed_authorization_request_endpoint"),
        revocation_endpoint=text_of(found, "revocation_endpoint"),
    )
    endpoints = (described.authorization_endpoint, described.token_endpoint, described.par_endpoint)
    can_dpop = dpop.ALGORITHM in texts_of(found, "dpop_signing_alg_values_supported")
    # The browser is sent there and secrets go there: never to a lesser scheme than the issuer's own.
    scheme = issuer.partition("://")[0] + "://"
    are_safe = all(endpoint.startswith(scheme) for endpoint in endpoints)
    if described.issuer != issuer or not are_safe or not can_dpop:
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("%(host)s does not answer like a Bluesky server.", host=httpx.URL(server).host),
        )
    return described


def client_metadata(
    config: BlueskyConfig, *, redirect_uris: Sequence[str], client_uri: str, jwks_uri: str
) -> dict[str, object]:
    """Return the public document to serve at ``config.client_id`` (content type application/json)."""
    return {
        "client_id": config.client_id,
        "client_name": config.client_name,
        "client_uri": client_uri,
        "redirect_uris": list(redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": config.scope,
        "application_type": "web",
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": dpop.ALGORITHM,
        "jwks_uri": jwks_uri,
    }


def public_jwks(config: BlueskyConfig) -> dict[str, object]:
    """Return the public half of our key, to serve at the metadata's ``jwks_uri``."""
    if config.signing_jwk is None:
        return {"keys": []}
    return {"keys": [{**dpop.public_jwk(config.signing_jwk), "use": "sig", "alg": dpop.ALGORITHM}]}


def new_signing_jwk(key_id: str) -> dict[str, str]:
    """Return a fresh private key for ``BlueskyConfig.signing_jwk``."""
    return {**dpop.new_key(), "kid": key_id}


def _document(http: httpx.Client, url: str) -> Json | None:
    answer = exchange(http, "GET", url, effect=Effect.READ)
    if answer.status_code >= 500:
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=answer.url.host, status=answer.status_code),
            trouble=Trouble.FAULT,
        )
    return as_object(answer) if answer.is_success else None
