"""The plain way: one Celery task with an ETA for each post, as a team would write it that knows Celery.

It keeps its posts in a table, reads the row first and sends nothing that is marked as done; it has a time-out, and
repeats what failed, later and later, five times. All else is as Celery and its Redis transport come: a message is
acknowledged when its task begins, and comes again an hour after a worker took it and did not.
"""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache
from typing import Any, Final

import httpx
from celery import Celery
from psycopg_pool import ConnectionPool

TABLE: Final = """
create table plain_post (
    id integer primary key, server text not null, token text not null, text text not null,
    remote_id text not null default '', done_at timestamptz)
"""
TIMEOUT_SECONDS: Final = 20.0
CONNECTIONS: Final = 20

app = Celery("plain", broker=os.environ["REDIS_URL"], set_as_current=False)
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True


@cache
def pool() -> ConnectionPool[Any]:
    return ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=CONNECTIONS, open=True)


@cache
def client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


@app.task(autoretry_for=(httpx.HTTPError,), retry_backoff=True, max_retries=5)
def publish(post_id: int) -> None:
    with pool().connection() as connection:
        found = connection.execute(
            "select server, token, text from plain_post where id = %s and done_at is null", [post_id]
        ).fetchone()
    if found is None:
        return
    server, token, text = found
    answer = client().post(
        f"{server}/api/v1/statuses", data={"status": text}, headers={"Authorization": f"Bearer {token}"}
    )
    answer.raise_for_status()
    with pool().connection() as connection:
        connection.execute(
            "update plain_post set remote_id = %s, done_at = now() where id = %s",
            [answer.json()["id"], post_id],
        )


def schedule(post_ids: range, due: datetime) -> None:
    """Send a message for each post, all for the same time."""
    with app.producer_pool.acquire(block=True) as producer:
        for post_id in post_ids:
            publish.apply_async((post_id,), eta=due, producer=producer)


def let_an_hour_pass() -> None:
    """Give back to the queue what workers took and never acknowledged, as the visibility time-out does in an hour."""
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.qos.visibility_timeout = -1
        channel.qos.restore_visible(num=None, interval=1)
