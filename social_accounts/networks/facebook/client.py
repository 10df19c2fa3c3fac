"""Facebook's Graph API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..answers import Json, address_of, list_of, number_of, object_of, text_of, time_of
from ..base import Media
from ..http import Effect
from ..meta import login
from ..meta.graph import Call, raise_unreadable, send

POST_FIELDS = "id,message,created_time,permalink_url,attachments{subattachments.limit(20){type},type}"
COUNTS = "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),shares"
PHOTO_KINDS = frozenset({"photo", "cover_photo", "profile_media"})
VIDEO_KINDS = frozenset({"video_inline", "video_autoplay", "video", "native_video"})


@dataclass(frozen=True, kw_only=True)
class Page:
    id: str
    name: str
    username: str
    link: str
    picture: str
    tasks: tuple[str, ...]
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RemotePost:
    id: str
    message: str
    permalink: str
    created_at: datetime | None
    media_count: int


@dataclass(frozen=True, kw_only=True)
class VideoUpload:
    """``start`` and ``end``: which bytes Facebook wants next; the same number twice when it has them all."""

    session_id: str
    video_id: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Video:
    """``state`` is Facebook's: ready, processing, error, ... ``post_id`` is the full id, empty until it has one."""

    state: str
    post_id: str
    permalink: str
    failure: str


@dataclass(frozen=True, kw_only=True)
class RemoteComment:
    id: str
    author_id: str
    message: str
    permalink: str
    created_at: datetime | None


# --- pages -----------------------------------------------------------------------------------------------------------


def list_pages(call: Call, *, with_businesses: bool) -> list[Page]:
    """Return the pages of a person, each with its token."""
    fields = "id,name,username,link,picture{url},tasks,access_token"
    return [as_page(item) for item in login.list_pages(call, fields, with_businesses=with_businesses)]


def as_page(found: Json) -> Page:
    return Page(
        id=text_of(found, "id"),
        name=text_of(found, "name"),
        username=text_of(found, "username"),
        link=address_of(found, "link"),
        picture=address_of(object_of(object_of(found, "picture"), "data"), "url"),
        tasks=tuple(task for task in list_of(found, "tasks") if isinstance(task, str)),
        token=text_of(found, "access_token"),
    )


# --- posts -----------------------------------------------------------------------------------------------------------


def upload_photo(call: Call, page_id: str, media: Media) -> str:
    """Put a photo up without showing it; return its id. https://developers.facebook.com/docs/graph-api/reference/page/photos"""
    data = {"published": "false", **({"alt_text_custom": media.alt_text} if media.alt_text else {})}
    with media.open() as stream:
        found = send(
            call,
            "POST",
            f"/{page_id}/photos",
            effect=Effect.PREPARE,
            data=data,
            files={"source": (media.filename, stream, media.content_type)},
        )
    photo_id = text_of(found, "id")
    if not photo_id:
        raise_unreadable(call, Effect.PREPARE)
    return photo_id


def create_post(call: Call, page_id: str, *, message: str, link: str, photo_ids: Sequence[str]) -> str:
    """Publish; return the full id, page and post. https://developers.facebook.com/docs/graph-api/reference/page/feed"""
    data = {name: value for name, value in (("message", message), ("link", link)) if value}
    data |= {f"attached_media[{at}]": f'{{"media_fbid":"{photo}"}}' for at, photo in enumerate(photo_ids)}
    post_id = text_of(send(call, "POST", f"/{page_id}/feed", effect=Effect.PUBLISH, data=data), "id")
    if not post_id:
        raise_unreadable(call, Effect.PUBLISH)
    return post_id


def edit_post(call: Call, post_id: str, *, message: str) -> None:
    """Change the text; the same again changes nothing, so a lost answer is NotSent.

    https://developers.facebook.com/docs/graph-api/reference/pagepost#updating
    """
    found = send(call, "POST", f"/{post_id}", effect=Effect.PREPARE, data={"message": message})
    if found.get("success") is not True:
        raise_unreadable(call, Effect.PREPARE)


def get_permalink(call: Call, post_id: str) -> str:
    found = send(call, "GET", f"/{post_id}", effect=Effect.READ, params={"fields": "permalink_url"})
    return address_of(found, "permalink_url")


