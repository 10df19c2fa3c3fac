"""The sandbox's memory: one SQLite file in write-ahead mode.

A commit is in the file before the answer leaves, so a post that was taken is still there after a SIGKILL of this
process. Transactions are short and never span an ``await``.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.settings import STATE_DIR

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY, network TEXT NOT NULL, handle TEXT NOT NULL, display_name TEXT NOT NULL,
    password TEXT NOT NULL, created_at REAL NOT NULL, UNIQUE (network, handle));
CREATE TABLE IF NOT EXISTS application (
    client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, name TEXT NOT NULL, website TEXT,
    redirect_uris TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS client_metadata (client_id TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY, account TEXT NOT NULL, data TEXT NOT NULL, expires_at REAL NOT NULL,
    used_for TEXT);
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, client_id TEXT NOT NULL, account TEXT, scopes TEXT NOT NULL,
    created_at REAL NOT NULL, state TEXT NOT NULL DEFAULT 'live');
CREATE TABLE IF NOT EXISTS refresh (
    token TEXT PRIMARY KEY, client_id TEXT NOT NULL, account TEXT NOT NULL, scopes TEXT NOT NULL,
    expires_at REAL NOT NULL, spent INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, data TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS part (
    upload TEXT NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (upload, number));
CREATE TABLE IF NOT EXISTS pushed_request (
    request_uri TEXT PRIMARY KEY, data TEXT NOT NULL, expires_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS auth_grant (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL, account TEXT NOT NULL, scope TEXT NOT NULL, jkt TEXT NOT NULL,
    token_id TEXT NOT NULL, refresh_token TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL,
    dead INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS spent_refresh (token TEXT PRIMARY KEY, grant_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, next_id TEXT, expires_at REAL NOT NULL,
    dead INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS seen_once (value TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS seen_by_end ON seen_once (expires_at);
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, mime TEXT NOT NULL, description TEXT, width INTEGER,
    height INTEGER, content BLOB NOT NULL, polls_left INTEGER NOT NULL, post TEXT, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS blob (
    account TEXT NOT NULL, cid TEXT NOT NULL, mime TEXT NOT NULL, content BLOB NOT NULL, created_at REAL NOT NULL,
    PRIMARY KEY (account, cid));
CREATE TABLE IF NOT EXISTS post (
    id TEXT PRIMARY KEY, network TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL, collection TEXT NOT NULL,
    data TEXT NOT NULL, cid TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL,
    received_count INTEGER NOT NULL DEFAULT 1, deleted_at REAL);
CREATE INDEX IF NOT EXISTS post_by_account ON post (account, collection, id);
CREATE INDEX IF NOT EXISTS post_by_parent ON post (json_extract(data, '$.in_reply_to_id'));
CREATE INDEX IF NOT EXISTS media_by_post ON media (post);
CREATE INDEX IF NOT EXISTS post_by_time ON post (created_at);
CREATE TABLE IF NOT EXISTS board (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    privacy TEXT NOT NULL, created_at REAL NOT NULL, deleted_at REAL);
CREATE TABLE IF NOT EXISTS board_section (id TEXT PRIMARY KEY, board TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, post TEXT NOT NULL, expires_at REAL NOT NULL,
    PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, spec TEXT NOT NULL, remaining INTEGER, seen INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0);
"""

_local = threading.local()


def connection() -> sqlite3.Connection:
    """Return this thread's connection, opening it (and creating the tables) at first use."""
    found: sqlite3.Connection | None = getattr(_local, "connection", None)
    if found is None:
        found = sqlite3.connect(STATE_DIR / "sandbox.sqlite3", timeout=30, isolation_level=None)
        found.row_factory = sqlite3.Row
        found.execute("PRAGMA journal_mode=WAL")
        found.execute("PRAGMA synchronous=NORMAL")
        found.executescript(SCHEMA)
        _local.connection = found
    return found


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    db = connection()
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def run(sql: str, *values: object) -> int:
    """Execute one statement; return the number of rows it changed."""
    return connection().execute(sql, values).rowcount


def one(sql: str, *values: object) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection().execute(sql, values).fetchone()
    return row


def many(sql: str, *values: object) -> list[sqlite3.Row]:
    return connection().execute(sql, values).fetchall()


def setting(name: str, default: Any) -> Any:
    row = one("SELECT value FROM setting WHERE name = ?", name)
    return default if row is None else json.loads(row["value"])


def set_setting(name: str, value: Any) -> None:
    run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))


def first_sight(value: str, seconds: float) -> bool:
    """Remember ``value`` for so long; return False when it was remembered already (a replay)."""
    now = time.time()
    with transaction() as db:
        db.execute("DELETE FROM seen_once WHERE expires_at < ?", (now,))
        return (
            db.execute("INSERT OR IGNORE INTO seen_once VALUES (?, ?)", (value, now + seconds)).rowcount == 1
        )


def reset(*, keep_accounts: bool) -> None:
    """Forget everything; with ``keep_accounts`` people, applications and their tokens stay."""
    people = {"account", "application", "client_metadata", "token", "auth_grant", "spent_refresh", "session"}
    people |= {"refresh"}
    with transaction() as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name.startswith("sqlite_") or (keep_accounts and name in people):
                continue
            db.execute(f"DELETE FROM {name}")  # noqa: S608 - the name comes from the schema
