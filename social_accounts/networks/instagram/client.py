"""Instagram's part of the Graph API: one function per endpoint, replies as typed values, failures as our five errors.

Source: developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference and .../content-publishing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import httpx

from ..answers import Json, address_of, as_object, list_of, number_of, object_of, text_of, time_of
from ..base import CredentialsExpired, Media, NotSent, Rejected, RejectionReason, Trouble
from ..http import Effect, exchange
from ..meta import login
from ..meta.containers import ContainerStatus, Quota
from ..meta.graph import Call, raise_for, raise_unreadable, send
from ..words import _
from .errors import TELLING

ACCOUNT_FIELDS = "id,username,name,profile_picture_url"
MEDIA_FIELDS = "id,caption,timestamp,permalink,media_type"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    """A professional account. ``token`` and ``page_id`` are its page's; empty when it was asked about itself."""

    id: str
    username: str
    name: str
    picture: str
    page_id: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Container:
    """A post in the making. ``upload_url`` is where its bytes go, where Instagram takes bytes."""

    id: str
    upload_url: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoteMedia:
    """``kind``: IMAGE, VIDEO or CAROUSEL_ALBUM."""

    id: str
    caption: str
    permalink: str
    kind: str
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RemoteComment:
    id: str
    text: str
    username: str
    created_at: datetime | None


# --- accounts --------------------------------------------------------------------------------------------------------


def list_accounts(call: Call) -> list[RemoteAccount]:
    """Return the professional accounts behind the pages a person may publish on, each with its page's token."""
    found = login.list_pages(call, f"id,tasks,access_token,instagram_business_account{{{ACCOUNT_FIELDS}}}")
    return [
        _account(linked, token=text_of(page, "access_token"), page_id=text_of(page, "id"))
        for page in found
        if login.CAN_PUBLISH in list_of(page, "tasks")
        and text_of(page, "access_token")
        and (linked := object_of(page, "instagram_business_account"))
    ]


def get_account(call: Call) -> RemoteAccount:
    """Return the account behind the page whose token this is. Raises CredentialsExpired when they were parted."""
    found = login.get_me(call, f"id,instagram_business_account{{{ACCOUNT_FIELDS}}}")
    account = _account(object_of(found, "instagram_business_account"))
    if not account.id:
        raise CredentialsExpired(_("The page is no longer linked to an Instagram account."))
    return account


def get_quota(call: Call, user_id: str) -> Quota | None:
    """Return how much of the day's posts is used; None when Instagram does not say. Its documents disagree on it."""
    found = _of_account(
        call, "GET", f"/{user_id}/content_publishing_limit", params={"fields": "quota_usage,config"}
    )
    for entry in list_of(found, "data"):
        if isinstance(entry, dict):
            used, total = (
                number_of(entry, "quota_usage"),
                number_of(object_of(entry, "config"), "quota_total"),
            )
            if used is not None and total:
                return Quota(used=used, total=total)
    return None


# --- containers ------------------------------------------------------------------------------------------------------


def create_container(call: Call, user_id: str, fields: Mapping[str, str]) -> Container:
    """Begin a post; nobody sees it. What is not published within a day is forgotten there."""
    found = _of_account(call, "POST", f"/{user_id}/media", effect=Effect.PREPARE, data=dict(fields))
    container = Container(id=text_of(found, "id"), upload_url=address_of(found, "uri"))
    if not container.id:
        raise_unreadable(call, Effect.PREPARE)
    return container


def picture_fields(address: str, *, alt_text: str = "") -> dict[str, str]:
    return {"image_url": address, **({"alt_text": alt_text} if alt_text else {})}


def video_fields(kind: str) -> dict[str, str]:
    return {"media_type": kind, "upload_type": "resumable"}


def carousel_fields(children: Iterable[str]) -> dict[str, str]:
    return {"media_type": "CAROUSEL", "children": ",".join(children)}


def collaborators_field(names: Sequence[str]) -> dict[str, str]:
    return {"collaborators": json.dumps(list(names))} if names else {}


def get_uploaded_bytes(call: Call, container_id: str) -> int:
    """Return how much of a video has arrived."""
    found = send(call, "GET", f"/{container_id}", effect=Effect.READ, params={"fields": "video_status"})
    phase = object_of(object_of(found, "video_status"), "uploading_phase")
    return number_of(phase, "bytes_transferred") or 0


def upload_video(call: Call, url: str, video: Media, *, offset: int) -> None:
    """Send what is missing of a video. What arrives of it stays, so a lost answer is NotSent."""
    answer = exchange(
        call.http,
        "POST",
        url,
        effect=Effect.PREPARE,
        headers={
            "Authorization": f"OAuth {call.token}",
            "offset": str(offset),
            "file_size": str(video.size_bytes),
            "Content-Type": "application/octet-stream",
            "Content-Length": str(video.size_bytes - offset),
        },
        content=_bytes_from(video, offset),
    )
    _check_upload(answer, call)


