from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image

from social_accounts.networks.base import (
    Choices,
    Content,
    CredentialsExpired,
    Edit,
    LimitLevel,
    LinkCard,
    Media,
    NotSent,
    OutcomeUnknown,
    Prepared,
    Preparing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.boards import BoardDraft
from social_accounts.networks.pinterest.adapter import PinterestAdapter
from tests.peers.openapi_judge import Judge, specification

from .cast import NOW, clock, media, picture, request_for
from .contract import TEXT, FakeNetwork, no_answer, status
from .contract_before import ChoicesContract, PrepareContract
from .contract_followups import EditContract, MeasureContract
from .fake_pinterest import BOARD, REDIRECT_URI, STORE, FakePinterest, refused


def pin(text: str = TEXT, **more: Any) -> Content:
    fields: dict[str, Any] = {"media": (picture(),), "options": {"board": BOARD}, **more}
    return Content(text=text, **fields)


def film(**more: Any) -> Media:
    made = media(b"\r\nframes\r\n", content_type="video/mp4", alt_text="Two riders", filename="ride.mp4")
    return replace(made, seconds=12.0, **more)


class TestPinterestContract(ChoicesContract, EditContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False
    repeat_is_refused = False
    takes_a_picture_beside_a_video = True  # its cover

    @pytest.fixture
    def network(self) -> FakePinterest:
        return FakePinterest()

    def content(self, text: str = TEXT, **more: Any) -> Content:
        return pin(text, **more)

    def with_upload(self, network: FakeNetwork) -> PublishRequest:
        return request_for(network.account, pin(media=(film(),)))

    def test_content_it_counts_as_too_long_is_a_problem(self, network: FakeNetwork) -> None:
        """Of words a Pin needs none."""
        adapter = network.adapter
        assert not adapter.problems(pin("é" * 800))
        assert adapter.problems(pin("é" * 801))
        assert not adapter.problems(pin(""))


@pytest.fixture
def pinterest() -> FakePinterest:
    return FakePinterest()


@pytest.fixture
def adapter(pinterest: FakePinterest) -> PinterestAdapter:
    assert isinstance(pinterest.adapter, PinterestAdapter)
    return pinterest.adapter


@pytest.fixture
def http(pinterest: FakePinterest) -> Iterator[httpx.Client]:
    with pinterest.client() as http:
        yield http


@pytest.fixture
def asking(pinterest: FakePinterest, http: httpx.Client) -> dict[str, Any]:
    return {
        "http": http,
        "clock": clock,
        "credentials": pinterest.credentials,
        "account": pinterest.account,
    }


# --- connecting ------------------------------------------------------------------------------------------------------


def test_start_asks_for_boards_and_pins_also_secret_ones(
    pinterest: FakePinterest, http: httpx.Client
) -> None:
    app = pinterest.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = pinterest.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("www.pinterest.com", "/oauth/")
    assert {"boards:read", "boards:write", "pins:read", "pins:write"} < set(asked["scope"].split(","))
    assert (asked["client_id"], asked["state"]) == ("id-1", start.state)
    assert "code_challenge" not in asked
    named = [name for line in pinterest.adapter.features.scopes for name in line.scope.split(", ")]
    assert sorted(named) == sorted(asked["scope"].split(","))


def test_finish_returns_account_and_pair(pinterest: FakePinterest, http: httpx.Client) -> None:
    app = pinterest.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    account, credentials = pinterest.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    assert account == pinterest.account
    assert credentials.expires_at == NOW + timedelta(days=30)
    assert (credentials.refresh_token, "boards:write" in credentials.scopes) == ("refresh-1", True)


@pytest.mark.parametrize(
    "unknown", [status(401, {"error": "invalid_client"}), refused(401, "Authentication failed.", 2)]
)
def test_finish_tells_a_late_code_from_an_unknown_application(
    pinterest: FakePinterest, http: httpx.Client, unknown: Any
) -> None:
    app = pinterest.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    finish: dict[str, Any] = {"http": http, "clock": clock, "app": app, "redirect_uri": REDIRECT_URI}
    with pytest.raises(Rejected) as late:
        pinterest.adapter.finish(**finish, keep={}, callback={"code": "late"})
    assert late.value.reason is RejectionReason.OTHER
    pinterest.faults[""] = unknown
    with pytest.raises(Rejected) as caught:
        pinterest.adapter.finish(**finish, keep={}, callback={"code": "good"})
    assert caught.value.reason is RejectionReason.NOT_FOUND


def test_without_an_application_of_the_operator_nothing_can_be_connected(http: httpx.Client) -> None:
    with pytest.raises(Rejected, match="operator"):
        PinterestAdapter(()).register_app(http=http, server="", redirect_uri=REDIRECT_URI)


def test_refresh_keeps_the_new_token_each_time(pinterest: FakePinterest, http: httpx.Client) -> None:
    app = pinterest.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    fresh = pinterest.adapter.refresh(http=http, clock=clock, app=app, credentials=pinterest.credentials)
    assert fresh.refresh_token == "refresh-2"
    with pytest.raises(CredentialsExpired):
        pinterest.adapter.refresh(http=http, clock=clock, app=app, credentials=pinterest.credentials)


def test_revoke_forgets_both_tokens_and_says_where_only_the_owner_can(
    pinterest: FakePinterest, http: httpx.Client
) -> None:
    app = pinterest.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    for _time in range(2):
        pinterest.adapter.revoke(http=http, clock=clock, app=app, credentials=pinterest.credentials)
    assert [path for _method, path in pinterest.calls] == ["/v5/oauth/token/revoke"] * 4
    pinterest.faults[""] = refused(403, "Client is not allowed to revoke token.", 7)
    with pytest.raises(Rejected, match="owner"):
        pinterest.adapter.revoke(http=http, clock=clock, app=app, credentials=pinterest.credentials)


# --- what a Pin needs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pin(options={}), "board"),
        (pin(options={"board": "Bicycles"}), "no choice"),
        (pin(media=()), "picture or a video"),
        (pin(options={"board": BOARD, "title": "x" * 101}), "Title"),
        (pin(options={"board": BOARD, "link": "ftp://example.org"}), "https://"),
        (pin(options={"board": BOARD, "link": "https://example.org/" + "x" * 2048}), "Destination link"),
        (pin(media=(picture(), picture(alt_text="x" * 490))), "one text"),
        (pin(media=(film(), film())), "one video"),
        (pin(media=(film(), picture(), picture())), "one video"),
        (pin(media=(film(size_bytes=2_000_000_001),)), "MB"),
        (pin(media=(replace(film(), seconds=3.0),)), "3 seconds"),
        (pin(media=(replace(film(), seconds=901.0),)), "901 seconds"),
        (pin(media=(replace(film(), content_type="video/webm"),)), "video/webm"),
        (pin(media=(replace(picture(), content_type="image/gif"),)), "image/gif"),
    ],
)
def test_what_pinterest_would_refuse_is_said_before(
    adapter: PinterestAdapter, content: Content, words: str
) -> None:
    problems = adapter.problems(content)
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    "content",
    [
        pin(),
        pin(options={"board": f"{BOARD}/7", "title": "Wheels", "link": "https://example.org/x"}),
        pin(media=tuple(picture() for _number in range(5))),
        pin(media=(film(),)),
        pin(media=(film(), picture())),
        pin(link_card=LinkCard(url="https://example.org/x", title="A page")),
    ],
)
def test_what_pinterest_takes_is_no_problem(adapter: PinterestAdapter, content: Content) -> None:
    assert adapter.problems(content) == []


