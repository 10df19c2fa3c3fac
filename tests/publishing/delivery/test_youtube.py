"""Videos to a YouTube channel, from the row to the channel: the adapter is the real one, only YouTube is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile

from publishing.delivery import claiming, sending
from publishing.models import ApplicationRateLimit, DeliverySettings, PostMedia, Publication, State
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.youtube import uploading
from social_accounts.vault import store_credentials
from tests.cast import Acme, make_profile
from tests.films import film
from tests.publishing.delivery.conftest import Clock, Desk
from tests.social_accounts.networks.contract import no_answer
from tests.social_accounts.networks.fake_youtube import CHANNEL, OPTIONS, PIECE, FakeYouTube, refused

PIECES = 3


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Iterator[FakeYouTube]:
    settings.MEDIA_ROOT = tmp_path
    youtube = FakeYouTube()
    monkeypatch.setattr(uploading, "PIECE_BYTES", PIECE)
    monkeypatch.setattr(connections, "adapter", lambda _name: youtube.adapter)
    with youtube.client() as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        yield youtube


@pytest.fixture
def channel(acme: Acme, clock: Clock, network: FakeYouTube, desk: Desk) -> SocialProfile:
    channel = make_profile(
        acme.organization, "acme-tube", "youtube", server=network.account.server, remote_id=CHANNEL
    )
    store_credentials(channel, network.credentials)
    return channel


def write(desk: Desk, channel: SocialProfile) -> Publication:
    publication = desk.write(channel, text="Wheels and more.")
    content = film(bytes_min=(PIECES - 1) * PIECE + 7)
    PostMedia.objects.create(
        post=publication.post,
        filename="ride.mp4",
        content_type="video/mp4",
        size_bytes=len(content),
        width=320,
        height=180,
        digest="d" * 64,
        file=ContentFile(content, name="ride.mp4"),
    )
    publication.post.network_options = {"youtube": OPTIONS}
    publication.post.save(update_fields=["network_options"])
    seal = publication.post.content_digest("youtube")
    Publication.objects.filter(pk=publication.pk).update(sealed_digest=seal)
    return fresh(publication)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def go(desk: Desk) -> None:
    """Let beat look, and a worker do each step that follows at once."""
    for due in claiming.claim_due(now=desk.clock.now):
        while sending.deliver(organization_id=due.organization_id, publication_id=due.publication_id):
            pass


def test_a_video_goes_up_in_pieces_and_is_published_when_it_can_be_watched(
    desk: Desk, network: FakeYouTube, channel: SocialProfile
) -> None:
    publication = write(desk, channel)
    network.looks_until_processed = 1
    go(desk)
    assert fresh(publication).state == State.PROCESSING
    for _look in range(2):
        desk.clock.pass_time(minutes=1)
        desk.ask()
    done = fresh(publication)
    assert (done.state, done.permalink) == (State.PUBLISHED, "https://www.youtube.com/watch?v=video1")
    assert desk.attempts(publication) == [
        ("prepare", "prepared"),
        ("publish", "processing"),
        ("poll", "processing"),
        ("poll", "published"),
    ]


def test_a_lost_last_answer_is_settled_by_the_session(
    desk: Desk, network: FakeYouTube, channel: SocialProfile
) -> None:
    publication = write(desk, channel)
    network.faults["publish"], network.taken = no_answer, True
    go(desk)
    assert fresh(publication).state == State.UNCONFIRMED
    network.faults.clear()
    desk.clock.pass_time(minutes=1)
    desk.ask()
    assert (fresh(publication).state, fresh(publication).remote_id) == (State.PUBLISHED, "video1")
    assert network.public_posts == 1


def test_a_worker_that_dies_between_pieces_leaves_what_is_there(
    desk: Desk, network: FakeYouTube, channel: SocialProfile
) -> None:
    publication = write(desk, channel)
    (due,) = claiming.claim_due(now=desk.clock.now)
    ids = {"organization_id": due.organization_id, "publication_id": due.publication_id}
    assert sending.deliver(**ids)  # announced
    network.faults["upload"], network.taken = no_answer, False
    assert not sending.deliver(**ids)
    assert fresh(publication).state == State.SCHEDULED
    network.faults.clear()
    desk.clock.pass_time(minutes=2)
    go(desk)
    assert fresh(publication).state == State.PROCESSING
    assert (len(network.sessions), network.public_posts) == (1, 1)


def test_a_used_up_quota_stops_every_channel_until_midnight_in_california(
    desk: Desk, network: FakeYouTube, channel: SocialProfile
) -> None:
    DeliverySettings.objects.create(organization=desk.acme.organization, hold_after_minutes=None)
    publication = write(desk, channel)
    network.faults["upload"] = refused(403, "quotaExceeded")
    go(desk)
    network.faults.clear()
    limit = ApplicationRateLimit.objects.get(network="youtube", server=channel.server)
    assert limit.until == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    desk.clock.pass_time(hours=22)
    go(desk)
    assert fresh(publication).state == State.SCHEDULED
    desk.clock.pass_time(hours=1, minutes=1)
    go(desk)
    assert fresh(publication).state == State.PROCESSING


def test_a_video_that_stays_private_is_refused_with_the_reason(
    desk: Desk, network: FakeYouTube, channel: SocialProfile
) -> None:
    publication = write(desk, channel)
    network.is_audited = False
    go(desk)
    desk.clock.pass_time(minutes=1)
    desk.ask()
    assert fresh(publication).state == State.REJECTED
    assert "keeps it private" in fresh(publication).detail
