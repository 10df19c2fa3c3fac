from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    FIRST_COMMENT,
    CommentRequest,
    Content,
    CredentialsExpired,
    LimitLevel,
    ManyAccounts,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.oauth import challenge_of
from social_accounts.networks.youtube.errors import next_reset
from social_accounts.networks.youtube.oauth import MANAGE, NEEDED, SCOPES, UPLOAD
from tests.peers.discovery import openapi_of
from tests.peers.openapi_judge import Judge

from .cast import CREATED_AT, NOW, clock, picture, request_for
from .contract import TEXT, FakeNetwork, status
from .contract_before import ChoicesContract, PrepareContract
from .contract_followups import CommentContract, EditContract, MeasureContract
from .fake_youtube import (
    CHANNEL,
    OPTIONS,
    REDIRECT_URI,
    FakeYouTube,
    refused,
    ride,
    video_post,
)
from .youtube_steps import adapter_of, prepared, publish, read_back


class TestYouTubeContract(ChoicesContract, CommentContract, EditContract, MeasureContract, PrepareContract):
    # The same video may be uploaded twice: only its session, or looking, keeps it one.
    repeat_is_harmless = False
    repeat_is_refused = False
    takes_a_picture_beside_a_video = True  # its thumbnail

    @pytest.fixture
    def network(self) -> FakeYouTube:
        return FakeYouTube()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        """Return a video of these words; pictures alone are put beside one."""
        media = more.pop("media", ())
        if not any(file.is_video for file in media):
            media = (ride(), *media)
        return Content(text=text, media=media, options={**OPTIONS, **more.pop("options", {})}, **more)

    def publish(self, network: FakeNetwork, request: PublishRequest | None = None) -> Published | Processing:
        """Publish, and ask until the video can be watched."""
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

    def test_features_say_what_each_scope_is_for(self, network: FakeYouTube) -> None:  # type: ignore[override]
        """H10: YouTube has no approval workflow."""
        features = network.adapter.features
        assert not features.has_approval
        assert "private" in features.conditions and "100 videos a day" in features.conditions
        assert [f"https://www.googleapis.com/auth/{line.scope}" for line in features.scopes] == list(SCOPES)
        assert all(line.what and line.used_for for line in features.scopes)

    def test_content_it_counts_as_too_long_is_a_problem(self, network: FakeYouTube) -> None:  # type: ignore[override]
        """YouTube counts the bytes of a description."""
        limit = network.adapter.features.text_limit
        assert not network.adapter.problems(self.content("é" * (limit // 2)))
        assert network.adapter.count(self.content("é")).bytes_used == 2
        assert network.adapter.problems(self.content("é" * (limit // 2) + "e"))
        assert network.adapter.problems(Content(text="  "))


@pytest.fixture
def youtube() -> FakeYouTube:
    return FakeYouTube()


@pytest.fixture
def http(youtube: FakeYouTube) -> Iterator[httpx.Client]:
    with youtube.client() as http:
        yield http


# --- connecting ------------------------------------------------------------------------------------------------------


def connected(youtube: FakeYouTube, http: httpx.Client, code: str = "good") -> Any:
    app = youtube.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    return app, youtube.adapter.finish(
        http=http,
        clock=clock,
        app=app,
        redirect_uri=REDIRECT_URI,
        keep={"verifier": "v" * 43},
        callback={"code": code},
    )


def test_start_asks_for_access_while_nobody_is_there_with_pkce(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    app = youtube.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = youtube.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("accounts.google.com", "/o/oauth2/v2/auth")
    assert asked["scope"].split() == list(SCOPES)
    assert (asked["access_type"], asked["prompt"], asked["include_granted_scopes"]) == (
        "offline",
        "consent",
        "true",
    )
    assert asked["code_challenge"] == challenge_of(str(start.keep["verifier"]))
    assert asked["code_challenge_method"] == "S256"


def test_finish_returns_the_channel_and_its_pair(youtube: FakeYouTube, http: httpx.Client) -> None:
    app, (account, credentials) = connected(youtube, http)
    assert account == youtube.account
    assert (credentials.refresh_token, credentials.grant) == ("refresh-1", CHANNEL)
    assert credentials.expires_at == NOW + timedelta(seconds=3599)
    adapter = adapter_of(youtube)
    assert isinstance(adapter, ManyAccounts)
    (one,) = adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)
    assert (one.account, one.kind, one.credentials.extra) == (account, "Channel", {"channel": CHANNEL})


def test_a_box_left_unticked_is_noticed(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.granted = (UPLOAD, MANAGE)
    with pytest.raises(Rejected, match="unticked"):
        connected(youtube, http)
    youtube.granted = NEEDED
    _app, (account, credentials) = connected(youtube, http)
    adapter, youtube.credentials = adapter_of(youtube), credentials
    request = prepared(youtube, http, request_for(account, video_post()))
    assert isinstance(publish(youtube, http, request), Processing)
    with pytest.raises(Rejected, match="upload videos only"):
        adapter.delete(http=http, clock=clock, credentials=credentials, account=account, remote_id="video1")
    with pytest.raises(Rejected, match="upload videos only"):
        adapter.choices(http=http, clock=clock, credentials=credentials, account=account, option="playlist")
    assert "video1" in youtube.videos


def test_an_account_without_a_channel_cannot_be_connected(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.has_channel = False
    with pytest.raises(Rejected, match="no YouTube channel"):
        connected(youtube, http)


def test_finish_tells_a_late_code_from_an_unknown_application(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    with pytest.raises(Rejected) as late:
        connected(youtube, http, code="late")
    assert late.value.reason is RejectionReason.OTHER
    youtube.faults[""] = status(401, {"error": "invalid_client"})
    with pytest.raises(Rejected) as unknown:
        connected(youtube, http)
    assert unknown.value.reason is RejectionReason.NOT_FOUND


def test_refresh_keeps_the_refresh_token_and_ends_when_google_says_so(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    app, (_account, credentials) = connected(youtube, http)
    fresh = youtube.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials)
    assert (fresh.refresh_token, fresh.grant) == ("refresh-1", CHANNEL)
    with pytest.raises(CredentialsExpired):
        gone = replace(credentials, refresh_token="revoked")
        youtube.adapter.refresh(http=http, clock=clock, app=app, credentials=gone)


def test_revoke_ends_the_consent_and_may_be_repeated(youtube: FakeYouTube, http: httpx.Client) -> None:
    app, (_account, credentials) = connected(youtube, http)
    for token in ("refresh-1", "gone"):
        one = replace(credentials, refresh_token=token)
        youtube.adapter.revoke(http=http, clock=clock, app=app, credentials=one)
    assert youtube.calls[-2:] == [("POST", "/revoke")] * 2


# --- limits and refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        ("2026-11-21T12:00", "2026-11-22T08:00"),
        ("2026-11-22T07:59", "2026-11-22T08:00"),
        ("2026-11-22T08:00", "2026-11-23T08:00"),
        ("2026-03-08T09:00", "2026-03-09T07:00"),  # clocks go forward that day
        ("2026-10-31T12:00", "2026-11-01T07:00"),
        ("2026-11-01T12:00", "2026-11-02T08:00"),  # and back on this one
    ],
)
def test_the_quota_begins_anew_at_midnight_in_california(now: str, reset: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_reset(at) == datetime.fromisoformat(reset).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "level", "wait"),
    [
        (refused(403, "quotaExceeded"), LimitLevel.APPLICATION, timedelta(hours=20)),
        (refused(403, "dailyLimitExceeded"), LimitLevel.APPLICATION, timedelta(hours=20)),
        (refused(403, "accessNotConfigured"), LimitLevel.APPLICATION, timedelta(hours=1)),
        (refused(400, "uploadLimitExceeded"), LimitLevel.PROFILE, timedelta(days=1)),
    ],
)
def test_a_quota_stops_what_it_is_of(
    youtube: FakeYouTube, http: httpx.Client, answer: Any, level: LimitLevel, wait: timedelta
) -> None:
    youtube.faults["upload"] = answer
    with pytest.raises(RateLimited) as caught:
        prepared(youtube, http, request_for(youtube.account, video_post()))
    assert (caught.value.level, caught.value.retry_at) == (level, NOW + wait)


def test_a_missing_permission_means_reconnect(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.faults["upload"] = refused(403, "insufficientPermissions")
    with pytest.raises(CredentialsExpired, match="permission"):
        prepared(youtube, http, request_for(youtube.account, video_post()))


def test_words_of_youtube_are_shown_without_their_markup(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.faults["upload"] = refused(400, "invalidTitle", 'See <a href="x">here</a>')
    with pytest.raises(Rejected, match=r"^See here$"):
        prepared(youtube, http, request_for(youtube.account, video_post()))


# --- problems, before and not after ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": ""}, "“Title” is missing"),
        ({"title": "t" * 101}, "longer than 100"),
        ({"title": "🇫🇷" * 60}, "takes 120 characters"),
        ({"title": "Bikes <new>"}, "no “< >” in the title"),
        ({"tags": "a>b"}, "in the tags"),
        ({"tags": ",".join(f"two words {number}" for number in range(10, 46))}, "The tags take"),
        ({"made_for_kids": ""}, "“Made for kids” is missing"),
        ({"made_for_kids": "perhaps"}, "no choice"),
        ({"terms": ""}, "YouTube's terms” is missing"),
        ({"visibility": "nobody"}, "no choice"),
        ({"category": "99"}, "no choice"),
        ({FIRST_COMMENT: "x" * 10_001}, "10000 characters"),
        ({FIRST_COMMENT: "First", "made_for_kids": "yes"}, "no comments"),
        ({FIRST_COMMENT: "First", "visibility": "private"}, "no comments"),
    ],
)
def test_what_youtube_would_refuse_is_said_before(
    youtube: FakeYouTube, options: dict[str, str], words: str
) -> None:
    assert not youtube.adapter.problems(video_post())
    problems = youtube.adapter.problems(video_post(film=None, **options))
    assert any(words in problem for problem in problems), problems


def test_it_takes_one_video_of_a_kind_and_length_youtube_takes(youtube: FakeYouTube) -> None:
    adapter = youtube.adapter
    content = video_post()
    assert adapter.problems(replace(content, media=()))
    assert adapter.problems(replace(content, media=(picture(),)))
    assert adapter.problems(replace(content, media=(ride(), ride())))
    for wrong in ({"seconds": 43_201.0}, {"seconds": 0.4}, {"content_type": "video/x-odd"}):
        assert adapter.problems(video_post(film=replace(ride(), **wrong))), wrong
    assert adapter.problems(video_post("Ride < walk"))
    assert not adapter.problems(replace(content, media=(ride(), picture(file_format="JPEG"))))
    assert adapter.problems(replace(content, media=(ride(), picture(file_format="GIF"))))


# --- YouTube's own description of its interface ----------------------------------------------------------------------


@pytest.mark.peers
def test_every_request_is_one_of_the_published_description(youtube: FakeYouTube, http: httpx.Client) -> None:
    """The description says how a session begins, and nothing of the bytes that are brought to it."""
    judge = Judge(openapi_of("youtube.v3"))
    adapter, account = adapter_of(youtube), youtube.account
    ask: dict[str, Any] = {"http": http, "clock": clock, "credentials": youtube.credentials}
    app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    adapter.accounts(http=http, clock=clock, app=app, credentials=youtube.credentials)
    adapter.choices(**ask, account=account, option="playlist")
    said = {"visibility": "unlisted", "tags": "bikes", "synthetic": "yes", "subscribers": "no"}
    content = video_post(film=None, playlist="PLtests", **said)
    content = replace(content, media=(*content.media, picture()), language="en")
    request = request_for(account, content)
    published = TestYouTubeContract().publish(youtube, request)
    assert isinstance(published, Published)
    read_back(youtube, http, request)
    comment = CommentRequest(
        account=account, remote_id="video1", text="More", key="comment-1", created_at=CREATED_AT
    )
    adapter.comment(**ask, request=comment)
    adapter.find_comment(**ask, request=comment)
    adapter.edit(**ask, request=request, remote_id="video1")
    adapter.measure(**ask, account=account, remote_ids=["video1"])
    adapter.delete(**ask, account=account, remote_id="video1")
    described = [request for request in youtube.sent if "upload_id" not in request.url.params]
    assert len({(request.method, request.url.path) for request in described}) == 11
    for sent in described:
        assert judge.violations(sent) == [], (sent.method, str(sent.url))
