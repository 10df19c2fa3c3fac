"""Who lives in the sandbox: accounts of every network, made by name, and the tokens tests ask for."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sqlite3
import time

from sandbox import networks, storage

MASTODON, BLUESKY = "mastodon", "bluesky"
STARTING_CAST = ("alice", "bruno", "chloe")

_last_id = 0


class BadHandle(Exception):
    """This network has no such names."""


def snowflake() -> str:
    """Return an id as Mastodon makes them: milliseconds in the high bits, always rising."""
    global _last_id
    _last_id = max(_last_id + 1, time.time_ns() // 1_000_000 << 16)
    return str(_last_id)


def new_did() -> str:
    digest = hashlib.sha256(secrets.token_bytes(32)).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def normal_handle(network: str, handle: str) -> str:
    """Return the handle as this network writes it: ``alice``, or ``alice.test`` on Bluesky. Raises BadHandle."""
    of = networks.network(network)
    handle = of.normal_handle(handle.strip().lstrip("@"))
    if not of.handle_pattern.fullmatch(handle) or len(handle) > of.handle_length_max:
        raise BadHandle(f"“{handle}” cannot be a name on this network.")
    return handle


def find(network: str, name: str) -> sqlite3.Row | None:
    """Look an account up by handle or by id (DID on Bluesky)."""
    return storage.one(
        "SELECT * FROM account WHERE network = ? AND (id = ? OR handle = ? COLLATE NOCASE)",
        network,
        name,
        name,
    )


def by_id(account_id: str) -> sqlite3.Row:
    row = storage.one("SELECT * FROM account WHERE id = ?", account_id)
    assert row is not None, account_id
    return row


def create(network: str, handle: str, display_name: str = "") -> sqlite3.Row:
    """Return the account of this handle, creating it when it is new. Raises BadHandle."""
    handle = normal_handle(network, handle)
    storage.run(
        "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?, ?, ?)",
        networks.network(network).new_id(),
        network,
        handle,
        display_name or handle.split(".")[0].capitalize(),
        "-".join(secrets.token_hex(2) for _ in range(4)),
        time.time(),
    )
    found = find(network, handle)
    assert found is not None
    return found


def people(network: str) -> list[sqlite3.Row]:
    """Return the accounts of a network, making the starting cast when there is nobody yet."""
    rows = storage.many("SELECT * FROM account WHERE network = ? ORDER BY created_at, id", network)
    return rows or [create(network, name) for name in STARTING_CAST]


def ready_token(account: sqlite3.Row, scopes: str, client_id: str = "sandbox-tests") -> str:
    """Return a Mastodon access token that needed no consent page."""
    token = secrets.token_urlsafe(32)
    storage.run(
        "INSERT INTO token (token, client_id, account, scopes, created_at) VALUES (?, ?, ?, ?, ?)",
        token, client_id, account["id"], scopes, time.time(),
    )  # fmt: skip
    return token


def epoch(account_id: str) -> int:
    """Return the generation of this account's access tokens on Bluesky: older ones count as expired."""
    return int(storage.setting(f"epoch:{account_id}", 0))


def expire_tokens(account: sqlite3.Row, *, only_access: bool) -> None:
    """Make this account's tokens dead: its access tokens, or (as if the person removed the application) all.

    Mastodon has no refresh tokens: there, both leave the person to connect again.
    """
    storage.set_setting(f"epoch:{account['id']}", epoch(account["id"]) + 1)
    with storage.transaction() as db:
        state = "expired" if only_access else "revoked"
        db.execute("UPDATE token SET state = ? WHERE account = ? AND state = 'live'", (state, account["id"]))
        if not only_access:
            db.execute("UPDATE auth_grant SET dead = 1 WHERE account = ?", (account["id"],))
            db.execute("UPDATE session SET dead = 1 WHERE account = ?", (account["id"],))
            db.execute("UPDATE refresh SET spent = 1 WHERE account = ?", (account["id"],))
