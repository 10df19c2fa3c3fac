"""Posts of all networks as one shape for the page."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.safestring import SafeString


@dataclass(frozen=True, kw_only=True)
class Picture:
    url: str
    alt: str
    kind: str = "image"

    @classmethod
    def of_media(cls, row: sqlite3.Row) -> Picture:
        return cls(
            url=f"/media/{row['id']}", alt=row["description"] or "", kind=row["mime"].partition("/")[0]
        )


@dataclass(frozen=True, kw_only=True)
class Card:
    url: str
    host: str
    title: str
    description: str
    picture: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One post, ready to print. ``body`` is safe HTML."""

    network: str
    network_label: str
    author: sqlite3.Row
    avatar: str
    author_url: str
    body: SafeString
    plain: str
    warning: str
    visibility: str
    language: str
    when: datetime
    permalink: str
    pictures: list[Picture] = field(default_factory=list)
    card: Card | None = None


def is_web_address(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")
