"""LinkedIn as the sandbox's common parts see it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits
from sandbox.limits import Window
from sandbox.linkedin import access
from sandbox.linkedin.access import PROVIDER, body_of
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.operator_oauth import tokens_for
from sandbox.timeline.shapes import Card, Picture, is_web_address
from sandbox.web import json_answer

_ESCAPED = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


class LinkedIn(Network):
    name, label, urlconf, prefix = access.LINKEDIN, "LinkedIn", "sandbox.linkedin.urls", "/-/linkedin"
    handle_pattern = re.compile(r"[a-z0-9-]+", re.IGNORECASE)
    handle_length_max = 100
    api_paths = ("/rest/", "/v2/")
    publishing = "POST /rest/posts"

    def new_id(self) -> str:
        return accounts.snowflake()

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/company/{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return tokens_for(PROVIDER, row["id"], scopes or " ".join(sorted(PROVIDER.scopes)))

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        return limits.take("linkedin.member", account) if account else None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {}  # it names none

    def too_many(self, window: Window) -> HttpResponse:
        message = "Resource level throttle limit for calls to this resource is reached."
        return json_answer(body_of(429, "TOO_MANY_REQUESTS", message), 429)

    def fault_body(self, status: int) -> dict[str, Any]:
        return body_of(status, "INTERNAL_SERVER_ERROR", "Internal Server Error")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(body_of(400, "INVALID_VALUE_FOR_FIELD", message), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        text = _ESCAPED.sub(r"\1", data["text"])
        article = data["content"].get("article")
        return {
            "body": mark_safe(to_html(text, "", {})),  # noqa: S308 - escaped while it was built
            "plain": text,
            "warning": "",
            "visibility": data["visibility"].lower(),
            "language": "",
            "permalink": f"{self.prefix}/feed/update/{row['id']}/",
            "pictures": [Picture.of_media(item) for item, _text in self.files_of(row, data)],
            "card": Card(
                url=article["source"] if is_web_address(article["source"]) else "",
                host=urlsplit(article["source"]).hostname or "",
                title=article["title"],
                description=article.get("description", ""),
            )
            if article
            else None,
        }
