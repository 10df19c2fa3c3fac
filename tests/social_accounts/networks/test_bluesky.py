from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from social_accounts.networks.base import (
    Account,
    Content,
    Credentials,
    CredentialsExpired,
    LimitLevel,
    LinkCard,
    Media,
    NotSent,
    Rejected,
    RejectionReason,
    SignInWithPassword,
)
from social_accounts.networks.bluesky import dpop
from social_accounts.networks.bluesky.adapter import BlueskyAdapter
from social_accounts.networks.bluesky.config import LEAST_SCOPE, BlueskyConfig, Realm
from social_accounts.networks.bluesky.oauth import client_metadata, new_signing_jwk, public_jwks
from social_accounts.networks.bluesky.record import record_key

from .cast import CREATED_AT, NOW, clock, media, picture, request_for
from .contract import TOKEN, Answer, FakeNetwork, no_answer, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, FakeWithFollowups, MeasureContract

PDS = "https://pds.example"
DIRECTORY = "https://plc.example"
DID = "did:plc:" + "a" * 24
PAUL = "did:plc:" + "b" * 24
HANDLES = {"acme.example": DID, "paul.example": PAUL}
REDIRECT_URI = "http://127.0.0.1:8000/connect/bluesky/callback/"
REALM = Realm(
    plc_url=DIRECTORY,
    resolver_url=PDS,
    appview_url="https://view.example",
    web_url="https://bsky.example",
    video_url="https://video.example",
)


