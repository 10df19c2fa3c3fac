"""Instagram in the sandbox is as strict as the Graph API says it is."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.testing import SandboxServer

from .served import served

FILM = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 100


def jpeg(size: tuple[int, int] = (400, 400), form: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


FILES: dict[str, tuple[str, bytes]] = {
    "/square.jpg": ("image/jpeg", jpeg()),
    "/tall.jpg": ("image/jpeg", jpeg((300, 500))),
    "/square.png": ("image/png", jpeg(form="PNG")),
    "/said.jpg": ("image/jpeg", jpeg(form="PNG")),
    "/large.jpg": ("image/jpeg", jpeg() + b"\x00" * 8_000_000),
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
        return self.client.get(f"/v25.0{path}", params={"access_token": self.token, **params})

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(f"/v25.0{path}", data={"access_token": self.token, **form})

    def container(self, file: str = "square.jpg", **form: str) -> httpx.Response:
        return self.post(f"/{self.id}/media", **{"image_url": f"{self.files}/{file}", **form})

    def publish(self, container: str) -> httpx.Response:
        return self.post(f"/{self.id}/media_publish", creation_id=container)

    def code(self, container: str) -> str:
        return str(self.get(f"/{container}", fields="status_code").json()["status_code"])

    def reel(self, content: bytes = FILM, **form: str) -> tuple[str, httpx.Response]:
        made = self.post(f"/{self.id}/media", media_type="REELS", upload_type="resumable", **form).json()
        return made["id"], self.send(made["id"], content, 0, len(content))

    def send(self, container: str, content: bytes, offset: int, size: int) -> httpx.Response:
        headers = {"Authorization": f"OAuth {self.token}", "offset": str(offset), "file_size": str(size)}
        return self.client.post(f"/ig-api-upload/v25.0/{container}", content=content, headers=headers)


@pytest.fixture
def account(sandbox: SandboxServer, files: str) -> Iterator[Account]:
    made = sandbox.create_account("instagram", "acme")
    with httpx.Client(base_url=sandbox.origin_of("instagram"), trust_env=False, timeout=10) as client:
        yield Account(client, made, files)


def said(answer: httpx.Response) -> tuple[int, int]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_a_picture_is_seen_once_it_is_published_and_only_once(
    account: Account, sandbox: SandboxServer
) -> None:
    container = account.container(caption="Wheels", alt_text="A wheel").json()["id"]
    assert sandbox.posts(network="instagram") == []
    assert account.code(container) == "FINISHED"
    media_id = account.publish(container).json()["id"]
    assert account.code(container) == "PUBLISHED"
    assert account.publish(container).status_code == 400
    (post,) = sandbox.posts(network="instagram")
    assert [file["description"] for file in post["media"]] == ["A wheel"]
    (listed,) = account.get(f"/{account.id}/media", fields="caption,media_type,permalink").json()["data"]
    assert (listed["id"], listed["caption"], listed["media_type"]) == (media_id, "Wheels", "IMAGE")
    page = httpx.get(listed["permalink"], trust_env=False)
    assert (page.status_code, "Wheels" in page.text) == (200, True)
    assert said(account.client.delete(f"/v25.0/{media_id}", params={"access_token": account.token}))[0] == 3


@pytest.mark.parametrize(
    ("file", "form", "code"),
    [
        ("tall.jpg", {}, (36003, 2207009)),
        ("square.png", {}, (36001, 2207005)),
        ("said.jpg", {}, (36001, 2207005)),
        ("large.jpg", {}, (36000, 2207004)),
        ("none.jpg", {}, (9004, 2207052)),
        ("square.jpg", {"caption": "x" * 2201}, (36004, 2207010)),
        ("square.jpg", {"caption": "#a " * 31}, (100, 2207040)),
        ("square.jpg", {"collaborators": '["a","b","c","d"]'}, (100, 0)),
        ("square.jpg", {"media_type": "FILM"}, (100, 2207023)),
        ("square.jpg", {"mood": "good"}, (100, 0)),
        ("square.jpg", {"image_url": "nowhere"}, (100, 0)),
    ],
)
def test_what_instagram_would_not_take_is_refused_as_it_refuses_it(
    account: Account, file: str, form: dict[str, str], code: tuple[int, int]
) -> None:
    assert said(account.container(file, **form)) == code


def test_a_tall_picture_may_be_a_story_and_is_no_post(account: Account) -> None:
    container = account.container("tall.jpg", media_type="STORIES").json()["id"]
    media_id = account.publish(container).json()["id"]
    assert account.get(f"/{account.id}/media").json()["data"] == []
    assert [story["id"] for story in account.get(f"/{account.id}/stories").json()["data"]] == [media_id]
    assert said(account.post(f"/{media_id}/comments", message="x")) == (100, 0)
    assert said(account.get(f"/{media_id}/insights", metric="saved")) == (100, 0)


def test_a_video_arrives_in_order_is_worked_on_and_becomes_a_reel(
    account: Account, sandbox: SandboxServer
) -> None:
    made = account.post(f"/{account.id}/media", media_type="REELS", upload_type="resumable").json()["id"]
    assert account.send(made, FILM[10:], 10, len(FILM)).json()["debug_info"]["type"] == "OffsetInvalidError"
    first = account.send(made, FILM[:10], 0, len(FILM))
    assert first.json().get("success") is True, first.text
    phase = account.get(f"/{made}", fields="video_status").json()["video_status"]["uploading_phase"]
    assert phase["bytes_transferred"] == 10
    assert said(account.publish(made)) == (9007, 2207027)
    assert account.send(made, FILM[10:], 10, len(FILM)).json()["success"] is True
    assert [account.code(made), account.code(made)] == ["IN_PROGRESS", "FINISHED"]
    media_id = account.publish(made).json()["id"]
    shown = account.get(f"/{media_id}", fields="media_type,media_product_type").json()
    assert (shown["media_type"], shown["media_product_type"]) == ("VIDEO", "REELS")


def test_what_is_no_video_is_refused(account: Account) -> None:
    _container, answer = account.reel(b"not a film")
    assert (answer.status_code, answer.json()["debug_info"]["retriable"]) == (400, False)
    assert said(account.post(f"/{account.id}/media", media_type="VIDEO", upload_type="resumable")) == (
        100,
        2207023,
    )


def test_a_carousel_needs_its_items_first(account: Account) -> None:
    items = [account.container(is_carousel_item="true").json()["id"] for _item in range(2)]
    whole = account.container().json()["id"]
    parent = {"media_type": "CAROUSEL", "caption": "Two"}
    for children in (items[0], f"{items[0]},{whole}", ",".join(items * 6)):
        refused = account.post(f"/{account.id}/media", children=children, **parent)
        assert said(refused) == (100, 2207028)
    assert said(account.publish(items[0])) == (100, 2207028)
    container = account.post(f"/{account.id}/media", children=",".join(items), **parent).json()["id"]
    media_id = account.publish(container).json()["id"]
    assert account.get(f"/{media_id}", fields="media_type").json()["media_type"] == "CAROUSEL_ALBUM"
    assert said(account.get(f"/{media_id}", fields="mood")) == (100, 0)


def test_the_day_s_posts_run_out(account: Account, sandbox: SandboxServer) -> None:
    sandbox.limit("instagram.posts", 1)
    first, second = (account.container().json()["id"] for _post in range(2))
    assert account.publish(first).status_code == 200
    assert said(account.publish(second)) == (9, 2207042)
    (quota,) = account.get(f"/{account.id}/content_publishing_limit", fields="quota_usage,config").json()[
        "data"
    ]
    assert (quota["quota_usage"], quota["config"]["quota_total"]) == (1, 1)


def test_comments_are_listed_newest_first(account: Account) -> None:
    media_id = account.publish(account.container().json()["id"]).json()["id"]
    for message in ("one", "two"):
        assert account.post(f"/{media_id}/comments", message=message).status_code == 200
    listed = account.get(f"/{media_id}/comments", fields="text,username").json()["data"]
    assert [(item["text"], item["username"]) for item in listed] == [("two", "acme"), ("one", "acme")]
    assert account.get(f"/{media_id}", fields="comments_count").json()["comments_count"] == 2


def test_each_permission_opens_its_own_part_alone(account: Account, sandbox: SandboxServer) -> None:
    media_id = account.publish(account.container().json()["id"]).json()["id"]

    def answers() -> dict[str, int]:
        return {
            "instagram_basic": account.get("/me").status_code,
            "instagram_content_publish": account.container().status_code,
            "instagram_manage_comments": account.get(f"/{media_id}/comments").status_code,
            "instagram_manage_insights": account.get(f"/{media_id}/insights", metric="reach").status_code,
        }

    assert set(answers().values()) == {200}
    for permission in ("instagram_manage_insights", "instagram_content_publish", "instagram_manage_comments"):
        path = f"/v25.0/7{account.id}/permissions/{permission}"
        of_a_page = account.client.delete(path, params={"access_token": account.token})
        assert of_a_page.status_code == 403
        assert account.client.delete(path, params={"access_token": "sandbox|sandbox"}).status_code == 200
        assert answers()[permission] == 403
    assert answers()["instagram_basic"] == 200


def test_another_account_and_another_version_do_not_exist(account: Account, sandbox: SandboxServer) -> None:
    other = sandbox.create_account("instagram", "other")["id"]
    assert said(account.post(f"/{other}/media", image_url=f"{account.files}/square.jpg")) == (100, 33)
    old = account.client.get("/v20.0/me", params={"access_token": account.token})
    assert old.json()["error"]["code"] == 2500
    assert said(account.get("/me", fields="id", appsecret_proof="wrong")) == (100, 0)
