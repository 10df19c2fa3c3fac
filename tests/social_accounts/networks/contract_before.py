"""What adapters that speak Prepare or Choices must do before a post is out: mix in beside ``AdapterContract``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from social_accounts.networks.base import (
    Choices,
    CredentialsExpired,
    LimitLevel,
    NotSent,
    Prepare,
    Prepared,
    Preparing,
    PublishRequest,
    RateLimited,
)

from .cast import NOW, clock
from .contract import (
    AdapterContract,
    Answer,
    FakeNetwork,
    broken_connection,
    no_answer,
    odd_json,
    refused_connection,
    status,
    wrong_shape,
)

STEPS_MAX = 100


class PrepareContract(AdapterContract):
    """For adapters that bring a post's files ahead of it. Names of the tests are the contract."""

    def step(self, network: FakeNetwork, http: httpx.Client, request: PublishRequest) -> Preparing | Prepared:
        assert isinstance(network.adapter, Prepare)
        return network.adapter.prepare(
            http=http, clock=clock, credentials=network.credentials, request=request
        )

    def test_nothing_is_public_by_preparing(self, network: FakeNetwork) -> None:
        with network.client() as http:
            self.prepare(network, http, self.with_upload(network))
        assert network.public_posts == 0
        assert "publish" not in network.steps

    def test_what_a_step_leaves_comes_back_as_it_was(self, network: FakeNetwork) -> None:
        """It is kept as JSON between two steps."""
        request = self.with_upload(network)
        with network.client() as http:
            for _step in range(STEPS_MAX):
                made = self.step(network, http, request)
                assert json.loads(json.dumps(made.progress)) == made.progress
                if isinstance(made, Prepared):
                    return
                assert made.next_at is None or made.next_at > NOW
                request = replace(request, prepared=made.progress)
        raise AssertionError("the uploads never end")

    @pytest.mark.parametrize("fault", [no_answer, broken_connection, status(503)])
    def test_a_step_whose_answer_was_lost_is_done_again_from_where_it_began(
        self, network: FakeNetwork, fault: Answer
    ) -> None:
        request = self.with_upload(network)
        lost = 0
        with network.client() as http:
            for _step in range(STEPS_MAX):
                network.faults["upload"], network.taken = fault, True
                try:
                    made = self.step(network, http, request)
                except NotSent:
                    lost += 1
                    network.faults.clear()
                    made = self.step(network, http, request)
                request = replace(request, prepared=json.loads(json.dumps(made.progress)))
                if isinstance(made, Prepared):
                    break
            network.faults.clear()
            assert lost
            network.adapter.publish(http=http, clock=clock, credentials=network.credentials, request=request)
        assert network.public_posts == 1
        assert self.read_back(network, request) is not None

    def test_preparing_is_limited_and_expires_as_publishing_does(self, network: FakeNetwork) -> None:
        network.faults["upload"] = network.limited(LimitLevel.PROFILE)
        with network.client() as http, pytest.raises(RateLimited):
            self.prepare(network, http, self.with_upload(network))
        network.faults["upload"] = network.expired()
        with network.client() as http, pytest.raises(CredentialsExpired):
            self.prepare(network, http, self.with_upload(network))


class ChoicesContract(AdapterContract):
    """For adapters with options whose choices are the profile's own. Names of the tests are the contract."""

    def choices(self, network: FakeNetwork, option: str) -> Sequence[tuple[str, str]]:
        assert isinstance(network.adapter, Choices)
        with network.client() as http:
            return network.adapter.choices(
                http=http,
                clock=clock,
                credentials=network.credentials,
                account=network.account,
                option=option,
            )

    def asked(self, network: FakeNetwork) -> list[str]:
        return [option.name for option in network.adapter.features.options if option.is_asked]

    def test_each_option_that_is_asked_has_choices_a_post_may_take(self, network: FakeNetwork) -> None:
        assert self.asked(network)
        for option in self.asked(network):
            found = self.choices(network, option)
            assert found
            assert len({value for value, _words in found}) == len(found)
            for value, words in found:
                assert value and words
                assert not network.adapter.problems(self.content(options={option: value}))

    def test_an_option_that_is_not_asked_has_none(self, network: FakeNetwork) -> None:
        settled = [option.name for option in network.adapter.features.options if not option.is_asked]
        for option in (*settled, "no such option"):
            assert not self.choices(network, option)
        assert network.calls == []

    @pytest.mark.parametrize(
        "fault", [refused_connection, no_answer, broken_connection, odd_json, wrong_shape, status(500)]
    )
    def test_choices_that_could_not_be_read_are_not_told_as_none(
        self, network: FakeNetwork, fault: Answer
    ) -> None:
        network.faults["choices"] = fault
        for option in self.asked(network):
            with pytest.raises(NotSent):
                self.choices(network, option)

    def test_asking_is_limited_and_expires_as_publishing_does(self, network: FakeNetwork) -> None:
        for option in self.asked(network):
            network.faults["choices"] = network.limited(LimitLevel.PROFILE)
            with pytest.raises(RateLimited):
                self.choices(network, option)
            network.faults["choices"] = network.expired()
            with pytest.raises(CredentialsExpired):
                self.choices(network, option)