@dataclass
class FakeBluesky(FakeWithFollowups):
    """A PDS that is its own authorization server, a directory and an AppView."""

    records: dict[str, dict[str, object]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    videos: list[bytes] = field(default_factory=list)
    looks_until_ready: int = 0
    video_failure: str = ""
    nonce: str = ""
    proofs: list[dict[str, object]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    subject: str = DID
    claims_handle: bool = True
    home: str = PDS

    def __post_init__(self) -> None:
        self.adapter = BlueskyAdapter(BlueskyConfig(realm=REALM, default_server=PDS))
        self.account = Account(
            network="bluesky",
            server=PDS,
            remote_id=DID,
            handle="@acme.example",
            display_name="Acme",
            url=f"https://bsky.example/profile/{DID}",
            avatar_url="",
        )
        self.credentials = Credentials(
            access_token=TOKEN,
            refresh_token="refresh",
            extra={"kind": "app_password", "did": DID, "pds": PDS},
        )

    @property
    def public_posts(self) -> int:
        return sum("text" in record and "reply" not in record for record in self.records.values())

    @property
    def public_comments(self) -> int:
        return sum("reply" in record for record in self.records.values())

    def step_of(self, request: httpx.Request) -> str:
        name = request.url.path.rsplit("/", 1)[1]
        if name == "com.atproto.repo.putRecord":
            record = json.loads(request.content)["record"]
            return "comment" if "reply" in record else "publish" if "text" in record else "gate"
        return {
            "app.bsky.feed.getPosts": "measure",
            "app.bsky.video.uploadVideo": "upload",
            "com.atproto.repo.uploadBlob": "upload",
            "com.atproto.repo.getRecord": "read",
        }.get(name, "")

    def refusal(self, reason: RejectionReason) -> Answer | None:
        invalid = "InvalidRequest"
        return {
            RejectionReason.TOO_LONG: status(
                400,
                {
                    "error": invalid,
                    "message": "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes",
                },
            ),
            RejectionReason.MEDIA_INVALID: status(
                400, {"error": invalid, "message": "Record/embed/images must not have more than 4 elements"}
            ),
            RejectionReason.NOT_FOUND: status(404, {"error": "NotFound", "message": "no such repo"}),
            RejectionReason.POLICY: status(403, {"error": "Forbidden", "message": "not here"}),
            RejectionReason.OTHER: status(400, {"error": invalid, "message": "Record/createdAt is no date"}),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        reset = str(int((NOW + timedelta(minutes=30)).timestamp()))
        policy = "3000;w=300" if level is LimitLevel.APPLICATION else "5000;w=3600"
        return status(
            429, {"error": "RateLimitExceeded"}, {"RateLimit-Reset": reset, "RateLimit-Policy": policy}
        )

    def expired(self) -> Answer:
        return status(400, {"error": "ExpiredToken", "message": "Token has expired"})

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.url.host == "plc.example":
            return self._document(path.removeprefix("/"))
        if path.startswith("/.well-known/"):
            return self._well_known(path)
        if path.startswith("/oauth/"):
            return self._oauth(request)
        name = path.removeprefix("/xrpc/")
        if name == "com.atproto.identity.resolveHandle":
            did = HANDLES.get(request.url.params["handle"])
            if did is None:
                return httpx.Response(400, json={"error": "HandleNotFound", "message": "no"})
            return httpx.Response(200, json={"did": did})
        if name == "app.bsky.feed.getPosts":
            found = [uri for uri in request.url.params.get_list("uris") if uri in self.records]
            counts = {"likeCount": 0, "replyCount": 1, "repostCount": 2, "quoteCount": 3}
            if self.untold:
                del counts["likeCount"]
            return httpx.Response(200, json={"posts": [{"uri": uri, **counts} for uri in found]})
        if name == "com.atproto.repo.getRecord":
            return self._get(request)
        if name.startswith("app.bsky.video."):
            return self._video(name, request)
        return self._authorized(name, request)

    def _authorized(self, name: str, request: httpx.Request) -> httpx.Response:
        if self.nonce:
            refused = self._check_proof(request, TOKEN)
            if refused is not None:
                return refused
            assert request.headers["Authorization"] == f"DPoP {TOKEN}"
        else:
            assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if name == "com.atproto.server.getSession":
            return httpx.Response(200, json={"did": self.subject})
        if name == "com.atproto.server.getServiceAuth":
            assert request.url.params["aud"] == "did:web:pds.example"
            assert request.url.params["lxm"] == "com.atproto.repo.uploadBlob"
            return httpx.Response(200, json={"token": "for-the-video-service"})
        if name == "com.atproto.repo.uploadBlob":
            blob = self._kept(request.read(), request.headers["Content-Type"])
            return httpx.Response(200, json={"blob": blob})
        body = json.loads(request.content)
        uri = f"at://{DID}/{body['collection']}/{body['rkey']}"
        if name == "com.atproto.repo.deleteRecord":
            self.records.pop(uri, None)
            return httpx.Response(200, json={})
        assert name == "com.atproto.repo.putRecord"
        assert body["repo"] == DID
        self.records[uri] = body["record"]
        return httpx.Response(200, json={"uri": uri, "cid": "bafyrei"})

    def _video(self, name: str, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "video.example"
        if name == "app.bsky.video.getJobStatus":
            assert "Authorization" not in request.headers
            self.looks_until_ready -= 1
            job: dict[str, object] = {
                "jobId": request.url.params["jobId"],
                "did": DID,
                "state": "JOB_STATE_ENCODING",
            }
            if self.video_failure:
                job |= {"state": "JOB_STATE_FAILED", "message": self.video_failure}
            elif self.looks_until_ready < 0:
                job |= {"state": "JOB_STATE_COMPLETED", "blob": self._kept(b"made of it", "video/mp4")}
            return httpx.Response(200, json={"jobStatus": job})
        assert request.headers["Authorization"] == "Bearer for-the-video-service"
        assert dict(request.url.params) == {"did": DID, "name": "ride.mp4"}
        assert int(request.headers["Content-Length"]) == len(request.read())
        again = request.content in self.videos
        self.videos.append(request.content)
        job = {"jobId": "job-1", "did": DID, "state": "JOB_STATE_CREATED"}
        if again:
            return httpx.Response(409, json={**job, "error": "already_exists"})
        return httpx.Response(200, json=job)

    def _kept(self, data: bytes, mime: str) -> dict[str, object]:
        cid = "bafkrei" + hashlib.sha256(data).hexdigest()[:20]
        self.blobs[cid] = data
        return {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(data)}

    def _get(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        wanted = request.url.params
        uri = f"at://{wanted['repo']}/{wanted['collection']}/{wanted['rkey']}"
        if wanted["collection"] == "app.bsky.actor.profile":
            return httpx.Response(200, json={"uri": uri, "value": {"displayName": "Acme"}})
        if uri not in self.records:
            return httpx.Response(400, json={"error": "RecordNotFound", "message": "Could not locate record"})
        return httpx.Response(200, json={"uri": uri, "cid": "bafyrei", "value": self.records[uri]})

    def _document(self, did: str) -> httpx.Response:
        names = {number: handle for handle, number in HANDLES.items()}
        if did not in names:
            return httpx.Response(404, json={"message": "not registered"})
        handle = names[did] if self.claims_handle else "mallory.example"
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": self.home,
        }
        return httpx.Response(200, json={"id": did, "alsoKnownAs": [f"at://{handle}"], "service": [service]})

    def _well_known(self, path: str) -> httpx.Response:
        if path.endswith("oauth-protected-resource"):
            return httpx.Response(200, json={"resource": PDS, "authorization_servers": [PDS]})
        return httpx.Response(
            200,
            json={
                "issuer": PDS,
                "authorization_endpoint": f"{PDS}/oauth/authorize",
                "token_endpoint": f"{PDS}/oauth/token",
                "pushed_authorization_request_endpoint": f"{PDS}/oauth/par",
                "revocation_endpoint": f"{PDS}/oauth/revoke",
                "dpop_signing_alg_values_supported": ["ES256"],
            },
        )

    def _check_proof(self, request: httpx.Request, token: str = "") -> httpx.Response | None:
        seen = jwt.decode(request.headers["DPoP"], _key_of(request.headers["DPoP"]), algorithms=["ES256"])
        assert seen.header["typ"] == "dpop+jwt"
        assert "d" not in seen.header["jwk"]
        assert seen.claims["htm"] == request.method
        assert seen.claims["htu"] == str(request.url).split("?")[0]
        assert seen.claims["jti"] not in {proof["jti"] for proof in self.proofs}
        assert ("ath" in seen.claims) is bool(token)
        self.proofs.append({**seen.claims, "jwk": seen.header["jwk"]})
        if seen.claims.get("nonce") != self.nonce:
            return httpx.Response(401, json={"error": "use_dpop_nonce"}, headers={"DPoP-Nonce": self.nonce})
        return None

    def _oauth(self, request: httpx.Request) -> httpx.Response:
        refused = self._check_proof(request)
        form = dict(parse_qsl(request.content.decode()))
        self.forms.append(form)
        if refused is not None:
            return refused
        if request.url.path == "/oauth/par":
            return httpx.Response(201, json={"request_uri": "urn:1", "expires_in": 300})
        if request.url.path == "/oauth/revoke":
            return httpx.Response(200, json={})
        if form.get("refresh_token") == "used" or form.get("code") == "used":
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "used"})
        return httpx.Response(
            200,
            json={
                "access_token": TOKEN,
                "refresh_token": "next",
                "token_type": "DPoP",
                "scope": LEAST_SCOPE,
                "sub": self.subject,
                "expires_in": 1800,
            },
        )


def _key_of(proof: str) -> ECKey:
    import base64

    header = proof.split(".")[0]
    decoded = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    return ECKey.import_key(decoded["jwk"])


class TestBlueskyContract(CommentContract, MeasureContract, PrepareContract):
    @pytest.fixture
    def network(self) -> FakeNetwork:
        return FakeBluesky()


class TestBlueskyContractWithOAuth(CommentContract, MeasureContract, PrepareContract):
    """The same with a token bound to a key, at a server that asks for its nonce."""

    @pytest.fixture
    def network(self) -> FakeNetwork:
        network = FakeBluesky(nonce="nonce-1")
        extra = {"kind": "oauth", "did": DID, "pds": PDS, "dpop_jwk": dpop.new_key()}
        network.credentials = replace(network.credentials, extra=extra)
        return network


@pytest.fixture
def server() -> FakeBluesky:
    return FakeBluesky(nonce="nonce-1")


@pytest.fixture
def http(server: FakeBluesky) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def publish(server: FakeBluesky, content: Content, *, key: str = "publication-1") -> dict[str, object]:
    server.nonce = ""
    TestBlueskyContract().publish(server, request_for(server.account, content, key=key))
    return list(server.records.values())[-1]


def test_app_password_is_offered(server: FakeBluesky) -> None:
    assert isinstance(server.adapter, SignInWithPassword)
    assert server.adapter.features.has_app_password


def test_oauth_pushes_the_request_and_answers_the_nonce_with_a_fresh_assertion(
    server: FakeBluesky,
) -> None:
    key = new_signing_jwk("key-1")
    config = BlueskyConfig(
        client_id="https://chorus.example/bluesky/client-metadata.json",
        signing_jwk=key,
        realm=REALM,
        default_server=PDS,
    )
    adapter = BlueskyAdapter(config)
    redirect_uri = "https://chorus.example/callback/"
    with server.client() as http:
        app = adapter.register_app(http=http, server="", redirect_uri=redirect_uri)
        start = adapter.start(
            http=http, app=app, redirect_uri=redirect_uri, login_hint="@acme.example", clock=clock
        )
        account, credentials = adapter.finish(
            http=http,
            clock=clock,
            app=app,
            redirect_uri=redirect_uri,
            keep=start.keep,
            callback={"code": "good", "iss": PDS, "state": start.state},
        )
    assert parse_qs(urlsplit(start.url).query) == {"client_id": [app.client_id], "request_uri": ["urn:1"]}
    assert account == server.account
    assert credentials.expires_at == NOW + timedelta(minutes=30)
    assert "dpop_jwk" not in repr(credentials)
    assertions = [
        jwt.decode(form["client_assertion"], ECKey.import_key(key), algorithms=["ES256"])
        for form in server.forms
    ]
    assert len({claims.claims["jti"] for claims in assertions}) == len(assertions) == 4
    assert all(claims.claims["aud"] == PDS for claims in assertions)
    assert all(claims.header["kid"] == "key-1" for claims in assertions)
    first, second, *_later = server.forms
    assert first["code_challenge_method"] == "S256"
    assert first["login_hint"] == "acme.example"
    assert first["scope"] == LEAST_SCOPE
    assert {**first, "client_assertion": ""} == {**second, "client_assertion": ""}
    assert len({json.dumps(proof["jwk"]) for proof in server.proofs}) == 1


def finish(server: FakeBluesky, **changes: object) -> None:
    with server.client() as http:
        app = server.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
        start = server.adapter.start(
            http=http, app=app, redirect_uri=REDIRECT_URI, login_hint="acme.example", clock=clock
        )
        callback: dict[str, str] = {"code": "good", "iss": PDS, "state": start.state}
        server.adapter.finish(
            http=http,
            clock=clock,
            app=app,
            redirect_uri=REDIRECT_URI,
            keep=start.keep,
            callback={**callback, **changes},  # type: ignore[dict-item]
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://mallory.example"}, "another server"),
        ({"iss": ""}, "another server"),
        ({"error": "access_denied"}, "declined"),
        ({"code": "used"}, "too late"),
    ],
)
def test_oauth_callback_that_is_wrong_is_refused(
    server: FakeBluesky, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(Rejected, match=words):
        finish(server, **changes)


def test_oauth_refuses_a_subject_that_lives_elsewhere(server: FakeBluesky) -> None:
    server.subject = PAUL
    with pytest.raises(Rejected, match="not the one asked for"):
        finish(server)


def test_handle_that_the_account_does_not_claim_is_refused(server: FakeBluesky) -> None:
    server.claims_handle = False
    with pytest.raises(Rejected, match="does not claim"):
        finish(server)


@pytest.mark.parametrize("home", ["http://pds.example", "https://pds.example/path", "", "ftp://x.example"])
def test_account_without_a_usable_server_is_refused(server: FakeBluesky, home: str) -> None:
    server.home = home
    with pytest.raises(Rejected, match="does not say where it lives"):
        finish(server)


@pytest.mark.parametrize("redirect_uri", ["http://localhost:8000/cb", "https://chorus.example/cb"])
def test_development_client_works_only_from_the_loopback_address(
    server: FakeBluesky, http: httpx.Client, redirect_uri: str
) -> None:
    with pytest.raises(Rejected, match=r"http://127\.0\.0\.1"):
        server.adapter.register_app(http=http, server="", redirect_uri=redirect_uri)


def test_server_that_is_none_of_this_network_is_refused() -> None:
    adapter = BlueskyAdapter(BlueskyConfig(realm=REALM))
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>"))
    with httpx.Client(transport=transport) as http, pytest.raises(Rejected, match="not answer like"):
        adapter.register_app(http=http, server="shop.example", redirect_uri=REDIRECT_URI)


def test_refresh_keeps_the_key_and_a_used_token_means_reconnect(
    server: FakeBluesky, http: httpx.Client
) -> None:
    extra: dict[str, object] = {
        "kind": "oauth",
        "did": DID,
        "pds": PDS,
        "issuer": PDS,
        "client_id": "http://localhost",
        "token_endpoint": f"{PDS}/oauth/token",
        "revocation_endpoint": f"{PDS}/oauth/revoke",
        "dpop_jwk": dpop.new_key(),
    }
    app = server.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    credentials = Credentials(access_token="old", refresh_token="fresh", extra=extra)
    renewed = server.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials)
    assert (renewed.access_token, renewed.refresh_token) == (TOKEN, "next")
    assert renewed.extra == extra
    with pytest.raises(CredentialsExpired):
        server.adapter.refresh(
            http=http, clock=clock, app=app, credentials=replace(credentials, refresh_token="used")
        )
    server.subject = PAUL
    with pytest.raises(CredentialsExpired, match="another account"):
        server.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials)


