"""The sandbox and the real Bluesky server, asked the same: they must answer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.pictures import png
from tests.sandbox.test_bluesky import OTHER_RKEY, POST, RKEY, images, link, record, upload, write

if TYPE_CHECKING:
    from tests.peers.bluesky_server import BlueskyServer

pytestmark = [pytest.mark.peers, pytest.mark.long]

Ask = Callable[[httpx.Client], httpx.Response]


def signed_in(origin: str, handle: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=f"{origin}/xrpc/", trust_env=False, timeout=30)
    body = {"identifier": handle, "password": password}
    session = client.post("com.atproto.server.createSession", json=body).json()
    client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
    client.headers["X-Did"] = session["did"]
    return client


@pytest.fixture(scope="module")
def pair(
    sandbox_process: SandboxServer, bluesky_server: BlueskyServer
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Emil at the sandbox, and Emil at the real server."""
    sandbox_process.reset()
    ours = sandbox_process.create_account("bluesky", "emil.test")
    theirs = bluesky_server.create_account("emil")
    here = signed_in(sandbox_process.bluesky_origin, "emil.test", ours["app_password"])
    there = signed_in(bluesky_server.pds, theirs.handle, theirs.app_password)
    yield here, there
    here.close()
    there.close()


def posting(method: str = "createRecord", **changes: Any) -> Ask:
    more = {name: changes.pop(name) for name in ("rkey", "repo", "collection") if name in changes}
    body = {**record(), **changes}
    return lambda client: write(client, method, body, **more)


def twice(ask: Ask) -> Ask:
    def both(client: httpx.Client) -> httpx.Response:
        ask(client)
        return ask(client)

    return both


def with_picture(size: int = 0, size_said: int = 0, **changes: Any) -> Ask:
    def ask(client: httpx.Client) -> httpx.Response:
        blob = {**upload(client, png() + b"\0" * size), **changes}
        blob["size"] = size_said or blob["size"]
        return write(client, "createRecord", record(embed=images(blob)))

    return ask


def anonymous(ask: Ask, authorization: str = "") -> Ask:
    def unsigned(client: httpx.Client) -> httpx.Response:
        kept = client.headers.pop("Authorization")
        if authorization:
            client.headers["Authorization"] = authorization
        answer = ask(client)
        client.headers["Authorization"] = kept
        return answer

    return unsigned


def getting(name: str, **params: str) -> Ask:
    return lambda client: client.get(name, params={"repo": client.headers["X-Did"], **params})


SAME: dict[str, Ask] = {
    "a post": posting(),
    "put": posting("putRecord", rkey=RKEY),
    "put twice": twice(posting("putRecord", rkey=RKEY)),
    "create twice": twice(posting(rkey=OTHER_RKEY)),
    "key is no TID": posting(rkey="self"),
    "key is no key": posting(rkey="a/b"),
    "300 graphemes": posting(text="👩‍👩‍👧‍👦" * 120),
    "301 characters": posting(text="x" * 301),
    "3,025 bytes": posting(text="👩‍👩‍👧‍👦" * 121),
    "bad date": posting(createdAt="yesterday"),
    "30 February": posting(createdAt="2026-02-30T10:00:00Z"),
    "month 13": posting(createdAt="2026-13-01T10:00:00Z"),
    "no language": posting(langs=["not a language"]),
    "4 languages": posting(langs=["en", "fr", "pt", "de"]),
    "link": posting(facets=[link(0, 5)]),
    "feature without type": posting(facets=[link(0, 5, uri="https://a.example")]),
    "facet before the text": posting(facets=[link(-1, 5)]),
    "5 images": posting(embed={"$type": "app.bsky.embed.images", "images": [{}] * 5}),
    "card without title": posting(
        embed={"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example"}}
    ),
    "wrong type": posting(**{"$type": "app.bsky.feed.like"}),
    "a float": posting(extra=1.5),
    "no record": lambda client: client.post(
        "com.atproto.repo.createRecord", json={"repo": client.headers["X-Did"], "collection": POST}
    ),
    "not JSON": lambda client: client.post("com.atproto.repo.createRecord", content=b"x"),
    "a form": lambda client: client.post("com.atproto.repo.createRecord", data={"repo": "x"}),
    "wrong verb": lambda client: client.get("com.atproto.repo.createRecord"),
    "bad collection": posting(collection="nonsense"),
    "another's repository": posting(repo="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"),
    "picture": with_picture(),
    "picture of 2 MB": with_picture(2_000_000),
    "picture never uploaded": with_picture(
        ref={"$link": "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"}
    ),
    "blob over 5 MiB": lambda client: client.post(
        "com.atproto.repo.uploadBlob", content=b"x" * 5_300_000, headers={"Content-Type": "image/png"}
    ),
    "nobody": anonymous(posting()),
    "a bad token": anonymous(posting(), "Bearer nonsense"),
    "no such record": getting("com.atproto.repo.getRecord", collection=POST, rkey="3zzzzzzzzzzzz"),
    "deleting nothing": lambda client: client.post(
        "com.atproto.repo.deleteRecord",
        json={"repo": client.headers["X-Did"], "collection": POST, "rkey": "3zzzzzzzzzzzz"},
    ),
    "list": getting("com.atproto.repo.listRecords", collection=POST),
    "list too much": getting("com.atproto.repo.listRecords", collection=POST, limit="101"),
    "session": getting("com.atproto.server.getSession"),
    "unknown handle": getting("com.atproto.identity.resolveHandle", handle="nobody.test"),
    "no handle": getting("com.atproto.identity.resolveHandle"),
    "wrong password": lambda client: client.post(
        "com.atproto.server.createSession", json={"identifier": "nobody.test", "password": "x"}
    ),
    "access token refreshes": lambda client: client.post("com.atproto.server.refreshSession"),
}


