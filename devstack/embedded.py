"""Joining the embedded servers that run, or starting them for as long as one command needs them.

Whoever runs the servers holds `servers.lock` and writes `servers.json` (addresses and secrets, mode 0600).
Whoever only uses them holds `servers.users` shared, so a command that started them waits for the others
before it stops them.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from devstack.processes import secret_file, write_private
from devstack.steps import ROOT, StepFailed, explain

JOIN_SECONDS = 60


def state_folder() -> Path:
    """Return the folder that keeps everything of this checkout: CHORUS_STATE, else `.data`."""
    return Path(os.environ.get("CHORUS_STATE") or ROOT / ".data")


def secrets_of(state: Path) -> dict[str, str]:
    """Return the installation's secrets as environment variables; made on first use, kept for good."""
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    keys = state / "token_keys.secret"
    if not keys.exists():
        write_private(keys, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    bluesky = state / "bluesky_client_key.secret"
    if not bluesky.exists():
        write_private(bluesky, new_bluesky_client_key())
    return {
        "SECRET_KEY": secret_file(state / "secret_key.secret"),
        "CHORUS_TOKEN_KEYS": keys.read_text().strip(),
        "CHORUS_BLUESKY_CLIENT_KEY": bluesky.read_text().strip(),
    }


def new_bluesky_client_key() -> str:
    """Return a new private ES256 key as JWK, for the client assertion of OAuth with Bluesky."""
    from cryptography.hazmat.primitives.asymmetric import ec

    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers

    def encode(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()

    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": encode(public.x),
        "y": encode(public.y),
        "d": encode(numbers.private_value),
    }
    key |= {"kid": hashlib.sha256(key["x"].encode()).hexdigest()[:16], "alg": "ES256", "use": "sig"}
    return json.dumps(key, separators=(",", ":"))


def try_lock(path: Path, mode: int = fcntl.LOCK_EX) -> IO[str] | None:
    """Return the locked open file, or None while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), 2).close()
    except OSError:
        return False
    return True


def running(state: Path) -> dict[str, str] | None:
    """Return the environment of the servers that run now, or None."""
    try:
        written: dict[str, str] = json.loads((state / "servers.json").read_text())
    except (OSError, ValueError):
        return None
    return written if all(_listens(written[name]) for name in ("DATABASE_URL", "REDIS_URL")) else None


class Servers:
    """Embedded PostgreSQL and Valkey of a checkout, started for whatever the environment does not name."""

    def __init__(self, state: Path, given: Mapping[str, str]) -> None:
        self.state, self.given = state, dict(given)
        self.started: list[tuple[str, Any]] = []

    def start(self) -> dict[str, str]:
        """Start what is missing; return, and write down for `manage.py` to join, what leads to it."""
        environment = {}
        if "DATABASE_URL" in self.given:
            environment["DATABASE_URL"] = self.given["DATABASE_URL"]
            environment["DATABASE_OWNER_URL"] = self.given.get(
                "DATABASE_OWNER_URL", self.given["DATABASE_URL"]
            )
        else:
            from devstack.postgres import APP, OWNER, Postgres

            postgres = Postgres(self.state)
            self.started.append(("postgres", postgres))
            postgres.start()
            environment["DATABASE_URL"] = postgres.url(APP)
            environment["DATABASE_OWNER_URL"] = postgres.url(OWNER)
        if "REDIS_URL" in self.given:
            environment["REDIS_URL"] = self.given["REDIS_URL"]
        else:
            from devstack.valkey import Valkey

            valkey = Valkey(self.state)
            self.started.append(("valkey", valkey))
            valkey.start()
            environment["REDIS_URL"] = valkey.url()
        write_private(self.state / "servers.json", json.dumps(environment))
        return environment

    def stop(self) -> None:
        (self.state / "servers.json").unlink(missing_ok=True)
        for _name, server in reversed(self.started):
            server.stop()
        self.started.clear()


def schema_key() -> str:
    """Return a fingerprint of everything that decides what a migrated database looks like."""
    fingerprint = hashlib.sha256()
    files = [
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("permissions/data/**/*"),
        ROOT / "locks" / "production.txt",
    ]
    for path in sorted(path for path in files if path.is_file()):
        fingerprint.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return fingerprint.hexdigest()[:12]


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database up to the code, as the owner role."""
    owner = dict(environment, DATABASE_URL=environment.get("DATABASE_OWNER_URL", environment["DATABASE_URL"]))
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "-v0"]
    done = subprocess.run(command, cwd=ROOT, env=owner, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StepFailed(explain("Migrating the database", done.stdout + done.stderr))


def migrate_if_needed(state: Path, environment: Mapping[str, str]) -> bool:
    """Migrate the embedded database unless it already was to exactly this code. Returns whether it did."""
    stamp, key = state / "migrated", schema_key()
    if stamp.exists() and stamp.read_text() == key:
        return False
    migrate(environment)
    stamp.write_text(key)
    return True


@contextmanager
def servers_for_command(*, migrating: bool) -> Iterator[None]:
    """Give one `manage.py` command its servers: those of the environment, those that run, or its own.

    Servers started here are migrated first, unless the command is about migrations itself.
    """
    state = state_folder()
    for name, value in secrets_of(state).items():
        os.environ.setdefault(name, value)
    with ExitStack() as stack:
        if not ("DATABASE_URL" in os.environ and "REDIS_URL" in os.environ):
            _join_or_start(stack, state, migrating=migrating)
        yield


def _join_or_start(stack: ExitStack, state: Path, *, migrating: bool) -> None:
    deadline = time.monotonic() + JOIN_SECONDS
    while time.monotonic() < deadline:
        if lock := try_lock(state / "servers.lock"):  # nobody runs them, whatever an old servers.json says
            stack.enter_context(lock)
            servers = Servers(state, os.environ)
            stack.callback(servers.stop)
            os.environ.update(servers.start())
            stack.callback(_wait_for_users, state)
            if not migrating and "DATABASE_URL" not in servers.given:
                migrate_if_needed(state, os.environ)
            return
        if users := try_lock(state / "servers.users", fcntl.LOCK_SH):
            if found := running(state):
                stack.enter_context(users)
                for name, value in found.items():
                    os.environ.setdefault(name, value)
                return
            users.close()
        time.sleep(0.2)
    raise StepFailed(
        f"The embedded servers of this folder are starting or stopping and did not answer ({state})."
    )


def _wait_for_users(state: Path) -> None:
    """Let other commands that joined these servers finish first."""
    with (state / "servers.users").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(
                "Another command still uses the embedded servers: waiting for it.",
                file=sys.stderr,
                flush=True,
            )
            fcntl.flock(users, fcntl.LOCK_EX)
