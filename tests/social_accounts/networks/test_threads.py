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
    CommentRequest,
    Content,
    CredentialsExpired,
    LinkCard,
    Media,
    NotSent,
    OutcomeUnknown,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.threads.adapter import ThreadsAdapter
from social_accounts.networks.threads.config import real_home
from social_accounts.networks.threads.counting import count_threads
from tests.peers.openapi_judge import specification

from .cast import CREATED_AT, NOW, clock, media, picture, request_for
from .contract import TEXT, TOKEN, no_answer
from .contract_before import PrepareContract
from .contract_followups import CommentContract, MeasureContract
from .fake_facebook import REDIRECT_URI, error
from .fake_threads import USER_ID, FakeThreads

ADDRESS = "https://chorus.example/files/signed/"


def image(alt_text: str = "A teal rectangle", **changes: Any) -> Media:
    return replace(picture(alt_text=alt_text), **{"address": lambda form: ADDRESS, **changes})


def film(**measured: Any) -> Media:
    made = media(b"film", content_type="video/mp4", filename="ride.mp4")
    return replace(made, **{"seconds": 12.0, "address": lambda form: ADDRESS + "film", **measured})


class TestThreadsContract(CommentContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False
    repeat_is_refused = False
    takes_several_videos = True
    takes_a_picture_beside_a_video = True

    @pytest.fixture
    def network(self) -> FakeThreads:
        return FakeThreads()

    def picture(self) -> Media:
        return image()


@pytest.fixture
def threads() -> FakeThreads:
    return FakeThreads()


@pytest.fixture
def http(threads: FakeThreads) -> Iterator[httpx.Client]:
    with threads.client() as http:
        yield http


def prepared(threads: FakeThreads, http: httpx.Client, content: Content) -> PublishRequest:
    return TestThreadsContract().prepare(threads, http, request_for(threads.account, content))


def publish(threads: FakeThreads, http: httpx.Client, request: PublishRequest) -> Published | Processing:
    return threads.adapter.publish(http=http, clock=clock, credentials=threads.credentials, request=request)


def poll(threads: FakeThreads, http: httpx.Client, request: PublishRequest, token: str) -> Any:
    return threads.adapter.poll(
        http=http, clock=clock, credentials=threads.credentials, request=request, poll_token=token
    )


def test_a_login_opens_one_account_for_sixty_days_and_again(threads: FakeThreads, http: httpx.Client) -> None:
    app = threads.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = threads.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("www.threads.com", "/oauth/authorize")
    assert asked["scope"].split(",") == [line.scope for line in threads.adapter.features.scopes]
    account, credentials = threads.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good#_"}
    )
    assert account == threads.account
    assert (credentials.access_token, credentials.expires_at) == (TOKEN, NOW + timedelta(days=60))
    again = threads.adapter.refresh(http=http, clock=clock, app=app, credentials=credentials)
    assert again == credentials
    threads.adapter.revoke(http=http, clock=clock, app=app, credentials=credentials)


@pytest.mark.parametrize(
    ("secret", "code", "reason"),
    [("secret-1", "late", RejectionReason.OTHER), ("wrong", "good", RejectionReason.NOT_FOUND)],
)
def test_finish_tells_a_late_code_from_an_unknown_application(
    http: httpx.Client, secret: str, code: str, reason: RejectionReason
) -> None:
    adapter = ThreadsAdapter((real_home("id-1", secret),))
    app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    with pytest.raises(Rejected) as caught:
        adapter.finish(
            http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": code}
        )
    assert caught.value.reason is reason


def test_text_goes_out_with_its_options_and_its_link(threads: FakeThreads, http: httpx.Client) -> None:
    content = Content(
        text=TEXT,
        link_card=LinkCard(url="https://example.org/x", title="A page"),
        options={"reply_control": "followers_only", "topic_tag": "#cycling"},
    )
    assert isinstance(publish(threads, http, request_for(threads.account, content)), Published)
    assert threads.containers["7000"] == {
        "media_type": "TEXT",
        "text": TEXT,
        "reply_control": "followers_only",
        "topic_tag": "cycling",
        "link_attachment": "https://example.org/x",
    }


def test_files_are_fetched_and_a_carousel_keeps_their_order(threads: FakeThreads, http: httpx.Client) -> None:
    request = prepared(threads, http, Content(text=TEXT, media=(image(), film(alt_text="A ride"))))
    assert list(threads.containers.values()) == [
        {
            "media_type": "IMAGE",
            "image_url": ADDRESS,
            "alt_text": "A teal rectangle",
            "is_carousel_item": "true",
        },
        {
            "media_type": "VIDEO",
            "video_url": ADDRESS + "film",
            "alt_text": "A ride",
            "is_carousel_item": "true",
        },
        {"media_type": "CAROUSEL", "children": "7000,7001", "text": TEXT},
    ]
    published = publish(threads, http, request)
    assert TestThreadsContract().read_back(threads, request) == published


