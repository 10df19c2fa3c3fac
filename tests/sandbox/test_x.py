"""X in the sandbox is as strict as X says it is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sandbox.testing import SandboxServer

WRITE = "tweet.read tweet.write users.read media.write"


@pytest.fixture
def x(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with client_with(sandbox, WRITE) as client:
        yield client


def client_with(sandbox: SandboxServer, scopes: str) -> httpx.Client:
    emil = sandbox.create_account("x", "emil", scopes=scopes)
    headers = {"Authorization": f"Bearer {emil['access_token']}"}
    return httpx.Client(base_url=sandbox.origin_of("x"), headers=headers, trust_env=False, timeout=10)


def upload(
    x: httpx.Client, *parts: bytes, mime: str = "image/png", category: str = "tweet_image"
) -> httpx.Response:
    size = sum(map(len, parts))
    asked = {"media_type": mime, "total_bytes": size, "media_category": category}
    upload_id = x.post("/2/media/upload/initialize", json=asked).json()["data"]["id"]
    for index, part in enumerate(parts):
        x.post(
            f"/2/media/upload/{upload_id}/append",
            data={"segment_index": str(index)},
            files={"media": ("part", part)},
        )
    return x.post(f"/2/media/upload/{upload_id}/finalize")


def test_a_post_is_made_once_listed_and_gone(x: httpx.Client, sandbox: SandboxServer) -> None:
    made = x.post("/2/tweets", json={"text": "Wheels"})
    assert made.status_code == 201
    again = x.post("/2/tweets", json={"text": "Wheels"})
    assert (again.status_code, "duplicate" in again.json()["detail"]) == (403, True)
    me = x.get("/2/users/me").json()["data"]["id"]
    assert [post["text"] for post in x.get(f"/2/users/{me}/tweets").json()["data"]] == ["Wheels"]
    post_id = made.json()["data"]["id"]
    assert x.delete(f"/2/tweets/{post_id}").json() == {"data": {"deleted": True}}
    assert x.delete(f"/2/tweets/{post_id}").status_code == 404
    assert sandbox.posts(network="x") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x", "status": "y"},
        {"text": "é" * 400},
        {"text": "x", "reply_settings": "nobody"},
        {"text": "x", "media": {"media_ids": ["1"]}},
    ],
)
def test_what_x_would_not_take_is_refused(x: httpx.Client, body: dict[str, object]) -> None:
    answer = x.post("/2/tweets", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")


def test_a_token_does_what_its_scopes_say_and_no_more(sandbox: SandboxServer) -> None:
    with client_with(sandbox, "tweet.read users.read") as reader:
        assert reader.get("/2/users/me").status_code == 200
        assert reader.post("/2/tweets", json={"text": "x"}).status_code == 403
    with httpx.Client(base_url=sandbox.origin_of("x"), trust_env=False) as nobody:
        assert nobody.get("/2/users/me").status_code == 401


def test_parts_must_add_up(x: httpx.Client) -> None:
    assert upload(x, b"one", b"two").status_code == 200
    asked = {"media_type": "image/png", "total_bytes": 9, "media_category": "tweet_image"}
    upload_id = x.post("/2/media/upload/initialize", json=asked).json()["data"]["id"]
    assert x.post(f"/2/media/upload/{upload_id}/finalize").status_code == 400


def test_a_moving_picture_is_read_for_a_while_before_it_can_be_attached(x: httpx.Client) -> None:
    made = upload(x, b"film", mime="video/mp4", category="tweet_video").json()["data"]
    assert made["processing_info"]["state"] == "in_progress"
    post = {"text": "A film", "media": {"media_ids": [made["id"]]}}
    assert x.post("/2/tweets", json=post).status_code == 400
    params = {"command": "STATUS", "media_id": made["id"]}
    assert x.get("/2/media/upload", params=params).json()["data"]["processing_info"]["state"] == "succeeded"
    assert x.post("/2/tweets", json=post).status_code == 201


def test_what_was_posted_is_on_the_timeline(x: httpx.Client, sandbox: SandboxServer) -> None:
    made = x.post("/2/tweets", json={"text": "Wheels of https://example.org/x"}).json()["data"]["id"]
    page = httpx.get(f"{sandbox.mastodon_origin}/?network=x", trust_env=False)
    assert "Wheels of" in page.text
    assert httpx.get(f"{sandbox.origin_of('x')}/emil/status/{made}", trust_env=False).status_code == 200


def test_the_limit_is_told_as_x_tells_it(x: httpx.Client, sandbox: SandboxServer) -> None:
    sandbox.limit("x.posts", 1)
    first = x.post("/2/tweets", json={"text": "one"})
    assert first.headers["x-rate-limit-remaining"] == "0"
    second = x.post("/2/tweets", json={"text": "two"})
    assert second.status_code == 429
    assert int(second.headers["x-rate-limit-reset"]) > 1_700_000_000
