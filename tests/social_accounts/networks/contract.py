"""What every adapter must do, whatever its network: subclass ``AdapterContract``, give it a ``FakeNetwork``.

The fake is a small server behind ``httpx.MockTransport``. It is strict about what it is sent, counts what becomes
public, and misbehaves on demand. Nothing sleeps; an adapter that repeats by itself is caught by the counts.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from social_accounts.networks.base import (
    Account,
    Connect,
    Content,
    Credentials,
    CredentialsExpired,
    LimitLevel,
    Measure,
    Media,
    NetworkError,
    NotSent,
    OutcomeUnknown,
    Prepare,
    Prepared,
    Processing,
    Publish,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
    Repeat,
    Trouble,
)
from social_accounts.networks.registry import Adapter

from .cast import NOW, clock, picture, request_for

TOKEN = "token-that-must-never-be-shown"
TEXT = "A text that only its readers see"

Answer = Callable[[httpx.Request], httpx.Response]


def status(code: int, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    return lambda request: httpx.Response(code, json=body if body is not None else {}, headers=headers)


def odd_json(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<html>Welcome</html>")


def wrong_shape(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=["neither", {"here": None}])


def refused_connection(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"refused, while sending {TOKEN}", request=request)


def no_connection_in_time(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("too slow", request=request)


def no_answer(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout(f"no answer to {TOKEN}", request=request)


def broken_connection(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("server disconnected", request=request)


@dataclass
class FakeNetwork(ABC):
    """``faults`` maps a step (publish, upload, read, identify) to what happens instead of it; ``taken`` first does
    the step and then loses the answer."""

    adapter: Adapter = field(init=False)
    account: Account = field(init=False)
    credentials: Credentials = field(init=False)
    faults: dict[str, Answer] = field(default_factory=dict)
    taken: bool = False
    # A number the network does not tell of any post: "likes".
    untold: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    @abstractmethod
    def step_of(self, request: httpx.Request) -> str:
        """Return which step a request is, or an empty text."""

    @abstractmethod
    def answer(self, request: httpx.Request) -> httpx.Response:
        """Do what the network does."""

    @property
    @abstractmethod
    def public_posts(self) -> int: ...

    @abstractmethod
    def refusal(self, reason: RejectionReason) -> Answer | None:
        """Return how the network refuses for this reason; None when it never does."""

    @abstractmethod
    def limited(self, level: LimitLevel) -> Answer:
        """Return how the network limits, for half an hour from ``NOW``."""

    @abstractmethod
    def expired(self) -> Answer: ...

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls.append((request.method, request.url.path))
        step = self.step_of(request)
        self.steps.append(step)
        fault = self.faults.get(step)
        if fault is None:
            return self.answer(request)
        if self.taken:
            done = self.answer(request)
            if not done.is_success:
                return done  # a handshake comes first; the fault is for the request that counts
        return fault(request)

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.handle))


class AdapterContract:
    """Subclass with a fixture ``network``. Names of the tests are the contract."""

    has_application_level = True
    # False: the network takes no key; a repeat is refused as a duplicate, and reading back finds the first.
    repeat_is_harmless = True
    # False as well: the network takes the same post twice. Only reading back keeps it one.
    repeat_is_refused = True

    @pytest.fixture
    def network(self) -> FakeNetwork:
        raise NotImplementedError

    def content(self, text: str = TEXT, **more: Any) -> Content:
        """Return the smallest post this network takes: override where it takes none of text alone."""
        return Content(text=text, **more)

    def picture(self) -> Media:
        """Return a picture as this network takes it."""
        return picture()

    def publish(self, network: FakeNetwork, request: PublishRequest | None = None) -> Published | Processing:
        request = request or request_for(network.account, self.content())
        with network.client() as http:
            if isinstance(network.adapter, Prepare) and request.content.media:
                request = self.prepare(network, http, request)
            return network.adapter.publish(
                http=http, clock=clock, credentials=network.credentials, request=request
            )

    def prepare(self, network: FakeNetwork, http: httpx.Client, request: PublishRequest) -> PublishRequest:
        """Do the steps before the post as delivery does, each with what the one before it left, kept as JSON."""
        assert isinstance(network.adapter, Prepare)
        for _step in range(100):
            made = network.adapter.prepare(
                http=http, clock=clock, credentials=network.credentials, request=request
            )
            request = replace(request, prepared=json.loads(json.dumps(made.progress)))
            if isinstance(made, Prepared):
                return request
        raise AssertionError("the uploads never end")

    def publish_again(self, network: FakeNetwork) -> Published | Processing | None:
        """Publish the same once more and return what it answers; where that is a refusal, what is found by looking."""
        if self.repeat_is_harmless:
            return self.publish(network)
        if not self.repeat_is_refused:
            return self.read_back(network)
        with pytest.raises(Rejected) as caught:
            self.publish(network)
        assert caught.value.reason is RejectionReason.DUPLICATE
        return self.read_back(network)

    def read_back(self, network: FakeNetwork, request: PublishRequest | None = None) -> Published | None:
        with network.client() as http:
            return network.adapter.read_back(
                http=http,
                clock=clock,
                credentials=network.credentials,
                request=request or request_for(network.account, self.content()),
            )

    def with_picture(self, network: FakeNetwork) -> PublishRequest:
        return request_for(network.account, self.content(media=(self.picture(),)))

    def with_upload(self, network: FakeNetwork) -> PublishRequest:
        """Return a post with a file that goes up ahead of it, or with it where none does."""
        return self.with_picture(network)

    def test_speaks_the_three_protocols(self, network: FakeNetwork) -> None:
        assert isinstance(network.adapter, Connect)
        assert isinstance(network.adapter, Publish)
        assert isinstance(network.adapter, Measure)
        # Where ``test_contracts`` looks for it.
        modules = [found.__module__.rpartition(".")[2] for found in type(self).__mro__]
        assert f"test_{network.adapter.features.name}" in modules

    def test_features_say_what_each_scope_is_for(self, network: FakeNetwork) -> None:
        features = network.adapter.features
        assert features.has_approval
        assert features.text_limit > 0
        assert features.scopes
        assert all(line.what and line.used_for for line in features.scopes)

    def test_identify_tells_whose_credentials_these_are(self, network: FakeNetwork) -> None:
        with network.client() as http:
            found = network.adapter.identify(
                http=http, clock=clock, server=network.account.server, credentials=network.credentials
            )
        assert found == network.account

    def test_publish_gives_id_and_link(self, network: FakeNetwork) -> None:
        published = self.publish(network)
        assert isinstance(published, Published)
        assert published.remote_id
        assert published.permalink.startswith("https://")
        assert network.public_posts == 1

    def test_publish_uploads_pictures_with_their_descriptions(self, network: FakeNetwork) -> None:
        published = self.publish(network, self.with_picture(network))
        assert isinstance(published, Published)
        assert network.public_posts == 1

    def test_repeat_of_a_publication_is_one_post(self, network: FakeNetwork) -> None:
        assert self.publish(network) == self.publish_again(network)
        assert network.public_posts == 1

    @pytest.mark.parametrize("taken", [True, False])
    def test_lost_post_is_offered_to_be_repeated_only_where_one_post_comes_of_it(
        self, network: FakeNetwork, taken: bool
    ) -> None:
        assert isinstance(network.adapter, Repeat) is self.repeat_is_harmless
        if not isinstance(network.adapter, Repeat):
            return
        network.faults["publish"], network.taken = no_answer, taken
        with pytest.raises(OutcomeUnknown):
            self.publish(network)
        network.faults.clear()
        with network.client() as http:
            assert network.adapter.is_harmless_to_repeat(
                http=http,
                clock=clock,
                credentials=network.credentials,
                request=request_for(network.account, self.content()),
            )
        self.publish(network)
        assert network.public_posts == 1

    @pytest.mark.parametrize("reason", list(RejectionReason))
    def test_refusal_is_rejected_with_its_reason(self, network: FakeNetwork, reason: RejectionReason) -> None:
        refusal = network.refusal(reason)
        if refusal is None:
            return
        network.faults["publish"] = refusal
        with pytest.raises(Rejected) as caught:
            self.publish(network)
        assert caught.value.reason is reason
        assert str(caught.value)
        assert network.public_posts == 0

    @pytest.mark.parametrize("level", list(LimitLevel))
    def test_limit_says_until_when_and_for_whom(self, network: FakeNetwork, level: LimitLevel) -> None:
        if level is LimitLevel.APPLICATION and not self.has_application_level:
            return
        network.faults["publish"] = network.limited(level)
        with pytest.raises(RateLimited) as caught:
            self.publish(network)
        assert caught.value.level is level
        assert caught.value.retry_at == NOW + timedelta(minutes=30)
        assert network.public_posts == 0

    @pytest.mark.parametrize("header", ["", "soon", "-5", "1e99", "Sat, 99 Foo 2026"])
    def test_limit_with_an_odd_header_still_names_a_time(self, network: FakeNetwork, header: str) -> None:
        network.faults["publish"] = status(429, {"error": "RateLimitExceeded"}, {"Retry-After": header})
        with pytest.raises(RateLimited) as caught:
            self.publish(network)
        assert NOW < caught.value.retry_at <= NOW + timedelta(days=1)

    def test_dead_token_means_reconnect(self, network: FakeNetwork) -> None:
        network.faults["publish"] = network.expired()
        with pytest.raises(CredentialsExpired):
            self.publish(network)
        assert network.public_posts == 0

    @pytest.mark.parametrize("fault", [refused_connection, no_connection_in_time])
    def test_failure_before_sending_is_not_sent(self, network: FakeNetwork, fault: Answer) -> None:
        network.faults["publish"] = fault
        with pytest.raises(NotSent) as caught:
            self.publish(network)
        assert caught.value.trouble is Trouble.UNREACHABLE

    @pytest.mark.parametrize("taken", [True, False])
    @pytest.mark.parametrize(
        "fault", [no_answer, broken_connection, odd_json, wrong_shape, status(500), status(502), status(504)]
    )
    def test_failure_after_sending_is_unknown_and_settled_by_reading_back(
        self, network: FakeNetwork, fault: Answer, taken: bool
    ) -> None:
        network.faults["publish"], network.taken = fault, taken
        with pytest.raises(OutcomeUnknown) as caught:
            self.publish(network)
        assert caught.value.trouble is Trouble.FAULT
        network.faults.clear()
        found = self.read_back(network)
        assert network.public_posts == (1 if taken else 0)
        assert (found is not None) is taken
        if found is not None:
            assert found == self.publish_again(network)

    @pytest.mark.parametrize(
        "fault",
        [refused_connection, no_answer, broken_connection, odd_json, wrong_shape, status(500), status(503)],
    )
    def test_failed_upload_is_not_sent(self, network: FakeNetwork, fault: Answer) -> None:
        network.faults["upload"] = fault
        with pytest.raises(NotSent):
            self.publish(network, self.with_upload(network))
        assert network.public_posts == 0

    @pytest.mark.parametrize(
        "fault", [refused_connection, no_answer, odd_json, wrong_shape, status(500), status(429)]
    )
    def test_reading_back_never_says_absent_when_it_could_not_look(
        self, network: FakeNetwork, fault: Answer
    ) -> None:
        self.publish(network)
        network.faults["read"] = fault
        with pytest.raises((NotSent, RateLimited)):
            self.read_back(network)

    def test_reading_back_does_not_take_another_post_for_ours(self, network: FakeNetwork) -> None:
        self.publish(network)
        other = request_for(network.account, self.content("Another text"), key="publication-2")
        assert self.read_back(network, other) is None

    def test_nothing_is_repeated_by_itself(self, network: FakeNetwork) -> None:
        network.faults["publish"] = status(503)
        with pytest.raises(OutcomeUnknown):
            self.publish(network)
        assert network.steps.count("publish") == 1

    @pytest.mark.parametrize(
        "fault",
        [
            refused_connection,
            no_answer,
            status(401, {"error": TOKEN, "message": TOKEN}),
            status(400, {"error": f"bad {TOKEN}", "message": f"bad {TOKEN}"}),
            status(422, {"error": f"bad {TOKEN}", "message": f"bad {TOKEN}"}),
            status(500, {"error": TOKEN}),
        ],
    )
    def test_errors_hold_no_token_and_no_text(self, network: FakeNetwork, fault: Answer) -> None:
        network.faults["publish"] = fault
        with pytest.raises(NetworkError) as caught:
            self.publish(network)
        assert TOKEN not in str(caught.value)
        assert TEXT not in str(caught.value)
        assert TOKEN not in repr(network.credentials)

    def test_delete_can_be_repeated(self, network: FakeNetwork) -> None:
        published = self.publish(network)
        assert isinstance(published, Published)
        for _time in range(2):
            with network.client() as http:
                network.adapter.delete(
                    http=http,
                    clock=clock,
                    credentials=network.credentials,
                    account=network.account,
                    remote_id=published.remote_id,
                )
        assert network.public_posts == 0
        assert self.read_back(network) is None

    def test_measure_tells_missing_from_zero(self, network: FakeNetwork) -> None:
        published = self.publish(network)
        assert isinstance(published, Published)
        gone = published.remote_id[:-1] + ("3" if published.remote_id[-1] != "3" else "4")
        with network.client() as http:
            points = network.adapter.measure(
                http=http,
                clock=clock,
                credentials=network.credentials,
                account=network.account,
                remote_ids=[published.remote_id, gone],
            )
        values = {(point.remote_id, point.metric): point.value for point in points}
        assert values[published.remote_id, "likes"] == 0
        assert values[gone, "likes"] is None
        assert {point.measured_at for point in points} == {NOW}

    def test_content_it_counts_as_too_long_is_a_problem(self, network: FakeNetwork) -> None:
        limit = network.adapter.features.text_limit
        assert not network.adapter.problems(self.content("é" * limit))
        assert network.adapter.count(self.content("é" * limit)).used == limit
        assert network.adapter.problems(self.content("é" * (limit + 1)))
        assert network.adapter.problems(Content(text="  "))

    def test_media_it_does_not_take_is_a_problem(self, network: FakeNetwork) -> None:
        adapter = network.adapter
        too_many = tuple(self.picture() for _number in range(adapter.features.images_max + 1))
        assert not adapter.problems(self.content("", media=(self.picture(),)))
        assert adapter.problems(self.content("", media=too_many))
        film = replace(self.picture(), content_type="application/pdf")
        assert adapter.problems(self.content("", media=(film,)))
        choosing = next(option for option in adapter.features.options if option.choices or option.is_asked)
        assert adapter.problems(self.content("x", options={choosing.name: "no such choice"}))
