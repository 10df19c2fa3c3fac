"""Runs a trial: real processes, one minute in which everything is due, and a count at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from django.db.models import Q
from django.utils import timezone

from bench.delivery import plain, world
from bench.delivery.meter import Meter
from bench.delivery.outcome import Outcome, Tally
from bench.delivery.trials import PLAIN, Size, Trial
from config.celery import app as chorus
from devstack.fleet import Fleet
from publishing.delivery.requests import READ_BACK, REPEAT
from publishing.models import Publication, PublishAttempt, State
from sandbox.testing import SandboxServer
from tenancy.context import unscoped

READY_SECONDS: Final = 90.0
LOOK_SECONDS: Final = 1.0
LEAD_SECONDS: Final = 3.0
MESSAGES_PER_SECOND: Final = 300  # how fast the plain way is sure to send its messages
STALL_SECONDS: Final = 20.0  # longer than the longest wait between two tries of the plain way
AT_WORK: Final = (State.SCHEDULED, State.PUBLISHING, State.PROCESSING)

Say = Callable[[str], None]


class TrialFailed(RuntimeError):
    """A trial did not come to its end. The message says how far it got, and the workers' last words."""


@dataclass(frozen=True)
class Ground:
    """The servers a trial runs on. ``empty`` makes them new; ``pids`` are theirs, by part."""

    environment: Mapping[str, str]
    owner_url: str
    pids: Mapping[str, int]
    empty: Callable[[], None]


def run(trial: Trial, size: Size, ground: Ground, say: Say = lambda _text: None) -> Outcome:
    """Run one trial on emptied servers. Raises TrialFailed; ends whatever it started, whatever happens."""
    ground.empty()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chorus-bench-")))
        sandbox = stack.enter_context(SandboxServer(folder / "sandbox"))
        accounts = world.accounts_with_texts(sandbox, size)
        way = _Plain if trial.system == PLAIN else _Chorus
        return way(trial, size, ground, folder, sandbox, accounts, say).run()


