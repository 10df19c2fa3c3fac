"""The compose file and the image, as far as they can be tried without a container engine."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import yaml

from devstack.postgres import Postgres
from devstack.processes import free_port
from devstack.steps import ROOT
from devstack.valkey import find_binary

SECRETS = {
    "SECRET_KEY",
    "CHORUS_TOKEN_KEYS",
    "CHORUS_BLUESKY_CLIENT_KEY",
    "POSTGRES_PASSWORD",
    "CHORUS_OWNER_PASSWORD",
    "CHORUS_APP_PASSWORD",
    "VALKEY_PASSWORD",
    "CHORUS_SMTP_PASSWORD",
}
WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@contextmanager
def running(command, environment):
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def eventually(answers, process):
    """Wait until `answers` is true while the process lives."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"it ended with {process.returncode}:\n{process.stdout.read()[-3000:]}")
        if answers():
            return
        time.sleep(0.3)
    pytest.fail("it did not answer in time")


def in_environment(servers, **more):
    """The environment of a container: the packages' commands on PATH, the servers, and nothing of the checkout."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return servers.environment(PATH=path, DATABASE_OWNER_URL=os.environ["CHORUS_TEST_OWNER_URL"], **more)


def test_compose_file_has_at_most_five_services_each_with_a_health_check(compose):
    services = compose["services"]
    assert set(services) == {"web", "worker", "beat", "db", "valkey"}
    assert all(service["healthcheck"]["test"] for service in services.values())


def test_every_secret_comes_from_the_environment_and_is_in_the_example(compose):
    example = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line}
    text = (ROOT / "docker-compose.yml").read_text()
    assert example >= SECRETS
    for name in SECRETS:
        assert f"${{{name}:" in text, f"{name} is not taken from the environment"
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if name in SECRETS:
                assert str(value).startswith("${"), f"{name} stands in the compose file"


def test_only_web_knows_the_owner_role(compose):
    knows = {
        name
        for name, service in compose["services"].items()
        if "DATABASE_OWNER_URL" in service["environment"]
    }
    assert knows == {"web"}


def test_every_variable_of_the_compose_file_is_explained(compose):
    names = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    explained = (ROOT / "docs" / "operations.md").read_text()
    assert {name for name in names if f"`{name}`" not in explained} == set()


def test_every_variable_of_the_settings_is_explained():
    text = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r"""(?:env|env_flag|environ\.get)\(\s*"([A-Z_]+)\"""", text))
    explained = (ROOT / "docs" / "operations.md").read_text()
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in explained} == set()


def test_image_runs_as_an_account_that_is_not_root_and_without_node():
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert "USER chorus" in last
    assert "--uid 10001" in last
    assert "npm" not in last
    assert "node_modules" not in last


@pytest.mark.django_db(transaction=True)
def test_web_migrates_then_answers_its_health_check(servers):
    port = str(free_port())
    environment = in_environment(servers, PORT=port, CHORUS_BIND="127.0.0.1", CHORUS_WEB_WORKERS="1")

    def healthy():
        check = [sys.executable, "docker/healthcheck.py"]
        return (
            subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0
        )

    with running(["sh", "docker/entrypoint.sh", "web"], environment) as web:
        eventually(healthy, web)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=10) as page:
            assert page.status == 200
        variables = Path(f"/proc/{web.pid}/environ")
        if variables.exists():
            assert b"DATABASE_OWNER_URL" not in variables.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_worker_starts_and_answers_its_health_check(servers, compose):
    environment = in_environment(servers, HOSTNAME="tested")
    check = compose["services"]["worker"]["healthcheck"]["test"][1].replace("$$", "$")

    def healthy():
        return (
            subprocess.run(
                ["sh", "-c", check], cwd=ROOT, env=environment, capture_output=True, check=False
            ).returncode
            == 0
        )

    with running(["sh", "-c", "exec sh docker/entrypoint.sh worker"], environment) as worker:
        name = subprocess.run(["hostname"], capture_output=True, text=True, check=True).stdout.strip()
        environment["HOSTNAME"] = name
        eventually(healthy, worker)


@pytest.mark.django_db(transaction=True)
def test_beat_starts_and_writes_the_file_its_health_check_looks_for(servers, compose, tmp_path):
    environment = in_environment(servers, CHORUS_BEAT_FILE=str(tmp_path / "celerybeat-schedule"))
    check = compose["services"]["beat"]["healthcheck"]["test"][1].replace("/tmp", str(tmp_path))

    def healthy():
        return subprocess.run(["sh", "-c", check], check=False).returncode == 0

    assert not healthy()
    with running(["sh", "docker/entrypoint.sh", "beat"], environment) as beat:
        eventually(healthy, beat)


def test_valkey_starts_with_its_command_and_wants_the_password(compose, tmp_path):
    port = free_port()
    shell, flag, script = compose["services"]["valkey"]["command"]
    script = script.replace("$$", "$").replace("/tmp/", f"{tmp_path}/")
    script = script.replace("dir /data", f"dir {tmp_path}\\nport {port}\\nbind 127.0.0.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "valkey-server").symlink_to(find_binary())
    environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "VALKEY_PASSWORD": "secret"}
    import redis

    def healthy():
        try:
            with redis.Redis(port=port, password="secret") as client:
                return client.ping()
        except redis.ConnectionError:
            return False

    with running([shell, flag, script], environment) as valkey:
        eventually(healthy, valkey)
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


class FreshPostgres(Postgres):
    """A server as the database's image has it before the script of ours ran."""

    def _create_roles(self):
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as own:
            own.execute("create database chorus")


@pytest.mark.proof
def test_database_script_makes_roles_with_which_the_product_migrates_and_runs(tmp_path):
    postgres = FreshPostgres(tmp_path / "state")
    postgres.start()
    try:
        environment = {
            **os.environ,
            "PATH": f"{postgres.binaries}:{os.environ['PATH']}",
            "CHORUS_OWNER_PASSWORD": "owner'word",
            "CHORUS_APP_PASSWORD": "appword",
            "CHORUS_PSQL_OPTIONS": f"--host 127.0.0.1 --port {postgres.port}",
            "PGPASSWORD": postgres.password,
        }
        subprocess.run(
            ["sh", "docker/database.sh"], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        address = f"127.0.0.1:{postgres.port}/chorus"
        product = {
            **os.environ,
            "DATABASE_URL": f"postgresql://chorus_app:appword@{address}",
            "DATABASE_OWNER_URL": f"postgresql://chorus_owner:owner%27word@{address}",
        }
        together = [
            subprocess.Popen(
                [sys.executable, "docker/migrate.py"], cwd=ROOT, env=product, stdout=subprocess.DEVNULL
            )
            for _ in range(2)
        ]
        assert [process.wait() for process in together] == [0, 0]
        with psycopg.connect(product["DATABASE_URL"]) as app:
            assert app.execute(
                "select count(*) from pg_tables where tableowner = current_user"
            ).fetchone() == (0,)
            assert app.execute("select count(*) from django_session").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("create table own (id int)")
    finally:
        postgres.stop()
