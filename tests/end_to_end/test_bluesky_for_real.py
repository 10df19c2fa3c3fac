"""Chorus through its own pages against the real Bluesky server: connected, scheduled, published, read back."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from atproto import Client, models
from PIL import Image, ImageDraw

from orgs.models import Organization
from publishing.models import Publication, PublishAttempt
from tenancy.context import organization_open
from tests.cast import PASSWORD, make_organization, make_person
from tests.end_to_end.conftest import Install
from tests.end_to_end.installation import Installation
from tests.end_to_end.times import next_minute, typed
from tests.end_to_end.visitor import Page, Visitor
from tests.peers.bluesky_server import BlueskyAccount, BlueskyServer

pytestmark = pytest.mark.peers

POSTS = "app.bsky.feed.post"
ZONE = "America/Sao_Paulo"
PUBLISHED_WITHIN_SECONDS = 100
ALT_TEXT = "Zwei Räder lehnen an einer Wand 🧱, eines ist grün."
LINK = "https://example.org/winter?from=chorus&day=1#seven-fixes"
TAG = "BikeToWork"


@pytest.fixture
def chorus(install: Install, bluesky_server: BlueskyServer) -> Installation:
    """Chorus, to which this server and its directory are all of Bluesky."""
    return install(
        CHORUS_BLUESKY_ENTRY_URL=bluesky_server.pds,
        CHORUS_BLUESKY_PLC_URL=bluesky_server.plc,
        CHORUS_TRUSTED_ORIGINS=",".join(sorted(bluesky_server.origins)),
    )


@pytest.fixture
def acme(chorus: Installation) -> Organization:
    organization = make_organization("acme", "Acme", make_person("Olga Owner"))
    Organization.objects.filter(pk=organization.pk).update(time_zone=ZONE)
    return organization


@pytest.fixture
def olga(chorus: Installation, acme: Organization) -> Iterator[Visitor]:
    with Visitor(chorus.url) as visitor:
        page = visitor.open("/accounts/login/")
        page = visitor.send(page, {"login": "olga@acme.test", "password": PASSWORD})
        assert page.status == 200 and "/accounts/login" not in page.url, page.text[:500]
        yield visitor


def test_a_post_of_ours_goes_out_at_its_minute_on_the_real_server_as_it_was_written(
    chorus: Installation, acme: Organization, olga: Visitor, bluesky_server: BlueskyServer
) -> None:
    alice, bob, carol = (bluesky_server.create_account(name) for name in ("alice", "bob", "carol"))
    connect_by_consent(olga, bluesky_server, alice)
    connect_by_app_password(olga, bob)
    text = f"Für alle 🚲👩🏽‍🔧, die fahren: {LINK} – mit @{carol.handle}, wie immer. #{TAG}"

    due_at = next_minute()
    addresses = schedule(olga, text, due_at)
    assert len(addresses) == 2
    is_out = any(posts_of(bluesky_server, person) for person in (alice, bob))
    assert not is_out or datetime.now(UTC) >= due_at
    pages = chorus.wait_for(
        lambda: all_published(olga, addresses), seconds=PUBLISHED_WITHIN_SECONDS, what="not published"
    )

    for person in (alice, bob):
        permalink = check_record(bluesky_server, person, text, carol)
        shown = [page for page in pages if any(href == permalink for href, _words in page.links)]
        assert len(shown) == 1, permalink
        # The picture went up first, then the post went out: once each.
        assert "Published" in shown[0].text and "Attempt 2" in shown[0].text
        assert "Attempt 3" not in shown[0].text
    check_times(acme, due_at)


def connect_by_consent(olga: Visitor, server: BlueskyServer, alice: BlueskyAccount) -> None:
    """Choose the network, read our page of scopes, allow it on the server's own page, come back."""
    page = olga.open(olga.open("/o/acme/profiles/connect/").link("Connect Bluesky"))
    page = olga.send(page, {"handle": alice.handle})
    for sentence in ("Write, change and delete posts", "Upload pictures", "Know which account this is"):
        assert sentence in page.text
    authorize_url = olga.leaves_for(page.link("Continue to"))
    assert authorize_url.startswith(server.pds)
    page = olga.open(server.consent(authorize_url, alice))
    assert page.status == 200 and re.search(r"/o/acme/profiles/\d+/$", page.url), page.text[:1500]
    assert f"@{alice.handle} is connected." in page.text


def connect_by_app_password(olga: Visitor, bob: BlueskyAccount) -> None:
    page = olga.open("/o/acme/profiles/connect/bluesky/")
    page = olga.send(page, {"app_password": bob.app_password, "identifier": bob.handle})
    assert f"@{bob.handle} is connected." in page.text, page.text[:1500]
    assert bob.app_password not in page.html


