"""X as the sandbox's common parts see it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits, storage
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.operator_oauth import tokens_for
from sandbox.timeline.shapes import Picture
from sandbox.web import json_answer
from sandbox.x import access
from sandbox.x.access import PROVIDER, problem_body


class X(Network):
    name, label, urlconf, prefix = access.X, "X", "sandbox.x.urls", "/-/x"
    handle_pattern = re.compile(r"[a-z0-9_]+", re.IGNORECASE)
    handle_length_max = 15
    api_paths = ("/2/",)
    publishing = "POST /2/tweets"

    def new_id(self) -> str:
        return accounts.snowflake()[:19]

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return tokens_for(PROVIDER, row["id"], scopes or " ".join(sorted(PROVIDER.scopes)))

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        if account and request.method == "POST" and request.path_info == "/2/tweets":
            return limits.take("x.posts", account)
        if account and request.method == "DELETE":
            return limits.take("x.deletions", account)
        return None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {name.replace("X-RateLimit", "x-rate-limit").lower(): value for name, value in
                super().limit_headers(window).items()}  # fmt: skip

    def too_many(self, window: Window) -> HttpResponse:
        body = problem_body(429, "Too Many Requests", kind="about:blank", title="Too Many Requests")
        return json_answer(body, 429, self.limit_headers(window))

    def fault_body(self, status: int) -> dict[str, Any]:
        return problem_body(status, "Internal Error", kind="internal-error", title="Internal Error")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(problem_body(403, message, kind="about:blank", title="Forbidden"), 403)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        media = storage.many("SELECT id, mime, description FROM media WHERE post = ?", row["id"])
        media.sort(key=lambda item: data["media_ids"].index(item["id"]))
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": "public",
            "language": "",
            "permalink": f"{self.prefix}/{author['handle']}/status/{row['id']}",
            "pictures": [Picture.of_media(item) for item in media],
        }
