"""YouTube as a small strict server behind a mock transport."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from social_accounts.networks.base import Account, Content, Credentials, LimitLevel, Media, RejectionReason
from social_accounts.networks.youtube.adapter import YouTubeAdapter
from social_accounts.networks.youtube.config import real_home
from social_accounts.networks.youtube.oauth import SCOPES
from tests.films import film

from .cast import NOW, media
from .contract import TEXT, TOKEN, Answer, status
from .contract_followups import FakeWithFollowups

REDIRECT_URI = "https://chorus.example/connect/youtube/callback"
CHANNEL = "UCacmeBikes"
UPLOADS = "UUacmeBikes"
PIECE = 256 * 1024
OPTIONS = {"title": "Two riders", "made_for_kids": "no", "terms": "yes"}
_RANGE = re.compile(r"bytes (?:\*|(\d+)-(\d+))/(\d+)")


def ride(*, size: int = 0, seconds: float = 2.0) -> Media:
    data = film(seconds=seconds, bytes_min=size)
    return media(data, content_type="video/mp4", filename="ride.mp4")


def video_post(text: str = TEXT, *, film: Media | None = None, **options: str) -> Content:
    return Content(text=text, media=(film or ride(),), options={**OPTIONS, **options})


def refused(code: int, reason: str, message: str = "no", headers: dict[str, str] | None = None) -> Answer:
    error = {"domain": "youtube", "reason": reason, "message": message}
    return status(code, {"error": {"code": code, "message": message, "errors": [error]}}, headers)


@dataclass
class Session:
    metadata: dict[str, Any]
    size: int
    content_type: str
    notifies: bool
    content: bytearray = field(default_factory=bytearray)
    video_id: str = ""


@dataclass
class FakeYouTube(FakeWithFollowups):
    sessions: dict[str, Session] = field(default_factory=dict)
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    playlists: dict[str, list[str]] = field(default_factory=lambda: {"PLtests": []})
    thumbnails: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    sent: list[httpx.Request] = field(default_factory=list)
    looks_until_processed: int = 0
    milliseconds_left: str = ""
    failure: tuple[str, str] = ("", "")  # the word of uploadStatus, the reason
    is_audited: bool = True
    has_channel: bool = True
    granted: tuple[str, ...] = SCOPES

    def __post_init__(self) -> None:
        self.adapter = YouTubeAdapter((real_home("id-1", "secret-1"),))
        self.account = Account(
            network="youtube",
            server="https://www.youtube.com",
            remote_id=CHANNEL,
            handle="@acme",
            display_name="Acme Bikes",
            url=f"https://www.youtube.com/channel/{CHANNEL}",
        )
        self.credentials = Credentials(access_token=TOKEN, scopes=SCOPES, extra={"channel": CHANNEL})

    @property
    def public_posts(self) -> int:
        return len(self.videos)

    @property
    def public_comments(self) -> int:
        return len(self.comments)

    def text_of(self, remote_id: str) -> str:
        return str(self.videos[remote_id]["snippet"]["description"])

    def step_of(self, request: httpx.Request) -> str:
        path, method = request.url.path, request.method
        if path == "/upload/youtube/v3/videos":
            found = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
            ends = bool(found and found[2] and int(found[2]) + 1 == int(found[3]))
            return "publish" if method == "PUT" and ends else "upload"
        if request.url.params.get("part") == "statistics":
            return "measure"
        if method == "PUT" and path.endswith("/videos"):
            return "edit"
        if method == "POST" and path.endswith("/commentThreads"):
            return "comment"
        if method == "GET" and path.endswith("/playlists"):
            return "choices"
        return "read" if method == "GET" else ""

    def refusal(self, reason: RejectionReason) -> Answer | None:
        return {
            RejectionReason.MEDIA_INVALID: refused(400, "mediaBodyRequired"),
            RejectionReason.POLICY: refused(403, "forbiddenPrivacySetting"),
            RejectionReason.ACCOUNT_RESTRICTED: refused(401, "youtubeSignupRequired"),
            RejectionReason.OTHER: refused(400, "invalidTitle", "The title is <b>invalid</b>"),
        }.get(reason)

    def limited(self, level: LimitLevel) -> Answer:
        reason = "rateLimitExceeded" if level is LimitLevel.APPLICATION else "userRateLimitExceeded"
        return refused(403, reason, headers={"Retry-After": "1800"})

    def expired(self) -> Answer:
        return refused(401, "authError", "Invalid Credentials")

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "oauth2.googleapis.com":
            return self._oauth(request.url.path, dict(parse_qsl(request.content.decode())))
        self.sent.append(request)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.url.host == "www.googleapis.com"
        path, query = request.url.path, dict(request.url.params)
        if path == "/upload/youtube/v3/videos":
            return self._upload(request, query)
        if path == "/upload/youtube/v3/thumbnails/set":
            self.thumbnails[query["videoId"]] = (request.headers["Content-Type"], request.content)
            return httpx.Response(200, json={"kind": "youtube#thumbnailSetResponse", "items": []})
        name = path.removeprefix("/youtube/v3/")
        body = json.loads(request.content) if request.content else {}
        return getattr(self, f"_{request.method.lower()}_{name}")(query, body)  # type: ignore[no-any-return]

    # --- OAuth ---

    def _oauth(self, path: str, form: dict[str, str]) -> httpx.Response:
        if path == "/revoke":
            known = form["token"] in (TOKEN, "refresh-1")
            return httpx.Response(200 if known else 400, json={} if known else {"error": "invalid_token"})
        if (form["client_id"], form["client_secret"]) != ("id-1", "secret-1"):
            return httpx.Response(401, json={"error": "invalid_client"})
        answer = {
            "access_token": TOKEN,
            "expires_in": 3599,
            "scope": " ".join(self.granted),
            "token_type": "Bearer",
        }
        if form["grant_type"] == "refresh_token" and form["refresh_token"] == "refresh-1":
            return httpx.Response(200, json=answer)
        if form.get("code") == "good" and form.get("code_verifier"):
            return httpx.Response(200, json={**answer, "refresh_token": "refresh-1"})
        return httpx.Response(400, json={"error": "invalid_grant"})

    # --- uploads ---

    def _upload(self, request: httpx.Request, query: dict[str, str]) -> httpx.Response:
        assert query["uploadType"] == "resumable"
        if request.method == "POST":
            name = f"session-{len(self.sessions) + 1}"
            self.sessions[name] = Session(
                metadata=json.loads(request.content),
                size=int(request.headers["X-Upload-Content-Length"]),
                content_type=request.headers["X-Upload-Content-Type"],
                notifies=query.get("notifySubscribers", "true") == "true",
            )
            address = request.url.copy_merge_params({"upload_id": name})
            return httpx.Response(200, headers={"Location": str(address)})
        session = self.sessions.get(query["upload_id"])
        if session is None:
            return httpx.Response(404, text="Not Found")
        found = _RANGE.fullmatch(request.headers["Content-Range"])
        assert found is not None and int(found[3]) == session.size
        if found[1] is not None:
            first, last = int(found[1]), int(found[2])
            assert first == len(session.content), "pieces come one behind the other"
            assert last - first + 1 == len(request.content)
            assert len(request.content) % PIECE == 0 or last + 1 == session.size
            session.content += request.content
        if len(session.content) < session.size:
            sent = len(session.content)
            return httpx.Response(308, headers={"Range": f"bytes=0-{sent - 1}"} if sent else {})
        if not session.video_id:
            session.video_id = f"video{len(self.videos) + 1}"
            self.add(session.video_id, session.metadata)
        if session.video_id not in self.videos:  # a session remembers a video that is gone
            return httpx.Response(200, json={"kind": "youtube#video", "id": session.video_id})
        return httpx.Response(200, json=self._resource(session.video_id, {"snippet", "status"}))

    def add(self, video_id: str, metadata: dict[str, Any], *, published_at: str = "") -> None:
        made = json.loads(json.dumps(metadata))
        if not self.is_audited:
            made["status"]["privacyStatus"] = "private"
        made["snippet"]["publishedAt"] = published_at or NOW.isoformat()
        self.videos[video_id] = made

    # --- the Data API ---

    def _resource(self, video_id: str, parts: set[str]) -> dict[str, Any]:
        video = self.videos[video_id]
        word, reason = self.failure
        state = word or ("uploaded" if self.looks_until_processed > 0 else "processed")
        known = {
            "snippet": video["snippet"],
            "status": {
                **video["status"],
                "uploadStatus": state,
                **({f"{word[:6]}Reason": reason} if word else {}),
            },
            "statistics": {"viewCount": "7"} if self.untold else {"viewCount": "7", "likeCount": "0"},
            "processingDetails": {"processingStatus": "processing"},
        }
        if word:
            known["status"]["failureReason" if word == "failed" else "rejectionReason"] = reason
        if self.milliseconds_left:
            left = {"timeLeftMs": self.milliseconds_left}
            known["processingDetails"]["processingProgress"] = left
        return {
            "kind": "youtube#video",
            "id": video_id,
            **{part: known[part] for part in parts if part in known},
        }

    def _get_videos(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        parts = set(query["part"].split(","))
        found = [self._resource(one, parts) for one in query["id"].split(",") if one in self.videos]
        if "processingDetails" in parts:
            self.looks_until_processed -= 1
        return _listed("video", found)

    def _put_videos(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        assert query["part"] == "snippet,status"
        self.videos[body["id"]] = {part: body[part] for part in ("snippet", "status")}
        return httpx.Response(200, json=self._resource(body["id"], {"snippet", "status"}))

    def _delete_videos(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        if self.videos.pop(query["id"], None) is None:
            return refused(404, "videoNotFound")(httpx.Request("DELETE", "https://www.googleapis.com"))
        return httpx.Response(204)

    def _get_channels(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        assert query["mine"] == "true"
        if not self.has_channel:
            return httpx.Response(200, json={"kind": "youtube#channelListResponse"})
        channel = {
            "id": CHANNEL,
            "snippet": {"title": "Acme Bikes", "customUrl": "@acme"},
            "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}},
        }
        return _listed("channel", [channel])

    def _get_playlists(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        playlists = [{"id": name, "snippet": {"title": f"Playlist {name}"}} for name in self.playlists]
        at = int(query.get("pageToken", "0"))
        answer: dict[str, Any] = {"kind": "youtube#playlistListResponse", "items": playlists[at : at + 50]}
        if len(playlists) > at + 50:
            answer["nextPageToken"] = str(at + 50)
        return httpx.Response(200, json=answer)

    def _get_playlistItems(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        if query["playlistId"] != UPLOADS:
            here = self.playlists[query["playlistId"]].count(query["videoId"])
            return _listed("playlistItem", [{"id": str(number)} for number in range(here)])
        if not self.videos:
            return refused(404, "playlistNotFound")(httpx.Request("GET", "https://www.googleapis.com"))
        found = [
            {"snippet": {**video["snippet"], "resourceId": {"videoId": video_id}}}
            for video_id, video in reversed(self.videos.items())
        ]
        return _listed("playlistItem", found[: int(query["maxResults"])])

    def _post_playlistItems(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        snippet = body["snippet"]
        self.playlists[snippet["playlistId"]].append(snippet["resourceId"]["videoId"])
        return httpx.Response(200, json={"kind": "youtube#playlistItem", "id": "item-1"})

    def _post_commentThreads(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        snippet = body["snippet"]
        assert snippet["channelId"] == CHANNEL
        if snippet["videoId"] not in self.videos:
            return refused(404, "videoNotFound")(httpx.Request("POST", "https://www.googleapis.com"))
        comment = {
            "id": f"comment{len(self.comments) + 1}",
            "snippet": {
                "textOriginal": snippet["topLevelComment"]["snippet"]["textOriginal"],
                "authorChannelId": {"value": CHANNEL},
                "publishedAt": NOW.isoformat(),
                "videoId": snippet["videoId"],
            },
        }
        self.comments.insert(0, comment)
        thread = {"id": comment["id"], "snippet": {"videoId": snippet["videoId"], "topLevelComment": comment}}
        return httpx.Response(200, json={"kind": "youtube#commentThread", **thread})

    def _get_commentThreads(self, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        assert query["order"] == "time"
        found = [one for one in self.comments if one["snippet"]["videoId"] == query["videoId"]]
        return _listed("commentThread", [{"snippet": {"topLevelComment": one}} for one in found])


def _listed(kind: str, items: list[dict[str, Any]]) -> httpx.Response:
    return httpx.Response(200, json={"kind": f"youtube#{kind}ListResponse", "items": items})
