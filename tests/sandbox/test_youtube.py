"""YouTube in the sandbox is as strict as its documents say it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.films import film
from tests.sandbox.pictures import png

UPLOADS = "/upload/youtube/v3/videos"
SNIPPET = {"title": "Two riders", "description": "Wheels", "tags": ["bikes"], "categoryId": "17"}
STATUS = {"privacyStatus": "public", "selfDeclaredMadeForKids": False}
PIECE = 256 * 1024


@pytest.fixture
def youtube(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    made = sandbox.create_account("youtube", "acme")
    headers = {"Authorization": f"Bearer {made['access_token']}", "X-Channel": made["id"]}
    with httpx.Client(
        base_url=sandbox.origin_of("youtube"), headers=headers, trust_env=False, timeout=10
    ) as client:
        yield client


def announce(client: httpx.Client, size: int, body: dict[str, Any] | None = None) -> httpx.Response:
    return client.post(
        UPLOADS,
        params={"uploadType": "resumable", "part": "snippet,status"},
        headers={"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"},
        json=body or {"snippet": SNIPPET, "status": STATUS},
    )


def bring(client: httpx.Client, address: str, content: bytes, *, first: int, size: int) -> httpx.Response:
    span = f"{first}-{first + len(content) - 1}" if content else "*"
    return client.put(address, content=content, headers={"Content-Range": f"bytes {span}/{size}"})


def uploaded(client: httpx.Client, body: dict[str, Any] | None = None) -> str:
    content = film()
    address = announce(client, len(content), body).headers["Location"]
    made = bring(client, address, content, first=0, size=len(content))
    assert made.status_code == 200
    return str(made.json()["id"])


def seen(client: httpx.Client, video_id: str, part: str = "status,processingDetails") -> list[dict[str, Any]]:
    found = client.get("/youtube/v3/videos", params={"part": part, "id": video_id})
    items: list[dict[str, Any]] = found.json()["items"]
    return items


def test_a_video_is_there_with_its_last_piece_and_only_once(
    youtube: httpx.Client, sandbox: SandboxServer
) -> None:
    content = film(bytes_min=2 * PIECE + 5)
    size = len(content)
    address = announce(youtube, size).headers["Location"]
    assert bring(youtube, address, b"", first=0, size=size).headers.get("Range") is None
    first = bring(youtube, address, content[:PIECE], first=0, size=size)
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{PIECE - 1}")
    assert bring(youtube, address, content[PIECE : PIECE + 9], first=PIECE, size=size).status_code == 400
    assert bring(youtube, address, content[2 * PIECE :], first=2 * PIECE, size=size).status_code == 400
    assert not sandbox.posts()
    # The first half of this piece is there already: only what is new is taken.
    last = bring(youtube, address, content, first=0, size=size)
    assert last.json()["status"]["uploadStatus"] == "uploaded"
    asked = bring(youtube, address, b"", first=0, size=size)
    assert asked.json()["id"] == last.json()["id"]
    (post,) = sandbox.posts(network="youtube")
    assert (post["text"], post["media"][0]["size"]) == ("Wheels", size)
    assert bring(youtube, address + "x", b"", first=0, size=size).status_code == 404


@pytest.mark.parametrize(
    ("snippet", "status"),
    [
        ({"title": ""}, {}),
        ({"title": "x" * 101}, {}),
        ({"title": "a<b"}, {}),
        ({"description": "é" * 2501}, {}),
        ({"tags": ["x" * 300, "y" * 201]}, {}),
        ({"categoryId": ""}, {}),
        ({"unknown": 1}, {}),
        ({}, {"privacyStatus": "hidden"}),
        ({}, {"selfDeclaredMadeForKids": None}),
    ],
)
def test_what_youtube_would_not_take_is_refused(
    youtube: httpx.Client, snippet: dict[str, Any], status: dict[str, Any]
) -> None:
    body = {"snippet": {**SNIPPET, **snippet}, "status": {**STATUS, **status}}
    assert announce(youtube, 100, body).status_code == 400


def test_a_video_is_worked_on_changed_and_deleted(youtube: httpx.Client) -> None:
    video = uploaded(youtube)
    assert seen(youtube, video)[0]["status"]["uploadStatus"] == "processed"
    said = {"id": video, "snippet": {**SNIPPET, "title": "New"}, "status": STATUS}
    answer = youtube.put("/youtube/v3/videos", params={"part": "snippet,status"}, json=said)
    assert answer.json()["snippet"]["title"] == "New"
    for status in (204, 404):
        assert youtube.delete("/youtube/v3/videos", params={"id": video}).status_code == status
    assert seen(youtube, video) == []


def test_videos_of_a_project_without_audit_stay_private(sandbox: SandboxServer) -> None:
    token = sandbox.create_account("youtube", "unaudited-acme")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=sandbox.origin_of("youtube"), headers=headers, trust_env=False, timeout=10
    ) as client:
        assert seen(client, uploaded(client))[0]["status"]["privacyStatus"] == "private"


def test_a_token_does_what_was_ticked(youtube: httpx.Client, sandbox: SandboxServer) -> None:
    scopes = "https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube.readonly"
    token = sandbox.create_account("youtube", "acme", scopes=scopes)["access_token"]
    youtube.headers["Authorization"] = f"Bearer {token}"
    video = uploaded(youtube)
    refused = youtube.delete("/youtube/v3/videos", params={"id": video})
    assert refused.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"
    youtube.headers["Authorization"] = "Bearer nonsense"
    assert youtube.get("/youtube/v3/channels", params={"part": "id", "mine": "true"}).status_code == 401


def test_a_consent_without_access_for_later_is_told(sandbox: SandboxServer) -> None:
    query = "client_id=sandbox&response_type=code&redirect_uri=http://127.0.0.1/&scope=x"
    page = httpx.get(f"{sandbox.origin_of('youtube')}/o/oauth2/v2/auth?{query}", trust_env=False)
    assert page.status_code == 400
    assert "offline" in page.text


def test_playlists_comments_and_thumbnail_belong_to_their_video(
    youtube: httpx.Client, sandbox: SandboxServer
) -> None:
    video, channel = uploaded(youtube), youtube.headers["X-Channel"]
    listed = youtube.get("/youtube/v3/playlists", params={"part": "snippet", "mine": "true"}).json()["items"]
    resource = {"kind": "youtube#video", "videoId": video}
    item = {"snippet": {"playlistId": listed[0]["id"], "resourceId": resource}}
    assert youtube.post("/youtube/v3/playlistItems", params={"part": "snippet"}, json=item).status_code == 200
    held = {"part": "id", "playlistId": listed[0]["id"], "videoId": video}
    assert len(youtube.get("/youtube/v3/playlistItems", params=held).json()["items"]) == 1
    top = {"snippet": {"textOriginal": "More <below>"}}
    thread = {"snippet": {"videoId": video, "channelId": channel, "topLevelComment": top}}
    said = youtube.post("/youtube/v3/commentThreads", params={"part": "snippet"}, json=thread)
    assert said.json()["snippet"]["topLevelComment"]["snippet"]["authorChannelId"] == {"value": channel}
    picture = youtube.post(
        "/upload/youtube/v3/thumbnails/set",
        params={"videoId": video, "uploadType": "media"},
        content=png(),
        headers={"Content-Type": "image/png"},
    )
    assert picture.status_code == 200
    seen(youtube, video)
    page = httpx.get(f"{sandbox.origin_of('youtube')}/watch", params={"v": video}, trust_env=False).text
    assert "Two riders" in page and "More &lt;below&gt;" in page
    assert page.count("/media/") >= 3
    film_ = httpx.get(f"{sandbox.mastodon_origin}/media/{video}", trust_env=False)
    assert (film_.content, film_.headers["Content-Type"]) == (film(), "video/mp4")


def test_a_video_for_kids_has_no_comments(youtube: httpx.Client) -> None:
    video = uploaded(youtube, {"snippet": SNIPPET, "status": {**STATUS, "selfDeclaredMadeForKids": True}})
    top = {"snippet": {"textOriginal": "First"}}
    thread = {"videoId": video, "channelId": youtube.headers["X-Channel"], "topLevelComment": top}
    answer = youtube.post("/youtube/v3/commentThreads", params={"part": "snippet"}, json={"snippet": thread})
    assert answer.json()["error"]["errors"][0]["reason"] == "commentsDisabled"


def test_units_and_uploads_are_counted_for_the_whole_project(
    youtube: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.limit("youtube.uploads", 1)
    uploaded(youtube)
    other = sandbox.create_account("youtube", "other")["access_token"]
    youtube.headers["Authorization"] = f"Bearer {other}"
    refused = announce(youtube, 100)
    assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    sandbox.limit("youtube.units", 1)
    ask = {"part": "id", "mine": "true"}
    assert youtube.get("/youtube/v3/channels", params=ask).status_code == 200
    assert youtube.get("/youtube/v3/channels", params=ask).status_code == 403


def test_an_unknown_parameter_or_none_is_refused(youtube: httpx.Client) -> None:
    for params in (
        {"mine": "true"},
        {"part": "id", "mine": "true", "odd": "1"},
        {"part": "odd", "mine": "true"},
    ):
        assert youtube.get("/youtube/v3/channels", params=params).status_code == 400