def test_client_metadata_shows_no_private_key() -> None:
    config = BlueskyConfig(client_id="https://c.example/m.json", signing_jwk=new_signing_jwk("key-1"))
    document = client_metadata(
        config,
        redirect_uris=["https://c.example/cb"],
        client_uri="https://c.example",
        jwks_uri="https://c.example/j",
    )
    assert document["scope"] == config.scope
    keys = public_jwks(config)["keys"]
    assert isinstance(keys, list)
    assert "d" not in keys[0]
    assert keys[0]["kid"] == "key-1"
    assert "'d'" not in repr(config)
    assert public_jwks(BlueskyConfig()) == {"keys": []}


def test_record_is_the_same_bytes_at_every_repeat(server: FakeBluesky) -> None:
    content = Content(text="@paul.example https://e.example #tag", media=(picture(),), language="en")
    first = json.dumps(publish(server, content))
    assert json.dumps(publish(server, content)) == first
    assert server.public_posts == 1


def test_mention_that_leads_nowhere_stays_text(server: FakeBluesky) -> None:
    record = publish(server, Content(text="@paul.example and @nobody.example"))
    facets = record["facets"]
    assert isinstance(facets, list)
    assert [facet["features"][0] for facet in facets] == [
        {"$type": "app.bsky.richtext.facet#mention", "did": PAUL}
    ]


