from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    Choices,
    Content,
    CredentialsExpired,
    LimitLevel,
    LinkCard,
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
from social_accounts.networks.tiktok.adapter import TikTokAdapter
from social_accounts.networks.tiktok.oauth import BASIC, NEEDED, PUBLISH
from social_accounts.networks.tiktok.uploading import PIECE_BYTES, pieces_of

from .cast import NOW, clock, picture, request_for
from .contract import TEXT, AdapterContract, FakeNetwork, no_answer, status
from .fake_tiktok import MILLION, OPTIONS, REDIRECT_URI, FakeTikTok, refused, upright, video_post

LINK = "https://www.tiktok.com/@acme/video/7000"


class TestTikTokContract(AdapterContract):
    # The same video may be posted twice: only its publish id, or looking, keeps it one.
    repeat_is_harmless = False
    repeat_is_refused = False
    # That limit lasts a day: see below.
    has_application_level = False

    @pytest.fixture
    def network(self) -> FakeTikTok:
        return FakeTikTok()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        return Content(text=text, **{"media": (upright(),), "options": OPTIONS, **more})

    def with_picture(self, network: FakeNetwork) -> PublishRequest:
        """Return a post with a file that goes up ahead of it: TikTok takes no pictures as bytes."""
        return request_for(network.account, self.content())

    with_upload = with_picture

    def publish(self, network: FakeNetwork, request: PublishRequest | None = None) -> Published | Processing:
        """Publish, and ask until TikTok is done."""
        request = request or request_for(network.account, self.content())
        step = super().publish(network, request)
        while isinstance(step, Processing):
            with network.client() as http:
                step = network.adapter.poll(
                    http=http,
                    clock=clock,
                    credentials=network.credentials,
                    request=request,
                    poll_token=step.poll_token,
                )
        return step

    def test_delete_can_be_repeated(self, network: FakeTikTok) -> None:  # type: ignore[override]
        """TikTok deletes nothing for others, and says so each time."""
        published = self.publish(network)
        assert isinstance(published, Published)
        for _time in range(2):
            with network.client() as http, pytest.raises(Rejected, match="in TikTok itself"):
                network.adapter.delete(
                    http=http,
                    clock=clock,
                    credentials=network.credentials,
                    account=network.account,
                    remote_id=published.remote_id,
                )
        assert network.public_posts == 1

    def test_media_it_does_not_take_is_a_problem(self, network: FakeTikTok) -> None:  # type: ignore[override]
        adapter, film = network.adapter, replace(upright(), width=720, height=1280)
        assert not adapter.problems(video_post("", film=film))
        for wrong in (
            {"content_type": "video/x-matroska"},
            {"seconds": 601.0},
            {"size_bytes": 4_000_000_001},
            {"frames_per_second": 20.0},
            {"codecs": ("mpeg2",)},
            {"width": 350},
            {"height": 4097},
        ):
            assert adapter.problems(video_post(film=replace(film, **wrong))), wrong
        assert adapter.problems(replace(video_post(), media=()))
        assert adapter.problems(replace(video_post(), media=(film, film)))
        assert adapter.problems(replace(video_post(), media=(film, picture())))
        for options in (
            {"privacy": ""},
            {"music": ""},
            {"comments": "perhaps"},
            {"promotes": "others", "privacy": "SELF_ONLY"},
        ):
            assert adapter.problems(video_post(**options)), options  # type: ignore[arg-type]


@pytest.fixture
def tiktok() -> FakeTikTok:
    return FakeTikTok()


@pytest.fixture
def http(tiktok: FakeTikTok) -> Iterator[httpx.Client]:
    with tiktok.client() as http:
        yield http


def adapter_of(tiktok: FakeTikTok) -> TikTokAdapter:
    assert isinstance(tiktok.adapter, TikTokAdapter)
    return tiktok.adapter


