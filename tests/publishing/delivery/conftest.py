"""Acme with a post to bring out, a clock that stands still and a network that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from publishing import tasks
from publishing.models import Post, Publication, PublishAttempt, State
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Credentials, NetworkError, Processing, Published, PublishRequest
from social_accounts.vault import store_credentials
from tenancy import context
from tests.cast import Acme

Answer = Published | Processing | NetworkError | Exception | None


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@dataclass
class FakeNetwork:
    """Answers in the order given; keeps what it was asked. The last answer is repeated."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: dict[str, list[PublishRequest]] = field(default_factory=dict)
    during: Callable[[PublishRequest], None] | None = None

    def will(self, verb: str, *answers: Answer) -> None:
        self.answers[verb] = list(answers)

    def asked(self, verb: str) -> list[PublishRequest]:
        return self.requests.get(verb, [])

    def _do(self, verb: str, request: PublishRequest) -> Any:
        self.requests.setdefault(verb, []).append(request)
        if self.during is not None:
            self.during(request)
        given = self.answers[verb]
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def publish(self, *, request: PublishRequest, **_more: Any) -> Any:
        return self._do("publish", request)

    def poll(self, *, request: PublishRequest, **_more: Any) -> Any:
        return self._do("poll", request)

    def read_back(self, *, request: PublishRequest, **_more: Any) -> Any:
        return self._do("read_back", request)


@dataclass
class Desk:
    """What a test of delivery works with."""

    acme: Acme
    clock: Clock
    network: FakeNetwork

    def write(
        self,
        profile: SocialProfile | None = None,
        *,
        text: str = "Doors open at nine.",
        vouched_by: User | None = None,
        due_in_minutes: float = 0,
        **fields: Any,
    ) -> Publication:
        """Return a scheduled publication of Paul's, due now. He vouches where he is an editor, else Marc."""
        profile = profile or self.acme.news
        vouched_by = vouched_by or (self.acme.paul if profile == self.acme.news else self.acme.marc)
        post = Post.objects.create(workspace=self.acme.main, author=self.acme.paul, text=text)
        values: dict[str, Any] = {
            "post": post,
            "profile": profile,
            "state": State.SCHEDULED,
            "due_at": self.clock.now + timedelta(minutes=due_in_minutes),
            "vouched_by": vouched_by,
            "sealed_digest": post.content_digest(profile.network),
        }
        return Publication.objects.create(**(values | fields))

    def look(self) -> list[int]:
        """Let beat look once and workers do what it found; return the publications that were started."""
        from publishing.delivery import claiming, outages, sending

        outages.let_one_through(now=self.clock.now)
        claiming.release_reconnected(now=self.clock.now)
        found = claiming.claim_due(now=self.clock.now)
        for due in found:
            sending.deliver(organization_id=due.organization_id, publication_id=due.publication_id)
        return [due.publication_id for due in found]

    def ask(self) -> None:
        """Let beat look for what is to be polled or read back, and workers do it."""
        from publishing.delivery import asking

        for due in asking.lease_to_poll(now=self.clock.now):
            asking.poll(organization_id=due.organization_id, publication_id=due.publication_id)
        for due in asking.lease_to_read_back(now=self.clock.now):
            asking.read_back(organization_id=due.organization_id, publication_id=due.publication_id)

    def attempts(self, publication: Publication) -> list[tuple[str, str]]:
        rows = PublishAttempt.objects.filter(publication=publication).order_by("number")
        return [(row.kind, row.outcome) for row in rows]

    def connect(self, profile: SocialProfile) -> None:
        SocialProfile.objects.filter(pk=profile.pk).update(status=SocialProfile.Status.CONNECTED)
        store_credentials(profile, Credentials(access_token="a token of the tests"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(connections, "clock", clock)
    return clock


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> FakeNetwork:
    network = FakeNetwork()
    network.will("publish", Published(remote_id="42", permalink="https://sandbox.test/@acme-news/42"))
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    return network


@pytest.fixture
def desk(acme: Acme, clock: Clock, network: FakeNetwork) -> Iterator[Desk]:
    """Acme is open, its profiles are connected.

    Opened without a transaction of its own, because delivery refuses to talk to a network inside of one.
    """
    token = context._open.set(acme.organization.pk)
    context._tell_postgres(acme.organization.pk)
    desk = Desk(acme, clock, network)
    for profile in (acme.news, acme.sky, acme.quiet):
        desk.connect(profile)
    yield desk
    context._open.reset(token)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Collect what would have been sent to the broker."""
    sent: list[tuple[str, dict[str, Any]]] = []
    for name in ("deliver_publication", "poll_publication", "read_back_publication"):
        task = getattr(tasks, name)
        monkeypatch.setattr(task, "delay", lambda _name=name, **ids: sent.append((_name, ids)))
    return sent
