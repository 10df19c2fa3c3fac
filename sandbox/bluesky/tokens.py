"""Signed tokens and DPoP proofs (RFC 9449), verified with joserfc."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from sandbox import storage
from sandbox.web import origin_of

NONCE_SECONDS = 180
PROOF_SECONDS = 60  # how far a client's clock may be off, and how old a proof may be


class BadProof(Exception):
    """The DPoP proof is missing or wrong; the message says how."""


class NonceWanted(Exception):
    """The proof is right but carries no nonce of ours, or an old one."""


class BadToken(Exception):
    """The token was not made here, or was changed."""


def _own_key() -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"sandbox.tokens" + settings.SECRET_KEY.encode()).digest())


def sign(kind: str, claims: dict[str, Any]) -> str:
    return jwt.encode({"typ": kind, "alg": "HS256"}, claims, _own_key())


def read(kind: str, token: str) -> dict[str, Any]:
    """Return the claims of a token of this kind, expired or not. Raises BadToken."""
    try:
        decoded = jwt.decode(token, _own_key(), algorithms=["HS256"])
    except (JoseError, ValueError) as error:
        raise BadToken from error
    if decoded.header.get("typ") != kind:
        raise BadToken
    return dict(decoded.claims)


def _nonce_at(slot: int) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"dpop-nonce:{slot}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def nonce() -> str:
    return _nonce_at(int(time.time()) // NONCE_SECONDS)


def _is_nonce(value: object) -> bool:
    slot = int(time.time()) // NONCE_SECONDS
    return any(value == _nonce_at(slot - back) for back in (0, 1))


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _key_of(header: dict[str, Any]) -> ECKey:
    key = header.get("jwk")
    if header.get("typ") != "dpop+jwt" or header.get("alg") != "ES256" or not isinstance(key, dict):
        raise BadProof("Invalid DPoP proof header")
    if "d" in key or key.get("kty") != "EC":
        raise BadProof("The jwk in a DPoP proof is the public key alone")
    try:
        return ECKey.import_key(key)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadProof("Invalid DPoP jwk") from error


def check_proof(request: ASGIRequest, access_token: str = "") -> str:
    """Verify the request's DPoP proof; return its key's thumbprint. Raises BadProof or NonceWanted."""
    proof = request.headers.get("DPoP", "")
    if not proof:
        raise BadProof("DPoP proof required")
    try:
        head = proof.split(".")[0]
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        key = _key_of(header)
        claims = dict(jwt.decode(proof, key, algorithms=["ES256"]).claims)
    except (JoseError, ValueError, AttributeError) as error:
        raise BadProof("Failed to verify DPoP proof") from error
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise BadProof("DPoP jti missing")
    if claims.get("htm") != request.method:
        raise BadProof("DPoP htm mismatch")
    wanted = f"{origin_of(request)}{request.path}"
    said = urlsplit(str(claims.get("htu", "")))
    if said.query or said.fragment or f"{said.scheme}://{said.netloc}{said.path}" != wanted:
        raise BadProof("DPoP htu mismatch")
    issued = claims.get("iat")
    if not isinstance(issued, int) or abs(time.time() - issued) > PROOF_SECONDS + NONCE_SECONDS:
        raise BadProof("DPoP iat is too old or lies in the future")
    ath = challenge_of(access_token) if access_token else None
    if claims.get("ath") != ath:
        raise BadProof("DPoP ath mismatch")
    if not _is_nonce(claims.get("nonce")):
        raise NonceWanted
    if not storage.first_sight(f"dpop:{claims['jti']}", 2 * (PROOF_SECONDS + NONCE_SECONDS)):
        raise BadProof("DPoP proof replayed")
    return str(key.thumbprint())
