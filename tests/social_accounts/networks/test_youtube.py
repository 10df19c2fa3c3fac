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
    Choices,
    Comment,
    CommentRequest,
    Content,
    CredentialsExpired,
    Edit,
    LimitLevel,
    LinkCard,
    ManyAccounts,
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
from social_accounts.networks.oauth import challenge_of
from social_accounts.networks.youtube.adapter import YouTubeAdapter
from social_accounts.networks.youtube.errors import next_reset
from social_accounts.networks.youtube.oauth import MANAGE, NEEDED, SCOPES, UPLOAD
from social_accounts.networks.youtube.uploading import PIECE_BYTES
from tests.peers.discovery import openapi_of
from tests.peers.openapi_judge import Judge

from .cast import CREATED_AT, NOW, clock, picture, request_for
from .contract import TEXT, AdapterContract, FakeNetwork, no_answer, status
from .fake_youtube import (
    CHANNEL,
    OPTIONS,
    PIECE,
    REDIRECT_URI,
    FakeYouTube,
    refused,
    ride,
    video_post,
)

LINK = "https://www.youtube.com/watch?v=video1"
SECOND = timedelta(seconds=1)


class TestYouTubeContract(AdapterContract):
    # The same video may be uploaded twice: only its session, or looking, keeps it one.
    repeat_is_harmless = False
    repeat_is_refused = False

    @pytest.fixture
    def network(self) -> FakeYouTube:
        return FakeYouTube()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        more["media"] = (ride(), *more.get("media", ()))
        return Content(text=text, **{"options": OPTIONS, **more})

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


def adapter_of(youtube: FakeYouTube) -> YouTubeAdapter:
    assert isinstance(youtube.adapter, YouTubeAdapter)
    return youtube.adapter


