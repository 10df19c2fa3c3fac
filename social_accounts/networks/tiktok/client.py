"""TikTok's HTTP API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..answers import Json, address_of, list_of, number_of, object_of, text_of, texts_of
from ..base import Media
from ..http import Effect, exchange
from .config import VERSION
from .errors import Call, raise_for, raise_unreadable, send

PUBLISH = f"/{VERSION}/post/publish"
LIST_MAX = 20
# developers.tiktok.com/doc/content-posting-api-reference-get-video-status
COMPLETE, FAILED, UPLOADING = "PUBLISH_COMPLETE", "FAILED", "PROCESSING_UPLOAD"
GONE = (403, 404, 410)  # an upload address lives an hour
OUT_OF_ORDER = 416


@dataclass(frozen=True, kw_only=True)
class User:
    id: str
    username: str
    name: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class Creator:
    """What this account may do right now; asked before every post, as TikTok demands."""

    privacy_levels: tuple[str, ...]
    has_comments: bool
    has_duets: bool
    has_stitches: bool
    seconds_max: int | None


@dataclass(frozen=True, kw_only=True)
class Upload:
    publish_id: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """``post_ids`` are told of public posts only, once they are looked through."""

    status: str
    failure: str
    post_ids: tuple[str, ...]
    bytes_there: int | None


@dataclass(frozen=True, kw_only=True)
class RemoteVideo:
    id: str
    text: str
    created_at: datetime | None
    link: str


def get_user(call: Call, *, with_name: bool) -> User:
    """``with_name``: the user name, which has a scope of its own."""
    fields = "open_id,display_name,avatar_url" + (",username" if with_name else "")
    data = send(call, "GET", f"/{VERSION}/user/info/", effect=Effect.READ, params={"fields": fields})
    found = object_of(data, "user")
    user = User(
        id=text_of(found, "open_id"),
        username=text_of(found, "username"),
        name=text_of(found, "display_name"),
        picture=address_of(found, "avatar_url"),
    )
    if not user.id:
        raise_unreadable(Effect.READ)
    return user


def get_creator(call: Call) -> Creator:
    """https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info"""
    data = send(call, "POST", f"{PUBLISH}/creator_info/query/", effect=Effect.READ, json={})
    return Creator(
        privacy_levels=texts_of(data, "privacy_level_options"),
        has_comments=data.get("comment_disabled") is not True,
        has_duets=data.get("duet_disabled") is not True,
        has_stitches=data.get("stitch_disabled") is not True,
        seconds_max=number_of(data, "max_video_post_duration_sec"),
    )


def start_video(call: Call, post: Mapping[str, object], *, size: int, piece: int, count: int) -> Upload:
    """Announce a video: nothing of it is there yet, nothing is seen of it.

    https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
    """
    source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": piece, "total_chunk_count": count}
    body = {"post_info": dict(post), "source_info": source}
    data = send(call, "POST", f"{PUBLISH}/video/init/", effect=Effect.PREPARE, json=body)
    upload = Upload(publish_id=text_of(data, "publish_id"), address=address_of(data, "upload_url"))
    if not upload.publish_id or not upload.address:
        raise_unreadable(Effect.PREPARE)
    return upload


def put_piece(call: Call, address: str, media: Media, *, first: int, last: int) -> int:
    """Bring one piece and return the status: 206 for one that is not the last, 201 for the last, ``GONE``,
    ``OUT_OF_ORDER``. The address itself is the permission: no token goes there.
    """
    effect = Effect.PUBLISH if last + 1 == media.size_bytes else Effect.PREPARE
    with media.open() as stream:
        stream.seek(first)
        content = stream.read(last - first + 1)
    headers = {
        "Content-Type": media.content_type,
        "Content-Range": f"bytes {first}-{last}/{media.size_bytes}",
    }
    answer = exchange(call.http, "PUT", address, effect=effect, headers=headers, content=content)
    if not answer.is_success and answer.status_code not in (*GONE, OUT_OF_ORDER):
        raise_for(answer, call, effect)
    if answer.status_code == 200:  # never its answer: nobody knows what took the piece
        raise_unreadable(effect)
    return answer.status_code


def get_standing(call: Call, publish_id: str) -> Standing:
    """https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status"""
    data = send(call, "POST", f"{PUBLISH}/status/fetch/", effect=Effect.READ, json={"publish_id": publish_id})
    if not text_of(data, "status"):
        raise_unreadable(Effect.READ)
    ids = list_of(data, "publicaly_available_post_id")  # TikTok's spelling
    return Standing(
        status=text_of(data, "status"),
        failure=text_of(data, "fail_reason"),
        post_ids=tuple(str(one) for one in ids if isinstance(one, (int, str))),
        bytes_there=number_of(data, "uploaded_bytes"),
    )


def list_videos(call: Call) -> list[RemoteVideo]:
    """Return the newest public videos, newest first. https://developers.tiktok.com/doc/tiktok-api-v2-video-list"""
    fields: dict[str, str | int] = {"fields": "id,video_description,create_time,share_url"}
    body = {"max_count": LIST_MAX}
    data = send(call, "POST", f"/{VERSION}/video/list/", effect=Effect.READ, params=fields, json=body)
    if "videos" not in data:
        raise_unreadable(Effect.READ)
    return [_video(item) for item in _objects(data, "videos")]


def get_counts(call: Call, video_ids: Sequence[str]) -> Mapping[str, Json]:
    """Return the numbers of the videos that are there. https://developers.tiktok.com/doc/tiktok-api-v2-video-query"""
    fields: dict[str, str | int] = {"fields": "id,view_count,like_count,comment_count,share_count"}
    body = {"filters": {"video_ids": list(video_ids)}}
    data = send(call, "POST", f"/{VERSION}/video/query/", effect=Effect.READ, params=fields, json=body)
    return {text_of(item, "id"): item for item in _objects(data, "videos")}


def _objects(data: Json, name: str) -> Iterator[Json]:
    return (item for item in list_of(data, name) if isinstance(item, dict))


def _video(found: Json) -> RemoteVideo:
    created = number_of(found, "create_time")
    return RemoteVideo(
        id=text_of(found, "id"),
        text=text_of(found, "video_description"),
        created_at=datetime.fromtimestamp(created, UTC) if created else None,
        link=address_of(found, "share_url"),
    )
