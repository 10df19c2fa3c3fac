"""OAuth of both kinds, end to end: Mastodon's through Authlib, Bluesky's with PAR, PKCE and DPoP."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey

from sandbox.testing import SandboxServer

REDIRECT = "http://127.0.0.1:9/callback"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


# --- Mastodon ----------------------------------------------------------------------------------------------------

SCOPES = "profile write:statuses write:media read:statuses"


@pytest.fixture
def app(sandbox: SandboxServer) -> dict[str, Any]:
    body = {
        "client_name": "Chorus",
        "redirect_uris": REDIRECT,
        "scopes": SCOPES,
        "website": "https://chorus.example",
    }
    answer = httpx.post(f"{sandbox.mastodon_origin}/api/v1/apps", data=body, trust_env=False)
    found: dict[str, Any] = answer.json()
    return found


def authorize(sandbox: SandboxServer, app: dict[str, Any], verifier: str, **more: str) -> str:
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": REDIRECT, "scope": SCOPES,
             "state": "s1", "code_challenge": create_s256_code_challenge(verifier),
             "code_challenge_method": "S256"}  # fmt: skip
    return f"{sandbox.mastodon_origin}/oauth/authorize?{urlencode({**asked, **more})}"


def exchange(sandbox: SandboxServer, app: dict[str, Any], **given: str) -> httpx.Response:
    body = {"grant_type": "authorization_code", "client_id": app["client_id"], "client_secret": app["client_secret"],
            "redirect_uri": REDIRECT}  # fmt: skip
    return httpx.post(f"{sandbox.mastodon_origin}/oauth/token", data={**body, **given}, trust_env=False)


@pytest.mark.filterwarnings("ignore:The httpx module is deprecated")  # Authlib's word on its next version
def test_mastodon_connects_through_authlib(sandbox: SandboxServer, app: dict[str, Any]) -> None:
    from authlib.integrations.httpx_client import OAuth2Client

    metadata = httpx.get(
        f"{sandbox.mastodon_origin}/.well-known/oauth-authorization-server", trust_env=False
    ).json()
    with OAuth2Client(
        app["client_id"], app["client_secret"], scope=SCOPES, redirect_uri=REDIRECT, trust_env=False,
        token_endpoint_auth_method="client_secret_post", code_challenge_method="S256",
        revocation_endpoint_auth_method="client_secret_post",
    ) as client:  # fmt: skip
        verifier = secrets.token_urlsafe(48)
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier
        )
        back = sandbox.consent(url, account="emil")
        assert back.startswith(REDIRECT) and query_of(back)["state"] == state
        token = client.fetch_token(
            metadata["token_endpoint"], authorization_response=back, code_verifier=verifier
        )
        assert token["token_type"] == "Bearer" and token["scope"] == SCOPES and "expires_in" not in token
        me = f"{sandbox.mastodon_origin}/api/v1/accounts/verify_credentials"
        assert client.get(me).json()["acct"] == "emil"
        assert client.revoke_token(metadata["revocation_endpoint"]).status_code == 200
        assert client.get(me).json() == {"error": "The access token was revoked"}


def test_mastodon_code_works_once_for_its_redirect_and_verifier(
    sandbox: SandboxServer, app: dict[str, Any]
) -> None:
    verifier = secrets.token_urlsafe(48)
    code = query_of(sandbox.consent(authorize(sandbox, app, verifier), account="emil"))["code"]
    for wrong in (
        {"code_verifier": "x" * 64},
        {},
        {"code_verifier": verifier, "redirect_uri": "https://evil.example/"},
    ):
        answer = exchange(sandbox, app, code=code, **wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    refused = exchange(sandbox, app, code=code, code_verifier=verifier, client_secret="wrong")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert exchange(sandbox, app, code=code, code_verifier=verifier).status_code == 200
    assert exchange(sandbox, app, code=code, code_verifier=verifier).json()["error"] == "invalid_grant"


def test_mastodon_denial_and_wrong_requests_are_told(sandbox: SandboxServer, app: dict[str, Any]) -> None:
    denied = query_of(sandbox.consent(authorize(sandbox, app, "v"), account="emil", allow=False))
    assert (denied["error"], denied["state"]) == ("access_denied", "s1")
    scope = query_of(sandbox.consent(authorize(sandbox, app, "v", scope="push"), account="emil"))
    assert scope["error"] == "invalid_scope"
    for wrong in ({"redirect_uri": "https://evil.example/"}, {"client_id": "unknown"}):
        with pytest.raises(ValueError, match="answered 40"):
            sandbox.consent(authorize(sandbox, app, "v", **wrong), account="emil")
    with pytest.raises(ValueError, match="cannot be a name"):
        sandbox.consent(authorize(sandbox, app, "v"), account="not a name")
    for wrong in ({"client_name": ""}, {"redirect_uris": "nowhere"}, {"scopes": "everything"}):
        body = {"client_name": "x", "redirect_uris": REDIRECT, **wrong}
        assert (
            httpx.post(f"{sandbox.mastodon_origin}/api/v1/apps", json=body, trust_env=False).status_code
            == 422
        )


def test_consent_form_from_another_site_or_changed_is_refused(
    sandbox: SandboxServer, app: dict[str, Any]
) -> None:
    page = httpx.get(authorize(sandbox, app, "v"), trust_env=False)
    assert (
        "write:media" in page.text
        and "form-action 'self' http://127.0.0.1:9;" in page.headers["Content-Security-Policy"]
    )
    signed = page.text.split('name="signed" value="', 1)[1].split('"', 1)[0]
    url = f"{sandbox.mastodon_origin}/oauth/authorize"
    form = {"signed": signed, "account": "alice", "decision": "allow"}
    elsewhere = httpx.post(url, data=form, headers={"Origin": "https://evil.example"}, trust_env=False)
    changed = httpx.post(url, data={**form, "signed": signed[:-1] + "x"}, trust_env=False)
    assert (elsewhere.status_code, changed.status_code) == (403, 400)
    assert httpx.post(url, data=form, trust_env=False).status_code == 302


# --- Bluesky -----------------------------------------------------------------------------------------------------


class Dpop:
    """A client with a key: proves each request, learns the nonce from the refusal, asks again."""

    def __init__(self, origin: str) -> None:
        self.origin, self.nonce = origin, ""
        self.key = ECKey.generate_key("P-256")
        self.http = httpx.Client(trust_env=False)

    def proof(self, method: str, url: str, token: str = "", **claims: Any) -> str:
        payload: dict[str, Any] = {
            "jti": secrets.token_hex(8),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
        }
        if self.nonce:
            payload["nonce"] = self.nonce
        if token:
            payload["ath"] = create_s256_code_challenge(token)
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}
        return jwt.encode(header, {**payload, **claims}, self.key)

    def send(self, method: str, path: str, token: str = "", proof: str = "", **more: Any) -> httpx.Response:
        url = f"{self.origin}{path}"
        headers = {"DPoP": proof or self.proof(method, url, token)}
        if token:
            headers["Authorization"] = f"DPoP {token}"
        answer = self.http.request(method, url, headers=headers, **more)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        if not proof and answer.status_code in (400, 401) and answer.json().get("error") == "use_dpop_nonce":
            return self.send(method, path, token, proof=self.proof(method, url, token), **more)
        return answer


CLIENT_ID = "http://localhost?" + urlencode({"redirect_uri": REDIRECT, "scope": "atproto transition:generic"})
RECORD = {"$type": "app.bsky.feed.post", "text": "by OAuth", "createdAt": "2026-11-21T10:00:00Z"}


@pytest.fixture
def dpop(sandbox: SandboxServer) -> Dpop:
    return Dpop(sandbox.bluesky_origin)


def push(dpop: Dpop, verifier: str, **more: str) -> httpx.Response:
    body = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT, "state": "s1",
            "scope": "atproto transition:generic", "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256", "login_hint": "emil.test"}  # fmt: skip
    body.update(more)
    return dpop.send("POST", "/oauth/par", data={name: value for name, value in body.items() if value})


def callback(
    sandbox: SandboxServer, dpop: Dpop, verifier: str, allow: bool = True, **more: str
) -> dict[str, str]:
    uri = push(dpop, verifier, **more).json()["request_uri"]
    asked = urlencode({"client_id": more.get("client_id", CLIENT_ID), "request_uri": uri})
    return query_of(
        sandbox.consent(f"{dpop.origin}/oauth/authorize?{asked}", account="emil.test", allow=allow)
    )


def redeem(dpop: Dpop, code: str, verifier: str, **more: str) -> httpx.Response:
    body = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": code, "redirect_uri": REDIRECT,
            "code_verifier": verifier}  # fmt: skip
    return dpop.send("POST", "/oauth/token", data={**body, **more})


def connected(sandbox: SandboxServer, dpop: Dpop, **more: str) -> dict[str, Any]:
    verifier = secrets.token_urlsafe(48)
    pair: dict[str, Any] = redeem(dpop, callback(sandbox, dpop, verifier, **more)["code"], verifier).json()
    return pair


def refreshed(dpop: Dpop, token: str) -> httpx.Response:
    body = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT_ID}
    return dpop.send("POST", "/oauth/token", data=body)


def create(dpop: Dpop, pair: dict[str, Any], proof: str = "") -> httpx.Response:
    order = {"repo": pair["sub"], "collection": "app.bsky.feed.post", "record": RECORD}
    path = "/xrpc/com.atproto.repo.createRecord"
    return dpop.send("POST", path, pair["access_token"], proof=proof, json=order)


def test_bluesky_connects_posts_refreshes_and_revokes(sandbox: SandboxServer, dpop: Dpop) -> None:
    resource = httpx.get(f"{dpop.origin}/.well-known/oauth-protected-resource", trust_env=False).json()
    issuer = resource["authorization_servers"][0]
    metadata = httpx.get(f"{issuer}/.well-known/oauth-authorization-server", trust_env=False).json()
    assert metadata["issuer"] == issuer and metadata["require_pushed_authorization_requests"] is True
    verifier = secrets.token_urlsafe(48)
    back = callback(sandbox, dpop, verifier)
    assert (back["iss"], back["state"]) == (issuer, "s1")
    pair = redeem(dpop, back["code"], verifier).json()
    assert (
        pair["token_type"] == "DPoP" and pair["sub"] == sandbox.create_account("bluesky", "emil.test")["id"]
    )
    assert create(dpop, pair).status_code == 200
    new = refreshed(dpop, pair["refresh_token"]).json()
    assert create(dpop, new).status_code == 200
    ended = dpop.http.post(
        f"{issuer}/oauth/revoke", data={"token": new["refresh_token"], "client_id": CLIENT_ID}
    )
    assert ended.status_code == 200
    assert create(dpop, new).json()["error"] == "invalid_token"
    assert refreshed(dpop, new["refresh_token"]).json()["error"] == "invalid_grant"
    assert len(sandbox.posts()) == 2


def test_bluesky_refresh_token_shown_twice_kills_the_grant(sandbox: SandboxServer, dpop: Dpop) -> None:
    pair = connected(sandbox, dpop)
    new = refreshed(dpop, pair["refresh_token"]).json()
    assert refreshed(dpop, pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(dpop, new["refresh_token"]).json()["error"] == "invalid_grant"
    assert create(dpop, new).status_code == 401


def test_bluesky_code_shown_twice_kills_its_token(sandbox: SandboxServer, dpop: Dpop) -> None:
    verifier = secrets.token_urlsafe(48)
    code = callback(sandbox, dpop, verifier)["code"]
    pair = redeem(dpop, code, verifier).json()
    assert create(dpop, pair).status_code == 200
    assert redeem(dpop, code, verifier).json()["error"] == "invalid_grant"
    assert create(dpop, pair).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"scope": "transition:generic"}, "invalid_scope"),
        ({"scope": "atproto transition:chat.bsky"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"client_id": "http://localhost/path"}, "invalid_request"),
        ({"client_id": "https://127.0.0.1/client.json"}, "invalid_client_metadata"),
    ],
)
def test_bluesky_refuses_wrong_pushed_requests(
    sandbox: SandboxServer, dpop: Dpop, wrong: dict[str, str], error: str
) -> None:
    answer = push(dpop, secrets.token_urlsafe(48), **wrong)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_bluesky_wants_a_pushed_request_a_fresh_challenge_and_the_right_verifier(
    sandbox: SandboxServer, dpop: Dpop
) -> None:
    with pytest.raises(ValueError, match="answered 400"):
        sandbox.consent(
            f"{dpop.origin}/oauth/authorize?{urlencode({'client_id': CLIENT_ID})}", account="emil.test"
        )
    verifier = secrets.token_urlsafe(48)
    code = callback(sandbox, dpop, verifier)["code"]
    assert push(dpop, verifier).json()["error_description"] == "Code challenge already used"
    assert redeem(dpop, code, "x" * 64).json()["error"] == "invalid_grant"
    denied = callback(sandbox, dpop, secrets.token_urlsafe(48), allow=False)
    assert (denied["error"], denied["iss"]) == ("access_denied", dpop.origin)


def test_bluesky_proofs_are_checked_to_the_letter(sandbox: SandboxServer, dpop: Dpop) -> None:
    pair = connected(sandbox, dpop)
    token, url = pair["access_token"], f"{dpop.origin}/xrpc/com.atproto.repo.createRecord"
    good = dpop.proof("POST", url, token)
    assert create(dpop, pair, good).status_code == 200
    wrong = {
        "replayed": good,
        "method": dpop.proof("GET", url, token),
        "address": dpop.proof("POST", url + "x", token),
        "token": dpop.proof("POST", url, "another"),
        "old": dpop.proof("POST", url, token, iat=int(time.time()) - 3600),
        "garbage": "nonsense",
    }
    for name, proof in wrong.items():
        answer = create(dpop, pair, proof)
        assert (name, answer.status_code, answer.json()["error"]) == (name, 401, "invalid_dpop_proof")
    stale = create(dpop, pair, dpop.proof("POST", url, token, nonce="old"))
    assert (stale.status_code, stale.json()["error"]) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in stale.headers["WWW-Authenticate"]
    assert create(Dpop(dpop.origin), pair).json()["error"] == "invalid_token"
    as_bearer = dpop.http.get(
        f"{dpop.origin}/xrpc/com.atproto.server.getSession", headers={"Authorization": f"Bearer {token}"}
    )
    assert as_bearer.status_code == 401
    assert len(sandbox.posts()) == 1


def test_bluesky_lost_answer_waits_for_the_proof_that_is_taken(sandbox: SandboxServer, dpop: Dpop) -> None:
    pair = connected(sandbox, dpop)
    sandbox.fault(kind="drop", network="bluesky", endpoint="com.atproto.repo.createRecord")
    dpop.nonce = ""  # the first proof is refused for its nonce, and only the second takes effect
    with pytest.raises(httpx.RemoteProtocolError):
        create(dpop, pair)
    assert len(sandbox.posts()) == 1


def test_bluesky_scopes_hold(sandbox: SandboxServer, dpop: Dpop) -> None:
    scope = "atproto repo:app.bsky.feed.post?action=create"
    client_id = "http://localhost?" + urlencode({"redirect_uri": REDIRECT, "scope": scope})
    verifier = secrets.token_urlsafe(48)
    code = callback(sandbox, dpop, verifier, client_id=client_id, scope=scope)["code"]
    pair = redeem(dpop, code, verifier, client_id=client_id).json()
    made = create(dpop, pair).json()
    order = {"repo": pair["sub"], "collection": "app.bsky.feed.post", "rkey": made["uri"].rsplit("/", 1)[1]}
    refused = dpop.send("POST", "/xrpc/com.atproto.repo.deleteRecord", pair["access_token"], json=order)
    assert (refused.status_code, refused.json()["error"]) == (403, "ScopeMissingError")


def test_bluesky_confidential_client_signs_each_request_anew(sandbox: SandboxServer, dpop: Dpop) -> None:
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})
    client_id = "https://chorus.example/client-metadata.json"
    sandbox.register_client(
        {"client_id": client_id, "client_name": "Chorus", "redirect_uris": [REDIRECT], "response_types": ["code"],
         "grant_types": ["authorization_code", "refresh_token"], "scope": "atproto transition:generic",
         "dpop_bound_access_tokens": True, "token_endpoint_auth_method": "private_key_jwt",
         "token_endpoint_auth_signing_alg": "ES256", "jwks": {"keys": [key.as_dict(private=False)]}}
    )  # fmt: skip

    def assertion() -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": dpop.origin, "jti": secrets.token_hex(8), "iat": now,
                  "exp": now + 60}  # fmt: skip
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode({"alg": "ES256", "kid": "k1"}, claims, key),
        }

    push(
        dpop, secrets.token_urlsafe(48)
    )  # to know the nonce: a proof refused for it would use the assertion up
    missing = push(dpop, secrets.token_urlsafe(48), client_id=client_id)
    assert (missing.status_code, missing.json()["error"]) == (401, "invalid_client")
    once, verifier = assertion(), secrets.token_urlsafe(48)
    code = callback(sandbox, dpop, verifier, client_id=client_id, **once)["code"]
    replayed = redeem(dpop, code, verifier, client_id=client_id, **once)
    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_client")
    assert redeem(dpop, code, verifier, client_id=client_id, **assertion()).status_code == 200
