from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    Account,
    AppRegistration,
    CommentRequest,
    Content,
    Credentials,
    CredentialsExpired,
    LimitLevel,
    LinkCard,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.mastodon.adapter import MastodonAdapter, MastodonConfig
from social_accounts.networks.mastodon.reading_back import visible_text
from social_accounts.networks.oauth import challenge_of

from .cast import CREATED_AT, NOW, clock, picture, request_for
from .contract import TOKEN, Answer, FakeNetwork, no_answer, odd_json, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, EditContract, FakeWithFollowups, MeasureContract

SERVER = "https://social.example"
REDIRECT_URI = "https://chorus.example/connect/mastodon/callback/"
ME = {
    "id": "7",
    "username": "acme",
    "display_name": "Acme",
    "url": f"{SERVER}/@acme",
    "avatar": f"{SERVER}/a.png",
}
WEBSITE = "<html><title>A shop</title></html>"


@dataclass
class FakeMastodon(FakeWithFollowups):
    """A server of version 4.3 or later; ``is_old`` makes it one from before."""

    posts: dict[str, dict[str, object]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    media: dict[str, int] = field(default_factory=dict)
    checks_until_ready: int = 0
    is_old: bool = False
    version: str = "4.3.0"
    takes_lists: bool = True
    bodies: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.adapter = MastodonAdapter(MastodonConfig(website="https://chorus.example/"))
        self.account = Account(
            network="mastodon",
            server=SERVER,
            remote_id="7",
            handle="@acme@social.example",
            display_name="Acme",
            url=f"{SERVER}/@acme",
            avatar_url=f"{SERVER}/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN)

    @property
    def public_posts(self) -> int:
        return len(self.posts) - self.public_comments

    @property
    def public_comments(self) -> int:
        return sum(bool(post["in_reply_to_id"]) for post in self.posts.values())

    def text_of(self, remote_id: str) -> str:
        return visible_text(str(self.posts[remote_id]["content"]))

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path
        if path == "/api/v1/statuses" and request.method == "POST":
            return "comment" if "in_reply_to_id" in json.loads(request.content) else "publish"
        if path.startswith("/api/v1/statuses/"):
            return {"PUT": "edit", "GET": "measure"}.get(request.method, "")
        if path == "/api/v2/media":
            return "upload"
        return "read" if request.method == "GET" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.TOO_LONG: status(
                422, {"error": "Validation failed: Text character limit of 500 exceeded"}
            ),
            RejectionReason.MEDIA_INVALID: status(422, {"error": "Validation failed: File is invalid"}),
            RejectionReason.POLICY: status(403, {"error": "This action is not allowed"}),
            RejectionReason.NOT_FOUND: status(404, {"error": "Record not found"}),
            RejectionReason.DUPLICATE: status(422, {"error": "Validation failed: duplicate"}),
            RejectionReason.OTHER: status(422, {"error": "Validation failed: Visibility is unknown"}),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        reset = (NOW + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
        return status(429, {"error": "Too many requests"}, {"X-RateLimit-Reset": reset})

    def expired(self) -> Answer:
        return status(401, {"error": "The access token is invalid"})

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path, request.method
        if path == "/.well-known/oauth-authorization-server":
            return self._metadata()
        if path == "/.well-known/webfinger":
            return httpx.Response(404)
        if path == "/api/v1/apps":
            return self._register(json.loads(request.content))
        if path.startswith("/oauth/"):
            return self._oauth(path, dict(parse_qsl(request.content.decode())))
        if path == "/api/v2/instance":
            return (
                httpx.Response(200, json=INSTANCE | {"version": self.version})
                if not self.is_old
                else httpx.Response(404)
            )
        if path == "/api/v1/instance":
            return httpx.Response(200, json={"max_toot_chars": 5000})
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if path == "/api/v1/accounts/verify_credentials":
            return httpx.Response(200, json=ME)
        if path == "/api/v2/media":
            return self._upload(request)
        if path.startswith("/api/v1/media/"):
            return self._media(path.rsplit("/", 1)[1])
        if path == "/api/v1/accounts/7/statuses":
            return self._list(request)
        if path == "/api/v1/statuses" and method == "POST":
            return self._post(request)
        found = self.posts.get(path.rsplit("/", 1)[1])
        if found is None:
            return httpx.Response(404, json={"error": "Record not found"})
        if method == "DELETE":
            del self.posts[str(found["id"])]
        if method == "PUT":
            self._edit(found, json.loads(request.content))
        told = {
            name: value for name, value in found.items() if not (self.untold and name == "favourites_count")
        }
        return httpx.Response(200, json=told)

    def _edit(self, post: dict[str, object], body: dict[str, object]) -> None:
        self.bodies.append(body)
        files = {item["id"]: item for item in post["media_attachments"]}  # type: ignore[attr-defined]
        kept = [files[str(media_id)] for media_id in body.get("media_ids", [])]  # type: ignore[attr-defined]
        described = {item["id"]: item["description"] for item in body.get("media_attributes", [])}  # type: ignore[attr-defined]
        post["media_attachments"] = [
            {**item, "description": described.get(item["id"], item.get("description"))} for item in kept
        ]
        post["content"], post["spoiler_text"] = f"<p>{body['status']}</p>", body["spoiler_text"]

    def _metadata(self) -> httpx.Response:
        if self.is_old:
            return httpx.Response(404, text="not here")
        return httpx.Response(
            200,
            json={
                "issuer": f"{SERVER}/",
                "authorization_endpoint": f"{SERVER}/oauth/authorize",
                "token_endpoint": f"{SERVER}/oauth/token",
                "revocation_endpoint": f"{SERVER}/oauth/revoke",
                "scopes_supported": ["profile", "read", "write"],
            },
        )

    def _register(self, body: dict[str, object]) -> httpx.Response:
        self.bodies.append(body)
        if isinstance(body["redirect_uris"], list) is not (self.takes_lists and not self.is_old):
            return httpx.Response(422, json={"error": "Validation failed: Redirect URI can't be blank"})
        return httpx.Response(200, json={"client_id": "id-1", "client_secret": "secret-1"})

    def _oauth(self, path: str, form: dict[str, str]) -> httpx.Response:
        assert form["client_id"] == "id-1"
        assert form["client_secret"] == "secret-1"
        if path == "/oauth/revoke":
            return httpx.Response(200, json={})
        if form["code"] != "good":
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "expired"})
        assert form["redirect_uri"] == REDIRECT_URI
        assert form["code_verifier"]
        scope = "profile read:statuses write:statuses write:media"
        return httpx.Response(
            200, json={"access_token": TOKEN, "token_type": "Bearer", "scope": scope, "created_at": 1}
        )

    def _upload(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        assert b'name="file"; filename="picture.png"' in body
        assert b'name="description"' in body
        media_id = str(100 + len(self.media))
        self.media[media_id] = self.checks_until_ready
        return httpx.Response(202 if self.checks_until_ready else 200, json={"id": media_id})

    def _media(self, media_id: str) -> httpx.Response:
        if media_id not in self.media:
            return httpx.Response(404, json={"error": "Record not found"})
        self.media[media_id] -= 1
        return httpx.Response(206 if self.media[media_id] > 0 else 200, json={"id": media_id})

    def _post(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["Idempotency-Key"]
        body = json.loads(request.content)
        self.bodies.append(body)
        if body.get("in_reply_to_id", "") and body["in_reply_to_id"] not in self.posts:
            return httpx.Response(404, json={"error": "The post you are trying to reply to does not exist."})
        if key not in self.by_key:
            post_id = str(1000 + len(self.by_key))
            self.by_key[key] = post_id
            self.add(post_id, body["status"], media=len(body.get("media_ids", [])), body=body)
        return httpx.Response(200, json=self.posts[self.by_key[key]])

    def add(
        self,
        post_id: str,
        text: str,
        *,
        media: int = 0,
        minutes_ago: float = 0,
        body: dict[str, object] | None = None,
    ) -> None:
        created = (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z")
        self.posts[post_id] = {
            "id": post_id,
            "url": f"{SERVER}/@acme/{post_id}",
            "uri": f"{SERVER}/users/acme/statuses/{post_id}",
            "content": f"<p>{text}</p>",
            "spoiler_text": (body or {}).get("spoiler_text", ""),
            "visibility": (body or {}).get("visibility", "public"),
            "language": (body or {}).get("language", "en"),
            "in_reply_to_id": (body or {}).get("in_reply_to_id"),
            "created_at": created,
            "media_attachments": [{"id": str(number)} for number in range(media)],
            "favourites_count": 0,
            "replies_count": 0,
            "reblogs_count": 0,
            "reblog": None,
        }

    def _list(self, request: httpx.Request) -> httpx.Response:
        limit, max_id = int(request.url.params["limit"]), request.url.params.get("max_id")
        newest = sorted(self.posts.values(), key=lambda post: int(str(post["id"])), reverse=True)
        if max_id:
            newest = [post for post in newest if int(str(post["id"])) < int(max_id)]
        return httpx.Response(200, json=newest[:limit])


INSTANCE = {
    "configuration": {
        "statuses": {
            "max_characters": 1000,
            "max_media_attachments": 8,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {"image_size_limit": 5, "description_limit": 700},
    }
}


class TestMastodonContract(CommentContract, EditContract, MeasureContract, PrepareContract):
    has_application_level = False  # with a token its limits are per account

    @pytest.fixture
    def network(self) -> FakeNetwork:
        return FakeMastodon()


@pytest.fixture
def server() -> FakeMastodon:
    return FakeMastodon()


@pytest.fixture
def http(server: FakeMastodon) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def register(server: FakeMastodon, http: httpx.Client, typed: str = "social.example") -> AppRegistration:
    return server.adapter.register_app(http=http, server=typed, redirect_uri=REDIRECT_URI, clock=clock)


@pytest.mark.parametrize(
    "typed",
    [
        "social.example",
        " https://social.example/ ",
        "http://social.example",
        "@acme@social.example",
        "acme@social.example",
        "https://social.example/@acme",
        "SOCIAL.example",
    ],
)
def test_register_app_takes_what_people_type(server: FakeMastodon, http: httpx.Client, typed: str) -> None:
    app = register(server, http, typed)
    assert app.server == SERVER
    assert (app.client_id, app.client_secret) == ("id-1", "secret-1")
    assert app.extra["scopes"] == "profile read:statuses write:statuses write:media"
    assert "secret-1" not in repr(app)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mastodon",
        "127.0.0.1",
        "https://[::1]/",
        "2130706433",
        "a b.example",
        "x://y.z",
        "u:p@h.example",
        "localhost:3000",
    ],
)
def test_register_app_refuses_what_is_no_server_name(
    server: FakeMastodon, http: httpx.Client, typed: str
) -> None:
    with pytest.raises(Rejected, match="is not the name of a server"):
        register(server, http, typed)
    assert server.calls == []


def test_register_app_takes_a_trusted_origin_as_it_is(server: FakeMastodon) -> None:
    from social_accounts.networks.servers import typed_origin

    trusted = {"http://localhost:9001", "http://127.0.0.1:9001"}
    assert typed_origin("http://localhost:9001/", trusted_origins=trusted)[0] == "http://localhost:9001"
    assert typed_origin("127.0.0.1:9001", trusted_origins=trusted)[0] == "http://127.0.0.1:9001"
    with pytest.raises(Rejected):
        typed_origin("http://localhost:9002", trusted_origins=trusted)


def test_register_app_falls_back_for_servers_before_4_3(server: FakeMastodon, http: httpx.Client) -> None:
    server.is_old = True
    app = register(server, http)
    assert app.extra["scopes"] == "read:accounts read:statuses write:statuses write:media"
    assert server.bodies == [
        {
            "client_name": "Chorus",
            "redirect_uris": REDIRECT_URI,
            "scopes": app.extra["scopes"],
            "website": "https://chorus.example/",
        }
    ]


def test_register_app_tries_the_older_form_once(server: FakeMastodon, http: httpx.Client) -> None:
    server.takes_lists = False
    assert register(server, http).client_id == "id-1"
    assert [type(body["redirect_uris"]) for body in server.bodies] == [list, str]


def test_register_app_refuses_a_site_that_is_no_mastodon_server() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=WEBSITE))
    with httpx.Client(transport=transport) as http, pytest.raises(Rejected, match="not answer like"):
        MastodonAdapter(MastodonConfig()).register_app(
            http=http, server="shop.example", redirect_uri=REDIRECT_URI
        )


def test_register_app_follows_a_handle_to_the_server_behind_its_domain(server: FakeMastodon) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "acme.example":
            assert request.url.params["resource"] == "acct:news@acme.example"
            return httpx.Response(
                200, json={"links": [{"rel": "self", "href": f"{SERVER}/users/news"}, {"rel": "other"}]}
            )
        return server.handle(request)

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        app = server.adapter.register_app(http=http, server="@news@acme.example", redirect_uri=REDIRECT_URI)
    assert app.server == SERVER


def test_metadata_that_points_elsewhere_is_not_believed(server: FakeMastodon) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/.well-known/"):
            elsewhere = "https://mallory.example"
            return httpx.Response(
                200,
                json={
                    "authorization_endpoint": f"{elsewhere}/oauth/authorize",
                    "token_endpoint": f"{elsewhere}/oauth/token",
                },
            )
        return server.handle(request)

    server.is_old = True
    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        app = register(server, http)
    assert "token_endpoint" not in app.extra


def test_connecting_sends_pkce_and_returns_the_account(server: FakeMastodon, http: httpx.Client) -> None:
    app = register(server, http)
    start = server.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    query = parse_qs(urlsplit(start.url).query)
    assert start.url.startswith(f"{SERVER}/oauth/authorize?")
    assert query["state"] == [start.state]
    assert query["code_challenge_method"] == ["S256"]
    assert query["code_challenge"] == [challenge_of(str(start.keep["verifier"]))]
    assert str(start.keep["verifier"]) not in start.url
    account, credentials = server.adapter.finish(
        http=http,
        clock=clock,
        app=app,
        redirect_uri=REDIRECT_URI,
        keep=start.keep,
        callback={"code": "good", "state": start.state},
    )
    assert account == server.account
    assert credentials.access_token == TOKEN
    assert credentials.expires_at is None
    assert "write:media" in credentials.scopes
    assert server.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials) is credentials
    server.adapter.revoke(http=http, clock=clock, app=app, credentials=credentials)


