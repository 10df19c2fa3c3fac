"""TikTok as a small strict server behind a mock transport."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from social_accounts.networks.base import Account, Content, Credentials, LimitLevel, Media, RejectionReason
from social_accounts.networks.tiktok.adapter import TikTokAdapter
from social_accounts.networks.tiktok.config import real_home
from social_accounts.networks.tiktok.oauth import SCOPES

from .cast import NOW
from .contract import TEXT, TOKEN, Answer, FakeNetwork, status
from .fake_youtube import ride

REDIRECT_URI = "https://chorus.example/connect/tiktok/callback"
OPTIONS = {"privacy": "PUBLIC_TO_EVERYONE", "music": "yes"}
LEVELS = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
MILLION = 1_000_000
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def video_post(text: str = TEXT, *, film: Media | None = None, **options: str) -> Content:
    return Content(text=text, media=(film or upright(),), options={**OPTIONS, **options})


def upright(*, size: int = 0) -> Media:
    return ride(size=size)


def refused(code: str, message: str = "no", http: int = 400) -> Answer:
    return status(http, {"data": {}, "error": {"code": code, "message": message, "log_id": "log"}})


@dataclass
class Upload:
    post: dict[str, Any]
    source: dict[str, Any]
    content: bytearray = field(default_factory=bytearray)
    video_id: str = ""


@dataclass
class FakeTikTok(FakeNetwork):
    uploads: dict[str, Upload] = field(default_factory=dict)
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[httpx.Request] = field(default_factory=list)
    looks_until_complete: int = 0
    looks_until_id: int = 0
    failure: str = ""
    levels: list[str] = field(default_factory=lambda: list(LEVELS))
    creator: dict[str, Any] = field(default_factory=dict)
    counts_bytes: bool = True
    is_closed: bool = False
    granted: tuple[str, ...] = SCOPES
    revoked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.adapter = TikTokAdapter((real_home("key-1", "secret-1"),))
        self.account = Account(
            network="tiktok",
            server="https://www.tiktok.com",
            remote_id="open-1",
            handle="@acme",
            display_name="Acme Bikes",
            url="https://www.tiktok.com/@acme",
        )
        self.credentials = Credentials(access_token=TOKEN, scopes=SCOPES)

    @property
    def public_posts(self) -> int:
        return len(self.videos)

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path
        if path.startswith("/upload/"):
            found = _RANGE.fullmatch(request.headers["Content-Range"])
            assert found is not None
            return "publish" if int(found[2]) + 1 == int(found[3]) else "upload"
        if path.endswith("/video/init/"):
            return "upload"
        if path.endswith("/creator_info/query/"):
            return "choices"
        if path.endswith("/video/query/"):
            return "measure"
        return "read" if path.endswith(("/video/list/", "/status/fetch/")) else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.MEDIA_INVALID: refused("file_format_check_failed"),
            RejectionReason.POLICY: refused("spam_risk"),
            RejectionReason.ACCOUNT_RESTRICTED: refused("spam_risk_user_banned_from_posting"),
            RejectionReason.OTHER: refused("invalid_params", "chunk_size is invalid"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        return status(429, {"error": {"code": "rate_limit_exceeded"}}, {"Retry-After": "1800"})

    def expired(self) -> Answer:
        return refused("access_token_invalid", "The access token is invalid", http=401)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/v2/oauth/"):
            return self._oauth(path, dict(parse_qsl(request.content.decode())))
        if path.startswith("/upload/"):
            return self._take(request, self.uploads[path.rsplit("/", 1)[1]])
        self.sent.append(request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.url.host == "open.tiktokapis.com" and path.endswith("/")
        if path == "/v2/user/info/":
            return self._user(request.url.params["fields"].split(","))
        body = json.loads(request.content)
        return {
            "/v2/post/publish/creator_info/query/": self._creator,
            "/v2/post/publish/video/init/": self._init,
            "/v2/post/publish/status/fetch/": self._status,
            "/v2/video/list/": self._list,
            "/v2/video/query/": self._query,
        }[path](body)

    def _oauth(self, path: str, form: dict[str, str]) -> httpx.Response:
        if (form["client_key"], form["client_secret"]) != ("key-1", "secret-1"):
            return httpx.Response(401, json={"error": "invalid_client", "error_description": "no"})
        if path.endswith("/revoke/"):
            self.revoked.append(form["token"])
            return httpx.Response(200, json={})
        if form.get("code") != "good" and form.get("refresh_token") != "refresh-1":
            return httpx.Response(200, json={"error": "invalid_grant", "error_description": "no"})
        answer = {"access_token": TOKEN, "expires_in": 86_400, "open_id": "open-1", "token_type": "Bearer"}
        more = {"refresh_token": "refresh-2" if "refresh_token" in form else "refresh-1"}
        return httpx.Response(200, json={**answer, **more, "scope": ",".join(self.granted)})

    def _user(self, fields: list[str]) -> httpx.Response:
        if "username" in fields and "user.info.profile" not in self.granted:
            return refused("scope_permission_missed")(httpx.Request("GET", "https://open.tiktokapis.com"))
        known = {"open_id": "open-1", "display_name": "Acme Bikes", "avatar_url": "", "username": "acme"}
        return _ok({"user": {name: known[name] for name in fields}})

    def _creator(self, body: dict[str, Any]) -> httpx.Response:
        return _ok(
            {
                "creator_username": "acme",
                "privacy_level_options": self.levels,
                "comment_disabled": False,
                "duet_disabled": False,
                "stitch_disabled": True,
                "max_video_post_duration_sec": 300,
                **self.creator,
            }
        )

    def _init(self, body: dict[str, Any]) -> httpx.Response:
        post, source = body["post_info"], body["source_info"]
        assert post["privacy_level"] in self.levels
        assert source["source"] == "FILE_UPLOAD"
        size, piece, count = source["video_size"], source["chunk_size"], source["total_chunk_count"]
        assert count == max(1, size // piece) and 1 <= count <= 1000
        assert piece == size if count == 1 else 5 * MILLION <= piece <= 64 * MILLION
        publish_id = f"v_pub_file~v2.{len(self.uploads) + 1}"
        self.uploads[publish_id] = Upload(post=post, source=source)
        address = f"https://open-upload.tiktokapis.com/upload/{publish_id}"
        return _ok({"publish_id": publish_id, "upload_url": address})

    def _take(self, request: httpx.Request, upload: Upload) -> httpx.Response:
        assert "Authorization" not in request.headers
        if self.is_closed:
            return httpx.Response(403, text="expired")
        found = _RANGE.fullmatch(request.headers["Content-Range"])
        assert found is not None
        first, last, size = (int(part) for part in found.groups())
        assert (size, last - first + 1) == (upload.source["video_size"], len(request.content))
        if first != len(upload.content):
            return httpx.Response(416, text="out of order")
        upload.content += request.content
        if len(upload.content) < size:
            assert len(request.content) == upload.source["chunk_size"]
            return httpx.Response(206)
        upload.video_id = str(7000 + len(self.videos))
        self.add(upload.video_id, upload.post["title"])
        return httpx.Response(201)

    def add(self, video_id: str, text: str, *, seconds_ago: int = 0) -> None:
        self.videos[video_id] = {
            "id": video_id,
            "video_description": text,
            "create_time": int(NOW.timestamp()) - seconds_ago,
            "share_url": f"https://www.tiktok.com/@acme/video/{video_id}",
        }

    def _status(self, body: dict[str, Any]) -> httpx.Response:
        upload = self.uploads.get(body["publish_id"])
        if upload is None:
            return refused("invalid_publish_id")(httpx.Request("POST", "https://open.tiktokapis.com"))
        there = {"uploaded_bytes": len(upload.content)} if self.counts_bytes else {}
        if self.failure:
            return _ok({"status": "FAILED", "fail_reason": self.failure, **there})
        if not upload.video_id or self.looks_until_complete > 0:
            self.looks_until_complete -= bool(upload.video_id)
            return _ok({"status": "PROCESSING_UPLOAD", **there})
        is_public = upload.post["privacy_level"] == "PUBLIC_TO_EVERYONE" and self.looks_until_id <= 0
        self.looks_until_id -= 1
        ids = [int(upload.video_id)] if is_public else []
        return _ok({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": ids, **there})

    def _list(self, body: dict[str, Any]) -> httpx.Response:
        found = list(reversed(self.videos.values()))
        return _ok({"videos": found[: body["max_count"]], "has_more": False})

    def _query(self, body: dict[str, Any]) -> httpx.Response:
        ids = body["filters"]["video_ids"]
        assert 1 <= len(ids) <= 20
        numbers = {"view_count": 3, "like_count": 0, "comment_count": 0, "share_count": 0}
        if self.untold:
            del numbers["like_count"]
        return _ok({"videos": [{"id": one, **numbers} for one in ids if one in self.videos]})


def _ok(data: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"data": data, "error": {"code": "ok", "message": "", "log_id": "log"}})
