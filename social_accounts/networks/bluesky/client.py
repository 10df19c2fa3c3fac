"""AT Protocol over HTTP: one function per endpoint, replies as typed values, failures as our five errors.

``Caller`` carries who is asking; it lives for one operation and remembers the servers' DPoP nonces that long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from urllib.parse import urlencode

import httpx

from ..answers import Json, list_of, number_of, object_of, text_of
from ..base import Clock
from ..http import Effect, exchange, origin_of
from . import dpop
from .errors import object_in, raise_for, raise_unreadable

POST_COLLECTION = "app.bsky.feed.post"
THREADGATE_COLLECTION = "app.bsky.feed.threadgate"
PROFILE_COLLECTION = "app.bsky.actor.profile"
POSTS_PER_CALL = 25
CONFLICT = 409


class Caller:
    """Sends requests as one account (a bearer token, or a token bound to ``dpop_key``), or as nobody."""

    def __init__(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        server: str = "",
        token: str = "",
        dpop_key: Mapping[str, str] | None = None,
    ) -> None:
        self.http = http
        self.clock = clock
        self.server = server
        self._token = token
        self._dpop_key = dpop_key
        self._nonces: dict[str, str] = {}

    def send(
        self,
        method: str,
        name: str,
        *,
        effect: Effect,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        content: bytes | BinaryIO | None = None,
        content_type: str = "",
        is_anonymous: bool = False,
        accepts: tuple[int, ...] = (),
    ) -> httpx.Response:
        """Call one XRPC method; return the answer of a success (or of ``accepts``), else raise one of the five."""
        url = f"{self.server}/xrpc/{name}"
        answer = self._once(method, url, effect, params, json, content, content_type, is_anonymous)
        if self._dpop_key is not None and not is_anonymous and dpop.asks_for_nonce(answer):
            # The request was not looked at; this is the second half of one handshake, not a repeat.
            if content is not None and not isinstance(content, bytes):
                content.seek(0)
            answer = self._once(method, url, effect, params, json, content, content_type, is_anonymous)
        if not answer.is_success and answer.status_code not in accepts:
            secrets = (self._token,) if self._token and not is_anonymous else ()
            raise_for(answer, effect=effect, now=self.clock(), secrets=secrets)
        return answer

    def _once(
        self,
        method: str,
        url: str,
        effect: Effect,
        params: Mapping[str, str | int] | None,
        json: object,
        content: bytes | BinaryIO | None,
        content_type: str,
        is_anonymous: bool,
    ) -> httpx.Response:
        headers = {} if is_anonymous else self._authorization(method, url)
        if content_type:
            headers["Content-Type"] = content_type
        answer = exchange(
            self.http, method, url, effect=effect, headers=headers, params=params, json=json, content=content
        )
        nonce = answer.headers.get("DPoP-Nonce")
        if nonce:
            self._nonces[origin_of(url)] = nonce
        return answer

    def _authorization(self, method: str, url: str) -> dict[str, str]:
        if not self._token:
            return {}
        if self._dpop_key is None:
            return {"Authorization": f"Bearer {self._token}"}
        proof = dpop.proof(
            self._dpop_key,
            method=method,
            url=url,
            now=self.clock(),
            nonce=self._nonces.get(origin_of(url), ""),
            access_token=self._token,
        )
        return {"Authorization": f"DPoP {self._token}", "DPoP": proof}


@dataclass(frozen=True, kw_only=True)
class Session:
    did: str
    access_jwt: str
    refresh_jwt: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    display_name: str
    avatar_cid: str


@dataclass(frozen=True, kw_only=True)
class Record:
    uri: str
    cid: str
    value: Json


@dataclass(frozen=True, kw_only=True)
class PostCounts:
    uri: str
    likes: int | None
    replies: int | None
    reposts: int | None
    quotes: int | None
    bookmarks: int | None


def create_session(caller: Caller, *, identifier: str, password: str) -> Session:
    """https://docs.bsky.app/docs/api/com-atproto-server-create-session"""
    answer = caller.send(
        "POST",
        "com.atproto.server.createSession",
        effect=Effect.PREPARE,
        json={"identifier": identifier, "password": password},
        is_anonymous=True,
    )
    return _session(answer)