@pytest.mark.parametrize(
    ("callback", "words"),
    [
        ({"error": "access_denied"}, "declined"),
        ({"error": "server_error"}, "did not complete"),
        ({}, "did not complete"),
        ({"code": "late"}, "too late"),
    ],
)
def test_connecting_that_fails_says_why(
    server: FakeMastodon, http: httpx.Client, callback: dict[str, str], words: str
) -> None:
    app = register(server, http)
    with pytest.raises(Rejected, match=words):
        server.adapter.finish(
            http=http,
            clock=clock,
            app=app,
            redirect_uri=REDIRECT_URI,
            keep={"verifier": "v" * 64},
            callback=callback,
        )


def test_forgotten_application_is_told_apart(server: FakeMastodon, http: httpx.Client) -> None:
    app = register(server, http)
    transport = httpx.MockTransport(status(401, {"error": "invalid_client"}))
    with httpx.Client(transport=transport) as other, pytest.raises(Rejected) as refused:
        server.adapter.finish(
            http=other,
            clock=clock,
            app=app,
            redirect_uri=REDIRECT_URI,
            keep={"verifier": "v" * 64},
            callback={"code": "good"},
        )
    assert refused.value.reason is RejectionReason.NOT_FOUND


def test_limit_without_a_token_is_the_applications(server: FakeMastodon) -> None:
    answer = status(429, {}, {"Retry-After": "60"})
    with httpx.Client(transport=httpx.MockTransport(answer)) as http, pytest.raises(RateLimited) as caught:
        register(server, http)
    assert caught.value.level is LimitLevel.APPLICATION
    assert caught.value.retry_at > NOW


