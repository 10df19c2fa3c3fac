"""Facebook as a small strict server behind a mock transport."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.facebook.adapter import FacebookAdapter
from social_accounts.networks.facebook.config import real_home
from social_accounts.networks.facebook.features import SCOPES

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups

REDIRECT_URI = "https://chorus.example/connect/facebook/callback"
VERSION = "/v25.0"
PAGE_ID = "9001"


def error(code: int, message: str, *, sub: int = 0, http: int = 400, **more: object) -> Answer:
    body = {"message": message, "type": "OAuthException", "code": code, "error_subcode": sub, **more}
    return status(http, {"error": body})


def fields_of(request: httpx.Request) -> dict[str, str]:
    """Return the fields of a form, or of a multipart body."""
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("multipart/"):
        found = {}
        for piece in request.read().split(b"--" + kind.split("boundary=")[1].encode())[1:-1]:
            head, _, value = piece.strip(b"\r\n").partition(b"\r\n\r\n")
            name = head.split(b'name="')[1].split(b'"')[0].decode()
            found[name] = value.decode("latin-1")
        return found
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def debugged(
    token: str, asked: str, scopes: tuple[str, ...], targets: dict[str, list[str]]
) -> httpx.Response:
    """Say what a token may do, as Meta says it to the application alone."""
    assert (token, asked) == ("id-1|secret-1", "long")
    granular = [
        {"scope": scope, **({"target_ids": targets[scope]} if scope in targets else {})} for scope in scopes
    ]
    data = {"is_valid": True, "scopes": list(scopes), "granular_scopes": granular}
    return httpx.Response(200, json={"data": data})


def forgotten(token: str, kept: list[str], path: str) -> httpx.Response:
    """End a consent, or one permission of it: a page's token may not."""
    if token != "id-1|secret-1":
        return httpx.Response(403, json={"error": {"message": "(#200) not yours", "code": 200}})
    kept.append(path)
    return httpx.Response(200, json={"success": True})


@dataclass
class Video:
    size: int
    content: bytes = b""
    is_finished: bool = False
    post_id: str = ""


