"""A post of the store, ready to print."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

from sandbox import accounts
from sandbox.networks import network
from sandbox.timeline.shapes import Shown


def shown(row: sqlite3.Row) -> Shown:
    author, of = accounts.by_id(row["account"]), network(row["network"])
    return Shown(
        network=of.name,
        network_label=of.label,
        author=author,
        avatar=f"/avatars/{author['id']}.svg",
        author_url=of.profile_path(author),
        when=datetime.fromtimestamp(row["created_at"], UTC),
        **of.shown(row, author, json.loads(row["data"])),
    )