@pytest.mark.parametrize("file", [image(address=None), film(address=lambda form: "http://localhost/x")])
def test_a_file_without_a_public_address_is_refused(
    threads: FakeThreads, http: httpx.Client, file: Media
) -> None:
    with pytest.raises(Rejected, match="Threads fetches files"):
        prepared(threads, http, Content(text=TEXT, media=(file,)))


@pytest.mark.parametrize(
    ("states", "refusal"),
    [
        ([("ERROR", "2207052"), ("ERROR", "2207052")], Rejected),
        ([("EXPIRED", ""), ("EXPIRED", "")], NotSent),
        ([("ERROR", "FAILED_DOWNLOADING_VIDEO")], Rejected),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    threads: FakeThreads, http: httpx.Client, states: list[tuple[str, str]], refusal: type[Exception]
) -> None:
    threads.states = states
    with pytest.raises(refusal):
        prepared(threads, http, Content(text=TEXT, media=(image(),)))


@pytest.mark.parametrize("content", [Content(text=TEXT), Content(text=TEXT, media=(image(),))])
def test_a_spent_day_is_noticed_before_anything_is_made(
    threads: FakeThreads, http: httpx.Client, content: Content
) -> None:
    threads.quota = (250, 250)
    threads.add("1", "older", age=timedelta(hours=23))
    with pytest.raises(RateLimited) as caught:
        TestThreadsContract().publish(threads, request_for(threads.account, content))
    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert not threads.containers


def test_a_container_that_is_not_there_yet_is_published_by_a_later_look(
    threads: FakeThreads, http: httpx.Client
) -> None:
    request = request_for(threads.account, Content(text=TEXT))
    threads.faults["publish"] = error(24, "The requested resource does not exist")
    working = publish(threads, http, request)
    assert isinstance(working, Processing)
    threads.faults.clear()
    threads.states = [("IN_PROGRESS", "")]
    assert isinstance(poll(threads, http, request, working.poll_token), Processing)
    first = poll(threads, http, request, working.poll_token)
    assert isinstance(first, Published)
    assert poll(threads, http, request, working.poll_token) == first
    assert threads.public_posts == 1
    threads.published.clear()
    threads.states = [("ERROR", "UNKNOWN")]
    with pytest.raises(Rejected):
        poll(threads, http, request, working.poll_token)


def test_a_post_whose_answer_was_lost_is_never_published_again(
    threads: FakeThreads, http: httpx.Client
) -> None:
    request = prepared(threads, http, Content(text=TEXT, media=(image(),)))
    published = publish(threads, http, request)
    again = replace(request, sent_at=CREATED_AT)
    assert publish(threads, http, again) == published
    assert TestThreadsContract().read_back(threads, again) == published
    threads.posts.clear()
    with pytest.raises(NotSent, match="does not list it yet"):
        publish(threads, http, again)
    with pytest.raises(NotSent, match="not at Threads yet"):
        publish(threads, http, replace(request, prepared={}))


def test_reading_back_says_when_it_cannot_tell(threads: FakeThreads) -> None:
    contract = TestThreadsContract()
    threads.add("1", TEXT, kind="IMAGE")
    threads.add("2", TEXT, age=timedelta(hours=1))
    assert contract.read_back(threads) is None
    for number in range(50):
        threads.add(f"9{number}", "another")
    with pytest.raises(OutcomeUnknown, match="too much"):
        contract.read_back(threads)


def test_a_link_threads_does_not_tell_stays_empty(threads: FakeThreads, http: httpx.Client) -> None:
    threads.tells_links = False
    published = publish(threads, http, request_for(threads.account, Content(text=TEXT)))
    assert isinstance(published, Published)
    assert published.permalink == ""


@pytest.mark.parametrize(
    ("code", "sub", "refusal"),
    [
        (9, 2207042, RateLimited),
        (-1, 2207032, OutcomeUnknown),
        (24, 2207008, NotSent),
        (100, 33, CredentialsExpired),
        (10, 0, CredentialsExpired),
    ],
)
def test_every_refusal_is_of_its_class(
    threads: FakeThreads, code: int, sub: int, refusal: type[Exception]
) -> None:
    threads.faults["publish"] = error(code, "words", sub=sub)
    contract = TestThreadsContract()
    request = request_for(threads.account, Content(text=TEXT))
    if sub == 2207008:
        assert isinstance(contract.publish(threads, request), Processing)  # 24: not there yet
        return
    with pytest.raises(refusal):
        contract.publish(threads, request)


def test_a_first_comment_is_a_reply_written_once_and_found_again(
    threads: FakeThreads, http: httpx.Client
) -> None:
    adapter: Any = threads.adapter
    published = publish(threads, http, request_for(threads.account, Content(text=TEXT)))
    assert isinstance(published, Published)
    request = CommentRequest(
        account=threads.account, remote_id=published.remote_id, text="More", key="k", created_at=CREATED_AT
    )
    given = {"http": http, "clock": clock, "credentials": threads.credentials}
    assert adapter.find_comment(request=request, **given) is None
    threads.faults["comment"], threads.taken = no_answer, True
    with pytest.raises(OutcomeUnknown):
        adapter.comment(request=request, **given)
    threads.faults.clear()
    found = adapter.find_comment(request=request, **given)
    assert found is not None
    assert threads.containers["7001"]["reply_to_id"] == published.remote_id
    known = replace(request, known_remote_ids=frozenset({found.remote_id}))
    assert adapter.find_comment(request=known, **given) is None
    assert adapter.comment(request=request, **given).permalink.startswith("https://")
    for number in range(50):
        threads.add(f"9{number}", "another", into=threads.replies)
    with pytest.raises(OutcomeUnknown, match="too much"):
        adapter.find_comment(request=known, **given)


@pytest.mark.parametrize(
    ("text", "used"),
    [("abc", 3), ("é", 1), ("😀", 4), ("👩‍👩‍👧", 18), ("❤️", 6), ("1️⃣", 7), ("🇵🇹", 8), ("#1", 2), ("日本", 2)],
)
def test_emoji_count_as_their_bytes(text: str, used: int) -> None:
    assert count_threads(text, limit=500).used == used


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (Content(text="😀" * 126), "too long"),
        (Content(text=" ".join(f"https://example.org/{number}" for number in range(6))), "5 different links"),
        (Content(text="x", media=(image(content_type="image/gif"),)), "of a kind"),
        (Content(text="x", media=(image(width=1100, height=100),)), "too wide"),
        (Content(text="x", media=(film(seconds=301.0),)), "at most 300"),
        (Content(text="x", media=(film(frames_per_second=10.0),)), "frames per second"),
        (Content(text="x", options={"topic_tag": "a.b"}), "topic on Threads"),
        (Content(text="x", options={"first_comment": "x" * 501}), "first comment is too long"),
    ],
)
def test_what_threads_would_refuse_is_said_before(threads: FakeThreads, content: Content, words: str) -> None:
    (problem,) = threads.adapter.problems(content)
    assert words in problem