def prepared(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> PublishRequest:
    return TestTikTokContract().prepare(tiktok, http, request)


def publish(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return tiktok.adapter.publish(http=http, clock=clock, credentials=tiktok.credentials, request=request)


def poll(
    tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest, token: str
) -> Published | Processing:
    return tiktok.adapter.poll(
        http=http, clock=clock, credentials=tiktok.credentials, request=request, poll_token=token
    )


def read_back(tiktok: FakeTikTok, http: httpx.Client, request: PublishRequest) -> Published | None:
    return tiktok.adapter.read_back(http=http, clock=clock, credentials=tiktok.credentials, request=request)


# --- connecting ------------------------------------------------------------------------------------------------------


def connected(tiktok: FakeTikTok, http: httpx.Client, code: str = "good") -> Any:
    app = tiktok.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    return app, tiktok.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": code}
    )


def test_start_names_the_client_as_tiktok_does(tiktok: FakeTikTok, http: httpx.Client) -> None:
    app = tiktok.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = tiktok.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("www.tiktok.com", "/v2/auth/authorize/")
    assert asked == {
        "client_key": "key-1",
        "response_type": "code",
        "scope": "user.info.basic,user.info.profile,video.publish,video.list",
        "redirect_uri": REDIRECT_URI,
        "state": start.state,
    }


def test_finish_returns_the_account_and_what_was_left_on(tiktok: FakeTikTok, http: httpx.Client) -> None:
    _app, (account, credentials) = connected(tiktok, http)
    assert account == tiktok.account
    assert (credentials.refresh_token, credentials.expires_at) == ("refresh-1", NOW + timedelta(days=1))
    tiktok.granted = NEEDED
    _app, (account, credentials) = connected(tiktok, http)
    assert (account.handle, account.url) == ("Acme Bikes", "https://www.tiktok.com")
    points = tiktok.adapter.measure(
        http=http, clock=clock, credentials=credentials, account=account, remote_ids=["7000"]
    )
    assert {point.value for point in points} == {None}
    tiktok.granted = (BASIC,)
    with pytest.raises(Rejected, match="switch stayed off"):
        connected(tiktok, http)
    assert PUBLISH in NEEDED


def test_finish_tells_a_late_code_from_an_unknown_application(tiktok: FakeTikTok, http: httpx.Client) -> None:
    with pytest.raises(Rejected) as late:
        connected(tiktok, http, code="late")
    assert late.value.reason is RejectionReason.OTHER
    tiktok.faults[""] = status(401, {"error": "invalid_client"})
    with pytest.raises(Rejected) as unknown:
        connected(tiktok, http)
    assert unknown.value.reason is RejectionReason.NOT_FOUND


def test_refresh_keeps_the_token_that_comes_back(tiktok: FakeTikTok, http: httpx.Client) -> None:
    app, (_account, credentials) = connected(tiktok, http)
    fresh = tiktok.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials)
    assert fresh.refresh_token == "refresh-2"
    with pytest.raises(CredentialsExpired):
        tiktok.adapter.refresh(http=http, clock=clock, app=app, credentials=fresh)


def test_revoke_may_be_repeated(tiktok: FakeTikTok, http: httpx.Client) -> None:
    app, (_account, credentials) = connected(tiktok, http)
    for _time in range(2):
        tiktok.adapter.revoke(http=http, clock=clock, app=app, credentials=credentials)
    assert tiktok.revoked == [credentials.access_token] * 2


# --- what the account may do -----------------------------------------------------------------------------------------


def test_audiences_are_those_tiktok_offers_the_account(tiktok: FakeTikTok, http: httpx.Client) -> None:
    adapter = adapter_of(tiktok)
    assert isinstance(adapter, Choices)
    ask: dict[str, Any] = {"http": http, "clock": clock, "credentials": tiktok.credentials}
    found = adapter.choices(**ask, account=tiktok.account, option="privacy")
    assert found == [
        ("PUBLIC_TO_EVERYONE", "Everyone"),
        ("MUTUAL_FOLLOW_FRIENDS", "Friends"),
        ("SELF_ONLY", "Only the account itself"),
    ]
    assert adapter.choices(**ask, account=tiktok.account, option="music") == ()
    chosen = next(option for option in adapter.features.options if option.name == "privacy")
    assert chosen.is_required and not chosen.default


def test_the_account_is_asked_before_each_post(tiktok: FakeTikTok, http: httpx.Client) -> None:
    tiktok.levels = ["SELF_ONLY"]
    with pytest.raises(Rejected) as audience:
        prepared(tiktok, http, request_for(tiktok.account, video_post()))
    assert audience.value.reason is RejectionReason.POLICY
    long = replace(upright(), seconds=301.0)
    with pytest.raises(Rejected) as length:
        prepared(tiktok, http, request_for(tiktok.account, video_post(film=long, privacy="SELF_ONLY")))
    assert length.value.reason is RejectionReason.MEDIA_INVALID
    assert not tiktok.uploads


def test_everything_said_of_the_video_goes_out_as_tiktok_names_it(
    tiktok: FakeTikTok, http: httpx.Client
) -> None:
    content = replace(
        video_post(comments="yes", duets="yes", stitches="yes", promotes="both", made_with_ai="yes"),
        link_card=LinkCard(url="https://example.org/x", title="A page"),
    )
    prepared(tiktok, http, request_for(tiktok.account, content))
    (upload,) = tiktok.uploads.values()
    assert upload.post == {
        "title": f"{TEXT}\n\nhttps://example.org/x",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": False,
        "disable_duet": False,
        "disable_stitch": True,  # the account has switched stitches off
        "brand_organic_toggle": True,
        "brand_content_toggle": True,
        "is_aigc": True,
    }
    prepared(tiktok, http, request_for(tiktok.account, video_post()))
    plain = list(tiktok.uploads.values())[1].post
    assert (plain["disable_comment"], plain["disable_duet"], plain["is_aigc"]) == (True, True, False)


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