def test_record_keys_of_one_instant_differ_and_sort_by_time(server: FakeBluesky) -> None:
    def key_of(name: str, moment: datetime = CREATED_AT) -> str:
        return record_key(
            replace(request_for(server.account, Content(text="x"), key=name), created_at=moment)
        )

    keys = {key_of(f"publication-{number}") for number in range(2000)}
    assert len(keys) == 2000
    assert all(len(key) == 13 and key[0] in "234567abcdefghij" for key in keys)
    assert key_of("a") == key_of("a")
    assert max(keys) < key_of("a", CREATED_AT + timedelta(seconds=2))


def test_large_picture_is_made_smaller_and_loses_its_exif(server: FakeBluesky) -> None:
    from io import BytesIO

    from PIL import Image

    noise = Image.effect_noise((3200, 2400), 100).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "home address"
    out = BytesIO()
    noise.save(out, "JPEG", quality=98, exif=exif)
    assert len(out.getvalue()) > 2_000_000
    large = Media(content_type="image/jpeg", size_bytes=1, open=lambda: BytesIO(out.getvalue()))
    record = publish(server, Content(text="", media=(large,)))
    (stored,) = server.blobs.values()
    assert len(stored) <= 2_000_000
    seen = Image.open(BytesIO(stored))
    assert not seen.getexif()
    assert b"home address" not in stored
    assert seen.height > seen.width  # upright, as the camera was held
    embed = record["embed"]
    assert isinstance(embed, dict)
    assert embed["images"][0]["aspectRatio"] == {"width": seen.width, "height": seen.height}


