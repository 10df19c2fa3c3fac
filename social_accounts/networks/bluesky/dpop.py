"""Requests bound to a key (DPoP, RFC 9449) and our client's own signature (RFC 7523). ES256 throughout."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import cast

import httpx
from authlib.common.security import generate_token
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from ..base import CredentialsExpired
from ..words import _

ALGORITHM = "ES256"
ASSERTION_SECONDS = 60
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_JTI_CHARACTERS = 32


def new_key() -> dict[str, str]:
    """Return a fresh private key as JWK, to be kept with one account's credentials."""
    return cast("dict[str, str]", ECKey.generate_key("P-256", private=True).as_dict(private=True))


def public_jwk(private: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in private.items() if name in ("kty", "crv", "x", "y", "kid")}


def proof(
    key: Mapping[str, str], *, method: str, url: str, now: datetime, nonce: str = "", access_token: str = ""
) -> str:
    """Return a proof for one request; never use one twice. ``access_token`` binds it to the token."""
    claims: dict[str, object] = {
        "jti": generate_token(_JTI_CHARACTERS),
        "htm": method,
        "htu": str(httpx.URL(url).copy_with(query=None, fragment=None)),
        "iat": int(now.timestamp()),
    }
    if nonce:
        claims["nonce"] = nonce
    if access_token:
        digest = hashlib.sha256(access_token.encode("ascii")).digest()
        claims["ath"] = urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    public = {name: value for name, value in public_jwk(key).items() if name != "kid"}
    return _signed({"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": public}, claims, key)


def client_assertion(key: Mapping[str, str], *, client_id: str, issuer: str, now: datetime) -> dict[str, str]:
    """Return the form fields that prove we are ``client_id``; fresh for every request."""
    issued_at = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "jti": generate_token(_JTI_CHARACTERS),
        "iat": issued_at,
        "exp": issued_at + ASSERTION_SECONDS,
    }
    header = {"alg": ALGORITHM, "kid": key.get("kid", "")}
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": _signed(header, claims, key),
    }


def asks_for_nonce(answer: httpx.Response) -> bool:
    """Return whether the server only wants the same request again, with its nonce."""
    if answer.status_code not in (400, 401) or not answer.headers.get("DPoP-Nonce"):
        return False
    return "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "") + answer.text


def _signed(header: Mapping[str, object], claims: dict[str, object], key: Mapping[str, str]) -> str:
    try:
        imported = ECKey.import_key(dict(key))
    except (JoseError, ValueError, KeyError) as error:
        raise CredentialsExpired(_("The key of this connection cannot be read; connect again.")) from error
    return jwt.encode(dict(header), claims, imported, algorithms=[ALGORITHM])
