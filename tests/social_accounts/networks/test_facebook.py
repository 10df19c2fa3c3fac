from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from social_accounts.networks.base import (
    Connectable,
    Content,
    Credentials,
    CredentialsExpired,
    LinkCard,
    Media,
    NotSent,
    Processing,
    Published,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.facebook.adapter import FacebookAdapter
from social_accounts.networks.facebook.config import real_home
from social_accounts.networks.facebook.features import SCOPES

from .cast import CREATED_AT, clock, media, picture, request_for
from .contract import TEXT, TOKEN, no_answer, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, EditContract, MeasureContract
from .fake_facebook import PAGE_ID, REDIRECT_URI, FakeFacebook, error


class TestFacebookContract(CommentContract, EditContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False

    @pytest.fixture
    def network(self) -> FakeFacebook:
        return FakeFacebook()

    def test_media_it_does_not_take_is_a_problem(self, network: FakeFacebook) -> None:  # type: ignore[override]
        adapter = network.adapter
        assert not adapter.problems(Content(text="", media=(picture(),)))
        assert adapter.problems(Content(text="", media=tuple(picture() for _number in range(11))))
        assert adapter.problems(Content(text="", media=(replace(picture(), content_type="application/pdf"),)))
        card = LinkCard(url="https://example.org/x", title="A page")
        assert adapter.problems(Content(text="x", media=(picture(),), link_card=card))

    def test_measure_tells_missing_from_zero(self, network: FakeFacebook) -> None:  # type: ignore[override]
        published = self.publish(network)
        assert isinstance(published, Published)
        with network.client() as http:
            points = network.adapter.measure(
                http=http,
                clock=clock,
                credentials=network.credentials,
                account=network.account,
                remote_ids=[published.remote_id, f"{PAGE_ID}_1"],
            )
        values = {(point.remote_id, point.metric): point.value for point in points}
        assert values[published.remote_id, "likes"] == 0
        assert values[published.remote_id, "impressions"] == 12
        assert values[f"{PAGE_ID}_1", "likes"] is None


@pytest.fixture
def facebook() -> FakeFacebook:
    return FakeFacebook()


@pytest.fixture
def http(facebook: FakeFacebook) -> Iterator[httpx.Client]:
    with facebook.client() as http:
        yield http


def test_start_asks_for_what_pages_need_and_no_more(facebook: FakeFacebook, http: httpx.Client) -> None:
    app = facebook.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = facebook.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    parts = urlsplit(start.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("www.facebook.com", "/v25.0/dialog/oauth")
    assert asked["scope"].split(",") == [
        "pages_show_list",
        "pages_read_engagement",
        "pages_manage_posts",
        "pages_manage_engagement",
        "read_insights",
    ]
    assert asked["state"] == start.state


def test_a_consent_opens_the_person_s_pages(facebook: FakeFacebook, http: httpx.Client) -> None:
    app = facebook.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    person, credentials = facebook.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    assert person.remote_id == "77"
    assert credentials.access_token == "long"
    (page,) = facebook.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
    assert page.account == facebook.account
    assert (page.credentials.access_token, page.credentials.grant) == (TOKEN, "77")
    assert page.credentials.expires_at is None


def opened(facebook: FakeFacebook, http: httpx.Client) -> Connectable:
    app = facebook.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    _person, credentials = facebook.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    (page,) = facebook.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
    assert isinstance(page, Connectable)
    return page


def test_a_page_says_what_it_lacks(facebook: FakeFacebook, http: httpx.Client) -> None:
    whole = opened(facebook, http)
    assert (whole.problem, whole.notes) == ("", ())
    facebook.targets = {"read_insights": ["9002"], "pages_manage_posts": [PAGE_ID]}
    page = opened(facebook, http)
    assert page.problem == ""
    assert [note for note in page.notes if "read_insights" in note]
    assert "read_insights" not in page.credentials.scopes
    facebook.targets = {"pages_manage_posts": ["9002"]}
    assert "did not tick this page" in opened(facebook, http).problem
    facebook.targets, facebook.tasks = {}, ("ANALYZE",)
    assert "may not publish on this page" in opened(facebook, http).problem


def test_pages_of_business_portfolios_are_listed_too_each_once(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    facebook.scopes = (*SCOPES, "business_management")
    app = facebook.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    _person, credentials = facebook.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    found = facebook.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
    assert [(one.account.remote_id, one.credentials.access_token) for one in found] == [
        (PAGE_ID, TOKEN),
        ("9009", "client-token"),
    ]


def test_a_consent_without_what_publishing_needs_connects_nothing(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    facebook.scopes = ("pages_show_list", "pages_read_engagement")
    with pytest.raises(Rejected, match="declined: pages_manage_posts") as caught:
        opened(facebook, http)
    assert caught.value.reason is RejectionReason.OTHER


def test_revoking_ends_the_person_s_consent_though_only_a_page_s_token_is_kept(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    app = facebook.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    for _time in range(2):
        facebook.adapter.revoke(http=http, clock=clock, app=app, credentials=facebook.credentials)
    assert facebook.forgotten == ["/77/permissions"] * 2
    facebook.adapter.revoke(http=http, clock=clock, app=app, credentials=Credentials(access_token=TOKEN))
    assert len(facebook.forgotten) == 2  # of nobody's consent there is nothing to end


def test_the_operator_s_application_asks_for_what_it_was_given(http: httpx.Client) -> None:
    home = replace(real_home("id-1", "secret-1"), scopes=("pages_show_list", "pages_manage_posts"))
    adapter = FacebookAdapter((home,))
    app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    url = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI).url
    assert parse_qs(urlsplit(url).query)["scope"] == ["pages_show_list,pages_manage_posts"]


def test_finish_tells_a_late_code_from_an_unknown_application(http: httpx.Client) -> None:
    for secret, code, reason in (
        ("secret-1", "late", RejectionReason.OTHER),
        ("wrong", "good", RejectionReason.NOT_FOUND),
    ):
        adapter = FacebookAdapter((real_home("id-1", secret),))
        app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
        with pytest.raises(Rejected) as caught:
            adapter.finish(
                http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": code}
            )
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("reason", "sent_at", "is_taken_away"),
    [
        (RejectionReason.OTHER, None, True),
        (RejectionReason.DUPLICATE, None, False),
        (RejectionReason.OTHER, CREATED_AT, False),
    ],
)
def test_photos_of_a_refused_post_are_taken_away_unless_they_may_be_out(
    facebook: FakeFacebook,
    http: httpx.Client,
    reason: RejectionReason,
    sent_at: datetime | None,
    is_taken_away: bool,
) -> None:
    content = Content(text=TEXT, media=(picture(),))
    request = TestFacebookContract().prepare(facebook, http, request_for(facebook.account, content))
    refusal = facebook.refusal(reason)
    assert refusal is not None
    facebook.faults["publish"] = refusal
    with pytest.raises(Rejected) as caught:
        facebook.adapter.publish(
            http=http,
            clock=clock,
            credentials=facebook.credentials,
            request=replace(request, sent_at=sent_at),
        )
    assert caught.value.reason is reason
    assert (("DELETE", "/v25.0/500") in facebook.calls) == is_taken_away


def test_photos_go_up_unseen_one_a_step_with_their_descriptions(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    content = Content(text=TEXT, media=(picture(), picture(alt_text="Red", color="red")))
    contract = TestFacebookContract()
    request = contract.prepare(facebook, http, request_for(facebook.account, content))
    assert list(facebook.photos.values()) == ["A teal rectangle", "Red"]
    assert facebook.public_posts == 0
    published = facebook.adapter.publish(
        http=http, clock=clock, credentials=facebook.credentials, request=request
    )
    assert isinstance(published, Published)
    assert facebook.forms[0]["attached_media[1]"] == '{"media_fbid":"501"}'
    found = contract.read_back(facebook, request_for(facebook.account, content))
    assert found == published


def test_a_photo_whose_answer_was_lost_goes_up_again(facebook: FakeFacebook, http: httpx.Client) -> None:
    request = request_for(facebook.account, Content(text=TEXT, media=(picture(),)))
    facebook.faults["upload"], facebook.taken = no_answer, True
    with pytest.raises(NotSent):
        TestFacebookContract().prepare(facebook, http, request)
    facebook.faults.clear()
    assert TestFacebookContract().prepare(facebook, http, request).prepared == {"ids": ["501"]}


def test_a_link_goes_out_as_its_preview(facebook: FakeFacebook, http: httpx.Client) -> None:
    card = LinkCard(url="https://example.org/x", title="A page")
    facebook.adapter.publish(
        http=http,
        clock=clock,
        credentials=facebook.credentials,
        request=request_for(facebook.account, Content(text=TEXT, link_card=card)),
    )
    assert facebook.forms[0]["link"] == "https://example.org/x"


def test_a_link_facebook_does_not_tell_is_made_from_the_id(facebook: FakeFacebook) -> None:
    facebook.tells_links = False
    published = TestFacebookContract().publish(facebook)
    assert isinstance(published, Published)
    assert published.permalink == f"https://www.facebook.com/{published.remote_id}"


@pytest.mark.parametrize(
    "answer", [error(10, "lacks pages_manage_posts", http=403), error(200, "x"), error(100, "x", sub=1404078)]
)
def test_a_missing_permission_asks_for_a_new_consent(facebook: FakeFacebook, answer: object) -> None:
    facebook.faults["publish"] = answer  # type: ignore[assignment]
    with pytest.raises(CredentialsExpired):
        TestFacebookContract().publish(facebook)


def test_deleting_what_one_may_not_delete_is_no_success(facebook: FakeFacebook, http: httpx.Client) -> None:
    published = TestFacebookContract().publish(facebook)
    assert isinstance(published, Published)
    real = facebook.answer

    def refuse_to_delete(request: httpx.Request) -> httpx.Response:
        return (
            error(100, "gone or not yours", sub=33)(request) if request.method == "DELETE" else real(request)
        )

    facebook.answer = refuse_to_delete  # type: ignore[method-assign]
    with pytest.raises(Rejected):
        facebook.adapter.delete(
            http=http,
            clock=clock,
            credentials=facebook.credentials,
            account=facebook.account,
            remote_id=published.remote_id,
        )


def test_an_odd_usage_header_still_names_a_time(facebook: FakeFacebook) -> None:
    headers = {"X-Business-Use-Case-Usage": "not json"}
    facebook.faults["publish"] = status(400, {"error": {"code": 32, "message": "x"}}, headers)
    with pytest.raises(Exception) as caught:
        TestFacebookContract().publish(facebook)
    assert type(caught.value).__name__ == "RateLimited"


# --- videos ----------------------------------------------------------------------------------------------------------


BYTES = bytes(range(65, 90))


def film(size: int = len(BYTES)) -> Media:
    return media(BYTES[:size], content_type="video/mp4", filename="ride.mp4")


def test_a_video_goes_up_in_the_parts_facebook_asks_for(facebook: FakeFacebook, http: httpx.Client) -> None:
    facebook.video_states = ("processing", "ready")
    contract = TestFacebookContract()
    content = Content(text=TEXT, media=(film(),), options={"video_title": "Ride"})
    request = contract.prepare(facebook, http, request_for(facebook.account, content))
    (video,) = facebook.videos.values()
    assert video.content == BYTES
    assert facebook.public_posts == 0
    step = facebook.adapter.publish(http=http, clock=clock, credentials=facebook.credentials, request=request)
    assert isinstance(step, Processing)
    assert facebook.forms[-1]["title"] == "Ride"

    def poll() -> Published | Processing:
        return facebook.adapter.poll(
            http=http,
            clock=clock,
            credentials=facebook.credentials,
            request=request,
            poll_token=step.poll_token,
        )

    assert isinstance(poll(), Processing)
    published = poll()
    assert published == contract.read_back(facebook, request)
    assert published == contract.read_back(facebook, replace(request, prepared={}))
    assert isinstance(published, Published)
    assert published.remote_id in facebook.posts


def test_a_part_whose_answer_was_lost_is_brought_again_alone(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    request = request_for(facebook.account, Content(text=TEXT, media=(film(),)))
    contract = TestFacebookContract()
    for _step in range(2):
        made = facebook.adapter.prepare(  # type: ignore[attr-defined]
            http=http, clock=clock, credentials=facebook.credentials, request=request
        )
        request = replace(request, prepared=made.progress)
    facebook.faults["upload"], facebook.taken = no_answer, True
    with pytest.raises(NotSent):
        contract.prepare(facebook, http, request)
    facebook.faults.clear()
    contract.prepare(facebook, http, request)
    assert [video.content for video in facebook.videos.values()] == [BYTES]


def test_a_video_facebook_cannot_read_is_refused_in_its_words(
    facebook: FakeFacebook, http: httpx.Client
) -> None:
    facebook.video_states = ("error",)
    contract = TestFacebookContract()
    request = contract.prepare(
        facebook, http, request_for(facebook.account, Content(text="x", media=(film(),)))
    )
    with pytest.raises(Rejected, match="No video stream") as refused:
        facebook.adapter.poll(
            http=http, clock=clock, credentials=facebook.credentials, request=request, poll_token="800"
        )
    assert refused.value.reason is RejectionReason.MEDIA_INVALID
