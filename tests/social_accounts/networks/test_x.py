from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    FIRST_COMMENT,
    CommentRequest,
    Content,
    CredentialsExpired,
    LimitLevel,
    LinkCard,
    Media,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.oauth import challenge_of
from social_accounts.networks.x.adapter import XAdapter
from social_accounts.networks.x.counting import count_x
from tests.peers.openapi_judge import Judge, specification

from .cast import CREATED_AT, NOW, clock, media, picture, request_for
from .contract import TEXT, no_answer, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, MeasureContract
from .fake_x import REDIRECT_URI, FakeX

PART = 1_048_576


class TestXContract(CommentContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False

    @pytest.fixture
    def network(self) -> FakeX:
        return FakeX()


@pytest.fixture
def x() -> FakeX:
    return FakeX()


@pytest.fixture
def http(x: FakeX) -> Iterator[httpx.Client]:
    with x.client() as http:
        yield http


def film(size: int = 2 * PART + 7) -> Media:
    return media(bytes(size), content_type="video/mp4", alt_text="Two riders", filename="ride.mp4")


# --- counting, docs.x.com/fundamentals/counting-characters and twitter-text's conformance tests ----------------------


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("plain", 5),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("👩‍👩‍👧 family", 2 + 7),
        ("🇫🇷", 2),
        ("👍🏽", 2),
        ("1️⃣", 2),
        ("© 2026", 6),
        ("😀😀", 4),
        ("https://example.org/" + "a" * 100, 23),
        ("See https://example.org/x, then go.", 4 + 23 + 10),
        ("(https://example.org/x)", 25),
        ("example.com is a link", 23 + 10),
        ("it.so is none", 13),
        ("t.co/abc is one", 23 + 7),
        ("readme.txt is none", 18),
        ("mail@example.com is none", 24),
        ("@example.com is none", 20),
        ("http://localhost is none", 24),
        ("https://例え.jp/x", 23),
        ("", 0),
    ],
)
def test_count_weighs_as_x_does(text: str, used: int) -> None:
    assert count_x(text, limit=280).used == used


def test_a_card_whose_link_is_not_in_the_text_goes_out_as_a_link(x: FakeX, http: httpx.Client) -> None:
    content = Content(text="Look", link_card=LinkCard(url="https://example.org/x", title="A page"))
    x.adapter.publish(
        http=http, clock=clock, credentials=x.credentials, request=request_for(x.account, content)
    )
    assert x.bodies[0]["text"] == "Look\n\nhttps://example.org/x"
    assert x.adapter.count(content).used == 4 + 2 + 23


# --- connecting ------------------------------------------------------------------------------------------------------


def test_start_asks_for_the_least_with_pkce(x: FakeX, http: httpx.Client) -> None:
    app = x.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = x.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("x.com", "/i/oauth2/authorize")
    assert asked["scope"] == "tweet.read tweet.write users.read media.write offline.access"
    assert asked["code_challenge"] == challenge_of(str(start.keep["verifier"]))
    assert asked["code_challenge_method"] == "S256"


def test_finish_returns_account_and_pair(x: FakeX, http: httpx.Client) -> None:
    app = x.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    account, credentials = x.adapter.finish(
        http=http,
        clock=clock,
        app=app,
        redirect_uri=REDIRECT_URI,
        keep={"verifier": "v" * 43},
        callback={"code": "good"},
    )
    assert account == x.account
    assert credentials.expires_at == NOW + timedelta(hours=2)
    assert credentials.refresh_token == "refresh-1"


def test_finish_tells_a_late_code_from_an_unknown_application(x: FakeX, http: httpx.Client) -> None:
    app = x.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    finish = {
        "http": http,
        "clock": clock,
        "app": app,
        "redirect_uri": REDIRECT_URI,
        "keep": {"verifier": "v"},
    }
    with pytest.raises(Rejected) as late:
        x.adapter.finish(**finish, callback={"code": "late"})
    assert late.value.reason is RejectionReason.OTHER
    x.faults[""] = status(401, {"error": "invalid_client"})
    with pytest.raises(Rejected) as unknown:
        x.adapter.finish(**finish, callback={"code": "good"})
    assert unknown.value.reason is RejectionReason.NOT_FOUND


def test_without_an_application_of_the_operator_nothing_can_be_connected(http: httpx.Client) -> None:
    with pytest.raises(Rejected, match="operator"):
        XAdapter(()).register_app(http=http, server="", redirect_uri=REDIRECT_URI)


def test_refresh_spends_the_token_and_keeps_the_new_one(x: FakeX, http: httpx.Client) -> None:
    app = x.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    fresh = x.adapter.refresh(http=http, clock=clock, app=app, credentials=x.credentials)
    assert fresh.refresh_token == "refresh-2"
    with pytest.raises(CredentialsExpired):
        x.adapter.refresh(http=http, clock=clock, app=app, credentials=x.credentials)