def refresh_session(caller: Caller) -> Session:
    """Called with the refresh token as the token. https://docs.bsky.app/docs/api/com-atproto-server-refresh-session"""
    return _session(caller.send("POST", "com.atproto.server.refreshSession", effect=Effect.PREPARE))


def delete_session(caller: Caller) -> None:
    """Called with the refresh token as the token. https://docs.bsky.app/docs/api/com-atproto-server-delete-session"""
    caller.send("POST", "com.atproto.server.deleteSession", effect=Effect.PREPARE)


def get_session_did(caller: Caller) -> str:
    """Return whose token this is. https://docs.bsky.app/docs/api/com-atproto-server-get-session"""
    answer = caller.send("GET", "com.atproto.server.getSession", effect=Effect.READ)
    did = text_of(object_in(answer, Effect.READ), "did")
    if not did:
        raise_unreadable(answer, Effect.READ)
    return did


def upload_blob(caller: Caller, data: bytes | BinaryIO, content_type: str) -> Json:
    """Return the blob reference to put into a record. https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob"""
    answer = caller.send(
        "POST",
        "com.atproto.repo.uploadBlob",
        effect=Effect.PREPARE,
        content=data,
        content_type=content_type,
    )
    blob = object_of(object_in(answer, Effect.PREPARE), "blob")
    if not text_of(object_of(blob, "ref"), "$link"):
        raise_unreadable(answer, Effect.PREPARE)
    return blob


# --- videos, https://docs.bsky.app/docs/tutorials/video -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class VideoJob:
    """``blob`` is empty until the service is done; ``failure`` is its own word for what is wrong with the video."""

    id: str
    blob: Json
    failure: str


def get_service_token(caller: Caller, *, audience: str, method: str, ends_at: datetime) -> str:
    """Return a token with which another service may call this one method at the account's server.

    https://docs.bsky.app/docs/api/com-atproto-server-get-service-auth
    """
    answer = caller.send(
        "GET",
        "com.atproto.server.getServiceAuth",
        effect=Effect.PREPARE,
        params={"aud": audience, "lxm": method, "exp": int(ends_at.timestamp())},
    )
    token = text_of(object_in(answer, Effect.PREPARE), "token")
    if not token:
        raise_unreadable(answer, Effect.PREPARE)
    return token


def upload_video(caller: Caller, *, did: str, name: str, stream: BinaryIO, content_type: str) -> VideoJob:
    """Hand a video to the service; ``caller`` has its address and the service token. The same again is the same job.

    https://docs.bsky.app/docs/api/app-bsky-video-upload-video
    """
    query = urlencode({"did": did, "name": name})
    answer = caller.send(
        "POST",
        f"app.bsky.video.uploadVideo?{query}",
        effect=Effect.PREPARE,
        content=stream,
        content_type=content_type,
        accepts=(CONFLICT,),  # it has this video already, and says in which job
    )
    return _job(answer, Effect.PREPARE)


def get_job(caller: Caller, job_id: str) -> VideoJob:
    """https://docs.bsky.app/docs/api/app-bsky-video-get-job-status"""
    answer = caller.send(
        "GET",
        "app.bsky.video.getJobStatus",
        effect=Effect.READ,
        params={"jobId": job_id},
        is_anonymous=True,
    )
    return _job(answer, Effect.READ)


def _job(answer: httpx.Response, effect: Effect) -> VideoJob:
    body = object_in(answer, effect)
    found = object_of(body, "jobStatus") or body  # the service answers an upload without the lexicon's frame
    job_id, blob = text_of(found, "jobId"), object_of(found, "blob")
    if not job_id:
        raise_unreadable(answer, effect)
    failure = ""
    if text_of(found, "state") == "JOB_STATE_FAILED":
        failure = text_of(found, "message") or text_of(found, "error") or "JOB_STATE_FAILED"
    return VideoJob(id=job_id, blob=blob if object_of(blob, "ref") else {}, failure=failure)


