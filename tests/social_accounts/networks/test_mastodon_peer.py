"""Our Mastodon client against a real server's recordings and the specification of its API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from social_accounts.networks.answers import time_of
from social_accounts.networks.base import (
    Account,
    CommentRequest,
    Content,
    Credentials,
    CredentialsExpired,
    NetworkError,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.mastodon.adapter import MastodonAdapter, MastodonConfig
from social_accounts.networks.mastodon.reading_back import visible_text
from social_accounts.networks.text import plain_form
from tests.peers.mastodon_recordings import Exchange, Replay, exchanges, recorded
from tests.peers.openapi_judge import Judge, specification

from .cast import clock, picture, prepared, request_for
from .contract import FakeNetwork
from .test_mastodon import REDIRECT_URI, SERVER, FakeMastodon, TestMastodonContract

pytestmark = pytest.mark.peers

HOME = "http://localhost:3000"
TOKEN = "__MASTODON_PY_TEST_ACCESS_TOKEN"
CREDENTIALS = Credentials(access_token=TOKEN)
ADAPTER = MastodonAdapter(MastodonConfig(trusted_origins=frozenset({HOME})))
OURS = {"status", "visibility", "spoiler_text", "language", "sensitive", "media_ids[]"}


def account(remote_id: str = "117440810532227399", server: str = HOME) -> Account:
    return Account(network="mastodon", server=server, remote_id=remote_id, handle="", display_name="", url="")


def as_request(exchange: Exchange) -> PublishRequest:
    """Return what a person of ours would have asked for, to make this recorded post."""
    fields = exchange.fields
    options = {name: fields[name] for name in ("visibility", "spoiler_text") if fields.get(name)}
    content = Content(text=fields["status"], language=fields.get("language", ""), options=options)
    created_at = time_of(str(json.loads(exchange.body).get("created_at", ""))) or clock()
    return replace(request_for(account(), content), created_at=created_at)


def publish(exchange: Exchange) -> tuple[Published | Processing, httpx.Request]:
    replay = Replay([exchange])
    with replay.client() as http:
        outcome = ADAPTER.publish(
            http=http, clock=clock, credentials=CREDENTIALS, request=as_request(exchange)
        )
    return outcome, replay.sent[0]


def plain_posts() -> list[Exchange]:
    """Recorded posts of a kind we make: text, warning, visibility, language; no polls, quotes, schedules."""
    return [
        exchange
        for exchange in recorded("POST", "/api/v1/statuses", status=200)
        if exchange.url.startswith(HOME)
        and "status" in exchange.fields
        and set(exchange.fields) <= OURS - {"media_ids[]"}
    ]


def test_every_recorded_post_gets_its_id_and_link_and_our_request_has_its_shape() -> None:
    posts = plain_posts()
    assert len(posts) > 150
    for exchange in posts:
        outcome, sent = publish(exchange)
        answer = json.loads(exchange.body)
        assert outcome == Published(remote_id=answer["id"], permalink=answer["url"])
        expected = {name: value for name, value in exchange.fields.items() if value and name != "sensitive"}
        assert json.loads(sent.content) == {"status": "", **expected}
        assert sent.headers["Authorization"] == f"Bearer {TOKEN}"
        assert sent.headers["Idempotency-Key"]


def test_every_recorded_post_is_recognized_when_read_back() -> None:
    for exchange in plain_posts():
        answer = json.loads(exchange.body)
        assert plain_form(visible_text(answer["content"])) == plain_form(exchange.fields["status"]), exchange
        request = as_request(exchange)
        listing = replace(
            exchange,
            method="GET",
            url=f"{HOME}/api/v1/accounts/{account().remote_id}/statuses",
            body=f"[{exchange.body}]",
        )
        with Replay([listing]).client() as http:
            found = ADAPTER.read_back(
                http=http,
                clock=lambda request=request: request.created_at + timedelta(minutes=1),
                credentials=CREDENTIALS,
                request=request,
            )
        assert found == Published(remote_id=answer["id"], permalink=answer["url"])


def test_recorded_refusals_land_in_the_right_outcome() -> None:
    seen = set()
    for exchange in recorded("POST", "/api/v1/statuses"):
        if exchange.status < 400 or "status" not in exchange.fields:
            continue
        with pytest.raises(NetworkError) as caught:
            publish(exchange)
        error = caught.value
        if exchange.status == 401:
            assert isinstance(error, CredentialsExpired)
            seen.add("expired")
        elif len(exchange.fields["status"]) > 500:  # in Japanese and in German
            assert isinstance(error, Rejected)
            assert error.reason is RejectionReason.TOO_LONG
            seen.add("too long")
        else:
            assert isinstance(error, Rejected)
            seen.add(error.reason.value)
    assert {"expired", "too long", "other"} <= seen


def test_recorded_errors_of_other_endpoints_never_leave_the_five() -> None:
    from social_accounts.networks.http import Effect
    from social_accounts.networks.mastodon.errors import Call, raise_for

    errors = [exchange for exchange in exchanges() if exchange.status >= 400]
    assert len(errors) > 30
    for exchange in errors:
        answer = exchange.response()
        answer.request = httpx.Request(exchange.method, exchange.url)
        with httpx.Client() as http, pytest.raises(NetworkError) as caught:
            raise_for(answer, Call(http=http, server=HOME, now=clock(), token=TOKEN), Effect.READ)
        if exchange.status == 404:
            assert isinstance(caught.value, Rejected)
            assert caught.value.reason is RejectionReason.NOT_FOUND
        if exchange.status == 401:
            assert isinstance(caught.value, CredentialsExpired)


def test_recorded_uploads_are_ready_or_in_work() -> None:
    uploads = recorded("POST", "/api/v2/media")
    assert {exchange.status for exchange in uploads} == {200, 202}
    for exchange in uploads:
        replay = Replay([exchange])
        request = request_for(account(), Content(text="x", media=(picture(),)))
        with replay.client() as http:
            made = ADAPTER.prepare(http=http, clock=clock, credentials=CREDENTIALS, request=request)
        assert isinstance(made, Preparing if exchange.status == 202 else Prepared)
        sent = replay.sent[0]
        assert sent.headers["Content-Type"].startswith("multipart/form-data; boundary=")
        assert exchange.content_type.startswith("multipart/form-data; boundary=")
        media_id = json.loads(exchange.body)["id"]
        assert made.progress.get("at" if exchange.status == 202 else "ids") in (media_id, [media_id])


def test_recorded_checks_of_media_end_the_wait_when_ready() -> None:
    check = next(one for one in recorded("GET", "/api/v1/media/*") if one.status == 200)
    media_id = check.path.rsplit("/", 1)[1]
    in_work = replace(check, status=206)
    request = replace(
        request_for(account(), Content(text="x", media=(picture(),))),
        prepared={"ids": [], "since": clock().isoformat(), "at": media_id},
    )
    for found, expected in ((in_work, Preparing), (check, Prepared)):
        with Replay([found]).client() as http:
            made = ADAPTER.prepare(http=http, clock=clock, credentials=CREDENTIALS, request=request)
        assert isinstance(made, expected)
    replay = Replay([plain_posts()[0]])
    with replay.client() as http:
        ADAPTER.publish(
            http=http, clock=clock, credentials=CREDENTIALS, request=replace(request, prepared=made.progress)
        )
    assert json.loads(replay.sent[0].content)["media_ids"] == [media_id]


def test_recorded_server_is_discovered_and_registers_us() -> None:
    metadata = recorded("GET", "/.well-known/oauth-authorization-server", recording="test_auth_request_url")[
        0
    ]
    app_answer = recorded("POST", "/api/v1/apps")[0]
    replay = Replay([metadata, app_answer])
    with replay.client() as http:
        app = ADAPTER.register_app(http=http, server=HOME, redirect_uri=REDIRECT_URI)
    body = json.loads(replay.sent[-1].content)
    assert set(app_answer.fields) <= set(body)
    assert app.client_id == json.loads(app_answer.body)["client_id"]
    assert app.extra["token_endpoint"] == f"{HOME}/oauth/token"
    assert str(app.extra["scopes"]).startswith("profile ")
    with httpx.Client() as nobody:
        url = ADAPTER.start(http=nobody, app=app, redirect_uri=REDIRECT_URI).url
    assert url.startswith(json.loads(metadata.body)["authorization_endpoint"] + "?")


def test_recorded_token_answers_connect_or_refuse() -> None:
    me = recorded("GET", "/api/v1/accounts/verify_credentials", recording="test_verify_credentials")[0]
    good = recorded("POST", "/oauth/token", status=200)[0]
    bad = recorded("POST", "/oauth/token", status=400)[0]
    registered = recorded("POST", "/api/v1/apps")[0]
    metadata = recorded("GET", "/.well-known/oauth-authorization-server", recording="test_auth_request_url")[
        0
    ]
    replay = Replay([metadata, registered, good, me, bad])
    with replay.client() as http:
        app = ADAPTER.register_app(http=http, server=HOME, redirect_uri=REDIRECT_URI)

        def finish() -> tuple[Account, Credentials]:
            return ADAPTER.finish(
                http=http,
                clock=clock,
                app=app,
                redirect_uri=REDIRECT_URI,
                keep={"verifier": "v" * 64},
                callback={"code": "c"},
            )

        found, credentials = finish()
        assert found.remote_id == json.loads(me.body)["id"]
        assert credentials.access_token == json.loads(good.body)["access_token"]
        assert credentials.scopes == tuple(json.loads(good.body)["scope"].split())
        with pytest.raises(Rejected, match="too late"):
            finish()


def test_recorded_revocation_and_deletion_have_our_shape() -> None:
    from social_accounts.networks.base import AppRegistration

    revocation = recorded("POST", "/oauth/revoke")[0]
    app = AppRegistration(server=HOME, client_id="id", client_secret="secret")
    replay = Replay([revocation])
    with replay.client() as http:
        ADAPTER.revoke(http=http, clock=clock, app=app, credentials=CREDENTIALS)
    assert set(httpx.QueryParams(replay.sent[0].content.decode())) == set(revocation.fields)

    for deletion in recorded("DELETE", "/api/v1/statuses/*"):
        with Replay([deletion]).client() as http:
            ADAPTER.delete(
                http=http,
                clock=clock,
                credentials=CREDENTIALS,
                account=account(),
                remote_id=deletion.path.rsplit("/", 1)[1],
            )


def test_recorded_counts_are_measured_and_missing_posts_have_none() -> None:
    found = recorded("GET", "/api/v1/statuses/*", status=200, recording="cassettes/")
    found = [one for one in found if one.path.count("/") == 4]
    missing = recorded("GET", "/api/v1/statuses/0", status=404)[0]
    assert found
    for exchange in [*found, missing]:
        remote_id = exchange.path.rsplit("/", 1)[1]
        with Replay([exchange]).client() as http:
            points = ADAPTER.measure(
                http=http, clock=clock, credentials=CREDENTIALS, account=account(), remote_ids=[remote_id]
            )
        expected = json.loads(exchange.body).get("favourites_count")
        assert {point.metric: point.value for point in points}["likes"] == expected


def test_recorded_limits_of_real_servers_are_read() -> None:
    for exchange in recorded("GET", "/api/v2/instance", status=200):
        with Replay([exchange]).client() as http:
            origin = exchange.url.partition("/api/")[0]
            limits = ADAPTER.server_limits(http=http, clock=clock, server=origin)
        configuration = json.loads(exchange.body)["configuration"]
        assert limits.text_limit == configuration["statuses"]["max_characters"]
        assert limits.image_bytes_max == configuration["media_attachments"]["image_size_limit"]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(specification("mastodon.json"), forms_as_json="/oauth/")


@dataclass
class JudgedMastodon(FakeMastodon):
    """Refuses what the specification does not know. Webfinger and v1 instances belong to no version of it."""

    judge: Judge = field(kw_only=True)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        # The document took the name from the spelling of forms, "media_attributes[][id]"; JSON has no brackets.
        found = [
            line
            for line in self.judge.violations(request)
            if line != "undeclared property body.media_attributes"
        ]
        assert found == [], (request.method, str(request.url), found)
        return super().handle(request)


class TestSpecificationAcceptsEveryRequest(TestMastodonContract):
    """The whole contract again, each request judged."""

    @pytest.fixture
    def network(self, judge: Judge) -> FakeNetwork:
        return JudgedMastodon(judge=judge)

    def test_connecting_and_publishing_with_all_options_is_accepted(self, judge: Judge) -> None:
        server = JudgedMastodon(judge=judge)
        server.checks_until_ready = 1
        content = Content(
            text="Bonjour",
            language="fr",
            media=(picture(),),
            options={"visibility": "unlisted", "spoiler_text": "x"},
        )
        request = request_for(server.account, content)
        adapter = server.adapter
        with server.client() as http:
            app = adapter.register_app(http=http, server="social.example", redirect_uri=REDIRECT_URI)
            start = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
            assert judge.violations(httpx.Request("GET", start.url)) == []
            _account, credentials = adapter.finish(
                http=http,
                clock=clock,
                app=app,
                redirect_uri=REDIRECT_URI,
                keep=start.keep,
                callback={"code": "good"},
            )
            assert isinstance(adapter, MastodonAdapter)
            request = prepared(adapter, http=http, clock=clock, credentials=credentials, request=request)
            done = adapter.publish(http=http, clock=clock, credentials=credentials, request=request)
            assert isinstance(done, Published)
            talk = CommentRequest(
                account=server.account,
                remote_id=done.remote_id,
                text="Below it",
                key="c-1",
                created_at=request.created_at,
            )
            adapter.comment(http=http, clock=clock, credentials=credentials, request=talk)
            adapter.edit(
                http=http,
                clock=clock,
                credentials=credentials,
                request=replace(request, content=replace(content, text="Better")),
                remote_id=done.remote_id,
            )
            adapter.server_limits(http=http, clock=clock, server=SERVER)
            adapter.revoke(http=http, clock=clock, app=app, credentials=credentials)


@pytest.mark.parametrize(
    "wrong",
    [
        httpx.Request("POST", f"{SERVER}/api/v1/statuses", json={"status": "x"}),
        httpx.Request(
            "POST", f"{SERVER}/api/v1/statuses", json={"status": 5}, headers={"Authorization": "x"}
        ),
        httpx.Request(
            "POST",
            f"{SERVER}/api/v1/statuses",
            json={"status": "x", "tone": "y"},
            headers={"Authorization": "x"},
        ),
        httpx.Request("POST", f"{SERVER}/api/v1/apps", json={"client_name": "x"}),
        httpx.Request("GET", f"{SERVER}/api/v1/nothing"),
        httpx.Request("GET", f"{SERVER}/api/v1/accounts/7/statuses?size=9", headers={"Authorization": "x"}),
        httpx.Request(
            "POST", f"{SERVER}/api/v2/media", files={"picture": b"x"}, headers={"Authorization": "x"}
        ),
    ],
    ids=[
        "no token",
        "wrong type",
        "unknown field",
        "missing field",
        "no such path",
        "unknown query",
        "no file",
    ],
)
def test_judge_tells_a_wrong_request(judge: Judge, wrong: httpx.Request) -> None:
    assert judge.violations(wrong)
