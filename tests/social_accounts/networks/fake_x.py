"""X as a small strict server behind a mock transport."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.x.adapter import XAdapter
from social_accounts.networks.x.config import real_home

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups

REDIRECT_URI = "https://chorus.example/connect/x/callback/"
PROBLEM = "https://api.x.com/2/problems/"


def refused(code: int, detail: str, kind: str = "invalid-request") -> Answer:
    return status(code, {"title": "Refused", "detail": detail, "type": PROBLEM + kind, "status": code})


@dataclass
class Upload:
    media_type: str
    total_bytes: int
    category: str
    parts: dict[int, bytes] = field(default_factory=dict)
    is_complete: bool = False
    checks_left: int = 0
    alt_text: str = ""


@dataclass
class FakeX(FakeWithFollowups):
    posts: dict[str, dict[str, object]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    bodies: list[dict[str, object]] = field(default_factory=list)
    sent: list[httpx.Request] = field(default_factory=list)
    checks_until_ready: int = 0
    failure: str = ""
    refresh_tokens: list[str] = field(default_factory=lambda: ["refresh-1"])

    def __post_init__(self) -> None:
        self.adapter = XAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="x",
            server="https://x.com",
            remote_id="2244994945",
            handle="@acme",
            display_name="Acme",
            url="https://x.com/acme",
            avatar_url="https://pbs.example/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN, refresh_token="refresh-1")

    @property
    def public_posts(self) -> int:
        return len(self.posts) - self.public_comments

    @property
    def public_comments(self) -> int:
        return sum(post["conversation_id"] != post["id"] for post in self.posts.values())

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path
        if path == "/2/tweets" and request.method == "POST":
            return "comment" if "reply" in json.loads(request.content) else "publish"
        if path == "/2/tweets":
            return "measure"
        if path.startswith("/2/media"):
            return "upload"
        return "read" if request.method == "GET" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.TOO_LONG: refused(400, "Your post text is too long."),
            RejectionReason.MEDIA_INVALID: refused(400, "Your media IDs are invalid."),
            RejectionReason.DUPLICATE: refused(
                403, "You are not allowed to create a Tweet with duplicate content.", "about:blank"
            ),
            RejectionReason.POLICY: refused(
                403, "You are not permitted to perform this action.", "about:blank"
            ),
            RejectionReason.ACCOUNT_RESTRICTED: refused(403, "Your account is suspended.", "user-suspended"),
            RejectionReason.NOT_FOUND: refused(404, "Not found.", "resource-not-found"),
            RejectionReason.OTHER: refused(400, "One or more parameters to your request was invalid."),
        }[reason]

    def limited(self, level: LimitLevel) -> Answer:
        reset = str(int((NOW + timedelta(minutes=30)).timestamp()))
        headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
        if level is LimitLevel.APPLICATION:
            headers = {"x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": reset}
        return status(429, {"title": "Too Many Requests", "status": 429, "type": "about:blank"}, headers)

    def expired(self) -> Answer:
        return status(401, {"title": "Unauthorized", "type": "about:blank", "status": 401})

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        path, method = request.url.path, request.method
        if path.startswith("/2/oauth2/"):
            return self._oauth(path, request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if path == "/2/users/me":
            me = {"id": "2244994945", "username": "acme", "name": "Acme"}
            return httpx.Response(
                200, json={"data": {**me, "profile_image_url": "https://pbs.example/a.png"}}
            )
        if path.startswith("/2/media"):
            return self._media(path, request)
        if path == "/2/users/2244994945/tweets":
            assert request.url.params["exclude"] == "retweets"
            found = list(reversed(self.posts.values()))
            return httpx.Response(200, json={"data": found, "meta": {"result_count": len(found)}})
        if path == "/2/tweets" and method == "POST":
            return self._post(json.loads(request.content))
        if path == "/2/tweets":
            wanted = request.url.params["ids"].split(",")
            return httpx.Response(
                200, json={"data": [self._told(one) for one in wanted if one in self.posts]}
            )
        if self.posts.pop(path.rsplit("/", 1)[1], None) is None:
            return refused(404, "Could not find tweet.", "resource-not-found")(request)
        return httpx.Response(200, json={"data": {"deleted": True}})

    def _oauth(self, path: str, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        assert request.headers["Authorization"] == "Basic aWQtMTpzZWNyZXQtMQ=="
        if path.endswith("/revoke"):
            return httpx.Response(200, json={"revoked": True})
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return httpx.Response(400, json={"error": "invalid_grant"})
            self.refresh_tokens = ["refresh-2"]
        elif form["code"] != "good" or not form["code_verifier"] or form["redirect_uri"] != REDIRECT_URI:
            return httpx.Response(400, json={"error": "invalid_grant"})
        scope = "tweet.read tweet.write users.read media.write offline.access"
        answer = {"token_type": "bearer", "expires_in": 7200, "access_token": TOKEN, "scope": scope}
        return httpx.Response(200, json={**answer, "refresh_token": self.refresh_tokens[0]})

    def _post(self, body: dict[str, object]) -> httpx.Response:
        self.bodies.append(body)
        reply = body.get("reply", {})
        assert isinstance(reply, dict)
        parent = str(reply.get("in_reply_to_tweet_id", ""))
        if parent and parent not in self.posts:
            return refused(403, "You cannot reply to a post that is deleted.", "about:blank")(
                httpx.Request("POST", "https://api.x.com")
            )
        if any(post["text"] == body["text"] for post in self.posts.values()):
            answer = self.refusal(RejectionReason.DUPLICATE)
            assert answer is not None
            return answer(httpx.Request("POST", "https://api.x.com"))
        media = body.get("media", {})
        assert isinstance(media, dict)
        ids = media.get("media_ids", [])
        assert all(self.uploads[one].is_complete and not self.uploads[one].checks_left for one in ids)
        post_id = str(1000 + len(self.bodies))
        self.add(post_id, str(body["text"]), media=len(ids), conversation_id=parent or post_id)
        return httpx.Response(201, json={"data": {"id": post_id, "text": body["text"]}})

    def add(self, post_id: str, text: str, *, media: int = 0, minutes_ago: float = 0, **more: object) -> None:
        metrics = ("impression", "like", "reply", "retweet", "quote", "bookmark")
        self.posts[post_id] = {
            "id": post_id,
            "text": text,
            "conversation_id": post_id,
            "created_at": (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", "Z"),
            "attachments": {"media_keys": [f"3_{number}" for number in range(media)]},
            "public_metrics": {f"{name}_count": 0 for name in metrics},
            **more,
        }

    def _told(self, post_id: str) -> dict[str, object]:
        """Return what is told of a post's numbers."""
        post = dict(self.posts[post_id])
        if self.untold:
            metrics = post["public_metrics"]
            assert isinstance(metrics, dict)
            post["public_metrics"] = {name: value for name, value in metrics.items() if name != "like_count"}
        return post

    def _media(self, path: str, request: httpx.Request) -> httpx.Response:
        if path == "/2/media/upload/initialize":
            body = json.loads(request.content)
            upload_id = str(700 + len(self.uploads))
            self.uploads[upload_id] = Upload(
                body["media_type"],
                body["total_bytes"],
                body["media_category"],
                checks_left=self.checks_until_ready,
            )
            return httpx.Response(200, json={"data": {"id": upload_id, "expires_after_secs": 86400}})
        if path == "/2/media/metadata":
            body = json.loads(request.content)
            self.uploads[body["id"]].alt_text = body["metadata"]["alt_text"]["text"]
            return httpx.Response(200, json={"data": {"id": body["id"]}})
        if request.method == "GET":
            upload = self.uploads[request.url.params["media_id"]]
            upload.checks_left = max(0, upload.checks_left - 1)
            return self._state(request.url.params["media_id"])
        upload_id, step = path.split("/")[-2:]
        if upload_id not in self.uploads:
            return refused(404, "Session not found.", "resource-not-found")(request)
        upload = self.uploads[upload_id]
        if step == "append":
            self._append(upload, request)
            return httpx.Response(200, json={"data": {"expires_at": 1}})
        assert sum(map(len, upload.parts.values())) == upload.total_bytes
        assert sorted(upload.parts) == list(range(len(upload.parts)))
        upload.is_complete = True
        return self._state(upload_id)

    def _append(self, upload: Upload, request: httpx.Request) -> None:
        boundary = request.headers["Content-Type"].split("boundary=")[1].encode()
        fields: dict[str, bytes] = {}
        for piece in request.read().split(b"--" + boundary)[1:-1]:
            head, _, value = piece.strip(b"\r\n").partition(b"\r\n\r\n")
            fields[head.split(b'name="')[1].split(b'"')[0].decode()] = value
        upload.parts[int(fields["segment_index"])] = fields["media"]

    def _state(self, upload_id: str) -> httpx.Response:
        upload = self.uploads[upload_id]
        data: dict[str, object] = {"id": upload_id, "expires_after_secs": 86400}
        if self.failure:
            data["processing_info"] = {
                "state": "failed",
                "error": {"name": "InvalidMedia", "message": self.failure},
            }
        elif upload.checks_left:
            data["processing_info"] = {"state": "in_progress", "check_after_secs": 5, "progress_percent": 40}
        return httpx.Response(200, json={"data": data})