def test_file_that_is_no_picture_is_refused_before_anything_is_public(server: FakeBluesky) -> None:
    from io import BytesIO

    fake = Media(
        content_type="image/png", size_bytes=4, open=lambda: BytesIO(b"GIF8 not really"), filename="cat.png"
    )
    with pytest.raises(Rejected, match=r"cat\.png") as refused:
        publish(server, Content(text="x", media=(picture(), fake)))
    assert refused.value.reason is RejectionReason.MEDIA_INVALID
    assert server.records == {}


def test_delete_refuses_the_post_of_another_account(server: FakeBluesky, http: httpx.Client) -> None:
    with pytest.raises(Rejected):
        server.adapter.delete(
            http=http,
            clock=clock,
            credentials=server.credentials,
            account=server.account,
            remote_id=f"at://{PAUL}/app.bsky.feed.post/3aaaaaaaaaaaa",
        )
    assert server.calls == []


def test_bytes_are_counted_as_well(server: FakeBluesky) -> None:
    family = "👩‍👩‍👧‍👦"
    content = Content(text=family * 130)
    count = server.adapter.count(content)
    assert (count.used, count.bytes_used) == (130, 130 * 25)
    assert count.is_over
    assert server.adapter.problems(content)


def test_accounts_of_another_realm_use_its_directories() -> None:
    sandbox = Realm(plc_url="http://localhost:1", web_url="http://localhost:2", servers=frozenset({PDS}))
    config = BlueskyConfig(realm=REALM, other_realms=(sandbox,))
    assert config.realm_of(f"{PDS}/") is sandbox
    assert config.realm_of("https://elsewhere.example") is REALM


