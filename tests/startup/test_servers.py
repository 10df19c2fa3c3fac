"""The embedded servers: joining them, starting them for one command, and hurting them in a test."""

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection
from django.db.utils import ProgrammingError

from devstack import embedded, supervisor
from devstack.processes import end, free_port, launch
from devstack.pytest_plugin import run_manage
from devstack.steps import ROOT, StepFailed

WHO = "from django.db import connection as c; k = c.cursor(); k.execute('select current_user'); print(k.fetchone()[0])"


def without_servers(state, **more):
    """The environment of a person who has set nothing."""
    named = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "CHORUS_TOKEN_KEYS")
    kept = {name: value for name, value in os.environ.items() if name not in named}
    return kept | {"CHORUS_STATE": str(state)} | more


def test_generated_secrets_are_kept_and_readable_by_their_owner_alone(tmp_path):
    state = tmp_path / "state"
    first = embedded.secrets_of(state)
    assert embedded.secrets_of(state) == first
    assert {stat.S_IMODE(path.stat().st_mode) for path in state.glob("*.secret")} == {0o600}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert json.loads(first["CHORUS_BLUESKY_CLIENT_KEY"])["crv"] == "P-256"


def test_manage_starts_servers_for_as_long_as_it_needs_them(tmp_path):
    done = run_manage("shell", "-v0", "-c", WHO, environment=without_servers(tmp_path))
    assert done.stdout.strip() == "chorus_app", done.stderr
    assert not (tmp_path / "servers.json").exists()
    assert embedded.running(tmp_path) is None
    done = run_manage("migrate", "--check", environment=without_servers(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_manage_joins_the_servers_that_run(servers, tmp_path):
    environment = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    environment["DATABASE_OWNER_URL"] = os.environ["CHORUS_TEST_OWNER_URL"]
    (tmp_path / "servers.json").write_text(json.dumps(environment))
    running = embedded.try_lock(tmp_path / "servers.lock")
    done = run_manage(
        "shell",
        "-v0",
        "-c",
        WHO.replace("current_user", "current_database()"),
        environment=without_servers(tmp_path),
    )
    assert done.stdout.strip() == environment["DATABASE_URL"].rpartition("/")[2], done.stderr
    done = run_manage("migrate", "--check", environment=without_servers(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    running.close()


def test_servers_wait_for_a_command_that_joined_them(tmp_path):
    users = embedded.try_lock(tmp_path / "servers.users", fcntl.LOCK_SH)
    waiting = threading.Thread(target=embedded._wait_for_users, args=(tmp_path,))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    users.close()
    waiting.join(5)
    assert not waiting.is_alive()


def test_second_start_from_one_folder_is_refused(tmp_path):
    with embedded.try_lock(tmp_path / "servers.lock"):
        done = subprocess.run(
            [sys.executable, "-m", "devstack", "run"],
            cwd=ROOT,
            env=without_servers(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "already runs from this folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_given_port_in_use_is_refused_and_a_default_one_moves_on(tmp_path, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StepFailed, match=f"Port {port} is in use"):
            supervisor.choose_ports({"PORT": str(port)}, tmp_path, ["PORT"])
        monkeypatch.setitem(supervisor.DEFAULT_PORTS, "PORT", port)
        assert supervisor.choose_ports({}, tmp_path, ["PORT"])["PORT"] > port
    with pytest.raises(StepFailed, match="is not a port number"):
        supervisor.choose_ports({"PORT": "eighty"}, tmp_path, ["PORT"])


def test_ports_of_the_sandbox_are_the_same_at_the_next_start(tmp_path, monkeypatch):
    name = "CHORUS_SANDBOX_PORT"
    monkeypatch.setitem(supervisor.DEFAULT_PORTS, name, free_port())
    first = supervisor.choose_ports({}, tmp_path, [name])
    monkeypatch.setitem(supervisor.DEFAULT_PORTS, name, free_port())
    assert supervisor.choose_ports({}, tmp_path, [name]) == first


def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells a process that its parent ended")
    code = (
        "import time; from devstack.processes import launch\n"
        "print(launch(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    with parent:
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and is_alive(child):
        time.sleep(0.05)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ctrl_c_does_not_reach_a_child():
    process = launch(["sleep", "60"])
    try:
        deadline = time.monotonic() + 5
        while os.getsid(process.pid) != process.pid and time.monotonic() < deadline:
            time.sleep(0.02)
        assert os.getsid(process.pid) == process.pid
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db
def test_tests_run_as_a_role_that_owns_nothing_and_bypasses_nothing():
    with connection.cursor() as cursor:
        cursor.execute("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("chorus_app", False, False)
        cursor.execute("select count(*) from pg_tables where tableowner = current_user")
        assert cursor.fetchone() == (0,)
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("truncate django_session")


@pytest.mark.django_db(transaction=True)
def test_processes_that_a_test_starts_see_its_database(servers):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(session_key="seen", session_data="", expire_date=timezone.now())
    code = (
        "from django.contrib.sessions.models import Session; print(Session.objects.filter(pk='seen').count())"
    )
    done = run_manage("shell", "-v0", "-c", code, environment=servers.environment())
    assert done.stdout.strip() == "1", done.stderr


@pytest.mark.django_db(transaction=True)
def test_tables_are_empty_again_after_a_transactional_test():
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()


def test_owner_and_superuser_addresses_lead_to_the_same_database(servers):
    seen = set()
    for name, role in (
        ("DATABASE_URL", "chorus_app"),
        ("CHORUS_TEST_OWNER_URL", "chorus_owner"),
        ("CHORUS_TEST_ADMIN_URL", "postgres"),
    ):
        with psycopg.connect(os.environ[name]) as own:
            user, database = own.execute("select current_user, current_database()").fetchone()
        assert user == role
        seen.add(database)
    assert len(seen) == 1


@pytest.mark.proof
def test_own_servers_survive_being_hurt(own_servers):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(session_key="kept", session_data="", expire_date=timezone.now())
    cache.set("lost", 1)
    own_servers.restart_postgres(crash=True)
    connection.close()
    assert Session.objects.filter(pk="kept").exists()
    own_servers.flush_valkey()
    assert cache.get("lost") is None
    cache.set("lost", 2)
    own_servers.kill_valkey()
    own_servers.restart_valkey()
    assert cache.get("lost") is None
    assert own_servers.environment()["REDIS_URL"] == own_servers.redis_url


@pytest.mark.proof
def test_tasks_sent_by_a_test_reach_a_worker_on_its_own_servers(own_servers, tmp_path):
    from celery import current_app

    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "config",
        "worker",
        "-P",
        "solo",
        "--without-mingle",
    ]
    with (tmp_path / "worker.log").open("w") as log:
        worker = launch(command, cwd=ROOT, env=own_servers.environment(), stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (answers := current_app.control.ping(timeout=1)) and time.monotonic() < deadline:
            assert worker.poll() is None, (tmp_path / "worker.log").read_text()
        assert len(answers) == 1
    finally:
        end(worker, signal.SIGTERM, patience_seconds=10)


@pytest.mark.proof
def test_servers_of_the_session_are_back_after_own_servers():
    from celery import current_app
    from django.conf import settings

    assert os.environ["DATABASE_URL"].rpartition("/")[2] == connection.settings_dict["NAME"] != "test_own"
    assert current_app.conf.broker_url == settings.CELERY_BROKER_URL
