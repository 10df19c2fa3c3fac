"""OAuth clients by their ``client_id``: development clients on loopback, and metadata documents on https.

A document can be registered through ``/_control/clients``, so that tests need no web server with a certificate.
"""

from __future__ import annotations

import ipaddress
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox import storage

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 300
FETCH_SECONDS = 5.0
DOCUMENT_BYTES_MAX = 64 * 1024


class BadClient(Exception):
    """No client of this id, or not with these keys; ``error`` is the OAuth code."""

    def __init__(self, message: str, error: str = "invalid_client") -> None:
        super().__init__(message)
        self.error = error


def _development(client_id: str) -> dict[str, Any]:
    parts = urlsplit(client_id)
    asked = parse_qs(parts.query)
    if parts.netloc != "localhost" or parts.path not in ("", "/") or set(asked) - {"redirect_uri", "scope"}:
        raise BadClient(
            "Loopback client ids are http://localhost with redirect_uri and scope alone", "invalid_request"
        )
    uris = asked.get("redirect_uri", ["http://127.0.0.1/", "http://[::1]/"])
    for uri in uris:
        if urlsplit(uri).scheme != "http" or urlsplit(uri).hostname not in ("127.0.0.1", "::1"):
            raise BadClient(f"Invalid loopback redirect URI {uri}", "invalid_redirect_uri")
    return {
        "client_id": client_id,
        "client_name": "Loopback client",
        "redirect_uris": uris,
        "scope": asked.get("scope", ["atproto"])[0],
        "token_endpoint_auth_method": "none",
        "dpop_bound_access_tokens": True,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))
    return False


async def _fetch(url: str) -> Any:
    if urlsplit(url).scheme != "https" or not _is_name(urlsplit(url).hostname or ""):
        raise BadClient(f"{url} is not a public https address", "invalid_client_metadata")
    try:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False) as http:
            answer = await http.get(url, headers={"Accept": "application/json"})
        if answer.status_code != 200 or len(answer.content) > DOCUMENT_BYTES_MAX:
            raise BadClient(f"Unable to obtain {url}", "invalid_client_metadata")
        return answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise BadClient(f"Unable to obtain {url}", "invalid_client_metadata") from error


def check_document(client_id: str, document: Any) -> dict[str, Any]:
    """Return the document when it describes this client. Raises BadClient."""
    problem = ""
    if not isinstance(document, dict) or document.get("client_id") != client_id:
        raise BadClient("client_id does not match the document's address", "invalid_client_metadata")
    if not document.get("dpop_bound_access_tokens"):
        problem = "dpop_bound_access_tokens must be true"
    elif "authorization_code" not in document.get("grant_types", []):
        problem = "grant_types must hold authorization_code"
    elif "code" not in document.get("response_types", []):
        problem = "response_types must hold code"
    elif "atproto" not in str(document.get("scope", "")).split():
        problem = "scope must hold atproto"
    elif not document.get("redirect_uris"):
        problem = "redirect_uris is missing"
    elif document.get("token_endpoint_auth_method", "none") not in ("none", "private_key_jwt"):
        problem = "token_endpoint_auth_method must be none or private_key_jwt"
    elif document.get("token_endpoint_auth_method") == "private_key_jwt" and not (
        document.get("jwks") or document.get("jwks_uri")
    ):
        problem = "private_key_jwt needs jwks or jwks_uri"
    if problem:
        raise BadClient(problem, "invalid_client_metadata")
    return document


async def find(client_id: str) -> dict[str, Any]:
    """Return the client's metadata. Raises BadClient."""
    if client_id.startswith("http://"):
        return _development(client_id)
    row = storage.one("SELECT document FROM client_metadata WHERE client_id = ?", client_id)
    document = json.loads(row["document"]) if row else await _fetch(client_id)
    return check_document(client_id, document)


def has_redirect(client: dict[str, Any], uri: str) -> bool:
    """Exact match; for loopback addresses any port will do (RFC 8252, 7.3)."""
    if uri in client["redirect_uris"]:
        return True
    given = urlsplit(uri)
    if given.scheme != "http" or given.hostname not in ("127.0.0.1", "::1"):
        return False
    return any(
        (known.scheme, known.hostname, known.path, known.query)
        == (given.scheme, given.hostname, given.path, given.query)
        for known in map(urlsplit, client["redirect_uris"])
    )


async def authenticate(form: dict[str, str], issuer: str) -> dict[str, Any]:
    """Return the client that sent this form, its assertion verified when its metadata asks for one."""
    if not form.get("client_id"):
        raise BadClient("client_id is required", "invalid_request")
    client = await find(form["client_id"])
    if client.get("token_endpoint_auth_method") != "private_key_jwt":
        return client
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise BadClient('client authentication method "private_key_jwt" required a "client_assertion"')
    keys = client.get("jwks") or await _fetch(client["jwks_uri"])
    try:
        claims = dict(
            jwt.decode(form["client_assertion"], KeySet.import_key_set(keys), algorithms=["ES256"]).claims
        )
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadClient("Validation of client_assertion failed") from error
    audience = claims.get("aud")
    now = time.time()
    if claims.get("iss") != client["client_id"] or claims.get("sub") != client["client_id"]:
        raise BadClient("client_assertion iss and sub must be the client_id")
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise BadClient("client_assertion aud must be the issuer")
    if claims.get("exp", now + 1) < now or not now - ASSERTION_SECONDS < claims.get("iat", 0) < now + 60:
        raise BadClient("client_assertion is too old")
    if not claims.get("jti") or not storage.first_sight(f"assertion:{claims['jti']}", 2 * ASSERTION_SECONDS):
        raise BadClient("client_assertion replayed")
    return client
