"""Facebook as the sandbox's common parts see it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits, storage
from sandbox.facebook import access
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.timeline.shapes import Card, Picture, is_web_address
from sandbox.web import json_answer


class Facebook(Network):
    name, label, urlconf, prefix = access.FACEBOOK, "Facebook", "sandbox.facebook.urls", "/-/facebook"
    handle_pattern = re.compile(r"[a-z0-9.]+", re.IGNORECASE)
    handle_length_max = 50
    api_paths = (f"/{access.VERSION}/",)
    publishing = f"POST /{access.VERSION}/*/feed"

    def new_id(self) -> str:
        return accounts.snowflake()

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return {"access_token": access.page_token(row["id"], scopes or " ".join(sorted(access.SCOPES)))}

    def caller(self, request: ASGIRequest) -> tuple[str, str]:
        value = access.given(request).get("access_token", "")
        row = storage.one("SELECT account, client_id FROM token WHERE token = ?", value) if value else None
        return (row["account"] or "", row["client_id"]) if row else ("", "")

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        return limits.take("facebook.page", account) if account else None

    def limit_headers(self, window: Window) -> dict[str, str]:
        percent = 100 - 100 * window.remaining // max(1, window.limit)
        return {"X-App-Usage": json.dumps({"call_count": percent, "total_time": 0, "total_cputime": 0})}

    def too_many(self, window: Window) -> HttpResponse:
        minutes = max(1, round((window.reset_at - time.time()) / 60))
        usage = {"0": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
        headers = {**self.limit_headers(window), "X-Business-Use-Case-Usage": json.dumps(usage)}
        return json_answer(
            access.error_body(80001, "There have been too many calls to this Page."), 400, headers
        )

    def failure(self, status: int) -> HttpResponse:
        if status == 429:
            return self.too_many(Window(1, 0, int(time.time()) + 300, 300, True))
        return super().failure(status)

    def fault_body(self, status: int) -> dict[str, Any]:
        return access.error_body(2, "Service temporarily unavailable")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(access.error_body(368, message), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        media = [item for item, _text in self.files_of(row, data)]
        link = data["link"] if is_web_address(data["link"]) else ""
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": "public",
            "language": "",
            "permalink": f"{self.prefix}/{author['handle']}/posts/{row['id']}",
            "pictures": [Picture.of_media(item) for item in media],
            "card": Card(url=link, host=urlsplit(link).hostname or "", title=link, description="")
            if link
            else None,
        }
