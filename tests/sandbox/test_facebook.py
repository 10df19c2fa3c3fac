"""Facebook in the sandbox is as strict as the Graph API says it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer


class Page:
    def __init__(self, client: httpx.Client, made: dict[str, Any]) -> None:
        self.client, self.id, self.token = client, made["id"], made["access_token"]

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.client.get(f"/v25.0{path}", params={"access_token": self.token, **params})

    def post(self, path: str, files: Any = None, **form: str) -> httpx.Response:
        return self.client.post(f"/v25.0{path}", data={"access_token": self.token, **form}, files=files)

    def photo(self, content: bytes = b"png", mime: str = "image/png", **form: str) -> httpx.Response:
        form.setdefault("published", "false")
        return self.post(f"/{self.id}/photos", files={"source": ("p.png", content, mime)}, **form)


@pytest.fixture
def page(sandbox: SandboxServer) -> Iterator[Page]:
    made = sandbox.create_account("facebook", "acme")
    with httpx.Client(base_url=sandbox.origin_of("facebook"), trust_env=False, timeout=10) as client:
        yield Page(client, made)


def test_a_post_is_made_once_listed_and_gone(page: Page, sandbox: SandboxServer) -> None:
    made = page.post(f"/{page.id}/feed", message="Wheels").json()["id"]
    assert made.startswith(f"{page.id}_")
    again = page.post(f"/{page.id}/feed", message="Wheels")
    assert (again.status_code, again.json()["error"]["code"]) == (400, 506)
    listed = page.get(f"/{page.id}/published_posts", since="0").json()["data"]
    assert [post["message"] for post in listed] == ["Wheels"]
    gone = page.client.delete(f"/v25.0/{made}", params={"access_token": page.token})
    assert gone.json() == {"success": True}
    assert page.get(f"/{made}").json()["error"]["error_subcode"] == 33
    assert sandbox.posts(network="facebook") == []


def test_photos_are_seen_only_with_their_post(page: Page, sandbox: SandboxServer) -> None:
    photo = page.photo(alt_text_custom="A wheel").json()["id"]
    assert sandbox.posts(network="facebook") == []
    form = {"message": "One", "attached_media[0]": f'{{"media_fbid":"{photo}"}}'}
    assert page.post(f"/{page.id}/feed", **form).status_code == 200
    (post,) = sandbox.posts(network="facebook")
    assert [file["description"] for file in post["media"]] == ["A wheel"]
    twice = page.post(f"/{page.id}/feed", **{**form, "message": "Two"})
    assert twice.json()["error"]["error_subcode"] == 33


@pytest.mark.parametrize(
    ("content", "mime", "form"),
    [(b"", "image/png", {}), (b"x", "application/pdf", {}), (b"x" * 4_000_001, "image/png", {}),
     (b"x", "image/png", {"published": "true"})],
)  # fmt: skip
def test_a_photo_facebook_would_not_take_is_refused(
    page: Page, content: bytes, mime: str, form: dict[str, str]
) -> None:
    assert page.photo(content, mime, **form).status_code == 400


def test_a_page_s_token_works_for_that_page_alone(page: Page, sandbox: SandboxServer) -> None:
    other = sandbox.create_account("facebook", "other")
    refused = page.post(f"/{other['id']}/feed", message="x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 200)
    nobody = page.client.get("/v25.0/me", params={"access_token": "nobody's"})
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, 190)


def test_a_wrong_proof_of_the_application_is_refused(page: Page) -> None:
    assert page.get("/me", appsecret_proof="wrong").json()["error"]["code"] == 100


def test_the_page_s_bucket_runs_full_and_says_when_it_is_open_again(
    page: Page, sandbox: SandboxServer
) -> None:
    sandbox.limit("facebook.page", 1)
    page.get("/me")
    full = page.get("/me")
    assert full.json()["error"]["code"] == 80001
    assert "estimated_time_to_regain_access" in full.headers["X-Business-Use-Case-Usage"]


def test_a_video_is_published_by_its_last_phase_alone(page: Page, sandbox: SandboxServer) -> None:
    content = b"film" * 10
    path = f"/{page.id}/videos"
    begun = page.post(path, upload_phase="start", file_size=str(len(content))).json()
    session = begun["upload_session_id"]
    early = page.post(path, upload_phase="finish", upload_session_id=session)
    assert early.json()["error"]["code"] == 6000
    beyond = page.post(
        path, files={"video_file_chunk": ("p", content)}, upload_phase="transfer", upload_session_id=session,
        start_offset="7",
    )  # fmt: skip
    assert beyond.status_code == 400
    for _time in range(2):
        brought = page.post(
            path, files={"video_file_chunk": ("p", content)}, upload_phase="transfer",
            upload_session_id=session, start_offset="0",
        ).json()  # fmt: skip
        assert brought["start_offset"] == brought["end_offset"] == str(len(content))
    assert sandbox.posts(network="facebook") == []
    for _time in range(2):
        done = page.post(path, upload_phase="finish", upload_session_id=session, description="Ride")
        assert done.json() == {"success": True}
    (post,) = sandbox.posts(network="facebook")
    assert (post["text"], post["media"][0]["size"]) == ("Ride", len(content))
    states = [page.get(f"/{begun['video_id']}").json()["status"]["video_status"] for _look in range(2)]
    assert states == ["processing", "ready"]


def test_comments_and_changed_words_belong_to_a_post_that_is_there(page: Page) -> None:
    made = page.post(f"/{page.id}/feed", message="Wheels").json()["id"]
    said = page.post(f"/{made}/comments", message="More").json()["id"]
    (listed,) = page.get(f"/{made}/comments", order="reverse_chronological").json()["data"]
    assert (listed["id"], listed["from"]["id"], listed["message"]) == (said, page.id, "More")
    assert page.post(f"/{made}/comments", message=" ").status_code == 400
    assert page.post("/1_2/comments", message="x").json()["error"]["error_subcode"] == 33
    assert page.post(f"/{made}", message="Better wheels").json() == {"success": True}
    (post,) = page.get(f"/{page.id}/published_posts", since="0").json()["data"]
    assert post["message"] == "Better wheels"
    assert page.post("/1_2", message="x").json()["error"]["error_subcode"] == 33
