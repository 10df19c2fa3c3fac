"""The authorization server: pushed requests, consent, DPoP-bound tokens, rotating refresh tokens, revocation."""

from __future__ import annotations

import functools
import json
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox import consent as consent_page
from sandbox.accounts import BLUESKY
from sandbox.bluesky import clients, tokens
from sandbox.bluesky.access import OAUTH
from sandbox.web import ApiError, View, form, json_answer, json_body, origin_of

REQUEST_SECONDS, CODE_SECONDS, ACCESS_SECONDS = 299, 60, 1800
REFRESH_SECONDS = {"none": 14 * 86400, "private_key_jwt": 180 * 86400}
SCOPE_PREFIXES = ("include:", "repo:", "repo?", "blob:", "rpc:", "account:", "identity:")
TRANSITIONAL = ("transition:generic", "transition:email", "transition:chat.bsky")


def refused(status: int, error: str, description: str) -> ApiError:
    return ApiError(status, {"error": error, "error_description": description})


async def server_metadata(request: ASGIRequest) -> HttpResponse:
    origin = origin_of(request)
    return json_answer(
        {
            "issuer": origin,
            "request_parameter_supported": True,
            "request_uri_parameter_supported": True,
            "require_request_uri_registration": True,
            "scopes_supported": ["atproto", *TRANSITIONAL],
            "subject_types_supported": ["public"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "ui_locales_supported": ["en-US"],
            "display_values_supported": ["page"],
            "authorization_response_iss_parameter_supported": True,
            "jwks_uri": f"{origin}/oauth/jwks",
            "authorization_endpoint": f"{origin}/oauth/authorize",
            "token_endpoint": f"{origin}/oauth/token",
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "revocation_endpoint": f"{origin}/oauth/revoke",
            "pushed_authorization_request_endpoint": f"{origin}/oauth/par",
            "require_pushed_authorization_requests": True,
            "dpop_signing_alg_values_supported": ["ES256"],
            "protected_resources": [origin],
            "client_id_metadata_document_supported": True,
        }
    )


async def protected_resource(request: ASGIRequest) -> HttpResponse:
    origin = origin_of(request)
    return json_answer(
        {"resource": origin, "authorization_servers": [origin], "scopes_supported": [],
         "bearer_methods_supported": ["header"], "resource_documentation": "https://atproto.com"}
    )  # fmt: skip


async def jwks(request: ASGIRequest) -> HttpResponse:
    return json_answer({"keys": []})


def with_proof(view: Callable[[ASGIRequest, dict[str, str], str], Coroutine[Any, Any, HttpResponse]]) -> View:
    """Hand the view its form and the thumbprint of the DPoP key; every answer carries the nonce for the next."""

    @functools.wraps(view)
    async def proven(request: ASGIRequest) -> HttpResponse:
        try:
            sent = _form(request)
            try:
                thumbprint = tokens.check_proof(request)
            except tokens.NonceWanted as wanted:
                wish = "Authorization server requires nonce in DPoP proof"
                raise refused(400, "use_dpop_nonce", wish) from wanted
            except tokens.BadProof as wrong:
                raise refused(400, "invalid_dpop_proof", str(wrong)) from wrong
            response = await view(request, sent, thumbprint)
        except clients.BadClient as wrong:
            status = 401 if wrong.error == "invalid_client" else 400
            response = refused(status, wrong.error, str(wrong)).response()
        except ApiError as answer:
            response = answer.response()
        response.headers["DPoP-Nonce"] = tokens.nonce()
        response.headers["Access-Control-Expose-Headers"] = "DPoP-Nonce"
        return response

    return proven


def _form(request: ASGIRequest) -> dict[str, str]:
    if request.content_type == "application/json":
        try:
            return {name: str(value) for name, value in json_body(request).items()}
        except (ValueError, AttributeError) as error:
            raise refused(400, "invalid_request", "Unable to parse the body") from error
    return form(request)


def _check_scope(scope: str, client: dict[str, Any]) -> None:
    asked = scope.split()
    if "atproto" not in asked:
        raise refused(400, "invalid_scope", 'The "atproto" scope is required')
    for item in asked:
        if item not in ("atproto", *TRANSITIONAL) and not item.startswith(SCOPE_PREFIXES):
            raise refused(400, "invalid_scope", f'Scope "{item}" is not supported by this server')
        if item not in client["scope"].split():
            raise refused(400, "invalid_scope", f'Scope "{item}" is not declared in the client metadata')


@with_proof
async def push_request(request: ASGIRequest, sent: dict[str, str], thumbprint: str) -> HttpResponse:
    client = await clients.authenticate(sent, origin_of(request))
    if sent.get("response_type") != "code":
        raise refused(400, "unsupported_response_type", "Unsupported response_type")
    if not sent.get("code_challenge"):
        raise refused(400, "invalid_request", "Use of PKCE is required")
    if sent.get("code_challenge_method") != "S256":
        raise refused(400, "invalid_request", "code_challenge_method must be S256")
    if not clients.has_redirect(client, sent.get("redirect_uri", "")):
        raise refused(400, "invalid_request", "Invalid redirect_uri: not declared by the client")
    scope = sent.get("scope") or client["scope"]
    _check_scope(scope, client)
    if sent.get("dpop_jkt", thumbprint) != thumbprint:
        raise refused(400, "invalid_dpop_proof", "dpop_jkt does not match the DPoP proof")
    if not storage.first_sight(f"challenge:{sent['code_challenge']}", 86400):
        raise refused(400, "invalid_request", "Code challenge already used")
    ask = {
        "client_id": client["client_id"],
        "redirect_uri": sent["redirect_uri"],
        "state": sent.get("state", ""),
        "scope": scope,
        "challenge": sent["code_challenge"],
        "jkt": thumbprint,
        "hint": sent.get("login_hint", ""),
        "name": str(client.get("client_name") or client["client_id"]),
        "website": str(client.get("client_uri") or ""),
    }
    uri = f"urn:ietf:params:oauth:request_uri:req-{secrets.token_hex(16)}"
    storage.run(
        "INSERT INTO pushed_request (request_uri, data, expires_at) VALUES (?, ?, ?)",
        uri, json.dumps(ask), time.time() + REQUEST_SECONDS,
    )  # fmt: skip
    return json_answer({"request_uri": uri, "expires_in": REQUEST_SECONDS}, 201)


async def consent(request: ASGIRequest) -> HttpResponse:
    uri = request.GET.get("request_uri", "")
    row = storage.one("SELECT * FROM pushed_request WHERE request_uri = ?", uri)
    if row is None or row["used"] or row["expires_at"] < time.time():
        return consent_page.problem(
            request, "Unknown or expired request_uri: authorization starts with PAR here.", 400
        )
    ask = json.loads(row["data"])
    if request.GET.get("client_id") != ask["client_id"]:
        return consent_page.problem(request, "The client_id is not the one of the pushed request.", 400)
    ask["request_uri"] = uri
    found = accounts.find(BLUESKY, ask["hint"].lstrip("@")) if ask["hint"] else None
    return consent_page.show(
        request,
        network=BLUESKY,
        client=ask["name"],
        website=ask["website"],
        ask=ask,
        hint=found["handle"] if found else "",
    )


async def decide(request: ASGIRequest) -> HttpResponse:
    decision = consent_page.decision(request, BLUESKY)
    if isinstance(decision, HttpResponse):
        return decision
    ask, account = decision
    spent = storage.run(
        "UPDATE pushed_request SET used = 1 WHERE request_uri = ? AND used = 0", ask["request_uri"]
    )
    if not spent:
        return consent_page.problem(request, "This request was answered already.", 400)
    answer = {"iss": origin_of(request)}
    if ask["state"]:
        answer["state"] = ask["state"]
    if account is None:
        answer |= {"error": "access_denied", "error_description": "Access denied"}
    else:
        answer["code"] = f"cod-{secrets.token_hex(32)}"
        storage.run(
            "INSERT INTO code (code, account, data, expires_at) VALUES (?, ?, ?, ?)",
            answer["code"], account["id"], json.dumps(ask), time.time() + CODE_SECONDS,
        )  # fmt: skip
    separator = "&" if urlsplit(ask["redirect_uri"]).query else "?"
    return HttpResponse(
        status=303, headers={"Location": f"{ask['redirect_uri']}{separator}{urlencode(answer)}"}
    )


# --- tokens ------------------------------------------------------------------------------------------------------


def _pair(request: ASGIRequest, grant_id: str, account: str, scope: str, client_id: str, jkt: str, token_id: str,
          refresh: str) -> HttpResponse:  # fmt: skip
    now = int(time.time())
    access = tokens.sign(
        OAUTH,
        {
            "iss": origin_of(request), "aud": f"did:web:{request.get_host().partition(':')[0]}", "sub": account,
            "jti": token_id, "iat": now, "exp": now + ACCESS_SECONDS, "cnf": {"jkt": jkt}, "scope": scope,
            "client_id": client_id, "grant": grant_id, "epoch": accounts.epoch(account),
        },
    )  # fmt: skip
    return json_answer(
        {"access_token": access, "token_type": "DPoP", "refresh_token": refresh, "scope": scope,
         "expires_in": ACCESS_SECONDS, "sub": account}
    )  # fmt: skip


def _by_code(request: ASGIRequest, sent: dict[str, str], client: dict[str, Any], jkt: str) -> HttpResponse:
    grant_id, token_id, refresh = (
        secrets.token_hex(12),
        f"tok-{secrets.token_hex(16)}",
        f"ref-{secrets.token_hex(32)}",
    )
    with storage.transaction() as db:
        row = db.execute("SELECT * FROM code WHERE code = ?", (sent.get("code", ""),)).fetchone()
        if row is not None and not row["used_for"]:
            # One attempt per code, whether it succeeds or not.
            db.execute("UPDATE code SET used_for = ? WHERE code = ?", (grant_id, row["code"]))
        elif row is not None:
            db.execute("UPDATE auth_grant SET dead = 1 WHERE id = ?", (row["used_for"],))
    if row is None or row["used_for"] or row["expires_at"] < time.time():
        raise refused(400, "invalid_grant", "Invalid code")
    ask = json.loads(row["data"])
    if ask["client_id"] != client["client_id"]:
        raise refused(400, "invalid_grant", "This code was issued for another client")
    if ask["redirect_uri"] != sent.get("redirect_uri"):
        raise refused(400, "invalid_grant", "The redirect_uri parameter must match the one of the request")
    if tokens.challenge_of(sent.get("code_verifier", "")) != ask["challenge"]:
        raise refused(400, "invalid_grant", "Invalid code_verifier")
    if ask["jkt"] != jkt:
        raise refused(400, "invalid_dpop_proof", "DPoP proof does not match the expected JKT")
    now = time.time()
    lives = REFRESH_SECONDS[client.get("token_endpoint_auth_method", "none")]
    storage.run(
        "INSERT INTO auth_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        grant_id, client["client_id"], row["account"], ask["scope"], jkt, token_id, refresh, now, now + lives,
    )  # fmt: skip
    return _pair(request, grant_id, row["account"], ask["scope"], client["client_id"], jkt, token_id, refresh)


def _by_refresh(request: ASGIRequest, sent: dict[str, str], client: dict[str, Any], jkt: str) -> HttpResponse:
    """Rotate. A refresh token shown twice means two hold it: the grant dies, and with it the newest pair."""
    given = sent.get("refresh_token", "")
    token_id, refresh = f"tok-{secrets.token_hex(16)}", f"ref-{secrets.token_hex(32)}"
    with storage.transaction() as db:
        spent = db.execute("SELECT grant_id FROM spent_refresh WHERE token = ?", (given,)).fetchone()
        if spent is not None:
            db.execute("UPDATE auth_grant SET dead = 1 WHERE id = ?", (spent["grant_id"],))
        row = db.execute("SELECT * FROM auth_grant WHERE refresh_token = ?", (given,)).fetchone()
        is_fine = (
            row is not None
            and not row["dead"]
            and row["expires_at"] >= time.time()
            and row["client_id"] == client["client_id"]
            and row["jkt"] == jkt
        )
        if is_fine:
            db.execute("INSERT INTO spent_refresh VALUES (?, ?)", (given, row["id"]))
            db.execute(
                "UPDATE auth_grant SET token_id = ?, refresh_token = ? WHERE id = ?",
                (token_id, refresh, row["id"]),
            )
    if spent is not None:
        raise refused(400, "invalid_grant", "Refresh token replayed")
    if row is not None and row["jkt"] != jkt:
        raise refused(400, "invalid_dpop_proof", "DPoP proof does not match the expected JKT")
    if not is_fine:
        raise refused(400, "invalid_grant", "Invalid refresh token")
    return _pair(request, row["id"], row["account"], row["scope"], row["client_id"], jkt, token_id, refresh)


@with_proof
async def token(request: ASGIRequest, sent: dict[str, str], thumbprint: str) -> HttpResponse:
    client = await clients.authenticate(sent, origin_of(request))
    match sent.get("grant_type"):
        case "authorization_code":
            return _by_code(request, sent, client, thumbprint)
        case "refresh_token":
            return _by_refresh(request, sent, client, thumbprint)
        case None:
            raise refused(400, "invalid_request", "grant_type is required")
    raise refused(400, "unsupported_grant_type", "Grant type not supported by this server")


async def revoke(request: ASGIRequest) -> HttpResponse:
    """End the grant a token belongs to. Unknown tokens are fine (RFC 7009)."""
    sent = _form(request)
    try:
        client = await clients.authenticate(sent, origin_of(request))
    except clients.BadClient as wrong:
        raise refused(401, wrong.error, str(wrong)) from wrong
    given = sent.get("token", "")
    row = storage.one(
        "SELECT id, client_id FROM auth_grant WHERE refresh_token = ?1 OR id IN"
        " (SELECT grant_id FROM spent_refresh WHERE token = ?1)",
        given,
    )
    if row is None:
        try:
            grant_id = tokens.read(OAUTH, given)["grant"]
            row = storage.one("SELECT id, client_id FROM auth_grant WHERE id = ?", grant_id)
        except (tokens.BadToken, KeyError):
            row = None
    if row is not None and row["client_id"] == client["client_id"]:
        storage.run("UPDATE auth_grant SET dead = 1 WHERE id = ?", row["id"])
    return HttpResponse(b"{}", content_type="application/json")
