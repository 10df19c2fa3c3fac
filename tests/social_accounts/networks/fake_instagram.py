"""Instagram as a small strict server behind a mock transport. Meta's own catalogue judges every request."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from social_accounts.networks.base import Account, Credentials, LimitLevel, RejectionReason
from social_accounts.networks.instagram.adapter import InstagramAdapter
from social_accounts.networks.instagram.config import real_home
from social_accounts.networks.instagram.features import SCOPES
from tests.peers.graph import violations

from .cast import NOW
from .contract import TOKEN, Answer, status
from .contract_followups import FakeWithFollowups
from .fake_facebook import REDIRECT_URI, debugged, error, fields_of, forgotten

VERSION = "/v25.0"
USER_ID, PAGE_ID = "17841400000000001", "9001"
UPLOAD = "/ig-api-upload/"
MEDIA_TYPES = {"CAROUSEL": "CAROUSEL_ALBUM", "REELS": "VIDEO", "VIDEO": "VIDEO"}


@dataclass
class FakeInstagram(FakeWithFollowups):
    """``states``: what containers say, one after the other, before they are FINISHED."""

    posts: dict[str, dict[str, object]] = field(default_factory=dict)
    stories: dict[str, dict[str, object]] = field(default_factory=dict)
    containers: dict[str, dict[str, str]] = field(default_factory=dict)
    arrived: dict[str, bytes] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    comments: list[dict[str, str]] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)
    # Every request to the Graph API: method, path, parameters.
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    tasks: tuple[str, ...] = ("CREATE_CONTENT", "ANALYZE")
    quota: tuple[int, int] | None = (3, 50)
    unknown_metrics: tuple[str, ...] = ()
    is_linked: bool = True
    tells_links: bool = True
    # What the person allowed; of some permissions for these things alone.
    scopes: tuple[str, ...] = SCOPES
    targets: dict[str, list[str]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.adapter = InstagramAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="instagram",
            server="https://www.instagram.com",
            remote_id=USER_ID,
            handle="@acme",
            display_name="Acme Bikes",
            url="https://www.instagram.com/acme",
            avatar_url="https://scontent.example/a.png",
        )
        self.credentials = Credentials(access_token=TOKEN, grant="77")

    @property
    def public_posts(self) -> int:
        return len(self.posts) + len(self.stories)

    @property
    def public_comments(self) -> int:
        return len(self.comments)

    def step_of(self, request: httpx.Request) -> str:
        path = request.url.path.removeprefix(VERSION)
        if path == f"/{USER_ID}/media_publish":
            return "publish"
        if (path == f"/{USER_ID}/media" and request.method == "POST") or path.startswith(UPLOAD):
            return "upload"
        if path.endswith("/comments"):
            return "comment" if request.method == "POST" else "read"
        if path.endswith("/insights") or "like_count" in request.url.params.get("fields", ""):
            return "measure"
        return "read" if path in (f"/{USER_ID}/media", f"/{USER_ID}/stories") else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.TOO_LONG: error(36004, "The caption was too long", sub=2207010),
            RejectionReason.MEDIA_INVALID: error(36003, "The aspect ratio is not supported", sub=2207009),
            RejectionReason.POLICY: error(4, "We restrict certain activity", sub=2207051),
            RejectionReason.ACCOUNT_RESTRICTED: error(25, "The account is restricted", sub=2207050),
            RejectionReason.OTHER: error(100, "Invalid parameter"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        usage = f'{{"{PAGE_ID}": [{{"type": "instagram", "estimated_time_to_regain_access": 30}}]}}'
        code = 4 if level is LimitLevel.APPLICATION else 80002
        body = {"error": {"message": "limit reached", "code": code}}
        return status(400, body, {"X-Business-Use-Case-Usage": usage})

    def expired(self) -> Answer:
        return error(190, "Error validating access token", sub=463, http=401)

    # --- answers ---

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "rupload.facebook.com":
            return self._upload(request)
        assert request.url.host == "graph.facebook.com"
        assert request.url.path.startswith(VERSION)
        path = request.url.path.removeprefix(VERSION)
        if path == "/oauth/access_token":
            return self._token(dict(request.url.params))
        given = fields_of(request) if request.method == "POST" else dict(request.url.params)
        token = given.pop("access_token")
        assert (
            given.pop("appsecret_proof") == hmac.new(b"secret-1", token.encode(), hashlib.sha256).hexdigest()
        )
        self.sent.append((request.method, path, given))
        assert violations(*self._judged_as(request.method, path, token), given) == []
        if path == "/debug_token":
            return debugged(token, given["input_token"], self.scopes, self.targets)
        if path.startswith("/77/permissions/"):
            return forgotten(token, self.forgotten, path)
        if path.startswith("/me"):
            return self._me(request, path, token)
        if path == f"/{USER_ID}/content_publishing_limit":
            used, total = self.quota or (0, 0)
            entry = {"quota_usage": used, "config": {"quota_total": total, "quota_duration": 86400}}
            return httpx.Response(200, json={"data": [entry] if self.quota else []})
        if path == f"/{USER_ID}/media" and request.method == "POST":
            return self._container(given)
        if path == f"/{USER_ID}/media_publish":
            return self._publish(request, given["creation_id"])
        if path in (f"/{USER_ID}/media", f"/{USER_ID}/stories"):
            found = self.stories if path.endswith("stories") else self.posts
            return httpx.Response(200, json={"data": list(reversed(found.values()))[: int(given["limit"])]})
        return self._one(request, path.strip("/"), given)

    def _judged_as(self, method: str, path: str, token: str) -> tuple[str, str]:
        """Return which of Meta's calls a request is, and what it asks the fields of."""
        object_id, _, edge = path.strip("/").partition("/")
        if object_id == "77":
            return "User DELETE /permissions", "User"
        if object_id == "debug_token":
            return "", "User"
        if object_id == "me":
            name = {"accounts": "User GET /accounts", "": ""}[edge]
            return name, "Page" if edge or token == TOKEN else "User"
        if object_id == USER_ID:
            node = "ContentPublishingLimitResponse" if edge == "content_publishing_limit" else "IGMedia"
            return f"IGUser {method} /{edge}", node
        if object_id in self.containers:
            return "", "ShadowIGMediaBuilder"
        return f"IGMedia {method} /{edge}", "IGComment" if edge == "comments" else "IGMedia"

    def _token(self, params: dict[str, str]) -> httpx.Response:
        if params.get("grant_type") == "fb_exchange_token":
            assert params["fb_exchange_token"] == "short"
            return httpx.Response(200, json={"access_token": "long", "expires_in": 5184000})
        assert (params["code"], params["redirect_uri"]) == ("good", REDIRECT_URI)
        return httpx.Response(200, json={"access_token": "short", "expires_in": 3600})

    def _me(self, request: httpx.Request, path: str, token: str) -> httpx.Response:
        linked = {
            "id": USER_ID,
            "username": "acme",
            "name": "Acme Bikes",
            "profile_picture_url": "https://scontent.example/a.png",
        }
        page = {"id": PAGE_ID, **({"instagram_business_account": linked} if self.is_linked else {})}
        if path == "/me/accounts":
            assert token == "long"
            pages = [{**page, "tasks": list(self.tasks), "access_token": TOKEN}]
            bare = {"id": "9002", "tasks": ["CREATE_CONTENT"], "access_token": "other"}
            return httpx.Response(200, json={"data": [*pages, bare]})
        return httpx.Response(200, json=page if token == TOKEN else {"id": "77", "name": "Olga Owner"})

    def _container(self, given: dict[str, str]) -> httpx.Response:
        number = str(7000 + len(self.containers))
        for child in given.get("children", "").split(","):
            assert not child or "is_carousel_item" in self.containers[child]
        self.containers[number] = given
        if given.get("upload_type") != "resumable":
            assert given.get("image_url", "https://").startswith("https://")
            return httpx.Response(200, json={"id": number})
        return httpx.Response(
            200, json={"id": number, "uri": f"https://rupload.facebook.com{UPLOAD}v25.0/{number}"}
        )

    def _upload(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == f"OAuth {TOKEN}"
        number = request.url.path.rpartition("/")[2]
        offset, body = int(request.headers["offset"]), request.read()
        assert offset == len(self.arrived.get(number, b""))
        assert len(body) + offset == int(request.headers["file_size"])
        self.arrived[number] = self.arrived.get(number, b"") + body
        return httpx.Response(200, json={"success": True, "message": "Upload successful."})

    def _publish(self, request: httpx.Request, number: str) -> httpx.Response:
        container = self.containers[number]
        if number in self.published:
            return error(100, "The media has already been published")(request)
        self.published.add(number)
        media_id = str(18000000000000000 + len(self.published))
        kind = container.get("media_type", "IMAGE")
        if kind == "STORIES":
            listed = "VIDEO" if container.get("upload_type") else "IMAGE"
            self.add(media_id, "", kind=listed, into=self.stories)
        else:
            self.add(media_id, container.get("caption", ""), kind=MEDIA_TYPES.get(kind, "IMAGE"))
        return httpx.Response(200, json={"id": media_id})

    def add(
        self,
        media_id: str,
        caption: str,
        *,
        kind: str = "IMAGE",
        into: dict[str, dict[str, object]] | None = None,
        age: timedelta = timedelta(seconds=20),
    ) -> None:
        (self.posts if into is None else into)[media_id] = {
            "id": media_id,
            "caption": caption,
            "media_type": kind,
            "timestamp": (NOW - age).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink": f"https://www.instagram.com/p/{media_id}/",
        }

    def _one(self, request: httpx.Request, path: str, given: dict[str, str]) -> httpx.Response:
        object_id, _, edge = path.partition("/")
        if object_id in self.containers:
            return httpx.Response(200, json=self._state(object_id, given["fields"]))
        media = self.posts.get(object_id) or self.stories.get(object_id)
        if media is None:
            return error(100, "Unsupported get request. Object does not exist", sub=33)(request)
        if edge == "comments":
            return self._comments(request, object_id, given)
        if edge == "insights":
            return self._insights(request, given["metric"].split(","))
        if given["fields"] == "permalink":
            return httpx.Response(200, json={"permalink": media["permalink"]} if self.tells_links else {})
        product = "STORY" if object_id in self.stories else "FEED"
        counts = {"like_count": 0, "comments_count": len(self.comments), "media_product_type": product}
        if self.untold:
            del counts["like_count"]  # as of a post whose owner hides them
        return httpx.Response(200, json=counts)

    def _state(self, number: str, fields: str) -> dict[str, object]:
        if fields == "video_status":
            phase = {"status": "in_progress", "bytes_transferred": len(self.arrived.get(number, b""))}
            return {"id": number, "video_status": {"uploading_phase": phase}}
        if number in self.published:
            return {"status_code": "PUBLISHED", "status": "Published"}
        code, words = self.states.pop(0) if self.states else ("FINISHED", "Finished")
        return {"status_code": code, "status": words}

    def _comments(self, request: httpx.Request, media_id: str, given: dict[str, str]) -> httpx.Response:
        if request.method == "GET":
            found = [one for one in reversed(self.comments) if one["media"] == media_id]
            return httpx.Response(200, json={"data": found})
        moment = NOW.strftime("%Y-%m-%dT%H:%M:%S+0000")
        comment = {"id": f"c{len(self.comments)}", "text": given["message"], "username": "acme"}
        self.comments.append({**comment, "media": media_id, "timestamp": moment})
        return httpx.Response(200, json={"id": comment["id"]})

    def _insights(self, request: httpx.Request, names: list[str]) -> httpx.Response:
        if set(names) & set(self.unknown_metrics):
            return error(100, "Incompatible metrics for this type of media")(request)
        found = [{"name": name, "period": "lifetime", "values": [{"value": 12}]} for name in names]
        return httpx.Response(200, content=json.dumps({"data": found}))