@pytest.mark.parametrize("endpoint", ["javascript:alert(1)", "http://pds.example/oauth/authorize", ""])
def test_consent_page_at_an_unsafe_address_is_refused(endpoint: str) -> None:
    document = {
        "issuer": PDS,
        "authorization_servers": [PDS],
        "authorization_endpoint": endpoint,
        "token_endpoint": f"{PDS}/token",
        "pushed_authorization_request_endpoint": f"{PDS}/par",
        "dpop_signing_alg_values_supported": ["ES256"],
    }
    adapter = BlueskyAdapter(BlueskyConfig(realm=REALM))
    transport = httpx.MockTransport(status(200, document))
    with httpx.Client(transport=transport) as http, pytest.raises(Rejected, match="not answer like"):
        adapter.register_app(http=http, server=PDS, redirect_uri=REDIRECT_URI)


def test_card_that_pictures_would_hide_is_a_problem(server: FakeBluesky) -> None:
    card = LinkCard(url="https://example.org/", title="A page")
    assert not server.adapter.problems(Content(text="x", link_card=card))
    assert server.adapter.problems(Content(text="x", link_card=card, media=(picture(),)))
    linked = Content(text="x https://example.org/", link_card=card, media=(picture(),))
    assert not server.adapter.problems(linked)


