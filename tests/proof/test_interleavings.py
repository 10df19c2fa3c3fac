"""Two workers, beat and the reaper in every order: no way leads from "maybe sent" back to sending.

Each step is one transaction or one conversation with the network, so their orders are all there is.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publishing.delivery import asking, claiming, outages, outcomes, sending, timings
from publishing.delivery.requests import Call
from publishing.models import (
    TRANSITIONS,
    HoldReason,
    ProfileRateLimit,
    Publication,
    PublishAttempt,
    State,
)
from publishing.states import MAYBE_SENT, StateChanged, TransitionNotAllowed, move
from social_accounts import connections
from social_accounts.models import ServerOutage
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Processing,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
    Trouble,
)
from tests.publishing.delivery.conftest import Clock, Desk, FakeNetwork, clock, desk, network

__all__ = ["clock", "desk", "network"]  # fixtures
pytestmark = pytest.mark.proof

WORKERS = (0, 1)
BEHAVIORS = (
    "publish",
    "take and answer nothing",
    "take and crash the worker",
    "take nothing and answer nothing",
    "crash before",
    "not sent",
    "be away",
    "rate limit",
    "refuse",
    "expire",
    "process",
)
WAITS_SECONDS = (1, 20, 130, 1000, 8000)


class WorkerDied(BaseException):
    """Stands for SIGKILL in the middle of a conversation."""


class HonestNetwork(FakeNetwork):
    """Knows how often it was handed the post and whether it has it.

    With ``has_keys`` it makes one post of all requests with one key; that is used only after a look in vain.
    """

    def __init__(self, clock: Clock, *, has_keys: bool = False) -> None:
        super().__init__()
        self.clock = clock
        self.has_keys = has_keys
        self.behavior = "publish"
        self.is_there = False
        self.is_looked_at = False
        self.sent_while_there = 0
        self.keys: set[str] = set()

    def _take(self, request: PublishRequest) -> Published:
        self.sent_while_there += self.is_there and not (self.has_keys and self.is_looked_at)
        self.is_there = True
        self.keys.add(request.key)
        return Published(remote_id="42", permalink="https://sandbox.test/42")

    def _do(self, verb: str, request: PublishRequest) -> Any:
        self.requests.setdefault(verb, []).append(request)
        now = self.clock.now
        match self.behavior:
            case "publish":
                return self._take(request)
            case "take and answer nothing":
                self._take(request)
                raise OutcomeUnknown("lost")
            case "take and crash the worker":
                self._take(request)
                raise WorkerDied
            case "take nothing and answer nothing":
                raise OutcomeUnknown("lost")
            case "crash before":
                raise WorkerDied
            case "not sent":
                raise NotSent("away")
            case "be away":
                raise NotSent("away", trouble=Trouble.UNREACHABLE)
            case "rate limit":
                raise RateLimited(now, LimitLevel.PROFILE)
            case "refuse":
                raise Rejected(RejectionReason.POLICY, "no")
            case "expire":
                raise CredentialsExpired("gone")
            case "process":
                return Processing(poll_token="[7]", check_at=now)
        raise AssertionError(self.behavior)

    def read_back(self, **_more: Any) -> Published | None:
        return Published(remote_id="42", permalink="") if self.is_there else None

    def is_harmless_to_repeat(self, **_more: Any) -> bool:
        return self.has_keys


single_steps = st.one_of(
    st.tuples(st.just("claim")),
    st.tuples(st.just("begin"), st.sampled_from(WORKERS)),
    st.tuples(st.just("begin a poll"), st.sampled_from(WORKERS)),
    st.tuples(st.just("talk"), st.sampled_from(WORKERS), st.sampled_from(BEHAVIORS)),
    st.tuples(st.just("settle"), st.sampled_from(WORKERS)),
    st.tuples(st.just("die"), st.sampled_from(WORKERS)),
    st.tuples(st.just("put back")),
    st.tuples(st.just("reap")),
    st.tuples(st.just("read back"), st.sampled_from(WORKERS), st.sampled_from(BEHAVIORS)),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("wait"), st.sampled_from(WAITS_SECONDS)),
)


@st.composite
def runs(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Return the way of one worker from the claim to the outcome, up to where he stops."""
    worker, behavior = draw(st.sampled_from(WORKERS)), draw(st.sampled_from(BEHAVIORS))
    first: list[tuple[Any, ...]] = draw(
        st.sampled_from([[("claim",), ("begin", worker)], [("begin a poll", worker)]])
    )
    whole = [*first, ("talk", worker, behavior), ("settle", worker)]
    return whole[: draw(st.sampled_from([len(whole), len(whole), len(whole) - 1, len(whole) - 2]))]