def test_publish_sends_every_option(server: FakeMastodon, http: httpx.Client) -> None:
    content = Content(
        text="Bonjour",
        language="fr",
        media=(picture(), picture()),
        options={"visibility": "unlisted", "spoiler_text": "Cinéma"},
    )
    request = request_for(server.account, content, key="key-1")
    TestMastodonContract().publish(server, request)
    assert server.bodies == [
        {
            "status": "Bonjour",
            "media_ids": ["100", "101"],
            "visibility": "unlisted",
            "spoiler_text": "Cinéma",
            "language": "fr",
        }
    ]
    assert list(server.by_key) == ["key-1"]


def test_media_in_work_is_waited_for_before_the_post(server: FakeMastodon, http: httpx.Client) -> None:
    server.checks_until_ready = 2
    request = request_for(server.account, Content(text="x", media=(picture(),)))
    waits = []
    for _step in range(10):
        made = server.adapter.prepare(  # type: ignore[attr-defined]
            http=http, clock=clock, credentials=server.credentials, request=request
        )
        request = replace(request, prepared=made.progress)
        if isinstance(made, Prepared):
            break
        waits.append(made.next_at)
    assert waits == [NOW + timedelta(seconds=5)] * 2
    assert len(server.media) == 1
    assert server.public_posts == 0
    published = server.adapter.publish(
        http=http, clock=clock, credentials=server.credentials, request=request
    )
    assert isinstance(published, Published)


