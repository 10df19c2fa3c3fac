"""Two things at once, of which one is stopped at the worst moment: in a thread, on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

# How long who is stopped waits for the other one to return; the other one may be waiting for him.
PATIENCE_SECONDS = 1.5


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@dataclass
class Race:
    """What came of it: how much of the act was there when the change returned, and in the end."""

    when_change_returned: int = 0
    in_the_end: int = 0
    refusals: list[Exception] = field(default_factory=list)

    @property
    def got_through_after(self) -> int:
        return self.in_the_end - self.when_change_returned


def race(
    monkeypatch: pytest.MonkeyPatch,
    *,
    act: Callable[[], Any],
    stopped_in: tuple[Any, str],
    change: Callable[[], Any],
    count: Callable[[], int],
) -> Race:
    """Stop the act right after the function that looks whether it may be done, and make the change meanwhile.

    The act goes on when the change has returned, or after a while: with the lock the change waits for the act.
    """
    module, name = stopped_in
    look = getattr(module, name)
    looked, changed, found = threading.Event(), threading.Event(), Race()

    def look_then_dawdle(*arguments: Any, **named: Any) -> Any:
        seen = look(*arguments, **named)
        if threading.current_thread() is not threading.main_thread():
            looked.set()
            changed.wait(PATIENCE_SECONDS)
        return seen

    def run() -> None:
        try:
            act()
        except Exception as refusal:
            found.refusals.append(refusal)

    monkeypatch.setattr(module, name, look_then_dawdle)
    thread = in_thread(run)
    assert looked.wait(PATIENCE_SECONDS), found.refusals
    change()
    found.when_change_returned = count()
    changed.set()
    thread.join()
    found.in_the_end = count()
    return found
