"""TikTok in the sandbox is as strict as its documents say it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.films import film

PUBLISH = "/v2/post/publish"
POST = {"title": "Two riders", "privacy_level": "PUBLIC_TO_EVERYONE", "disable_comment": True}
PIECE = 5_000_000


@pytest.fixture
def tiktok(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with client_of(sandbox, "acme") as client:
        yield client


def client_of(sandbox: SandboxServer, handle: str, **more: str) -> httpx.Client:
    made = sandbox.create_account("tiktok", handle, **more)
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    return httpx.Client(base_url=sandbox.origin_of("tiktok"), headers=headers, trust_env=False, timeout=10)


def announce(
    client: httpx.Client, size: int, *, piece: int = 0, count: int = 1, **post: Any
) -> httpx.Response:
    source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": piece or size}
    body = {"post_info": {**POST, **post}, "source_info": {**source, "total_chunk_count": count}}
    return client.post(f"{PUBLISH}/video/init/", json=body)


def bring(client: httpx.Client, address: str, content: bytes, *, first: int, size: int) -> httpx.Response:
    span = {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{size}", "Content-Type": "video/mp4"}
    return client.put(address, content=content, headers=span)


def state(client: httpx.Client, publish_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"{PUBLISH}/status/fetch/", json={"publish_id": publish_id}).json()
    return found["data"]  # type: ignore[no-any-return]


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_a_video_is_posted_by_its_last_piece(tiktok: httpx.Client, sandbox: SandboxServer) -> None:
    content = film(bytes_min=2 * PIECE + 9)
    size = len(content)
    made = announce(tiktok, size, piece=PIECE, count=2).json()["data"]
    address, publish_id = made["upload_url"], made["publish_id"]
    assert bring(tiktok, address, content[PIECE:], first=PIECE, size=size).status_code == 416
    assert bring(tiktok, address, content[:PIECE], first=0, size=size).status_code == 206
    assert bring(tiktok, address, content[:PIECE], first=0, size=size).status_code == 416
    assert state(tiktok, publish_id) == {"status": "PROCESSING_UPLOAD", "uploaded_bytes": PIECE}
    assert not sandbox.posts()
    assert bring(tiktok, address, content[PIECE:], first=PIECE, size=size).status_code == 201
    assert state(tiktok, publish_id)["status"] == "PROCESSING_UPLOAD"
    done = state(tiktok, publish_id)
    (post,) = sandbox.posts(network="tiktok")
    assert (done["status"], done["publicaly_available_post_id"]) == ("PUBLISH_COMPLETE", [int(post["id"])])
    assert (post["text"], post["media"][0]["size"]) == ("Two riders", size)
    listed = tiktok.post("/v2/video/list/", params={"fields": "id,share_url"}, json={"max_count": 20}).json()
    link = listed["data"]["videos"][0]["share_url"]
    assert "Two riders" in httpx.get(link, trust_env=False).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"size": 100, "count": 2},
        {"size": 12_000_000, "piece": 4_000_000, "count": 3},
        {"size": 100, "title": "é" * 2201},
        {"size": 100, "privacy_level": "FRIENDS"},
        {"size": 100, "unknown": True},
        {"size": 100, "privacy_level": "SELF_ONLY", "brand_content_toggle": True},
    ],
)
def test_what_tiktok_would_not_take_is_refused(tiktok: httpx.Client, wrong: dict[str, Any]) -> None:
    assert announce(tiktok, **wrong).status_code in (400, 403)


def test_an_application_without_audit_posts_for_the_account_alone(sandbox: SandboxServer) -> None:
    with client_of(sandbox, "unaudited_acme") as client:
        refused = announce(client, 100)
        assert code_of(refused) == "unaudited_client_can_only_post_to_private_accounts"
        assert announce(client, 100, privacy_level="SELF_ONLY").status_code == 200


def test_a_video_for_the_account_alone_has_no_public_id(tiktok: httpx.Client) -> None:
    content = film()
    made = announce(tiktok, len(content), privacy_level="SELF_ONLY").json()["data"]
    assert bring(tiktok, made["upload_url"], content, first=0, size=len(content)).status_code == 201
    state(tiktok, made["publish_id"])
    assert state(tiktok, made["publish_id"])["publicaly_available_post_id"] == []
    listed = tiktok.post("/v2/video/list/", params={"fields": "id"}, json={"max_count": 20}).json()
    assert listed["data"]["videos"] == []


def test_a_token_does_what_was_left_on(tiktok: httpx.Client, sandbox: SandboxServer) -> None:
    named = tiktok.get("/v2/user/info/", params={"fields": "open_id,username"}).json()["data"]["user"]
    assert named["username"] == "acme"
    with client_of(sandbox, "other", scopes="user.info.basic") as client:
        refused = client.get("/v2/user/info/", params={"fields": "open_id,username"})
        assert code_of(refused) == "scope_permission_missed"
        assert code_of(announce(client, 100)) == "scope_not_authorized"
        client.headers["Authorization"] = "Bearer nonsense"
        assert code_of(announce(client, 100)) == "access_token_invalid"


def test_posts_of_a_day_and_calls_of_a_minute_are_counted(
    tiktok: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.limit("tiktok.posts", 1)
    assert announce(tiktok, 100).status_code == 200
    assert code_of(announce(tiktok, 100)) == "spam_risk_too_many_posts"
    sandbox.limit("tiktok.creator", 1)
    for status in (200, 429):
        assert tiktok.post(f"{PUBLISH}/creator_info/query/", json={}).status_code == status