def list_posts(call: Call, page_id: str, *, since: datetime, limit: int) -> list[RemotePost]:
    """Newest first. https://developers.facebook.com/docs/graph-api/reference/page/published_posts"""
    params = {"fields": POST_FIELDS, "since": str(int(since.timestamp())), "limit": str(limit)}
    found = send(call, "GET", f"/{page_id}/published_posts", effect=Effect.READ, params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    return [_post(item) for item in list_of(found, "data") if isinstance(item, dict)]


def delete_post(call: Call, post_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent."""
    send(call, "DELETE", f"/{post_id}", effect=Effect.PREPARE)


# --- videos, https://developers.facebook.com/docs/graph-api/reference/page/videos ------------------------------------


def start_video(call: Call, page_id: str, size: int) -> VideoUpload:
    """Announce a video. ``call`` goes to the host for videos, here and in the next two."""
    data = {"upload_phase": "start", "file_size": str(size)}
    found = send(call, "POST", f"/{page_id}/videos", effect=Effect.PREPARE, data=data)
    session_id, video_id = text_of(found, "upload_session_id"), text_of(found, "video_id")
    if not session_id or not video_id:
        raise_unreadable(call, Effect.PREPARE)
    start, end = _offsets(call, found)
    return VideoUpload(session_id=session_id, video_id=video_id, start=start, end=end)


def transfer_part(call: Call, page_id: str, session_id: str, *, start: int, part: bytes) -> tuple[int, int]:
    """Bring the bytes Facebook asked for; return which it wants next. The same part twice is one part."""
    found = send(
        call,
        "POST",
        f"/{page_id}/videos",
        effect=Effect.PREPARE,
        data={"upload_phase": "transfer", "upload_session_id": session_id, "start_offset": str(start)},
        files={"video_file_chunk": ("part", part, "application/octet-stream")},
    )
    return _offsets(call, found)


def publish_video(call: Call, page_id: str, session_id: str, *, description: str, title: str) -> None:
    """End the upload, which publishes it."""
    data = {"upload_phase": "finish", "upload_session_id": session_id, "description": description}
    data |= {"title": title} if title else {}
    found = send(call, "POST", f"/{page_id}/videos", effect=Effect.PUBLISH, data=data)
    if found.get("success") is not True:
        raise_unreadable(call, Effect.PUBLISH)


def get_video(call: Call, video_id: str) -> Video:
    """https://developers.facebook.com/docs/graph-api/reference/video"""
    params = {"fields": "id,post_id,permalink_url,published,status"}
    found = send(call, "GET", f"/{video_id}", effect=Effect.READ, params=params)
    status = object_of(found, "status")
    if not text_of(status, "video_status"):
        raise_unreadable(call, Effect.READ)
    phases = [object_of(status, name) for name in ("uploading_phase", "processing_phase", "publishing_phase")]
    errors = [object_of(phase, "error") for phase in phases]
    link = text_of(found, "permalink_url")
    return Video(
        state=text_of(status, "video_status"),
        post_id=text_of(found, "post_id"),
        # The one address Facebook gives without its host.
        permalink=link if link.startswith(("https://", "http://")) else "",
        failure=next((words for error in errors if (words := text_of(error, "message"))), ""),
    )


def _offsets(call: Call, found: Json) -> tuple[int, int]:
    start, end = text_of(found, "start_offset"), text_of(found, "end_offset")
    if not (start.isdecimal() and end.isdecimal()):
        raise_unreadable(call, Effect.PREPARE)
    return int(start), int(end)


# --- comments and numbers --------------------------------------------------------------------------------------------


def create_comment(call: Call, post_id: str, message: str) -> str:
    """https://developers.facebook.com/docs/graph-api/reference/object/comments"""
    found = send(call, "POST", f"/{post_id}/comments", effect=Effect.PUBLISH, data={"message": message})
    comment_id = text_of(found, "id")
    if not comment_id:
        raise_unreadable(call, Effect.PUBLISH)
    return comment_id


def list_comments(call: Call, post_id: str, *, limit: int) -> list[RemoteComment]:
    """Newest first."""
    params = {
        "fields": "id,message,created_time,permalink_url,from{id}",
        "order": "reverse_chronological",
        "limit": str(limit),
    }
    found = send(call, "GET", f"/{post_id}/comments", effect=Effect.READ, params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    return [_comment(item) for item in list_of(found, "data") if isinstance(item, dict)]


def get_counts(call: Call, post_id: str) -> Mapping[str, int | None]:
    found = send(call, "GET", f"/{post_id}", effect=Effect.READ, params={"fields": COUNTS})

    def total(name: str) -> int | None:
        return number_of(object_of(object_of(found, name), "summary"), "total_count")

    shares = number_of(object_of(found, "shares"), "count")
    if shares is None and "shares" not in found and total("reactions") is not None:
        shares = 0  # a post nobody has shared has no field for it
    return {"likes": total("reactions"), "comments": total("comments"), "shares": shares}


def get_views(call: Call, post_id: str) -> int | None:
    """Return how often it was seen; Meta tells it a day or two late. None: it does not say."""
    params = {"metric": "post_media_view", "period": "lifetime"}
    found = send(call, "GET", f"/{post_id}/insights", effect=Effect.READ, params=params)
    for entry in list_of(found, "data"):
        if isinstance(entry, dict):
            for value in list_of(entry, "values"):
                if isinstance(value, dict) and (count := number_of(value, "value")) is not None:
                    return count
    return None


def _post(found: Json) -> RemotePost:
    attachments = [
        item for item in list_of(object_of(found, "attachments"), "data") if isinstance(item, dict)
    ]
    several = sum(len(list_of(object_of(item, "subattachments"), "data")) for item in attachments)
    single = sum(text_of(item, "type") in PHOTO_KINDS | VIDEO_KINDS for item in attachments)
    return RemotePost(
        id=text_of(found, "id"),
        message=text_of(found, "message"),
        permalink=address_of(found, "permalink_url"),
        created_at=_time_of(found),
        media_count=several or single,
    )


def _comment(found: Json) -> RemoteComment:
    return RemoteComment(
        id=text_of(found, "id"),
        author_id=text_of(object_of(found, "from"), "id"),
        message=text_of(found, "message"),
        permalink=address_of(found, "permalink_url"),
        created_at=_time_of(found),
    )


def _time_of(found: Json) -> datetime | None:
    return time_of(text_of(found, "created_time").replace("+0000", "+00:00"))