# --- publishing ------------------------------------------------------------------------------------------------------


def test_a_pin_goes_out_with_board_section_title_link_and_description(pinterest: FakePinterest) -> None:
    options = {"board": f"{BOARD}/7", "title": " Wheels ", "link": "https://example.org/x"}
    published = TestPinterestContract().publish(
        pinterest, request_for(pinterest.account, pin("Round ones", options=options))
    )
    (body,) = pinterest.bodies
    source = body.pop("media_source")
    assert body == {
        "board_id": BOARD,
        "board_section_id": "7",
        "title": "Wheels",
        "description": "Round ones",
        "link": "https://example.org/x",
        "alt_text": "A teal rectangle",
    }
    shown = Image.open(io.BytesIO(base64.b64decode(source["data"])))
    assert (source["source_type"], shown.size) == ("image_base64", (64, 48))
    assert isinstance(published, Published)
    assert published.permalink == f"https://www.pinterest.com/pin/{published.remote_id}/"


def test_the_link_below_the_text_is_the_destination_unless_another_was_given(
    pinterest: FakePinterest,
) -> None:
    card = LinkCard(url="https://example.org/card", title="A page")
    contract = TestPinterestContract()
    contract.publish(pinterest, request_for(pinterest.account, pin(link_card=card)))
    options = {"board": BOARD, "link": "https://example.org/own"}
    contract.publish(pinterest, request_for(pinterest.account, pin(link_card=card, options=options)))
    assert [body["link"] for body in pinterest.bodies] == [
        "https://example.org/card",
        "https://example.org/own",
    ]