# --- videos, and who may reply ---------------------------------------------------------------------------------------


def video(data: bytes = b"a film") -> Media:
    film = media(data, content_type="video/mp4", alt_text="Two riders", filename="ride.mp4")
    return replace(film, width=1280, height=720, seconds=12.0)


def test_a_video_goes_through_the_video_service(server: FakeBluesky) -> None:
    server.looks_until_ready = 2
    record = publish(server, Content(text="Ride", media=(video(),)))
    assert server.videos == [b"a film"]
    embed = record["embed"]
    assert isinstance(embed, dict)
    assert embed["$type"] == "app.bsky.embed.video"
    assert (embed["alt"], embed["aspectRatio"]) == ("Two riders", {"width": 1280, "height": 720})
    assert server.blobs[embed["video"]["ref"]["$link"]] == b"made of it"


def test_a_video_whose_answer_was_lost_is_the_same_job(server: FakeBluesky) -> None:
    server.nonce = ""
    server.faults["upload"], server.taken = no_answer, True
    contract, request = (
        TestBlueskyContract(),
        request_for(server.account, Content(text="x", media=(video(),))),
    )
    with server.client() as http:
        with pytest.raises(NotSent):
            contract.prepare(server, http, request)
        server.faults.clear()
        prepared = contract.prepare(server, http, request).prepared
    assert len(server.videos) == 2
    assert len(prepared["blobs"]) == 1  # type: ignore[arg-type]


def test_a_video_the_service_cannot_read_is_refused_in_its_words(server: FakeBluesky) -> None:
    server.video_failure = "no video stream"
    with pytest.raises(Rejected, match="no video stream") as refused:
        publish(server, Content(text="x", media=(video(),)))
    assert refused.value.reason is RejectionReason.MEDIA_INVALID


def test_where_there_is_no_video_service_the_server_itself_takes_it() -> None:
    server = FakeBluesky()
    server.adapter = BlueskyAdapter(BlueskyConfig(realm=replace(REALM, video_url=""), default_server=PDS))
    publish(server, Content(text="x", media=(video(),)))
    assert server.videos == []
    assert list(server.blobs.values()) == [b"a film"]


def test_files_the_server_dropped_go_up_anew(server: FakeBluesky, http: httpx.Client) -> None:
    server.nonce = ""
    contract, request = (
        TestBlueskyContract(),
        request_for(server.account, Content(text="", media=(picture(),))),
    )
    prepared = contract.prepare(server, http, request)

    def later() -> datetime:
        return NOW + timedelta(hours=1)

    with pytest.raises(NotSent, match="lost an uploaded file"):
        server.adapter.publish(http=http, clock=later, credentials=server.credentials, request=prepared)
    server.faults["publish"] = status(400, {"error": "BlobNotFound", "message": "Could not find blob"})
    with pytest.raises(NotSent, match="lost an uploaded file"):
        contract.publish(server, request)


@pytest.mark.parametrize(
    ("chosen", "rules"),
    [("nobody", []), ("followers", ["followerRule"]), ("mentioned", ["mentionRule"])],
)
def test_who_may_reply_is_written_before_the_post(server: FakeBluesky, chosen: str, rules: list[str]) -> None:
    publish(server, Content(text="x", options={"reply_settings": chosen}))
    (gate_uri, gate), (post_uri, _post) = server.records.items()
    assert gate_uri == post_uri.replace("feed.post", "feed.threadgate")
    assert gate["post"] == post_uri
    assert [rule["$type"] for rule in gate["allow"]] == [f"app.bsky.feed.threadgate#{rule}" for rule in rules]  # type: ignore[attr-defined]


def test_a_post_whose_replies_could_not_be_closed_does_not_go_out(server: FakeBluesky) -> None:
    server.faults["gate"] = no_answer
    with pytest.raises(NotSent):
        publish(server, Content(text="x", options={"reply_settings": "nobody"}))
    assert server.public_posts == 0
