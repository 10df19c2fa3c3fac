"""Our Bluesky adapter against the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from atproto import Client, models

from social_accounts.networks.base import (
    Account,
    AppRegistration,
    CommentRequest,
    Content,
    Credentials,
    CredentialsExpired,
    LinkCard,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
    utc_now,
)
from social_accounts.networks.bluesky.adapter import BlueskyAdapter
from social_accounts.networks.bluesky.config import LEAST_SCOPE
from social_accounts.networks.http import guarded_client
from tests.peers.bluesky_server import BlueskyAccount, BlueskyServer

from .cast import media, picture, prepared

pytestmark = pytest.mark.peers

REDIRECT_URI = "http://127.0.0.1:8000/connect/bluesky/callback/"


@pytest.fixture
def http(bluesky_server: BlueskyServer) -> Iterator[httpx.Client]:
    with guarded_client(trusted_origins=bluesky_server.origins) as client:
        yield client


@pytest.fixture
def adapter(bluesky_server: BlueskyServer) -> BlueskyAdapter:
    return BlueskyAdapter(bluesky_server.config())


@pytest.fixture
def alice(bluesky_server: BlueskyServer) -> BlueskyAccount:
    return bluesky_server.create_account("alice")


def connect(
    adapter: BlueskyAdapter,
    http: httpx.Client,
    server: BlueskyServer,
    person: BlueskyAccount,
    *,
    login_hint: str | None = None,
) -> tuple[AppRegistration, Account, Credentials]:
    app = adapter.register_app(http=http, server=server.pds, redirect_uri=REDIRECT_URI)
    hint = person.handle if login_hint is None else login_hint
    start = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI, login_hint=hint)
    callback = dict(parse_qsl(urlsplit(server.consent(start.url, person)).query))
    assert callback["state"] == start.state
    # The session stores what is kept as JSON.
    account, credentials = adapter.finish(
        http=http,
        clock=utc_now,
        app=app,
        redirect_uri=REDIRECT_URI,
        keep=json.loads(json.dumps(start.keep)),
        callback=callback,
    )
    return app, account, credentials


def sign_in(
    adapter: BlueskyAdapter, http: httpx.Client, person: BlueskyAccount
) -> tuple[Account, Credentials]:
    return adapter.sign_in(
        http=http, clock=utc_now, server="", identifier=person.handle, password=person.app_password
    )


def request_for(account: Account, content: Content, *, key: str = "publication-1") -> PublishRequest:
    return PublishRequest(account=account, content=content, key=key, created_at=utc_now())


@contextmanager
def atproto_client(server: BlueskyServer) -> Iterator[Client]:
    client = Client(base_url=f"{server.pds}/xrpc")
    yield client
    client.request._client.close()  # it has no way of closing of its own


def read_with_atproto(
    server: BlueskyServer, account: Account, published: Published
) -> models.AppBskyFeedPost.Record:
    with atproto_client(server) as client:
        got = client.com.atproto.repo.get_record(
            {
                "repo": account.remote_id,
                "collection": "app.bsky.feed.post",
                "rkey": published.remote_id.rsplit("/", 1)[1],
            }
        )
    assert isinstance(got.value, models.AppBskyFeedPost.Record)
    return got.value


def posts_of(server: BlueskyServer, account: Account) -> int:
    answer = httpx.get(
        f"{server.pds}/xrpc/com.atproto.repo.listRecords",
        params={"repo": account.remote_id, "collection": "app.bsky.feed.post"},
        trust_env=False,
    )
    return len(answer.json()["records"])


def test_oauth_connects_the_account_and_asks_for_the_least(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    _app, account, credentials = connect(adapter, http, bluesky_server, alice)
    assert account.remote_id == alice.did
    assert account.handle == f"@{alice.handle}"
    assert account.server == bluesky_server.pds
    assert set(credentials.scopes) == set(LEAST_SCOPE.split())
    assert credentials.expires_at is not None and credentials.expires_at > utc_now()
    assert (
        adapter.identify(http=http, clock=utc_now, server=account.server, credentials=credentials) == account
    )


def test_oauth_works_without_a_handle_typed(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    _app, account, _credentials = connect(adapter, http, bluesky_server, alice, login_hint="")
    assert account.remote_id == alice.did


def test_oauth_refuses_another_account_than_the_one_typed(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    mallory = bluesky_server.create_account("mallory")
    app = adapter.register_app(http=http, server=bluesky_server.pds, redirect_uri=REDIRECT_URI)
    start = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    callback = dict(parse_qsl(urlsplit(bluesky_server.consent(start.url, mallory)).query))
    with pytest.raises(Rejected, match="not the one asked for"):
        adapter.finish(
            http=http,
            clock=utc_now,
            app=app,
            redirect_uri=REDIRECT_URI,
            keep={**start.keep, "did": alice.did},
            callback=callback,
        )


def test_oauth_declined_says_so(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    app = adapter.register_app(http=http, server=bluesky_server.pds, redirect_uri=REDIRECT_URI)
    start = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI, login_hint=alice.handle)
    callback = dict(parse_qsl(urlsplit(bluesky_server.consent(start.url, alice, accept=False)).query))
    with pytest.raises(Rejected, match="declined"):
        adapter.finish(
            http=http, clock=utc_now, app=app, redirect_uri=REDIRECT_URI, keep=start.keep, callback=callback
        )


def test_oauth_publishes_and_refreshes_and_is_forgotten(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    app, account, credentials = connect(adapter, http, bluesky_server, alice)
    renewed = adapter.refresh(http=http, clock=utc_now, app=app, credentials=credentials)
    assert renewed.refresh_token != credentials.refresh_token
    content = Content(
        text="With a key of its own", media=(picture(),), options={"reply_settings": "followers"}
    )
    request = prepared(
        adapter, http=http, clock=utc_now, credentials=renewed, request=request_for(account, content)
    )
    published = adapter.publish(http=http, clock=utc_now, credentials=renewed, request=request)
    assert isinstance(published, Published)
    adapter.delete(
        http=http, clock=utc_now, credentials=renewed, account=account, remote_id=published.remote_id
    )
    assert posts_of(bluesky_server, account) == 0
    adapter.revoke(http=http, clock=utc_now, app=app, credentials=renewed)
    adapter.revoke(http=http, clock=utc_now, app=app, credentials=renewed)
    with pytest.raises(CredentialsExpired):
        adapter.refresh(http=http, clock=utc_now, app=app, credentials=renewed)


def test_used_refresh_token_means_reconnect(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    app, _account, credentials = connect(adapter, http, bluesky_server, alice)
    adapter.refresh(http=http, clock=utc_now, app=app, credentials=credentials)
    with pytest.raises(CredentialsExpired):
        adapter.refresh(http=http, clock=utc_now, app=app, credentials=credentials)


def test_token_bound_to_another_key_is_refused(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    from social_accounts.networks.bluesky.dpop import new_key

    _app, account, credentials = connect(adapter, http, bluesky_server, alice)
    stolen = replace(credentials, extra={**credentials.extra, "dpop_jwk": new_key()})
    with pytest.raises(CredentialsExpired):
        adapter.identify(http=http, clock=utc_now, server=account.server, credentials=stolen)


def test_post_reads_back_byte_exact_with_the_atproto_client(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    account, credentials = sign_in(adapter, http, alice)
    paul = bluesky_server.create_account("paul")
    text = (
        f"Café 👩‍👩‍👧 with @{paul.handle}, see https://example.org/a_(b)?c=é. "
        "Nobody is @nobody-here.test but #Überraschung!"
    )
    content = Content(text=text, language="en", media=(picture(alt_text="Une façade 🏠"),))
    request = prepared(
        adapter, http=http, clock=utc_now, credentials=credentials, request=request_for(account, content)
    )
    published = adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
    assert isinstance(published, Published)
    assert published.permalink == f"https://bsky.app/profile/{alice.did}/post/{published.remote_id[-13:]}"

    record = read_with_atproto(bluesky_server, account, published)
    assert record.text == text
    assert record.langs == ["en"]
    raw = text.encode()
    seen = [(raw[f.index.byte_start : f.index.byte_end].decode(), f.features[0]) for f in record.facets or []]
    assert [(part, feature.py_type.split("#")[1]) for part, feature in seen] == [
        (f"@{paul.handle}", "mention"),
        ("https://example.org/a_(b)?c=é", "link"),
        ("#Überraschung", "tag"),
    ]
    assert seen[0][1].did == paul.did
    assert seen[1][1].uri == "https://example.org/a_(b)?c=é"
    assert seen[2][1].tag == "Überraschung"
    image = record.embed.images[0]
    assert image.alt == "Une façade 🏠"
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (64, 48)
    with atproto_client(bluesky_server) as client:
        blob = client.com.atproto.sync.get_blob({"did": account.remote_id, "cid": image.image.cid.encode()})
    assert blob.startswith(b"\x89PNG")
    assert len(blob) == image.image.size


def test_repeat_is_harmless_and_read_back_finds_it(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    account, credentials = sign_in(adapter, http, alice)
    request = request_for(account, Content(text="Once, and once only", media=(picture(),)))
    other = replace(request, key="publication-2")
    request = prepared(adapter, http=http, clock=utc_now, credentials=credentials, request=request)

    def read_back(wanted: PublishRequest) -> Published | None:
        return adapter.read_back(http=http, clock=utc_now, credentials=credentials, request=wanted)

    assert read_back(request) is None
    first = adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
    again = adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
    assert first == again == read_back(request)
    assert posts_of(bluesky_server, account) == 1
    assert read_back(other) is None


def test_a_video_and_a_first_comment_are_records_the_real_server_takes(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    account, credentials = sign_in(adapter, http, alice)
    film = replace(
        media(b"a film", content_type="video/mp4", alt_text="Two riders", filename="ride.mp4"),
        width=16,
        height=9,
    )
    request = request_for(account, Content(text="Ride", media=(film,), options={"reply_settings": "nobody"}))
    request = prepared(adapter, http=http, clock=utc_now, credentials=credentials, request=request)
    published = adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
    assert isinstance(published, Published)
    record = read_with_atproto(bluesky_server, account, published)
    assert (record.embed.alt, record.embed.aspect_ratio.width) == ("Two riders", 16)
    talk = CommentRequest(
        account=account,
        remote_id=published.remote_id,
        text="Below it",
        key="c-1",
        created_at=request.created_at,
    )
    ask = {"http": http, "clock": utc_now, "credentials": credentials}
    assert adapter.find_comment(**ask, request=talk) is None  # type: ignore[arg-type]
    said = adapter.comment(**ask, request=talk)  # type: ignore[arg-type]
    assert adapter.comment(**ask, request=talk) == said == adapter.find_comment(**ask, request=talk)  # type: ignore[arg-type]
    assert read_with_atproto(bluesky_server, account, said).reply.root.uri == published.remote_id


def test_link_card_with_thumbnail_is_stored(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    account, credentials = sign_in(adapter, http, alice)
    card = LinkCard(url="https://example.org/", title="A title", description="More", thumbnail=picture())
    content = Content(text="Look", link_card=card, options={"content_label": "graphic-media"})
    published = adapter.publish(
        http=http, clock=utc_now, credentials=credentials, request=request_for(account, content)
    )
    assert isinstance(published, Published)
    record = read_with_atproto(bluesky_server, account, published)
    assert record.embed.external.uri == "https://example.org/"
    assert record.embed.external.title == "A title"
    assert record.embed.external.thumb.mime_type == "image/png"
    assert record.labels.values[0].val == "graphic-media"


def test_text_over_the_limit_is_rejected_by_the_server_as_too_long(
    adapter: BlueskyAdapter, http: httpx.Client, alice: BlueskyAccount
) -> None:
    account, credentials = sign_in(adapter, http, alice)
    request = request_for(account, Content(text="x" * 301))
    with pytest.raises(Rejected) as refused:
        adapter.publish(http=http, clock=utc_now, credentials=credentials, request=request)
    assert refused.value.reason is RejectionReason.TOO_LONG


def test_app_password_refreshes_and_is_forgotten(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    app = AppRegistration(server=bluesky_server.pds, client_id="")
    account, credentials = sign_in(adapter, http, alice)
    assert account.handle == f"@{alice.handle}"
    renewed = adapter.refresh(http=http, clock=utc_now, app=app, credentials=credentials)
    assert adapter.identify(http=http, clock=utc_now, server=account.server, credentials=renewed) == account
    adapter.revoke(http=http, clock=utc_now, app=app, credentials=renewed)
    adapter.revoke(http=http, clock=utc_now, app=app, credentials=renewed)
    with pytest.raises(CredentialsExpired):
        adapter.refresh(http=http, clock=utc_now, app=app, credentials=renewed)


def test_wrong_app_password_and_main_password_are_refused(
    adapter: BlueskyAdapter, http: httpx.Client, alice: BlueskyAccount
) -> None:
    with pytest.raises(Rejected, match="does not know"):
        sign_in(adapter, http, replace(alice, app_password="wrong"))
    with pytest.raises(Rejected, match="main password"):
        sign_in(adapter, http, replace(alice, app_password=alice.password))


def test_unknown_handle_is_refused(
    adapter: BlueskyAdapter, http: httpx.Client, alice: BlueskyAccount
) -> None:
    with pytest.raises(Rejected) as refused:
        sign_in(adapter, http, replace(alice, handle="nobody-here.test"))
    assert refused.value.reason is RejectionReason.NOT_FOUND


def test_display_name_and_picture_come_from_the_profile(
    adapter: BlueskyAdapter, http: httpx.Client, bluesky_server: BlueskyServer, alice: BlueskyAccount
) -> None:
    answer = httpx.post(
        f"{bluesky_server.pds}/xrpc/com.atproto.repo.putRecord",
        headers={"Authorization": f"Bearer {alice.access_jwt}"},
        json={
            "repo": alice.did,
            "collection": "app.bsky.actor.profile",
            "rkey": "self",
            "record": {"$type": "app.bsky.actor.profile", "displayName": "Alice of Acme"},
        },
        trust_env=False,
    )
    assert answer.is_success
    account, _credentials = sign_in(adapter, http, alice)
    assert account.display_name == "Alice of Acme"