def _bytes_from(video: Media, offset: int) -> Iterator[bytes]:
    with video.open() as stream:
        stream.seek(offset)
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def _check_upload(answer: httpx.Response, call: Call) -> None:
    found = as_object(answer)
    if answer.is_success and found is not None and found.get("success") is True:
        return
    if "error" in (found or {}):
        raise_for(answer, call, Effect.PREPARE)
    refusal = object_of(found, "debug_info")
    if refusal.get("retriable") is False and answer.status_code < 500:
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            _("Instagram could not read the video: it wants MP4 or MOV with H.264 or HEVC, and AAC."),
        )
    raise NotSent(
        _("%(host)s has a fault (%(status)s).", host=call.label, status=answer.status_code),
        trouble=Trouble.FAULT,
    )


def get_status(call: Call, container_id: str) -> ContainerStatus:
    found = send(call, "GET", f"/{container_id}", effect=Effect.READ, params={"fields": "status_code,status"})
    status = ContainerStatus(code=text_of(found, "status_code"), words=text_of(found, "status"))
    if not status.code:
        raise_unreadable(call, Effect.READ)
    return status


def publish_container(call: Call, user_id: str, container_id: str) -> str:
    """Publish; return the media's id. A container is published once: the same again is refused."""
    data = {"creation_id": container_id}
    found = _of_account(call, "POST", f"/{user_id}/media_publish", effect=Effect.PUBLISH, data=data)
    media_id = text_of(found, "id")
    if not media_id:
        raise_unreadable(call, Effect.PUBLISH)
    return media_id


# --- what is out -----------------------------------------------------------------------------------------------------


def get_permalink(call: Call, media_id: str) -> str:
    found = send(call, "GET", f"/{media_id}", effect=Effect.READ, params={"fields": "permalink"})
    return address_of(found, "permalink")


def list_media(
    call: Call, user_id: str, *, since: datetime, limit: int, is_story: bool = False
) -> list[RemoteMedia]:
    """Return what was published since, newest first; of stories those that can be seen still."""
    edge, params = ("stories", {}) if is_story else ("media", {"since": str(int(since.timestamp()))})
    params = {"fields": MEDIA_FIELDS, "limit": str(limit), **params}
    found = _of_account(call, "GET", f"/{user_id}/{edge}", params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    listed = [_media(item) for item in list_of(found, "data") if isinstance(item, dict)]
    return [media for media in listed if media.created_at is None or media.created_at >= since]


def create_comment(call: Call, media_id: str, text: str) -> str:
    found = send(call, "POST", f"/{media_id}/comments", effect=Effect.PUBLISH, data={"message": text})
    comment_id = text_of(found, "id")
    if not comment_id:
        raise_unreadable(call, Effect.PUBLISH)
    return comment_id


def list_comments(call: Call, media_id: str, *, limit: int) -> list[RemoteComment]:
    """Newest first."""
    params = {"fields": "id,text,username,timestamp", "limit": str(limit)}
    found = send(call, "GET", f"/{media_id}/comments", effect=Effect.READ, params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    return [
        RemoteComment(
            id=text_of(item, "id"),
            text=text_of(item, "text"),
            username=text_of(item, "username"),
            created_at=_time(item),
        )
        for item in list_of(found, "data")
        if isinstance(item, dict)
    ]


def get_counts(call: Call, media_id: str) -> tuple[Mapping[str, int | None], str]:
    """Return likes and comments, and what it is: FEED, REELS or STORY."""
    params = {"fields": "like_count,comments_count,media_product_type"}
    found = send(call, "GET", f"/{media_id}", effect=Effect.READ, params=params)
    counts = {"likes": number_of(found, "like_count"), "comments": number_of(found, "comments_count")}
    return counts, text_of(found, "media_product_type")


def get_insights(call: Call, media_id: str, names: Iterable[str]) -> dict[str, int | None]:
    """Return the numbers of a medium by Instagram's names; those it does not know of this one are missing."""
    params = {"metric": ",".join(names)}
    asking = replace(call, dialect=TELLING)
    found = send(asking, "GET", f"/{media_id}/insights", effect=Effect.READ, params=params)
    numbers: dict[str, int | None] = {}
    for entry in list_of(found, "data"):
        if not isinstance(entry, dict):
            continue
        values = [*list_of(entry, "values"), object_of(entry, "total_value")]
        told = [number_of(value, "value") for value in values if isinstance(value, dict)]
        numbers[text_of(entry, "name")] = next((number for number in told if number is not None), None)
    return numbers


def _of_account(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect = Effect.READ,
    params: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
) -> Json:
    """Send a request about the account itself: when that "does not exist", the connection is over."""
    try:
        return send(call, method, path, effect=effect, params=params, data=data)
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise
        raise CredentialsExpired(
            _("Instagram no longer shows this account to Chorus; connect again.")
        ) from refused


def _account(found: Json, token: str = "", page_id: str = "") -> RemoteAccount:
    return RemoteAccount(
        id=text_of(found, "id"),
        username=text_of(found, "username"),
        name=text_of(found, "name"),
        picture=address_of(found, "profile_picture_url"),
        page_id=page_id,
        token=token,
    )


def _media(found: Json) -> RemoteMedia:
    return RemoteMedia(
        id=text_of(found, "id"),
        caption=text_of(found, "caption"),
        permalink=address_of(found, "permalink"),
        kind=text_of(found, "media_type"),
        created_at=_time(found),
    )


def _time(found: Json) -> datetime | None:
    return time_of(text_of(found, "timestamp").replace("+0000", "+00:00"))