def test_several_pictures_are_one_pin_and_a_webp_becomes_what_pinterest_takes(
    pinterest: FakePinterest,
) -> None:
    pictures = (picture(), picture(file_format="WEBP", alt_text="Red"))
    options = {"board": BOARD, "title": "Wheels", "link": "https://example.org/x"}
    TestPinterestContract().publish(
        pinterest, request_for(pinterest.account, pin(media=pictures, options=options))
    )
    source = pinterest.bodies[0]["media_source"]
    assert [item["content_type"] for item in source["items"]] == ["image/png", "image/jpeg"]
    assert {(item["title"], item["link"]) for item in source["items"]} == {
        ("Wheels", "https://example.org/x")
    }
    assert pinterest.bodies[0]["alt_text"] == "A teal rectangle / Red"


@pytest.mark.parametrize("cover", [(), (picture(),)])
def test_a_video_is_announced_handed_over_and_waited_for(
    pinterest: FakePinterest, adapter: PinterestAdapter, http: httpx.Client, cover: tuple[Media, ...]
) -> None:
    pinterest.checks_until_ready = 2
    request = request_for(pinterest.account, pin(media=(film(), *cover)))
    waits = []
    for _step in range(20):
        made = adapter.prepare(http=http, clock=clock, credentials=pinterest.credentials, request=request)
        request = replace(request, prepared=made.progress)
        if isinstance(made, Prepared):
            break
        assert isinstance(made, Preparing)
        waits.append(made.next_at)
    assert pinterest.videos == {"700": b"\r\nframes\r\n"}
    assert [wait for wait in waits if wait] == [NOW + timedelta(seconds=10)] * 2
    assert "parameters" not in request.prepared
    adapter.publish(http=http, clock=clock, credentials=pinterest.credentials, request=request)
    source = pinterest.bodies[0]["media_source"]
    assert (source["source_type"], source["media_id"]) == ("video_id", "700")
    assert ("cover_image_data" in source) is bool(cover)


def test_a_video_whose_answer_was_lost_is_handed_over_again(
    pinterest: FakePinterest, adapter: PinterestAdapter, http: httpx.Client
) -> None:
    request = request_for(pinterest.account, pin(media=(film(),)))
    asking: dict[str, Any] = {"http": http, "clock": clock, "credentials": pinterest.credentials}
    request = replace(request, prepared=adapter.prepare(**asking, request=request).progress)
    pinterest.faults["upload"], pinterest.taken = no_answer, True
    with pytest.raises(NotSent):
        adapter.prepare(**asking, request=request)
    pinterest.faults.clear()
    done = TestPinterestContract().prepare(pinterest, http, request)
    assert (done.prepared["media_id"], len(pinterest.videos)) == ("700", 1)


def test_a_permit_that_has_ended_and_a_video_of_yesterday_go_up_anew(
    pinterest: FakePinterest, adapter: PinterestAdapter, http: httpx.Client
) -> None:
    request = request_for(pinterest.account, pin(media=(film(),)))
    asking: dict[str, Any] = {"http": http, "credentials": pinterest.credentials}
    request = replace(request, prepared=adapter.prepare(**asking, clock=clock, request=request).progress)
    later = lambda: NOW + timedelta(hours=1)  # noqa: E731
    assert adapter.prepare(**asking, clock=later, request=request).progress["media_id"] == "701"
    request = TestPinterestContract().prepare(pinterest, http, request)
    with pytest.raises(NotSent):
        adapter.publish(**asking, clock=lambda: NOW + timedelta(days=1), request=request)


