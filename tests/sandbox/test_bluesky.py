"""The Bluesky side: each right request beside the wrong ones, and the public client driving it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import libipld
import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.pictures import png

POST = "app.bsky.feed.post"
RKEY, OTHER_RKEY = "3mabcdefghi2k", "3mabcdefghi2m"


def record(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"$type": POST, "text": text, "createdAt": "2026-11-21T10:00:00.000Z", **more}


def write(client: httpx.Client, method: str, body: dict[str, Any], **more: Any) -> httpx.Response:
    order = {"repo": client.headers["X-Did"], "collection": POST, "record": body, **more}
    return client.post(f"com.atproto.repo.{method}", json=order)


def upload(client: httpx.Client, content: bytes, mime: str = "image/png") -> dict[str, Any]:
    answer = client.post("com.atproto.repo.uploadBlob", content=content, headers={"Content-Type": mime})
    assert answer.status_code == 200, answer.text
    blob: dict[str, Any] = answer.json()["blob"]
    return blob


def images(*blobs: dict[str, Any]) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "blue"} for blob in blobs]}


def link(start: int, end: int, **feature: str) -> dict[str, Any]:
    feature = feature or {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/"}
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def test_put_twice_with_one_key_is_one_record(bluesky: httpx.Client, sandbox: SandboxServer) -> None:
    def put(_: int) -> str:
        return str(write(bluesky, "putRecord", record(), rkey=RKEY).json()["cid"])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(put, range(8)))) == 1
    assert [(p["key"], p["received_count"]) for p in sandbox.posts()] == [(RKEY, 8)]
    write(bluesky, "putRecord", record(), rkey=OTHER_RKEY)
    assert len(sandbox.posts()) == 2


def test_create_with_a_taken_key_breaks_and_without_a_key_posts_again(
    bluesky: httpx.Client, sandbox: SandboxServer
) -> None:
    first = write(bluesky, "createRecord", record(), rkey=RKEY)
    again = write(bluesky, "createRecord", record("other"), rkey=RKEY)
    assert (first.status_code, again.status_code, again.json()["error"]) == (200, 500, "InternalServerError")
    for _ in range(2):
        assert write(bluesky, "createRecord", record()).status_code == 200
    assert [p["text"] for p in sandbox.posts()] == ["hello"] * 3


def test_identifiers_of_content_are_those_of_the_protocol(bluesky: httpx.Client) -> None:
    blob = upload(bluesky, png())
    assert blob["ref"]["$link"] == "b" + _base32(b"\x01\x55\x12\x20" + hashlib.sha256(png()).digest())
    body = record("naïve 👋", langs=["en"], embed=images(blob))
    answer = write(bluesky, "createRecord", body).json()
    encoded = libipld.encode_dag_cbor(
        {
            **body,
            "embed": {**body["embed"], "images": [{"alt": "blue", "image": {**blob, "ref": _cid(blob)}}]},
        }
    )
    assert answer["cid"] == "b" + _base32(b"\x01\x71\x12\x20" + hashlib.sha256(encoded).digest())


def _base32(raw: bytes) -> str:
    import base64

    return base64.b32encode(raw).decode().lower().rstrip("=")


def _cid(blob: dict[str, Any]) -> bytes:
    import base64

    text = str(blob["ref"]["$link"])[1:].upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (record("x" * 301), "grapheme too big (maximum 300, got 301) at $.record.text"),
        (record("👩‍👩‍👧‍👦" * 121), "string too big (maximum 3000, got 3025) at $.record.text"),
        ({"$type": POST, "text": "x"}, 'Missing required key "createdAt" at $.record'),
        (record(createdAt="yesterday"), 'Invalid datetime (got "yesterday") at $.record.createdAt'),
        (record(createdAt="2026-13-30T10:00:00Z"), "Invalid datetime"),
        (record(facets=[link(0, 6)]), "Expected a range inside the text of 5 bytes"),
        (record(facets=[link(3, 3)]), "(got 3 to 3) at $.record.facets[0].index"),
        (record("é", facets=[link(0, 1)]), "not inside a character at $.record.facets[0].index"),
        (record(facets=[link(0, 5, uri="https://a.example")]), 'which includes the "$type" property'),
        (record(langs=["en", "fr", "pt", "de"]), "array too big (maximum 3, got 4) at $.record.langs"),
        (
            record(embed={"$type": "app.bsky.embed.images", "images": [{}] * 5}),
            "at $.record.embed.images",
        ),
        (
            record(embed={"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example"}}),
            '"title"',
        ),
        ({**record(), "$type": "app.bsky.feed.like"}, f"expected {POST}"),
        (record(extra=1.5), "no valid record"),
    ],
)
def test_a_wrong_record_is_refused_at_its_exact_place(
    bluesky: httpx.Client, sandbox: SandboxServer, body: dict[str, Any], said: str
) -> None:
    answer = write(bluesky, "createRecord", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
    assert said in answer.json()["message"]
    assert sandbox.posts() == []


@pytest.mark.parametrize("text", ["x" * 300, "👩‍👩‍👧‍👦" * 120])
def test_text_at_the_limit_is_taken(bluesky: httpx.Client, text: str) -> None:
    assert write(bluesky, "createRecord", record(text)).status_code == 200


def test_facets_in_bytes_are_kept_exactly(bluesky: httpx.Client) -> None:
    facets = [link(0, 4), link(5, 10, **{"$type": "app.bsky.richtext.facet#tag", "tag": "été"})]
    body = record("👋 été", facets=facets)
    uri = write(bluesky, "createRecord", body, rkey=RKEY).json()["uri"]
    asked = {"repo": "emil.test", "collection": POST, "rkey": RKEY}
    assert bluesky.get("com.atproto.repo.getRecord", params=asked).json()["value"] == body
    assert bluesky.get("app.bsky.feed.getPosts", params={"uris": [uri]}).json()["posts"][0]["record"] == body


def test_blobs_must_be_uploaded_small_and_rightly_named(bluesky: httpx.Client) -> None:
    blob = upload(bluesky, png())
    assert write(bluesky, "createRecord", record(embed=images(*[blob] * 4))).status_code == 200
    missing = {**blob, "ref": {"$link": blob["ref"]["$link"][:-4] + "aaaa"}}
    named = {**blob, "mimeType": "image/jpeg"}
    big = upload(bluesky, b"x" * 2_000_001)
    other = upload(bluesky, b"text", "text/plain")
    for wrong, error in (
        (missing, "BlobNotFound"),
        (named, "InvalidMimeType"),
        (big, "InvalidRequest"),
        (other, "InvalidRequest"),
        ({**blob, "size": 1}, "InvalidSize"),
    ):
        answer = write(bluesky, "createRecord", record(embed=images(wrong)))
        assert (answer.status_code, answer.json()["error"]) == (400, error)
    too_big = bluesky.post(
        "com.atproto.repo.uploadBlob",
        content=b"x" * (5 * 1024 * 1024 + 1),
        headers={"Content-Type": "image/png"},
    )
    assert too_big.status_code == 413


@pytest.mark.parametrize("rkey", ["self", "3mabcdefghi2", "zzzzzzzzzzzzz", "a/b"])
def test_a_post_key_must_be_a_tid(bluesky: httpx.Client, rkey: str) -> None:
    assert write(bluesky, "putRecord", record(), rkey=rkey).status_code == 400
    assert write(bluesky, "putRecord", record(), rkey=RKEY).status_code == 200


def test_nobody_writes_to_another_repository(bluesky: httpx.Client, sandbox: SandboxServer) -> None:
    mallory = sandbox.create_account("bluesky", "mallory.test")
    assert write(bluesky, "createRecord", record(), repo=mallory["id"]).status_code == 401
    assert write(bluesky, "createRecord", record(), repo="emil.test").status_code == 200


def test_requests_of_the_wrong_shape_are_refused(bluesky: httpx.Client) -> None:
    wrong = bluesky.get("com.atproto.repo.createRecord")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "InvalidRequest")
    assert bluesky.post("com.atproto.repo.createRecord", data={"repo": "x"}).status_code == 400
    assert bluesky.post("com.example.nothing", json={}).json()["error"] == "MethodNotImplemented"
    del bluesky.headers["Authorization"]
    missing = write(bluesky, "createRecord", record())
    assert (missing.status_code, missing.json()["error"]) == (401, "AuthMissing")
    bluesky.headers["Authorization"] = "Bearer nonsense"
    bad = write(bluesky, "createRecord", record())
    assert (bad.status_code, bad.json()["error"]) == (400, "InvalidToken")


def test_a_deleted_record_is_gone_and_deleting_twice_is_harmless(bluesky: httpx.Client) -> None:
    write(bluesky, "createRecord", record(), rkey=RKEY)
    order = {"repo": "emil.test", "collection": POST, "rkey": RKEY}
    for _ in range(2):
        assert bluesky.post("com.atproto.repo.deleteRecord", json=order).status_code == 200
    gone = bluesky.get("com.atproto.repo.getRecord", params=order)
    assert (gone.status_code, gone.json()["error"]) == (400, "RecordNotFound")


def test_records_are_listed_newest_first_in_pages(bluesky: httpx.Client) -> None:
    for number in range(5):
        write(bluesky, "createRecord", record(str(number)))
    asked = {"repo": "emil.test", "collection": POST, "limit": "3"}
    page = bluesky.get("com.atproto.repo.listRecords", params=asked).json()
    rest = bluesky.get("com.atproto.repo.listRecords", params={**asked, "cursor": page["cursor"]}).json()
    assert [item["value"]["text"] for item in page["records"] + rest["records"]] == list("43210")


def test_sessions_refresh_expire_and_end(sandbox: SandboxServer) -> None:
    emil = sandbox.create_account("bluesky", "emil.test")
    with httpx.Client(base_url=f"{sandbox.bluesky_origin}/xrpc/", trust_env=False) as client:
        sign_in = {"identifier": "emil.test", "password": emil["app_password"]}
        assert (
            client.post("com.atproto.server.createSession", json={**sign_in, "password": "no"}).status_code
            == 401
        )
        session = client.post("com.atproto.server.createSession", json=sign_in).json()

        def call(method: str, verb: str, token: str) -> httpx.Response:
            return client.request(
                verb, f"com.atproto.server.{method}", headers={"Authorization": f"Bearer {token}"}
            )

        assert call("getSession", "GET", session["accessJwt"]).json()["did"] == emil["id"]
        assert call("getSession", "GET", session["refreshJwt"]).json()["error"] == "InvalidToken"
        sandbox.expire_tokens("emil.test", only_access=True)
        expired = call("getSession", "GET", session["accessJwt"])
        assert (expired.status_code, expired.json()["error"]) == (400, "ExpiredToken")
        fresh = call("refreshSession", "POST", session["refreshJwt"]).json()
        assert call("getSession", "GET", fresh["accessJwt"]).status_code == 200
        assert call("deleteSession", "POST", fresh["refreshJwt"]).status_code == 200
        assert call("refreshSession", "POST", fresh["refreshJwt"]).json()["error"] == "ExpiredToken"


def test_handles_resolve_to_dids_and_dids_to_servers(sandbox: SandboxServer) -> None:
    emil = sandbox.create_account("bluesky", "emil.test")
    with httpx.Client(base_url=sandbox.bluesky_origin, trust_env=False) as client:
        found = client.get("/xrpc/com.atproto.identity.resolveHandle", params={"handle": "emil.test"})
        assert found.json() == {"did": emil["id"]}
        missing = client.get("/xrpc/com.atproto.identity.resolveHandle", params={"handle": "nobody.test"})
        assert (missing.status_code, missing.json()["message"]) == (400, "Unable to resolve handle")
        document = client.get(f"/{emil['id']}").json()
        assert document["service"][0]["serviceEndpoint"] == sandbox.bluesky_origin
        assert client.get("/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404
        assert client.get("/.well-known/atproto-did", headers={"Host": "emil.test"}).text == emil["id"]


@pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")  # inside that client
def test_the_public_client_posts_reads_and_deletes(sandbox: SandboxServer) -> None:
    from atproto import Client, client_utils

    emil = sandbox.create_account("bluesky", "emil.test")
    mina = sandbox.create_account("bluesky", "mina.test")
    client = Client(base_url=f"{sandbox.bluesky_origin}/xrpc")
    client.login("emil.test", emil["app_password"])
    text = (
        client_utils.TextBuilder()
        .text("👋 ")
        .mention("@mina.test", mina["id"])
        .text(" ")
        .link("site", "https://example.com/")
    )
    made = client.send_image(text, image=png(), image_alt="Blue")
    shown = client.get_posts([made.uri]).posts[0]
    assert shown.cid == made.cid
    assert shown.record.text == "👋 @mina.test site"
    assert [f.index.byte_start for f in shown.record.facets] == [5, 16]
    assert shown.embed.images[0].alt == "Blue"
    assert client.delete_post(made.uri)
    assert client.get_posts([made.uri]).posts == []


def test_accounts_are_found_while_their_handle_is_typed(bluesky: httpx.Client) -> None:
    def handles(**asked: Any) -> list[str]:
        answer = bluesky.get("app.bsky.actor.searchActorsTypeahead", params=asked)
        assert answer.status_code == 200
        return [one["handle"] for one in answer.json()["actors"]]

    own = bluesky.get("app.bsky.actor.getProfile", params={"actor": bluesky.headers["X-Did"]}).json()[
        "handle"
    ]
    assert own in handles(q=own[:3]) and own in handles(q=f"@{own[:3].upper()}", limit=50)
    assert handles(q="") == handles(q="nobody-at-all") == []
    wrong = bluesky.get("app.bsky.actor.searchActorsTypeahead", params={"q": "a", "limit": 101})
    assert wrong.status_code == 400
