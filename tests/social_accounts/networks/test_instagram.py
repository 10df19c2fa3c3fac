from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    FIRST_COMMENT,
    CommentRequest,
    Connectable,
    Content,
    CredentialsExpired,
    LimitLevel,
    Media,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.instagram.adapter import InstagramAdapter
from social_accounts.networks.instagram.config import real_home
from tests.peers.graph import violations

from .cast import CREATED_AT, NOW, clock, media, picture, request_for
from .contract import TEXT, TOKEN, no_answer, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, MeasureContract
from .fake_facebook import REDIRECT_URI, error
from .fake_instagram import PAGE_ID, USER_ID, FakeInstagram

ADDRESS = "https://chorus.example/files/signed/picture.jpg"


def jpeg(*, size: tuple[int, int] = (400, 400), alt_text: str = "A teal square") -> Media:
    made = picture(size=size, file_format="JPEG", alt_text=alt_text)
    return replace(made, width=size[0], height=size[1], address=lambda form: ADDRESS)


def film(data: bytes = b"0123456789", **measured: Any) -> Media:
    facts: dict[str, Any] = {"width": 1080, "height": 1920, "seconds": 12.0, "frames_per_second": 30.0}
    made = media(data, content_type="video/mp4", filename="ride.mp4")
    return replace(made, **{**facts, "codecs": ("h264", "aac"), **measured})


