"""`make run`: servers, migrations, demo, web, worker, beat and the sandbox as one supervised process tree.

Each child sits in a session of its own, so that ctrl-C reaches only this process, which then stops them in
order. Should this process be killed outright, the kernel ends the children (Linux). A child that ends by
itself ends everything.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from devstack import assets
from devstack.embedded import Servers, migrate, migrate_if_needed, secrets_of, state_folder, try_lock
from devstack.fleet import beat_command, worker_command, worker_pool
from devstack.processes import end, launch, port_is_free
from devstack.steps import ROOT, StepFailed, say

DEFAULT_PORTS = {"PORT": 8000, "CHORUS_SANDBOX_PORT": 8100, "CHORUS_SANDBOX_BLUESKY_PORT": 8101}
PORTS_TO_TRY = 50
WEB_THREADS = "8"
WEB_SECONDS = 90
STOP_SECONDS = 12
LOOK_SECONDS = 0.3
# Meant here: run by root the worker is root, and without collectstatic files come from where they were built.
QUIET_WARNINGS = "ignore:You're running the worker with superuser privileges,ignore:No directory at"


class Stopped(BaseException):
    """Somebody asked this process to stop."""


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def choose_ports(environ: dict[str, str], state: Path, names: list[str]) -> dict[str, int]:
    """Return a port for each name: the one given (which must be free), else that of last time or the next.

    Ports are kept because the addresses of the sandbox are written into the accounts connected to it.
    """
    memory = state / "ports.json"
    try:
        kept: dict[str, int] = json.loads(memory.read_text())
    except (OSError, ValueError):
        kept = {}
    chosen: dict[str, int] = {}
    for name in names:
        if given := environ.get(name):
            chosen[name] = _given_port(name, given)
            continue
        first = kept.get(name, DEFAULT_PORTS[name])
        free = (
            port
            for port in range(first, first + PORTS_TO_TRY)
            if port not in chosen.values() and port_is_free(port)
        )
        chosen[name] = port = next(free, 0)
        if not port:
            raise StepFailed(
                f"No port from {first} to {first + PORTS_TO_TRY} is free: give one with {name}=..."
            )
        if name != "PORT" and name in kept and port != kept[name]:
            say(
                f"port {kept[name]} is taken, so the sandbox moves to {port}: "
                "accounts connected to it need reconnecting"
            )
    memory.write_text(json.dumps(kept | chosen))
    return chosen


def _given_port(name: str, given: str) -> int:
    if not (given.isdigit() and 0 < int(given) < 65536):
        raise StepFailed(f"{name}={given} is not a port number.")
    if not port_is_free(int(given)):
        raise StepFailed(
            f"Port {given} is in use by another program: stop that one, or choose another {name}."
        )
    return int(given)


class Supervisor:
    """One run of the whole product from this checkout."""

    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.state = state_folder()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": QUIET_WARNINGS}
        self.servers: Servers | None = None

    def say(self, text: str) -> None:
        say(f"{time.monotonic() - self.begin:5.1f} s  {text}")

    def run(self) -> int:
        self.environment = {**secrets_of(self.state), **self.environment}
        lock = try_lock(self.state / "servers.lock")
        if not lock:
            raise StepFailed(
                "Chorus already runs from this folder, or a manage.py command holds its servers: end it."
            )
        with lock:
            try:
                self._start()
                return self._watch()
            except Stopped:
                return 0
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                self._stop()

    def _start(self) -> None:
        names = [name for name in DEFAULT_PORTS if name == "PORT" or self._has_sandbox()]
        # a port that is taken is said before anything starts
        choose_ports(self.environment, self.state, names)
        with ThreadPoolExecutor(1) as background:
            building = background.submit(assets.build_if_needed)
            self._start_servers()
            self._wait_for_assets(building)
        self._migrate()
        ports = choose_ports(self.environment, self.state, names)  # somebody may have taken one meanwhile
        self._start_processes(ports)
        with ThreadPoolExecutor(1) as beside:  # the demo needs the database and the sandbox, and no page
            loading = beside.submit(self._load_demo)
            self._wait_for_page(ports["PORT"])
            loading.result()
        address = self.environment["CHORUS_BASE_URL"]
        self.say(f"Chorus is ready: {address}  (ctrl-C stops everything)")

    def _wait_for_assets(self, building: Future[None]) -> None:
        building.result()

    def _start_servers(self) -> None:
        self.servers = Servers(self.state, self.environment)
        self.environment.update(self.servers.start())
        for name, server in self.servers.started:
            self.say(f"{name} answers on port {server.port}")

    def _migrate(self) -> None:
        if "DATABASE_URL" in os.environ:
            migrate(self.environment)
        elif not migrate_if_needed(self.state, self.environment):
            return
        self.say("database is up to date")

    @staticmethod
    def _has_sandbox() -> bool:
        return (ROOT / "sandbox" / "__main__.py").exists()

    def _start_processes(self, ports: dict[str, int]) -> None:
        host = self.environment.get("HOST", "127.0.0.1")
        self.environment.setdefault("CHORUS_BASE_URL", f"http://localhost:{ports['PORT']}")
        python = sys.executable
        if self._has_sandbox():
            mastodon, bluesky = ports["CHORUS_SANDBOX_PORT"], ports["CHORUS_SANDBOX_BLUESKY_PORT"]
            self.environment["CHORUS_SANDBOX_MASTODON_URL"] = f"http://127.0.0.1:{mastodon}"
            self.environment["CHORUS_SANDBOX_BLUESKY_URL"] = f"http://127.0.0.1:{bluesky}"
            arguments = ["--port", str(mastodon), "--bluesky-port", str(bluesky)]
            self._child(
                "sandbox", [python, "-m", "sandbox", *arguments, "--state", str(self.state / "sandbox")]
            )
        app = {name: value for name, value in self.environment.items() if name != "DATABASE_OWNER_URL"}
        web = [
            "--interface",
            "wsgi",
            "--host",
            host,
            "--port",
            str(ports["PORT"]),
            "--workers",
            "1",
            "--no-ws",
        ]
        web += ["--blocking-threads", WEB_THREADS, "--log-level", "error", "config.wsgi:application"]
        self._child("web", [python, "-m", "granian", *web], app)
        pool = {"CHORUS_DB_POOL": self.environment.get("CHORUS_DB_POOL", worker_pool())}
        self._child("worker", worker_command(), app | pool)
        self._child("beat", beat_command(self.state / "celerybeat-schedule"), app)

    def _child(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        process = launch(
            command,
            cwd=ROOT,
            env=environment or self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.children[name] = process
        if process.stdout:
            threading.Thread(target=_relay, args=(name, process.stdout), daemon=True).start()

    def _wait_for_page(self, port: int) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while time.monotonic() < deadline:
            self._fail_when_one_ended()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise StepFailed(f"The web server did not answer within {WEB_SECONDS} s; its lines above say why.")

    def _load_demo(self) -> None:
        """Load the demo (which may be repeated) and pass on the sign-ins it prints."""
        if not any(ROOT.glob("*/management/commands/demo.py")):
            return
        done = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.stdout, end="", flush=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr, end="", flush=True)
            raise StepFailed("The demo could not be loaded; the message above says why.")

    def _fail_when_one_ended(self) -> None:
        processes = dict(self.children)
        for name, server in self.servers.started if self.servers else []:
            processes[name] = server.process
        for name, process in processes.items():
            if process.poll() is not None:
                raise StepFailed(
                    f"{name} ended with {process.returncode}, so everything stops; its lines say why."
                )

    def _watch(self) -> int:
        while True:
            time.sleep(LOOK_SECONDS)
            self._fail_when_one_ended()

    def _stop(self) -> None:
        begin = time.monotonic()
        order = ["beat", "web", "worker", "sandbox"]
        for name in order:
            if (child := self.children.get(name)) and child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for name in order:
            child = self.children.get(name)
            left = max(0.1, STOP_SECONDS - (time.monotonic() - begin))
            if child and not _ended_within(child, left):
                self.say(f"{name} did not stop in time and was killed")
                end(child, signal.SIGTERM, patience_seconds=0.1)
        if self.servers:
            self.servers.stop()
        self.say(f"stopped in {time.monotonic() - begin:.1f} s")


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _relay(name: str, lines: IO[bytes]) -> None:
    """Print a child's lines with its name in front."""
    for line in iter(lines.readline, b""):
        with suppress(OSError, ValueError):  # the terminal is gone
            sys.stdout.write(f"{name:>7} | {line.decode(errors='replace')}")
            sys.stdout.flush()


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    try:
        return Supervisor().run()
    except Stopped:
        return 0
