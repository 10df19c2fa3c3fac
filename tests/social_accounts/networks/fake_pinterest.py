"""Pinterest as a small strict server behind a mock transport."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.pinterest.adapter import PinterestAdapter
from social_accounts.networks.pinterest.config import real_home

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups

REDIRECT_URI = "https://chorus.example/connect/pinterest/callback/"
STORE = "https://media-upload.example/"
BOARD, SECRET_BOARD = "100", "101"
PIN_FIELDS = {"board_id", "board_section_id", "title", "description", "link", "alt_text", "media_source"}
BUCKET = 'name="org_write_app_id{}"'


def refused(code: int, message: str, number: int = 1) -> Answer:
    return status(code, {"code": number, "message": message})


@dataclass
class FakePinterest(FakeWithFollowups):
    pins: dict[str, dict[str, Any]] = field(default_factory=dict)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    sent: list[httpx.Request] = field(default_factory=list)
    videos: dict[str, bytes] = field(default_factory=dict)
    checks_until_ready: int = 0
    video_fails: bool = False
    page_size_max: int = 250
    lists_sections_apart: bool = False
    refresh_tokens: list[str] = field(default_factory=lambda: ["refresh-1"])
    last_id: int = 1000

    def __post_init__(self) -> None:
        self.adapter = PinterestAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="pinterest",
            server="https://www.pinterest.com",
            remote_id="2783136121146311751",
            handle="@acme",
            display_name="Acme",
            url="https://www.pinterest.com/acme/",
            avatar_url="https://i.example/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN, refresh_token="refresh-1")
        self.add_board(BOARD, "Bicycles")
        self.add_board(SECRET_BOARD, "Next spring", privacy="SECRET")

    def add_board(self, board_id: str, name: str, **more: object) -> None:
        self.boards[board_id] = {
            "id": board_id,
            "name": name,
            "description": "",
            "privacy": "PUBLIC",
            "owner": {"username": "acme"},
            "pin_count": 0,
            "follower_count": 3,
            "collaborator_count": 0,
            **more,
        }
        self.sections.setdefault(board_id, {})

    @property
    def public_posts(self) -> int:
        return len(self.pins)

    def text_of(self, remote_id: str) -> str:
        return str(self.pins[remote_id]["description"])

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path
        if path == "/v5/pins" and request.method == "POST":
            return "publish"
        if path.startswith("/v5/media") or str(request.url) == STORE:
            return "upload"
        if request.method == "PATCH" and path.startswith("/v5/pins/"):
            return "edit"
        if path.endswith("/analytics"):
            return "measure"
        if path == "/v5/boards" and request.method == "GET":
            return "choices"
        return "read" if request.method == "GET" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.TOO_LONG: refused(400, "Invalid request: 'x' is too long"),
            RejectionReason.MEDIA_INVALID: refused(400, "Sorry, we could not read this image."),
            RejectionReason.DUPLICATE: None,
            RejectionReason.POLICY: refused(403, "This link was blocked as spam.", 7),
            RejectionReason.ACCOUNT_RESTRICTED: refused(403, "Your account has been suspended.", 7),
            RejectionReason.NOT_FOUND: refused(404, "Board not found.", 40),
            RejectionReason.OTHER: refused(400, "Invalid request."),
        }[reason]

    def limited(self, level: LimitLevel) -> Answer:
        whose = "_user_id" if level is LimitLevel.PROFILE else ""
        headers = {
            "X-RateLimit-Limit": f"100, 100;w=60;{BUCKET.format(whose)}",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": "1800",
        }
        return status(429, {"code": 8, "message": "You have exceeded your rate limit."}, headers)

    def expired(self) -> Answer:
        return refused(401, "Authentication failed.", 2)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if str(request.url) == STORE:
            return self._store(request)
        path, method = request.url.path.removeprefix("/v5"), request.method
        if path.startswith("/oauth/"):
            return self._oauth(path, request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        body = json.loads(request.content) if request.content else {}
        if path == "/user_account":
            me = {"id": "2783136121146311751", "username": "acme", "business_name": "Acme"}
            return httpx.Response(200, json={**me, "profile_image": "https://i.example/a.png"})
        if path.startswith("/media"):
            return self._media(path, method)
        if path.startswith("/boards"):
            return self._boards(path, method, body, request)
        return self._pins(path, method, body)

    def _oauth(self, path: str, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        assert request.headers["Authorization"] == "Basic aWQtMTpzZWNyZXQtMQ=="
        if path.endswith("/revoke"):
            return httpx.Response(200)
        assert form["continuous_refresh"] == "true"
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return refused(400, "Invalid refresh token.", 283)(request)
            self.refresh_tokens = ["refresh-2"]
        elif form["code"] != "good" or form["redirect_uri"] != REDIRECT_URI:
            return refused(400, "Invalid authorization code.", 283)(request)
        answer = {"token_type": "bearer", "expires_in": 2592000, "access_token": TOKEN}
        scope = "user_accounts:read,boards:read,boards:write,pins:read,pins:write"
        return httpx.Response(200, json={**answer, "scope": scope, "refresh_token": self.refresh_tokens[0]})

    def _pins(self, path: str, method: str, body: dict[str, Any]) -> httpx.Response:
        if path == "/pins":
            return self._create(body)
        pin_id = path.split("/")[2]
        if pin_id not in self.pins:
            return refused(404, "Pin not found.", 50)(httpx.Request(method, "https://api.pinterest.com"))
        if path.endswith("/analytics"):
            numbers = {"IMPRESSION": 0, "SAVE": 0.0, "PIN_CLICK": 2}
            lifetime = {"TOTAL_REACTIONS": 0, "TOTAL_COMMENTS": 0}
            if self.untold:
                del lifetime["TOTAL_REACTIONS"]
            return httpx.Response(
                200, json={"all": {"summary_metrics": numbers, "lifetime_metrics": lifetime}}
            )
        if path.endswith("/save"):
            assert set(body) <= {"board_id", "board_section_id"}
            saved = {**self.pins[pin_id], **body, "parent_pin_id": pin_id}
            del saved["id"]
            saved["created_at"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
            return httpx.Response(201, json=self.pins[self.add_pin(**saved)])
        if method == "DELETE":
            del self.pins[pin_id]
            return httpx.Response(204)
        assert set(body) <= PIN_FIELDS - {"media_source"}
        self.pins[pin_id].update(body)
        return httpx.Response(200, json=self.pins[pin_id])

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        assert set(body) <= PIN_FIELDS
        assert body["board_id"] in self.boards
        self.bodies.append(body)
        source = body["media_source"]
        kind = source["source_type"]
        if kind == "video_id":
            assert self.videos[source["media_id"]]
            assert "cover_image_data" in source or "cover_image_key_frame_time" in source
        items = [source] if kind == "image_base64" else source.get("items", [])
        for item in items:
            assert base64.b64decode(item["data"], validate=True)
            assert item["content_type"] in ("image/jpeg", "image/png")
        media = {"video_id": "video", "image_base64": "image"}.get(kind, "multiple_images")
        pin_id = self.add_pin(**{name: value for name, value in body.items() if name != "media_source"})
        self.pins[pin_id]["media"] = {"media_type": media}
        return httpx.Response(201, json=self.pins[pin_id])

    def add_pin(self, *, minutes_ago: float = 0, **fields: Any) -> str:
        self.last_id += 10
        pin_id = str(self.last_id)
        moment = NOW - timedelta(minutes=minutes_ago)
        created_at = moment.replace(tzinfo=None).isoformat()  # as Pinterest writes it: without a zone
        self.pins[pin_id] = {
            "id": pin_id,
            "board_id": BOARD,
            "created_at": created_at,
            "media": {"media_type": "image"},
            **fields,
        }
        return pin_id

    def _media(self, path: str, method: str) -> httpx.Response:
        if method == "POST":
            media_id = str(700 + len(self.videos))
            self.videos[media_id] = b""
            permit = {"Content-Type": "multipart/form-data", "key": f"uploads/{media_id}", "policy": "p"}
            answer = {"media_id": media_id, "media_type": "video", "upload_url": STORE}
            return httpx.Response(201, json={**answer, "upload_parameters": permit})
        media_id = path.rsplit("/", 1)[1]
        state = "processing" if self.checks_until_ready else "succeeded"
        self.checks_until_ready = max(0, self.checks_until_ready - 1)
        state = "failed" if self.video_fails else state
        return httpx.Response(200, json={"media_id": media_id, "media_type": "video", "status": state})

    def _store(self, request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        boundary = request.headers["Content-Type"].split("boundary=")[1].encode()
        fields: dict[str, bytes] = {}
        for piece in request.read().split(b"--" + boundary)[1:-1]:
            head, _, value = piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
            name = re.findall(rb'name="([^"]*)"', head)[0].decode()
            fields[name] = value
        assert list(fields)[-1] == "file"
        self.videos[fields["key"].decode().rsplit("/", 1)[1]] = fields["file"]
        return httpx.Response(204)

    def _boards(self, path: str, method: str, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        parts = path.split("/")[2:]
        if not parts:
            return self._all_boards(method, body, request)
        board_id = parts[0]
        if board_id not in self.boards:
            return refused(404, "Board not found.", 40)(request)
        if len(parts) == 1 and method == "DELETE":
            del self.boards[board_id]
            return httpx.Response(204)
        if len(parts) == 1:
            self.boards[board_id].update(body)
            return httpx.Response(200, json=self.boards[board_id])
        if parts[-1] == "pins":
            section = parts[2] if len(parts) == 4 else ""
            found = [pin for pin in reversed(self.pins.values()) if pin["board_id"] == board_id]
            if not section and self.lists_sections_apart:
                found = [pin for pin in found if not pin.get("board_section_id")]
            if section:
                found = [pin for pin in found if pin.get("board_section_id") == section]
            return self._listed(found, request)
        return self._sections(board_id, parts[2:], method, body, request)

    def _all_boards(self, method: str, body: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if method == "GET":
            return self._listed(list(self.boards.values()), request)
        if any(board["name"] == body["name"] for board in self.boards.values()):
            return refused(400, "You already have a board with this name.", 58)(request)
        self.last_id += 10
        self.add_board(str(self.last_id), **body)
        return httpx.Response(201, json=self.boards[str(self.last_id)])

    def _sections(
        self, board_id: str, parts: list[str], method: str, body: dict[str, Any], request: httpx.Request
    ) -> httpx.Response:
        sections = self.sections[board_id]
        if not parts and method == "GET":
            return self._listed([{"id": one, "name": name} for one, name in sections.items()], request)
        if not parts:
            self.last_id += 10
            parts = [str(self.last_id)]
        elif parts[0] not in sections:
            return refused(404, "Section not found.", 2031)(request)
        if method == "DELETE":
            del sections[parts[0]]
            return httpx.Response(204)
        sections[parts[0]] = body["name"]
        return httpx.Response(201, json={"id": parts[0], "name": body["name"]})

    def _listed(self, items: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
        size = min(int(request.url.params["page_size"]), self.page_size_max)
        first = int(request.url.params.get("bookmark", "0"))
        after = str(first + size) if first + size < len(items) else None
        return httpx.Response(200, json={"items": items[first : first + size], "bookmark": after})
