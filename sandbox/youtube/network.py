"""YouTube as the sandbox's common parts see it."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from sandbox import limits
from sandbox.limits import Window
from sandbox.mastodon.text import to_html
from sandbox.network import Network
from sandbox.operator_oauth import tokens_for
from sandbox.timeline.shapes import Picture
from sandbox.web import json_answer
from sandbox.youtube import access
from sandbox.youtube.access import PROVIDER, body_of
from sandbox.youtube.channels import comments_of
from sandbox.youtube.uploads import RANGE

UPLOADS = "/upload/youtube/v3/videos"
LAST_PIECE = f"{UPLOADS}/last-piece"
WRITE_UNITS = 50
PROJECT = "the one project of the sandbox"


class YouTube(Network):
    name, label, urlconf, prefix = access.YOUTUBE, "YouTube", "sandbox.youtube.urls", "/-/youtube"
    handle_pattern = re.compile(r"[a-z0-9._-]{3,}", re.IGNORECASE)
    handle_length_max = 30
    api_paths = ("/youtube/", "/upload/")
    publishing = f"PUT {LAST_PIECE}"

    def new_id(self) -> str:
        return "UC" + secrets.token_urlsafe(16)

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/channel/{row['id']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return tokens_for(PROVIDER, row["id"], scopes or " ".join(sorted(PROVIDER.scopes)))

    def path_of(self, request: ASGIRequest) -> str:
        """Name the piece that ends a video apart from the others: it is the one that publishes."""
        found = RANGE.fullmatch(request.headers.get("Content-Range", ""))
        if found and found[2] and int(found[2]) + 1 == int(found[3]):
            return LAST_PIECE
        return request.path_info

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        """Count units, and uploads in a bucket of their own; both of the whole project. Bytes cost nothing."""
        if request.path_info == UPLOADS:
            return limits.take("youtube.uploads", PROJECT) if request.method == "POST" else None
        return limits.take("youtube.units", PROJECT, 1 if request.method == "GET" else WRITE_UNITS)

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {}  # it names none

    def too_many(self, window: Window) -> HttpResponse:
        message = 'The request cannot be completed because you have exceeded your <a href="/quota">quota</a>.'
        return json_answer(body_of(403, "quotaExceeded", message), 403)

    def failure(self, status: int) -> HttpResponse:
        if status == 429:
            return json_answer(body_of(429, "userRateLimitExceeded", "User Rate Limit Exceeded."), 429)
        return super().failure(status)

    def fault_body(self, status: int) -> dict[str, Any]:
        return body_of(status, "backendError", "Backend Error")

    def refusal(self, message: str) -> HttpResponse:
        return json_answer(body_of(400, "invalidVideoMetadata", message), 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        files = [item for item, _text in self.files_of(row, data)]
        comments = [(comment["id"], _text_of(comment)) for comment in comments_of(row["id"])]
        body = format_html(
            "<p><strong>{}</strong></p>{}{}",
            data["snippet"]["title"],
            mark_safe(to_html(data["text"], "", {})),  # noqa: S308 - escaped while it was built
            format_html_join("", '<p id="{}"><span class="label">Comment</span> {}</p>', comments),
        )
        return {
            "body": body,
            "plain": data["text"],
            "warning": "",
            "visibility": data["status"]["privacyStatus"],
            "language": data["snippet"].get("defaultLanguage", ""),
            "permalink": f"{self.prefix}/watch?v={row['id']}",
            "pictures": [Picture.of_media(item) for item in files],
        }


def _text_of(comment: sqlite3.Row) -> str:
    return str(json.loads(comment["data"])["text"])
