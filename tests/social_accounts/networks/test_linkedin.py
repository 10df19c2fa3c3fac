from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_accounts.networks.base import (
    Content,
    LinkCard,
    OutcomeUnknown,
    Prepared,
    Published,
    Rejected,
    RejectionReason,
)
from social_accounts.networks.linkedin.adapter import LinkedInAdapter
from social_accounts.networks.linkedin.commentary import as_commentary, as_text
from social_accounts.networks.linkedin.config import real_home

from .cast import NOW, clock, media, picture, request_for
from .contract import TEXT, odd_json, status
from .contract_before import PrepareContract
from .contract_followups import CommentContract, EditContract, MeasureContract
from .fake_linkedin import PAGE, PERSON, REDIRECT_URI, FakeLinkedIn


class TestLinkedInContract(CommentContract, EditContract, MeasureContract, PrepareContract):
    repeat_is_harmless = False

    @pytest.fixture
    def network(self) -> FakeLinkedIn:
        return FakeLinkedIn()

    @pytest.mark.parametrize("taken", [True, False])
    @pytest.mark.parametrize("fault", [status(500), status(502), status(504)])
    def test_failure_after_sending_is_unknown_and_settled_by_reading_back(  # type: ignore[override]
        self, network: FakeLinkedIn, fault: object, taken: bool
    ) -> None:
        """A body that cannot be read is no failure here: the id comes in a header."""
        super().test_failure_after_sending_is_unknown_and_settled_by_reading_back(network, fault, taken)  # type: ignore[arg-type]

    def test_media_it_does_not_take_is_a_problem(self, network: FakeLinkedIn) -> None:  # type: ignore[override]
        adapter = network.adapter
        assert not adapter.problems(Content(text="x", media=(picture(),)))
        assert adapter.problems(Content(text="x", media=tuple(picture() for _number in range(21))))
        assert adapter.problems(Content(text="x", media=(replace(picture(), content_type="image/tiff"),)))
        card = LinkCard(url="https://example.org/x", title="A page")
        assert adapter.problems(Content(text="x", media=(picture(),), link_card=card))
        assert adapter.problems(Content(text="x", options={"visibility": "NOBODY"}))


@pytest.fixture
def linkedin() -> FakeLinkedIn:
    return FakeLinkedIn()


@pytest.fixture
def http(linkedin: FakeLinkedIn) -> Iterator[httpx.Client]:
    with linkedin.client() as http:
        yield http


@pytest.mark.parametrize(
    ("text", "commentary"),
    [
        ("plain", "plain"),
        ("Wheels (new)", "Wheels \\(new\\)"),
        ("#bikes are [great]", "#bikes are \\[great\\]"),
        ("# alone and a_b*c~d", "\\# alone and a\\_b\\*c\\~d"),
        ("back\\slash @home <b>", "back\\\\slash \\@home \\<b\\>"),
    ],
)
def test_nothing_written_is_taken_for_markup(text: str, commentary: str) -> None:
    assert as_commentary(text) == commentary
    assert as_text(commentary) == text


@given(st.text(max_size=200))
def test_every_text_comes_back_as_it_was_written(text: str) -> None:
    assert as_text(as_commentary(text)) == text


def test_a_hashtag_linkedin_made_a_template_of_is_still_the_hashtag() -> None:
    assert as_text("Look: {hashtag|\\#|bikes}!") == "Look: #bikes!"


def test_a_consent_opens_the_member_and_his_pages(linkedin: FakeLinkedIn, http: httpx.Client) -> None:
    app = linkedin.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    start = linkedin.adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI)
    assert "w_organization_social" in parse_qs(urlsplit(start.url).query)["scope"][0]
    member, credentials = linkedin.adapter.finish(
        http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"code": "good"}
    )
    assert (member.remote_id, credentials.grant) == (PERSON, "abc")
    assert credentials.expires_at == NOW + timedelta(days=60)
    found = linkedin.adapter.accounts(http=http, clock=clock, app=app, credentials=credentials)  # type: ignore[attr-defined]
    assert [one.account.remote_id for one in found] == [PERSON, PAGE]
    page = found[1]
    assert page.account == linkedin.account
    again = linkedin.adapter.identify(
        http=http, clock=clock, server=page.account.server, credentials=page.credentials
    )
    assert again == page.account


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("user_cancelled_login", "declined"),
        ("user_cancelled_authorize", "declined"),
        ("unauthorized_scope_error", "Its operator must name those it has"),
        ("server_error", "did not complete"),
    ],
)
def test_what_linkedin_says_on_the_way_back_is_told(
    linkedin: FakeLinkedIn, http: httpx.Client, error: str, words: str
) -> None:
    app = linkedin.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    with pytest.raises(Rejected, match=words) as caught:
        linkedin.adapter.finish(
            http=http, clock=clock, app=app, redirect_uri=REDIRECT_URI, keep={}, callback={"error": error}
        )
    assert caught.value.reason is RejectionReason.OTHER


