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
    LinkCard,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.tiktok.oauth import BASIC, NEEDED, PUBLISH

from .cast import NOW, clock, picture, request_for
from .contract import TEXT, FakeNetwork, status
from .contract_before import ChoicesContract, PrepareContract
from .contract_followups import MeasureContract
from .fake_tiktok import OPTIONS, REDIRECT_URI, FakeTikTok, upright, video_post
from .tiktok_steps import adapter_of, prepared


class TestTikTokContract(ChoicesContract, MeasureContract, PrepareContract):
    # The same video may be posted twice: only its publish id, or looking, keeps it one.
    repeat_is_harmless = False
    repeat_is_refused = False
    # That limit lasts a day: see below.
    has_application_level = False
    # It may be private now.
    says_of_what_is_gone = None

    @pytest.fixture
    def network(self) -> FakeTikTok:
        return FakeTikTok()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        options = {**OPTIONS, **more.pop("options", {})}
        return Content(text=text, **{"media": (upright(),), "options": options, **more})

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

    def take_down(self, network: FakeTikTok, remote_id: str) -> None:  # type: ignore[override]
        """The person deletes it in TikTok itself."""
        del network.videos[remote_id]

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
