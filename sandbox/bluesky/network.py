"""Bluesky as the sandbox's common parts see it."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, limits, storage
from sandbox.accounts import BLUESKY
from sandbox.bluesky.facets import facets_html
from sandbox.bluesky.records import blobs_in
from sandbox.limits import Window
from sandbox.network import Network
from sandbox.timeline.shapes import Card, Picture, is_web_address
from sandbox.web import bearer, json_answer

WRITES = {
    "com.atproto.repo.createRecord": 3,
    "com.atproto.repo.putRecord": 2,
    "com.atproto.repo.deleteRecord": 1,
}


class Bluesky(Network):
    name, label, urlconf = BLUESKY, "Bluesky", "sandbox.bluesky.urls"
    handle_pattern = re.compile(
        r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
    )
    handle_length_max = 253
    api_paths = ("/xrpc/", "/oauth/", "/.well-known/", "/did:")
    publishing = "POST /xrpc/com.atproto.repo.*Record"

    def normal_handle(self, handle: str) -> str:
        handle = handle.lower()
        return handle if "." in handle else f"{handle}.test"

    def new_id(self) -> str:
        return accounts.new_did()

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"/profile/{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        return {"app_password": row["password"]}

    def caller(self, request: ASGIRequest) -> tuple[str, str]:
        _, token = bearer(request)
        try:
            payload = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return str(claims.get("sub", "")), str(claims.get("client_id", ""))
        except (ValueError, IndexError, AttributeError):
            return "", ""

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        name = request.path.removeprefix("/xrpc/")
        if name == "com.atproto.server.createSession":
            try:
                who = str(json.loads(request.body or b"{}").get("identifier", ""))
            except (ValueError, AttributeError):
                who = ""
            return limits.take("bluesky.login", who)
        if account and name in WRITES:
            day = limits.take("bluesky.day", account, WRITES[name])
            hour = limits.take("bluesky.hour", account, WRITES[name])
            return day if day.is_over else hour
        return None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(window.limit),
            "RateLimit-Remaining": str(window.remaining),
            "RateLimit-Reset": str(window.reset_at),
            "RateLimit-Policy": f"{window.limit};w={window.period_seconds}",
        }

    def too_many(self, window: Window) -> HttpResponse:
        headers = self.limit_headers(window)
        headers["Retry-After"] = str(max(1, window.reset_at - int(time.time())))
        return json_answer({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)

    def fault_body(self, status: int) -> dict[str, Any]:
        return {"error": "InternalServerError", "message": "Internal Server Error"}

    def refusal(self, message: str) -> HttpResponse:
        return json_answer({"error": "InvalidRequest", "message": message}, 400)

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
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
                *(Picture(url=blob_url(item["image"]), alt=item["alt"]) for item in embed.get("images", [])),
                *(
                    [Picture(url=blob_url(embed["video"]), alt=embed.get("alt", ""), kind="video")]
                    if "video" in embed
                    else []
                ),
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

    def files_of(self, row: sqlite3.Row, data: dict[str, Any]) -> list[tuple[sqlite3.Row, str | None]]:
        found = [
            storage.one(
                "SELECT * FROM blob WHERE account = ? AND cid = ?", row["account"], str(blob["ref"]["$link"])
            )
            for blob in blobs_in(data)
        ]
        blobs = [blob for blob in found if blob is not None]
        embed = data.get("embed", {})
        descriptions = [item.get("alt") for item in embed.get("images", [])]
        descriptions += [embed.get("alt")] if "video" in embed else []
        descriptions += [None] * (len(blobs) - len(descriptions))
        return list(zip(blobs, descriptions, strict=True))
