"""The servers of the tests: one PostgreSQL and one Valkey per session, a migrated database per xdist worker.

Loaded with `-p`, so it runs before pytest-django imports the settings. Several sessions may run at once from
one checkout: each takes the first free `.data/test-N`. Tests run as the app role, so row-level security is
really exercised.

In the environment: DATABASE_URL (app role), CHORUS_TEST_OWNER_URL (owner role) and CHORUS_TEST_ADMIN_URL
(superuser), all three of this worker's own database once it is used; REDIS_URL with a database number of this
worker's own.

Fixtures: `servers` leads processes that a test starts to the same database (`env=servers.environment()`; use
it with `django_db(transaction=True)`, for they see only what is committed). `own_servers` gives a test its
own PostgreSQL and Valkey, which it may restart, empty and kill, and points Django and Celery of this process
to them.
"""

from __future__ import annotations

import fcntl
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from devstack.embedded import new_bluesky_client_key, schema_key, try_lock
from devstack.postgres import in_database
from devstack.steps import ROOT
from devstack.test_servers import OwnServers, TestServers, clone, make_template, point_django_to
from devstack.testing import find_browser

_session = ExitStack()
_timings: dict[str, float] = {}

SETTINGS = {
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only",
    "CHORUS_TOKEN_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMTI=",
    "CHORUS_BASE_URL": "http://localhost:8000",
}
PRODUCT_VARIABLES = ("CHORUS_", "ANYMAIL_", "DATABASE_", "REDIS_")
KEPT_VARIABLES = (
    "CHORUS_TEST_",
    "CHORUS_PG_BIN",
    "CHORUS_VALKEY_BIN",
    "CHORUS_NO_USERNS",
    "CHORUS_ROOT_STATE",
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:  # the controller started the servers; a Redis database of its own for each worker
        base = os.environ["CHORUS_TEST_REDIS_URL"].rpartition("/")[0]
        os.environ["REDIS_URL"] = f"{base}/{int(worker.removeprefix('gw')) + 1}"
        return (yield)
    try:
        _start_servers()
        return (yield)
    except BaseException:  # the settings may fail to import: leave no server behind
        _session.close()
        raise


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Spare the collector what stays to the end: modules, tests. It took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _start_servers() -> None:
    for name in list(os.environ):  # a developer's own settings must not leak into the tests
        if name.startswith(PRODUCT_VARIABLES) and not name.startswith(KEPT_VARIABLES):
            del os.environ[name]
    state = _take_folder()
    os.environ |= SETTINGS | {
        "CHORUS_TEST_STATE": str(state),
        "CHORUS_MEDIA_ROOT": str(state / "media"),
        "CHORUS_EMAIL_DIR": str(state / "mail"),
        "CHORUS_BLUESKY_CLIENT_KEY": new_bluesky_client_key(),
    }
    if browser := find_browser():
        os.environ["CHROME"] = browser
    begin = time.perf_counter()
    servers = _session.enter_context(TestServers(state))
    os.environ |= servers.variables()
    _timings["servers"] = time.perf_counter() - begin


def _take_folder() -> Path:
    base = Path(os.environ.get("CHORUS_TEST_HOME") or ROOT / ".data")
    number = 0
    while True:
        folder = base / f"test-{number}"
        if lock := try_lock(folder / "lock"):
            _session.enter_context(lock)
            return folder
        number += 1


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _session.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _timings:
        terminalreporter.write_line(
            "servers: " + ", ".join(f"{name} {s:.2f} s" for name, s in _timings.items())
        )


@pytest.fixture(scope="session", name="django_db_setup")
def cloned_database(django_db_blocker: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Clone the migrated template instead of migrating: one file copy for every xdist worker."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    name = f"test_{worker}"
    begin = time.perf_counter()
    with (Path(os.environ["CHORUS_TEST_STATE"]) / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker migrates, the others wait for its template
        template = make_template(os.environ["CHORUS_TEST_ADMIN_URL"], schema_key())
        clone(os.environ["CHORUS_TEST_ADMIN_URL"], template, name)
    _timings["database"] = time.perf_counter() - begin
    for variable in ("DATABASE_URL", "CHORUS_TEST_OWNER_URL", "CHORUS_TEST_ADMIN_URL"):
        os.environ[variable] = in_database(os.environ[variable], name)
    restore = point_django_to(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    yield
    with django_db_blocker.unblock():
        restore()


@pytest.fixture(scope="session", autouse=True)
def _flush_as_administrator() -> Iterator[None]:
    """Empty the tables after a transactional test as superuser.

    The app role may not truncate, and append-only tables refuse.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    from devstack.test_servers import flush_as_administrator

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", flush_as_administrator)
    yield
    patch.undo()


class SharedServers:
    """Leads processes that a test starts to the database and the Redis of this xdist worker."""

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, **more}


@pytest.fixture
def servers(django_db_setup: None) -> SharedServers:
    return SharedServers()


@pytest.fixture
def own_servers(django_db_setup: None, django_db_blocker: Any) -> Iterator[OwnServers]:
    """PostgreSQL and Valkey that belong to this test alone: it may restart, empty and kill them.

    Use it instead of the `django_db` mark and the `db` fixtures: the database is freshly cloned for every
    test, access is open while the test runs, and nothing is rolled back.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    state = Path(os.environ["CHORUS_TEST_STATE"]) / f"own-{worker}"
    with OwnServers(state) as own, django_db_blocker.unblock():
        own.fresh_database(schema_key())
        restore = point_django_to(own.database_url, own.redis_url)
        previous = {name: os.environ[name] for name in own.variables()}
        os.environ |= own.variables()
        try:
            yield own
        finally:
            os.environ |= previous
            restore()


def run_manage(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` in a process of its own, as a person at a terminal would."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