def test_a_video_pinterest_cannot_read_is_refused(pinterest: FakePinterest, http: httpx.Client) -> None:
    pinterest.video_fails = True
    with pytest.raises(Rejected) as caught:
        TestPinterestContract().prepare(pinterest, http, request_for(pinterest.account, pin(media=(film(),))))
    assert caught.value.reason is RejectionReason.MEDIA_INVALID


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(403, "Apps with Trial access may not create Pins in production.", 29), "operator"),
        (refused(403, "Your token lacks scope pins:write.", 7), "permission"),
    ],
)
def test_access_that_is_lacking_is_no_fault_of_the_pin(
    pinterest: FakePinterest, answer: Any, words: str
) -> None:
    pinterest.faults["publish"] = answer
    with pytest.raises(CredentialsExpired, match=words):
        TestPinterestContract().publish(pinterest)


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("You have exceeded your rate limit.", LimitLevel.PROFILE),
        ("Your app has exceeded its daily trial limit.", LimitLevel.APPLICATION),
    ],
)
def test_a_limit_without_named_policies_is_told_by_its_words(
    pinterest: FakePinterest, message: str, level: LimitLevel
) -> None:
    pinterest.faults["publish"] = refused(429, message, 8)
    with pytest.raises(RateLimited) as caught:
        TestPinterestContract().publish(pinterest)
    assert (caught.value.level, caught.value.retry_at) == (level, NOW + timedelta(minutes=5))