class _Way:
    """One way of bringing posts out. Subclasses say with which processes, and when it is done."""

    def __init__(
        self,
        trial: Trial,
        size: Size,
        ground: Ground,
        folder: Path,
        sandbox: SandboxServer,
        accounts: list[world.Account],
        say: Say,
    ) -> None:
        self.trial, self.size, self.ground, self.folder = trial, size, ground, folder
        self.sandbox, self.accounts, self.say = sandbox, accounts, say
        self.texts = [text for account in accounts for text in account.texts]
        self.fleet = self._fleet()
        self.due = timezone.now()

    def run(self) -> Outcome:
        self._prepare()
        world.make_trouble(self.sandbox, self.trial)
        with self.fleet:
            self.fleet.start()
            self._wait_for_workers()
            self.due = self._start()
            time.sleep(max(0.0, (self.due - timezone.now()).total_seconds()))
            with Meter(self._processes) as meter:
                outcome = self._deliver()
        outcome.kills = self.fleet.kills
        outcome.cpu_seconds = meter.cpu_seconds()
        outcome.others_share = meter.others_share()
        outcome.worker_bytes, outcome.total_bytes = meter.worker_bytes, meter.total_bytes
        return outcome

    # --- what the subclasses say ---

    def _fleet(self) -> Fleet:
        raise NotImplementedError

    def _prepare(self) -> None:
        raise NotImplementedError

    def _start(self) -> datetime:
        """Make all posts due at one time, and return it."""
        raise NotImplementedError

    def _deliver(self) -> Outcome:
        raise NotImplementedError

    @property
    def _app(self) -> Any:
        raise NotImplementedError

    # --- what they have in common ---

    def _processes(self) -> dict[str, list[int]]:
        found = {part: [pid] for part, pid in self.ground.pids.items()}
        found["sandbox"] = [self.sandbox.pid]
        found["worker"] = [worker.pid for worker in self.fleet.workers]
        if self.fleet.beat:
            found["beat"] = [self.fleet.beat.pid]
        return found

    def _wait_for_workers(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while len(self._app.control.ping(timeout=1.0, limit=self.trial.workers)) < self.trial.workers:
            self._fail_after(deadline, "the workers did not start")
        while self.fleet.beat and not any(self.folder.glob("beat-schedule*")):
            self._fail_after(deadline, "beat did not start")
            time.sleep(0.1)

    def _seconds_since_due(self) -> float:
        return (timezone.now() - self.due).total_seconds()

    def _looks(self, what: str, *, kills: bool) -> Iterator[None]:
        """Look every second, keep the workers alive, kill one now and then; fail when it takes too long."""
        deadline = time.monotonic() + self.trial.seconds_max
        kill_at = time.monotonic() + self.trial.kill_every_seconds
        while True:
            yield
            self._fail_after(deadline, what)
            if kills and time.monotonic() >= kill_at:
                kill_at += self.trial.kill_every_seconds
                self.fleet.kill_a_worker()
            self.fleet.keep_alive()
            time.sleep(LOOK_SECONDS)

    def _fail_after(self, deadline: float, what: str) -> None:
        if time.monotonic() > deadline:
            raise TrialFailed(f"{self.trial.name}: {what}; {self._summary()}\n{self.fleet.last_words()}")

    def _summary(self) -> str:
        return ""

    def _count(self) -> Tally:
        return Tally.of(self.sandbox.posts(), self.texts, self.due)


class _Chorus(_Way):
    def _fleet(self) -> Fleet:
        environment = {
            **self.ground.environment,
            "CHORUS_SANDBOX_MASTODON_URL": self.sandbox.mastodon_origin,
            "CHORUS_EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONWARNINGS": "ignore",
            **self.trial.waits,
        }
        return Fleet(environment, self.folder, count=self.trial.workers)

    @property
    def _app(self) -> Any:
        return chorus

    def _prepare(self) -> None:
        world.furnish(self.sandbox, self.accounts, self.size)

    def _start(self) -> datetime:
        due = timezone.now() + timedelta(seconds=LEAD_SECONDS)
        world.let_all_be_due(due)
        return due

    def _deliver(self) -> Outcome:
        for _look in self._looks("posts are not out", kills=self.trial.has_faults):
            if self._unfinished() == 0:
                break
        seconds = self._seconds_since_due()
        tally = self._count()
        states = self._states()
        with unscoped():  # counts the bench's rows of all organizations
            asked = list(
                Publication.objects.filter(state=State.UNCONFIRMED).values_list("post__text", flat=True)
            )
            published = PublishAttempt.objects.filter(outcome="published")
            by_kind = Counter(published.values_list("kind", flat=True))
            attempts = PublishAttempt.objects.count()
        there = {post["text"] for post in self.sandbox.posts()}
        return Outcome(
            trial=self.trial,
            size=self.size,
            tally=tally,
            lost=tally.missing - len(set(asked) - there),
            seconds=seconds,
            asked=len(asked),
            found=by_kind[READ_BACK],
            repeated=by_kind[REPEAT],
            unknown=tally.out - states[State.PUBLISHED],
            attempts=attempts,
        )

    def _unfinished(self) -> int:
        with unscoped():  # counts the bench's rows of all organizations
            return Publication.objects.filter(
                Q(state__in=AT_WORK) | Q(state=State.UNCONFIRMED, not_before__isnull=False)
            ).count()

    def _states(self) -> Counter[str]:
        with unscoped():  # counts the bench's rows of all organizations
            return Counter(Publication.objects.values_list("state", flat=True))

    def _summary(self) -> str:
        return str(dict(self._states()))


class _Plain(_Way):
    def _fleet(self) -> Fleet:
        environment = {**self.ground.environment, "PYTHONWARNINGS": "ignore"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)  # or its workers would carry all of Chorus
        return Fleet(
            environment,
            self.folder,
            count=self.trial.workers,
            app="bench.delivery.plain",
            has_beat=False,
        )

    @property
    def _app(self) -> Any:
        return plain.app

    def _prepare(self) -> None:
        with psycopg.connect(self.ground.owner_url) as connection:
            connection.execute(plain.TABLE)
            rows = [
                (self.sandbox.mastodon_origin, account.token, text)
                for account in self.accounts
                for text in account.texts
            ]
            connection.cursor().executemany(
                "insert into plain_post (id, server, token, text) values (%s, %s, %s, %s)",
                [(number, *row) for number, row in enumerate(rows)],
            )

    def _start(self) -> datetime:
        due = timezone.now() + timedelta(seconds=LEAD_SECONDS + self.size.posts / MESSAGES_PER_SECOND)
        plain.schedule(range(self.size.posts), due)
        if timezone.now() > due:
            raise TrialFailed(f"{self.trial.name}: the messages took longer than until they were due")
        return due

    def _deliver(self) -> Outcome:
        self._wait_until_still(kills=self.trial.has_faults)
        seconds = self._seconds_since_due()
        tally, done = self._count(), self._done()
        an_hour_late = 0
        if tally.missing:
            self.say(f"{tally.missing:,} posts did not go out; an hour later ...")
            plain.let_an_hour_pass()
            self._wait_until_still(kills=False)
            after, done = self._count(), self._done()
            an_hour_late = after.out - tally.out
            tally = Tally(after.out, after.twice, after.missing, after.strange, tally.lateness)
        return Outcome(
            trial=self.trial,
            size=self.size,
            tally=tally,
            lost=tally.missing,
            seconds=seconds,
            an_hour_late=an_hour_late,
            unknown=max(0, tally.out - done),
        )

    def _wait_until_still(self, *, kills: bool) -> None:
        """Wait until all is done, or nothing has been done for so long that nothing will."""
        done, changed_at = -1, time.monotonic()
        for _look in self._looks("posts go on for ever", kills=kills):
            now_done = self._done()
            if now_done != done:
                done, changed_at = now_done, time.monotonic()
            if done == self.size.posts or time.monotonic() - changed_at > STALL_SECONDS:
                return

    def _done(self) -> int:
        with psycopg.connect(self.ground.owner_url) as connection:
            row = connection.execute("select count(*) from plain_post where done_at is not null").fetchone()
        return int(row[0]) if row else 0

    def _summary(self) -> str:
        return f"{self._done():,} of {self.size.posts:,} done"
