"""Instagram as the sandbox's common parts see it: the Graph API's manners, with other words for a post."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import Any, ClassVar

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import accounts, limits, storage
from sandbox.facebook.access import error_body, given, page_token
from sandbox.instagram import access
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.timeline.shapes import Picture
from sandbox.web import bearer, json_answer


class Instagram(Network):
    name, label, urlconf, prefix = access.INSTAGRAM, "Instagram", "sandbox.instagram.urls", "/-/instagram"
    handle_pattern = re.compile(r"[a-z0-9._]+", re.IGNORECASE)
    handle_length_max = 30
    api_paths: ClassVar[tuple[str, ...]] = (f"/{access.VERSION}/", "/ig-api-upload/")
    publishing = f"POST /{access.VERSION}/*/media_publish"

    def new_id(self) -> str:
        return accounts.snowflake()

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return {"access_token": page_token(row["id"], scopes or " ".join(sorted(access.SCOPES)))}

    def caller(self, request: ASGIRequest) -> tuple[str, str]:
        value = given(request).get("access_token", "") or bearer(request)[1]
        row = storage.one("SELECT account, client_id FROM token WHERE token = ?", value) if value else None
        return (row["account"] or "", row["client_id"]) if row else ("", "")

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        return limits.take("facebook.page", account) if account else None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {}

    def too_many(self, window: Window) -> HttpResponse:
        minutes = max(1, round((window.reset_at - time.time()) / 60))
        usage = f'{{"0": [{{"type": "instagram", "estimated_time_to_regain_access": {minutes}}}]}}'
        body = error_body(80002, "There have been too many calls to this Instagram account.")
        return json_answer(body, 400, {"X-Business-Use-Case-Usage": usage})

    def failure(self, status: int) -> HttpResponse:
        if status == 429:
            return self.too_many(Window(1, 0, int(time.time()) + 300, 300, True))
        return super().failure(status)

    def fault_body(self, status: int) -> dict[str, Any]:
        return error_body(2, "Service temporarily unavailable")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(error_body(4, message, sub=2207051), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        media = [item for item, _text in self.files_of(row, data)]
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": {"STORY": "story", "REELS": "reel"}.get(data.get("product", ""), "public"),
            "language": "",
            "permalink": f"{self.prefix}/{author['handle']}/p/{row['id']}",
            "pictures": [Picture.of_media(item) for item in media],
            "card": None,
        }
