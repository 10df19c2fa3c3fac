"""Threads as the sandbox's common parts see it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.safestring import mark_safe

from sandbox import limits, storage
from sandbox.facebook.access import error_body, given, new_token
from sandbox.instagram.network import Instagram
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.threads import access
from sandbox.timeline.shapes import Card, Picture, is_web_address
from sandbox.web import json_answer


class Threads(Instagram):
    """Its manners are Instagram's: names, limits, refusals."""

    name, label, urlconf, prefix = access.THREADS, "Threads", "sandbox.threads.urls", "/-/threads"
    handle_pattern = re.compile(r"[a-z0-9._]+", re.IGNORECASE)
    api_paths = (f"/{access.VERSION}/",)
    publishing = f"POST /{access.VERSION}/*/threads_publish"

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/@{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        wanted = scopes or " ".join(sorted(access.SCOPES))
        return {"access_token": new_token(row["id"], access.LONG, wanted)}

    def caller(self, request: ASGIRequest) -> tuple[str, str]:
        value = given(request).get("access_token", "")
        row = storage.one("SELECT account, client_id FROM token WHERE token = ?", value) if value else None
        return (row["account"] or "", row["client_id"]) if row else ("", "")

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        return limits.take("threads.calls", account) if account else None

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(error_body(100, message, sub=2207051), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        link = data["link"] if is_web_address(data["link"]) else ""
        card = Card(url=link, host=urlsplit(link).hostname or "", title=link, description="")
        return {
            "body": mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            "plain": data["text"],
            "warning": "",
            "visibility": "public",
            "language": "",
            "permalink": f"{self.profile_path(author)}/post/{row['id']}",
            "pictures": [Picture.of_media(item) for item, _text in self.files_of(row, data)],
            "card": card if link else None,
        }
