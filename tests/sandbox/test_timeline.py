"""The public timeline and the panel, as a newcomer sees them."""

from __future__ import annotations

import re

import httpx
import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.pictures import png


@pytest.fixture
def page(sandbox: SandboxServer) -> httpx.Client:
    return httpx.Client(base_url=sandbox.mastodon_origin, trust_env=False)


def publish_on_both(mastodon: httpx.Client, bluesky: httpx.Client) -> None:
    media = mastodon.post(
        "/api/v2/media", files={"file": ("a.png", png(), "image/png")}, data={"description": "Blue"}
    )
    mastodon.post(
        "/api/v1/statuses",
        json={"status": "Spring <b>sale</b> https://example.com/a?b=1&c=2 #spring @alice", "spoiler_text": "Offer",
              "media_ids": [media.json()["id"]], "visibility": "unlisted", "language": "en"},
    )  # fmt: skip
    blob = bluesky.post(
        "com.atproto.repo.uploadBlob", content=png(), headers={"Content-Type": "image/png"}
    ).json()
    record = {
        "$type": "app.bsky.feed.post",
        "text": "👋 see <i>our</i> site",
        "createdAt": "2026-11-21T10:00:00Z",
        "langs": ["en"],
        "facets": [
            {"index": {"byteStart": 20, "byteEnd": 24},
             "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/b"}]},
            {"index": {"byteStart": 0, "byteEnd": 4},
             "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "javascript:alert(1)"}]},
        ],
        "embed": {"$type": "app.bsky.embed.images", "images": [{"image": blob["blob"], "alt": "Blue <field>"}]},
    }  # fmt: skip
    order = {"repo": "emil.test", "collection": "app.bsky.feed.post", "record": record}
    assert bluesky.post("com.atproto.repo.createRecord", json=order).status_code == 200


def test_timeline_shows_posts_of_both_networks_newest_first(
    mastodon: httpx.Client, bluesky: httpx.Client, page: httpx.Client
) -> None:
    publish_on_both(mastodon, bluesky)
    html = page.get("/").text
    assert html.index("site</a>") < html.index("Spring")
    assert '<a href="https://example.com/b" rel="nofollow noopener">site</a>' in html
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html
    assert 'alt="Blue &lt;field&gt;"' in html and 'alt="Blue"' in html
    assert "<summary>" in html and "Offer" in html and "unlisted" in html
    assert "<b>sale" not in html and "<i>our" not in html and "javascript:" not in html
    assert "Spring" not in page.get("/", params={"network": "bluesky"}).text


def test_every_link_and_picture_of_our_own_on_the_timeline_works(
    mastodon: httpx.Client, bluesky: httpx.Client, page: httpx.Client
) -> None:
    publish_on_both(mastodon, bluesky)
    paths = set(re.findall(r'(?:href|src)="(/[^"]*)"', page.get("/").text))
    assert len(paths) > 10
    for path in paths:
        answer = page.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert "Content-Security-Policy" in answer.headers


def test_permalink_shows_one_post_and_a_deleted_one_is_gone(
    mastodon: httpx.Client, page: httpx.Client
) -> None:
    status = mastodon.post("/api/v1/statuses", json={"status": "here it is"}).json()
    path = httpx.URL(status["url"]).path
    assert "here it is" in page.get(path).text
    mastodon.delete(f"/api/v1/statuses/{status['id']}")
    assert page.get(path).status_code == 404


def test_pages_carry_a_strict_policy_and_nothing_inline(page: httpx.Client) -> None:
    for path in ("/", "/_control/", "/nothing-here/"):
        answer = page.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        assert not re.search(r"<script|<style|style=|onclick", answer.text)


def test_panel_makes_the_next_post_fail_and_takes_it_back(
    mastodon: httpx.Client, page: httpx.Client, sandbox: SandboxServer
) -> None:
    order = {"do": "add", "kind": "status", "network": "mastodon", "account": "emil", "times": "1"}
    assert page.post("/_control/", data=order).status_code == 303
    assert "1 to come" in page.get("/_control/").text
    assert mastodon.post("/api/v1/statuses", json={"status": "x"}).status_code == 503
    page.post("/_control/", data={**order, "times": "0"})
    page.post("/_control/", data={"do": "clear"})
    assert mastodon.post("/api/v1/statuses", json={"status": "x"}).status_code == 200
    assert page.post("/_control/", data={"kind": "expire"}).status_code == 422
    page.post("/_control/", data={"kind": "expire", "account": "emil"})
    assert mastodon.post("/api/v1/statuses", json={"status": "x"}).status_code == 401
    elsewhere = page.post("/_control/", data=order, headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == 403