@pytest.mark.parametrize(("sent_at", "expected"), [(None, NotSent), (CREATED_AT, OutcomeUnknown)])
def test_files_a_server_forgot_by_the_post_go_up_anew_unless_another_attempt_may_have_them(
    server: FakeMastodon, http: httpx.Client, sent_at: object, expected: type[Exception]
) -> None:
    contract = TestMastodonContract()
    request = contract.prepare(server, http, contract.with_picture(server))
    words = "Validation failed: Media 1 not found or already attached to another post"
    server.faults["publish"] = status(422, {"error": words})
    with pytest.raises(expected):
        server.adapter.publish(
            http=http,
            clock=clock,
            credentials=server.credentials,
            request=replace(request, sent_at=sent_at),  # type: ignore[arg-type]
        )
    server.faults["publish"] = status(422, {"error": "Validation failed: the image is broken"})
    with pytest.raises(Rejected):
        server.adapter.publish(http=http, clock=clock, credentials=server.credentials, request=request)


def test_media_lost_by_the_server_goes_up_anew(server: FakeMastodon, http: httpx.Client) -> None:
    content = Content(text="x", media=(picture(),))
    lost = {"ids": [], "since": NOW.isoformat(), "at": "999"}
    request = replace(request_for(server.account, content), prepared=lost)
    with pytest.raises(NotSent, match="lost an uploaded file"):
        server.adapter.prepare(http=http, clock=clock, credentials=server.credentials, request=request)  # type: ignore[attr-defined]
    old = {"ids": ["100"], "since": (NOW - timedelta(days=1)).isoformat()}
    with pytest.raises(NotSent, match="lost an uploaded file"):
        server.adapter.publish(
            http=http, clock=clock, credentials=server.credentials, request=replace(request, prepared=old)
        )
    again = TestMastodonContract().prepare(server, http, replace(request, prepared=old))
    assert again.prepared["ids"] == ["100"]


