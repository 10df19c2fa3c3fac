"""YouTube's Data API: one function per endpoint, replies as typed values, failures as our five errors.

https://developers.google.com/youtube/v3/docs; what brings the bytes of a video is in ``session.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..answers import Json, address_of, list_of, object_of, text_of, time_of
from ..base import Rejected, RejectionReason
from ..http import Effect
from ..words import _
from .config import VERSION
from .errors import Call, object_in, raise_unreadable, send

PATH = f"/youtube/{VERSION}"
PAGE_SIZE = 50
COMMENTS_MAX = 100
PAGES_MAX = 4  # two hundred playlists are enough to choose from
UPLOADED = "uploaded"  # taken, and still being worked on


@dataclass(frozen=True, kw_only=True)
class Channel:
    id: str
    title: str
    handle: str
    picture: str
    uploads_id: str


@dataclass(frozen=True, kw_only=True)
class VideoState:
    """``failure`` is YouTube's own word for why it does not show the video; empty when nothing is wrong."""

    id: str
    upload_status: str
    failure: str
    privacy: str
    milliseconds_left: int | None = None


@dataclass(frozen=True, kw_only=True)
class Upload:
    video_id: str
    title: str
    description: str
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RemoteComment:
    id: str
    text: str
    channel_id: str
    published_at: datetime | None


def list_channels(call: Call) -> list[Channel]:
    """Return the channels this consent is for: one, as a rule."""
    params: dict[str, str | int] = {
        "part": "snippet,contentDetails",
        "mine": "true",
        "maxResults": PAGE_SIZE,
    }
    return [_channel(item) for item in _items(_get(call, "/channels", params))]


def list_playlists(call: Call) -> list[tuple[str, str]]:
    """Return id and title of each playlist of the channel."""
    params: dict[str, str | int] = {"part": "snippet", "mine": "true", "maxResults": PAGE_SIZE}
    found: list[tuple[str, str]] = []
    for _page in range(PAGES_MAX):
        answer = _get(call, "/playlists", params)
        found += [
            (text_of(item, "id"), text_of(object_of(item, "snippet"), "title")) for item in _items(answer)
        ]
        params["pageToken"] = text_of(answer, "nextPageToken")
        if not params["pageToken"]:
            break
    return found


def is_in_playlist(call: Call, playlist_id: str, video_id: str) -> bool:
    params: dict[str, str | int] = {"part": "id", "playlistId": playlist_id, "videoId": video_id}
    return bool(list(_items(_get(call, "/playlistItems", params))))


def add_to_playlist(call: Call, playlist_id: str, video_id: str) -> None:
    """Not repeatable: ask ``is_in_playlist`` before."""
    video = {"kind": "youtube#video", "videoId": video_id}
    body = {"snippet": {"playlistId": playlist_id, "resourceId": video}}
    send(call, "POST", f"{PATH}/playlistItems", effect=Effect.PUBLISH, params={"part": "snippet"}, json=body)


# --- videos ----------------------------------------------------------------------------------------------------------


def get_state(call: Call, video_id: str) -> VideoState | None:
    """Return how far YouTube is with a video; None when it knows none of this id."""
    params: dict[str, str | int] = {"part": "status,processingDetails", "id": video_id}
    found = next(_items(_get(call, "/videos", params)), None)
    return as_state(found) if found is not None else None


def get_video(call: Call, video_id: str) -> Json:
    """Return ``snippet`` and ``status`` whole. Raises Rejected(NOT_FOUND)."""
    params: dict[str, str | int] = {"part": "snippet,status", "id": video_id}
    found = next(_items(_get(call, "/videos", params)), None)
    if found is None:
        raise Rejected(RejectionReason.NOT_FOUND, _("The video is no longer there."))
    return found


def update_video(call: Call, body: Mapping[str, object]) -> None:
    """Replace ``snippet`` and ``status``: what is not named is emptied. Repeating it changes nothing."""
    params: dict[str, str | int] = {"part": "snippet,status"}
    answer = send(call, "PUT", f"{PATH}/videos", effect=Effect.PREPARE, params=params, json=body)
    object_in(answer, Effect.PREPARE)


def delete_video(call: Call, video_id: str) -> None:
    send(call, "DELETE", f"{PATH}/videos", effect=Effect.PREPARE, params={"id": video_id})


def list_uploads(call: Call, playlist_id: str) -> list[Upload]:
    """Return the channel's newest uploads, newest first. One that never had any has no such list."""
    params: dict[str, str | int] = {
        "part": "snippet",
        "playlistId": playlist_id,
        "maxResults": PAGE_SIZE,
    }
    try:
        answer = _get(call, "/playlistItems", params)
    except Rejected as refused:
        if refused.reason is RejectionReason.NOT_FOUND:
            return []
        raise
    return [_upload(object_of(item, "snippet")) for item in _items(answer)]