# Slips that the real server lets pass and that then show as dead text or a missing picture.
STRICTER: dict[str, Ask] = {
    "facet beyond the text": posting(facets=[link(0, 99)]),
    "facet inside a character": posting(text="é", facets=[link(0, 1)]),
    "picture called something else": with_picture(mimeType="image/jpeg"),
    "picture of another size": with_picture(size_said=1),
}


def told(answer: httpx.Response) -> tuple[int, str]:
    try:
        body = answer.json()
    except ValueError:
        return answer.status_code, "no JSON"
    return answer.status_code, body.get("error", "")


@pytest.mark.parametrize("name", SAME)
def test_the_sandbox_answers_as_the_real_server(pair: tuple[httpx.Client, httpx.Client], name: str) -> None:
    here, there = (SAME[name](client) for client in pair)
    assert told(here) == told(there), (here.text, there.text)


@pytest.mark.parametrize("name", STRICTER)
def test_the_sandbox_refuses_slips_the_real_server_lets_pass(
    pair: tuple[httpx.Client, httpx.Client], name: str
) -> None:
    here, there = (STRICTER[name](client) for client in pair)
    assert (here.status_code, there.status_code) == (400, 200)


WORDED = ("301 characters", "3,025 bytes", "bad date", "4 languages", "feature without type", "facet before the text",
          "5 images", "card without title", "picture of 2 MB", "key is no TID", "key is no key", "bad collection",
          "no record", "no handle", "a form", "wrong verb", "another's repository", "blob over 5 MiB")  # fmt: skip


@pytest.mark.parametrize("name", WORDED)
def test_refusals_have_the_real_servers_words(pair: tuple[httpx.Client, httpx.Client], name: str) -> None:
    here, there = (SAME[name](client).json()["message"] for client in pair)
    assert here == there.replace(' (got {"uri": ...})', "")


def test_the_same_record_has_the_same_cid(pair: tuple[httpx.Client, httpx.Client]) -> None:
    body = record("naïve 👋", langs=["en"], facets=[link(0, 6)])
    here, there = (write(client, "putRecord", body, rkey=RKEY).json() for client in pair)
    assert here["cid"] == there["cid"]
    assert set(here) == set(there)
    blobs = [upload(client, png()) for client in pair]
    assert blobs[0] == blobs[1]


def test_both_authorization_servers_offer_the_same(
    sandbox: SandboxServer, bluesky_server: BlueskyServer
) -> None:
    here, there = (
        httpx.get(f"{origin}/.well-known/oauth-authorization-server", trust_env=False).json()
        for origin in (sandbox.bluesky_origin, bluesky_server.pds)
    )
    for name in (
        "scopes_supported", "response_types_supported", "grant_types_supported", "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported", "require_pushed_authorization_requests",
        "authorization_response_iss_parameter_supported", "client_id_metadata_document_supported",
    ):  # fmt: skip
        assert sorted(map(str, here[name] if isinstance(here[name], list) else [here[name]])) == sorted(
            map(str, there[name] if isinstance(there[name], list) else [there[name]])
        ), name
    assert "ES256" in there["dpop_signing_alg_values_supported"]