def test_comment_is_seen_by_those_who_see_the_post(server: FakeMastodon, http: httpx.Client) -> None:
    contract = TestMastodonContract()
    options = {"visibility": "private", "spoiler_text": "Wheels"}
    published = contract.publish(
        server, request_for(server.account, Content(text="x", language="fr", options=options))
    )
    assert isinstance(published, Published)
    talk = CommentRequest(
        account=server.account, remote_id=published.remote_id, text="y", key="c-1", created_at=CREATED_AT
    )
    contract.comment(server, talk)
    assert server.bodies[-1] == {
        "status": "y",
        "visibility": "private",
        "spoiler_text": "Wheels",
        "language": "fr",
        "in_reply_to_id": published.remote_id,
    }


def test_edit_keeps_the_files_and_changes_their_descriptions(
    server: FakeMastodon, http: httpx.Client
) -> None:
    contract = TestMastodonContract()
    content = Content(text="x", media=(picture(), picture()))
    published = contract.publish(server, request_for(server.account, content))
    assert isinstance(published, Published)
    better = tuple(replace(media, alt_text=f"Better {at}") for at, media in enumerate(content.media))
    after = replace(content, text="Said better", media=better)
    assert not server.adapter.edit_problems(content, after)  # type: ignore[attr-defined]
    server.adapter.edit(  # type: ignore[attr-defined]
        http=http,
        clock=clock,
        credentials=server.credentials,
        request=request_for(server.account, after),
        remote_id=published.remote_id,
    )
    kept = server.posts[published.remote_id]["media_attachments"]
    assert [item["description"] for item in kept] == ["Better 0", "Better 1"]  # type: ignore[attr-defined]
    hidden = replace(after, options={"visibility": "private"})
    assert server.adapter.edit_problems(content, hidden)  # type: ignore[attr-defined]