plans = st.lists(
    st.one_of(single_steps.map(lambda step: [step]), runs(), runs()), min_size=1, max_size=12
).map(lambda parts: list(itertools.chain.from_iterable(parts)))


def run_of(worker: int, behavior: str, *, first: str = "begin") -> list[tuple[Any, ...]]:
    return [("claim",), (first, worker), ("talk", worker, behavior), ("settle", worker)]


POLL = "begin a poll"
KNOWN_DANGERS: dict[str, list[tuple[Any, ...]]] = {
    "a lost answer": [*run_of(0, "take and answer nothing"), ("wait", 8000), ("put back",), ("reap",)],
    "a dead worker": [*run_of(0, "take and crash the worker"), ("wait", 1000), ("put back",), ("reap",)],
    "a message that comes twice": [("claim",), ("begin", 0), ("begin", 1), ("talk", 0, "publish")],
    "a dead worker while polling": [
        *run_of(0, "process"),
        *run_of(0, "take and crash the worker", first=POLL),
        *run_of(1, "publish", first=POLL),
    ],
    "a server that is away, and a probe whose worker dies": [
        *[step for _time in range(3) for step in (*run_of(0, "be away"), ("wait", 130))],
        *run_of(0, "take and crash the worker"),
        ("claim",),
        ("begin", 1),
        ("wait", 1000),
        ("reap",),
        *run_of(1, "publish"),
    ],
    "an answer that is lost again and again": [
        *run_of(0, "take nothing and answer nothing"),
        ("read back",),
        ("read back", 0, "take nothing and answer nothing"),
        ("read back", 1, "take and crash the worker"),
        ("read back", 0, "publish"),
        ("wait", 1000),
        ("reap",),
        *run_of(1, "publish"),
    ],
    "two polls at once": [*run_of(0, "process"), (POLL, 0), (POLL, 1), ("talk", 0, "publish")],
    "a slow worker": [("claim",), ("begin", 0), ("wait", 1000), ("reap",), *run_of(0, "publish")],
}


class World:
    """One publication, two workers, and what they hold in their hands."""

    def __init__(self, desk: Desk, network: HonestNetwork) -> None:
        self.desk, self.network = desk, network
        self.publication = desk.write()
        self.ids = {
            "organization_id": self.publication.organization_id,
            "publication_id": self.publication.pk,
        }
        self.calls: dict[int, Call | None] = {}
        self.answers: dict[int, Any] = {}

    def step(self, name: str, worker: int = 0, behavior: str = "publish") -> None:
        now = self.desk.clock.now
        match name:
            case "claim":
                outages.let_one_through(now=now)
                claiming.claim_due(now=now)
            case "begin" if self.calls.get(worker) is None:
                self.calls[worker] = sending.begin(**self.ids, now=now)
            case "begin a poll" if self.calls.get(worker) is None:
                self.calls[worker] = asking._begin_poll(**self.ids, now=now)
            case "talk" if self.calls.get(worker) is not None and worker not in self.answers:
                self._talk(worker, behavior)
            case "settle" if worker in self.answers:
                call = self.calls.pop(worker)
                assert call is not None
                outcomes.settle(call, self.answers.pop(worker))
            case "die":
                self._die(worker)
            case "put back":
                claiming.put_back(now=now)
            case "reap":
                asking.reap(now=now)
            case "read back":
                self._look(behavior)
            case "reconnect":
                self.desk.connect(self.desk.acme.news)
                claiming.release_reconnected(now=now)
            case "wait":
                self.desk.clock.pass_time(seconds=worker)

    def _talk(self, worker: int, behavior: str) -> None:
        self.network.behavior = behavior
        call = self.calls[worker]
        assert call is not None
        talk = asking._ask if call.poll_token else sending.send
        try:
            self.answers[worker] = talk(call)
        except WorkerDied:
            self._die(worker)

    def _look(self, behavior: str) -> None:
        self.network.behavior, self.network.is_looked_at = behavior, True
        try:
            asking.read_back(**self.ids)
        except WorkerDied:
            pass
        finally:
            self.network.is_looked_at = False

    def _die(self, worker: int) -> None:
        self.calls.pop(worker, None)
        self.answers.pop(worker, None)

    def check(self) -> None:
        """Compare what the row says with what the network has."""
        row = Publication.objects.get(pk=self.publication.pk)
        assert self.network.sent_while_there == 0, "the network was handed a post it had"
        assert len(self.network.keys) <= 1, "a repeat under another key makes two posts"
        if row.state == State.PUBLISHED:
            assert self.network.is_there
        if self.network.is_there and row.state != State.PUBLISHED:
            at_work = PublishAttempt.objects.filter(publication=row, outcome="sending").exists()
            assert row.state == State.UNCONFIRMED or at_work, f"it is there, and the row says {row.state}"


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans, has_keys=st.booleans())
def test_no_order_of_steps_sends_what_may_have_been_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, plan: list[tuple[Any, ...]], has_keys: bool
) -> None:
    follow(plan, HonestNetwork(desk.clock, has_keys=has_keys), desk, monkeypatch)


