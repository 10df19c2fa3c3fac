"""Posts of both networks as one shape for the page."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from sandbox import accounts, storage
from sandbox.accounts import MASTODON
from sandbox.mastodon.text import mentions, to_html


@dataclass(frozen=True, kw_only=True)
class Picture:
    url: str
    alt: str
    kind: str = "image"


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


def profile_path(row: sqlite3.Row) -> str:
    return f"/@{row['handle']}" if row["network"] == MASTODON else f"/profile/{row['handle']}"


def facets_html(text: str, facets: list[dict[str, Any]]) -> SafeString:
    """Render Bluesky text: each facet's bytes become a link, the first of overlapping ones wins."""
    raw, end, parts = text.encode(), 0, []
    for facet in sorted(facets, key=lambda item: int(item["index"]["byteStart"])):
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        feature = facet["features"][0] if facet["features"] else {}
        target = str(feature.get("uri", ""))
        if "did" in feature:
            row = storage.one("SELECT * FROM account WHERE id = ?", feature["did"])
            target = profile_path(row) if row else ""
        elif "tag" in feature:
            target = f"/tags/{quote(feature['tag'])}"
        if start < end or not (target.startswith("/") or is_web_address(target)):
            continue
        parts.append(escape(raw[end:start].decode()))
        parts.append(
            format_html('<a href="{}" rel="nofollow noopener">{}</a>', target, raw[start:stop].decode())
        )
        end = stop
    parts.append(escape(raw[end:].decode()))
    body = "".join(parts)
    blocks = [block.replace("\n", "<br>") for block in body.split("\n\n") if block.strip()]
    return mark_safe("".join(f"<p>{block}</p>" for block in blocks))  # noqa: S308 - every part is escaped above


def _mastodon(row: sqlite3.Row, author: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    people = [accounts.find(MASTODON, user) for user, _ in mentions(data["text"])]
    urls = {person["handle"].lower(): profile_path(person) for person in people if person}
    media = storage.many("SELECT id, mime, description FROM media WHERE post = ?", row["id"])
    media.sort(key=lambda item: data["media_ids"].index(item["id"]))
    return {
        "body": mark_safe(to_html(data["text"], "", urls)),  # noqa: S308 - escaped while it was built
        "plain": data["text"],
        "warning": data["spoiler_text"],
        "visibility": data["visibility"],
        "language": data["language"],
        "permalink": f"/@{author['handle']}/{row['id']}",
        "pictures": [
            Picture(
                url=f"/media/{item['id']}", alt=item["description"] or "", kind=item["mime"].partition("/")[0]
            )
            for item in media
        ],
    }


def _bluesky(row: sqlite3.Row, author: sqlite3.Row) -> dict[str, Any]:
    data = json.loads(row["data"])
    embed = data.get("embed", {})
    embed = embed.get("media", embed)

    def blob_url(blob: dict[str, Any]) -> str:
        return f"/blobs/{author['id']}/{blob['ref']['$link']}"

    card = embed.get("external")
    labels = [item.get("val", "") for item in data.get("labels", {}).get("values", [])]
    return {
        "body": facets_html(data["text"], data.get("facets", [])),
        "plain": data["text"],
        "warning": ", ".join(labels),
        "visibility": "public",
        "language": (data.get("langs") or [""])[0],
        "permalink": f"/profile/{author['handle']}/post/{row['key']}",
        "pictures": [
            Picture(url=blob_url(item["image"]), alt=item["alt"]) for item in embed.get("images", [])
        ],
        "card": Card(
            url=card["uri"] if is_web_address(card["uri"]) else "",
            host=urlsplit(card["uri"]).hostname or "",
            title=card["title"],
            description=card["description"],
            picture=blob_url(card["thumb"]) if "thumb" in card else "",
        )
        if card
        else None,
    }


def shown(row: sqlite3.Row) -> Shown:
    author = accounts.by_id(row["account"])
    own = _mastodon(row, author) if row["network"] == MASTODON else _bluesky(row, author)
    return Shown(
        network=row["network"],
        author=author,
        avatar=f"/avatars/{author['id']}.svg",
        author_url=profile_path(author),
        when=datetime.fromtimestamp(row["created_at"], UTC),
        **own,
    )
