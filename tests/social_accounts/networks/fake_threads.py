"""Threads as a small strict server behind a mock transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.threads.adapter import ThreadsAdapter
from social_accounts.networks.threads.config import real_home

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups
from .fake_facebook import REDIRECT_URI, error, fields_of

VERSION = "/v1.0"
USER_ID = "2500000000000001"
KINDS = {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}


@dataclass
class FakeThreads(FakeWithFollowups):
    """``states``: what containers say, one after the other, before they are FINISHED."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    containers: dict[str, dict[str, str]] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    states: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    quota: tuple[int, int] | None = (3, 250)
    tells_links: bool = True

    def __post_init__(self) -> None:
        self.adapter = ThreadsAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="threads",
            server="https://www.threads.com",
            remote_id=USER_ID,
            handle="@acme",
            display_name="Acme Bikes",
            url="https://www.threads.com/@acme",
            avatar_url="https://scontent.example/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN)

    @property
    def public_posts(self) -> int:
        return len(self.posts)

    @property
    def public_comments(self) -> int:
        return len(self.replies)

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path.removeprefix(VERSION)
        if path == f"/{USER_ID}/threads_publish":
            begun = self.containers.get(fields_of(request)["creation_id"], {})
            return "comment" if "reply_to_id" in begun else "publish"
        if path.endswith("/insights"):
            return "measure"
        if path == f"/{USER_ID}/threads":
            return "upload" if request.method == "POST" else "read"
        return "read" if path == f"/{USER_ID}/replies" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.MEDIA_INVALID: error(36003, "The aspect ratio is not supported", sub=2207009),
            RejectionReason.POLICY: error(4, "We restrict certain activity", sub=2207051),
            RejectionReason.ACCOUNT_RESTRICTED: error(10, "The account is restricted", sub=4279013),
            RejectionReason.OTHER: error(100, "THREADS_API__LINK_LIMIT_EXCEEDED"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        usage = f'{{"{USER_ID}": [{{"type": "threads", "estimated_time_to_regain_access": 30}}]}}'
        code = 4 if level is LimitLevel.APPLICATION else 80002
        return status(400, {"error": {"message": "x", "code": code}}, {"X-Business-Use-Case-Usage": usage})

    def expired(self) -> Answer:
        return error(190, "Error validating access token", sub=463, http=401)

    # --- answers ---

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "graph.threads.net"
        given = fields_of(request) if request.method == "POST" else dict(request.url.params)
        if not request.url.path.startswith(VERSION):
            return self._token(request, given)
        path = request.url.path.removeprefix(VERSION)
        assert given.pop("access_token") == TOKEN
        self.sent.append((request.method, path, given))
        if path == "/me":
            account = {"id": USER_ID, "username": "acme", "name": "Acme Bikes"}
            picture = {"threads_profile_picture_url": "https://scontent.example/a.png"}
            return httpx.Response(200, json={**account, **picture})
        if path == f"/{USER_ID}/threads_publishing_limit":
            used, total = self.quota or (0, 0)
            entry = {"quota_usage": used, "config": {"quota_total": total, "quota_duration": 86400}}
            return httpx.Response(200, json={"data": [entry] if self.quota else []})
        if path == f"/{USER_ID}/threads" and request.method == "POST":
            return self._container(request, given)
        if path == f"/{USER_ID}/threads_publish":
            return self._publish(request, given["creation_id"])
        if path in (f"/{USER_ID}/threads", f"/{USER_ID}/replies"):
            found = self.replies if path.endswith("replies") else self.posts
            return httpx.Response(200, json={"data": list(reversed(found.values()))[: int(given["limit"])]})
        return self._one(request, path.strip("/"), given)

    def _token(self, request: httpx.Request, given: dict[str, str]) -> httpx.Response:
        path = request.url.path
        if path == "/oauth/access_token":
            if given["client_secret"] != "secret-1":
                return httpx.Response(400, json={"error_message": "Error validating client secret."})
            if given["code"] != "good":
                return httpx.Response(400, json={"error_message": "Invalid authorization code"})
            assert given["redirect_uri"] == REDIRECT_URI
            return httpx.Response(200, json={"access_token": "short", "user_id": USER_ID})
        if path == "/access_token":
            assert (given["grant_type"], given["access_token"]) == ("th_exchange_token", "short")
            assert given["client_secret"] == "secret-1"
        else:
            assert (path, given["grant_type"]) == ("/refresh_access_token", "th_refresh_token")
        return httpx.Response(200, json={"access_token": TOKEN, "expires_in": 5184000})

    def _container(self, request: httpx.Request, given: dict[str, str]) -> httpx.Response:
        if "reply_to_id" in given and given["reply_to_id"] not in self.posts:
            return error(24, "The requested resource does not exist")(request)
        number = str(7000 + len(self.containers))
        for child in given.get("children", "").split(","):
            assert not child or "is_carousel_item" in self.containers[child]
        assert given["media_type"] in ("TEXT", "IMAGE", "VIDEO", "CAROUSEL")
        self.containers[number] = given
        return httpx.Response(200, json={"id": number})

    def _publish(self, request: httpx.Request, number: str) -> httpx.Response:
        container = self.containers[number]
        if number in self.published:
            return error(100, "The container has already been published")(request)
        self.published.add(number)
        post_id = str(18000000000000000 + len(self.published))
        kind = KINDS.get(container["media_type"], container["media_type"])
        into = self.replies if "reply_to_id" in container else self.posts
        self.add(post_id, container.get("text", ""), kind=kind, into=into)
        if "reply_to_id" in container:
            into[post_id]["replied_to"] = {"id": container["reply_to_id"]}
        return httpx.Response(200, json={"id": post_id})

    def add(
        self,
        post_id: str,
        text: str,
        *,
        kind: str = "TEXT_POST",
        into: dict[str, dict[str, Any]] | None = None,
        age: timedelta = timedelta(seconds=20),
    ) -> None:
        (self.posts if into is None else into)[post_id] = {
            "id": post_id,
            "text": text,
            "media_type": kind,
            "timestamp": (NOW - age).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink": f"https://www.threads.com/@acme/post/{post_id}",
        }

    def _one(self, request: httpx.Request, path: str, given: dict[str, str]) -> httpx.Response:
        object_id, _, edge = path.partition("/")
        if object_id in self.containers:
            code, words = self.states.pop(0) if self.states else ("FINISHED", "")
            code = "PUBLISHED" if object_id in self.published else code
            return httpx.Response(200, json={"id": object_id, "status": code, "error_message": words})
        post = self.posts.get(object_id) or self.replies.get(object_id)
        if post is None:
            return error(24, "The requested resource does not exist")(request)
        if request.method == "DELETE":
            self.posts.pop(object_id, None)
            return httpx.Response(200, json={"success": True, "deleted_id": object_id})
        if edge == "insights":
            names = [name for name in given["metric"].split(",") if name != self.untold]
            found = [{"name": name, "values": [{"value": 0}]} for name in names]
            return httpx.Response(200, json={"data": found})
        return httpx.Response(200, json={"permalink": post["permalink"]} if self.tells_links else {})
