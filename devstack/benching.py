"""`make bench`: the permissions (`python -m bench`), then delivery (`python -m bench.delivery`).

The permissions are measured on the data set of `manage.py seed_scale`. That database is kept below `.data/bench`, one
for each scale, until the schema changes: making it takes minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from devstack.embedded import schema_key, secrets_of, try_lock
from devstack.postgres import in_database
from devstack.processes import end, launch
from devstack.steps import ROOT, StepFailed, run_step, say
from devstack.test_servers import TestServers, clone, make_template

PEERS = ROOT / ".cache" / "peers" / "bench"
STOP_SECONDS = 30
NEWEST_FOR_OSO = (3, 12)  # its last wheels are of that version; their extension keeps to the stable interface


def install_peers(folder: Path = PEERS) -> Path:
    """Install the engines we compare with beside the environment, never into it, and return where they lie."""
    locks = [ROOT / "locks" / "bench.txt", ROOT / "locks" / "bench_oso.txt"]
    wanted = "".join(lock.read_text() for lock in locks) + sys.version
    stamp = folder / ".installed"
    with try_lock(folder.parent / "bench.lock") or (folder.parent / "bench.lock").open("a"):
        if stamp.exists() and stamp.read_text() == wanted:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        for lock in locks:
            version = sys.version_info[:2]
            if lock.stem == "bench_oso":
                version = min(version, NEWEST_FOR_OSO)
            _install(lock, folder, f"{version[0]}.{version[1]}")
        stamp.write_text(wanted)
    return folder


def _install(lock: Path, folder: Path, version: str) -> None:
    uv = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if not uv:
        raise StepFailed("uv is missing: run this through make, which gets it.")
    command = [uv, "pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable]
    command += ["--python-version", version, "--only-binary", ":all:", "--no-deps", "--require-hashes"]
    run_step(f"Installing the peers of {lock.name}", [*command, "-r", str(lock)])


class BenchServers(TestServers):
    """Servers whose numbers are steady: nothing vacuums in the middle, and what is read lies in memory."""

    postgres_options: ClassVar[Mapping[str, str]] = {
        **TestServers.postgres_options,
        "shared_buffers": "1GB",
        "max_wal_size": "8GB",
        "jit": "off",  # a plan compiled anew for each of a million small queries is noise
    }


def seeded_database(servers: TestServers, scale: float) -> str:
    """Return the name of a database with the data set at this scale, made when missing; older ones are dropped."""
    label = f"{scale:g}".replace(".", "_").replace("-", "m").replace("+", "")
    prefix, name = f"bench_{label}_", f"bench_{label}_{schema_key()}"
    with psycopg.connect(in_database(servers.admin_url, "postgres"), autocommit=True) as connection:
        names = {row[0] for row in connection.execute("select datname from pg_database").fetchall()}
        if name in names:
            return name
        for old in names:
            if old.startswith((prefix, "building_bench")):
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
        template, building = make_template(servers.admin_url, schema_key()), "building_bench"
        clone(servers.admin_url, template, building)
        servers.database = building
        begin = time.monotonic()
        say(f"writing the data set at scale {scale:g} ...")
        command = [sys.executable, str(ROOT / "manage.py"), "seed_scale", "--scale", str(scale)]
        run_step("Writing the data set", command, environment=servers.environment())
        with psycopg.connect(servers.owner_url, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        say(f"the data set is written and analyzed in {time.monotonic() - begin:.0f} s")
        connection.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(building), sql.Identifier(name))
        )
    return name


def main(arguments: list[str]) -> int:
    """Measure both parts one after the other, or the one ``--only`` names; further options are theirs."""
    parser = argparse.ArgumentParser(prog="make bench", add_help=False)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", choices=PARTS, default="")
    known, others = parser.parse_known_args(arguments)
    state = Path(os.environ.get("CHORUS_BENCH_STATE") or ROOT / ".data" / "bench")
    lock = try_lock(state / "lock")
    if not lock:
        raise StepFailed("Another bench runs from this folder: wait for it, two would disturb each other.")
    with lock:
        chosen = [known.only] if known.only else list(PARTS)
        failures = [part for part in chosen if PARTS[part](state, known.scale, others)]
    return 1 if failures else 0


def _permissions(state: Path, scale: float, others: list[str]) -> int:
    peers = install_peers()
    with BenchServers(state) as servers:
        os.environ |= secrets_of(state)
        servers.database = seeded_database(servers, scale)
        environment = servers.environment(CHORUS_BENCH_PEERS=str(peers), PYTHONUNBUFFERED="1")
        return _run("bench", scale, others, environment)


def _delivery(state: Path, scale: float, others: list[str]) -> int:
    environment = {**os.environ, "CHORUS_BENCH_STATE": str(state), "PYTHONUNBUFFERED": "1"}
    return _run("bench.delivery", scale, others, environment)


def _run(module: str, scale: float, others: list[str], environment: dict[str, str]) -> int:
    """Run a part in a process that ends with this one, and that is let end what it started on ctrl-C."""
    command = [sys.executable, "-m", module, "--scale", str(scale), *others]
    process = launch(command, signal_number=signal.SIGTERM, cwd=ROOT, env=environment)
    try:
        return process.wait()
    except BaseException:
        end(process, signal.SIGTERM, patience_seconds=STOP_SECONDS)
        raise


PARTS = {"permissions": _permissions, "delivery": _delivery}
