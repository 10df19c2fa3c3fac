"""Celery's processes, started in one way by all: `make run`, tests that hurt them, and the bench that times them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from devstack.processes import launch
from devstack.steps import ROOT

WORKER_THREADS: Final = 16
SPARE_CONNECTIONS: Final = 4
LOG_TAIL: Final = 3000


def worker_pool(threads: int = WORKER_THREADS) -> str:
    """Return CHORUS_DB_POOL for a worker: more database connections than threads."""
    return f"2,{threads + SPARE_CONNECTIONS}"


def worker_command(*, app: str = "config", threads: int = WORKER_THREADS, name: str = "") -> list[str]:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", app, "worker", "-P", "threads"]
    command += ["-c", str(threads), "-l", "WARNING", "--without-gossip", "--without-mingle"]
    return [*command, "-n", name] if name else command


def beat_command(schedule: Path) -> list[str]:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat", "-l", "WARNING"]
    return [*command, "--pidfile=", "--schedule", str(schedule)]


@dataclass
class Fleet:
    """Some workers, and beat unless told otherwise, which may be killed and come again. Logs lie in ``folder``.

    They end with this process, however that ends.
    """

    environment: Mapping[str, str]
    folder: Path
    count: int = 1
    threads: int = WORKER_THREADS
    app: str = "config"
    has_beat: bool = True
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    beat: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        if self.has_beat:
            self.beat = self._new_beat()
        while len(self.workers) < self.count:
            self.workers.append(self._new_worker())

    def kill_a_worker(self) -> None:
        """SIGKILL one of them, whatever it is doing, and start a new one, as a service manager would."""
        position = random.randrange(len(self.workers))
        _kill(self.workers[position])
        self.workers[position] = self._new_worker()
        self.kills += 1

    def keep_alive(self) -> None:
        """Start again what ended by itself."""
        self.workers = [worker if worker.poll() is None else self._new_worker() for worker in self.workers]
        if self.beat is not None and self.beat.poll() is not None:
            self.beat = self._new_beat()

    def kill(self) -> None:
        """End all of them at once."""
        for process in [*self.workers, *([self.beat] if self.beat else [])]:
            _kill(process)
        self.workers.clear()
        self.beat = None

    def last_words(self) -> str:
        return "\n".join(path.read_text()[-LOG_TAIL:] for path in sorted(self.folder.glob("*.log")))

    def _new_worker(self) -> subprocess.Popen[bytes]:
        name = f"worker-{random.randrange(10**9)}@fleet"
        pool = {"CHORUS_DB_POOL": worker_pool(self.threads)}
        command = worker_command(app=self.app, threads=self.threads, name=name)
        return self._launch("worker", command, {**self.environment, **pool})

    def _new_beat(self) -> subprocess.Popen[bytes]:
        return self._launch("beat", beat_command(self.folder / "beat-schedule"), self.environment)

    def _launch(
        self, name: str, command: list[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return launch(
                command,
                signal_number=signal.SIGKILL,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
