"""Threads in the sandbox is as strict as its API says it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer

from .pictures import png
from .served import served

FILM = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 100
FILES: dict[str, tuple[str, bytes]] = {
    "/square.png": ("image/png", png()),
    "/wide.png": ("image/png", png(size=(1100, 100))),
    "/said.jpg": ("image/jpeg", png()),
    "/ride.mp4": ("video/mp4", FILM),
}


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    with served(FILES) as origin:
        yield origin


class Account:
    def __init__(self, client: httpx.Client, made: dict[str, Any], files: str) -> None:
        self.client, self.id, self.token, self.files = client, made["id"], made["access_token"], files

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.client.get(f"/v1.0{path}", params={"access_token": self.token, **params})

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(f"/v1.0{path}", data={"access_token": self.token, **form})

    def container(self, text: str = "Wheels", **form: str) -> httpx.Response:
        return self.post(f"/{self.id}/threads", **{"media_type": "TEXT", "text": text, **form})

    def picture(self, file: str = "square.png", **form: str) -> httpx.Response:
        return self.container(**{"media_type": "IMAGE", "image_url": f"{self.files}/{file}", **form})

    def publish(self, container: str) -> httpx.Response:
        return self.post(f"/{self.id}/threads_publish", creation_id=container)

    def status(self, container: str) -> str:
        return str(self.get(f"/{container}", fields="status").json()["status"])


@pytest.fixture
def account(sandbox: SandboxServer, files: str) -> Iterator[Account]:
    made = sandbox.create_account("threads", "acme")
    with httpx.Client(base_url=sandbox.origin_of("threads"), trust_env=False, timeout=10) as client:
        yield Account(client, made, files)


def said(answer: httpx.Response) -> tuple[int, int]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_text_is_published_once_listed_shown_and_deleted(account: Account, sandbox: SandboxServer) -> None:
    container = account.container(link_attachment="https://example.org/x").json()["id"]
    assert (account.status(container), sandbox.posts(network="threads")) == ("FINISHED", [])
    post_id = account.publish(container).json()["id"]
    assert account.status(container) == "PUBLISHED"
    assert said(account.publish(container)) == (100, 0)
    (listed,) = account.get(f"/{account.id}/threads", fields="text,media_type,permalink").json()["data"]
    assert (listed["id"], listed["text"], listed["media_type"]) == (post_id, "Wheels", "TEXT_POST")
    page = httpx.get(listed["permalink"], trust_env=False)
    assert (page.status_code, "https://example.org/x" in page.text) == (200, True)
    gone = account.client.delete(f"/v1.0/{post_id}", params={"access_token": account.token})
    assert gone.json()["deleted_id"] == post_id
    assert said(account.get(f"/{post_id}", fields="permalink")) == (24, 0)


def test_a_video_is_worked_on_before_it_can_be_published(account: Account) -> None:
    made = account.container(media_type="VIDEO", video_url=f"{account.files}/ride.mp4").json()["id"]
    assert said(account.publish(made)) == (24, 0)
    assert [account.status(made), account.status(made)] == ["IN_PROGRESS", "FINISHED"]
    assert account.publish(made).status_code == 200


def test_a_carousel_needs_its_items_first(account: Account) -> None:
    items = [account.picture(is_carousel_item="true", alt_text="A").json()["id"] for _item in range(2)]
    whole = account.picture().json()["id"]
    for children in (items[0], f"{items[0]},{whole}"):
        assert said(account.container(media_type="CAROUSEL", children=children)) == (100, 2207028)
    assert said(account.publish(items[0])) == (100, 0)
    carousel = account.container(media_type="CAROUSEL", children=",".join(items)).json()["id"]
    assert account.publish(carousel).status_code == 200


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"text": "x" * 501}, (100, 0)),
        ({"text": "😀" * 126}, (100, 0)),
        ({"text": " "}, (100, 0)),
        ({"text": " ".join(f"https://example.org/{number}" for number in range(6))}, (100, 0)),
        ({"topic_tag": "a.b"}, (100, 0)),
        ({"reply_control": "nobody"}, (100, 0)),
        ({"mood": "good"}, (100, 0)),
        ({"media_type": "FILM"}, (100, 0)),
        ({"media_type": "IMAGE", "image_url": "{files}/wide.png"}, (36003, 2207009)),
        ({"media_type": "IMAGE", "image_url": "{files}/said.jpg"}, (36001, 2207005)),
        ({"media_type": "IMAGE", "image_url": "{files}/none.png"}, (9004, 2207052)),
        ({"media_type": "VIDEO", "video_url": "{files}/square.png"}, (352, 2207026)),
        (
            {"media_type": "IMAGE", "image_url": "{files}/square.png", "link_attachment": "https://a.b"},
            (100, 0),
        ),
        ({"reply_to_id": "1"}, (24, 0)),
    ],
)
def test_what_threads_would_not_take_is_refused(
    account: Account, form: dict[str, str], code: tuple[int, int]
) -> None:
    filled = {name: value.replace("{files}", account.files) for name, value in form.items()}
    assert said(account.container(**filled)) == code


def test_the_day_s_posts_run_out_and_replies_do_not_count(account: Account, sandbox: SandboxServer) -> None:
    sandbox.limit("threads.posts", 1)
    post_id = account.publish(account.container().json()["id"]).json()["id"]
    reply = account.container("More", reply_to_id=post_id).json()["id"]
    assert account.publish(reply).status_code == 200
    assert said(account.publish(account.container().json()["id"])) == (9, 2207042)
    (quota,) = account.get(f"/{account.id}/threads_publishing_limit", fields="quota_usage,config").json()[
        "data"
    ]
    assert (quota["quota_usage"], quota["config"]["quota_total"]) == (1, 1)
    (listed,) = account.get(f"/{account.id}/replies", fields="text,replied_to").json()["data"]
    assert listed["replied_to"] == {"id": post_id}
    assert listed["text"] == "More"


def test_a_token_opens_what_it_was_given_for_alone(account: Account, sandbox: SandboxServer) -> None:
    reading = sandbox.create_account("threads", "acme", scopes="threads_basic")
    account.token = reading["access_token"]
    assert account.get("/me").json()["username"] == "acme"
    assert said(account.container())[0] == 200
    other = sandbox.create_account("threads", "other")["id"]
    assert said(account.get(f"/{other}/threads")) == (24, 0)
    old = account.client.get("/v0.9/me", params={"access_token": account.token})
    assert old.json()["error"]["code"] == 2500
    young = account.client.get(
        "/refresh_access_token", params={"access_token": account.token, "grant_type": "th_refresh_token"}
    )
    assert "24 hours" in young.json()["error"]["message"]


def test_a_container_told_to_be_worked_on_is_so_many_looks_away(
    account: Account, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="processing", network="threads", polls=2)
    container = account.picture().json()["id"]
    assert [account.status(container) for _look in range(3)] == ["IN_PROGRESS", "IN_PROGRESS", "FINISHED"]
