"""TikTok as the sandbox's common parts see it."""

from __future__ import annotations

import re
import secrets
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import limits
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.operator_oauth import tokens_for
from sandbox.tiktok import access
from sandbox.tiktok.access import PROVIDER, body_of
from sandbox.tiktok.videos import RANGE
from sandbox.timeline.shapes import Picture
from sandbox.web import json_answer

LAST_PIECE = "/upload/last-piece"
COUNTED = {
    "/v2/post/publish/video/init/": "tiktok.init",
    "/v2/post/publish/creator_info/query/": "tiktok.creator",
    "/v2/post/publish/status/fetch/": "tiktok.status",
}


class TikTok(Network):
    name, label, urlconf, prefix = access.TIKTOK, "TikTok", "sandbox.tiktok.urls", "/-/tiktok"
    handle_pattern = re.compile(r"[a-z0-9._]{2,}", re.IGNORECASE)
    handle_length_max = 24
    api_paths = ("/v2/post/", "/v2/user/", "/v2/video/", "/upload/")
    publishing = f"PUT {LAST_PIECE}"

    def new_id(self) -> str:
        return "-000" + secrets.token_urlsafe(24)

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/@{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return tokens_for(PROVIDER, row["id"], scopes or " ".join(sorted(PROVIDER.scopes)))

    def path_of(self, request: ASGIRequest) -> str:
        """Name the piece that ends a video apart from the others: it is the one that posts it."""
        found = RANGE.fullmatch(request.headers.get("Content-Range", ""))
        return LAST_PIECE if found and int(found[2]) + 1 == int(found[3]) else request.path_info

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        name = COUNTED.get(request.path_info)
        return limits.take(name, account) if account and name else None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {}  # it names none

    def too_many(self, window: Window) -> HttpResponse:
        return json_answer(body_of("rate_limit_exceeded", "The API rate limit was exceeded."), 429)

    def failure(self, status: int) -> HttpResponse:
        if status == 429:
            return json_answer(body_of("rate_limit_exceeded", "The API rate limit was exceeded."), 429)
        return super().failure(status)

    def fault_body(self, status: int) -> dict[str, Any]:
        return body_of("internal_error", "Something went wrong.")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(body_of("spam_risk", message), 403)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": data["privacy_level"]
            .lower()
            .replace("_", " ")
            .replace("public to everyone", "public"),
            "language": "",
            "permalink": f"{self.prefix}/@{author['handle']}/video/{row['id']}",
            "pictures": [Picture.of_media(item) for item, _text in self.files_of(row, data)],
        }