def test_the_older_and_the_newer_scopes_of_comments_are_asked_for_or_what_the_operator_has(
    http: httpx.Client,
) -> None:
    def asked(*given: str) -> list[str]:
        adapter = LinkedInAdapter((replace(real_home("id-1", "secret-1"), scopes=given),))
        app = adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
        url = adapter.start(http=http, app=app, redirect_uri=REDIRECT_URI).url
        return parse_qs(urlsplit(url).query)["scope"][0].split()

    assert {"w_organization_social", "w_organization_social_feed", "r_organization_social_feed"} <= set(
        asked()
    )
    assert asked("openid", "profile", "w_member_social") == ["openid", "profile", "w_member_social"]


def test_an_application_without_pages_still_connects_the_member(
    linkedin: FakeLinkedIn, http: httpx.Client
) -> None:
    linkedin.has_pages = False
    app = linkedin.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    found = linkedin.adapter.accounts(http=http, clock=clock, app=app, credentials=linkedin.credentials)  # type: ignore[attr-defined]
    assert [one.account.remote_id for one in found] == [PERSON]


def test_a_refreshed_page_stays_that_page_s(linkedin: FakeLinkedIn, http: httpx.Client) -> None:
    app = linkedin.adapter.register_app(http=http, server="", redirect_uri=REDIRECT_URI)
    before = replace(linkedin.credentials, refresh_token="refresh-1")
    after = linkedin.adapter.refresh(http=http, clock=clock, app=app, credentials=before)
    assert (after.extra, after.grant) == (before.extra, before.grant)


def test_several_pictures_go_out_as_one_post_with_their_descriptions(
    linkedin: FakeLinkedIn, http: httpx.Client
) -> None:
    linkedin.looks_until_ready = 1
    content = Content(text=TEXT, media=(picture(), picture(color="red", alt_text="Red")))
    contract = TestLinkedInContract()
    published = contract.publish(linkedin, request_for(linkedin.account, content))
    assert isinstance(published, Published)
    images = linkedin.bodies[0]["content"]["multiImage"]["images"]  # type: ignore[index]
    assert [one["altText"] for one in images] == ["A teal rectangle", "Red"]
    assert contract.read_back(linkedin, request_for(linkedin.account, content)) == published


def test_a_film_goes_up_in_the_pieces_linkedin_names(linkedin: FakeLinkedIn, http: httpx.Client) -> None:
    film = media(b"0123456789", content_type="video/mp4", alt_text="", filename="ride.mp4")
    request = request_for(linkedin.account, Content(text=TEXT, media=(film,)))
    done = TestLinkedInContract().prepare(linkedin, http, request)
    assert linkedin.files["urn:li:video:0"] == [b"0123", b"4567", b"89"]
    assert done.prepared == {"urns": ["urn:li:video:0"]}


def test_where_one_may_not_look_one_waits_once(linkedin: FakeLinkedIn, http: httpx.Client) -> None:
    linkedin.may_look = False
    request = request_for(linkedin.account, Content(text=TEXT, media=(picture(),)))
    waits = []
    for _step in range(10):
        made = linkedin.adapter.prepare(  # type: ignore[attr-defined]
            http=http, clock=clock, credentials=linkedin.credentials, request=request
        )
        request = replace(request, prepared=made.progress)
        if isinstance(made, Prepared):
            break
        waits.append(made.next_at)
    assert waits[-1] == NOW + timedelta(seconds=5)
    assert isinstance(made, Prepared)


def test_a_file_linkedin_cannot_read_ends_the_post(linkedin: FakeLinkedIn, http: httpx.Client) -> None:
    linkedin.fails = True
    request = request_for(linkedin.account, Content(text=TEXT, media=(picture(),)))
    with pytest.raises(Rejected) as caught:
        TestLinkedInContract().prepare(linkedin, http, request)
    assert caught.value.reason is RejectionReason.MEDIA_INVALID


def test_an_answer_without_the_id_leaves_the_outcome_open(linkedin: FakeLinkedIn) -> None:
    linkedin.faults["publish"] = odd_json
    with pytest.raises(OutcomeUnknown):
        TestLinkedInContract().publish(linkedin)


def test_a_member_s_posts_cannot_be_looked_for(linkedin: FakeLinkedIn) -> None:
    person = replace(linkedin.account, remote_id=PERSON)
    with pytest.raises(OutcomeUnknown, match="cannot look"):
        TestLinkedInContract().read_back(linkedin, request_for(person, Content(text=TEXT)))


def test_a_link_goes_out_as_an_article(linkedin: FakeLinkedIn) -> None:
    card = LinkCard(url="https://example.org/x", title="A page", description="About")
    TestLinkedInContract().publish(
        linkedin, request_for(linkedin.account, Content(text=TEXT, link_card=card))
    )
    assert linkedin.bodies[0]["content"] == {
        "article": {"source": "https://example.org/x", "title": "A page", "description": "About"}
    }


def test_a_limit_without_a_time_ends_with_the_day(linkedin: FakeLinkedIn) -> None:
    linkedin.faults["publish"] = status(429, {"status": 429})
    with pytest.raises(Exception) as caught:
        TestLinkedInContract().publish(linkedin)
    assert caught.value.retry_at == NOW.replace(hour=0) + timedelta(days=1)  # type: ignore[attr-defined]
