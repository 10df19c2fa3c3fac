"""X's HTTP API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..answers import Json, address_of, list_of, number_of, object_of, text_of, time_of
from ..base import Media
from ..http import Effect
from .errors import Call, data_of, raise_unreadable, send

POST_FIELDS = "attachments,conversation_id,created_at,entities,note_post"


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    id: str
    username: str
    name: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class Upload:
    """``check_after_seconds`` None: it is ready. ``failure`` is X's own word for what is wrong with the file."""

    id: str
    check_after_seconds: int | None = None
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class RemotePost:
    """``text`` with its links as they were written, not as X shortened them.

    ``conversation_id`` is the id of the post at its root: its own, where it is no reply.
    """

    id: str
    text: str
    conversation_id: str
    created_at: datetime | None
    media_count: int


def get_me(call: Call) -> RemoteAccount:
    """https://docs.x.com/x-api/users/get-my-user"""
    params: dict[str, str | int] = {"user.fields": "name,profile_image_url,username"}
    found = data_of(send(call, "GET", "/2/users/me", effect=Effect.READ, params=params), Effect.READ)
    account = RemoteAccount(
        id=text_of(found, "id"),
        username=text_of(found, "username"),
        name=text_of(found, "name"),
        picture=address_of(found, "profile_image_url"),
    )
    if not account.id or not account.username:
        raise_unreadable(Effect.READ)
    return account


def create_post(
    call: Call,
    *,
    text: str,
    media_ids: Sequence[str] = (),
    reply_settings: str = "",
    made_with_ai: bool = False,
    paid: bool = False,
    reply_to: str = "",
) -> str:
    """Publish; return the id. https://docs.x.com/x-api/posts/creation-of-a-post"""
    body: dict[str, object] = {"text": text}
    if media_ids:
        body["media"] = {"media_ids": list(media_ids)}
    if reply_settings:
        body["reply_settings"] = reply_settings
    if made_with_ai:
        body["made_with_ai"] = True
    if paid:
        body["paid_partnership"] = True
    if reply_to:
        body["reply"] = {"in_reply_to_tweet_id": reply_to}
    found = send(call, "POST", "/2/tweets", effect=Effect.PUBLISH, json=body)
    post_id = text_of(data_of(found, Effect.PUBLISH), "id")
    if not post_id:
        raise_unreadable(Effect.PUBLISH)
    return post_id


def delete_post(call: Call, post_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent. https://docs.x.com/x-api/posts/post-delete-by-post-id"""
    send(call, "DELETE", f"/2/tweets/{post_id}", effect=Effect.PREPARE)


def list_posts(call: Call, account_id: str, *, since: datetime, limit: int) -> list[RemotePost]:
    """Newest first, without what was only shared. Each post read is billed. https://docs.x.com/x-api/posts/user-posts-timeline-by-user-id"""
    params: dict[str, str | int] = {
        "max_results": limit,
        "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exclude": "retweets",
        "post.fields": POST_FIELDS,
    }
    found = send(call, "GET", f"/2/users/{account_id}/tweets", effect=Effect.READ, params=params)
    if "data" not in found and "meta" not in found:
        raise_unreadable(Effect.READ)
    return [_post(item) for item in list_of(found, "data") if isinstance(item, dict)]


def get_metrics(call: Call, post_ids: Sequence[str]) -> Mapping[str, Json]:
    """Return the public metrics of the posts that are there. https://docs.x.com/x-api/posts/post-lookup-by-post-ids"""
    params: dict[str, str | int] = {"ids": ",".join(post_ids), "post.fields": "public_metrics"}
    found = send(call, "GET", "/2/tweets", effect=Effect.READ, params=params)
    return {
        text_of(item, "id"): object_of(item, "public_metrics")
        for item in list_of(found, "data")
        if isinstance(item, dict)
    }


# --- media, https://docs.x.com/x-api/media/quickstart/media-upload-chunked -------------------------------------------


def initialize_upload(call: Call, media: Media, category: str) -> Upload:
    body = {"media_type": media.content_type, "total_bytes": media.size_bytes, "media_category": category}
    found = send(call, "POST", "/2/media/upload/initialize", effect=Effect.PREPARE, json=body)
    return _upload(data_of(found, Effect.PREPARE))


def append_part(call: Call, upload_id: str, *, index: int, part: bytes) -> None:
    """The same part twice is one part."""
    send(
        call,
        "POST",
        f"/2/media/upload/{upload_id}/append",
        effect=Effect.PREPARE,
        data={"segment_index": str(index)},
        files={"media": ("part", part, "application/octet-stream")},
    )


def finalize_upload(call: Call, upload_id: str) -> Upload:
    found = send(call, "POST", f"/2/media/upload/{upload_id}/finalize", effect=Effect.PREPARE)
    return _upload(data_of(found, Effect.PREPARE))


def get_upload(call: Call, upload_id: str) -> Upload:
    params: dict[str, str | int] = {"command": "STATUS", "media_id": upload_id}
    found = send(call, "GET", "/2/media/upload", effect=Effect.READ, params=params)
    return _upload(data_of(found, Effect.READ))


def describe_media(call: Call, media_id: str, alt_text: str) -> None:
    """https://docs.x.com/x-api/media/create-media-metadata"""
    body = {"id": media_id, "metadata": {"alt_text": {"text": alt_text}}}
    send(call, "POST", "/2/media/metadata", effect=Effect.PREPARE, json=body)


def _upload(found: Json) -> Upload:
    upload_id = text_of(found, "id")
    if not upload_id:
        raise_unreadable(Effect.PREPARE)
    processing = object_of(found, "processing_info")
    state = text_of(processing, "state")
    if state == "failed":
        error = object_of(processing, "error")
        return Upload(id=upload_id, failure=text_of(error, "message") or text_of(error, "name") or state)
    if state in ("pending", "in_progress"):
        return Upload(id=upload_id, check_after_seconds=number_of(processing, "check_after_secs") or 1)
    return Upload(id=upload_id)


def _post(found: Json) -> RemotePost:
    note = object_of(found, "note_post")
    text = text_of(note, "text") or text_of(found, "text")
    for source in (object_of(note, "entities"), object_of(found, "entities")):
        for link in list_of(source, "urls"):
            if isinstance(link, dict) and (short := text_of(link, "url")):
                is_media = "media_key" in link
                text = text.replace(short, "" if is_media else text_of(link, "expanded_url") or short)
    return RemotePost(
        id=text_of(found, "id"),
        text=html.unescape(text),
        conversation_id=text_of(found, "conversation_id"),
        created_at=time_of(text_of(found, "created_at")),
        media_count=len(list_of(object_of(found, "attachments"), "media_keys")),
    )
