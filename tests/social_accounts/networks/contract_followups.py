"""What adapters that speak Comment, Edit or more of Measure must do: mix in beside ``AdapterContract``.

The fake knows the steps "comment", "edit" and "measure", counts ``public_comments``, and tells ``text_of`` a post.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from social_accounts.networks.base import (
    FIRST_COMMENT,
    Comment,
    CommentRequest,
    CredentialsExpired,
    Edit,
    LimitLevel,
    Media,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Presence,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)

from .cast import CREATED_AT, NOW, clock, picture, request_for
from .contract import (
    TEXT,
    TOKEN,
    AdapterContract,
    Answer,
    FakeNetwork,
    broken_connection,
    no_answer,
    no_connection_in_time,
    odd_json,
    refused_connection,
    status,
    wrong_shape,
)

WORDS = "The first thing to be said below it"


@dataclass
class FakeWithFollowups(FakeNetwork):
    """A fake network on which a post is talked about and changed after it is out."""

    @property
    def public_comments(self) -> int:
        """Return how many comments are seen; only networks that take a comment are asked."""
        raise NotImplementedError

    def text_of(self, remote_id: str) -> str:
        """Return what the network shows of a post; only networks that let a post be edited are asked."""
        raise NotImplementedError


class _Followups(AdapterContract):
    def published(self, network: FakeNetwork) -> Published:
        published = self.publish(network)
        assert isinstance(published, Published)
        return published

    def take_down(self, network: FakeNetwork, remote_id: str) -> None:
        """Make a post disappear: override where the network lets no other application delete."""
        with network.client() as http:
            network.adapter.delete(
                http=http,
                clock=clock,
                credentials=network.credentials,
                account=network.account,
                remote_id=remote_id,
            )


class CommentContract(_Followups):
    """For adapters that say a first comment. Names of the tests are the contract."""

    @pytest.fixture
    def talk(self, network: FakeWithFollowups) -> CommentRequest:
        """Return what is to be said below a post that is out."""
        return CommentRequest(
            account=network.account,
            remote_id=self.published(network).remote_id,
            text=WORDS,
            key="comment-1",
            created_at=CREATED_AT,
        )

    def comment(self, network: FakeWithFollowups, talk: CommentRequest) -> Published:
        assert isinstance(network.adapter, Comment)
        with network.client() as http:
            return network.adapter.comment(
                http=http, clock=clock, credentials=network.credentials, request=talk
            )

    def find(self, network: FakeWithFollowups, talk: CommentRequest) -> Published | None:
        assert isinstance(network.adapter, Comment)
        with network.client() as http:
            return network.adapter.find_comment(
                http=http, clock=clock, credentials=network.credentials, request=talk
            )

    def test_comment_is_offered_as_an_option(self, network: FakeWithFollowups) -> None:
        assert FIRST_COMMENT in {option.name for option in network.adapter.features.options}
        assert not network.adapter.problems(self.content(options={FIRST_COMMENT: WORDS}))
        endless = "é" * 20_000
        assert network.adapter.problems(self.content(options={FIRST_COMMENT: endless}))
        assert network.adapter.problems(self.content(options={FIRST_COMMENT: "  \n"}))

    def test_comment_is_said_once_below_the_post(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        said = self.comment(network, talk)
        assert said.remote_id
        assert said.remote_id != talk.remote_id
        assert said.permalink.startswith("https://")
        assert (network.public_posts, network.public_comments) == (1, 1)
        assert self.find(network, talk) == said

    def test_comment_never_said_is_not_found(self, network: FakeWithFollowups, talk: CommentRequest) -> None:
        assert self.find(network, talk) is None

    def test_other_words_are_not_taken_for_the_comment(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        self.comment(network, replace(talk, text="Something else", key="comment-2"))
        assert self.find(network, talk) is None

    def test_a_post_of_the_same_words_is_not_taken_for_the_comment(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        self.publish(network, request_for(network.account, self.content(WORDS), key="publication-2"))
        assert self.find(network, talk) is None

    def test_the_same_words_below_another_post_are_not_taken_for_the_comment(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        other = self.publish(network, request_for(network.account, self.content("More"), key="publication-2"))
        assert isinstance(other, Published)
        self.comment(network, replace(talk, remote_id=other.remote_id, key="comment-2"))
        assert self.find(network, talk) is None

    def test_comment_refused_says_why(self, network: FakeWithFollowups, talk: CommentRequest) -> None:
        refusal = network.refusal(RejectionReason.OTHER)
        assert refusal is not None
        network.faults["comment"] = refusal
        with pytest.raises(Rejected) as caught:
            self.comment(network, talk)
        assert str(caught.value)
        assert network.public_comments == 0

    def test_comment_below_a_post_that_is_gone_is_refused(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        self.take_down(network, talk.remote_id)
        with pytest.raises(Rejected):
            self.comment(network, talk)
        assert network.public_comments == 0

    def test_comment_is_limited_and_expires_as_a_post_does(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        network.faults["comment"] = network.limited(LimitLevel.PROFILE)
        with pytest.raises(RateLimited) as limited:
            self.comment(network, talk)
        assert limited.value.retry_at == NOW + timedelta(minutes=30)
        network.faults["comment"] = network.expired()
        with pytest.raises(CredentialsExpired):
            self.comment(network, talk)
        assert network.public_comments == 0

    @pytest.mark.parametrize("fault", [refused_connection, no_connection_in_time])
    def test_comment_that_never_left_is_not_sent(
        self, network: FakeWithFollowups, talk: CommentRequest, fault: Answer
    ) -> None:
        network.faults["comment"] = fault
        with pytest.raises(NotSent):
            self.comment(network, talk)

    @pytest.mark.parametrize("taken", [True, False])
    @pytest.mark.parametrize(
        "fault", [no_answer, broken_connection, odd_json, wrong_shape, status(500), status(504)]
    )
    def test_comment_without_an_answer_is_unknown_and_found_by_looking(
        self, network: FakeWithFollowups, talk: CommentRequest, fault: Answer, taken: bool
    ) -> None:
        network.faults["comment"], network.taken = fault, taken
        with pytest.raises(OutcomeUnknown):
            self.comment(network, talk)
        network.faults.clear()
        assert network.public_comments == (1 if taken else 0)
        assert (self.find(network, talk) is not None) is taken

    @pytest.mark.parametrize("fault", [refused_connection, no_answer, odd_json, status(500), status(429)])
    def test_looking_for_a_comment_never_says_absent_when_it_could_not_look(
        self, network: FakeWithFollowups, talk: CommentRequest, fault: Answer
    ) -> None:
        self.comment(network, talk)
        network.faults["read"] = fault
        with pytest.raises((NotSent, RateLimited)):
            self.find(network, talk)

    def test_comment_s_errors_hold_no_token_and_no_words(
        self, network: FakeWithFollowups, talk: CommentRequest
    ) -> None:
        for fault in (no_answer, status(400, {"error": TOKEN, "message": TOKEN, "detail": TOKEN})):
            network.faults["comment"] = fault
            with pytest.raises(NetworkError) as caught:
                self.comment(network, talk)
            assert TOKEN not in str(caught.value)
            assert WORDS not in str(caught.value)


class EditContract(_Followups):
    """For adapters that change a post that is out. Names of the tests are the contract."""

    def edit(self, network: FakeWithFollowups, remote_id: str, text: str = "Said better") -> Published:
        assert isinstance(network.adapter, Edit)
        with network.client() as http:
            return network.adapter.edit(
                http=http,
                clock=clock,
                credentials=network.credentials,
                request=request_for(network.account, self.content(text)),
                remote_id=remote_id,
            )

    def test_edit_changes_the_post_and_may_be_repeated(self, network: FakeWithFollowups) -> None:
        published = self.published(network)
        for _time in range(2):
            edited = self.edit(network, published.remote_id)
            assert edited.remote_id == published.remote_id
            assert edited.permalink.startswith("https://")
        assert network.text_of(published.remote_id) == "Said better"
        assert network.public_posts == 1

    @pytest.mark.parametrize("taken", [True, False])
    @pytest.mark.parametrize("fault", [refused_connection, no_answer, broken_connection, status(503)])
    def test_edit_without_an_answer_is_simply_done_again(
        self, network: FakeWithFollowups, fault: Answer, taken: bool
    ) -> None:
        published = self.published(network)
        network.faults["edit"], network.taken = fault, taken
        with pytest.raises(NotSent):
            self.edit(network, published.remote_id)
        network.faults.clear()
        self.edit(network, published.remote_id)
        assert network.text_of(published.remote_id) == "Said better"

    def test_edit_refused_says_why_and_changes_nothing(self, network: FakeWithFollowups) -> None:
        published = self.published(network)
        refusal = network.refusal(RejectionReason.OTHER)
        assert refusal is not None
        network.faults["edit"] = refusal
        with pytest.raises(Rejected):
            self.edit(network, published.remote_id)
        network.faults["edit"] = network.expired()
        with pytest.raises(CredentialsExpired):
            self.edit(network, published.remote_id)
        assert network.text_of(published.remote_id) == TEXT

    def test_edit_of_a_post_that_is_gone_is_not_found(self, network: FakeWithFollowups) -> None:
        published = self.published(network)
        self.take_down(network, published.remote_id)
        with pytest.raises(Rejected) as caught:
            self.edit(network, published.remote_id)
        assert caught.value.reason is RejectionReason.NOT_FOUND

    def test_edit_of_what_cannot_be_changed_is_a_problem(self, network: FakeWithFollowups) -> None:
        assert isinstance(network.adapter, Edit)
        before = self.content(TEXT, media=(picture(),))
        assert not network.adapter.edit_problems(before, replace(before, text="Said better"))
        other = (replace(picture(color="red"), filename="another.png"),)
        assert network.adapter.edit_problems(before, replace(before, media=other))
        assert network.adapter.edit_problems(before, replace(before, media=()))


class MeasureContract(_Followups):
    """Every adapter's numbers: one that is missing is None and never zero, and an odd answer is none at all."""

    # None: of a post that is gone the network does not tell whether it is only hidden.
    says_of_what_is_gone: bool | None = False
    takes_several_videos = False
    takes_a_picture_beside_a_video = False

    def numbers(self, network: FakeNetwork, remote_id: str) -> dict[str, int | None]:
        with network.client() as http:
            points = network.adapter.measure(
                http=http,
                clock=clock,
                credentials=network.credentials,
                account=network.account,
                remote_ids=[remote_id],
            )
        assert {point.remote_id for point in points} == {remote_id}
        return {point.metric: point.value for point in points}

    def test_a_number_the_network_does_not_tell_is_none(self, network: FakeNetwork) -> None:
        published = self.published(network)
        assert self.numbers(network, published.remote_id)["likes"] == 0
        network.untold = "likes"
        found = self.numbers(network, published.remote_id)
        assert found["likes"] is None
        assert any(value is not None for value in found.values())

    @pytest.mark.parametrize("fault", [refused_connection, no_answer, odd_json, wrong_shape, status(500)])
    def test_numbers_that_could_not_be_read_are_no_numbers(self, network: FakeNetwork, fault: Answer) -> None:
        published = self.published(network)
        network.faults["measure"] = fault
        with pytest.raises(NotSent):
            self.numbers(network, published.remote_id)

    def test_measuring_is_limited_and_expires_as_publishing_does(self, network: FakeNetwork) -> None:
        published = self.published(network)
        network.faults["measure"] = network.limited(LimitLevel.PROFILE)
        with pytest.raises(RateLimited):
            self.numbers(network, published.remote_id)
        network.faults["measure"] = network.expired()
        with pytest.raises(CredentialsExpired):
            self.numbers(network, published.remote_id)

    def test_a_post_that_was_deleted_is_told_from_one_that_is_there(self, network: FakeNetwork) -> None:
        adapter = network.adapter
        if not isinstance(adapter, Presence):
            return
        published = self.published(network)
        ask: dict[str, Any] = {
            "clock": clock,
            "credentials": network.credentials,
            "account": network.account,
            "remote_id": published.remote_id,
        }
        with network.client() as http:
            assert adapter.is_there(http=http, **ask) is True
            self.take_down(network, published.remote_id)
            assert adapter.is_there(http=http, **ask) is self.says_of_what_is_gone
        network.faults = dict.fromkeys(("read", "measure", ""), status(500))
        with network.client() as http, pytest.raises(NotSent):
            adapter.is_there(http=http, **ask)

    def test_a_video_is_judged_before_it_is_planned(self, network: FakeNetwork) -> None:
        features = network.adapter.features
        if not features.video_types:
            return
        good = replace(
            picture(),
            content_type=features.video_types[0],
            size_bytes=1_000_000,
            seconds=20.0,
            frames_per_second=30.0,
            codecs=("h264", "aac"),
            filename="ride.mp4",
        )

        def is_taken(*files: Media) -> bool:
            return not network.adapter.problems(self.content("x", media=files))

        assert is_taken(good)
        assert is_taken(good, good) is self.takes_several_videos
        assert is_taken(good, self.picture()) is self.takes_a_picture_beside_a_video
        assert not is_taken(replace(good, content_type="video/x-nobody-knows"))
        if features.video_bytes_max is not None:
            assert not is_taken(replace(good, size_bytes=features.video_bytes_max + 1))
        if features.video_seconds_max is not None:
            assert not is_taken(replace(good, seconds=features.video_seconds_max + 1))
