"""LinkedIn as a small strict server behind a mock transport."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, unquote

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.linkedin.adapter import LinkedInAdapter
from social_accounts.networks.linkedin.config import real_home

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups

REDIRECT_URI = "https://chorus.example/connect/linkedin/callback"
PAGE = "urn:li:organization:42"
PERSON = "urn:li:person:abc"


def refused(code: int, name: str, message: str) -> Answer:
    return status(code, {"status": code, "code": name, "message": message})


@dataclass
class FakeLinkedIn(FakeWithFollowups):
    posts: dict[str, dict[str, object]] = field(default_factory=dict)
    comments: list[dict[str, object]] = field(default_factory=list)
    files: dict[str, list[bytes]] = field(default_factory=dict)
    bodies: list[dict[str, object]] = field(default_factory=list)
    looks_until_ready: int = 0
    may_look: bool = True
    fails: bool = False
    has_pages: bool = True
    part_bytes: int = 4

    def __post_init__(self) -> None:
        self.adapter = LinkedInAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="linkedin",
            server="https://www.linkedin.com",
            remote_id=PAGE,
            handle="acme-bikes",
            display_name="Acme Bikes",
            url="https://www.linkedin.com/company/acme-bikes",
        )
        self.credentials = Credentials(access_token=TOKEN, grant="abc", extra={"organization": "42"})

    @property
    def public_posts(self) -> int:
        return len(self.posts)

    @property
    def public_comments(self) -> int:
        return len(self.comments)

    def text_of(self, remote_id: str) -> str:
        return str(self.posts[remote_id]["commentary"])

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path
        if path.endswith("/comments"):
            return "comment" if request.method == "POST" else "read"
        if request.headers.get("X-RestLi-Method") == "PARTIAL_UPDATE":
            return "edit"
        if path == "/rest/organizationalEntityShareStatistics":
            return "measure"
        if path == "/rest/posts" and request.method == "POST":
            return "publish"
        if path.startswith(("/rest/images", "/rest/videos", "/upload/")):
            return "upload"
        return "read" if request.method == "GET" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.TOO_LONG: refused(400, "FIELD_LENGTH_TOO_LONG", "commentary is too long"),
            RejectionReason.MEDIA_INVALID: refused(400, "MEDIA_ASSET_PROCESSING_FAILED", "no"),
            RejectionReason.DUPLICATE: refused(422, "", "Content is a duplicate of urn:li:share:1"),
            RejectionReason.NOT_FOUND: refused(404, "NOT_FOUND", "no such thing"),
            RejectionReason.OTHER: refused(400, "INVALID_VALUE_FOR_FIELD", "no"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        whose = "APPLICATION" if level is LimitLevel.APPLICATION else "APPLICATION_AND_MEMBER"
        message = f"Resource level throttle {whose} DAY limit for calls to this resource is reached."
        return status(429, {"status": 429, "message": message}, {"Retry-After": "1800"})

    def expired(self) -> Answer:
        return refused(401, "EXPIRED_ACCESS_TOKEN", "Expired access token")

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path, request.method
        if path.startswith("/oauth/v2/"):
            return self._oauth(path, dict(parse_qsl(request.content.decode())))
        if path.startswith("/upload/"):
            return self._bytes(path, request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["Linkedin-Version"] == "202609"
        assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"
        if path == "/v2/userinfo":
            return httpx.Response(200, json={"sub": "abc", "name": "Olga Owner"})
        if path == "/rest/organizationAcls":
            if not self.has_pages:
                return refused(403, "ACCESS_DENIED", "Not enough permissions")(request)
            return httpx.Response(200, json={"elements": [{"organization": PAGE, "role": "ADMINISTRATOR"}]})
        if path == "/rest/organizations/42":
            return httpx.Response(200, json={"localizedName": "Acme Bikes", "vanityName": "acme-bikes"})
        if path.startswith(("/rest/images", "/rest/videos")):
            return self._file(request)
        if path == "/rest/organizationalEntityShareStatistics":
            return self._statistics(request)
        if path == "/rest/posts" and method == "POST":
            return self._post(json.loads(request.content))
        if path == "/rest/posts":
            assert request.url.params["author"] == PAGE
            found = list(reversed(self.posts.values()))
            return httpx.Response(200, json={"elements": found[: int(request.url.params["count"])]})
        if path.endswith("/comments"):
            return self._comments(request)
        urn = unquote(request.url.raw_path.decode().rsplit("/", 1)[1])
        if method == "POST":
            return self._edit(request, urn)
        if method == "GET" and urn in self.posts:
            return httpx.Response(200, json=self.posts[urn])
        if self.posts.pop(urn, None) is None:
            return refused(404, "NOT_FOUND", "gone")(request)
        return httpx.Response(204)

    def _comments(self, request: httpx.Request) -> httpx.Response:
        urn = unquote(request.url.raw_path.decode().split("?")[0].split("/")[-2])
        if urn not in self.posts:
            return refused(404, "NOT_FOUND", "gone")(request)
        if request.method == "GET":
            found = [one for one in self.comments if one["object"] == urn]
            return httpx.Response(200, json={"elements": found})
        body = json.loads(request.content)
        assert (body["actor"], body["object"]) == (PAGE, urn)
        assert set(body["message"]) == {"text"}
        number = str(600 + len(self.comments))
        comment = {
            **body,
            "id": number,
            "commentUrn": f"urn:li:comment:({urn},{number})",
            "created": {"time": int(NOW.timestamp() * 1000)},
        }
        self.comments.append(comment)
        return httpx.Response(201, json=comment, headers={"x-restli-id": number})

    def _edit(self, request: httpx.Request, urn: str) -> httpx.Response:
        assert request.headers["X-RestLi-Method"] == "PARTIAL_UPDATE"
        changes = json.loads(request.content)["patch"]["$set"]
        assert set(changes) == {"commentary"}
        if urn not in self.posts:
            return refused(404, "NOT_FOUND", "gone")(request)
        self.posts[urn].update(changes)
        return httpx.Response(204)

    def _oauth(self, path: str, form: dict[str, str]) -> httpx.Response:
        if (form["client_id"], form["client_secret"]) != ("id-1", "secret-1"):
            return httpx.Response(401, json={"error": "invalid_client"})
        if path.endswith("/revoke"):
            return httpx.Response(200, json={})
        is_good = form.get("code") == "good" or form.get("refresh_token") == "refresh-1"
        if not is_good:
            return httpx.Response(400, json={"error": "invalid_request"})
        answer = {"access_token": TOKEN, "expires_in": 5184000, "scope": "openid,profile,w_member_social"}
        return httpx.Response(200, json={**answer, "refresh_token": "refresh-1"})

    def _file(self, request: httpx.Request) -> httpx.Response:
        path, action = request.url.path, request.url.params.get("action", "")
        kind = "video" if "videos" in path else "image"
        if request.method == "GET":
            if not self.may_look:
                return refused(403, "ACCESS_DENIED", "no")(request)
            self.looks_until_ready -= 1
            state = (
                "PROCESSING_FAILED"
                if self.fails
                else "PROCESSING"
                if self.looks_until_ready >= 0
                else "AVAILABLE"
            )
            return httpx.Response(200, json={"status": state})
        body = json.loads(request.content)
        if action == "finalizeUpload":
            given = body["finalizeUploadRequest"]
            assert given["uploadedPartIds"] == [f"etag-{at}" for at in range(len(self.files[given["video"]]))]
            return httpx.Response(200, json={})
        given = body["initializeUploadRequest"]
        assert given["owner"] == PAGE
        urn = f"urn:li:{kind}:{len(self.files)}"
        self.files[urn] = []
        if kind == "image":
            url = f"https://www.linkedin.com/upload/image/{len(self.files) - 1}/0"
            return httpx.Response(200, json={"value": {"uploadUrl": url, "image": urn}})
        size, step = given["fileSizeBytes"], self.part_bytes
        parts = [
            {
                "uploadUrl": f"https://www.linkedin.com/upload/video/{len(self.files) - 1}/{at}",
                "firstByte": first,
                "lastByte": min(first + step, size) - 1,
            }
            for at, first in enumerate(range(0, size, step))
        ]
        return httpx.Response(
            200, json={"value": {"video": urn, "uploadInstructions": parts, "uploadToken": "up"}}
        )

    def _bytes(self, path: str, request: httpx.Request) -> httpx.Response:
        _empty, _upload, kind, number, at = path.split("/")
        assert ("Authorization" in request.headers) is (kind == "image")
        pieces = self.files[f"urn:li:{kind}:{number}"]
        if len(pieces) == int(at):
            pieces.append(request.content)
        return httpx.Response(201, headers={"ETag": f'"etag-{at}"'})

    def _statistics(self, request: httpx.Request) -> httpx.Response:
        query = unquote(request.url.query.decode())
        numbers = {"likeCount": 0, "commentCount": 0, "shareCount": 0, "impressionCount": 5, "clickCount": 1}
        if self.untold:
            del numbers["likeCount"]
        found = [{"share": urn, "totalShareStatistics": numbers} for urn in self.posts if urn in query]
        return httpx.Response(200, json={"elements": found})

    def _post(self, body: dict[str, object]) -> httpx.Response:
        self.bodies.append(body)
        if any(post["commentary"] == body["commentary"] for post in self.posts.values()):
            answer = self.refusal(RejectionReason.DUPLICATE)
            assert answer is not None
            return answer(httpx.Request("POST", "https://api.linkedin.com"))
        urn = f"urn:li:share:{1000 + len(self.bodies)}"
        self.add(urn, str(body["commentary"]), body.get("content"))
        return httpx.Response(201, headers={"x-restli-id": urn})

    def add(self, urn: str, commentary: str, content: object = None, *, minutes_ago: float = 0) -> None:
        created = int((NOW - timedelta(minutes=minutes_ago)).timestamp() * 1000)
        self.posts[urn] = {
            "id": urn,
            "commentary": commentary,
            "createdAt": created,
            "content": content or {},
        }
