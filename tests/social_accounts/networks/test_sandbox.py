"""The adapters against the sandbox over real sockets: what a person sees in the demo is what these prove."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from sandbox.testing import SandboxServer
from social_accounts.networks.base import (
    Account,
    AppRegistration,
    Choices,
    Comment,
    CommentRequest,
    Content,
    Credentials,
    CredentialsExpired,
    Edit,
    LinkCard,
    ManyAccounts,
    Media,
    OutcomeUnknown,
    Prepare,
    Prepared,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
    utc_now,
)
from social_accounts.networks.bluesky.adapter import BlueskyAdapter
from social_accounts.networks.bluesky.config import BlueskyConfig, Realm
from social_accounts.networks.http import guarded_client
from social_accounts.networks.mastodon.adapter import MastodonAdapter, MastodonConfig
from social_accounts.networks.registry import FACTORIES, SANDBOX_HOMES, Adapter, NetworksConfig
from tests.sandbox.served import served

from .cast import media, picture
from .fake_tiktok import OPTIONS as TIKTOK
from .fake_youtube import OPTIONS as YOUTUBE

FINAL_CALL = {
    "mastodon": "POST /api/v1/statuses",
    "bluesky": "POST /xrpc/com.atproto.repo.putRecord",
    "facebook": "POST /v25.0/*/feed",
    "instagram": "POST /v25.0/*/media_publish",
    "threads": "POST /v1.0/*/threads_publish",
    "linkedin": "POST /rest/posts",
    "x": "POST /2/tweets",
    "pinterest": "POST /v5/pins",
    "youtube": "PUT /upload/youtube/v3/videos/last-piece",
    "tiktok": "PUT /upload/last-piece",
}
# They take no key: a repeat is refused as a duplicate.
WITHOUT_A_KEY = ("facebook", "linkedin", "x")
# They take the same twice: nobody repeats without having looked.
FIRST_FIVE = ("mastodon", "bluesky", "facebook", "linkedin", "x")
TAKING_TWICE = ("instagram", "threads", "pinterest", "youtube", "tiktok")
# Their interfaces delete nothing.
WITHOUT_DELETING = ("instagram", "tiktok")
# Their tokens are made to last longer from the second day on, and end by themselves alone.
WITHOUT_ENDING = ("threads",)


@dataclass(frozen=True)
class Connected:
    sandbox: SandboxServer
    http: httpx.Client
    adapter: Adapter
    app: AppRegistration
    account: Account
    credentials: Credentials
    name: str
    files: str

    def publish(self, request: PublishRequest) -> Published:
        request = self.prepared(request)
        step = self.adapter.publish(
            http=self.http, clock=utc_now, credentials=self.credentials, request=request
        )
        for _check in range(20):
            if isinstance(step, Published):
                break
            assert isinstance(step, Processing)
            step = self.adapter.poll(
                http=self.http,
                clock=utc_now,
                credentials=self.credentials,
                request=request,
                poll_token=step.poll_token,
            )
        assert isinstance(step, Published)
        return step

    def prepared(self, request: PublishRequest) -> PublishRequest:
        for _step in range(50):
            if not isinstance(self.adapter, Prepare) or not request.content.media:
                return request
            made = self.adapter.prepare(
                http=self.http, clock=utc_now, credentials=self.credentials, request=request
            )
            request = replace(request, prepared=made.progress)
            if isinstance(made, Prepared):
                return request
        raise AssertionError("the uploads never end")

    def read_back(self, request: PublishRequest) -> Published | None:
        return self.adapter.read_back(
            http=self.http, clock=utc_now, credentials=self.credentials, request=request
        )

    def picture(self) -> Media:
        """Return a picture as the network takes it."""
        if self.account.network in ("instagram", "threads"):
            return replace(picture(file_format="JPEG"), address=lambda form: f"{self.files}/picture.jpg")
        return picture()

    def content(self, text: str, **more: Any) -> Content:
        """Return the smallest post the network takes."""
        if self.account.network == "instagram":
            return Content(**{"text": text, "media": (self.picture(),), **more})
        if self.account.network == "pinterest":
            assert isinstance(self.adapter, Choices)
            asked = self.adapter.choices(
                http=self.http,
                clock=utc_now,
                credentials=self.credentials,
                account=self.account,
                option="board",
            )
            return Content(**{"text": text, "media": (picture(),), "options": {"board": asked[0][0]}, **more})
        if self.account.network == "tiktok":
            more["media"] = (film(self),)
            return Content(text=text, options=TIKTOK, **more)
        if self.account.network == "youtube":
            more["media"] = (film(self), *more.get("media", ()))
            return Content(text=text, options=YOUTUBE, **more)
        return Content(text=text, **more)

    def request(self, content: Content) -> PublishRequest:
        return PublishRequest(account=self.account, content=content, key="key-1", created_at=utc_now())

    def posts(self) -> list[dict[str, object]]:
        return [post for post in self.sandbox.posts() if not post["is_deleted"]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    """Yield where networks that fetch their pictures find one."""
    with picture(file_format="JPEG").open() as stream:
        content = stream.read()
    with served({"/picture.jpg": ("image/jpeg", content)}) as origin:
        yield origin


def adapter_for(network: str, sandbox: SandboxServer) -> Adapter:
    if network == "mastodon":
        trusted = frozenset({sandbox.mastodon_origin})
        return MastodonAdapter(MastodonConfig(trusted_origins=trusted))
    if network in SANDBOX_HOMES:
        home = SANDBOX_HOMES[network](sandbox.origin_of(network))
        return FACTORIES[network](NetworksConfig(homes={network: (home,)}))
    origin = sandbox.bluesky_origin
    realm = Realm(plc_url=origin, resolver_url=origin, appview_url=origin, web_url=origin, video_url=origin)
    return BlueskyAdapter(
        BlueskyConfig(default_server=origin, realm=realm, trusted_origins=frozenset({origin}))
    )


@pytest.fixture(params=["mastodon", "bluesky", *SANDBOX_HOMES])
def connected(request: pytest.FixtureRequest, sandbox: SandboxServer, files: str) -> Iterator[Connected]:
    network = str(request.param)
    sandbox.reset()
    made = sandbox.create_account(network, "alice")
    origin = sandbox.bluesky_origin if network == "bluesky" else sandbox.mastodon_origin
    server = sandbox.origin_of(network) if network in SANDBOX_HOMES else origin
    redirect_uri = "http://127.0.0.1:8000/connect/callback/"
    adapter = adapter_for(network, sandbox)
    with guarded_client(trusted_origins={origin}) as http:
        app = adapter.register_app(http=http, server=server, redirect_uri=redirect_uri)
        hint = made["handle"] if network == "bluesky" else ""
        start = adapter.start(http=http, app=app, redirect_uri=redirect_uri, login_hint=hint)
        callback = dict(parse_qsl(urlsplit(sandbox.consent(start.url, account=made["handle"])).query))
        assert callback["state"] == start.state
        account, credentials = adapter.finish(
            http=http, clock=utc_now, app=app, redirect_uri=redirect_uri, keep=start.keep, callback=callback
        )
        if isinstance(adapter, ManyAccounts):
            found = adapter.accounts(http=http, clock=utc_now, app=app, credentials=credentials)
            mine = [one for one in found if one.account.remote_id.rpartition(":")[2] == str(made["id"])]
            account, credentials = mine[-1].account, mine[-1].credentials  # of LinkedIn, the page
        assert account.remote_id.endswith(str(made["id"]))
        yield Connected(sandbox, http, adapter, app, account, credentials, made["handle"], files)


def test_post_with_everything_goes_out_once_and_is_found(connected: Connected) -> None:
    request = connected.request(
        connected.content(
            text="Hello https://example.org/x #news é👩‍👩‍👧",
            media=(connected.picture(),),
            language="en",
            link_card=LinkCard(url="https://example.org/x", title="A page"),
        )
    )
    assert connected.read_back(request) is None
    published = connected.publish(request)
    if connected.account.network in WITHOUT_A_KEY:
        with pytest.raises(Rejected) as refused:
            connected.publish(request)
        assert refused.value.reason is RejectionReason.DUPLICATE
    elif connected.account.network not in TAKING_TWICE:
        assert connected.publish(request) == published
    found = connected.read_back(request)
    assert found is not None
    assert replace(found, shortfall="") == published  # what nobody knows of a post found again may be told
    (post,) = connected.posts()
    assert post["text"] == request.content.text
    assert httpx.get(published.permalink, trust_env=False).status_code == 200


def test_dropped_answer_is_unknown_and_found_again(connected: Connected) -> None:
    request = connected.request(connected.content(text="Taken, but the answer was lost"))
    connected.sandbox.fault(kind="drop", endpoint=FINAL_CALL[connected.account.network], times=1)
    with pytest.raises(OutcomeUnknown):
        connected.publish(request)
    assert connected.read_back(request) is not None
    assert len(connected.posts()) == 1


def test_limit_names_the_time(connected: Connected) -> None:
    connected.sandbox.fault(
        kind="status", status=429, endpoint=FINAL_CALL[connected.account.network], times=1
    )
    with pytest.raises(RateLimited) as caught:
        connected.publish(connected.request(connected.content(text="x")))
    assert caught.value.retry_at > utc_now()


def test_expired_token_means_reconnect(connected: Connected) -> None:
    connected.sandbox.expire_tokens(connected.name, network=connected.account.network)
    with pytest.raises(CredentialsExpired):
        connected.publish(connected.request(connected.content(text="x")))


def test_refresh_identify_measure_delete_and_revoke(connected: Connected) -> None:
    adapter, http = connected.adapter, connected.http
    published = connected.publish(connected.request(connected.content(text="Short-lived")))
    credentials = connected.credentials
    if connected.account.network not in WITHOUT_ENDING:
        credentials = adapter.refresh(http=http, clock=utc_now, app=connected.app, credentials=credentials)
    found = adapter.identify(
        http=http, clock=utc_now, server=connected.account.server, credentials=credentials
    )
    assert found == connected.account
    points = adapter.measure(
        http=http,
        clock=utc_now,
        credentials=credentials,
        account=found,
        remote_ids=[published.remote_id],
    )
    assert {point.metric: point.value for point in points}["likes"] == 0
    cannot_delete = found.network in WITHOUT_DELETING
    for _time in range(2):
        with pytest.raises(Rejected) if cannot_delete else nullcontext():
            adapter.delete(
                http=http,
                clock=utc_now,
                credentials=credentials,
                account=found,
                remote_id=published.remote_id,
            )
    assert len(connected.posts()) == (1 if cannot_delete else 0)
    for _time in range(2):
        adapter.revoke(http=http, clock=utc_now, app=connected.app, credentials=credentials)
    if found.network in WITHOUT_ENDING:
        connected.sandbox.expire_tokens(connected.name, network=found.network)
    with pytest.raises(CredentialsExpired):
        renewed = adapter.refresh(http=http, clock=utc_now, app=connected.app, credentials=credentials)
        adapter.identify(http=http, clock=utc_now, server=found.server, credentials=renewed)


def test_app_password_signs_in(sandbox: SandboxServer) -> None:
    sandbox.reset()
    made = sandbox.create_account("bluesky", "paul")
    adapter = adapter_for("bluesky", sandbox)
    assert isinstance(adapter, BlueskyAdapter)
    with guarded_client(trusted_origins={sandbox.bluesky_origin}) as http:
        account, credentials = adapter.sign_in(
            http=http, clock=utc_now, server="", identifier=made["handle"], password=made["app_password"]
        )
        found = adapter.identify(http=http, clock=utc_now, server=account.server, credentials=credentials)
    assert found == account


# --- videos, and what comes after a post -----------------------------------------------------------------------------


def film(connected: Connected) -> Media:
    """Return a video as this network takes it, of more than one part where it takes parts."""
    data = bytes(range(256)) * 9_000
    made = media(data, content_type="video/mp4", alt_text="Two riders", filename="ride.mp4")
    return replace(made, width=1280, height=720, seconds=12.0, codecs=("h264", "aac"))


def test_video_goes_out_whole_and_once(connected: Connected) -> None:
    if not connected.adapter.features.video_types or connected.account.network not in FIRST_FIVE:
        return
    video = film(connected)
    request = connected.request(connected.content(text="On the road", media=(video,)))
    assert not connected.adapter.problems(request.content)
    published = connected.publish(request)
    assert connected.read_back(request) == published
    (post,) = connected.posts()
    (file,) = post["media"]  # type: ignore[misc]
    assert file["size"] == video.size_bytes  # type: ignore[index]
    with video.open() as stream:
        assert file["sha256"] == hashlib.sha256(stream.read()).hexdigest()  # type: ignore[index]


def test_first_comment_is_said_below_the_post_and_found_again(connected: Connected) -> None:
    adapter = connected.adapter
    if not isinstance(adapter, Comment) or connected.account.network not in FIRST_FIVE:
        return
    published = connected.publish(connected.request(connected.content(text="The post")))
    talk = CommentRequest(
        account=connected.account,
        remote_id=published.remote_id,
        text="Details: https://example.org/x",
        key="comment-1",
        created_at=utc_now(),
    )

    def found() -> Published | None:
        return adapter.find_comment(
            http=connected.http, clock=utc_now, credentials=connected.credentials, request=talk
        )

    assert found() is None
    said = adapter.comment(
        http=connected.http, clock=utc_now, credentials=connected.credentials, request=talk
    )
    assert found() == said
    texts = [post["text"] for post in connected.posts()]
    assert texts == ["The post", talk.text]
    assert httpx.get(said.permalink, trust_env=False, follow_redirects=True).status_code == 200


def test_post_that_is_out_is_changed(connected: Connected) -> None:
    adapter = connected.adapter
    if not isinstance(adapter, Edit) or connected.account.network not in FIRST_FIVE:
        return
    request = connected.request(connected.content(text="Said badly", media=(picture(),)))
    published = connected.publish(request)
    for _time in range(2):
        edited = adapter.edit(
            http=connected.http,
            clock=utc_now,
            credentials=connected.credentials,
            request=replace(request, content=replace(request.content, text="Said (better)")),
            remote_id=published.remote_id,
        )
        assert edited.remote_id == published.remote_id
    (post,) = connected.posts()
    assert str(post["text"]).replace("\\", "") == "Said (better)"
    assert len(post["media"]) == 1  # type: ignore[arg-type]
    assert connected.read_back(replace(request, content=replace(request.content, text="Said (better)")))


def test_replies_are_closed_where_the_author_said_so(sandbox: SandboxServer) -> None:
    sandbox.reset()
    made = sandbox.create_account("bluesky", "paul")
    adapter = adapter_for("bluesky", sandbox)
    assert isinstance(adapter, BlueskyAdapter)
    with guarded_client(trusted_origins={sandbox.bluesky_origin}) as http:
        account, credentials = adapter.sign_in(
            http=http, clock=utc_now, server="", identifier=made["handle"], password=made["app_password"]
        )
        content = Content(text="No replies", options={"reply_settings": "nobody"})
        request = PublishRequest(account=account, content=content, key="key-1", created_at=utc_now())
        published = adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
        assert isinstance(published, Published)
        gate, post = sandbox.posts(network="bluesky")
        assert (gate["data"]["post"], gate["data"]["allow"]) == (post["id"], [])
        adapter.delete(
            http=http, clock=utc_now, credentials=credentials, account=account, remote_id=published.remote_id
        )
    assert sandbox.posts(network="bluesky") == []
