"""LinkedIn in the sandbox is as strict as its documents say it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer

HEADERS = {"Linkedin-Version": "202609", "X-Restli-Protocol-Version": "2.0.0"}


@pytest.fixture
def linkedin(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    made = sandbox.create_account("linkedin", "acme")
    headers = {**HEADERS, "Authorization": f"Bearer {made['access_token']}", "X-Page": made["id"]}
    with httpx.Client(
        base_url=sandbox.origin_of("linkedin"), headers=headers, trust_env=False, timeout=10
    ) as client:
        yield client


def page_of(client: httpx.Client) -> str:
    return f"urn:li:organization:{client.headers['X-Page']}"


def body(client: httpx.Client, **more: Any) -> dict[str, Any]:
    return {
        "author": page_of(client),
        "commentary": "Wheels",
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        **more,
    }


def test_a_post_is_made_once_listed_and_gone(linkedin: httpx.Client, sandbox: SandboxServer) -> None:
    made = linkedin.post("/rest/posts", json=body(linkedin))
    assert made.status_code == 201
    urn = made.headers["x-restli-id"]
    again = linkedin.post("/rest/posts", json=body(linkedin))
    assert (again.status_code, urn in again.json()["message"]) == (422, True)
    listed = linkedin.get("/rest/posts", params={"q": "author", "author": page_of(linkedin)})
    assert [post["id"] for post in listed.json()["elements"]] == [urn]
    for status in (204, 404):
        assert linkedin.delete(f"/rest/posts/{urn}").status_code == status
    assert sandbox.posts(network="linkedin") == []


def test_a_version_that_is_none_is_refused(linkedin: httpx.Client) -> None:
    answer = linkedin.post("/rest/posts", json=body(linkedin), headers={"Linkedin-Version": "202501"})
    assert answer.status_code == 426


@pytest.mark.parametrize(
    "more",
    [
        {"commentary": "x" * 3001},
        {"commentary": ""},
        {"lifecycleState": "DRAFT"},
        {"unknown": True},
        {"content": {"media": {"id": "urn:li:image:1"}}},
    ],
)
def test_what_linkedin_would_not_take_is_refused(linkedin: httpx.Client, more: dict[str, Any]) -> None:
    assert linkedin.post("/rest/posts", json=body(linkedin, **more)).status_code == 400


def test_nobody_writes_as_another_member_or_reads_a_member_s_posts(
    linkedin: httpx.Client, sandbox: SandboxServer
) -> None:
    other = sandbox.create_account("linkedin", "other")["id"]
    stolen = linkedin.post("/rest/posts", json=body(linkedin, author=f"urn:li:person:{other}"))
    assert stolen.status_code == 403
    read = linkedin.get("/rest/posts", params={"q": "author", "author": f"urn:li:person:{other}"})
    assert read.status_code == 403


def test_a_picture_is_brought_and_read_before_it_can_be_shown(linkedin: httpx.Client) -> None:
    asked = {"initializeUploadRequest": {"owner": page_of(linkedin)}}
    value = linkedin.post("/rest/images?action=initializeUpload", json=asked).json()["value"]
    post = body(linkedin, content={"media": {"id": value["image"], "altText": "A wheel"}})
    assert linkedin.post("/rest/posts", json=post).status_code == 400
    assert linkedin.put(value["uploadUrl"], content=b"png").status_code == 201
    assert linkedin.get(f"/rest/images/{value['image']}").json()["status"] == "AVAILABLE"
    assert linkedin.post("/rest/posts", json=post).status_code == 201