# --- records ---------------------------------------------------------------------------------------------------------


def put_post(caller: Caller, *, did: str, record_key: str, record: Json) -> Record:
    """Write a post under our own key: the same record twice is one post."""
    return _put(caller, did, POST_COLLECTION, record_key, record, Effect.PUBLISH)


def put_threadgate(caller: Caller, *, did: str, record_key: str, record: Json) -> Record:
    """Write who may reply to the post of this key, which need not be there yet: nobody sees it before."""
    return _put(caller, did, THREADGATE_COLLECTION, record_key, record, Effect.PREPARE)


def _put(caller: Caller, did: str, collection: str, record_key: str, record: Json, effect: Effect) -> Record:
    """https://docs.bsky.app/docs/api/com-atproto-repo-put-record"""
    answer = caller.send(
        "POST",
        "com.atproto.repo.putRecord",
        effect=effect,
        json={"repo": did, "collection": collection, "rkey": record_key, "record": record},
    )
    written = _record(object_in(answer, effect))
    if not written.uri:
        raise_unreadable(answer, effect)
    return written


def _record(found: Json) -> Record:
    return Record(uri=text_of(found, "uri"), cid=text_of(found, "cid"), value=object_of(found, "value"))


def get_record(caller: Caller, *, did: str, collection: str, record_key: str) -> Record:
    """Return the record with its value; public, so asked without a token. Raises Rejected(NOT_FOUND).

    https://docs.bsky.app/docs/api/com-atproto-repo-get-record
    """
    answer = caller.send(
        "GET",
        "com.atproto.repo.getRecord",
        effect=Effect.READ,
        params={"repo": did, "collection": collection, "rkey": record_key},
        is_anonymous=True,
    )
    found = _record(object_in(answer, Effect.READ))
    if not found.uri:
        raise_unreadable(answer, Effect.READ)
    return found


def get_profile(caller: Caller, did: str) -> Profile:
    """Return what the account says of itself, from its own server."""
    found = get_record(caller, did=did, collection=PROFILE_COLLECTION, record_key="self").value
    avatar = object_of(object_of(found, "avatar"), "ref")
    return Profile(display_name=text_of(found, "displayName"), avatar_cid=text_of(avatar, "$link"))


def delete_record(caller: Caller, *, did: str, collection: str, record_key: str) -> None:
    """Deleting what is gone succeeds. https://docs.bsky.app/docs/api/com-atproto-repo-delete-record"""
    caller.send(
        "POST",
        "com.atproto.repo.deleteRecord",
        effect=Effect.PREPARE,
        json={"repo": did, "collection": collection, "rkey": record_key},
    )


def get_posts(caller: Caller, uris: Sequence[str]) -> list[PostCounts]:
    """Return counts of up to 25 posts; those that are gone are missing. ``caller.server`` is the AppView.

    https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
    """
    query = urlencode([("uris", uri) for uri in uris])
    answer = caller.send("GET", f"app.bsky.feed.getPosts?{query}", effect=Effect.READ, is_anonymous=True)
    return [
        PostCounts(
            uri=text_of(post, "uri"),
            likes=number_of(post, "likeCount"),
            replies=number_of(post, "replyCount"),
            reposts=number_of(post, "repostCount"),
            quotes=number_of(post, "quoteCount"),
            bookmarks=number_of(post, "bookmarkCount"),
        )
        for post in list_of(object_in(answer, Effect.READ), "posts")
        if isinstance(post, dict)
    ]


def _session(answer: httpx.Response) -> Session:
    found = object_in(answer, Effect.PREPARE)
    session = Session(
        did=text_of(found, "did"),
        access_jwt=text_of(found, "accessJwt"),
        refresh_jwt=text_of(found, "refreshJwt"),
    )
    if not (session.did and session.access_jwt and session.refresh_jwt):
        raise_unreadable(answer, Effect.PREPARE)
    return session
