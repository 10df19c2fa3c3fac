"""Chorus as it runs for people: web server, worker and beat as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from devstack.processes import end, free_port, launch
from devstack.steps import ROOT
from devstack.test_servers import OwnServers

Found = TypeVar("Found")

START_SECONDS = 60
STOP_SECONDS = 8
LOOK_SECONDS = 0.4
LAST_WORDS = 3000
WEB_THREADS, WORKER_THREADS = "4", "4"


class Installation:
    """One whole Chorus on ports and servers of its own, gone with the test or with the testing process."""

    def __init__(self, servers: OwnServers, folder: Path, **environment: str) -> None:
        self.port = free_port()
        # Bluesky takes a trial installation by its address alone, never by the name localhost.
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._environment = servers.environment(
            CHORUS_BASE_URL=self.url,
            CHORUS_MEDIA_ROOT=str(folder / "media"),
            CHORUS_EMAIL_DIR=str(folder / "mail"),
            CHORUS_DB_POOL="1,12",
            DJANGO_SETTINGS_MODULE="config.settings",
            PYTHONWARNINGS="ignore",
            **environment,
        )
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> Self:
        """Start all three and wait until the pages answer; the worker may still be on its way."""
        python = sys.executable
        web = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        web += ["--no-ws", "--blocking-threads", WEB_THREADS, "--log-level", "error"]
        celery = [python, "-m", "celery", "--quiet", "-A", "config"]
        lean = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self._launch("web", [python, "-m", "granian", *web, "config.wsgi:application"])
        self._launch(
            "worker", [*celery, "worker", "-P", "threads", "-c", WORKER_THREADS, "-l", "WARNING", *lean]
        )
        schedule = str(self._folder / "beat-schedule")
        self._launch("beat", [*celery, "beat", "-s", schedule, "--pidfile=", "-l", "WARNING"])
        self.wait_for(self._answers, seconds=START_SECONDS, what="the web server does not answer")
        return self

    def _launch(self, name: str, command: list[str]) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = launch(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def wait_for(self, look: Callable[[], Found], *, seconds: float, what: str) -> Found:
        """Return the first true answer of ``look``; fail with the processes' last words when none comes."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < deadline, f"{what}\n{self.last_words()}"
            for name, process in self._processes.items():
                assert process.poll() is None, f"{name} ended by itself\n{self.last_words()}"
            time.sleep(LOOK_SECONDS)
        return found

    def last_words(self) -> str:
        logs = sorted(self._folder.glob("*.log"))
        return "\n".join(f"--- {log.stem}\n{log.read_text(errors='replace')[-LAST_WORDS:]}" for log in logs)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self._processes.values():  # all at once, then wait for each
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            end(process, signal.SIGTERM, patience_seconds=STOP_SECONDS)
