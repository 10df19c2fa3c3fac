"""Videos on their way to TikTok, and what becomes of them there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Presence,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.tiktok.oauth import NEEDED
from social_accounts.networks.tiktok.uploading import PIECE_BYTES, pieces_of

from .cast import NOW, clock, request_for
from .contract import TEXT, no_answer
from .fake_tiktok import MILLION, FakeTikTok, refused, upright, video_post
from .tiktok_steps import adapter_of, poll, prepared, publish, read_back

LINK = "https://www.tiktok.com/@acme/video/7000"


@pytest.fixture
def tiktok() -> FakeTikTok:
    return FakeTikTok()


@pytest.fixture
def http(tiktok: FakeTikTok) -> Iterator[httpx.Client]:
    with tiktok.client() as http:
        yield http


# --- uploads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "lengths"),
    [
        (1, [1]),
        (2 * PIECE_BYTES - 1, [2 * PIECE_BYTES - 1]),
        (2 * PIECE_BYTES, [PIECE_BYTES] * 2),
        (50_000_123, [PIECE_BYTES] * 4 + [10_000_123]),
        (4_000_000_000, [PIECE_BYTES] * 400),
    ],
)
def test_what_is_left_over_goes_with_the_last_piece(size: int, lengths: list[int]) -> None:
    pieces = pieces_of(size)
    assert [last - first + 1 for first, last in pieces] == lengths
    assert all(5 * MILLION <= length <= 64 * MILLION for length in lengths[:-1])


def large(tiktok: FakeTikTok) -> PublishRequest:
    return request_for(tiktok.account, video_post(film=upright(size=3 * PIECE_BYTES + 7)))


def test_a_video_goes_up_in_pieces_and_is_posted_by_the_last(tiktok: FakeTikTok, http: httpx.Client) -> None:
    request = prepared(tiktok, http, large(tiktok))
    (upload,) = tiktok.uploads.values()
    assert len(upload.content) == 2 * PIECE_BYTES
    assert not tiktok.videos
    step = publish(tiktok, http, request)
    assert isinstance(step, Processing)
    with request.content.media[0].open() as stream:
        assert bytes(upload.content) == stream.read()
    assert poll(tiktok, http, request, step.poll_token) == Published(remote_id="7000", permalink=LINK)


def test_a_piece_whose_answer_was_lost_is_not_brought_twice(tiktok: FakeTikTok, http: httpx.Client) -> None:
    adapter, request = adapter_of(tiktok), large(tiktok)

    def step() -> Preparing | Prepared:
        return adapter.prepare(http=http, clock=clock, credentials=tiktok.credentials, request=request)

    request = replace(request, prepared=step().progress)
    tiktok.faults["upload"], tiktok.taken = no_answer, True
    with pytest.raises(NotSent):
        step()
    tiktok.faults.clear()
    made = step()  # out of order: TikTok has it, and says how much
    assert made.progress["piece"] == 1
    request = prepared(tiktok, http, replace(request, prepared=made.progress))
    publish(tiktok, http, request)
    (upload,) = tiktok.uploads.values()
    assert len(upload.content) == request.content.media[0].size_bytes


def test_an_address_that_was_closed_is_asked_for_anew(tiktok: FakeTikTok, http: httpx.Client) -> None:
    adapter, request = adapter_of(tiktok), large(tiktok)
    made = adapter.prepare(http=http, clock=clock, credentials=tiktok.credentials, request=request)
    tiktok.is_closed = True
    late = replace(request, prepared=made.progress)
    assert adapter.prepare(http=http, clock=clock, credentials=tiktok.credentials, request=late) == Preparing(
        progress={}
    )
    ready = replace(request, prepared={**made.progress, "piece": 2})
    with pytest.raises(NotSent):
        publish(tiktok, http, ready)
    assert not tiktok.videos


@pytest.mark.parametrize("counts_bytes", [True, False])
def test_publishing_again_with_the_publish_id_is_the_same_video(
    tiktok: FakeTikTok, http: httpx.Client, counts_bytes: bool
) -> None:
    tiktok.counts_bytes, tiktok.looks_until_complete = counts_bytes, 9
    request = prepared(tiktok, http, request_for(tiktok.account, video_post()))
    tiktok.faults["publish"], tiktok.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        publish(tiktok, http, request)
    tiktok.faults.clear()
    assert isinstance(publish(tiktok, http, request), Processing)
    assert tiktok.public_posts == 1


# --- what becomes of it ----------------------------------------------------------------------------------------------


def test_a_public_video_is_asked_for_its_id_and_is_out_without_it(
    tiktok: FakeTikTok, http: httpx.Client
) -> None:
    tiktok.looks_until_complete, tiktok.looks_until_id = 1, 9
    request = prepared(tiktok, http, request_for(tiktok.account, video_post()))
    step = publish(tiktok, http, request)
    waits = []
    while isinstance(step, Processing):
        waits.append((step.check_at - NOW).seconds)
        step = poll(tiktok, http, request, step.poll_token)
    assert waits == [10, 10, 60, 60]
    assert step == Published(remote_id="v_pub_file~v2.1", permalink="https://www.tiktok.com/@acme")


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("file_format_check_failed", RejectionReason.MEDIA_INVALID),
        ("duration_check_failed", RejectionReason.MEDIA_INVALID),
        ("spam_risk_text", RejectionReason.POLICY),
        ("something_new", RejectionReason.OTHER),
    ],
)
def test_a_video_tiktok_gave_up_is_refused(
    tiktok: FakeTikTok, http: httpx.Client, failure: str, reason: RejectionReason
) -> None:
    request = prepared(tiktok, http, request_for(tiktok.account, video_post()))
    step = publish(tiktok, http, request)
    assert isinstance(step, Processing)
    tiktok.failure = failure
    with pytest.raises(Rejected) as caught:
        poll(tiktok, http, request, step.poll_token)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("answer", "level", "wait"),
    [
        (refused("spam_risk_too_many_posts", http=403), LimitLevel.PROFILE, timedelta(days=1)),
        (refused("reached_active_user_cap", http=403), LimitLevel.APPLICATION, timedelta(days=1)),
        (refused("rate_limit_exceeded", http=429), LimitLevel.PROFILE, timedelta(minutes=1)),
        (refused("rate_limit_exceeded", http=200), LimitLevel.PROFILE, timedelta(minutes=1)),
    ],
)
def test_a_limit_stops_what_it_is_of(
    tiktok: FakeTikTok, http: httpx.Client, answer: Any, level: LimitLevel, wait: timedelta
) -> None:
    tiktok.faults["upload"] = answer
    with pytest.raises(RateLimited) as caught:
        prepared(tiktok, http, request_for(tiktok.account, video_post()))
    assert (caught.value.level, caught.value.retry_at) == (level, NOW + wait)


def test_an_application_without_audit_is_told_who_must_act(tiktok: FakeTikTok, http: httpx.Client) -> None:
    tiktok.faults["upload"] = refused("unaudited_client_can_only_post_to_private_accounts", http=403)
    with pytest.raises(Rejected, match="operator must ask TikTok") as caught:
        prepared(tiktok, http, request_for(tiktok.account, video_post()))
    assert caught.value.reason is RejectionReason.POLICY
    assert "private accounts only" in tiktok.adapter.features.conditions
    assert "5 people a day" in tiktok.adapter.features.conditions


@pytest.mark.parametrize("code", ["scope_not_authorized", "auth_removed"])
def test_what_the_person_took_back_means_reconnect(tiktok: FakeTikTok, http: httpx.Client, code: str) -> None:
    tiktok.faults["upload"] = refused(code, http=401)
    with pytest.raises(CredentialsExpired):
        prepared(tiktok, http, request_for(tiktok.account, video_post()))


# --- reading back ----------------------------------------------------------------------------------------------------


def test_the_publish_id_says_what_became_of_it(tiktok: FakeTikTok, http: httpx.Client) -> None:
    request = prepared(tiktok, http, request_for(tiktok.account, video_post()))
    assert read_back(tiktok, http, request) is None
    tiktok.counts_bytes = False
    with pytest.raises(OutcomeUnknown):  # nobody knows how much is there
        read_back(tiktok, http, request)
    tiktok.counts_bytes, tiktok.looks_until_complete = True, 2
    publish(tiktok, http, request)
    with pytest.raises(OutcomeUnknown):
        read_back(tiktok, http, request)
    tiktok.looks_until_complete = 0
    assert read_back(tiktok, http, request) == Published(remote_id="7000", permalink=LINK)
    tiktok.failure = "spam_risk"
    assert read_back(tiktok, http, request) is None


def test_a_forgotten_publish_id_leaves_the_newest_videos_to_look_at(
    tiktok: FakeTikTok, http: httpx.Client
) -> None:
    request = prepared(tiktok, http, request_for(tiktok.account, video_post()))
    publish(tiktok, http, request)
    tiktok.uploads.clear()
    assert read_back(tiktok, http, request) == Published(remote_id="7000", permalink=LINK)
    known = replace(request, known_remote_ids=frozenset({"7000"}))
    assert read_back(tiktok, http, known) is None
    tiktok.videos.clear()
    tiktok.add("6000", TEXT, seconds_ago=600)
    assert read_back(tiktok, http, request) is None


def test_a_video_that_is_not_public_may_be_private_or_gone(tiktok: FakeTikTok, http: httpx.Client) -> None:
    adapter = adapter_of(tiktok)
    assert isinstance(adapter, Presence)
    tiktok.add("7000", TEXT)
    ask: dict[str, Any] = {"http": http, "clock": clock, "account": tiktok.account}
    found = {
        remote_id: adapter.is_there(**ask, credentials=tiktok.credentials, remote_id=remote_id)
        for remote_id in ("7000", "7001", "v_pub_file~v2.1")
    }
    assert found == {"7000": True, "7001": None, "v_pub_file~v2.1": None}
    without = replace(tiktok.credentials, scopes=NEEDED)
    assert adapter.is_there(**ask, credentials=without, remote_id="7000") is None


def test_a_busy_account_is_left_to_a_person(tiktok: FakeTikTok, http: httpx.Client) -> None:
    for number in range(20):
        tiktok.add(str(number), f"Something else {number}")
    with pytest.raises(OutcomeUnknown):
        read_back(tiktok, http, request_for(tiktok.account, video_post()))