def prepared(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> PublishRequest:
    return TestYouTubeContract().prepare(youtube, http, request)


def publish(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return youtube.adapter.publish(http=http, clock=clock, credentials=youtube.credentials, request=request)


def poll(
    youtube: FakeYouTube, http: httpx.Client, request: PublishRequest, token: str
) -> Published | Processing:
    return youtube.adapter.poll(
        http=http, clock=clock, credentials=youtube.credentials, request=request, poll_token=token
    )


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


# --- uploads ---------------------------------------------------------------------------------------------------------


def large(youtube: FakeYouTube, **options: str) -> PublishRequest:
    film = ride(size=2 * PIECE_BYTES + 7)
    return request_for(youtube.account, video_post(film=film, **options))


def test_a_video_goes_up_in_pieces_and_is_there_with_the_last(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    request = prepared(youtube, http, large(youtube))
    (session,) = youtube.sessions.values()
    assert len(session.content) == 2 * PIECE_BYTES
    assert not youtube.videos
    assert isinstance(publish(youtube, http, request), Processing)
    with request.content.media[0].open() as stream:
        assert bytes(session.content) == stream.read()
    assert (session.content_type, session.notifies) == ("video/mp4", True)


def test_a_piece_whose_answer_was_lost_is_not_brought_twice(youtube: FakeYouTube, http: httpx.Client) -> None:
    adapter = adapter_of(youtube)
    request = request_for(youtube.account, video_post(film=ride(size=3 * PIECE_BYTES)))

    def step() -> Preparing | Prepared:
        return adapter.prepare(http=http, clock=clock, credentials=youtube.credentials, request=request)

    request = replace(request, prepared=step().progress)
    session = next(iter(youtube.sessions.values()))
    with request.content.media[0].open() as stream:
        session.content += stream.read(
            PIECE
        )  # a part of the first piece came through, and nobody heard of it
    assert isinstance(step(), Preparing)
    assert len(session.content) == PIECE + PIECE_BYTES
    youtube.faults["upload"] = no_answer
    with pytest.raises(NotSent):
        step()
    youtube.faults.clear()
    request = prepared(youtube, http, request)
    publish(youtube, http, request)
    with request.content.media[0].open() as stream:
        assert bytes(session.content) == stream.read()


def test_a_lost_session_is_begun_anew(youtube: FakeYouTube, http: httpx.Client) -> None:
    adapter, request = adapter_of(youtube), large(youtube)
    made = adapter.prepare(http=http, clock=clock, credentials=youtube.credentials, request=request)
    youtube.sessions.clear()
    lost = adapter.prepare(
        http=http,
        clock=clock,
        credentials=youtube.credentials,
        request=replace(request, prepared=made.progress),
    )
    assert lost == Preparing(progress={})
    request = prepared(youtube, http, replace(request, prepared=lost.progress))
    youtube.sessions.clear()
    with pytest.raises(NotSent):  # delivery forgets what was prepared, and the video goes up anew
        publish(youtube, http, request)
    assert not youtube.videos


def test_publishing_again_with_the_session_is_the_same_video(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    youtube.faults["publish"], youtube.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        publish(youtube, http, request)
    youtube.faults.clear()
    again = publish(youtube, http, request)
    assert isinstance(again, Processing)
    assert poll(youtube, http, request, again.poll_token) == Published(remote_id="video1", permalink=LINK)
    assert youtube.public_posts == 1


def test_a_session_elsewhere_gets_no_token(youtube: FakeYouTube, http: httpx.Client) -> None:
    stolen = {"Location": "https://evil.example/upload?upload_id=1"}
    youtube.faults["upload"] = status(200, headers=stolen)
    with pytest.raises(NotSent):
        prepared(youtube, http, request_for(youtube.account, video_post()))
    assert len(youtube.calls) == 1


# --- publishing ------------------------------------------------------------------------------------------------------


def test_everything_said_of_the_video_goes_out_as_youtube_names_it(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    content = replace(
        video_post(
            visibility="unlisted",
            made_for_kids="yes",
            category="17",
            tags="bikes, two riders,, #bikes",
            synthetic="yes",
            subscribers="no",
        ),
        language="pt",
        link_card=LinkCard(url="https://example.org/x", title="A page"),
    )
    prepared(youtube, http, request_for(youtube.account, content))
    (session,) = youtube.sessions.values()
    assert session.metadata == {
        "snippet": {
            "title": "Two riders",
            "description": f"{TEXT}\n\nhttps://example.org/x",
            "tags": ["bikes", "two riders"],
            "categoryId": "17",
            "defaultLanguage": "pt",
        },
        "status": {
            "privacyStatus": "unlisted",
            "selfDeclaredMadeForKids": True,
            "containsSyntheticMedia": True,
        },
    }
    assert not session.notifies


def test_it_is_published_when_youtube_has_worked_through_it(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.looks_until_processed, youtube.milliseconds_left = 2, "90000"
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    step = publish(youtube, http, request)
    waits = []
    while isinstance(step, Processing):
        waits.append(step.check_at - NOW)
        step = poll(youtube, http, request, step.poll_token)
    assert waits == [10 * SECOND, 90 * SECOND, 90 * SECOND]
    assert step == Published(remote_id="video1", permalink=LINK)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (("failed", "codec"), RejectionReason.MEDIA_INVALID),
        (("failed", ""), RejectionReason.MEDIA_INVALID),
        (("rejected", "length"), RejectionReason.MEDIA_INVALID),
        (("rejected", "duplicate"), RejectionReason.DUPLICATE),
        (("rejected", "copyright"), RejectionReason.POLICY),
        (("rejected", "uploaderAccountSuspended"), RejectionReason.ACCOUNT_RESTRICTED),
    ],
)
def test_a_video_youtube_does_not_show_is_refused(
    youtube: FakeYouTube, http: httpx.Client, failure: tuple[str, str], reason: RejectionReason
) -> None:
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    publish(youtube, http, request)
    youtube.failure = failure
    with pytest.raises(Rejected) as caught:
        poll(youtube, http, request, "video1")
    assert caught.value.reason is reason


def test_a_video_kept_private_is_not_called_published(youtube: FakeYouTube, http: httpx.Client) -> None:
    youtube.is_audited = False
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    publish(youtube, http, request)
    with pytest.raises(Rejected, match="keeps it private") as caught:
        poll(youtube, http, request, "video1")
    assert caught.value.reason is RejectionReason.POLICY
    private = replace(request, content=video_post(visibility="private"))
    assert isinstance(poll(youtube, http, private, "video1"), Published)


def test_a_video_that_vanished_is_left_to_looking(youtube: FakeYouTube, http: httpx.Client) -> None:
    request = request_for(youtube.account, video_post())
    with pytest.raises(OutcomeUnknown):
        poll(youtube, http, request, "video9")


def test_thumbnail_and_playlist_follow_the_video_once(youtube: FakeYouTube, http: httpx.Client) -> None:
    thumbnail = picture(size=(640, 360), file_format="JPEG")
    content = replace(video_post(playlist="PLtests"), media=(ride(), thumbnail))
    request = prepared(youtube, http, request_for(youtube.account, content))
    publish(youtube, http, request)
    for _time in range(2):
        assert isinstance(poll(youtube, http, request, "video1"), Published)
    assert youtube.playlists == {"PLtests": ["video1"]}
    assert youtube.thumbnails["video1"][0] == "image/jpeg"


@pytest.mark.parametrize(
    ("fault", "polls"), [(status(503), 3), (refused(403, "forbidden", "not verified"), 1)]
)
def test_what_follows_the_video_never_looks_like_its_failure(
    youtube: FakeYouTube, http: httpx.Client, fault: Any, polls: int
) -> None:
    request = prepared(youtube, http, request_for(youtube.account, video_post(playlist="PLtests")))
    step = publish(youtube, http, request)
    youtube.faults[""] = fault  # the insertion into the playlist
    count = 0
    while isinstance(step, Processing):
        step, count = poll(youtube, http, request, step.poll_token), count + 1
    assert (step, count) == (Published(remote_id="video1", permalink=LINK), polls)


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


# --- reading back ----------------------------------------------------------------------------------------------------


def read_back(youtube: FakeYouTube, http: httpx.Client, request: PublishRequest) -> Published | None:
    return youtube.adapter.read_back(http=http, clock=clock, credentials=youtube.credentials, request=request)


def test_the_session_says_whether_the_video_is_there(youtube: FakeYouTube, http: httpx.Client) -> None:
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    assert read_back(youtube, http, request) is None
    publish(youtube, http, request)
    youtube.videos["video0"] = youtube.videos["video1"]  # a twin does not confuse it
    assert read_back(youtube, http, request) == Published(remote_id="video1", permalink=LINK)
    known = replace(request, known_remote_ids=frozenset({"video1"}))
    assert read_back(youtube, http, known) is None
    del youtube.videos["video1"]
    assert read_back(youtube, http, request) is None


def test_a_forgotten_session_leaves_the_newest_uploads_to_look_at(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    request = prepared(youtube, http, request_for(youtube.account, video_post()))
    publish(youtube, http, request)
    youtube.sessions.clear()
    assert read_back(youtube, http, request) == Published(remote_id="video1", permalink=LINK)
    sent_before = replace(request, sent_at=NOW)
    assert publish(youtube, http, sent_before) == Published(remote_id="video1", permalink=LINK)
    assert youtube.public_posts == 1


def test_an_older_video_or_another_title_is_not_ours(youtube: FakeYouTube, http: httpx.Client) -> None:
    status_ = {"privacyStatus": "public"}
    same = {"title": OPTIONS["title"], "description": TEXT}
    youtube.add("old", {"snippet": same, "status": status_}, published_at="2026-11-21T11:50:00Z")
    youtube.add("other", {"snippet": {**same, "title": "Another"}, "status": status_})
    assert read_back(youtube, http, request_for(youtube.account, video_post())) is None


def test_a_busy_channel_is_left_to_a_person(youtube: FakeYouTube, http: httpx.Client) -> None:
    for number in range(50):
        snippet = {"title": f"Something else {number}", "description": ""}
        youtube.add(f"v{number}", {"snippet": snippet, "status": {"privacyStatus": "public"}})
    with pytest.raises(OutcomeUnknown):
        read_back(youtube, http, request_for(youtube.account, video_post()))


def test_a_video_is_there_until_it_is_deleted(youtube: FakeYouTube, http: httpx.Client) -> None:
    adapter = adapter_of(youtube)
    assert isinstance(adapter, Presence)
    publish(youtube, http, prepared(youtube, http, request_for(youtube.account, video_post())))
    ask: dict[str, Any] = {"http": http, "clock": clock, "credentials": youtube.credentials}
    assert adapter.is_there(**ask, account=youtube.account, remote_id="video1") is True
    adapter.delete(**ask, account=youtube.account, remote_id="video1")
    assert adapter.is_there(**ask, account=youtube.account, remote_id="video1") is False


# --- playlists, comments, edits --------------------------------------------------------------------------------------


def test_playlists_are_offered_by_name(youtube: FakeYouTube, http: httpx.Client) -> None:
    adapter = adapter_of(youtube)
    assert isinstance(adapter, Choices)
    youtube.playlists = {f"PL{number}": [] for number in range(60)}
    ask = {"http": http, "clock": clock, "credentials": youtube.credentials, "account": youtube.account}
    found = adapter.choices(**ask, option="playlist")  # type: ignore[arg-type]
    assert (len(found), found[0]) == (60, ("PL0", "Playlist PL0"))
    assert adapter.choices(**ask, option="title") == ()  # type: ignore[arg-type]


def test_first_comment_goes_below_the_video_and_is_found_again(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    adapter = adapter_of(youtube)
    assert isinstance(adapter, Comment)
    publish(youtube, http, prepared(youtube, http, request_for(youtube.account, video_post())))
    request = CommentRequest(
        account=youtube.account,
        remote_id="video1",
        text="More below",
        key="comment-1",
        created_at=CREATED_AT,
    )
    say = {"http": http, "clock": clock, "credentials": youtube.credentials, "request": request}
    assert adapter.find_comment(**say) is None  # type: ignore[arg-type]
    youtube.faults[""], youtube.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        adapter.comment(**say)  # type: ignore[arg-type]
    youtube.faults.clear()
    expected = Published(remote_id="comment1", permalink=f"{LINK}&lc=comment1")
    assert adapter.find_comment(**say) == expected  # type: ignore[arg-type]
    other = replace(request, known_remote_ids=frozenset({"comment1"}))
    assert adapter.find_comment(**{**say, "request": other}) is None  # type: ignore[arg-type]
    youtube.faults[""] = refused(403, "commentsDisabled", "Comments are disabled")
    with pytest.raises(Rejected) as caught:
        adapter.comment(**say)  # type: ignore[arg-type]
    assert caught.value.reason is RejectionReason.POLICY


def test_an_edit_changes_what_was_written_and_leaves_the_rest(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    adapter = adapter_of(youtube)
    assert isinstance(adapter, Edit)
    publish(youtube, http, prepared(youtube, http, request_for(youtube.account, video_post())))
    youtube.videos["video1"]["status"] |= {"license": "creativeCommon", "uploadStatus": "processed"}
    youtube.videos["video1"]["snippet"] |= {"channelTitle": "Acme Bikes", "defaultAudioLanguage": "pt"}
    after = video_post("New words", title="New title", visibility="unlisted")
    for _time in range(2):
        done = adapter.edit(
            http=http,
            clock=clock,
            credentials=youtube.credentials,
            request=request_for(youtube.account, after),
            remote_id="video1",
        )
    assert done == Published(remote_id="video1", permalink=LINK)
    assert youtube.videos["video1"] == {
        "snippet": {
            "title": "New title",
            "description": "New words",
            "tags": [],
            "categoryId": "22",
            "defaultAudioLanguage": "pt",
        },
        "status": {
            "privacyStatus": "unlisted",
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": False,
            "license": "creativeCommon",
        },
    }
    with pytest.raises(Rejected) as gone:
        adapter.edit(
            http=http,
            clock=clock,
            credentials=youtube.credentials,
            request=request_for(youtube.account, after),
            remote_id="video9",
        )
    assert gone.value.reason is RejectionReason.NOT_FOUND


def test_an_edit_of_the_video_itself_is_a_problem(youtube: FakeYouTube) -> None:
    adapter, before = adapter_of(youtube), video_post()
    assert not adapter.edit_problems(before, video_post("New words"))
    assert adapter.edit_problems(before, replace(before, media=(ride(seconds=3),)))
    assert adapter.edit_problems(before, video_post(playlist="PLtests"))
    assert adapter.edit_problems(before, video_post(title=""))


def test_numbers_youtube_hides_are_missing(youtube: FakeYouTube, http: httpx.Client) -> None:
    publish(youtube, http, prepared(youtube, http, request_for(youtube.account, video_post())))
    points = youtube.adapter.measure(
        http=http,
        clock=clock,
        credentials=youtube.credentials,
        account=youtube.account,
        remote_ids=["video1"],
    )
    assert {point.metric: point.value for point in points} == {"views": 7, "likes": 0, "comments": None}


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