def test_post_refused_because_media_is_in_work_may_be_repeated(
    server: FakeMastodon, http: httpx.Client
) -> None:
    server.faults["publish"] = status(
        422, {"error": "Cannot attach files that have not finished processing. Try again in a moment!"}
    )
    request = request_for(server.account, Content(text="x"))
    with pytest.raises(NotSent):
        server.adapter.publish(http=http, clock=clock, credentials=server.credentials, request=request)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (403, "This action is outside the authorized scopes"),
        (403, "Your login is currently disabled"),
        (400, "invalid_token"),
    ],
)
def test_missing_rights_mean_reconnect(
    server: FakeMastodon, http: httpx.Client, code: int, error: str
) -> None:
    server.faults["publish"] = status(code, {"error": error})
    request = request_for(server.account, Content(text="x"))
    with pytest.raises(CredentialsExpired):
        server.adapter.publish(http=http, clock=clock, credentials=server.credentials, request=request)


class TestReadingBack:
    TEXT = "Hello @ana@elsewhere.example & all, https://example.org/a/long/path #news\n\nSecond  paragraph"
    HTML = (
        '<p>Hello <span class="h-card"><a href="https://elsewhere.example/@ana" class="u-url mention">@<span>ana'
        '</span></a></span> &amp; all, <a href="https://example.org/a/long/path"><span class="invisible">https://'
        '</span><span class="ellipsis">example.org/a/long</span><span class="invisible">/path</span></a> '
        '<a href="https://social.example/tags/news" class="mention hashtag">#<span>news</span></a></p>'
        "<p>Second paragraph</p>"
    )

    def read_back(self, server: FakeMastodon, content: Content, **changes: object) -> Published | None:
        request = replace(request_for(server.account, content), **changes)  # type: ignore[arg-type]
        with server.client() as http:
            return server.adapter.read_back(
                http=http, clock=clock, credentials=server.credentials, request=request
            )

    def test_finds_a_text_as_the_server_shows_it(self, server: FakeMastodon) -> None:
        server.add("1", "x")
        server.posts["1"]["content"] = self.HTML
        found = self.read_back(server, Content(text=self.TEXT))
        assert found == Published(remote_id="1", permalink=f"{SERVER}/@acme/1")
        assert "example.org/a/long/path" in visible_text(self.HTML)

    def test_wants_the_same_number_of_media_and_the_same_warning(self, server: FakeMastodon) -> None:
        server.add("1", "Same text", media=1)
        assert self.read_back(server, Content(text="Same text")) is None
        assert self.read_back(server, Content(text="Same text", media=(picture(),))) is not None
        warned = Content(text="Same text", media=(picture(),), options={"spoiler_text": "Food"})
        assert self.read_back(server, warned) is None

    def test_does_not_take_an_older_post_with_the_same_text(self, server: FakeMastodon) -> None:
        server.add("1", "Good morning", minutes_ago=24 * 60)
        assert self.read_back(server, Content(text="Good morning")) is None

    def test_looks_only_from_when_it_was_sent(self, server: FakeMastodon) -> None:
        server.add("1", "Good morning", minutes_ago=60)
        content = Content(text="Good morning")
        hours_ago = CREATED_AT - timedelta(hours=5)
        assert self.read_back(server, content, created_at=hours_ago) is not None
        assert self.read_back(server, content, created_at=hours_ago, sent_at=CREATED_AT) is None

    def test_does_not_take_the_post_of_another_publication(self, server: FakeMastodon) -> None:
        server.add("1", "Good morning")
        taken = frozenset({"1"})
        assert self.read_back(server, Content(text="Good morning"), known_remote_ids=taken) is None

    def test_looks_behind_the_first_page(self, server: FakeMastodon) -> None:
        server.add("1", "Ours")
        for number in range(2, 90):
            server.add(str(number), f"Other {number}")
        found = self.read_back(server, Content(text="Ours"))
        assert found is not None
        assert found.remote_id == "1"

    def test_says_unknown_when_it_cannot_look_far_enough(self, server: FakeMastodon) -> None:
        for number in range(1, 300):
            server.add(str(number), f"Other {number}")
        with pytest.raises(OutcomeUnknown):
            self.read_back(server, Content(text="Ours"))


