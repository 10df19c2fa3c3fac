"""What the sandbox must know of each network it pretends to be. One subclass per network, in its own folder."""

from __future__ import annotations

import re
import sqlite3
from typing import Any, ClassVar

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import limits, storage
from sandbox.limits import Window
from sandbox.web import bearer, json_answer


class Network:
    """``prefix`` is the path its addresses begin with, where networks share a port; empty where it has its own."""

    name: ClassVar[str]
    label: ClassVar[str]
    urlconf: ClassVar[str]
    prefix: ClassVar[str] = ""
    handle_pattern: ClassVar[re.Pattern[str]] = re.compile(r"[a-z0-9_.-]+", re.IGNORECASE)
    handle_length_max: ClassVar[int] = 60
    # What programs call: only these are disturbed by faults and counted; pages for people are not.
    api_paths: ClassVar[tuple[str, ...]]
    # The call that makes a post public, for the panel's faults.
    publishing: ClassVar[str]

    # --- people ---

    def normal_handle(self, handle: str) -> str:
        """Return the handle as this network writes it; it is checked afterwards."""
        return handle

    def new_id(self) -> str:
        raise NotImplementedError

    def profile_path(self, row: sqlite3.Row) -> str:
        return f"{self.prefix}/{row['handle']}"

    def signs_in_with(self, row: sqlite3.Row, scopes: str) -> dict[str, Any]:
        """Return what a test signs in with."""
        raise NotImplementedError

    # --- what every request meets ---

    def caller(self, request: ASGIRequest) -> tuple[str, str]:
        """Return the account id and the client id a request claims, unverified: for counting and faults only."""
        _, token = bearer(request)
        row = storage.one("SELECT account, client_id FROM token WHERE token = ?", token) if token else None
        return (row["account"] or "", row["client_id"]) if row else ("", "")

    def path_of(self, request: ASGIRequest) -> str:
        """Return the path faults know a request by."""
        return request.path_info

    def counted(self, request: ASGIRequest, account: str) -> Window | None:
        """Count this request against the network's own limits; return the window to tell the client of."""
        return None

    def limit_headers(self, window: Window) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.remaining),
            "X-RateLimit-Reset": str(window.reset_at),
        }

    def too_many(self, window: Window) -> HttpResponse:
        raise NotImplementedError

    def failure(self, status: int) -> HttpResponse:
        """Answer as a broken server of this network would: its proxy's page for 502 to 504, JSON otherwise."""
        if status in (502, 503, 504):
            return HttpResponse(f"<html><body><h1>{status}</h1></body></html>", status=status)
        return json_answer(self.fault_body(status), status)

    def fault_body(self, status: int) -> dict[str, Any]:
        raise NotImplementedError

    def refusal(self, message: str) -> HttpResponse:
        """Refuse the content."""
        raise NotImplementedError

    # --- what people and tests see of a post ---

    def shown(self, row: sqlite3.Row, author: sqlite3.Row, data: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of ``timeline.rendering.Shown`` that differ between networks."""
        raise NotImplementedError

    def files_of(self, row: sqlite3.Row, data: dict[str, Any]) -> list[tuple[sqlite3.Row, str | None]]:
        """Return the files of a post in order, each with its description."""
        found = storage.many("SELECT * FROM media WHERE post = ?", row["id"])
        found.sort(key=lambda item: data["media_ids"].index(item["id"]))
        return [(item, item["description"]) for item in found]


def over_until(until: float) -> Window:
    """Return the window of a limit that was ordered, not reached."""
    return limits.Window(300, 0, int(until), 300, True)
