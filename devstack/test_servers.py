"""Throw-away servers for tests, a migrated template database, and leading Django and Celery to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from devstack.embedded import migrate
from devstack.postgres import APP, OWNER, THROWAWAY, Postgres, create_database, in_database
from devstack.valkey import Valkey

FLUSH_LOCK_SECONDS = 20


def make_template(admin_url: str, key: str) -> str:
    """Return the name of a database migrated to this code, made when missing; older ones are dropped."""
    name, building = f"template_{key}", f"building_{key}"
    admin_url = in_database(admin_url, "postgres")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        rows = connection.execute(
            "select datname from pg_database where datname ~ '^(template_|building_)[0-9a-f]{12}$'"
        )
        names = {row[0] for row in rows.fetchall()}
        for old in names - {name}:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(old)))
        if name in names:
            return name
        create_database(admin_url, building)
        owner_url = in_database(admin_url, building, OWNER)
        migrate({**os.environ, "DATABASE_URL": owner_url, "DATABASE_OWNER_URL": owner_url})
        connection.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(building), sql.Identifier(name))
        )
    return name


def clone(admin_url: str, template: str, name: str) -> None:
    """Make database `name` a fresh copy of `template`; connections to an old one of that name are cut."""
    with psycopg.connect(in_database(admin_url, "postgres"), autocommit=True) as connection:
        target = sql.Identifier(name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(target))
        connection.execute(
            sql.SQL("create database {} template {} owner {} strategy file_copy").format(
                target, sql.Identifier(template), sql.Identifier(OWNER)
            )
        )


def flush_as_administrator(_operations: Any, sql_list: list[str]) -> None:
    """Run the statements of Django's `flush` as superuser with triggers off."""
    with psycopg.connect(os.environ["CHORUS_TEST_ADMIN_URL"]) as connection:
        connection.execute(f"set local lock_timeout = '{FLUSH_LOCK_SECONDS}s'")
        connection.execute("set local session_replication_role = replica")
        for statement in sql_list:
            connection.execute(statement.encode())


def point_django_to(database_url: str, redis_url: str) -> Callable[[], None]:
    """Lead this process's Django and Celery to other servers; returns what puts the former ones back."""
    from celery import current_app
    from django.core.cache import caches
    from django.db import connections
    from kombu.pools import reset as reset_connection_pools

    celery: Any = current_app
    database: Any = connections["default"]
    former_database = {
        key: database.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    }
    former_location = caches.settings["default"]["LOCATION"]
    former_broker = celery.conf.broker_url

    def use(target: dict[str, Any], location: str, broker: str) -> None:
        database.close()
        if database.settings_dict["OPTIONS"].get("pool"):
            database.close_pool()
        for settings in (database.settings_dict, connections.settings["default"]):
            settings.update(target)
        caches.settings["default"]["LOCATION"] = location
        if hasattr(caches._connections, "default"):  # type: ignore[attr-defined]
            del caches["default"]
        if celery.conf.broker_url != broker:
            celery.conf.broker_url = broker
            reset_connection_pools()
            celery._pool = None
            for kept in ("amqp", "control"):  # both hold on to the connections of before
                vars(celery).pop(kept, None)

    parts = urlsplit(database_url)
    use(
        {
            "NAME": parts.path[1:],
            "USER": parts.username,
            "PASSWORD": parts.password,
            "HOST": parts.hostname,
            "PORT": parts.port,
        },
        redis_url,
        redis_url,
    )
    return lambda: use(former_database, former_location, former_broker)


class TestServers:
    """PostgreSQL and Valkey that promise nothing after a power cut, in one folder."""

    __test__ = False

    postgres_options: ClassVar[Mapping[str, str]] = THROWAWAY
    has_durable_broker: ClassVar[bool] = False

    def __init__(self, state: Path) -> None:
        self.postgres = Postgres(state, options=self.postgres_options)
        self.valkey = Valkey(state, durable=self.has_durable_broker)
        self.database = "postgres"

    def __enter__(self) -> Self:
        self.postgres.start()
        self.valkey.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.valkey.stop()
        self.postgres.stop()

    @property
    def database_url(self) -> str:
        return self.postgres.url(APP, self.database)

    @property
    def owner_url(self) -> str:
        return self.postgres.url(OWNER, self.database)

    @property
    def admin_url(self) -> str:
        return self.postgres.url("postgres", self.database)

    @property
    def redis_url(self) -> str:
        return self.valkey.url()

    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "CHORUS_TEST_REDIS_URL": self.redis_url,
            "CHORUS_TEST_OWNER_URL": self.owner_url,
            "CHORUS_TEST_ADMIN_URL": self.admin_url,
        }

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment for a process that shall use these servers."""
        return {**os.environ, **self.variables(), **more}


class OwnServers(TestServers):
    """The servers of one test, which may be hurt."""

    # A commit survives a crash of the server, though not of the machine.
    postgres_options = THROWAWAY | {"synchronous_commit": "on", "full_page_writes": "on"}

    def fresh_database(self, key: str) -> None:
        template = make_template(self.admin_url, key)
        self.database = "test_own"
        clone(self.admin_url, template, self.database)

    def restart_postgres(self, *, crash: bool = False) -> None:
        """Restart on the same port; all connections are cut. `crash` skips the clean shutdown."""
        self.postgres.restart(signal.SIGQUIT if crash else signal.SIGINT)

    def flush_valkey(self) -> None:
        """Empty Valkey, as when it lost everything."""
        self.valkey.flush()

    def kill_valkey(self) -> None:
        """Kill it with SIGKILL; `restart_valkey` brings back an empty one on the same port."""
        self.valkey.stop(signal.SIGKILL)

    def restart_valkey(self) -> None:
        self.valkey.restart(signal.SIGKILL)