@dataclass
class FakeFacebook(FakeWithFollowups):
    posts: dict[str, dict[str, object]] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)
    comments: dict[str, dict[str, object]] = field(default_factory=dict)
    videos: dict[str, Video] = field(default_factory=dict)
    part_bytes: int = 10
    video_states: tuple[str, ...] = ("ready",)
    forms: list[dict[str, str]] = field(default_factory=list)
    tasks: tuple[str, ...] = ("CREATE_CONTENT", "ANALYZE")
    tells_links: bool = True
    # What the person allowed; of some permissions for these things alone.
    scopes: tuple[str, ...] = SCOPES
    targets: dict[str, list[str]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.adapter = FacebookAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="facebook",
            server="https://www.facebook.com",
            remote_id=PAGE_ID,
            handle="@acme",
            display_name="Acme Bikes",
            url="https://www.facebook.com/acme",
            avatar_url="https://scontent.example/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN, grant="77")

    @property
    def public_posts(self) -> int:
        return len(self.posts)

    @property
    def public_comments(self) -> int:
        return len(self.comments)

    def text_of(self, remote_id: str) -> str:
        return str(self.posts[remote_id]["message"])

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path.removeprefix(VERSION)
        if path.endswith("/comments"):
            return "comment" if request.method == "POST" else "read"
        if path == f"/{PAGE_ID}/videos":
            return "publish" if fields_of(request).get("upload_phase") == "finish" else "upload"
        if request.method == "POST" and path.strip("/") in self.posts:
            return "edit"
        if "summary" in request.url.params.get("fields", "") or path.endswith("/insights"):
            return "measure"
        if path == f"/{PAGE_ID}/feed":
            return "publish"
        if path == f"/{PAGE_ID}/photos":
            return "upload"
        return "read" if path.endswith("/published_posts") else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.MEDIA_INVALID: error(324, "Missing or invalid image file", sub=2069019),
            RejectionReason.DUPLICATE: error(506, "Duplicate status message"),
            RejectionReason.POLICY: error(1, "Too fast", sub=0, http=400)
            and error(100, "Too fast", sub=1404102),
            RejectionReason.ACCOUNT_RESTRICTED: error(368, "The action attempted has been deemed abusive"),
            RejectionReason.NOT_FOUND: error(100, "Object does not exist", sub=33),
            RejectionReason.OTHER: error(100, "Invalid parameter"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        usage = f'{{"{PAGE_ID}": [{{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 30}}]}}'
        code = 4 if level is LimitLevel.APPLICATION else 80001
        body = {"error": {"message": "limit reached", "code": code}}
        return status(400, body, {"X-Business-Use-Case-Usage": usage})

    def expired(self) -> Answer:
        return error(190, "Error validating access token", sub=463, http=401)

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path.startswith(VERSION)
        path = request.url.path.removeprefix(VERSION)
        if path == "/oauth/access_token":
            return self._token(dict(request.url.params))
        given = fields_of(request) if request.method == "POST" else dict(request.url.params)
        token = given["access_token"]
        proof = hmac.new(b"secret-1", token.encode(), hashlib.sha256).hexdigest()
        assert given["appsecret_proof"] == proof
        if path == "/me":
            return httpx.Response(200, json=self._me(token))
        if path == "/me/accounts":
            page = {**self._me(TOKEN), "tasks": list(self.tasks), "access_token": TOKEN}
            return httpx.Response(200, json={"data": [page]})
        if path == "/me/businesses":
            return httpx.Response(200, json={"data": [{"id": "66"}, {"id": "67"}]})
        if path.startswith(("/66/", "/67/")):
            return self._of_portfolio(path)
        if path == "/debug_token":
            return debugged(token, given["input_token"], self.scopes, self.targets)
        if path == "/77/permissions":
            return forgotten(token, self.forgotten, path)
        if path == f"/{PAGE_ID}/photos":
            assert given["published"] == "false"
            assert given["source"]
            photo = str(500 + len(self.photos))
            self.photos[photo] = given.get("alt_text_custom", "")
            return httpx.Response(200, json={"id": photo})
        if path == f"/{PAGE_ID}/feed":
            return self._post(given)
        if path == f"/{PAGE_ID}/videos":
            return self._video(request, given)
        if path.strip("/") in self.videos:
            return self._state(self.videos[path.strip("/")])
        if path == f"/{PAGE_ID}/published_posts":
            found = [post for post in reversed(self.posts.values()) if int(given["since"]) > 0]
            return httpx.Response(200, json={"data": found})
        return self._one(request, path.strip("/"), given)

    def _token(self, params: dict[str, str]) -> httpx.Response:
        if params["client_secret"] != "secret-1":
            return error(1, "Error validating client secret.")(
                httpx.Request("GET", "https://graph.facebook.com")
            )
        if params.get("grant_type") == "fb_exchange_token":
            assert params["fb_exchange_token"] == "short"
            return httpx.Response(200, json={"access_token": "long", "expires_in": 5184000})
        if params["code"] != "good" or params["redirect_uri"] != REDIRECT_URI:
            return error(100, "This authorization code has expired.", sub=36009)(
                httpx.Request("GET", "https://graph.facebook.com")
            )
        return httpx.Response(200, json={"access_token": "short", "expires_in": 3600})

    def _me(self, token: str) -> dict[str, object]:
        if token != TOKEN:
            return {"id": "77", "name": "Olga Owner"}
        return {
            "id": PAGE_ID,
            "name": "Acme Bikes",
            "username": "acme",
            "link": "https://www.facebook.com/acme",
            "picture": {"data": {"url": "https://scontent.example/a.png"}},
        }

    def _of_portfolio(self, path: str) -> httpx.Response:
        """One portfolio owns a page beside the person's own; of the other he may not list them."""
        if path.startswith("/67/"):
            return httpx.Response(403, json={"error": {"message": "(#200) no", "code": 200}})
        own = {**self._me(TOKEN), "tasks": list(self.tasks), "access_token": TOKEN}
        client = {"id": "9009", "name": "Client", "tasks": ["CREATE_CONTENT"], "access_token": "client-token"}
        return httpx.Response(200, json={"data": [own] if path.endswith("owned_pages") else [client]})

    def _post(self, given: dict[str, str]) -> httpx.Response:
        self.forms.append(given)
        if any(post["message"] == given.get("message", "") for post in self.posts.values()):
            answer = self.refusal(RejectionReason.DUPLICATE)
            assert answer is not None
            return answer(httpx.Request("POST", "https://graph.facebook.com"))
        photos = [value for name, value in given.items() if name.startswith("attached_media[")]
        assert all(value.split('"')[3] in self.photos for value in photos)
        post_id = f"{PAGE_ID}_{1000 + len(self.forms)}"
        self.add(post_id, given.get("message", ""), photos=len(photos))
        return httpx.Response(200, json={"id": post_id})

    def add(self, post_id: str, message: str, *, photos: int = 0, kind: str = "photo") -> None:
        kinds = [{"type": kind}] * photos
        one = [{"type": kind}] if photos == 1 or kind != "photo" else []
        several = [{"type": "album", "subattachments": {"data": kinds}}] if photos > 1 else []
        self.posts[post_id] = {
            "id": post_id,
            "message": message,
            "created_time": (NOW - timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/acme/posts/{post_id}",
            "attachments": {"data": one or several},
        }

    def _video(self, request: httpx.Request, given: dict[str, str]) -> httpx.Response:
        assert request.url.host == "graph-video.facebook.com"
        if given["upload_phase"] == "start":
            video_id = str(800 + len(self.videos))
            self.videos[video_id] = Video(size=int(given["file_size"]))
            return self._next(video_id, upload_session_id=f"s{video_id}", video_id=video_id)
        video_id = given["upload_session_id"].removeprefix("s")
        video = self.videos[video_id]
        if given["upload_phase"] == "transfer":
            start = int(given["start_offset"])
            assert start <= len(video.content)
            video.content = video.content[:start] + given["video_file_chunk"].encode("latin-1")
            return self._next(video_id)
        assert len(video.content) == video.size
        self.forms.append(given)
        if not video.is_finished:
            video.is_finished, video.post_id = True, f"{PAGE_ID}_{1000 + len(self.forms)}"
            self.add(video.post_id, given["description"], kind="video_inline")
        return httpx.Response(200, json={"success": True})

    def _next(self, at: str, **more: str) -> httpx.Response:
        video = self.videos[at]
        start, end = len(video.content), min(video.size, len(video.content) + self.part_bytes)
        return httpx.Response(200, json={**more, "start_offset": str(start), "end_offset": str(end)})

    def _state(self, video: Video) -> httpx.Response:
        state, *later = self.video_states
        self.video_states = tuple(later) or self.video_states
        status = {"video_status": state, "processing_phase": {"status": "in_progress"}}
        if state == "error":
            status["processing_phase"] = {"status": "error", "error": {"message": "No video stream"}}  # type: ignore[dict-item]
        found: dict[str, object] = {"id": "1", "status": status}
        if video.post_id and state == "ready":
            found |= {"post_id": video.post_id, "published": True, "permalink_url": "/acme/videos/800/"}
        return httpx.Response(200, json=found)

    def _comments(self, request: httpx.Request, post_id: str, given: dict[str, str]) -> httpx.Response:
        if request.method == "GET":
            assert given["order"] == "reverse_chronological"
            found = [one for one in reversed(self.comments.values()) if one["post"] == post_id]
            return httpx.Response(200, json={"data": found})
        comment_id = f"{post_id.partition('_')[2]}_{900 + len(self.comments)}"
        self.comments[comment_id] = {
            "id": comment_id,
            "post": post_id,
            "message": given["message"],
            "from": {"id": PAGE_ID, "name": "Acme Bikes"},
            "created_time": NOW.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"https://www.facebook.com/acme/posts/1?comment_id={comment_id}",
        }
        return httpx.Response(200, json={"id": comment_id})

    def _one(self, request: httpx.Request, object_id: str, given: dict[str, str]) -> httpx.Response:
        post_id, _, edge = object_id.partition("/")
        if request.method == "GET" and post_id in self.comments:
            return httpx.Response(200, json={"permalink_url": self.comments[post_id]["permalink_url"]})
        post = self.posts.get(post_id)
        if post is None:
            return error(100, "Unsupported get request. Object does not exist", sub=33)(request)
        if request.method == "DELETE":
            del self.posts[post_id]
            return httpx.Response(200, json={"success": True})
        if edge == "comments":
            return self._comments(request, post_id, given)
        if request.method == "POST":
            post["message"] = given["message"]
            return httpx.Response(200, json={"success": True})
        if edge == "insights":
            return httpx.Response(200, json={"data": [{"name": given["metric"], "values": [{"value": 12}]}]})
        if given["fields"] == "permalink_url":
            return httpx.Response(
                200, json={"permalink_url": post["permalink_url"]} if self.tells_links else {}
            )
        summary = {"summary": {"total_count": 0}}
        told = {"reactions": summary, "comments": summary}
        if self.untold:
            del told["reactions"]
        return httpx.Response(200, json=told)