def test_revoke_forgets_both_tokens_and_may_be_repeated(x: FakeX, http: httpx.Client) -> None:
    app = x.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    for _time in range(2):
        x.adapter.revoke(http=http, clock=clock, app=app, credentials=x.credentials)
    assert [path for _method, path in x.calls] == ["/2/oauth2/revoke"] * 4


# --- uploads ---------------------------------------------------------------------------------------------------------


def test_a_video_goes_up_in_parts_and_is_waited_for(x: FakeX, http: httpx.Client) -> None:
    x.checks_until_ready = 2
    request = request_for(x.account, Content(text=TEXT, media=(film(),)))
    waits = []
    for _step in range(20):
        made = x.adapter.prepare(http=http, clock=clock, credentials=x.credentials, request=request)  # type: ignore[attr-defined]
        request = replace(request, prepared=made.progress)
        if isinstance(made, Prepared):
            break
        assert isinstance(made, Preparing)
        waits.append(made.next_at)
    (upload,) = x.uploads.values()
    assert [len(part) for part in upload.parts.values()] == [PART, PART, 7]
    assert (upload.category, upload.media_type, upload.alt_text) == ("tweet_video", "video/mp4", "Two riders")
    assert [wait for wait in waits if wait] == [NOW + timedelta(seconds=5)] * 2
    assert isinstance(
        x.adapter.publish(http=http, clock=clock, credentials=x.credentials, request=request), Published
    )


def test_a_part_whose_answer_was_lost_is_sent_again_alone(x: FakeX, http: httpx.Client) -> None:
    request = request_for(x.account, Content(text=TEXT, media=(film(),)))
    for _step in range(2):
        made = x.adapter.prepare(http=http, clock=clock, credentials=x.credentials, request=request)  # type: ignore[attr-defined]
        request = replace(request, prepared=made.progress)
    x.faults["upload"], x.taken = no_answer, True
    with pytest.raises(NotSent):
        x.adapter.prepare(http=http, clock=clock, credentials=x.credentials, request=request)  # type: ignore[attr-defined]
    x.faults.clear()
    done = TestXContract().prepare(x, http, request)
    assert len(done.prepared["ids"]) == 1  # type: ignore[arg-type]
    assert [len(part) for part in x.uploads["700"].parts.values()] == [PART, PART, 7]


def test_a_file_x_cannot_read_is_refused_in_its_words(x: FakeX, http: httpx.Client) -> None:
    x.failure = "Video is too long"
    with pytest.raises(Rejected, match="Video is too long") as caught:
        TestXContract().prepare(x, http, request_for(x.account, Content(text=TEXT, media=(film(9),))))
    assert caught.value.reason is RejectionReason.MEDIA_INVALID


def test_uploads_of_yesterday_go_up_anew(x: FakeX, http: httpx.Client) -> None:
    request = TestXContract().prepare(x, http, request_for(x.account, Content(text=TEXT, media=(picture(),))))
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(NotSent):
        x.adapter.publish(http=http, clock=lambda: tomorrow, credentials=x.credentials, request=request)
    again = x.adapter.prepare(  # type: ignore[attr-defined]
        http=http, clock=lambda: tomorrow, credentials=x.credentials, request=request
    )
    assert isinstance(again, Preparing)
    assert again.progress["ids"] == []


def test_pictures_and_moving_pictures_are_not_mixed(x: FakeX) -> None:
    moving = replace(picture(), content_type="image/gif")
    assert not x.adapter.problems(Content(text="x", media=(moving,)))
    assert x.adapter.problems(Content(text="x", media=(moving, picture())))
    assert not x.adapter.problems(Content(text="x", media=(film(9),)))
    too_large = replace(film(9), size_bytes=512_000_001)
    assert x.adapter.problems(Content(text="x", media=(too_large,)))


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("$ACME rises", False),
        ("$ACME and $BIKE rise", True),
        ("$acme, $acme.b and again", True),
        ("It costs $5 and $6 at US$ACME", False),
        ("$ACME and $TOOLONGNAME", False),
    ],
)
def test_more_than_one_cashtag_is_said_before(x: FakeX, text: str, is_said: bool) -> None:
    problems = x.adapter.problems(Content(text=text))
    assert any("cashtag" in problem for problem in problems) == is_said
    comment = x.adapter.problems(Content(text="x", options={FIRST_COMMENT: text}))
    assert any("cashtag" in problem for problem in comment) == is_said


@pytest.mark.parametrize(
    ("width", "height", "words"), [(100, 301, ""), (100, 310, "too tall"), (310, 100, "too wide")]
)
def test_a_video_of_another_shape_is_said_before(x: FakeX, width: int, height: int, words: str) -> None:
    problems = x.adapter.problems(Content(text="x", media=(replace(film(9), width=width, height=height),)))
    assert [words in problem for problem in problems] == ([True] if words else [])


