"""Pinterest in the sandbox is as strict as Pinterest's OpenAPI says it is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.pictures import png

WRITE = "user_accounts:read boards:read boards:write pins:read pins:write"
SECRET = "boards:read_secret boards:write_secret"


@pytest.fixture
def pinterest(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    with client_with(sandbox, f"{WRITE} {SECRET}") as client:
        yield client


def client_with(sandbox: SandboxServer, scopes: str) -> httpx.Client:
    emil = sandbox.create_account("pinterest", "emil", scopes=scopes)
    headers = {"Authorization": f"Bearer {emil['access_token']}"}
    base = sandbox.origin_of("pinterest") + "/v5"
    return httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=10)


def first_board(pinterest: httpx.Client) -> str:
    found: str = pinterest.get("/boards").json()["items"][0]["id"]
    return found


def picture() -> dict[str, str]:
    return {"content_type": "image/png", "data": base64.b64encode(png()).decode()}


def pin(board_id: str, **more: object) -> dict[str, Any]:
    source = {"source_type": "image_base64", **picture()}
    return {"board_id": board_id, "description": "Wheels", "media_source": source, **more}


def test_a_pin_is_made_as_often_as_it_is_sent_listed_changed_and_gone(
    pinterest: httpx.Client, sandbox: SandboxServer
) -> None:
    board_id = first_board(pinterest)
    made = [pinterest.post("/pins", json=pin(board_id)) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    listed = pinterest.get(f"/boards/{board_id}/pins", params={"page_size": 1}).json()
    assert ([item["id"] for item in listed["items"]], listed["bookmark"]) == ([made[1].json()["id"]], "1")
    path = f"/pins/{made[0].json()['id']}"
    assert pinterest.patch(path, json={"title": "Round"}).json()["title"] == "Round"
    assert pinterest.get(path).json()["description"] == "Wheels"
    assert [pinterest.delete(path).status_code for _time in range(2)] == [204, 404]
    assert len(sandbox.posts(network="pinterest")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"media_source": None},
        {"media_source": {"source_type": "image_base64", "content_type": "image/png", "data": "no picture!"}},
        {"media_source": {"source_type": "multiple_image_base64", "items": [picture()]}},
        {"media_source": {"source_type": "video_id", "media_id": "1", "cover_image_key_frame_time": 0}},
        {"media_source": {"source_type": "video_id", "media_id": "1"}},
        {"board_id": "a board"},
        {"title": "x" * 101},
        {"description": "x" * 801},
        {"alt_text": "x" * 501},
        {"link": "javascript:alert(1)"},
        {"note": "unknown"},
    ],
)
def test_what_pinterest_would_not_take_is_refused(pinterest: httpx.Client, change: dict[str, Any]) -> None:
    answer = pinterest.post("/pins", json={**pin(first_board(pinterest)), **change})
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message"}


def test_a_token_does_what_its_scopes_say_and_no_more(sandbox: SandboxServer) -> None:
    with client_with(sandbox, "boards:read") as reader:
        names = [board["name"] for board in reader.get("/boards").json()["items"]]
        assert names == ["Inspiration", "Behind the scenes"]
        assert reader.post("/boards", json={"name": "x"}).status_code == 403
        assert reader.post("/pins", json=pin("1")).status_code == 403
    with client_with(sandbox, WRITE) as writer:
        assert writer.post("/boards", json={"name": "x", "privacy": "SECRET"}).status_code == 403
    with httpx.Client(base_url=sandbox.origin_of("pinterest"), trust_env=False) as nobody:
        assert nobody.get("/v5/boards").status_code == 401


def test_boards_and_sections_are_made_changed_and_gone_with_their_pins(
    pinterest: httpx.Client, sandbox: SandboxServer
) -> None:
    made = pinterest.post("/boards", json={"name": "Helmets", "privacy": "SECRET"}).json()
    again = pinterest.post("/boards", json={"name": "helmets"})
    assert (again.status_code, again.json()["code"]) == (400, 58)
    board = f"/boards/{made['id']}"
    assert pinterest.patch(board, json={"privacy": "PUBLIC"}).json()["privacy"] == "PUBLIC"
    section = pinterest.post(f"{board}/sections", json={"name": "Blue"}).json()
    pinned = pinterest.post("/pins", json=pin(made["id"], board_section_id=section["id"])).json()
    assert len(pinterest.get(f"{board}/sections/{section['id']}/pins").json()["items"]) == 1
    assert pinterest.patch(f"{board}/sections/{section['id']}", json={"name": "Red"}).json()["name"] == "Red"
    assert pinterest.delete(f"{board}/sections/{section['id']}").status_code == 204
    assert pinterest.get(f"/pins/{pinned['id']}").json()["board_section_id"] is None
    saved = pinterest.post(f"/pins/{pinned['id']}/save", json={"board_id": first_board(pinterest)}).json()
    assert (saved["parent_pin_id"], saved["board_id"]) == (pinned["id"], first_board(pinterest))
    assert pinterest.delete(f"/pins/{saved['id']}").status_code == 204
    assert pinterest.get(board).json()["pin_count"] == 1
    assert [pinterest.delete(board).status_code for _time in range(2)] == [204, 404]
    assert sandbox.posts(network="pinterest") == []


def test_a_video_needs_its_permit_and_is_read_for_a_while(pinterest: httpx.Client) -> None:
    made = pinterest.post("/media", json={"media_type": "video"}).json()
    where, permit = made["upload_url"], made["upload_parameters"]
    file = {"file": ("ride.mp4", b"frames", "video/mp4")}
    with httpx.Client(trust_env=False) as store:
        assert store.post(where, data={**permit, "policy": "mine"}, files=file).status_code == 403
        assert store.post(where, data=permit, files=file).status_code == 204
    path = f"/media/{made['media_id']}"
    source = {"source_type": "video_id", "media_id": made["media_id"], "cover_image_key_frame_time": 0}
    body = pin(first_board(pinterest), media_source=source)
    assert pinterest.post("/pins", json=body).status_code == 400
    assert [pinterest.get(path).json()["status"] for _time in range(2)] == ["processing", "succeeded"]
    assert pinterest.post("/pins", json=body).json()["media"] == {"media_type": "video"}


def test_what_was_pinned_is_on_the_timeline(pinterest: httpx.Client, sandbox: SandboxServer) -> None:
    body = pin(first_board(pinterest), title="Round things", link="https://example.org/x")
    made = pinterest.post("/pins", json=body).json()["id"]
    page = httpx.get(f"{sandbox.mastodon_origin}/?network=pinterest", trust_env=False)
    assert "Round things" in page.text and "Inspiration" in page.text and "https://example.org/x" in page.text
    for path in (f"/pin/{made}/", "/emil/"):
        assert httpx.get(sandbox.origin_of("pinterest") + path, trust_env=False).status_code == 200


def test_the_limit_is_told_as_pinterest_tells_it(pinterest: httpx.Client, sandbox: SandboxServer) -> None:
    board_id = first_board(pinterest)
    sandbox.limit("pinterest.write", 1, 3600)
    first = pinterest.post("/pins", json=pin(board_id))
    assert (first.status_code, first.headers["X-RateLimit-Remaining"]) == (201, "0")
    second = pinterest.post("/pins", json=pin(board_id))
    assert (second.status_code, second.json()["code"]) == (429, 8)
    assert 1 <= int(second.headers["X-RateLimit-Reset"]) <= 3600
    assert "app_id_user_id" in second.headers["X-RateLimit-Limit"]
