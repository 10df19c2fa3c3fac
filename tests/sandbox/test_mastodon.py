"""The Mastodon side: each right request beside the wrong ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.pictures import png


def upload(client: httpx.Client, **data: str) -> httpx.Response:
    return client.post("/api/v2/media", files={"file": ("a.png", png(), "image/png")}, data=data)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_status_is_taken_as_json_and_as_a_form(mastodon: httpx.Client) -> None:
    for answer in (
        mastodon.post("/api/v1/statuses", json={"status": "one", "visibility": "unlisted", "language": "fr"}),
        mastodon.post("/api/v1/statuses", data={"status": "one", "visibility": "unlisted", "language": "fr"}),
    ):
        status = answer.json()
        assert answer.status_code == 200
        assert (status["content"], status["visibility"], status["language"]) == (
            "<p>one</p>",
            "unlisted",
            "fr",
        )
        assert status["url"].endswith(f"/@emil/{status['id']}")
        assert mastodon.get(f"/api/v1/statuses/{status['id']}").json()["uri"] == status["uri"]


def test_the_same_key_makes_one_status_however_parallel(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    def post(key: str) -> str:
        answer = mastodon.post("/api/v1/statuses", json={"status": "once"}, headers={"Idempotency-Key": key})
        return str(answer.json()["id"])

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(post, ["k1"] * 16))
    assert len(ids) == 1
    assert post("k2") not in ids
    assert [(p["key"], p["received_count"]) for p in sandbox.posts()] == [("k1", 16), ("k2", 1)]


def test_without_a_key_each_request_is_a_new_status(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    for _ in range(2):
        mastodon.post("/api/v1/statuses", json={"status": "again"})
    assert len(sandbox.posts()) == 2


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 422, "Validation failed: Text can't be blank"),
        ({"status": "x" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        (
            {"status": "x" * 495, "spoiler_text": "longer"},
            422,
            "Validation failed: Text character limit of 500 exceeded",
        ),
        ({"status": "a", "visibility": "loud"}, 422, "'loud' is not a valid visibility"),
        ({"status": "a", "media_ids": ["1"]}, 422, "Media 1 not found or already attached to another post"),
        ({"status": "a", "media_ids": list("12345")}, 422, "Cannot attach more than 4 files"),
        (
            {"status": "a", "in_reply_to_id": "1"},
            404,
            "The post you are trying to reply to does not appear to exist.",
        ),
    ],
)
def test_a_wrong_status_is_refused_and_leaves_nothing(
    mastodon: httpx.Client, sandbox: SandboxServer, body: dict[str, object], status: int, message: str
) -> None:
    assert error_of(mastodon.post("/api/v1/statuses", json=body)) == (status, message)
    assert sandbox.posts() == []


@pytest.mark.parametrize(
    "text",
    [
        "x" * 500,
        "👩‍👩‍👧‍👦" * 500,  # one grapheme each
        "x" * 476 + " https://example.com/" + "y" * 300,  # a link counts 23
        "x" * 494 + " @emil@a-very-long-server-name.example",  # a mention counts without its server
    ],
)
def test_text_is_counted_as_mastodon_counts(mastodon: httpx.Client, text: str) -> None:
    assert mastodon.post("/api/v1/statuses", json={"status": text}).status_code == 200
    assert mastodon.post("/api/v1/statuses", json={"status": "x" + text}).status_code == 422


def test_a_picture_is_uploaded_described_and_used_once(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    media = upload(mastodon, description="A blue field")
    assert (media.status_code, media.json()["description"]) == (200, "A blue field")
    assert media.json()["meta"]["original"]["width"] == 64
    body = {"status": "with a picture", "media_ids": [media.json()["id"]]}
    status = mastodon.post("/api/v1/statuses", json=body).json()
    assert status["media_attachments"][0]["description"] == "A blue field"
    assert httpx.get(status["media_attachments"][0]["url"], trust_env=False).content == png()
    assert error_of(mastodon.post("/api/v1/statuses", json=body))[0] == 422
    assert sandbox.posts()[0]["media"][0]["description"] == "A blue field"


def test_media_that_is_processing_answers_206_and_cannot_be_posted(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="processing", polls=2)
    media = upload(mastodon)
    assert (media.status_code, media.json()["url"]) == (202, None)
    body = {"status": "too early", "media_ids": [media.json()["id"]]}
    assert error_of(mastodon.post("/api/v1/statuses", json=body)) == (
        422,
        "Cannot attach files that have not finished processing. Try again in a moment!",
    )
    path = f"/api/v1/media/{media.json()['id']}"
    assert [mastodon.get(path).status_code for _ in range(3)] == [206, 206, 200]
    assert mastodon.post("/api/v1/statuses", json=body).status_code == 200


def test_wrong_media_are_refused(mastodon: httpx.Client) -> None:
    send = lambda name, content, mime: mastodon.post("/api/v2/media", files={"file": (name, content, mime)})  # noqa: E731
    assert error_of(mastodon.post("/api/v2/media", data={})) == (
        422,
        "Validation failed: File can't be blank",
    )
    assert error_of(send("a.txt", b"text", "text/plain"))[0] == 422
    assert error_of(send("a.png", b"no picture", "image/png"))[0] == 422
    assert error_of(upload(mastodon, description="x" * 1501))[0] == 422
    assert upload(mastodon, description="x" * 1500).status_code == 200


def test_tokens_and_scopes_are_told_apart(sandbox: SandboxServer, mastodon: httpx.Client) -> None:
    url = f"{sandbox.mastodon_origin}/api/v1/statuses"
    post = lambda **headers: httpx.post(url, json={"status": "x"}, headers=headers, trust_env=False)  # noqa: E731
    assert error_of(post()) == (401, "The access token is invalid")
    assert error_of(post(Authorization="Bearer nonsense")) == (401, "The access token is invalid")
    reader = sandbox.create_account("mastodon", "mina", scopes="read")["access_token"]
    assert error_of(post(Authorization=f"Bearer {reader}")) == (
        403,
        "This action is outside the authorized scopes",
    )
    sandbox.expire_tokens("emil")
    assert error_of(mastodon.post("/api/v1/statuses", json={"status": "x"})) == (
        401,
        "The access token was revoked",
    )


def test_a_status_is_deleted_by_its_author_alone(sandbox: SandboxServer, mastodon: httpx.Client) -> None:
    status_id = mastodon.post("/api/v1/statuses", json={"status": "gone soon"}).json()["id"]
    mallory = {"Authorization": f"Bearer {sandbox.create_account('mastodon', 'mallory')['access_token']}"}
    assert mastodon.delete(f"/api/v1/statuses/{status_id}", headers=mallory).status_code == 404
    assert mastodon.delete(f"/api/v1/statuses/{status_id}").json()["text"] == "gone soon"
    assert error_of(mastodon.get(f"/api/v1/statuses/{status_id}")) == (404, "Record not found")
    assert sandbox.posts() == [] and len(sandbox.posts(with_deleted=True)) == 1


def test_an_account_lists_its_statuses_newest_first(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    me = mastodon.get("/api/v1/accounts/verify_credentials").json()
    for number, visibility in enumerate(("public", "private", "direct")):
        mastodon.post("/api/v1/statuses", json={"status": str(number), "visibility": visibility})
    path = f"/api/v1/accounts/{me['id']}/statuses"
    assert [s["content"] for s in mastodon.get(path).json()] == ["<p>2</p>", "<p>1</p>", "<p>0</p>"]
    assert [s["content"] for s in mastodon.get(path, params={"limit": 1}).json()] == ["<p>2</p>"]
    stranger = httpx.get(f"{sandbox.mastodon_origin}{path}", trust_env=False).json()
    assert [s["content"] for s in stranger] == ["<p>0</p>"]


def test_mentions_resolve_to_people_who_exist(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    sandbox.create_account("mastodon", "paul")
    status = mastodon.post("/api/v1/statuses", json={"status": "hi @paul and @nobody #Chorus"}).json()
    assert [m["acct"] for m in status["mentions"]] == ["paul"]
    assert [t["name"] for t in status["tags"]] == ["chorus"]
    assert "@nobody" in status["content"] and "<script" not in status["content"]
    assert mastodon.get("/api/v1/accounts/lookup", params={"acct": "paul"}).json()["acct"] == "paul"
    assert mastodon.get("/api/v1/accounts/lookup", params={"acct": "paul@127.0.0.1"}).json()["acct"] == "paul"
    assert mastodon.get("/api/v1/accounts/lookup", params={"acct": "paul@else.example"}).status_code == 404
    assert mastodon.get("/api/v1/accounts/lookup", params={"acct": "nobody"}).status_code == 404


def test_requests_over_the_limit_are_refused_with_the_time_to_come_back(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    try:
        sandbox.limit("mastodon", 2)
        answers = [mastodon.post("/api/v1/statuses", json={"status": str(n)}) for n in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 429]
        assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["1", "0", "0"]
        assert datetime.fromisoformat(answers[2].headers["X-RateLimit-Reset"]).tzinfo is not None
        assert len(sandbox.posts()) == 2
    finally:
        sandbox.limit("mastodon", 300)


def test_the_instance_tells_its_limits(mastodon: httpx.Client) -> None:
    configuration = mastodon.get("/api/v2/instance").json()["configuration"]
    assert configuration["statuses"] == {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    }
    assert mastodon.get("/api/v2/instance/").status_code == 200
    assert configuration["media_attachments"]["description_limit"] == 1500


def test_accounts_are_searched_by_anybody_but_not_with_a_wrong_token_or_elsewhere(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.create_account("mastodon", "paul")
    asked = {"q": "@pa", "type": "accounts", "limit": 5}
    with httpx.Client(base_url=mastodon.base_url, trust_env=False) as anybody:
        found = anybody.get("/api/v2/search", params=asked)
        assert (found.status_code, [one["acct"] for one in found.json()["accounts"]]) == (200, ["paul"])
        assert anybody.get("/api/v2/search", params={**asked, "resolve": "true"}).status_code == 401
        wrong = {"Authorization": "Bearer wrong"}
        assert anybody.get("/api/v2/search", params=asked, headers=wrong).status_code == 401
    assert [one["acct"] for one in mastodon.get("/api/v2/search", params=asked).json()["accounts"]] == [
        "paul"
    ]
