"""A worker killed wherever it matters on its way with a post that is out: no comment is doubled, none is lost.

A first run notes the lines before which a statement reached the database, and those of the network; then each of them
is where a worker dies. Its transaction is rolled back, as PostgreSQL does it for a process that is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytest
from django.db import connection

from notifications.models import Notification
from publishing.delivery import follow_outcomes, following
from publishing.models import FollowUp, FollowUpState, Publication, State
from social_accounts import connections
from social_accounts.networks.base import CommentRequest, Features, Published
from social_accounts.networks.mastodon.features import FEATURES
from tests.publishing.delivery.conftest import Desk, clock, desk, network

__all__ = ["clock", "desk", "network"]  # fixtures
pytestmark = pytest.mark.proof

Line = tuple[str, int]
TRACED = {following.__file__, follow_outcomes.__file__, __file__}
ROUNDS = 12
FINAL = {FollowUpState.DONE, FollowUpState.FAILED}


class WorkerDied(BaseException):
    """Stands for SIGKILL."""


@dataclass
class HonestNetwork:
    """Has what it was given, as often as it was given it, and tells the truth when it is asked."""

    comments: list[str] = field(default_factory=list)
    edits: int = 0
    is_gone: bool = False
    features: Features = FEATURES

    def comment(self, *, request: CommentRequest, **_more: Any) -> Published:
        remote_id = f"{request.remote_id}-{len(self.comments)}"
        self.comments.append(remote_id)
        return Published(remote_id=remote_id, permalink="")

    def find_comment(self, **_more: Any) -> Published | None:
        return Published(remote_id=self.comments[0], permalink="") if self.comments else None

    def edit(self, *, remote_id: str, **_more: Any) -> Published:
        self.edits += 1
        return Published(remote_id=remote_id, permalink="")

    def edit_problems(self, *_contents: Any) -> list[str]:
        return []

    def delete(self, **_more: Any) -> None:
        self.is_gone = True


@contextmanager
def at_each_line(do: Callable[[Line], object]) -> Iterator[None]:
    """Call ``do`` with every line of the traced files before it is executed."""

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line":
            do((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def asked_for(desk: Desk, kind: str, number: int) -> FollowUp:
    publication: Publication = desk.write(
        text=f"Number {number}.",
        vouched_by=desk.acme.marc,
        state=State.PUBLISHED,
        remote_id=f"post-{number}",
        published_at=desk.clock.now,
    )
    row: FollowUp = FollowUp.objects.create(
        publication=publication,
        kind=kind,
        text="Details below",
        asked_by=desk.acme.marc,
        created_at=desk.clock.now,
    )
    return row


def work(desk: Desk) -> None:
    """Let beat look once, and workers do what it found."""
    for due in following.lease(now=desk.clock.now):
        following.follow_up(organization_id=due.organization_id, follow_up_id=due.follow_up_id)
    for due in following.lease_looks(now=desk.clock.now):
        following.look(organization_id=due.organization_id, follow_up_id=due.follow_up_id)


def go_on(desk: Desk, row: FollowUp) -> FollowUp:
    """Let other workers take up what the dead one left, until nothing is left to do."""
    for _round in range(ROUNDS):
        row.refresh_from_db()
        if row.state in FINAL:
            return row
        desk.clock.pass_time(seconds=1000)
        following.reap(now=desk.clock.now)
        work(desk)
    raise AssertionError(f"it never came to an end: {row.state}")


def deadly_lines(desk: Desk, kind: str, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """Return the lines, where nothing goes wrong, before which something was done that a death might leave behind."""
    statements: list[None] = []
    met: dict[Line, int] = {}
    there = HonestNetwork()
    monkeypatch.setattr(connections, "adapter", lambda _name: there)
    row = asked_for(desk, kind, 0)

    def count(execute: Any, *given: Any) -> Any:
        statements.append(None)
        return execute(*given)

    with connection.execute_wrapper(count), at_each_line(lambda line: met.setdefault(line, len(statements))):
        work(desk)
    row.refresh_from_db()
    assert row.state == FollowUpState.DONE
    found, done = [], -1
    for line, before in met.items():
        if before > done or line[0] == __file__:
            found.append(line)
        done = before
    return found


@pytest.mark.parametrize("kind", [FollowUp.Kind.COMMENT, FollowUp.Kind.EDIT, FollowUp.Kind.DELETION])
def test_a_worker_killed_anywhere_doubles_nothing_and_loses_nothing(
    desk: Desk, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths = 0
    for number, deadly in enumerate(deadly_lines(desk, kind, monkeypatch), start=1):
        there = HonestNetwork()
        monkeypatch.setattr(connections, "adapter", lambda _name, there=there: there)
        row = asked_for(desk, kind, number)

        def die(line: Line, deadly: Line = deadly) -> None:
            if line == deadly:
                raise WorkerDied

        try:
            with at_each_line(die):
                work(desk)
        except WorkerDied:
            deaths += 1
        row = go_on(desk, row)

        where = f"killed at {deadly}"
        if kind == FollowUp.Kind.COMMENT:
            assert len(there.comments) == (row.state == FollowUpState.DONE), where
            if row.state == FollowUpState.FAILED:  # nobody can know; so a person is asked
                told = Notification.objects.filter(kind="post_follow_up", about_id=row.publication_id)
                assert told.exists(), where
        else:
            assert row.state == FollowUpState.DONE, where
            assert there.edits if kind == FollowUp.Kind.EDIT else there.is_gone, where
    assert deaths > 15