def may_repeat(server: FakeMastodon, **late: float) -> bool:
    request = request_for(server.account, Content(text="Hello"))
    with server.client() as http:
        return server.adapter.is_harmless_to_repeat(  # type: ignore[attr-defined, no-any-return]
            http=http,
            clock=lambda: request.created_at + timedelta(**late),
            credentials=server.credentials,
            request=request,
        )


def test_repeat_is_harmless_while_the_server_knows_the_key(server: FakeMastodon) -> None:
    assert may_repeat(server, minutes=54)
    assert not may_repeat(server, minutes=56)


@pytest.mark.parametrize(
    ("version", "is_harmless"),
    [
        ("4.3.0", True),
        ("4.4.1+glitch", True),
        ("2.7.2 (compatible; Pleroma 2.5.0)", False),
        ("4.2.1 (compatible; Iceshrimp.NET/2026.1)", False),
        ("0.17.0 git-9e5bd5c", False),
        ("", False),
    ],
)
def test_repeat_is_harmless_at_mastodon_itself_not_at_all_that_speak_like_it(
    server: FakeMastodon, version: str, is_harmless: bool
) -> None:
    server.version = version
    assert may_repeat(server) is is_harmless


@pytest.mark.parametrize("fault", [no_answer, odd_json, status(500), status(404), status(429)])
def test_server_that_does_not_say_what_it_is_gets_no_repeat(server: FakeMastodon, fault: Answer) -> None:
    server.faults["read"] = fault
    assert not may_repeat(server)


def test_server_limits_are_the_servers_own(server: FakeMastodon, http: httpx.Client) -> None:
    limits = server.adapter.server_limits(http=http, clock=clock, server=SERVER)
    assert (limits.text_limit, limits.images_max, limits.alt_text_max) == (1000, 8, 700)
    content = Content(text="x" * 900)
    assert server.adapter.problems(content)
    assert not server.adapter.problems(content, limits)
    assert server.adapter.count(content, limits).limit == 1000


def test_server_limits_of_an_old_server_fall_back(server: FakeMastodon, http: httpx.Client) -> None:
    server.is_old = True
    limits = server.adapter.server_limits(http=http, clock=clock, server=SERVER)
    assert (limits.text_limit, limits.images_max) == (5000, 4)


def test_content_warning_counts(server: FakeMastodon) -> None:
    content = Content(text="abc", options={"spoiler_text": "12345"})
    assert server.adapter.count(content).used == 8


def test_addresses_from_a_strange_server_are_only_web_addresses() -> None:
    trap = "javascript:alert(document.cookie)"
    bad = {**ME, "url": trap, "avatar": trap, "uri": trap, "created_at": "never"}
    with httpx.Client(transport=httpx.MockTransport(status(200, bad))) as http:
        server = FakeMastodon()
        account = server.adapter.identify(
            http=http, clock=clock, server=SERVER, credentials=server.credentials
        )
        published = server.adapter.publish(
            http=http,
            clock=clock,
            credentials=server.credentials,
            request=request_for(server.account, Content(text="x")),
        )
    assert (account.url, account.avatar_url) == ("", "")
    assert published == Published(remote_id="7", permalink="")


def test_link_of_a_card_goes_at_the_end_of_the_text(server: FakeMastodon, http: httpx.Client) -> None:
    card = LinkCard(url="https://example.org/a/long/way", title="A page")
    content = Content(text="Read this", link_card=card)
    request = request_for(server.account, content)
    published = server.adapter.publish(
        http=http, clock=clock, credentials=server.credentials, request=request
    )
    assert server.bodies[-1]["status"] == "Read this\n\nhttps://example.org/a/long/way"
    assert server.adapter.count(content).used == len("Read this\n\n") + 23
    found = server.adapter.read_back(http=http, clock=clock, credentials=server.credentials, request=request)
    assert found == published
    twice = Content(text=f"Read {card.url}", link_card=card)
    assert server.adapter.count(twice).used == len("Read ") + 23