class TestInstagramContract(CommentContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False
    repeat_is_refused = False
    takes_several_videos = True
    takes_a_picture_beside_a_video = True

    @pytest.fixture
    def network(self) -> FakeInstagram:
        return FakeInstagram()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        return Content(text=text, **{"media": (jpeg(),), **more})

    def picture(self) -> Media:
        return jpeg()

    def take_down(self, network: FakeInstagram, remote_id: str) -> None:  # type: ignore[override]
        """The person deletes it in Instagram itself."""
        del network.posts[remote_id]

    def test_delete_can_be_repeated(self, network: FakeInstagram) -> None:  # type: ignore[override]
        """Instagram has no deleting: it is refused each time, in words that say where it can be done."""
        published = self.publish(network)
        assert isinstance(published, Published)
        for _time in range(2):
            with network.client() as http, pytest.raises(Rejected, match="in Instagram itself"):
                network.adapter.delete(
                    http=http,
                    clock=clock,
                    credentials=network.credentials,
                    account=network.account,
                    remote_id=published.remote_id,
                )
        assert network.public_posts == 1


@pytest.fixture
def instagram() -> FakeInstagram:
    return FakeInstagram()


@pytest.fixture
def http(instagram: FakeInstagram) -> Iterator[httpx.Client]:
    with instagram.client() as http:
        yield http


def request_of(instagram: FakeInstagram, *files: Media, **options: str) -> PublishRequest:
    return request_for(instagram.account, Content(text=TEXT, media=files or (jpeg(),), options=options))


def prepared(instagram: FakeInstagram, http: httpx.Client, request: PublishRequest) -> PublishRequest:
    return TestInstagramContract().prepare(instagram, http, request)


def step(
    instagram: FakeInstagram, http: httpx.Client, request: PublishRequest
) -> tuple[Preparing | Prepared, PublishRequest]:
    made = instagram.adapter.prepare(  # type: ignore[attr-defined]
        http=http, clock=clock, credentials=instagram.credentials, request=request
    )
    return made, replace(request, prepared=json.loads(json.dumps(made.progress)))


def publish(instagram: FakeInstagram, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return instagram.adapter.publish(
        http=http, clock=clock, credentials=instagram.credentials, request=request
    )


# --- connecting ------------------------------------------------------------------------------------------------------


def test_start_asks_for_what_publishing_needs_and_no_more(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = instagram.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("www.facebook.com", "/v25.0/dialog/oauth")
    scopes = [line.scope for line in instagram.adapter.features.scopes]
    assert asked["scope"].split(",") == scopes
    assert asked["state"] == start.state


def test_a_consent_opens_the_accounts_behind_the_person_s_pages(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    person, credentials = instagram.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    assert (person.remote_id, credentials.access_token) == ("77", "long")
    (found,) = instagram.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
    assert found.account == instagram.account
    assert (found.credentials.access_token, found.credentials.grant) == (TOKEN, "77")
    assert found.credentials.expires_at is None


@pytest.mark.parametrize(("tasks", "is_linked"), [(("ANALYZE",), True), (("CREATE_CONTENT",), False)])
def test_an_account_one_may_not_publish_on_is_none_to_tick(
    instagram: FakeInstagram, http: httpx.Client, tasks: tuple[str, ...], is_linked: bool
) -> None:
    instagram.tasks, instagram.is_linked = tasks, is_linked
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    credentials = replace(instagram.credentials, access_token="long")
    with pytest.raises(Rejected, match="linked to a page"):
        instagram.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]


def test_an_account_parted_from_its_page_must_be_connected_again(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    instagram.is_linked = False
    with pytest.raises(CredentialsExpired, match="no longer linked"):
        instagram.adapter.identify(http=http, clock=clock, server="", credentials=instagram.credentials)


def test_revoking_leaves_the_person_s_facebook_pages_alone(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    instagram.adapter.revoke(http=http, clock=clock, app=app, credentials=instagram.credentials)
    assert instagram.forgotten == [
        f"/77/permissions/instagram_{name}"
        for name in ("basic", "content_publish", "manage_comments", "manage_insights")
    ]


def test_an_account_says_what_it_lacks(instagram: FakeInstagram, http: httpx.Client) -> None:
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    credentials = replace(instagram.credentials, access_token="long")

    def found() -> Connectable:
        (one,) = instagram.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
        assert isinstance(one, Connectable)
        return one

    assert (found().problem, found().notes) == ("", ())
    # Of some permissions Meta names the account, of others its page.
    instagram.targets = {"instagram_basic": [USER_ID], "pages_read_engagement": [PAGE_ID]}
    assert found().problem == ""
    instagram.targets = {"instagram_manage_comments": ["17841400000000009"]}
    assert "first comments" in found().notes[0]
    instagram.targets = {"instagram_content_publish": ["17841400000000009"]}
    assert "did not tick this account" in found().problem


def test_a_consent_without_what_publishing_needs_connects_nothing(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    instagram.scopes = ("instagram_basic", "pages_show_list", "pages_read_engagement")
    app = instagram.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    with pytest.raises(Rejected, match="declined: instagram_content_publish"):
        instagram.adapter.finish(
            http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
        )


# --- containers ------------------------------------------------------------------------------------------------------


def test_a_picture_goes_out_with_its_words_and_its_description(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    request = prepared(instagram, http, request_of(instagram, collaborators="@velo.club, anna"))
    assert list(instagram.containers.values()) == [
        {
            "image_url": ADDRESS,
            "alt_text": "A teal square",
            "caption": TEXT,
            "collaborators": '["velo.club", "anna"]',
        }
    ]
    assert instagram.public_posts == 0
    assert isinstance(publish(instagram, http, request), Published)


def test_a_carousel_mixes_pictures_and_videos_in_their_order(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    request = prepared(instagram, http, request_of(instagram, jpeg(), film(), grid="no"))
    assert list(instagram.containers.values()) == [
        {"image_url": ADDRESS, "alt_text": "A teal square", "is_carousel_item": "true"},
        {"media_type": "VIDEO", "upload_type": "resumable", "is_carousel_item": "true"},
        {"media_type": "CAROUSEL", "children": "7000,7001", "caption": TEXT},
    ]
    assert request.prepared == {"container": "7002"}
    published = publish(instagram, http, request)
    assert TestInstagramContract().read_back(instagram, request) == published


def test_a_video_is_a_reel_with_its_cover(instagram: FakeInstagram, http: httpx.Client) -> None:
    request = prepared(instagram, http, request_of(instagram, film(), grid="no", cover_second="2.5"))
    (container,) = instagram.containers.values()
    assert container == {
        "media_type": "REELS",
        "upload_type": "resumable",
        "caption": TEXT,
        "share_to_feed": "false",
        "thumb_offset": "2500",
    }
    assert list(instagram.arrived.values()) == [b"0123456789"]
    published = publish(instagram, http, request)
    assert TestInstagramContract().read_back(instagram, request) == published


@pytest.mark.parametrize("file", [jpeg(), film()])
def test_a_story_goes_out_without_words_and_is_found_among_the_stories(
    instagram: FakeInstagram, http: httpx.Client, file: Media
) -> None:
    request = prepared(instagram, http, request_of(instagram, file, place="story"))
    (container,) = instagram.containers.values()
    assert container["media_type"] == "STORIES"
    assert not {"caption", "alt_text", "share_to_feed"} & set(container)
    published = publish(instagram, http, request)
    assert (len(instagram.posts), len(instagram.stories)) == (0, 1)
    assert TestInstagramContract().read_back(instagram, request) == published


def test_a_video_that_broke_off_goes_on_where_it_was(instagram: FakeInstagram, http: httpx.Client) -> None:
    made, request = step(instagram, http, request_of(instagram, film()))
    instagram.arrived["7000"] = b"0123"
    instagram.faults["upload"] = no_answer
    with pytest.raises(NotSent):
        step(instagram, http, request)
    instagram.faults.clear()
    made, request = step(instagram, http, request)
    assert isinstance(made, Preparing)
    assert instagram.arrived == {"7000": b"0123456789"}
    calls = len(instagram.calls)
    assert isinstance(step(instagram, http, request)[0], Prepared)
    assert len(instagram.calls) == calls + 1  # only the look at the container


def test_a_video_that_is_there_already_is_not_sent_again(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    _made, request = step(instagram, http, request_of(instagram, film()))
    instagram.arrived["7000"] = b"0123456789"  # its answer was lost
    _made, request = step(instagram, http, request)
    assert instagram.steps.count("upload") == 1  # the container alone


def test_bytes_go_nowhere_but_to_instagram(instagram: FakeInstagram, http: httpx.Client) -> None:
    real = instagram.answer

    def lead_astray(request: httpx.Request) -> httpx.Response:
        answer = real(request)
        if request.url.path.endswith("/media"):
            return httpx.Response(200, json={"id": "7000", "uri": "https://evil.example/take"})
        return answer

    instagram.answer = lead_astray  # type: ignore[method-assign]
    _made, request = step(instagram, http, request_of(instagram, film()))
    step(instagram, http, request)
    assert ("POST", "/ig-api-upload/7000") in instagram.calls


def test_a_container_at_work_is_looked_at_ever_more_rarely(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    instagram.states = [("IN_PROGRESS", "")] * 7
    made, request = step(instagram, http, request_of(instagram))
    waits = []
    for _look in range(7):
        made, request = step(instagram, http, request)
        assert isinstance(made, Preparing)
        assert made.next_at is not None
        waits.append((made.next_at - NOW).total_seconds())
    assert waits == [3, 6, 12, 24, 48, 60, 60]
    assert isinstance(step(instagram, http, request)[0], Prepared)


@pytest.mark.parametrize(
    ("first", "second", "refusal", "reason"),
    [
        (("ERROR", "Error: 2207052"), ("ERROR", "Error: 2207052"), Rejected, RejectionReason.MEDIA_INVALID),
        (("EXPIRED", ""), ("EXPIRED", ""), NotSent, None),
    ],
)
def test_containers_are_made_anew_once_where_that_may_help(
    instagram: FakeInstagram,
    http: httpx.Client,
    first: tuple[str, str],
    second: tuple[str, str],
    refusal: type[Exception],
    reason: RejectionReason | None,
) -> None:
    instagram.states = [first]
    prepared(instagram, http, request_of(instagram))
    assert len(instagram.containers) == 2
    instagram.states = [first, second]
    with pytest.raises(refusal) as caught:
        prepared(instagram, http, request_of(instagram))
    assert getattr(caught.value, "reason", None) is reason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Error: Media upload has failed with error code 2207026", RejectionReason.MEDIA_INVALID),
        ("Error: 2207050", RejectionReason.ACCOUNT_RESTRICTED),
        ("", RejectionReason.MEDIA_INVALID),
    ],
)
def test_a_file_instagram_cannot_use_is_refused_with_its_reason(
    instagram: FakeInstagram, http: httpx.Client, words: str, reason: RejectionReason
) -> None:
    instagram.states = [("ERROR", words)]
    with pytest.raises(Rejected) as caught:
        prepared(instagram, http, request_of(instagram))
    assert caught.value.reason is reason
    assert str(caught.value)


@pytest.mark.parametrize("address", [None, lambda form: "http://localhost:8000/files/x/p.jpg"])
def test_a_picture_without_a_public_address_is_refused_before_anything_is_sent(
    instagram: FakeInstagram, http: httpx.Client, address: Any
) -> None:
    with pytest.raises(Rejected, match="public https address"):
        step(instagram, http, request_of(instagram, replace(jpeg(), address=address)))
    assert not instagram.containers


def test_a_video_instagram_cannot_read_is_refused(instagram: FakeInstagram, http: httpx.Client) -> None:
    _made, request = step(instagram, http, request_of(instagram, film()))
    instagram.faults["upload"] = status(400, {"debug_info": {"retriable": False, "type": "ProcessingFailed"}})
    with pytest.raises(Rejected, match="could not read the video"):
        step(instagram, http, request)


# --- the day's posts -------------------------------------------------------------------------------------------------


def test_a_spent_day_is_noticed_before_anything_is_made_and_says_when_it_ends(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    instagram.quota = (50, 50)
    instagram.add("1", "older", age=timedelta(hours=22))
    instagram.add("2", "newer", age=timedelta(hours=2))
    with pytest.raises(RateLimited) as caught:
        step(instagram, http, request_of(instagram))
    assert (caught.value.level, caught.value.retry_at) == (LimitLevel.PROFILE, NOW + timedelta(hours=2))
    assert not instagram.containers


def test_a_day_spent_on_stories_is_looked_at_again_in_an_hour(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    instagram.quota = (50, 50)
    with pytest.raises(RateLimited) as caught:
        step(instagram, http, request_of(instagram))
    assert caught.value.retry_at == NOW + timedelta(hours=1)


def test_an_account_that_tells_no_quota_may_publish(instagram: FakeInstagram, http: httpx.Client) -> None:
    instagram.quota = None
    assert isinstance(publish(instagram, http, prepared(instagram, http, request_of(instagram))), Published)


# --- publishing, looking again ---------------------------------------------------------------------------------------


def test_a_container_that_is_not_ready_after_all_is_published_by_a_later_look(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    request = prepared(instagram, http, request_of(instagram))
    instagram.faults["publish"] = error(9007, "Media ID is not available", sub=2207027)
    working = publish(instagram, http, request)
    assert isinstance(working, Processing)
    instagram.faults.clear()
    instagram.states = [("IN_PROGRESS", "")]

    def look() -> Published | Processing:
        assert isinstance(working, Processing)
        return instagram.adapter.poll(
            http=http,
            clock=clock,
            credentials=instagram.credentials,
            request=request,
            poll_token=working.poll_token,
        )

    assert isinstance(look(), Processing)
    first = look()
    assert isinstance(first, Published)
    assert look() == first  # its answer was lost: the container says that it is out
    assert instagram.public_posts == 1
    instagram.published.clear()
    instagram.states = [("ERROR", "Error: 2207026")]
    with pytest.raises(Rejected):
        look()


def test_a_post_whose_answer_was_lost_is_never_published_again(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    request = prepared(instagram, http, request_of(instagram))
    published = publish(instagram, http, request)
    again = replace(request, sent_at=CREATED_AT)
    assert publish(instagram, http, again) == published
    instagram.posts.clear()
    with pytest.raises(NotSent, match="does not list it yet"):
        publish(instagram, http, again)


def test_nothing_is_published_without_a_container(instagram: FakeInstagram, http: httpx.Client) -> None:
    with pytest.raises(NotSent):
        publish(instagram, http, request_of(instagram))


@pytest.mark.parametrize(
    ("code", "sub", "refusal"),
    [
        (9, 2207042, RateLimited),
        (-2, 2207020, NotSent),
        (24, 2207008, NotSent),
        (-1, 2207032, OutcomeUnknown),
        (100, 33, CredentialsExpired),
        (10, 0, CredentialsExpired),
        (200, 0, CredentialsExpired),
        (-1, 2207001, Rejected),
        (100, 2207040, Rejected),
        (352, 2207026, Rejected),
    ],
)
def test_every_refusal_is_of_its_class(
    instagram: FakeInstagram, http: httpx.Client, code: int, sub: int, refusal: type[Exception]
) -> None:
    request = prepared(instagram, http, request_of(instagram))
    instagram.faults["publish"] = error(code, "words", sub=sub)
    with pytest.raises(refusal):
        publish(instagram, http, request)


def test_a_link_instagram_does_not_tell_stays_empty(instagram: FakeInstagram, http: httpx.Client) -> None:
    instagram.tells_links = False
    published = publish(instagram, http, prepared(instagram, http, request_of(instagram)))
    assert isinstance(published, Published)
    assert published.permalink == ""


def test_reading_back_without_a_container_looks_at_words_kind_and_time(instagram: FakeInstagram) -> None:
    contract = TestInstagramContract()
    instagram.add("1", TEXT, kind="VIDEO")
    instagram.add("2", TEXT, age=timedelta(hours=1))
    assert contract.read_back(instagram) is None
    instagram.add("3", f"{TEXT} ")
    found = contract.read_back(instagram)
    assert found is not None
    assert found.remote_id == "3"
    known = replace(request_of(instagram), known_remote_ids=frozenset({"3"}))
    assert contract.read_back(instagram, known) is None


def test_reading_back_says_when_it_cannot_tell(instagram: FakeInstagram) -> None:
    contract = TestInstagramContract()
    for number in range(50):
        instagram.add(str(number), "another")
    with pytest.raises(OutcomeUnknown, match="too much"):
        contract.read_back(instagram)
    for story in ("1", "2"):
        instagram.add(story, "", into=instagram.stories)
    with pytest.raises(OutcomeUnknown, match="which of several"):
        contract.read_back(instagram, request_of(instagram, place="story"))


# --- comments and numbers --------------------------------------------------------------------------------------------


def comment_on(remote_id: str, instagram: FakeInstagram, text: str = "#wheels") -> CommentRequest:
    return CommentRequest(
        account=instagram.account, remote_id=remote_id, text=text, key="k", created_at=CREATED_AT
    )


def test_a_first_comment_is_written_once_and_found_again(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    adapter: Any = instagram.adapter
    published = publish(instagram, http, prepared(instagram, http, request_of(instagram)))
    assert isinstance(published, Published)
    request = comment_on(published.remote_id, instagram)
    given = {"http": http, "clock": clock, "credentials": instagram.credentials}
    assert adapter.find_comment(request=request, **given) is None
    instagram.faults["comment"], instagram.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        adapter.comment(request=request, **given)
    instagram.faults.clear()
    found = adapter.find_comment(request=request, **given)
    assert found == Published(remote_id="c0", permalink=published.permalink)
    assert adapter.find_comment(request=comment_on(published.remote_id, instagram, "other"), **given) is None
    assert adapter.find_comment(request=replace(request, known_remote_ids=frozenset({"c0"})), **given) is None
    assert adapter.comment(request=request, **given).remote_id == "c1"


@pytest.mark.parametrize("place", ["", "story"])
def test_numbers_are_those_instagram_tells_of_this_kind_of_post(
    instagram: FakeInstagram, http: httpx.Client, place: str
) -> None:
    published = publish(instagram, http, prepared(instagram, http, request_of(instagram, place=place)))
    assert isinstance(published, Published)
    instagram.unknown_metrics = ("saved", "replies")
    points = instagram.adapter.measure(
        http=http,
        clock=clock,
        credentials=instagram.credentials,
        account=instagram.account,
        remote_ids=[published.remote_id],
    )
    values = {point.metric: point.value for point in points}
    comments = None if place else 0
    assert values == {
        "likes": 0, "comments": comments, "impressions": 12, "reach": 12, "shares": 12, "saves": None,
    }  # fmt: skip


# --- problems --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        ((), {}, "no post without a picture"),
        ((picture(file_format="GIF"),), {}, "of a kind"),
        ((jpeg(size=(100, 130)),), {}, "too tall"),
        ((jpeg(size=(200, 100)),), {}, "too wide"),
        ((film(seconds=2.0),), {}, "no video below 3"),
        ((film(seconds=901.0),), {}, "at most 900"),
        ((film(frames_per_second=15.0),), {}, "frames per second"),
        ((film(codecs=("vp9", "aac")),), {}, "encoded with vp9"),
        ((film(seconds=61.0),), {"place": "story"}, "at most 60"),
        ((jpeg(), jpeg()), {"place": "story"}, "one picture or one video"),
        ((jpeg(),), {"place": "story", FIRST_COMMENT: "x"}, "no first comment"),
        ((jpeg(),), {FIRST_COMMENT: "x" * 2201}, "first comment is too long"),
        ((jpeg(),), {FIRST_COMMENT: "#a " * 31}, "at most 30 hashtags"),
        ((film(),), {"cover_second": "13"}, "no moment of the video"),
        ((film(),), {"cover_second": "soon"}, "no moment of the video"),
        ((jpeg(),), {"collaborators": "a b c d"}, "at most 3 collaborators"),
        ((jpeg(),), {"collaborators": "not/one"}, "no user name"),
    ],
)
def test_what_instagram_would_refuse_is_said_before(
    instagram: FakeInstagram, files: tuple[Media, ...], options: dict[str, str], words: str
) -> None:
    problems = instagram.adapter.problems(Content(text="x", media=files, options=options))
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("files", "options"),
    [
        ((jpeg(size=(1080, 1350)),), {}),
        ((jpeg(size=(1080, 566)),), {}),
        ((jpeg(), film()), {}),
        ((film(),), {"cover_second": "11.9", "grid": "no"}),
        ((jpeg(size=(1080, 1920)),), {"place": "story"}),
        ((replace(jpeg(), width=None, height=None),), {"collaborators": "@a.b, c_d"}),
    ],
)
def test_what_instagram_takes_is_no_problem(
    instagram: FakeInstagram, files: tuple[Media, ...], options: dict[str, str]
) -> None:
    text = "#a " * 30 + "@b " * 20
    assert instagram.adapter.problems(Content(text=text, media=files, options=options)) == []


def test_hashtags_and_mentions_are_counted_and_a_story_s_text_is_not(instagram: FakeInstagram) -> None:
    for text, words in (("#a " * 31, "30 hashtags"), ("@a " * 21, "20 mentions"), ("x" * 2201, "too long")):
        (problem,) = instagram.adapter.problems(Content(text=text, media=(jpeg(),)))
        assert words in problem
        story = Content(text=text, media=(jpeg(),), options={"place": "story"})
        assert instagram.adapter.problems(story) == []


def test_an_unregistered_application_says_so(http: httpx.Client) -> None:
    adapter = InstagramAdapter(())
    with pytest.raises(Rejected, match="operator"):
        adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    assert InstagramAdapter((real_home("a", "b"),)).features.has_operator_app


def test_an_account_that_is_gone_asks_for_a_new_consent(instagram: FakeInstagram, http: httpx.Client) -> None:
    instagram.faults["upload"] = error(100, f"Object with ID '{USER_ID}' does not exist", sub=33)
    with pytest.raises(CredentialsExpired):
        step(instagram, http, request_of(instagram))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mood": "good"}, "unknown parameter mood"),
        ({"share_to_feed": "maybe"}, "no bool"),
        ({"fields": "id,mood"}, "no field mood"),
    ],
)
def test_the_judge_of_all_these_requests_sees_what_is_wrong(given: dict[str, str], words: str) -> None:
    (found,) = violations("IGUser POST /media", "IGMedia", given)
    assert words in found
    assert violations("IGUser POST /medias", "IGMedia", {}) == ["no such call: IGUser POST /medias"]


def test_a_post_that_is_gone_is_told_from_one_that_cannot_be_seen_just_now(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    adapter: Any = instagram.adapter
    published = publish(instagram, http, prepared(instagram, http, request_of(instagram)))
    assert isinstance(published, Published)
    given = {"http": http, "clock": clock, "credentials": instagram.credentials, "account": instagram.account}
    assert adapter.is_there(remote_id=published.remote_id, **given) is True
    assert adapter.is_there(remote_id="18000000000000999", **given) is False
    instagram.answer = no_answer  # type: ignore[assignment]
    with pytest.raises(NotSent):
        adapter.is_there(remote_id=published.remote_id, **given)


def test_a_story_too_few_have_seen_is_no_broken_connection(
    instagram: FakeInstagram, http: httpx.Client
) -> None:
    published = publish(instagram, http, prepared(instagram, http, request_of(instagram, place="story")))
    assert isinstance(published, Published)
    real = instagram.answer

    def too_few(request: httpx.Request) -> httpx.Response:
        is_about_numbers = request.url.path.endswith("/insights")
        return error(10, "Not enough viewers", http=403)(request) if is_about_numbers else real(request)

    instagram.answer = too_few  # type: ignore[method-assign]
    points = instagram.adapter.measure(
        http=http,
        clock=clock,
        credentials=instagram.credentials,
        account=instagram.account,
        remote_ids=[published.remote_id],
    )
    assert {point.metric: point.value for point in points}["impressions"] is None