@pytest.mark.parametrize("has_keys", [False, True])
@pytest.mark.parametrize("danger", KNOWN_DANGERS)
def test_no_known_danger_sends_what_may_have_been_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, danger: str, has_keys: bool
) -> None:
    follow(KNOWN_DANGERS[danger], HonestNetwork(desk.clock, has_keys=has_keys), desk, monkeypatch)


def follow(
    plan: list[tuple[Any, ...]], network: HonestNetwork, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Walk through the plan, then let everything come to its end, and look after each step."""
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    Publication.objects.all().delete()
    ProfileRateLimit.objects.all().delete()
    ServerOutage.objects.all().delete()
    desk.connect(desk.acme.news)
    world = World(desk, network)

    for step in plan:
        world.step(*step)
        world.check()

    _let_it_end(world)
    world.check()


def _let_it_end(world: World) -> None:
    """Let everybody go on in the ordinary order until nothing moves by itself; all are patient and well."""
    for worker in WORKERS:
        world.step("talk", worker, "publish")
        world.step("settle", worker)
        world.step("die", worker)
    for _round in range(10):
        for step in (
            ("reconnect",),
            ("claim",),
            ("begin", 0),
            ("begin a poll", 0),
            ("talk", 0, "publish"),
            ("settle", 0),
            ("read back",),
            ("put back",),
            ("reap",),
            ("wait", 1900),
        ):
            world.step(*step)
        world.check()
        if Publication.objects.get(pk=world.publication.pk).state == State.PUBLISHED:
            return
    row = Publication.objects.get(pk=world.publication.pk)
    is_too_late = row.hold_reason == HoldReason.TOO_LATE
    is_for_a_person = row.state == State.REJECTED or row.needs_answer or is_too_late
    assert row.state == State.PUBLISHED or is_for_a_person, f"nobody is told about {row.state}"
    if world.network.is_there:
        assert row.state == State.PUBLISHED


# --- the table itself ---------------------------------------------------------------------------------------------


def test_what_may_be_sent_goes_back_only_with_a_promise(desk: Desk) -> None:
    for before in sorted(MAYBE_SENT):
        publication = desk.write(state=before)

        with pytest.raises(TransitionNotAllowed):
            move(publication, State.SCHEDULED)

        assert Publication.objects.get(pk=publication.pk).state == before


def test_a_move_is_in_the_table_or_refused(desk: Desk) -> None:
    for before, to in itertools.product(State, State):
        publication = desk.write(state=before, published_at=desk.clock.now)
        reason = HoldReason.LATE if to == State.HELD else ""

        if to in TRANSITIONS[before]:
            move(publication, to, certainly_not_sent=True, hold_reason=reason)
            assert Publication.objects.get(pk=publication.pk).state == publication.state == to
        else:
            with pytest.raises(TransitionNotAllowed):
                move(publication, to, certainly_not_sent=True, hold_reason=reason)
            assert Publication.objects.get(pk=publication.pk).state == before


def test_of_two_who_move_the_same_row_one_wins(desk: Desk) -> None:
    publication = desk.write()
    again = Publication.objects.get()
    move(publication, State.PUBLISHING, claimed_at=desk.clock.now)

    with pytest.raises(StateChanged):
        move(again, State.CANCELED)

    assert Publication.objects.get().state == State.PUBLISHING


def test_only_a_claim_leads_to_sending() -> None:
    assert [before for before, after in TRANSITIONS.items() if State.PUBLISHING in after] == [State.SCHEDULED]
    assert timings.SEND_WITHIN_SECONDS * 3 < timings.ATTEMPT_AGE_SECONDS