def test_what_threads_takes_is_no_problem(threads: FakeThreads) -> None:
    links = " ".join(["https://example.org/1"] * 6)
    assert threads.adapter.problems(Content(text=links, media=(image(), film()))) == []
    assert threads.adapter.problems(Content(text="x", options={"topic_tag": "#Cargo bikes"})) == []


def test_every_parameter_is_one_meta_s_own_collection_knows(threads: FakeThreads, http: httpx.Client) -> None:
    document = json.loads(specification("threads.postman.json").read_text())
    known = known_parameters(document["item"])
    known["POST", "threads"] |= {"topic_tag", "link_attachment"}  # newer than the collection
    values = {variable["key"]: str(variable.get("value", "")) for variable in document["variable"]}
    fields = set(",".join(value for key, value in values.items() if key.startswith("fields")).split(","))
    test_files_are_fetched_and_a_carousel_keeps_their_order(threads, http)
    options = {"reply_control": "mentioned_only", "topic_tag": "a"}
    card = LinkCard(url="https://example.org/x", title="A page")
    publish(threads, http, request_for(threads.account, Content(text="x", options=options, link_card=card)))
    threads.adapter.measure(
        http=http, clock=clock, credentials=threads.credentials, account=threads.account, remote_ids=["1"]
    )
    for method, path, given in threads.sent:
        edge = path.strip("/").split("/")[-1]
        names = known.get((method, edge), {"fields"})
        assert set(given) <= names | {"since", "limit"}, (method, path, set(given) - names)
        assert set(given.get("fields", "id").split(",")) <= fields
        assert set(given.get("metric", "views").split(",")) <= set(values["metrics_post"].split(","))


def known_parameters(items: list[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """Return the parameters a Postman collection names, by method and the last part of the path."""
    found: dict[tuple[str, str], set[str]] = {}
    for item in items:
        if "item" in item:
            for key, names in known_parameters(item["item"]).items():
                found[key] = found.get(key, set()) | names
        else:
            parts = urlsplit(item["request"]["url"]["raw"].replace("{{", "").replace("}}", ""))
            key = (item["request"]["method"], parts.path.strip("/").split("/")[-1])
            found[key] = found.get(key, set()) | set(parse_qs(parts.query))
    return found


def test_an_account_that_is_gone_asks_for_a_new_consent(threads: FakeThreads) -> None:
    threads.faults["upload"] = error(24, f"The requested resource {USER_ID} does not exist")
    with pytest.raises(CredentialsExpired):
        TestThreadsContract().publish(threads)


def test_a_post_that_is_gone_is_told_from_one_that_cannot_be_seen_just_now(
    threads: FakeThreads, http: httpx.Client
) -> None:
    adapter: Any = threads.adapter
    published = publish(threads, http, request_for(threads.account, Content(text=TEXT)))
    assert isinstance(published, Published)
    given = {"http": http, "clock": clock, "credentials": threads.credentials, "account": threads.account}
    assert adapter.is_there(remote_id=published.remote_id, **given) is True
    assert adapter.is_there(remote_id="18000000000000999", **given) is False
    threads.answer = no_answer  # type: ignore[assignment]
    with pytest.raises(NotSent):
        adapter.is_there(remote_id=published.remote_id, **given)
