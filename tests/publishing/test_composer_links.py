"""Links: what a page says of itself, and the tracking its address gets as it goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.content import content_for
from publishing.link_preview import BYTES_MAX
from publishing.models import Campaign, Post, State
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft, update_post
from publishing.tracking import tracked_text, tracked_url, values_for
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import in_days, press, publications, url, words

SignIn = Callable[[User], Client]
VALUES = {"source": "mastodon", "medium": "social", "campaign": "winter riding"}
ADDED = "utm_source=mastodon&utm_medium=social&utm_campaign=winter+riding"
PAGES = {
    "/whole": "<title>Not this</title><meta property='og:title' content='Winter &amp; ice'>"
    "<meta name=description content='not this'><meta property=og:description content='Seven\n small fixes'>",
    "/plain": "<html><head><title>Only a\n title</title><title>second</title></head>",
    "/silent": "<p>nothing of itself",
    "/endless": "<title>Long page</title>" + "x" * (3 * BYTES_MAX),
}


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
            return
        content = PAGES.get(self.path, "").encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the reader has what it wants
            self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def trusted(settings: Any, site: str) -> str:
    settings.TRUSTED_NETWORK_ORIGINS = [site]
    cache.clear()
    return site


def preview(client: Client, address: str) -> Any:
    return client.post(url("link_preview"), {"url": address})


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://acme.test/winter", f"https://acme.test/winter?{ADDED}"),
        ("https://acme.test/winter?a=1", f"https://acme.test/winter?a=1&{ADDED}"),
        ("https://acme.test/winter?a=%20b&c#part", f"https://acme.test/winter?a=%20b&c&{ADDED}#part"),
        ("https://acme.test/?utm_source=mail", "https://acme.test/?utm_source=mail"),
        ("https://acme.test/?x=1&UTM_Campaign=a", "https://acme.test/?x=1&UTM_Campaign=a"),
    ],
)
def test_link_gets_its_tracking_and_keeps_what_it_carries(typed: str, sent: str) -> None:
    assert tracked_url(typed, VALUES) == sent
    assert tracked_url(sent, VALUES) == sent  # adding twice changes nothing


def test_every_link_of_a_text_is_tracked_and_nothing_else() -> None:
    text = "See https://acme.test/a, (https://acme.test/b) and acme.test #winter @acme@acme.test."
    assert tracked_text(text, VALUES) == (
        f"See https://acme.test/a?{ADDED}, (https://acme.test/b?{ADDED}) and acme.test #winter @acme@acme.test."
    )
    assert tracked_text(text, {}) == text


@pytest.mark.parametrize(
    ("said", "campaign", "expected"),
    [
        (None, {}, {}),
        ({}, {"campaign": "winter"}, {}),
        (None, {"campaign": "winter"}, {"source": "x", "medium": "social", "campaign": "winter"}),
        ({"medium": "paid"}, {"campaign": "winter"}, {"source": "x", "medium": "paid", "campaign": "winter"}),
        ({"campaign": "own"}, {"campaign": "winter"}, {"source": "x", "medium": "social", "campaign": "own"}),
        ({"medium": "social"}, {"source": "acme"}, {"source": "acme", "medium": "social"}),
    ],
    ids=["nothing said", "switched off", "by the campaign", "both", "the post wins", "the campaign's source"],
)  # fmt: skip
def test_post_decides_then_its_campaign_then_the_network(
    said: Mapping[str, str] | None, campaign: Mapping[str, str], expected: dict[str, str]
) -> None:
    assert values_for(said, campaign, "x") == expected


def test_links_go_out_tracked_by_network_and_are_shown_before(acme: Acme, paul: Client) -> None:
    typed = {
        "text": "See https://acme.test/winter",
        "link_url": "https://acme.test/card",
        "link_title": "Winter",
        "tracking": "on",
        "utm_campaign": "winter",
        "option_mastodon_first_comment": "More: https://acme.test/more",
    }
    press(paul, "save", acme.news, acme.sky, **typed)
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        contents = {one.network: content_for(post, one) for one in (acme.news, acme.sky)}
    tail = "utm_medium=social&utm_campaign=winter"
    assert contents["mastodon"].text == f"See https://acme.test/winter?utm_source=mastodon&{tail}"
    assert contents["bluesky"].text == f"See https://acme.test/winter?utm_source=bluesky&{tail}"
    assert contents["bluesky"].link_card is not None
    assert contents["bluesky"].link_card.url == f"https://acme.test/card?utm_source=bluesky&{tail}"
    assert contents["mastodon"].options["first_comment"].endswith(f"/more?utm_source=mastodon&{tail}")
    assert post.text == "See https://acme.test/winter"
    page = words(paul.get(url("post_edit", post.pk)))
    assert f"https://acme.test/card?utm_source=bluesky&amp;{tail.replace('&', '&amp;')}" in page


def test_post_without_tracking_is_sealed_as_it_always_was(acme: Acme, paul: Client) -> None:
    press(paul, "schedule", acme.news, text="See https://acme.test/winter", when=in_days(1))
    (publication,) = publications(acme)
    with organization_open(acme.organization.pk):
        post = publication.post
        before = post.content_digest("mastodon")
        post.tracking = {}
        assert post.content_digest("mastodon") == before == publication.sealed_digest
        post.tracking = {"campaign": "winter"}
        assert post.content_digest("mastodon") != before


def test_campaign_that_tracks_changes_what_goes_out(acme: Acme, paul: Client) -> None:
    press(paul, "save", acme.news, text="See https://acme.test/winter")
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        before = post.content_digest("mastodon")
        post.campaign = Campaign.objects.create(name="Winter", workspace=acme.main, utm_campaign="w26")
        post.save()
        assert content_for(post, acme.news).text.endswith("utm_medium=social&utm_campaign=w26")
        assert post.content_digest("mastodon") != before


def test_campaign_given_to_a_scheduled_post_seals_it_anew(acme: Acme, paul: Client) -> None:
    press(paul, "schedule", acme.news, text="See https://acme.test/winter", when=in_days(1))
    (before,) = publications(acme)
    with organization_open(acme.organization.pk):
        campaign = Campaign.objects.create(name="Winter", workspace=acme.main, utm_campaign="w26")
        organizing = Organizing(campaign=campaign, category=None, labels=None, status=None, values={})
        update_post(
            actor=acme.access(acme.paul),
            post=before.post,
            profiles=[acme.news],
            draft=Draft(text="See https://acme.test/winter", organizing=organizing),
            version=1,
            now=timezone.now(),
        )
    (after,) = publications(acme)
    with organization_open(acme.organization.pk):
        assert after.state == State.SCHEDULED and after.sealed_digest != before.sealed_digest
        assert after.sealed_digest == after.post.content_digest("mastodon")


def test_tracking_counts_where_links_count(acme: Acme, paul: Client) -> None:
    text = "x" * 240 + " https://acme.test/winter"
    assert press(paul, "schedule", acme.sky, text=text, when=in_days(1)).status_code == 302
    refused = press(paul, "schedule", acme.sky, text=text, when=in_days(1), tracking="on")
    assert refused.status_code == 422 and "characters too long" in words(refused)
    assert [one.state for one in publications(acme)] == [State.SCHEDULED]


# --- the preview -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "title", "description"),
    [
        ("/whole", "Winter & ice", "Seven small fixes"),
        ("/plain", "Only a title", ""),
        ("/endless", "Long page", ""),
    ],
)
def test_page_is_asked_what_it_says_of_itself(
    acme: Acme, paul: Client, trusted: str, path: str, title: str, description: str
) -> None:
    answer = preview(paul, trusted + path)
    assert answer.json() == {"url": trusted + path, "title": title, "description": description}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/silent", "says nothing of itself"),
        ("/nowhere", "there is no such page (404)"),
        ("/away", "does not offer a secure"),
    ],
)
def test_page_that_says_nothing_is_a_sentence(
    acme: Acme, paul: Client, trusted: str, path: str, sentence: str
) -> None:
    assert sentence in preview(paul, trusted + path).json()["problem"]


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/", "https://10.0.0.1:8443/x"],
)  # fmt: skip
def test_private_addresses_are_not_visited(acme: Acme, paul: Client, address: str) -> None:
    assert "inside a private network" in preview(paul, address).json()["problem"]


@pytest.mark.parametrize("address", ["", "ftp://acme.test", "javascript:alert(1)", "acme.test"])
def test_what_is_no_address_is_refused_in_words(acme: Acme, paul: Client, address: str) -> None:
    refused = preview(paul, address)
    assert refused.status_code == 422 and "https://" in refused.json()["problem"]


def test_somebody_of_another_organization_previews_nothing_here(acme: Acme, signed_in: SignIn) -> None:
    assert preview(signed_in(acme.mallory), "https://acme.test").status_code == 404