def test_a_board_that_is_busy_is_tried_again(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    pinterest.faults[""] = refused(409, "Could not get exclusive access to the board.", 2030)
    with pytest.raises(NotSent, match="busy"):
        adapter.create_section(**asking, board_id=BOARD, name="Tires")


# --- reading back, changing, counting --------------------------------------------------------------------------------


def test_reading_back_looks_in_the_section_and_not_into_the_past(
    pinterest: FakePinterest, adapter: PinterestAdapter
) -> None:
    contract = TestPinterestContract()
    in_section = request_for(pinterest.account, pin(options={"board": f"{BOARD}/7"}))
    pinterest.add_pin(description=TEXT, minutes_ago=30, board_section_id="7")
    pinterest.add_pin(description=TEXT)
    assert contract.read_back(pinterest, in_section) is None
    mine = pinterest.add_pin(description=TEXT, board_section_id="7")
    found = contract.read_back(pinterest, in_section)
    assert found is not None and found.remote_id == mine
    assert contract.read_back(pinterest, replace(in_section, known_remote_ids=frozenset({mine}))) is None


@pytest.mark.parametrize(
    "difference",
    [{"title": "Another"}, {"link": "https://example.org/"}, {"media": {"media_type": "video"}}],
)
def test_reading_back_takes_no_pin_that_differs(pinterest: FakePinterest, difference: dict[str, Any]) -> None:
    pinterest.add_pin(description=TEXT, **difference)
    assert TestPinterestContract().read_back(pinterest) is None


def test_a_full_board_is_looked_at_as_far_back_as_the_pin_can_be(pinterest: FakePinterest) -> None:
    pinterest.page_size_max = 2
    for _number in range(9):
        pinterest.add_pin(description="Long ago", minutes_ago=60)
    contract = TestPinterestContract()
    assert contract.read_back(pinterest) is None
    assert pinterest.steps.count("read") == 1
    mine = pinterest.add_pin(description=TEXT)
    found = contract.read_back(pinterest)
    assert found is not None and found.remote_id == mine


def test_a_busy_board_is_left_to_a_person(pinterest: FakePinterest) -> None:
    pinterest.page_size_max = 2
    for number in range(9):
        pinterest.add_pin(description=f"Something else {number}")
    with pytest.raises(OutcomeUnknown):
        TestPinterestContract().read_back(pinterest)


def test_an_edit_changes_the_words_and_empties_what_was_taken_out(
    pinterest: FakePinterest, adapter: PinterestAdapter, http: httpx.Client
) -> None:
    assert isinstance(adapter, Edit)
    options = {"board": f"{BOARD}/7", "title": "Wheels", "link": "https://example.org/x"}
    pin_id = pinterest.add_pin(**{**options, "board": None}, description="Before")
    for _time in range(2):
        edited = adapter.edit(
            http=http,
            clock=clock,
            credentials=pinterest.credentials,
            request=request_for(pinterest.account, pin("After")),
            remote_id=pin_id,
        )
    assert edited.remote_id == pin_id
    found = pinterest.pins[pin_id]
    assert (found["description"], found["title"], found["link"]) == ("After", "", "")
    assert (found["board_id"], found["board_section_id"]) == (BOARD, None)


def test_what_a_pin_shows_cannot_be_changed(adapter: PinterestAdapter) -> None:
    assert not adapter.edit_problems(pin("Before"), pin("After"))
    assert adapter.edit_problems(pin(), pin(media=(picture(size=(99, 99)),)))
    assert adapter.edit_problems(pin(), pin("x" * 801))


def test_measuring_tells_numbers_pinterest_lacks_from_zero(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    pin_id = pinterest.add_pin(description=TEXT)
    points = {point.metric: point.value for point in adapter.measure(**asking, remote_ids=[pin_id])}
    assert points == {
        "impressions": 0,
        "likes": 0,
        "comments": 0,
        "saves": 0,
        "clicks": 2,
        "link_clicks": None,
    }
    asked = pinterest.sent[-1].url.params
    assert (asked["start_date"], asked["end_date"]) == ("2026-08-24", "2026-11-21")


# --- boards ----------------------------------------------------------------------------------------------------------


def test_choices_are_the_boards_each_with_its_sections(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    assert isinstance(adapter, Choices)
    pinterest.sections[BOARD] = {"7": "Tires"}
    assert adapter.choices(**asking, option="board") == [
        ("100", "Bicycles"),
        ("100/7", "Bicycles › Tires"),
        ("101", "Next spring"),
    ]
    assert adapter.choices(**asking, option="title") == []


def test_boards_are_listed_over_all_pages(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    pinterest.page_size_max = 1
    pinterest.add_board("102", "Shared", owner={"username": "beto"}, privacy="HIDDEN")
    found = adapter.boards(**asking)
    assert [(board.name, board.privacy.value, board.owner) for board in found] == [
        ("Bicycles", "public", "acme"),
        ("Next spring", "secret", "acme"),
        ("Shared", "secret", "beto"),
    ]
    assert (found[0].pin_count, found[0].follower_count) == (0, 3)


def test_boards_without_an_end_are_not_half_listed(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    pinterest.page_size_max = 1
    for number in range(200, 220):
        pinterest.add_board(str(number), f"Board {number}")
    with pytest.raises(NotSent):
        adapter.boards(**asking)


# --- Pinterest's own description of its interface --------------------------------------------------------------------


@pytest.mark.peers
def test_every_request_is_one_of_the_published_specification(
    pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]
) -> None:
    judge = Judge(specification("pinterest.json"), base_path="/v5")
    _do_everything(pinterest, adapter, asking)
    sent = [request for request in pinterest.sent if str(request.url) != STORE]
    assert len({(request.method, request.url.path.rstrip("0123456789")) for request in sent}) >= 17
    for request in sent:
        assert judge.violations(request) == [], (request.method, str(request.url))


def _do_everything(pinterest: FakePinterest, adapter: PinterestAdapter, asking: dict[str, Any]) -> None:
    http = asking["http"]
    app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    adapter.refresh(http=http, clock=clock, app=app, credentials=pinterest.credentials)
    adapter.revoke(http=http, clock=clock, app=app, credentials=pinterest.credentials)
    board = adapter.create_board(**asking, draft=BoardDraft(name="Helmets", is_secret=True))
    section = adapter.create_section(**asking, board_id=board.remote_id, name="Blue")
    options = {
        "board": f"{board.remote_id}/{section.remote_id}",
        "title": "Wheels",
        "link": "https://example.org/x",
    }
    contract = TestPinterestContract()
    for files in [(picture(),), (picture(), picture(color="red")), (film(),), (film(), picture())]:
        request = request_for(pinterest.account, pin(media=files, options=options))
        published = contract.publish(pinterest, request)
        assert isinstance(published, Published)
        contract.read_back(pinterest, request)
        contract.read_back(pinterest, replace(request, content=pin()))
    adapter.edit(
        http=http,
        clock=clock,
        credentials=pinterest.credentials,
        request=request_for(pinterest.account, pin("After", options=options)),
        remote_id=published.remote_id,
    )
    adapter.measure(**asking, remote_ids=[published.remote_id])
    adapter.choices(**asking, option="board")
    adapter.some_pins(**asking, board_id=board.remote_id)
    adapter.newest_pins(**asking, board_id=board.remote_id)
    adapter.save_pin(**asking, pin_id=published.remote_id, board_id=BOARD)
    adapter.move_pin(**asking, pin_id=published.remote_id, board_id=BOARD)
    adapter.delete(**asking, remote_id=published.remote_id)
    draft = BoardDraft(name="Helmets", description="For heads")
    adapter.update_board(**asking, board_id=board.remote_id, draft=draft)
    names: dict[str, Any] = {**asking, "board_id": board.remote_id, "section_id": section.remote_id}
    adapter.rename_section(**names, name="Red")
    adapter.delete_section(**names)
    adapter.delete_board(**asking, board_id=board.remote_id)
