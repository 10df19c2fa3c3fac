"""Videos on their way to YouTube, and what can be done with them there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from social_accounts.networks.base import (
    Choices,
    Comment,
    CommentRequest,
    Edit,
    LinkCard,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Presence,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.youtube.uploading import PIECE_BYTES

from .cast import CREATED_AT, NOW, clock, picture, request_for
from .contract import TEXT, no_answer, status
from .fake_youtube import (
    OPTIONS,
    PIECE,
    FakeYouTube,
    refused,
    ride,
    video_post,
)
from .youtube_steps import adapter_of, poll, prepared, publish, read_back

LINK = "https://www.youtube.com/watch?v=video1"
SECOND = timedelta(seconds=1)


@pytest.fixture
def youtube() -> FakeYouTube:
    return FakeYouTube()


@pytest.fixture
def http(youtube: FakeYouTube) -> Iterator[httpx.Client]:
    with youtube.client() as http:
        yield http


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
    ("fault", "polls", "why"),
    [
        (status(503), 3, "a fault (503)"),
        (refused(400, "playlistFull", "The playlist is full"), 1, "is full"),
    ],
)
@pytest.mark.parametrize("with_thumbnail", [False, True])
def test_what_follows_the_video_never_looks_like_its_failure_and_is_told(
    youtube: FakeYouTube, http: httpx.Client, fault: Any, polls: int, why: str, with_thumbnail: bool
) -> None:
    content = video_post(playlist="PLtests")
    if with_thumbnail:
        content = replace(content, media=(ride(), picture(size=(640, 360), file_format="JPEG")))
    request = prepared(youtube, http, request_for(youtube.account, content))
    step = publish(youtube, http, request)
    youtube.faults[""] = fault  # what comes after the video
    count = 0
    while isinstance(step, Processing):
        step, count = poll(youtube, http, request, step.poll_token), count + 1
    assert isinstance(step, Published)
    assert (step.remote_id, step.permalink, count) == ("video1", LINK, polls)
    assert step.shortfall.startswith("The video is out, but YouTube ")
    assert why in step.shortfall
    assert ("neither its thumbnail nor its place" in step.shortfall) == with_thumbnail


def test_a_thumbnail_that_is_refused_is_told_and_the_playlist_is_not_left_out(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    thumbnail = picture(size=(640, 360), file_format="JPEG")
    content = replace(video_post(playlist="PLtests"), media=(ride(), thumbnail))
    request = prepared(youtube, http, request_for(youtube.account, content))
    publish(youtube, http, request)
    refuse = refused(403, "forbidden", "The channel is not verified")
    take = youtube.answer
    youtube.answer = lambda asked: (refuse if "thumbnails" in asked.url.path else take)(asked)  # type: ignore[method-assign]
    published = poll(youtube, http, request, "video1")
    assert isinstance(published, Published)
    assert "did not take its thumbnail" in published.shortfall
    assert youtube.playlists == {"PLtests": ["video1"]}


def test_a_video_that_was_found_again_says_what_nobody_knows(
    youtube: FakeYouTube, http: httpx.Client
) -> None:
    for content, is_said in ((video_post(), False), (video_post(playlist="PLtests"), True)):
        request = prepared(youtube, http, request_for(youtube.account, content))
        publish(youtube, http, request)
        found = read_back(youtube, http, request)
        assert found is not None
        assert bool(found.shortfall) == is_said


# --- reading back ----------------------------------------------------------------------------------------------------


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
    youtube.faults["comment"], youtube.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        adapter.comment(**say)  # type: ignore[arg-type]
    youtube.faults.clear()
    expected = Published(remote_id="comment1", permalink=f"{LINK}&lc=comment1")
    assert adapter.find_comment(**say) == expected  # type: ignore[arg-type]
    other = replace(request, known_remote_ids=frozenset({"comment1"}))
    assert adapter.find_comment(**{**say, "request": other}) is None  # type: ignore[arg-type]
    youtube.faults["comment"] = refused(403, "commentsDisabled", "Comments are disabled")
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