# --- publishing ------------------------------------------------------------------------------------------------------


def test_options_go_out_as_x_names_them(x: FakeX, http: httpx.Client) -> None:
    options = {"reply_settings": "following", "made_with_ai": "yes", "paid_partnership": ""}
    x.adapter.publish(
        http=http,
        clock=clock,
        credentials=x.credentials,
        request=request_for(x.account, Content(text=TEXT, options=options)),
    )
    assert x.bodies == [{"text": TEXT, "reply_settings": "following", "made_with_ai": True}]


@pytest.mark.parametrize("answer", [status(402, {}), status(403, {"title": "usage-capped"})])
def test_an_unpaid_bill_stops_the_application(x: FakeX, answer: object) -> None:
    x.faults["publish"] = answer  # type: ignore[assignment]
    with pytest.raises(RateLimited) as caught:
        TestXContract().publish(x)
    assert (caught.value.level, caught.value.retry_at) == (LimitLevel.APPLICATION, NOW + timedelta(hours=1))


def test_an_application_x_forbids_is_no_fault_of_the_post(x: FakeX) -> None:
    x.faults["publish"] = status(403, {"title": "Client Forbidden", "type": "client-forbidden"})
    with pytest.raises(CredentialsExpired, match="operator"):
        TestXContract().publish(x)


def test_an_answer_with_errors_only_is_a_refusal(x: FakeX) -> None:
    x.faults["publish"] = status(200, {"errors": [{"detail": "duplicate content", "title": "Forbidden"}]})
    with pytest.raises(Rejected) as caught:
        TestXContract().publish(x)
    assert caught.value.reason is RejectionReason.DUPLICATE


# --- reading back ----------------------------------------------------------------------------------------------------


def test_reading_back_knows_the_text_behind_shortened_links(x: FakeX, http: httpx.Client) -> None:
    text = "Wheels & more: https://example.org/x"
    urls = [
        {"url": "https://t.co/1", "expanded_url": "https://example.org/x"},
        {"url": "https://t.co/2", "expanded_url": "https://x.com/acme/status/5/photo/1", "media_key": "3_0"},
    ]
    shortened = "Wheels &amp; more: https://t.co/1 https://t.co/2"
    x.add("5", shortened, media=1, entities={"urls": urls})
    request = request_for(x.account, Content(text=text, media=(picture(),)))
    found = x.adapter.read_back(http=http, clock=clock, credentials=x.credentials, request=request)
    assert found == Published(remote_id="5", permalink="https://x.com/acme/status/5")


def test_reading_back_adopts_nothing_of_another_publication(x: FakeX, http: httpx.Client) -> None:
    x.add("6", TEXT)
    request = replace(request_for(x.account, Content(text=TEXT)), known_remote_ids=frozenset({"6"}))
    assert x.adapter.read_back(http=http, clock=clock, credentials=x.credentials, request=request) is None


def test_a_busy_account_is_left_to_a_person(x: FakeX, http: httpx.Client) -> None:
    for number in range(20):
        x.add(str(number), f"Something else {number}")
    with pytest.raises(OutcomeUnknown):
        x.adapter.read_back(
            http=http,
            clock=clock,
            credentials=x.credentials,
            request=request_for(x.account, Content(text=TEXT)),
        )


# --- X's own description of its interface ---------------------------------------------------------------------------


@pytest.mark.peers
def test_every_request_is_one_of_the_published_specification(x: FakeX, http: httpx.Client) -> None:
    judge = Judge(specification("x-2.167.json"))
    x.checks_until_ready = 1
    content = Content(
        text=TEXT,
        media=(picture(), picture(color="red")),
        options={"reply_settings": "verified", "made_with_ai": "yes", "paid_partnership": "yes"},
    )
    contract = TestXContract()
    published = contract.publish(x, request_for(x.account, content))
    assert isinstance(published, Published)
    contract.read_back(x)
    talk = CommentRequest(
        account=x.account, remote_id=published.remote_id, text="Below it", key="c-1", created_at=CREATED_AT
    )
    contract.comment(x, talk)
    assert contract.find(x, talk) is not None
    x.adapter.identify(http=http, clock=clock, server="https://x.com", credentials=x.credentials)
    x.adapter.measure(
        http=http, clock=clock, credentials=x.credentials, account=x.account, remote_ids=[published.remote_id]
    )
    x.adapter.delete(
        http=http, clock=clock, credentials=x.credentials, account=x.account, remote_id=published.remote_id
    )
    kinds = {(request.method, request.url.path) for request in x.sent}
    assert len(kinds) >= 9
    for request in x.sent:
        assert judge.violations(request) == [], (request.method, str(request.url))


def test_the_film_of_the_tests_opens_anew_each_time() -> None:
    stream = film().open()
    assert isinstance(stream, io.BytesIO)