def get_statistics(call: Call, video_ids: Sequence[str]) -> Mapping[str, Json]:
    """Return the numbers of the videos that are there."""
    params: dict[str, str | int] = {"part": "statistics", "id": ",".join(video_ids)}
    return {
        text_of(item, "id"): object_of(item, "statistics") for item in _items(_get(call, "/videos", params))
    }


def set_thumbnail(call: Call, video_id: str, *, content: bytes, content_type: str) -> None:
    send(
        call,
        "POST",
        f"/upload{PATH}/thumbnails/set",
        effect=Effect.PREPARE,
        params={"videoId": video_id, "uploadType": "media"},
        headers={"Content-Type": content_type},
        content=content,
    )


# --- comments --------------------------------------------------------------------------------------------------------


def create_comment(call: Call, *, channel_id: str, video_id: str, text: str) -> str:
    """Begin a thread below a video; return its first comment's id."""
    body = {
        "snippet": {
            "channelId": channel_id,
            "videoId": video_id,
            "topLevelComment": {"snippet": {"textOriginal": text}},
        }
    }
    answer = send(
        call, "POST", f"{PATH}/commentThreads", effect=Effect.PUBLISH, params={"part": "snippet"}, json=body
    )
    found = object_in(answer, Effect.PUBLISH)
    comment_id = text_of(object_of(object_of(found, "snippet"), "topLevelComment"), "id")
    if not comment_id:
        raise_unreadable(Effect.PUBLISH)
    return comment_id


def list_comments(call: Call, video_id: str) -> list[RemoteComment]:
    """Return the newest comments below a video, newest first."""
    params: dict[str, str | int] = {
        "part": "snippet",
        "videoId": video_id,
        "order": "time",
        "textFormat": "plainText",
        "maxResults": COMMENTS_MAX,
    }
    return [
        _comment(object_of(object_of(item, "snippet"), "topLevelComment"))
        for item in _items(_get(call, "/commentThreads", params))
    ]


# --- answers ---------------------------------------------------------------------------------------------------------


def as_state(found: Json) -> VideoState:
    """Return what a video resource says of itself."""
    status, processing = object_of(found, "status"), object_of(found, "processingDetails")
    left = text_of(object_of(processing, "processingProgress"), "timeLeftMs")
    failure = text_of(status, "rejectionReason") or text_of(status, "failureReason")
    if text_of(processing, "processingStatus") in ("failed", "terminated"):
        failure = failure or text_of(processing, "processingFailureReason") or "processing"
    if text_of(status, "uploadStatus") in ("failed", "rejected"):
        failure = failure or text_of(status, "uploadStatus")
    return VideoState(
        id=text_of(found, "id"),
        upload_status=text_of(status, "uploadStatus"),
        failure=failure,
        privacy=text_of(status, "privacyStatus"),
        milliseconds_left=int(left) if left.isdecimal() else None,
    )


def _get(call: Call, path: str, params: dict[str, str | int]) -> Json:
    return object_in(send(call, "GET", PATH + path, effect=Effect.READ, params=params), Effect.READ)


def _items(answer: Json) -> Iterator[Json]:
    """Yield what a list answer holds. An answer without a list is no empty list."""
    if "items" not in answer and "kind" not in answer:
        raise_unreadable(Effect.READ)
    return (item for item in list_of(answer, "items") if isinstance(item, dict))


def _channel(found: Json) -> Channel:
    snippet = object_of(found, "snippet")
    channel = Channel(
        id=text_of(found, "id"),
        title=text_of(snippet, "title"),
        handle=text_of(snippet, "customUrl"),
        picture=address_of(object_of(object_of(snippet, "thumbnails"), "default"), "url"),
        uploads_id=text_of(object_of(object_of(found, "contentDetails"), "relatedPlaylists"), "uploads"),
    )
    if not channel.id:
        raise_unreadable(Effect.READ)
    return channel


def _upload(snippet: Json) -> Upload:
    return Upload(
        video_id=text_of(object_of(snippet, "resourceId"), "videoId"),
        title=text_of(snippet, "title"),
        description=text_of(snippet, "description"),
        published_at=time_of(text_of(snippet, "publishedAt")),
    )


def _comment(found: Json) -> RemoteComment:
    snippet = object_of(found, "snippet")
    return RemoteComment(
        id=text_of(found, "id"),
        text=text_of(snippet, "textOriginal") or text_of(snippet, "textDisplay"),
        channel_id=text_of(object_of(snippet, "authorChannelId"), "value"),
        published_at=time_of(text_of(snippet, "publishedAt")),
    )
