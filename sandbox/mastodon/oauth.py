"""OAuth as Doorkeeper answers it: applications, consent, codes with PKCE, revocation."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sqlite3
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import consent as consent_page
from sandbox import storage
from sandbox.accounts import MASTODON
from sandbox.mastodon.access import SCOPES, grants, token_of
from sandbox.web import ApiError, json_answer, origin_of, parameters

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
CODE_SECONDS = 600
BAD_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the"
    " authorization request, or was issued to another client."
)
BAD_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported"
    " authentication method."
)
BAD_SCOPE = "The requested scope is invalid, unknown, or malformed."


def oauth_error(status: int, error: str, description: str) -> ApiError:
    return ApiError(status, {"error": error, "error_description": description})


async def server_metadata(request: ASGIRequest) -> HttpResponse:
    origin = origin_of(request)
    return json_answer(
        {
            "issuer": f"{origin}/",
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": f"{origin}/oauth/authorize",
            "token_endpoint": f"{origin}/oauth/token",
            "app_registration_endpoint": f"{origin}/api/v1/apps",
            "revocation_endpoint": f"{origin}/oauth/revoke",
            "userinfo_endpoint": f"{origin}/oauth/userinfo",
            "scopes_supported": sorted(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


# --- applications ------------------------------------------------------------------------------------------------


def _is_absolute(uri: str) -> bool:
    parts = urlsplit(uri)
    return uri == OUT_OF_BAND or bool(parts.scheme and (parts.netloc or parts.path) and not parts.fragment)


def _application(row: sqlite3.Row) -> dict[str, Any]:
    uris = json.loads(row["redirect_uris"])
    return {
        "name": row["name"],
        "website": row["website"],
        "scopes": row["scopes"].split(),
        "redirect_uris": uris,
        "redirect_uri": "\n".join(uris),
        "vapid_key": "",
    }


async def register_app(request: ASGIRequest) -> HttpResponse:
    given = parameters(request)
    name = str(given.get("client_name") or "").strip()
    uris = given.get("redirect_uris") or []
    uris = uris.split() if isinstance(uris, str) else [str(uri) for uri in uris]
    scopes = str(given.get("scopes") or "read").split()
    problems = []
    if not name:
        problems.append("Name can't be blank")
    if not uris:
        problems.append("Redirect URI can't be blank")
    if not all(map(_is_absolute, uris)):
        problems.append("Redirect URI must be an absolute URI.")
    if not set(scopes) <= SCOPES:
        problems.append("Scopes doesn't match configured on the server.")
    if problems:
        raise ApiError(422, {"error": f"Validation failed: {', '.join(problems)}"})
    client_id, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO application VALUES (?, ?, ?, ?, ?, ?)",
        client_id, secret, name, given.get("website") or None, json.dumps(uris), " ".join(scopes),
    )  # fmt: skip
    row = storage.one("SELECT rowid, * FROM application WHERE client_id = ?", client_id)
    assert row is not None
    return json_answer(
        {"id": str(row["rowid"]), **_application(row), "client_id": client_id, "client_secret": secret,
         "client_secret_expires_at": 0}
    )  # fmt: skip


async def verify_app(request: ASGIRequest) -> HttpResponse:
    row = storage.one("SELECT * FROM application WHERE client_id = ?", token_of(request)["client_id"])
    if row is None:
        raise ApiError(401, {"error": "The access token is invalid"})
    return json_answer(_application(row))


# --- consent -----------------------------------------------------------------------------------------------------


async def consent(request: ASGIRequest) -> HttpResponse:
    """Show who asks for what. A wrong client or redirect is told here, never by redirecting."""
    given = {name: str(value) for name, value in request.GET.items()}
    app = storage.one("SELECT * FROM application WHERE client_id = ?", given.get("client_id", ""))
    if app is None:
        return consent_page.problem(request, BAD_CLIENT, 401)
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in json.loads(app["redirect_uris"]):
        return consent_page.problem(
            request, "The requested redirect uri is malformed or doesn't match client redirect URI.", 400
        )
    scopes = given.get("scope") or "read"
    back = {"redirect_uri": redirect_uri, "state": given.get("state", "")}
    if given.get("response_type") != "code":
        wrong = "The authorization server does not support this response type."
        return send_back(request, back, error="unsupported_response_type", error_description=wrong)
    if not all(grants(app["scopes"], scope) and scope in SCOPES for scope in scopes.split()):
        return send_back(request, back, error="invalid_scope", error_description=BAD_SCOPE)
    challenge = given.get("code_challenge", "")
    if challenge and given.get("code_challenge_method") != "S256":
        return send_back(
            request,
            back,
            error="invalid_code_challenge_method",
            error_description="The code_challenge_method must be S256.",
        )
    ask = {**back, "client_id": app["client_id"], "scope": scopes, "challenge": challenge}
    return consent_page.show(
        request, network=MASTODON, client=app["name"], website=app["website"] or "", ask=ask, hint=""
    )


def send_back(request: ASGIRequest, ask: dict[str, str], **answer: str) -> HttpResponse:
    if ask.get("state"):
        answer["state"] = ask["state"]
    uri = ask["redirect_uri"]
    if uri == OUT_OF_BAND:
        return consent_page.out_of_band(request, answer.get("code", ""), answer.get("error_description", ""))
    separator = "&" if urlsplit(uri).query else "?"
    return HttpResponse(status=302, headers={"Location": f"{uri}{separator}{urlencode(answer)}"})


async def decide(request: ASGIRequest) -> HttpResponse:
    decision = consent_page.decision(request, MASTODON)
    if isinstance(decision, HttpResponse):
        return decision
    ask, account = decision
    if account is None:
        return send_back(
            request,
            ask,
            error="access_denied",
            error_description="The resource owner or authorization server denied the request.",
        )
    code = secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO code (code, account, data, expires_at) VALUES (?, ?, ?, ?)",
        code, account["id"], json.dumps(ask), time.time() + CODE_SECONDS,
    )  # fmt: skip
    return send_back(request, ask, code=code)


# --- tokens ------------------------------------------------------------------------------------------------------


def _client(request: ASGIRequest, given: dict[str, Any]) -> sqlite3.Row:
    client_id, secret = str(given.get("client_id") or ""), str(given.get("client_secret") or "")
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("basic "):
        try:
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except ValueError:
            client_id = ""
    row = storage.one("SELECT * FROM application WHERE client_id = ?", client_id)
    if row is None or not secrets.compare_digest(row["client_secret"], secret):
        raise oauth_error(401, "invalid_client", BAD_CLIENT)
    return row


def _spend(code: str, app: sqlite3.Row, given: dict[str, Any]) -> tuple[str, str, str]:
    """Use the code up and return (account, scopes, token). A code shown twice kills what it gave the first time."""
    with storage.transaction() as db:
        row = db.execute("SELECT * FROM code WHERE code = ?", (code,)).fetchone()
        if row is None:
            raise oauth_error(400, "invalid_grant", BAD_GRANT)
        ask = json.loads(row["data"])
        if row["used_for"] or row["expires_at"] < time.time() or ask["client_id"] != app["client_id"]:
            raise oauth_error(400, "invalid_grant", BAD_GRANT)
        if ask["redirect_uri"] != given.get("redirect_uri"):
            raise oauth_error(400, "invalid_grant", BAD_GRANT)
        if ask["challenge"]:
            digest = hashlib.sha256(str(given.get("code_verifier") or "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != ask["challenge"]:
                raise oauth_error(400, "invalid_grant", BAD_GRANT)
        token = secrets.token_urlsafe(32)
        db.execute("UPDATE code SET used_for = ? WHERE code = ?", (token, code))
        db.execute(
            "INSERT INTO token (token, client_id, account, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
            (token, app["client_id"], row["account"], ask["scope"], time.time()),
        )
        return row["account"], ask["scope"], token


async def token(request: ASGIRequest) -> HttpResponse:
    given = parameters(request)
    kind = given.get("grant_type")
    if not kind:
        raise oauth_error(400, "invalid_request", "Missing required parameter: grant_type.")
    if kind not in ("authorization_code", "client_credentials"):
        raise oauth_error(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        )
    app = _client(request, given)
    if kind == "authorization_code":
        _, scopes, value = _spend(str(given.get("code") or ""), app, given)
    else:
        scopes = str(given.get("scope") or "read")
        if not all(grants(app["scopes"], scope) for scope in scopes.split()):
            raise oauth_error(400, "invalid_scope", BAD_SCOPE)
        value = secrets.token_urlsafe(32)
        storage.run(
            "INSERT INTO token (token, client_id, account, scopes, created_at) VALUES (?, ?, NULL, ?, ?)",
            value, app["client_id"], scopes, time.time(),
        )  # fmt: skip
    return json_answer(
        {"access_token": value, "token_type": "Bearer", "scope": scopes, "created_at": int(time.time())}
    )


async def revoke(request: ASGIRequest) -> HttpResponse:
    """Forget a token of this client. A token of nobody is fine too; another client's is refused."""
    given = parameters(request)
    unauthorized = oauth_error(403, "unauthorized_client", "You are not authorized to revoke this token")
    try:
        app = _client(request, given)
    except ApiError as error:
        raise unauthorized from error
    row = storage.one("SELECT * FROM token WHERE token = ?", str(given.get("token") or ""))
    if row is not None:
        if row["client_id"] != app["client_id"]:
            raise unauthorized
        storage.run("UPDATE token SET state = 'revoked' WHERE token = ?", row["token"])
    return json_answer({})
