"""Mastodon as the sandbox's common parts see it."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits, storage
from sandbox.accounts import MASTODON
from sandbox.limits import Window
from sandbox.mastodon.text import mentions, to_html
from sandbox.network import Network
from sandbox.timeline.shapes import Picture
from sandbox.web import json_answer


class Mastodon(Network):
    name, label, urlconf = MASTODON, "Mastodon", "sandbox.mastodon.urls"
    handle_pattern = re.compile(r"[a-z0-9_]+([.-]+[a-z0-9_]+)*", re.IGNORECASE)
    handle_length_max = 30
    api_paths = ("/api/", "/oauth/", "/.well-known/")
    publishing = "POST /api/v1/statuses"

    def new_id(self) -> str:
        return accounts.snowflake()

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"/@{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return {"access_token": accounts.ready_token(row, scopes or "read write profile")}

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        path, method = request.path, request.method
        if not account or not path.startswith("/api/"):
            return None
        window = limits.take("mastodon", account)
        if method == "POST" and path in ("/api/v1/media", "/api/v2/media"):
            narrow = limits.take("mastodon.media", account)
            return narrow if narrow.is_over else window
        if method == "DELETE" and path.startswith("/api/v1/statuses/"):
            narrow = limits.take("mastodon.delete", account)
            return narrow if narrow.is_over else window
        return window

    def limit_headers(self, window: Window) -> dict[str, str]:
        reset = datetime.fromtimestamp(window.reset_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {**super().limit_headers(window), "X-RateLimit-Reset": reset}

    def too_many(self, window: Window) -> HttpResponse:
        return json_answer({"error": "Too many requests"}, 429, self.limit_headers(window))

    def fault_body(self, status: int) -> dict[str, Any]:
        return {"error": "Something went wrong on our end"}

    def refusal(self, message: str) -> HttpResponse:
        return json_answer({"error": f"Validation failed: {message}"}, 422)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        people = [accounts.find(MASTODON, user) for user, _ in mentions(data["text"])]
        urls = {person["handle"].lower(): self.profile_path(person) for person in people if person}
        media = storage.many("SELECT id, mime, description FROM media WHERE post = ?", row["id"])
        media.sort(key=lambda item: data["media_ids"].index(item["id"]))
        return {
            "body": mark_safe(to_html(data["text"], "", urls)),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": data["spoiler_text"],
            "visibility": data["visibility"],
            "language": data["language"],
            "permalink": f"/@{author['handle']}/{row['id']}",
            "pictures": [Picture.of_media(item) for item in media],
        }
