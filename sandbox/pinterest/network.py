"""Pinterest as the sandbox's common parts see it."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits, storage
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.operator_oauth import tokens_for
from sandbox.pinterest import access
from sandbox.pinterest.access import PROVIDER, error_body
from sandbox.timeline.shapes import Card, Picture, is_web_address
from sandbox.web import json_answer

POLICY = "org_{}_app_id_user_id"


class Pinterest(Network):
    name, label, urlconf, prefix = access.PINTEREST, "Pinterest", "sandbox.pinterest.urls", "/-/pinterest"
    handle_pattern = re.compile(r"[a-z0-9_]+", re.IGNORECASE)
    handle_length_max = 30
    api_paths = ("/v5/", "/store/")
    publishing = "POST /v5/pins"

    def new_id(self) -> str:
        return accounts.snowflake()

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/{row['handle']}/"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return tokens_for(PROVIDER, row["id"], scopes or " ".join(sorted(PROVIDER.scopes)))

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        if not account:
            return None
        return limits.take("pinterest.read" if request.method == "GET" else "pinterest.write", account)

    def limit_headers(self, window: Window) -> dict[str, str]:
        """Tell of a window as Pinterest does: the policy by name, the time left in seconds."""
        policy = POLICY.format("read" if window.limit >= 1000 else "write")
        return {
            "X-RateLimit-Limit": f'{window.limit}, {window.limit};w={window.period_seconds};name="{policy}"',
            "X-RateLimit-Remaining": str(window.remaining),
            "X-RateLimit-Reset": str(max(1, round(window.reset_at - time.time()))),
        }

    def too_many(self, window: Window) -> HttpResponse:
        return json_answer(
            error_body(8, "You have exceeded your rate limit. Try again later."),
            429,
            self.limit_headers(window),
        )

    def fault_body(self, status: int) -> dict[str, Any]:
        return error_body(0, "Something went wrong on our end. Sorry about that.")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(error_body(1, message), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        board = storage.one("SELECT name, privacy FROM board WHERE id = ?", data["board_id"])
        link = data["link"] if is_web_address(data["link"]) else ""
        where = board["name"] if board else ""
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": "secret" if board and board["privacy"] == "SECRET" else "public",
            "language": "",
            "permalink": f"{self.prefix}/pin/{row['id']}/",
            "pictures": [Picture.of_media(item) for item, _text in self.files_of(row, data)],
            "card": Card(
                url=link,
                host=urlsplit(link).hostname or "",
                title=data["title"] or link or where,
                description=where,
            ),
        }