def schedule(olga: Visitor, text: str, due_at: datetime) -> list[str]:
    """Write the post with its picture on both profiles; return the addresses of its publications."""
    page = olga.open("/o/acme/posts/new/")
    profiles = [control.value for control in page.controls if control.name == "profile"]
    picture = ("wall.png", png(), "image/png")
    page = olga.send(
        page,
        {"text": text, "profile": profiles, "language": "de"},
        {"pictures": picture},
        press={"act": "upload"},
    )
    [alt] = [control.name for control in page.controls if control.name.startswith("alt_")]
    page = olga.send(page, {alt: ALT_TEXT, "when": typed(due_at, ZONE)}, press={"act": "schedule"})
    assert page.status == 200 and "The post is scheduled." in page.text, page.text[:1500]
    return publication_addresses(olga.open("/o/acme/posts/"))


def all_published(olga: Visitor, addresses: list[str]) -> list[Page]:
    """Return the publications' pages once all of them lead to the network, else nothing."""
    pages = [olga.open(address) for address in addresses]
    return pages if all("Open at the network" in page.text for page in pages) else []


def publication_addresses(page: Page) -> list[str]:
    return sorted({href for href, _words in page.links if re.search(r"/publications/\d+/$", href)})


def png() -> bytes:
    """Return a picture that no encoder can shrink to nothing: what comes back must be the same pixels."""
    image = Image.new("RGB", (240, 160), "#1f6f54")
    draw = ImageDraw.Draw(image)
    for step in range(0, 240, 6):
        draw.line((step, 0, 239 - step, 159), fill=(step, 255 - step, 90), width=2)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def check_record(server: BlueskyServer, person: BlueskyAccount, text: str, carol: BlueskyAccount) -> str:
    """Read the one post back with a client that others made; return the address it must be shown under."""
    [row] = posts_of(server, person)
    record = row.value
    assert isinstance(record, models.AppBskyFeedPost.Record)
    assert record.text == text
    assert record.langs == ["de"]
    facets = [facet.model_dump(by_alias=True, exclude_none=True) for facet in record.facets or []]
    assert facets == [
        facet(text, LINK, {"$type": "app.bsky.richtext.facet#link", "uri": LINK}),
        facet(text, f"@{carol.handle}", {"$type": "app.bsky.richtext.facet#mention", "did": carol.did}),
        facet(text, f"#{TAG}", {"$type": "app.bsky.richtext.facet#tag", "tag": TAG}),
    ]
    assert isinstance(record.embed, models.AppBskyEmbedImages.Main)
    [image] = record.embed.images
    assert image.alt == ALT_TEXT
    assert image.aspect_ratio is not None
    assert (image.aspect_ratio.width, image.aspect_ratio.height) == (240, 160)
    check_picture(server, person, image.image)
    return f"{server.pds}/profile/{person.did}/post/{row.uri.rsplit('/', 1)[1]}"


def facet(text: str, piece: str, feature: dict[str, str]) -> dict[str, object]:
    """Return what makes the piece live: found by its bytes in the text's bytes."""
    start = text.encode().index(piece.encode())
    index = {"byteStart": start, "byteEnd": start + len(piece.encode())}
    typed_index = {"$type": "app.bsky.richtext.facet#byteSlice", **index}
    return {"$type": "app.bsky.richtext.facet", "features": [feature], "index": typed_index}


def check_picture(server: BlueskyServer, person: BlueskyAccount, blob: models.BlobRef) -> None:
    """The bytes are those the record names, as large as it says, and the very pixels that were uploaded."""
    with reader(server) as client:
        data = client.com.atproto.sync.get_blob({"did": person.did, "cid": blob.cid.encode()})
    assert sha256_of(blob.cid.encode()) == hashlib.sha256(data).digest()
    assert blob.size == len(data)
    assert blob.mime_type == "image/png"
    with Image.open(io.BytesIO(data)) as got, Image.open(io.BytesIO(png())) as sent:
        assert got.convert("RGB").tobytes() == sent.tobytes()


def sha256_of(cid: str) -> bytes:
    """Return the hash within a content identifier: base32 after the letter b, the hash at its end."""
    digits = cid[1:].upper()
    return base64.b32decode(digits + "=" * (-len(digits) % 8))[-32:]


def posts_of(server: BlueskyServer, person: BlueskyAccount) -> list[models.ComAtprotoRepoListRecords.Record]:
    with reader(server) as client:
        found = client.com.atproto.repo.list_records({"repo": person.did, "collection": POSTS})
        return list(found.records)


@contextmanager
def reader(server: BlueskyServer) -> Iterator[Client]:
    client = Client(base_url=f"{server.pds}/xrpc")
    yield client
    http: httpx.Client = client.request._client
    http.close()  # it has no way of closing of its own


def check_times(acme: Organization, due_at: datetime) -> None:
    """Each went out once, not before its minute."""
    with organization_open(acme.pk):
        rows = list(Publication.objects.all())
        attempts = list(PublishAttempt.objects.filter(kind="publish"))
    assert [row.due_at for row in rows] == [due_at, due_at]
    assert all(attempt.started_at >= due_at for attempt in attempts)
    assert [attempt.outcome for attempt in attempts] == ["published", "published"]
